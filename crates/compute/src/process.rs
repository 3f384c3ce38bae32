//! Algorithms as processes of this machine: namespaces, a root file system of their own, landlock, seccomp, resource limits, and
//! control groups where they are writable. No daemon and no image store are needed.
//!
//! It is weaker than a virtual machine: algorithm and server share the kernel. Images are directories of this machine, or stand
//! for the host's own programs ([`ImageMap`]), which is for development.

mod cgroup;
mod child;
mod filter;
mod plan;

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use nix::{
    errno::Errno,
    sys::{
        stat::Mode,
        wait::{WaitPidFlag, waitpid},
    },
    unistd::{Pid, Uid, mkfifo},
};
use tokio::{io::AsyncReadExt as _, net::unix::pipe, task::spawn_blocking, time::timeout};

use self::cgroup::Cgroups;
use crate::{
    backend::{BackendError, ComputeBackend, Exit, Limits, Presence, Task},
    copy::{copy_outputs, is_full},
    error::{Error, Result},
    image::{Image, ImageMap},
    job::{FailureKind, JobId},
};

/// The first of the accounts that jobs of a server with root rights run as; no system gives these numbers to people.
const FIRST_ACCOUNT: u32 = 2_000_000_000;

/// How many jobs may have an account at once.
const ACCOUNTS: u32 = 4_096;

/// How long starting may take.
const START: Duration = Duration::from_secs(20);

/// How long the end of a sandbox may take.
const END: Duration = Duration::from_secs(10);

/// How often the status is looked at, news or not.
const LOOK: Duration = Duration::from_secs(5);

/// How the process backend works on this machine.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProcessOptions {
    /// What stands in for images.
    pub images: ImageMap,
    /// Whether a machine without writable control groups will do; memory and processes are then limited per process and account only.
    pub cgroups_required: bool,
    /// Whether algorithms end with this process, for networks that live as long as a test. Otherwise they go on, and whoever opens
    /// the jobs next finds them.
    pub tied: bool,
}

/// The process backend; cheap to clone.
#[derive(Debug, Clone)]
pub struct ProcessBackend {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: ProcessOptions,
    cgroups: Cgroups,
    accounts: Mutex<u32>,
    /// What every keeper listens to, and its other end, which nobody writes to.
    lifeline: Option<(fs::File, fs::File)>,
}

impl ProcessBackend {
    /// A backend that has run one small program in a sandbox, so that it is known to work here. Blocks shortly.
    ///
    /// # Errors
    /// The machine makes no sandboxes, for want of user namespaces or of rights; the text says at which step.
    pub async fn start(options: ProcessOptions) -> Result<Self> {
        let unusable = |problem: String| Error::Backend { backend: "process", problem };
        let cgroups = spawn_blocking(Cgroups::detect).await.map_err(|error| unusable(error.to_string()))?;
        if options.cgroups_required && !cgroups.limits_memory() {
            return Err(unusable("control groups are not writable".to_owned()));
        }
        let lifeline = match options.tied {
            true => {
                let ends =
                    nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(|errno| unusable(errno.to_string()))?;
                Some((ends.0.into(), ends.1.into()))
            }
            false => None,
        };
        let backend = Self { inner: Arc::new(Inner { options, cgroups, accounts: Mutex::new(0), lifeline }) };
        backend.probe().await.map_err(|error| unusable(error.text))?;
        Ok(backend)
    }

    async fn probe(&self) -> Result<(), BackendError> {
        let broken = |error: io::Error| BackendError::new(FailureKind::Create, error.to_string());
        let folder = std::env::temp_dir()
            .join(format!("ocean-compute-probe-{}", JobId::random(ocean_primitives::Dialect::Provider)));
        for part in ["inputs", "ddos", "transformations", "logs"] {
            fs::create_dir_all(folder.join(part)).map_err(broken)?;
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).map_err(broken)?;
        let task = Task {
            id: JobId::random(ocean_primitives::Dialect::Provider),
            folder: folder.clone(),
            image: Image::new("probe", ""),
            arguments: vec!["true".to_owned()],
            environment: Default::default(),
            limits: Limits { time: Duration::from_secs(10), ..Limits::default() },
            network: false,
        };
        let host = Default::default();
        let probed = async {
            self.launch(&task, &host).await?;
            self.wait(&task).await
        }
        .await;
        let cleaned = self.cleanup(&task).await;
        let _ = fs::remove_dir_all(&folder);
        let exit = probed?;
        cleaned?;
        if exit.is_success() {
            Ok(())
        } else {
            Err(BackendError::new(FailureKind::Run, format!("the probe ended with {exit:?}")))
        }
    }

    /// Whether memory, processes and processor time of a whole job are limited by control groups here.
    pub fn has_cgroups(&self) -> bool {
        self.inner.cgroups.limits_memory()
    }

    async fn launch(&self, task: &Task, host: &crate::image::HostImage) -> Result<(), BackendError> {
        let (this, task, host) = (self.clone(), task.clone(), host.clone());
        let pending = spawn_blocking(move || this.launch_blocking(&task, &host)).await;
        let (control, mut events, status) = pending.map_err(|error| create(error.to_string()))??;
        // The fork has the other ends by now; keeping these until the first word makes sure that nothing is missed.
        let spoken = async {
            loop {
                match Status::read(&status) {
                    Status::Nothing => {}
                    Status::Failed { step, errno } => {
                        let errno = Errno::from_raw(errno);
                        let kind = if step == "execve" { FailureKind::Run } else { FailureKind::Create };
                        return Err(BackendError::new(
                            kind,
                            format!("the sandbox failed at `{step}`: {}", errno.desc()),
                        ));
                    }
                    Status::Running | Status::Ended(_) => return Ok(()),
                }
                let mut piece = [0_u8; 64];
                let _ = timeout(LOOK, events.read(&mut piece)).await;
            }
        };
        let spoken = timeout(START, spoken).await.unwrap_or_else(|_| Err(create("the sandbox did not start in time")));
        drop(control);
        spoken
    }

    fn launch_blocking(
        &self,
        task: &Task,
        host: &crate::image::HostImage,
    ) -> Result<(fs::File, pipe::Receiver, PathBuf), BackendError> {
        let run = Run::of(task);
        let io = |error: io::Error| create(format!("the sandbox's folder: {error}"));
        match fs::remove_dir_all(&run.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        fs::create_dir_all(run.root()).map_err(io)?;
        for fifo in [run.control(), run.events()] {
            mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).map_err(|errno| io(errno.into()))?;
        }
        let account = self.account();
        let cgroups = self.inner.cgroups.make(&task.id, &task.limits).map_err(io)?;
        let lifeline = self.inner.lifeline.as_ref().map(|(end, _)| end.try_clone()).transpose().map_err(io)?;
        let plan = plan::make(task, host, &run, account, cgroups, self.has_cgroups(), lifeline)?;
        let events = pipe::OpenOptions::new().open_receiver(run.events()).map_err(io)?;
        let pid = child::spawn(&plan).map_err(|errno| create(format!("no process: {}", errno.desc())))?;
        // So that the end of this sandbox can be waited for, by whoever is its parent then.
        let mut file = fs::File::create(run.folder.join("keeper")).map_err(io)?;
        write!(file, "{pid}").map_err(io)?;
        let control = plan.control.try_clone().map_err(io)?;
        Ok((control, events, run.status()))
    }

    fn account(&self) -> u32 {
        let mut next = self.inner.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next + 1) % ACCOUNTS;
        FIRST_ACCOUNT + (std::process::id() % 1_000) * ACCOUNTS + *next
    }

    fn host(&self, image: &Image) -> Result<&crate::image::HostImage, BackendError> {
        self.inner.options.images.find(image).ok_or_else(|| {
            BackendError::new(FailureKind::ImagePull, format!("there is no image `{image}` on this machine"))
        })
    }
}

fn create(text: impl Into<String>) -> BackendError {
    BackendError::new(FailureKind::Create, text)
}

/// The files by which server and keeper talk.
#[derive(Debug)]
struct Run {
    folder: PathBuf,
}

impl Run {
    fn of(task: &Task) -> Self {
        Self { folder: task.folder.join("sandbox") }
    }

    fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    fn status(&self) -> PathBuf {
        self.folder.join("status")
    }

    fn control(&self) -> PathBuf {
        self.folder.join("control")
    }

    fn events(&self) -> PathBuf {
        self.folder.join("events")
    }

    fn keeper(&self) -> Option<Pid> {
        fs::read_to_string(self.folder.join("keeper")).ok()?.trim().parse().ok().map(Pid::from_raw)
    }

    /// Where the outputs are, as long as the keeper is there.
    fn outputs(&self) -> Option<PathBuf> {
        let keeper = self.keeper()?;
        let status = fs::read_to_string(self.status()).ok()?;
        let descriptor: u32 =
            status.lines().find_map(|line| line.strip_prefix("pid ")?.split_once(' ')?.1.parse().ok())?;
        self.is_kept().then(|| PathBuf::from(format!("/proc/{keeper}/fd/{descriptor}")))
    }

    /// Sends a byte to the keeper; `false` when there is none any more.
    fn tell(&self, byte: u8) -> io::Result<bool> {
        let opened = fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(self.control());
        match opened {
            Ok(mut control) => match control.write_all(&[byte]) {
                // It ended between the two calls.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
                // So many words wait that one more makes no difference.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
                written => written.map(|()| true),
            },
            // Nobody reads, or there never was a sandbox.
            Err(error) if error.raw_os_error() == Some(libc::ENXIO) || error.kind() == io::ErrorKind::NotFound => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the keeper is there.
    fn is_kept(&self) -> bool {
        fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(self.control()).is_ok()
    }
}

/// What the keeper has said so far.
#[derive(Debug)]
enum Status {
    Nothing,
    Running,
    Ended(Exit),
    Failed { step: String, errno: i32 },
}

impl Status {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut status = Self::Nothing;
        // A line without its end is not complete yet.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                ["fail", step @ .., errno] => {
                    return Self::Failed { step: step.join(" "), errno: errno.parse().unwrap_or_default() };
                }
                ["pid", ..] => status = Self::Running,
                ["exit", code, signal, timed_out, stopped] => {
                    let number = |text: &str| text.parse::<i32>().ok();
                    status = Self::Ended(Exit {
                        code: number(code).filter(|code| *code >= 0),
                        signal: number(signal).filter(|signal| *signal > 0),
                        timed_out: *timed_out == "1",
                        stopped: *stopped == "1",
                        ..Exit::default()
                    });
                }
                _ => {}
            }
        }
        status
    }
}

#[async_trait]
impl ComputeBackend for ProcessBackend {
    fn name(&self) -> &'static str {
        "process"
    }

    async fn prepare(&self, task: &Task, log: &Path) -> Result<(), BackendError> {
        if task.image.dockerfile.is_some() {
            let text = "this environment runs processes of the host and builds no images";
            return Err(BackendError::new(FailureKind::ImageBuild, text));
        }
        let found = self.host(&task.image);
        let text = match &found {
            Ok(_) => format!("{} runs on the host's programs\n", task.image),
            Err(error) => format!("{error}\n"),
        };
        tokio::fs::write(log, text)
            .await
            .map_err(|error| BackendError::new(FailureKind::ImagePull, error.to_string()))?;
        found.map(drop)
    }

    async fn start(&self, task: &Task) -> Result<(), BackendError> {
        let host = self.host(&task.image)?.clone();
        self.launch(task, &host).await
    }

    async fn presence(&self, task: &Task) -> Result<Presence, BackendError> {
        let run = Run::of(task);
        let status = Status::read(&run.status());
        Ok(match (status, run.is_kept()) {
            (_, false) => Presence::Absent,
            (Status::Running, true) => Presence::Running,
            (Status::Ended(_) | Status::Failed { .. }, true) => Presence::Ended,
            // Between the fork and its first word: nothing that could be relied on.
            (Status::Nothing, true) => Presence::Absent,
        })
    }

    async fn wait(&self, task: &Task) -> Result<Exit, BackendError> {
        let run = Run::of(task);
        let lost = |text: &str| BackendError::new(FailureKind::Run, text);
        let mut events = pipe::OpenOptions::new()
            .open_receiver(run.events())
            .map_err(|_| lost("the sandbox of the algorithm is gone"))?;
        loop {
            match Status::read(&run.status()) {
                Status::Ended(mut exit) => {
                    exit.out_of_memory = self.inner.cgroups.ran_out_of_memory(&task.id);
                    exit.disk_full = run.outputs().is_some_and(|outputs| is_full(&outputs));
                    return Ok(exit);
                }
                Status::Failed { step, errno } => {
                    let errno = Errno::from_raw(errno).desc();
                    let text = if step == "execve" {
                        format!("the algorithm's program cannot be run: {errno}")
                    } else {
                        format!("the sandbox failed at `{step}`: {errno}")
                    };
                    return Err(lost(&text));
                }
                Status::Nothing | Status::Running if !run.is_kept() => {
                    return Err(lost("the algorithm was lost: its sandbox ended without a word"));
                }
                Status::Nothing | Status::Running => {}
            }
            let mut piece = [0_u8; 256];
            let _ = timeout(LOOK, events.read(&mut piece)).await;
        }
    }

    async fn stop(&self, task: &Task) -> Result<(), BackendError> {
        let told = Run::of(task).tell(child::KILL);
        told.map(drop).map_err(|error| BackendError::new(FailureKind::Run, error.to_string()))
    }

    async fn collect(&self, task: &Task) -> Result<(), BackendError> {
        let lost = |text: String| BackendError::new(FailureKind::Outputs, text);
        let run = Run::of(task);
        let from = run.outputs().ok_or_else(|| lost("the outputs are gone".to_owned()))?;
        let (to, limit) = (task.folder.join("outputs"), task.limits.disk);
        let copied = spawn_blocking(move || copy_outputs(&from, &to, limit)).await;
        copied.map_err(|error| lost(error.to_string()))?.map_err(|error| lost(format!("the outputs: {error}")))
    }

    async fn cleanup(&self, task: &Task) -> Result<(), BackendError> {
        let run = Run::of(task);
        let left = |error: io::Error| BackendError::new(FailureKind::Run, format!("the sandbox: {error}"));
        let keeper = run.keeper();
        run.tell(child::QUIT).map_err(left)?;
        let ended = async {
            // The algorithm is ended by the first word, the keeper by the second.
            while run.tell(child::QUIT).map_err(left)? {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Ok(())
        };
        timeout(END, ended).await.unwrap_or_else(|_| Err(left(io::ErrorKind::TimedOut.into())))?;
        let (this, task) = (self.clone(), task.clone());
        let removed = spawn_blocking(move || {
            if let Some(keeper) = keeper {
                // After a restart somebody else is its parent.
                for _ in 0..100 {
                    match waitpid(keeper, Some(WaitPidFlag::WNOHANG)) {
                        Ok(nix::sys::wait::WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(2)),
                        _ => break,
                    }
                }
            }
            this.inner.cgroups.remove(&task.id)?;
            match fs::remove_dir_all(Run::of(&task).folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        removed.await.map_err(|error| BackendError::new(FailureKind::Run, error.to_string()))?.map_err(left)
    }
}

/// Whether this process is root.
fn is_root() -> bool {
    Uid::effective().is_root()
}
