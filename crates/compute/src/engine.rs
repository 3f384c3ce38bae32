//! The engine: one state machine for every job, driven by events, with each step on disk before it begins.

mod drive;
mod results;
mod schedule;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use ocean_primitives::Clock;
use tokio::{
    sync::{Notify, watch},
    task::{AbortHandle, JoinHandle},
};

pub use crate::store::JobFilter;
use crate::{
    backend::{ComputeBackend, Task},
    environment::{Environment, Usage},
    error::{Error, Result},
    input::InputSource,
    job::{Failure, FailureKind, Job, JobId, JobSpec, Payment, State},
    layout,
    store::Store,
};

/// Why nothing was locked, claimed or released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SettleError {
    /// What happened, for the owner of the job.
    pub text: String,
}

/// Who locks and claims what jobs cost. Every call may be repeated after a crash, so each looks at the chain first.
#[async_trait]
pub trait Settlement: fmt::Debug + Send + Sync {
    /// Locks what the job may cost, and waits until the lock stands.
    ///
    /// # Errors
    /// Nothing was locked, or it is not known: [`settle`](Self::settle) is called then.
    async fn lock(&self, job: &Job) -> Result<Payment, SettleError>;

    /// Claims for the minutes used, or releases everything when there was nothing to pay for.
    ///
    /// # Errors
    /// It is to be tried again later.
    async fn settle(&self, job: &Job) -> Result<Payment, SettleError>;
}

/// What an engine bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineLimits {
    /// Bytes of all inputs of one job.
    pub inputs: u64,
    /// How long locking may take.
    pub lock: Duration,
    /// How long finding, fetching or building an image may take.
    pub image: Duration,
    /// How long fetching the inputs may take.
    pub provision: Duration,
    /// How long starting may take.
    pub start: Duration,
    /// How long a backend may take to end an algorithm whose time is over.
    pub grace: Duration,
    /// How long putting the results together may take.
    pub collect: Duration,
    /// How long one try to settle may take.
    pub settle: Duration,
    /// How long after a failed try to settle the next one is made; it doubles each time, up to an hour.
    pub settle_pause: Duration,
    /// How often settling is tried before the job is given up; with the pauses, much longer than any lock lasts.
    pub settle_attempts: u32,
    /// How often times are looked at that a clock decides: waiting in the queue, expiry of results.
    pub tick: Duration,
    /// How many jobs run at once over all environments.
    pub jobs: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        Self {
            inputs: 64 * GIB,
            lock: Duration::from_secs(120),
            image: Duration::from_secs(15 * 60),
            provision: Duration::from_secs(60 * 60),
            start: Duration::from_secs(120),
            grace: Duration::from_secs(60),
            collect: Duration::from_secs(10 * 60),
            settle: Duration::from_secs(120),
            settle_pause: Duration::from_secs(1),
            settle_attempts: 60,
            tick: Duration::from_secs(1),
            jobs: 64,
        }
    }
}

/// What an engine is made of.
#[derive(Debug)]
#[non_exhaustive]
pub struct EngineParts {
    /// Where the database and the jobs' folders are; made if it does not exist, and closed to other accounts.
    pub folder: PathBuf,
    /// What is offered.
    pub environments: Vec<Environment>,
    /// Where algorithms run.
    pub backend: Arc<dyn ComputeBackend>,
    /// Where inputs come from.
    pub inputs: Arc<dyn InputSource>,
    /// Who settles; without it nothing is locked, and paid jobs of the new stack are refused.
    pub settlement: Option<Arc<dyn Settlement>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: EngineLimits,
}

impl EngineParts {
    /// Parts without settlement and with default bounds.
    pub fn new(
        folder: impl Into<PathBuf>,
        environments: Vec<Environment>,
        backend: Arc<dyn ComputeBackend>,
        inputs: Arc<dyn InputSource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let limits = EngineLimits::default();
        Self { folder: folder.into(), environments, backend, inputs, settlement: None, clock, limits }
    }
}

/// The engine; cheap to clone. The last clone's end leaves running algorithms to whoever opens the folder next.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

#[derive(Debug)]
struct Shared {
    parts: EngineParts,
    store: Store,
    /// What drives a job, by its name.
    active: Mutex<HashMap<JobId, Active>>,
    /// Something changed that may let a waiting job begin.
    wake: Notify,
    /// Counts changes of jobs.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Active {
    stop: watch::Sender<bool>,
    task: AbortHandle,
}

/// The scheduler, which ends with the engine.
#[derive(Debug)]
struct Tasks {
    scheduler: JoinHandle<()>,
    shared: Arc<Shared>,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.scheduler.abort();
        self.shared.active().drain().for_each(|(_, active)| active.task.abort());
    }
}

impl Shared {
    fn active(&self) -> MutexGuard<'_, HashMap<JobId, Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn environment(&self, id: &str) -> Option<&Environment> {
        self.parts.environments.iter().find(|environment| environment.id == id)
    }

    fn now(&self) -> jiff::Timestamp {
        self.parts.clock.now()
    }

    fn folder(&self, id: &JobId) -> PathBuf {
        self.parts.folder.join("jobs").join(id.as_str())
    }

    fn task(&self, job: &Job) -> Task {
        Task {
            id: job.id.clone(),
            folder: self.folder(&job.id),
            image: job.spec.algorithm.image.clone(),
            arguments: layout::arguments(job.spec.dialect, &job.spec.algorithm.entrypoint),
            environment: layout::environment(job),
            limits: job.limits,
            network: job.network,
        }
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
        self.wake.notify_one();
    }
}

impl Engine {
    /// Opens the folder and goes on with every job that is not over. Blocks shortly, and needs a tokio runtime.
    ///
    /// # Errors
    /// The folder or the database cannot be used, or an environment's settings make no sense.
    pub fn open(parts: EngineParts) -> Result<Self> {
        for environment in &parts.environments {
            environment.check()?;
        }
        let jobs = parts.folder.join("jobs");
        std::fs::create_dir_all(&jobs).map_err(Error::file(&jobs))?;
        std::fs::set_permissions(&parts.folder, std::fs::Permissions::from_mode(0o700))
            .map_err(Error::file(&parts.folder))?;
        let store = Store::open(&parts.folder.join("jobs.sqlite"))?;
        let (changes, _) = watch::channel(0);
        let shared = Arc::new(Shared { parts, store, active: Mutex::default(), wake: Notify::new(), changes });
        let unfinished = shared.store.unfinished_blocking()?;
        for job in unfinished {
            tracing::info!(job = %job.id, state = %job.state, "a job goes on");
            match job.state {
                // The scheduler begins it.
                State::Queued => {}
                _ => drive::spawn(&shared, job.id.clone(), true),
            }
        }
        let scheduler = tokio::spawn(schedule::run(Arc::clone(&shared)));
        let tasks = Arc::new(Tasks { scheduler, shared: Arc::clone(&shared) });
        Ok(Self { shared, _tasks: tasks })
    }

    /// What is offered, and how much of it is in use.
    ///
    /// # Errors
    /// The store failed.
    pub async fn environments(&self) -> Result<Vec<Usage>> {
        let unfinished = self.shared.store.unfinished().await?;
        Ok(self.shared.parts.environments.iter().map(|environment| schedule::usage(environment, &unfinished)).collect())
    }

    /// An environment by its name.
    pub fn environment(&self, id: &str) -> Option<&Environment> {
        self.shared.environment(id)
    }

    /// Takes a job. It is on disk when this returns, and what it may cost is locked.
    ///
    /// `id` is its name where somebody has promised one already.
    ///
    /// # Errors
    /// It asks for more than is offered, the queue is full, or nothing could be locked; then there is no job.
    pub async fn submit(&self, spec: JobSpec, id: Option<JobId>) -> Result<Job> {
        let shared = &self.shared;
        let environment =
            shared.environment(&spec.environment).ok_or_else(|| Error::NoSuchEnvironment(spec.environment.clone()))?;
        let job = self.plan(environment, spec, id)?;
        let paid = job.state == State::Lock;
        let (admitted, environment) = (job.clone(), environment.clone());
        shared.store.insert(job.clone(), move |present| schedule::admit(&environment, &admitted, present)).await?;
        if !paid {
            shared.changed();
            return Ok(job);
        }
        // The lock is made by the job's own task: a client that goes away does not leave it half done.
        drive::spawn(shared, job.id.clone(), false);
        shared.changed();
        let job = self.wait_for(&job.id, |job| job.state != State::Lock).await?;
        match job.failure.clone().filter(|failure| failure.kind == FailureKind::Payment) {
            Some(failure) => Err(Error::Job(failure)),
            None => Ok(job),
        }
    }

    /// Whether a job like this would be taken, as far as the environment says; what it would be.
    ///
    /// # Errors
    /// It asks for more than is offered.
    pub fn plan(&self, environment: &Environment, spec: JobSpec, id: Option<JobId>) -> Result<Job> {
        let refused = |text: String| Err(Error::NotOffered(text));
        let longest = match (&environment.free, spec.free) {
            (Some(free), true) => free.max_job_duration.min(environment.max_job_duration),
            (None, true) => return refused(format!("environment `{}` runs nothing for free", environment.id)),
            (_, false) => environment.max_job_duration,
        };
        if spec.max_duration > longest || spec.max_duration == 0 {
            return refused(format!("a job of {} s: the longest is {longest} s", spec.max_duration));
        }
        if spec.free
            && spec.algorithm.image.dockerfile.is_some()
            && !environment.free.as_ref().is_some_and(|free| free.allow_image_build)
        {
            return refused("images are not built for free jobs".to_owned());
        }
        if layout::arguments(spec.dialect, &spec.algorithm.entrypoint).is_empty() {
            return refused("the container has no entrypoint".to_owned());
        }
        if spec.payment.is_some() && self.shared.parts.settlement.is_none() {
            return refused("nothing can be paid here".to_owned());
        }
        let granted = environment.grant(spec.free, &spec.resources)?;
        let limits = environment.limits(&granted, spec.max_duration);
        let now = self.shared.now();
        Ok(Job {
            id: id.unwrap_or_else(|| JobId::random(spec.dialect)),
            network: spec.network && environment.enable_network,
            state: if spec.payment.is_some() { State::Lock } else { State::Queued },
            spec: JobSpec { resources: granted, ..spec },
            limits,
            failure: None,
            stop: false,
            created: now,
            finished: None,
            entered: now,
            image_started: None,
            started: None,
            ended: None,
            exit: None,
            results: Vec::new(),
            settle_attempts: 0,
            expired: false,
        })
    }

    /// A job by its name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn job(&self, id: &JobId) -> Result<Option<Job>> {
        self.shared.store.get(id).await
    }

    /// The jobs that fit, the latest first. Without any condition there are none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn jobs(&self, filter: JobFilter) -> Result<Vec<Job>> {
        self.shared.store.find(filter).await
    }

    /// Asks a job to stop. What it has said and written so far becomes its results. A job that is over stays as it is.
    ///
    /// # Errors
    /// There is no such job.
    pub async fn stop(&self, id: &JobId) -> Result<Job> {
        let now = self.shared.now();
        let change = move |job: &mut Job| {
            if job.is_done() || job.stop {
                return false;
            }
            job.stop = true;
            // Nobody drives a waiting job.
            if job.state == State::Queued {
                (job.state, job.entered) = (State::Settle, now);
            }
            true
        };
        let job = self.shared.store.update(id, change).await?;
        if let Some(active) = self.shared.active().get(id) {
            active.stop.send_replace(true);
        } else if job.state == State::Settle {
            drive::spawn(&self.shared, id.clone(), false);
        }
        self.shared.changed();
        Ok(job)
    }

    /// Removes a job that is over, with its results.
    ///
    /// # Errors
    /// There is no such job, or it is not over.
    pub async fn delete(&self, id: &JobId) -> Result<()> {
        let job = self.job(id).await?.ok_or_else(|| Error::NoSuchJob(id.clone()))?;
        if !job.is_done() {
            return Err(Error::NotOffered(format!("job `{id}` is not over")));
        }
        results::remove(&self.shared.folder(id)).await?;
        self.shared.store.remove(id).await?;
        self.shared.changed();
        Ok(())
    }

    /// Waits until `condition` holds. The caller bounds the time.
    ///
    /// # Errors
    /// The store failed, or there is no such job.
    pub async fn wait_for(&self, id: &JobId, condition: impl Fn(&Job) -> bool) -> Result<Job> {
        let mut changes = self.shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let job = self.job(id).await?.ok_or_else(|| Error::NoSuchJob(id.clone()))?;
            if condition(&job) {
                return Ok(job);
            }
            changes.changed().await.map_err(|_| Error::Stopped)?;
        }
    }

    /// Opens a result from `offset` on; its whole size comes with it.
    ///
    /// # Errors
    /// There is no such job or result, or it has expired.
    pub async fn open_result(&self, id: &JobId, index: usize, offset: u64) -> Result<OpenResult> {
        let job = self.job(id).await?.ok_or_else(|| Error::NoSuchJob(id.clone()))?;
        results::open(&self.shared.folder(id), &job, index, offset).await
    }

    /// The log of a running job: what there is, then what comes, until the algorithm ends.
    ///
    /// # Errors
    /// There is no such job, or its algorithm does not run.
    pub async fn follow_log(&self, id: &JobId) -> Result<BoxStream<'static, std::io::Result<Bytes>>> {
        let job = self.job(id).await?.ok_or_else(|| Error::NoSuchJob(id.clone()))?;
        if !job.state.is_active() {
            return Err(Error::NotRunning(id.clone()));
        }
        Ok(results::follow(self.clone(), id.clone(), self.shared.task(&job).log()))
    }

    /// Waits until every job that is neither over nor waiting has come to its end.
    ///
    /// # Errors
    /// The store failed.
    pub async fn drained(&self) -> Result<()> {
        let mut changes = self.shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if self.shared.store.unfinished().await?.is_empty() {
                return Ok(());
            }
            changes.changed().await.map_err(|_| Error::Stopped)?;
        }
    }

    /// The folder that the engine works in.
    pub fn folder(&self) -> &Path {
        &self.shared.parts.folder
    }

    /// How many jobs there are by state, of those that are not over.
    ///
    /// # Errors
    /// The store failed.
    pub async fn counts(&self) -> Result<BTreeMap<State, usize>> {
        let mut counts = BTreeMap::new();
        for job in self.shared.store.unfinished().await? {
            *counts.entry(job.state).or_default() += 1;
        }
        Ok(counts)
    }
}

/// A result that is being read.
pub struct OpenResult {
    /// Its name.
    pub name: String,
    /// Its whole size in bytes, whatever the offset.
    pub size: u64,
    /// Where the bytes begin.
    pub offset: u64,
    /// The bytes.
    pub body: BoxStream<'static, std::io::Result<Bytes>>,
}

impl fmt::Debug for OpenResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenResult").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

/// The failure of a state that took too long.
fn too_long(state: State, limit: Duration) -> Failure {
    let kind = match state {
        State::Lock => FailureKind::Payment,
        State::Queued => FailureKind::QueueExpired,
        State::Image => FailureKind::ImagePull,
        State::Provision => FailureKind::Data,
        State::Start => FailureKind::Create,
        State::Run => FailureKind::Run,
        State::Collect => FailureKind::Outputs,
        State::Settle | State::Done => FailureKind::Results,
    };
    Failure::new(kind, format!("the job was longer than {} s in the state `{state}`", limit.as_secs()))
}
