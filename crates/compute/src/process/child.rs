//! What runs between `fork` and `execve`: the keeper, which outlives the server, and the algorithm's first process.
//!
//! Everything that needs memory or may fail with a long text is prepared before the fork; here are system calls only.

use std::{
    ffi::{CStr, CString},
    fs::File,
    io::Write as _,
    os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd, RawFd},
    time::{Duration, Instant},
};

use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
    path_beneath_rules,
};
use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    mount::{MntFlags, MsFlags, mount, umount2},
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sched::{CloneFlags, unshare},
    sys::{
        prctl,
        resource::{Resource, setrlimit},
        signal::{SigHandler, SigSet, SigmaskHow, Signal, kill, sigprocmask},
        stat::{Mode, mkdirat},
        statvfs::{FsFlags, statvfs},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{
        ForkResult, Gid, Pid, Uid, chdir, close, dup2_stderr, dup2_stdin, dup2_stdout, execve, fork, pipe2, pivot_root,
        read, setgroups, sethostname, setresgid, setresuid, setsid, symlinkat, write,
    },
};
use seccompiler::BpfProgram;

/// The byte that tells the keeper to end the algorithm.
pub(super) const KILL: u8 = b'k';

/// The byte that tells the keeper to let go of the outputs and end.
pub(super) const QUIT: u8 = b'q';

/// What the keeper says once the log has reached its limit.
const CUT: &[u8] = b"\n[the log has reached its limit; the rest is left out]\n";

/// Who the algorithm runs as.
#[derive(Debug, Clone, Copy)]
pub(super) enum Identity {
    /// The server is root: an account of the job's own.
    Account(u32),
    /// The server is not: a user namespace in which its account is 1000.
    Namespace { uid: u32, gid: u32 },
}

/// A part of the host, read-only in the sandbox.
#[derive(Debug)]
pub(super) struct Bind {
    pub(super) source: CString,
    pub(super) target: CString,
    /// Devices are used, everything else has none.
    pub(super) device: bool,
}

/// Everything that the child needs, made before the fork.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) identity: Identity,
    pub(super) network: bool,
    /// An empty directory, on which the sandbox's root is mounted.
    pub(super) root: CString,
    /// Its `/proc`.
    pub(super) proc: CString,
    /// Its `/data/outputs`.
    pub(super) outputs: CString,
    /// In order, with full paths below `root`; so are all targets that follow.
    pub(super) directories: Vec<CString>,
    pub(super) symlinks: Vec<(CString, CString)>,
    pub(super) files: Vec<(CString, Vec<u8>)>,
    /// Target and options of file systems in memory.
    pub(super) tmpfs: Vec<(CString, CString)>,
    pub(super) binds: Vec<Bind>,
    /// The places to look for the program, and its arguments.
    pub(super) programs: Vec<CString>,
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
    pub(super) rlimits: Vec<(Resource, u64)>,
    pub(super) filters: Vec<BpfProgram>,
    pub(super) log_limit: u64,
    pub(super) time_limit: Duration,
    pub(super) log: File,
    pub(super) status: File,
    pub(super) control: File,
    pub(super) events: File,
    pub(super) null: File,
    /// Ends with the server, where the algorithm is to end with it as well.
    pub(super) lifeline: Option<File>,
    /// `cgroup.procs` of each hierarchy that limits the job.
    pub(super) cgroups: Vec<File>,
}

/// A step of the set-up that failed.
struct Failed(&'static str, Errno);

trait Step<T> {
    fn step(self, name: &'static str) -> Result<T, Failed>;
}

impl<T> Step<T> for nix::Result<T> {
    fn step(self, name: &'static str) -> Result<T, Failed> {
        self.map_err(|errno| Failed(name, errno))
    }
}

/// Forks the keeper. It tells its progress in `plan.status`, one line each, with a byte in `plan.events` per line:
/// `pid <number> <descriptor of the outputs>`, then `exit <code> <signal> <timed out> <stopped>`, or `fail <step> <errno>`.
///
/// # Errors
/// The system makes no more processes.
pub(super) fn spawn(plan: &Plan) -> nix::Result<Pid> {
    // SAFETY: the child only makes system calls on what was prepared, and ends with `_exit` or `execve`. The few small
    // allocations inside the wrappers are allowed since the C library's `fork` leaves its allocator usable in the child.
    #[expect(unsafe_code, reason = "fork is unsafe in a process with threads")]
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            let code = i32::from(keeper(plan).is_err());
            // SAFETY: ends the process without running anything of the server's.
            #[expect(unsafe_code, reason = "nothing of the server may run at the end of its copy")]
            unsafe {
                libc::_exit(code)
            }
        }
    }
}

fn say(plan: &Plan, line: std::fmt::Arguments<'_>) {
    let mut buffer = [0_u8; 96];
    let mut rest = &mut buffer[..];
    let _ = rest.write_fmt(format_args!("{line}\n"));
    let left = rest.len();
    let said = buffer.len() - left;
    let _ = write(&plan.status, &buffer[..said]);
    let _ = write(&plan.events, b".");
}

fn keeper(plan: &Plan) -> Result<(), Failed> {
    let run = || -> Result<(), Failed> {
        prepare(plan)?;
        // Kept open as long as the keeper is there: the server looks at the outputs through it.
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let outputs = open(plan.outputs.as_c_str(), flags, Mode::empty()).step("outputs")?;
        let (output, input) = pipe2(OFlag::O_CLOEXEC).step("pipe")?;
        let (executed, executing) = pipe2(OFlag::O_CLOEXEC).step("pipe")?;
        // SAFETY: as for the keeper, which has one thread.
        #[expect(unsafe_code, reason = "fork is unsafe in general")]
        match unsafe { fork() }.step("fork")? {
            ForkResult::Child => {
                drop(output);
                drop(executed);
                let Err(Failed(step, errno)) = first(plan, input);
                say(plan, format_args!("fail {step} {}", errno as i32));
                // SAFETY: as above.
                #[expect(unsafe_code, reason = "nothing of the server may run at the end of its copy")]
                unsafe {
                    libc::_exit(127)
                }
            }
            ForkResult::Parent { child } => {
                drop(input);
                drop(executing);
                // Ends when the child has become the algorithm, or has failed to.
                while read(&executed, &mut [0_u8; 1]) == Err(Errno::EINTR) {}
                say(plan, format_args!("pid {} {}", child.as_raw(), outputs.as_raw_fd()));
                watch(plan, child, output);
                Ok(())
            }
        }
    };
    let result = run();
    if let Err(Failed(step, errno)) = &result {
        say(plan, format_args!("fail {step} {}", *errno as i32));
    }
    result
}

/// Namespaces and file systems; the keeper stays in them and so keeps the outputs.
fn prepare(plan: &Plan) -> Result<(), Failed> {
    setsid().step("setsid")?;
    // SAFETY: SIGPIPE's disposition of a process with one thread.
    #[expect(unsafe_code, reason = "changing a signal's disposition is unsafe in general")]
    for signal in [Signal::SIGPIPE, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGCHLD] {
        let action = if signal == Signal::SIGCHLD { SigHandler::SigDfl } else { SigHandler::SigIgn };
        unsafe { nix::sys::signal::signal(signal, action) }.step("signal")?;
    }
    // The server's own are closed, so that whoever reads its output sees its end.
    dup2_stdin(&plan.null).step("stdin")?;
    dup2_stdout(&plan.null).step("stdout")?;
    dup2_stderr(&plan.null).step("stderr")?;
    close_others(plan);
    if let Identity::Namespace { uid, gid } = plan.identity {
        unshare(CloneFlags::CLONE_NEWUSER).step("user namespace")?;
        let _ = put(c"/proc/self/setgroups", b"deny");
        put_map(c"/proc/self/uid_map", uid)?;
        put_map(c"/proc/self/gid_map", gid)?;
        setresgid(Gid::from_raw(1000), Gid::from_raw(1000), Gid::from_raw(1000)).step("setresgid")?;
        setresuid(Uid::from_raw(1000), Uid::from_raw(1000), Uid::from_raw(1000)).step("setresuid")?;
        // Otherwise the server, which has the same account, may not look at the outputs.
        let _ = prctl::set_dumpable(true);
    }
    let mut namespaces =
        CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    if !plan.network {
        namespaces |= CloneFlags::CLONE_NEWNET;
    }
    unshare(namespaces).step("namespaces")?;
    let none: Option<&CStr> = None;
    mount(none, c"/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).step("private mounts")?;
    let plain = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let root = plan.root.as_c_str();
    mount(Some(c"tmpfs"), root, Some(c"tmpfs"), plain, Some(c"size=1m,mode=0755")).step("root")?;
    let cwd = nix::fcntl::AT_FDCWD;
    for directory in &plan.directories {
        match mkdirat(cwd, directory.as_c_str(), Mode::from_bits_truncate(0o755)) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(Failed("directories", errno)),
        }
    }
    for (target, place) in &plan.symlinks {
        symlinkat(target.as_c_str(), cwd, place.as_c_str()).step("symlinks")?;
    }
    for (place, content) in &plan.files {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_CLOEXEC;
        let file = open(place.as_c_str(), flags, Mode::from_bits_truncate(0o644)).step("files")?;
        write(&file, content).step("files")?;
    }
    for (place, options) in &plan.tmpfs {
        mount(Some(c"tmpfs"), place.as_c_str(), Some(c"tmpfs"), plain, Some(options.as_c_str())).step("tmpfs")?;
    }
    for bind in &plan.binds {
        self::bind(bind).step("bind")?;
    }
    Ok(())
}

fn bind(bind: &Bind) -> nix::Result<()> {
    let none: Option<&CStr> = None;
    let (source, target) = (bind.source.as_c_str(), bind.target.as_c_str());
    mount(Some(source), target, none, MsFlags::MS_BIND, none)?;
    // What the host's mount already forbids may not be given back in a user namespace.
    let present = statvfs(target)?.flags();
    let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID;
    if bind.device {
        if present.contains(FsFlags::ST_RDONLY) {
            flags |= MsFlags::MS_RDONLY;
        }
    } else {
        flags |= MsFlags::MS_RDONLY | MsFlags::MS_NODEV;
    }
    let kept = [
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    for (seen, kept) in kept {
        if present.contains(seen) {
            flags |= kept;
        }
    }
    mount(none, target, none, flags, none)
}

/// Closes what belongs to the server: sockets, databases, pipes.
fn close_others(plan: &Plan) {
    let mut keep = [0 as RawFd; 16];
    let own = [&plan.log, &plan.status, &plan.control, &plan.events, &plan.null];
    let mut count = 0;
    for file in own.into_iter().chain(&plan.lifeline).chain(&plan.cgroups).take(keep.len()) {
        keep[count] = file.as_raw_fd();
        count += 1;
    }
    let keep = &mut keep[..count];
    keep.sort_unstable();
    let mut from = 3;
    for &kept in keep.iter() {
        close_range(from, kept - 1);
        from = kept + 1;
    }
    close_range(from, RawFd::MAX);
}

fn close_range(from: RawFd, to: RawFd) {
    if from > to {
        return;
    }
    // SAFETY: these descriptors belong to the server's copy of the process, which never runs again.
    #[expect(unsafe_code, reason = "there is no safe wrapper")]
    let done = unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) };
    if done != 0 {
        // A kernel before 5.9.
        for descriptor in from..=to.min(65_536) {
            let _ = close(descriptor);
        }
    }
}

fn put(path: &CStr, content: &[u8]) -> nix::Result<()> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    write(&file, content).map(drop)
}

fn put_map(path: &CStr, outside: u32) -> Result<(), Failed> {
    let mut buffer = [0_u8; 48];
    let mut rest = &mut buffer[..];
    let _ = rest.write_fmt(format_args!("1000 {outside} 1"));
    let left = rest.len();
    let used = buffer.len() - left;
    put(path, &buffer[..used]).step("id map")
}

/// Becomes the algorithm: process 1 of the sandbox.
fn first(plan: &Plan, output: OwnedFd) -> Result<std::convert::Infallible, Failed> {
    for cgroup in &plan.cgroups {
        write(cgroup, b"0").step("cgroup")?;
    }
    let none: Option<&CStr> = None;
    let hidden = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Before the host's is gone: a user namespace gets one only where it sees one.
    match mount(Some(c"proc"), plan.proc.as_c_str(), Some(c"proc"), hidden, none) {
        // A container's own `/proc` is masked, and then a user namespace gets none.
        Err(Errno::EPERM) if matches!(plan.identity, Identity::Namespace { .. }) => {}
        done => done.step("proc")?,
    }
    // The old root is put on top of the new one and then taken away, so that no directory is needed for it. It changes the
    // keeper's root as well.
    chdir(plan.root.as_c_str()).step("chdir")?;
    pivot_root(c".", c".").step("pivot_root")?;
    umount2(c".", MntFlags::MNT_DETACH).step("umount")?;
    chdir(c"/").step("chdir")?;
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(none, c"/", none, flags, none).step("read-only root")?;
    let _ = sethostname("ocean-compute");
    dup2_stdout(&output).step("stdout")?;
    dup2_stderr(&output).step("stderr")?;
    drop(output);
    for &(resource, limit) in &plan.rlimits {
        setrlimit(resource, limit, limit).step("rlimit")?;
    }
    drop_capabilities();
    if let Identity::Account(id) = plan.identity {
        setgroups(&[]).step("setgroups")?;
        setresgid(Gid::from_raw(id), Gid::from_raw(id), Gid::from_raw(id)).step("setresgid")?;
        setresuid(Uid::from_raw(id), Uid::from_raw(id), Uid::from_raw(id)).step("setresuid")?;
    }
    clear_capabilities();
    prctl::set_pdeathsig(Signal::SIGKILL).step("pdeathsig")?;
    prctl::set_no_new_privs().step("no_new_privs")?;
    chdir(c"/data").step("chdir")?;
    // SAFETY: the process has one thread and is about to become the algorithm.
    #[expect(unsafe_code, reason = "changing a signal's disposition is unsafe in general")]
    for signal in [Signal::SIGPIPE, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }.step("signal")?;
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("signals")?;
    restrict_files();
    for filter in &plan.filters {
        seccompiler::apply_filter(filter).map_err(|_| Failed("seccomp", Errno::last()))?;
    }
    let mut last = Errno::ENOENT;
    for program in &plan.programs {
        let Err(errno) = execve(program, &plan.arguments, &plan.environment);
        if errno != Errno::ENOENT {
            last = errno;
        }
    }
    Err(Failed("execve", last))
}

/// So that nothing that is executed gets any of them back.
fn drop_capabilities() {
    for capability in 0..64 {
        // SAFETY: takes rights from this process only; numbers that the kernel does not know are refused.
        #[expect(unsafe_code, reason = "there is no safe wrapper")]
        unsafe {
            libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
    }
}

fn clear_capabilities() {
    // Version 3 of the call, for this process; three empty sets of twice 32 bits.
    let header: [u32; 2] = [0x2008_0522, 0];
    let sets = [0_u32; 6];
    // SAFETY: both point to memory of the size that version 3 reads.
    #[expect(unsafe_code, reason = "there is no safe wrapper")]
    unsafe {
        libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr());
    }
}

/// A second fence behind the mounts: reading everywhere, writing where the mounts let it. Kernels without landlock go without.
fn restrict_files() {
    let abi = ABI::V5;
    let restricted = || -> Result<(), landlock::RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(["/"], AccessFs::from_read(abi)))?
            .add_rules(path_beneath_rules(
                ["/tmp", "/dev/shm", "/dev/null", "/dev/zero", "/dev/full", "/data/outputs", "/data/logs"],
                AccessFs::from_all(abi),
            ))?
            .restrict_self()?;
        Ok(())
    };
    let _ = restricted();
}

/// Copies the log, ends the algorithm when it is told to or its time is over, tells how it ended, and keeps the outputs.
fn watch(plan: &Plan, child: Pid, output: OwnedFd) {
    let until = Instant::now() + plan.time_limit;
    let (mut timed_out, mut stopped) = (false, false);
    let mut written = 0_u64;
    let mut output = Some(output);
    let ended = loop {
        if !timed_out && Instant::now() >= until {
            timed_out = true;
            let _ = kill(child, Signal::SIGKILL);
        }
        let left = until.saturating_duration_since(Instant::now());
        // Without a log there is no news of the end, so the wait is short.
        let wait = if output.is_some() && !timed_out { left.as_millis().min(10_000) } else { 20 };
        let wait = PollTimeout::from(u16::try_from(wait + 1).unwrap_or(1_000));
        let (mut told, mut said, mut alone) = (false, false, false);
        {
            let control = PollFd::new(plan.control.as_fd(), PollFlags::POLLIN);
            let log: BorrowedFd<'_> = output.as_ref().map_or(plan.control.as_fd(), |output| output.as_fd());
            let lifeline = plan.lifeline.as_ref().unwrap_or(&plan.control).as_fd();
            let mut polled = [control, PollFd::new(log, PollFlags::POLLIN), PollFd::new(lifeline, PollFlags::POLLIN)];
            if poll(&mut polled, wait).is_ok() {
                told = polled[0].any().unwrap_or_default();
                said = output.is_some() && polled[1].any().unwrap_or_default();
                alone = plan.lifeline.is_some() && polled[2].any().unwrap_or_default();
            }
        }
        if alone {
            // The outputs go with this process; nobody will ask for them.
            let _ = kill(child, Signal::SIGKILL);
            let _ = waitpid(child, None);
            return;
        }
        if told {
            let mut byte = [0_u8; 1];
            if read(&plan.control, &mut byte).is_ok() && matches!(byte[0], KILL | QUIT) {
                stopped = true;
                let _ = kill(child, Signal::SIGKILL);
            }
        }
        if said && !copy(plan, &mut output, &mut written) {
            output = None;
        }
        if output.is_none() || timed_out || stopped {
            match waitpid(child, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {}
                status => break status,
            }
        }
    };
    // What was said last may still be in the pipe; everybody who could add to it is gone.
    while output.is_some() {
        if !copy(plan, &mut output, &mut written) {
            output = None;
        }
    }
    let (code, signal) = match ended {
        Ok(WaitStatus::Exited(_, code)) => (code, 0),
        Ok(WaitStatus::Signaled(_, signal, _)) => (-1, signal as i32),
        _ => (-1, 0),
    };
    say(plan, format_args!("exit {code} {signal} {} {}", u8::from(timed_out), u8::from(stopped)));
    let mut byte = [0_u8; 1];
    loop {
        match read(&plan.control, &mut byte) {
            Ok(1) if byte[0] == QUIT => return,
            Ok(0) => return,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                let lifeline = plan.lifeline.as_ref().unwrap_or(&plan.control).as_fd();
                let control = PollFd::new(plan.control.as_fd(), PollFlags::POLLIN);
                let mut polled = [control, PollFd::new(lifeline, PollFlags::POLLIN)];
                let _ = poll(&mut polled, PollTimeout::NONE);
                if plan.lifeline.is_some() && polled[1].any().unwrap_or_default() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

/// One piece of the log; `false` at its end.
fn copy(plan: &Plan, output: &mut Option<OwnedFd>, written: &mut u64) -> bool {
    let Some(pipe) = output else { return false };
    let mut piece = [0_u8; 8192];
    match read(&*pipe, &mut piece) {
        Ok(0) => false,
        Ok(length) => {
            let room = plan.log_limit.saturating_sub(*written);
            let taken = usize::try_from(room).unwrap_or(usize::MAX).min(length);
            if taken > 0 {
                let _ = write(&plan.log, &piece[..taken]);
            }
            if room > 0 && taken < length {
                let _ = write(&plan.log, CUT);
            }
            *written = written.saturating_add(length as u64);
            let _ = write(&plan.events, b".");
            true
        }
        Err(Errno::EINTR | Errno::EAGAIN) => true,
        Err(_) => false,
    }
}
