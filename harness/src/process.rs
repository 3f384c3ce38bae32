//! Child processes that are owned, logged, waited for by condition, and never outlive their parent.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::{Error, Result};

/// How often a child's output and state are looked at while something is awaited.
const POLL: Duration = Duration::from_millis(1);
/// How many of the last lines of the output an error shows.
const TAIL_LINES: usize = 12;

/// What to start and how long to wait for it.
#[derive(Debug)]
pub struct ChildSpec {
    name: String,
    command: Command,
    log_dir: Option<PathBuf>,
    deadline: Duration,
    grace: Duration,
}

impl ChildSpec {
    /// Starts `command`, called `name` in messages.
    /// Without [`log_dir`](Self::log_dir) the output goes to a temporary file, which is removed with the child unless something failed.
    pub fn new(name: impl Into<String>, command: Command) -> Self {
        Self {
            name: name.into(),
            command,
            log_dir: None,
            deadline: Duration::from_secs(30),
            grace: Duration::from_secs(3),
        }
    }

    /// Writes the output to `<name>.log` in this folder and leaves it there; a later child of the same name appends.
    pub fn log_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.log_dir = Some(dir.into());
        self
    }

    /// How long the child may take to become ready; 30 seconds unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long the child may take to end after SIGTERM before it gets SIGKILL; 3 seconds unless set.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

/// A running child process. Dropping it ends the process: SIGTERM, then SIGKILL when that does not help in time.
///
/// On Linux the kernel kills the child when this process dies in any way, SIGKILL included.
/// On other systems a small watching shell does it, as soon as the pipe between them closes.
#[derive(Debug)]
pub struct ChildProcess {
    name: String,
    child: Child,
    grace: Duration,
    log: PathBuf,
    ended: Option<ExitStatus>,
    // Removed on drop, after the process has ended; `None` when the caller keeps the output.
    temporary: Option<TempDir>,
    #[cfg(not(target_os = "linux"))]
    _watch: Option<watchdog::Watchdog>,
}

impl ChildProcess {
    /// Starts the child and waits until `ready` finds what it looks for in a complete line of the output.
    ///
    /// # Errors
    /// [`Error::Child`] with the log file and its last lines when the child ends or is not ready in time.
    pub async fn spawn<T>(spec: ChildSpec, ready: impl Fn(&str) -> Option<T>) -> Result<(Self, T)> {
        let ChildSpec { name, mut command, log_dir, deadline, grace } = spec;
        let (dir, temporary) = match log_dir {
            Some(dir) => {
                std::fs::create_dir_all(&dir).map_err(Error::io("creating", &dir))?;
                (dir, None)
            }
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("ocean-testbed-")
                    .tempdir()
                    .map_err(Error::io("creating a folder in", std::env::temp_dir()))?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let log = dir.join(format!("{name}.log"));
        let out = OpenOptions::new().create(true).append(true).open(&log).map_err(Error::io("opening", &log))?;
        let start = out.metadata().map_err(Error::io("reading", &log))?.len();
        let err = out.try_clone().map_err(Error::io("opening", &log))?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let program = command.get_program().to_owned();
        let child = spawn_tied(command).await.map_err(Error::io("starting", program))?;
        #[cfg(not(target_os = "linux"))]
        let watch = watchdog::Watchdog::spawn(child.id()).ok();
        let mut this = Self {
            name,
            child,
            grace,
            log,
            ended: None,
            temporary,
            #[cfg(not(target_os = "linux"))]
            _watch: watch,
        };
        let mut lines = match LineReader::open(&this.log, start) {
            Ok(lines) => lines,
            Err(source) => {
                return Err(Error::Io { action: "opening", path: this.log.clone(), source });
            }
        };
        let begun = Instant::now();
        loop {
            // The state is asked first: what the child printed before it ended is then certainly in the file.
            let ended = this.try_wait();
            while let Some(line) = lines.next().map_err(Error::io("reading", &this.log))? {
                if let Some(found) = ready(&line) {
                    return Ok((this, found));
                }
            }
            if let Some(status) = ended {
                return Err(this.failure(format!("ended before it was ready ({status})")));
            }
            if begun.elapsed() > deadline {
                return Err(this.failure(format!("was not ready after {} ms", deadline.as_millis())));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file that receives standard output and standard error.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// Everything the child has printed so far, as far as it can be read.
    pub fn output(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The exit status once the child has ended.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Kills the child at once with SIGKILL, as a crash would, and reaps it. Its folders and files stay as they are.
    pub fn kill(&mut self) {
        if self.try_wait().is_none() {
            // Both fail only when the child has already ended.
            let _ = self.child.kill();
            self.ended = self.child.wait().ok();
        }
    }

    /// Ends the child: SIGTERM, then SIGKILL after the time of grace. Waits without blocking the runtime, and tells how it ended.
    pub async fn stop(mut self) -> Option<ExitStatus> {
        let deadline = self.terminate();
        while self.try_wait().is_none() && Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        }
        self.kill();
        self.ended
    }

    /// An [`Error::Child`] about this child; keeps the log file.
    pub fn failure(&mut self, reason: impl Into<String>) -> Error {
        if let Some(temporary) = self.temporary.take() {
            let _ = temporary.keep();
        }
        let output = self.output();
        let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail: String =
            lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|line| format!("\n  | {line}")).collect();
        Error::Child { name: self.name.clone(), reason: reason.into(), log: self.log.clone(), tail }
    }

    fn terminate(&mut self) -> Instant {
        if self.try_wait().is_none()
            && let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            // The child has not been reaped, so the id cannot belong to another process.
            let _ = kill_process(pid, Signal::TERM);
        }
        Instant::now() + self.grace
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let deadline = self.terminate();
        while self.try_wait().is_none() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        self.kill();
        if thread::panicking()
            && let Some(temporary) = self.temporary.take()
        {
            eprintln!("the output of {} is in {}", self.name, temporary.keep().display());
        }
    }
}

/// Reads complete lines from a file that another process is still writing.
struct LineReader {
    file: File,
    pending: Vec<u8>,
}

impl LineReader {
    fn open(path: &Path, from: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(from))?;
        Ok(Self { file, pending: Vec::new() })
    }

    fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line = self.pending.drain(..=end).collect::<Vec<u8>>();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let mut chunk = [0; 4096];
            match self.file.read(&mut chunk)? {
                0 => return Ok(None),
                read => self.pending.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

type Request = (Command, oneshot::Sender<io::Result<Child>>);

/// Starts a command so that it dies with this process.
///
/// The kernel's parent-death signal fires when the *thread* that started the child ends, so every child is started from one thread that lives as long as the process.
async fn spawn_tied(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<Request>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Request>();
        thread::spawn(move || {
            while let Ok((command, answer)) = receiver.recv() {
                // The caller may have given up; then the child is dropped here, which must not leave it running.
                if let Err(Ok(mut child)) = answer.send(start(command)) {
                    let _ = child.kill();
                    let _ = child.wait();
                }
            }
        });
        sender
    });
    let gone = || io::Error::other("the thread that starts child processes has ended");
    let (answer, child) = oneshot::channel();
    spawner.send((command, answer)).map_err(|_| gone())?;
    child.await.map_err(|_| gone())?
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec is the only place where the parent-death signal can be set for the child")]
fn start(mut command: Command) -> io::Result<Child> {
    use std::os::unix::process::CommandExt as _;

    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec the closure makes two system calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the signal was set.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::Error::from_raw_os_error(rustix::io::Errno::SRCH.raw_os_error()));
            }
            Ok(())
        });
    }
    command.spawn()
}

#[cfg(not(target_os = "linux"))]
fn start(mut command: Command) -> io::Result<Child> {
    command.spawn()
}

#[cfg(not(target_os = "linux"))]
mod watchdog {
    //! For systems without a parent-death signal: a shell that waits for the end of a pipe that only this process holds open.

    use std::{
        io,
        process::{Child, Command, Stdio},
    };

    #[derive(Debug)]
    pub(super) struct Watchdog(Child);

    impl Watchdog {
        pub(super) fn spawn(victim: u32) -> io::Result<Self> {
            Command::new("/bin/sh")
                .args(["-c", "read line; [ \"$line\" = done ] || kill -9 \"$1\"", "watchdog", &victim.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .map(Self)
        }
    }

    impl Drop for Watchdog {
        fn drop(&mut self) {
            // The process has been reaped by now and its id may be used again: tell the shell not to kill.
            if let Some(mut pipe) = self.0.stdin.take() {
                let _ = io::Write::write_all(&mut pipe, b"done\n");
            }
            let _ = self.0.wait();
        }
    }
}
