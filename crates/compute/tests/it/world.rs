//! An engine on the process backend, with inputs from memory and a place to intervene.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use ocean_compute::{
    Engine, EngineParts,
    backend::{BackendError, ComputeBackend, Exit, Presence, Task},
    environment::{Environment, FreeTier},
    image::Image,
    input::{InputError, InputFile, InputSource},
    job::{Algorithm, Input, Job, JobId, JobSpec},
};
use ocean_primitives::{Address, Clock, Dialect, address};
use tempfile::TempDir;
use tokio::time::timeout;

pub(crate) const OWNER: Address = address!("0xA78deb2Fa79463945C247991075E2a0e98Ba7A09");

/// Files by DID, with the names that the source gives them.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, Vec<File>>);

/// The name that the source gives a file, and its content.
type File = (Option<String>, Vec<u8>);

impl Files {
    pub(crate) fn with(mut self, did: &str, files: &[(&str, &str)]) -> Self {
        let named = |(name, content): &(&str, &str)| {
            ((!name.is_empty()).then(|| (*name).to_owned()), content.as_bytes().to_vec())
        };
        self.0.insert(did.to_owned(), files.iter().map(named).collect());
        self
    }
}

#[async_trait]
impl InputSource for Files {
    async fn count(&self, input: &Input) -> Result<usize, InputError> {
        self.0.get(&input.did).map(Vec::len).ok_or_else(|| InputError(format!("there is no {}", input.did)))
    }

    async fn open(&self, input: &Input, index: usize) -> Result<InputFile, InputError> {
        let (name, content) = self.0[&input.did][index].clone();
        let pieces: Vec<_> = content.chunks(3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let length = Some(content.len() as u64);
        Ok(InputFile { name, length, body: stream::iter(pieces).boxed() })
    }
}

/// A clock that is moved by hand.
#[derive(Debug, Default)]
pub(crate) struct HandClock(Mutex<SignedDuration>);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += SignedDuration::try_from(by).unwrap();
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + *self.0.lock().unwrap()
    }
}

/// Where a [`Hooked`] backend stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    Prepare,
    Start,
    Wait,
    Collect,
    Cleanup,
}

/// A backend that stands still for ever before or after one of its calls, and says so in a file.
#[derive(Debug)]
pub(crate) struct Hooked {
    pub(crate) inner: Arc<dyn ComputeBackend>,
    pub(crate) point: Option<(Point, bool)>,
    pub(crate) marker: PathBuf,
}

impl Hooked {
    async fn at(&self, point: Point, after: bool) {
        if self.point == Some((point, after)) {
            std::fs::write(&self.marker, "reached").unwrap();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl ComputeBackend for Hooked {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn prepare(&self, task: &Task, log: &Path) -> Result<(), BackendError> {
        self.at(Point::Prepare, false).await;
        self.inner.prepare(task, log).await?;
        self.at(Point::Prepare, true).await;
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<(), BackendError> {
        self.at(Point::Start, false).await;
        self.inner.start(task).await?;
        self.at(Point::Start, true).await;
        Ok(())
    }

    async fn presence(&self, task: &Task) -> Result<Presence, BackendError> {
        self.inner.presence(task).await
    }

    async fn wait(&self, task: &Task) -> Result<Exit, BackendError> {
        self.at(Point::Wait, false).await;
        let exit = self.inner.wait(task).await?;
        self.at(Point::Wait, true).await;
        Ok(exit)
    }

    async fn stop(&self, task: &Task) -> Result<(), BackendError> {
        self.inner.stop(task).await
    }

    async fn collect(&self, task: &Task) -> Result<(), BackendError> {
        self.at(Point::Collect, false).await;
        self.inner.collect(task).await?;
        self.at(Point::Collect, true).await;
        Ok(())
    }

    async fn cleanup(&self, task: &Task) -> Result<(), BackendError> {
        self.at(Point::Cleanup, false).await;
        self.inner.cleanup(task).await?;
        self.at(Point::Cleanup, true).await;
        Ok(())
    }
}

/// An environment with two places, paid and free.
pub(crate) fn environment() -> Environment {
    let mut environment = Environment::new("env", 2, 2, 0);
    environment.max_jobs = 2;
    environment.free = Some(FreeTier { max_jobs: 1, ..FreeTier::default() });
    environment.resources[2].total = 4;
    environment
}

/// A job that runs a shell script.
pub(crate) fn spec(dialect: Dialect, script: &str) -> JobSpec {
    JobSpec {
        dialect,
        owner: OWNER,
        chain_id: None,
        agreement_id: String::new(),
        environment: "env".to_owned(),
        free: false,
        datasets: Vec::new(),
        algorithm: Algorithm {
            raw_code: Some(script.to_owned()),
            image: Image::new("ubuntu", "latest"),
            entrypoint: "sh $ALGO".to_owned(),
            ..Algorithm::default()
        },
        max_duration: 30,
        resources: BTreeMap::new(),
        network: false,
        metadata: None,
        payment: None,
        extra: serde_json::Value::Null,
    }
}

pub(crate) fn input(did: &str) -> Input {
    Input { did: did.to_owned(), service_id: "0".to_owned(), ..Input::default() }
}

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) _folder: TempDir,
}

impl World {
    pub(crate) async fn new(files: Files) -> Self {
        Self::with(files, |_| ()).await
    }

    pub(crate) async fn with(files: Files, change: impl FnOnce(&mut EngineParts)) -> Self {
        let folder = tempfile::Builder::new().prefix("ocean-compute-").tempdir().unwrap();
        let clock = Arc::new(HandClock::default());
        let backend = Arc::new(crate::process::backend().await);
        let mut parts = EngineParts::new(
            folder.path().join("compute"),
            vec![environment()],
            backend,
            Arc::new(files),
            clock.clone(),
        );
        parts.limits.tick = Duration::from_millis(20);
        change(&mut parts);
        Self { engine: Engine::open(parts).unwrap(), clock, _folder: folder }
    }

    pub(crate) async fn submit(&self, spec: JobSpec) -> Job {
        self.engine.submit(spec, None).await.unwrap()
    }

    /// The job once it is over.
    pub(crate) async fn done(&self, id: &JobId) -> Job {
        self.reaches(id, Job::is_done).await
    }

    pub(crate) async fn reaches(&self, id: &JobId, condition: impl Fn(&Job) -> bool) -> Job {
        let waited = timeout(Duration::from_secs(60), self.engine.wait_for(id, condition)).await;
        match waited {
            Ok(job) => job.unwrap(),
            Err(_) => panic!("stuck: {:#?}", self.engine.job(id).await),
        }
    }

    pub(crate) async fn run(&self, spec: JobSpec) -> Job {
        let job = self.submit(spec).await;
        self.done(&job.id).await
    }

    pub(crate) async fn result(&self, job: &Job, name: &str) -> String {
        String::from_utf8_lossy(&self.bytes(job, name).await).into_owned()
    }

    pub(crate) async fn bytes(&self, job: &Job, name: &str) -> Vec<u8> {
        let index =
            job.results.iter().position(|result| result.name == name).unwrap_or_else(|| panic!("{name} in {job:#?}"));
        self.read(&job.id, index, 0).await
    }

    pub(crate) async fn read(&self, id: &JobId, index: usize, offset: u64) -> Vec<u8> {
        let opened = self.engine.open_result(id, index, offset).await.unwrap();
        let pieces: Vec<_> = opened.body.map(Result::unwrap).collect().await;
        pieces.concat()
    }
}

pub(crate) fn names(job: &Job) -> Vec<&str> {
    job.results.iter().map(|result| result.name.as_str()).collect()
}
