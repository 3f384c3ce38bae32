//! Where algorithms run: what every backend is asked, and what it has to guarantee.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    image::Image,
    job::{Failure, FailureKind, JobId},
};

/// What one algorithm may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory in bytes, swap included.
    pub memory: u64,
    /// Processor time, in thousandths of a processor.
    pub milli_cpus: u32,
    /// Processes and threads at once.
    pub processes: u32,
    /// Bytes in `/data/outputs`; the kernel refuses more.
    pub disk: u64,
    /// Bytes in `/tmp`.
    pub scratch: u64,
    /// Bytes of the log that are kept.
    pub log: u64,
    /// How long it may run.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            memory: 1024 * MIB,
            milli_cpus: 1_000,
            processes: 512,
            disk: 1024 * MIB,
            scratch: 64 * MIB,
            log: 10 * MIB,
            time: Duration::from_secs(3_600),
        }
    }
}

/// One algorithm that is to run.
///
/// In `folder` lie `inputs`, `ddos` and `transformations`, which the algorithm sees read-only below `/data`; the backend writes
/// the log to `logs/algorithm.log` while the algorithm runs, and results to `outputs` when it is told to collect.
#[derive(Debug, Clone)]
pub struct Task {
    /// The job.
    pub id: JobId,
    /// Its folder on this machine.
    pub folder: PathBuf,
    /// What it runs in.
    pub image: Image,
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// Environment variables, beside the few that every process needs.
    pub environment: BTreeMap<String, String>,
    /// What it may use.
    pub limits: Limits,
    /// Whether it may reach the network.
    pub network: bool,
}

impl Task {
    /// The log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("logs").join(LOG_NAME)
    }
}

/// The name of the algorithm's log.
pub const LOG_NAME: &str = "algorithm.log";

/// How an algorithm ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Its exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it wanted more memory than it may use.
    pub out_of_memory: bool,
    /// Whether its time was over.
    pub timed_out: bool,
    /// Whether it was stopped on request.
    pub stopped: bool,
    /// Whether there was no space left for its results.
    pub disk_full: bool,
}

impl Exit {
    /// Whether it ended by itself and says that all went well.
    pub fn is_success(&self) -> bool {
        self.code == Some(0) && !self.timed_out && !self.stopped
    }
}

/// What is there of a task, as seen after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing that could be waited for.
    Absent,
    /// It runs.
    Running,
    /// It has ended; how is known, and its results can be collected.
    Ended,
}

/// Why a backend does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct BackendError {
    /// What fails because of it.
    pub kind: FailureKind,
    /// What happened; no path, address or secret of the machine, since the owner of the job reads it.
    pub text: String,
}

impl BackendError {
    /// An error of this kind.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        Self::new(error.kind, error.text)
    }
}

/// Where algorithms run.
///
/// The promise of every backend: the algorithm reads nothing of the host but what it needs to run, writes only to `/data/outputs`
/// and `/tmp` and no more than `limits` say, has no network unless `network` is set, no privileges and no way to get any, and
/// nothing of it is left after [`cleanup`](Self::cleanup). Every call may be repeated, also by another process after a crash.
#[async_trait]
pub trait ComputeBackend: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Makes the image ready: finds, fetches or builds it, and writes what it does to `log`.
    ///
    /// # Errors
    /// There is no such image, or it may not be used.
    async fn prepare(&self, task: &Task, log: &Path) -> Result<(), BackendError>;

    /// Starts the algorithm. When this returns, it runs or has ended, and both survive the end of this process.
    ///
    /// # Errors
    /// It cannot be started; nothing of it is left then, or [`cleanup`](Self::cleanup) takes it away.
    async fn start(&self, task: &Task) -> Result<(), BackendError>;

    /// What is there of the task.
    ///
    /// # Errors
    /// The backend cannot tell.
    async fn presence(&self, task: &Task) -> Result<Presence, BackendError>;

    /// Waits until the algorithm ends, and keeps its log flowing meanwhile.
    ///
    /// # Errors
    /// It is not there, or vanished.
    async fn wait(&self, task: &Task) -> Result<Exit, BackendError>;

    /// Ends the algorithm at once; [`wait`](Self::wait) returns then. Does nothing when it is not running.
    ///
    /// # Errors
    /// The backend cannot reach it.
    async fn stop(&self, task: &Task) -> Result<(), BackendError>;

    /// Copies the results to `outputs` in the job's folder: plain files and directories only.
    ///
    /// # Errors
    /// They cannot be read any more.
    async fn collect(&self, task: &Task) -> Result<(), BackendError>;

    /// Ends whatever is left of the task and frees everything it held.
    ///
    /// # Errors
    /// Something is left.
    async fn cleanup(&self, task: &Task) -> Result<(), BackendError>;
}
