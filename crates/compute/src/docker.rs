//! Algorithms as containers of a Docker daemon on the same machine, or of whatever answers its API on a unix socket.
//!
//! The space for results is a file system in memory of the job's size, mounted by the server, so that results outlive the
//! container and the server: therefore the server needs root rights, and the daemon must see the server's files.

mod image;

use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bollard::{
    API_DEFAULT_VERSION, Docker,
    errors::Error as DockerError,
    models::{
        ContainerCreateBody, ContainerState, ContainerStateStatusEnum, HostConfig, HostConfigLogConfig, Mount,
        MountType, ResourcesUlimits,
    },
    query_parameters::{
        CreateContainerOptions, KillContainerOptions, LogsOptions, RemoveContainerOptions, RemoveImageOptions,
        WaitContainerOptions,
    },
};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use nix::{
    errno::Errno,
    mount::{MntFlags, MsFlags, mount, umount2},
    unistd::Uid,
};
use tokio::{
    io::AsyncWriteExt as _,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    backend::{BackendError, ComputeBackend, Exit, Presence, Task},
    copy::{copy_outputs, is_full},
    error::{Error, Result},
    job::FailureKind,
};

/// How long one answer of the daemon may take; waiting for an algorithm is asked anew.
const ANSWER: u64 = 120;

/// The account of algorithms, as in ocean-node.
const ACCOUNT: u32 = 1_000;

/// How long the rest of a log may take once the algorithm has ended.
const REST: Duration = Duration::from_secs(5);

/// What the log ends with where it is cut.
const CUT: &[u8] = b"\n[the log has reached its limit; the rest is left out]\n";

/// How a daemon is used.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DockerOptions {
    /// The daemon's socket.
    pub socket: PathBuf,
    /// Whether images are fetched that are not there.
    pub pull: bool,
    /// Another runtime than the daemon's usual one, such as `runsc`.
    pub runtime: Option<String>,
}

impl Default for DockerOptions {
    fn default() -> Self {
        Self { socket: PathBuf::from("/var/run/docker.sock"), pull: true, runtime: None }
    }
}

/// The Docker backend; cheap to clone.
#[derive(Debug, Clone)]
pub struct DockerBackend {
    docker: Docker,
    options: Arc<DockerOptions>,
    cpus: u32,
}

impl DockerBackend {
    /// A backend whose daemon has answered.
    ///
    /// # Errors
    /// The daemon does not answer, or the server is not root.
    pub async fn connect(options: DockerOptions) -> Result<Self> {
        let unusable = |problem: String| Error::Backend { backend: "docker", problem };
        if !Uid::effective().is_root() {
            return Err(unusable("spaces for results of a fixed size can only be made by root".to_owned()));
        }
        let socket = options.socket.to_str().ok_or_else(|| unusable("the socket's path is not text".to_owned()))?;
        let docker =
            Docker::connect_with_unix(socket, ANSWER, API_DEFAULT_VERSION).map_err(|error| unusable(said(&error)))?;
        let answered = timeout(Duration::from_secs(10), docker.negotiate_version()).await;
        let docker =
            answered.map_err(|_| unusable("it does not answer".to_owned()))?.map_err(|error| unusable(said(&error)))?;
        let info = docker.info().await.map_err(|error| unusable(said(&error)))?;
        let cpus = info.ncpu.and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
        Ok(Self { docker, options: Arc::new(options), cpus })
    }

    async fn state(&self, task: &Task) -> Result<Option<ContainerState>, BackendError> {
        match self.docker.inspect_container(&name(task), None).await {
            Ok(found) => Ok(Some(found.state.unwrap_or_default())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(FailureKind::Run, &error)),
        }
    }

    fn description(&self, task: &Task, image: String) -> ContainerCreateBody {
        let limits = &task.limits;
        let bind = |part: &str, target: &str, read_only| Mount {
            target: Some(target.to_owned()),
            source: Some(task.folder.join(part).to_string_lossy().into_owned()),
            typ: Some(MountType::BIND),
            read_only: Some(read_only),
            ..Mount::default()
        };
        let memory = i64::try_from(limits.memory).unwrap_or(i64::MAX);
        let milli_cpus = limits.milli_cpus.min(self.cpus.saturating_mul(1_000)).max(10);
        let limit =
            |name: &str, value| ResourcesUlimits { name: Some(name.to_owned()), soft: Some(value), hard: Some(value) };
        let memory_file_system = |bytes: u64, more: &str| format!("rw,nosuid,nodev,size={bytes},{more}");
        let owner = format!("uid={ACCOUNT},gid={ACCOUNT},mode=0700");
        let environment = task.environment.iter().map(|(name, value)| format!("{name}={value}"));
        ContainerCreateBody {
            hostname: Some("ocean-compute".to_owned()),
            user: Some(format!("{ACCOUNT}:{ACCOUNT}")),
            env: Some(["HOME=/tmp".to_owned()].into_iter().chain(environment).collect()),
            entrypoint: Some(task.arguments.clone()),
            cmd: Some(Vec::new()),
            image: Some(image),
            working_dir: Some("/data".to_owned()),
            network_disabled: Some(!task.network),
            labels: Some(HashMap::from([("ocean-compute".to_owned(), task.id.to_string())])),
            host_config: Some(HostConfig {
                memory: Some(memory),
                memory_swap: Some(memory),
                nano_cpus: Some(i64::from(milli_cpus) * 1_000_000),
                pids_limit: Some(i64::from(limits.processes)),
                ulimits: Some(vec![limit("core", 0), limit("nofile", 1_024)]),
                network_mode: Some(if task.network { "bridge" } else { "none" }.to_owned()),
                log_config: Some(HostConfigLogConfig {
                    typ: Some("json-file".to_owned()),
                    // Each line is wrapped, and the oldest are lost when nobody has read them by then.
                    config: Some(HashMap::from([
                        ("max-size".to_owned(), limits.log.saturating_mul(8).max(1024 * 1024).to_string()),
                        ("max-file".to_owned(), "1".to_owned()),
                    ])),
                }),
                mounts: Some(vec![
                    bind("inputs", "/data/inputs", true),
                    bind("ddos", "/data/ddos", true),
                    bind("transformations", "/data/transformations", true),
                    bind(SPACE, "/data/outputs", false),
                ]),
                tmpfs: Some(HashMap::from([
                    ("/tmp".to_owned(), memory_file_system(limits.scratch, "mode=1777")),
                    ("/data/logs".to_owned(), memory_file_system(1024 * 1024, &owner)),
                ])),
                shm_size: Some(i64::try_from(limits.scratch).unwrap_or(i64::MAX)),
                cap_drop: Some(vec!["ALL".to_owned()]),
                security_opt: Some(vec!["no-new-privileges".to_owned()]),
                readonly_rootfs: Some(true),
                ipc_mode: Some("private".to_owned()),
                runtime: self.options.runtime.clone(),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// The log from its beginning, as text without the daemon's frames, up to the limit.
    async fn follow(&self, task: &Task) -> io::Result<()> {
        let options = LogsOptions { follow: true, stdout: true, stderr: true, ..LogsOptions::default() };
        let mut pieces = std::pin::pin!(self.docker.logs(&name(task), Some(options)));
        let mut log = tokio::fs::File::create(task.log()).await?;
        let mut left = usize::try_from(task.limits.log).unwrap_or(usize::MAX);
        while let Some(Ok(piece)) = pieces.next().await {
            let piece = piece.into_bytes();
            let taken = piece.len().min(left);
            log.write_all(&piece[..taken]).await?;
            if taken < piece.len() && left > 0 {
                log.write_all(CUT).await?;
            }
            log.flush().await?;
            left -= taken;
        }
        Ok(())
    }

    async fn kill(&self, task: &Task) -> Result<(), BackendError> {
        let options = KillContainerOptions { signal: "SIGKILL".to_owned() };
        match self.docker.kill_container(&name(task), Some(options)).await {
            // Nothing there, or nothing that runs.
            Err(DockerError::DockerResponseServerError { status_code: 404 | 409 | 500, .. }) | Ok(()) => Ok(()),
            Err(error) => Err(failed(FailureKind::Run, &error)),
        }
    }
}

/// The folder that the space for results is mounted on.
const SPACE: &str = "space";

/// Notes on why an algorithm was ended, which must outlive the server.
const TIMED_OUT: &str = "timed-out";
const STOPPED: &str = "stopped";

fn name(task: &Task) -> String {
    format!("ocean-compute-{}", task.id)
}

fn is_missing(error: &DockerError) -> bool {
    matches!(error, DockerError::DockerResponseServerError { status_code: 404, .. })
}

fn failed(kind: FailureKind, error: &DockerError) -> BackendError {
    BackendError::new(kind, said(error))
}

/// What the daemon said, and no more than a line of it.
fn said(error: &DockerError) -> String {
    let text = match error {
        DockerError::DockerResponseServerError { message, .. } => message.clone(),
        other => other.to_string(),
    };
    text.lines().next().unwrap_or_default().chars().take(400).collect()
}

fn unmount(space: &Path) -> io::Result<()> {
    loop {
        match umount2(space, MntFlags::MNT_DETACH) {
            // Several, if two servers worked on one folder.
            Ok(()) => {}
            Err(Errno::EINVAL | Errno::ENOENT) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn make_space(task: &Task) -> io::Result<()> {
    let space = task.folder.join(SPACE);
    fs::create_dir_all(&space)?;
    unmount(&space)?;
    let nodes = (task.limits.disk / 4_096).clamp(64, 100_000);
    let options = format!("size={},nr_inodes={nodes},uid={ACCOUNT},gid={ACCOUNT},mode=0700", task.limits.disk);
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), &space, Some("tmpfs"), flags, Some(options.as_str()))?;
    for note in [TIMED_OUT, STOPPED] {
        let _ = fs::remove_file(task.folder.join(note));
    }
    fs::create_dir_all(task.folder.join("logs"))?;
    fs::set_permissions(&task.folder, fs::Permissions::from_mode(0o755))
}

#[async_trait]
impl ComputeBackend for DockerBackend {
    fn name(&self) -> &'static str {
        "docker"
    }

    async fn prepare(&self, task: &Task, log: &Path) -> Result<(), BackendError> {
        image::prepare(&self.docker, task, log, self.options.pull).await
    }

    async fn start(&self, task: &Task) -> Result<(), BackendError> {
        let space = task.clone();
        let made = spawn_blocking(move || make_space(&space)).await.map_err(io::Error::other).and_then(|made| made);
        made.map_err(|error| BackendError::new(FailureKind::Volume, format!("the space for results: {error}")))?;
        let options = CreateContainerOptions { name: Some(name(task)), platform: String::new() };
        let description = self.description(task, image::reference(task));
        let created = self.docker.create_container(Some(options), description).await;
        created.map_err(|error| failed(FailureKind::Create, &error))?;
        let started = self.docker.start_container(&name(task), None).await;
        started.map_err(|error| failed(FailureKind::Run, &error))
    }

    async fn presence(&self, task: &Task) -> Result<Presence, BackendError> {
        use ContainerStateStatusEnum as Status;
        Ok(match self.state(task).await?.and_then(|state| state.status) {
            Some(Status::RUNNING | Status::PAUSED | Status::RESTARTING | Status::STOPPING) => Presence::Running,
            Some(Status::EXITED | Status::DEAD) => Presence::Ended,
            _ => Presence::Absent,
        })
    }

    async fn wait(&self, task: &Task) -> Result<Exit, BackendError> {
        let lost = || BackendError::new(FailureKind::Run, "the container of the algorithm is gone");
        let state = self.state(task).await?.ok_or_else(lost)?;
        // The daemon knows how long it has run, also while no server was there.
        let began = state.started_at.and_then(|text| text.parse::<Timestamp>().ok()).unwrap_or_else(Timestamp::now);
        let passed = Duration::try_from(Timestamp::now().duration_since(began)).unwrap_or_default();
        let left = task.limits.time.saturating_sub(passed);
        let ended = async {
            loop {
                match self.presence(task).await? {
                    Presence::Absent => return Err(lost()),
                    Presence::Ended => return Ok(()),
                    Presence::Running => {}
                }
                // An exit code other than 0 comes as an error, and so does a connection that took too long; both are looked at again.
                let options = WaitContainerOptions { condition: "not-running".to_owned() };
                let mut waited = std::pin::pin!(self.docker.wait_container(&name(task), Some(options)));
                if waited.next().await.is_none() {
                    sleep(Duration::from_millis(50)).await;
                }
            }
        };
        let bounded = async {
            tokio::pin!(ended);
            match timeout(left, &mut ended).await {
                Ok(ended) => ended,
                Err(_) => {
                    let noted = tokio::fs::write(task.folder.join(TIMED_OUT), "").await;
                    noted.map_err(|error| BackendError::new(FailureKind::Run, error.to_string()))?;
                    self.kill(task).await?;
                    ended.await
                }
            }
        };
        let log = self.follow(task);
        tokio::pin!(bounded, log);
        let ended = tokio::select! {
            ended = &mut bounded => {
                if timeout(REST, log).await.is_err() {
                    tracing::warn!(job = %task.id, "the rest of a log did not come");
                }
                ended
            }
            _ = &mut log => bounded.await,
        };
        ended?;
        let state = self.state(task).await?.ok_or_else(lost)?;
        let note = |name: &str| task.folder.join(name).exists();
        let (timed_out, out_of_memory) = (note(TIMED_OUT), state.oom_killed.unwrap_or_default());
        let code = state.exit_code.and_then(|code| i32::try_from(code).ok());
        // A daemon writes a signal as 128 and its number; only where it is known that there was one, it is taken for one.
        let killed = code == Some(137) && (timed_out || out_of_memory || note(STOPPED));
        Ok(Exit {
            code: code.filter(|_| !killed),
            signal: killed.then_some(9),
            out_of_memory,
            timed_out,
            stopped: note(STOPPED),
            disk_full: is_full(&task.folder.join(SPACE)),
        })
    }

    async fn stop(&self, task: &Task) -> Result<(), BackendError> {
        if self.presence(task).await? != Presence::Running {
            return Ok(());
        }
        let noted = tokio::fs::write(task.folder.join(STOPPED), "").await;
        noted.map_err(|error| BackendError::new(FailureKind::Run, error.to_string()))?;
        self.kill(task).await
    }

    async fn collect(&self, task: &Task) -> Result<(), BackendError> {
        let lost = |text: String| BackendError::new(FailureKind::Outputs, text);
        if self.presence(task).await? != Presence::Ended {
            return Err(lost("the outputs are gone".to_owned()));
        }
        let (from, to, limit) = (task.folder.join(SPACE), task.folder.join("outputs"), task.limits.disk);
        let copied = spawn_blocking(move || copy_outputs(&from, &to, limit)).await;
        copied.map_err(|error| lost(error.to_string()))?.map_err(|error| lost(format!("the outputs: {error}")))
    }

    async fn cleanup(&self, task: &Task) -> Result<(), BackendError> {
        let options = RemoveContainerOptions { force: true, v: true, link: false };
        match self.docker.remove_container(&name(task), Some(options)).await {
            Ok(()) => {}
            Err(error) if is_missing(&error) => {}
            // It is being removed already.
            Err(DockerError::DockerResponseServerError { status_code: 409, .. }) => {
                while self.state(task).await?.is_some() {
                    sleep(Duration::from_millis(20)).await;
                }
            }
            Err(error) => return Err(failed(FailureKind::Run, &error)),
        }
        if task.image.dockerfile.is_some() {
            let options = RemoveImageOptions { force: true, ..RemoveImageOptions::default() };
            match self.docker.remove_image(&image::reference(task), Some(options), None).await {
                Err(error) if !is_missing(&error) => return Err(failed(FailureKind::Run, &error)),
                _ => {}
            }
        }
        let space = task.folder.join(SPACE);
        let removed = spawn_blocking(move || {
            unmount(&space)?;
            match fs::remove_dir(&space) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        let removed = removed.await.map_err(io::Error::other).and_then(|removed| removed);
        removed.map_err(|error| BackendError::new(FailureKind::Run, format!("the space for results: {error}")))
    }
}
