//! The server is killed with SIGKILL at every state of a job, before and after what it does there; whoever opens the folder next
//! brings the job to its end.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ocean_compute::{
    Engine, EngineParts,
    backend::ComputeBackend,
    image::Image,
    input::{InputError, InputFile, InputSource},
    job::{Input, Job, State},
};
use ocean_primitives::Dialect;

use crate::{
    suite::is_running,
    world::{Files, HandClock, Hooked, Point, environment, input, names, spec},
};

const FOLDER: &str = "OCEAN_COMPUTE_TEST_FOLDER";
const STOP_AT: &str = "OCEAN_COMPUTE_TEST_STOP_AT";
const BACKEND: &str = "OCEAN_COMPUTE_TEST_BACKEND";

/// Where the server stands still until it is killed.
const PLACES: [&str; 11] = [
    "prepare-before",
    "prepare-after",
    "inputs",
    "start-before",
    "start-after",
    "wait-before",
    "wait-after",
    "collect-before",
    "collect-after",
    "cleanup-before",
    "cleanup-after",
];

fn point(place: &str) -> Option<(Point, bool)> {
    let (call, when) = place.split_once('-')?;
    let point = match call {
        "prepare" => Point::Prepare,
        "start" => Point::Start,
        "wait" => Point::Wait,
        "collect" => Point::Collect,
        "cleanup" => Point::Cleanup,
        _ => return None,
    };
    Some((point, when == "after"))
}

/// Files that never come.
#[derive(Debug)]
struct Stuck(PathBuf);

#[async_trait]
impl InputSource for Stuck {
    async fn count(&self, _: &Input) -> Result<usize, InputError> {
        std::fs::write(&self.0, "reached").unwrap();
        std::future::pending().await
    }

    async fn open(&self, _: &Input, _: usize) -> Result<InputFile, InputError> {
        std::future::pending().await
    }
}

fn files() -> Files {
    Files::default().with("did:op:aa", &[("a", "content of a")])
}

/// The backend of that name, and an image of it; nothing where it is not to be had here.
async fn backend(name: &str) -> Option<(Arc<dyn ComputeBackend>, Image)> {
    match name {
        "docker" => Some((Arc::new(crate::docker::backend().await?), Image::new(crate::docker::IMAGE, "1"))),
        _ => Some((Arc::new(crate::process::backend().await), Image::new("ubuntu", "latest"))),
    }
}

async fn engine(folder: &Path, place: &str, inner: Arc<dyn ComputeBackend>) -> Engine {
    let marker = folder.join("marker");
    let inputs: Arc<dyn InputSource> =
        if place == "inputs" { Arc::new(Stuck(marker.clone())) } else { Arc::new(files()) };
    let backend = Arc::new(Hooked { inner, point: point(place), marker });
    let clock = Arc::new(HandClock::default());
    let parts = EngineParts::new(folder.join("compute"), vec![environment()], backend, inputs, clock);
    Engine::open(parts).unwrap()
}

/// The server that is killed: this test, started again with two variables set. Without them it looks at the places only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server() {
    let Ok(folder) = std::env::var(FOLDER) else {
        let points: Vec<_> = PLACES.into_iter().filter_map(point).collect();
        assert_eq!(points.len(), PLACES.len() - 1, "every place but the inputs is one of the backend's");
        return;
    };
    let name = std::env::var(BACKEND).unwrap();
    let (backend, image) = backend(&name).await.unwrap();
    let engine = engine(Path::new(&folder), &std::env::var(STOP_AT).unwrap(), backend).await;
    let script = format!(
        "echo started >> /tmp/x; cat /data/inputs/aa/0; sleep 0.4; cp /data/inputs/aa/0 /data/outputs/copy; sleep {}",
        word(&name)
    );
    let mut spec = spec(Dialect::Provider, &script);
    spec.algorithm.image = image;
    spec.datasets = vec![input("did:op:aa")];
    engine.submit(spec, None).await.unwrap();
    std::future::pending::<()>().await;
}

/// A word in the command line of what runs.
fn word(name: &str) -> &'static str {
    if name == "docker" { "0.0771271" } else { "0.0771272" }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_process() {
    walk("process").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_container() {
    walk("docker").await;
}

async fn walk(name: &str) {
    let Some((backend, _)) = backend(name).await else { return };
    for place in PLACES {
        let folder = tempfile::Builder::new().prefix("ocean-compute-").tempdir().unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::server", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(STOP_AT, place)
            .env(BACKEND, name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Killed(child);
        let (begun, marker) = (Instant::now(), folder.path().join("marker"));
        while !marker.exists() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{place} was not reached");
            assert!(server.0.try_wait().unwrap().is_none(), "{place}: the server ended by itself");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.0.kill().unwrap();
        server.0.wait().unwrap();

        let engine = engine(folder.path(), "nowhere", backend.clone()).await;
        let finished = tokio::time::timeout(Duration::from_secs(30), engine.drained()).await;
        let filter = ocean_compute::engine::JobFilter { owner: Some(crate::world::OWNER), ..Default::default() };
        let job = engine.jobs(filter).await.unwrap().remove(0);
        assert!(finished.is_ok(), "{place}: stuck: {job:#?}");
        check(place, &job);
        let result = folder.path().join("compute/jobs").join(job.id.as_str()).join("results/0");
        assert_eq!(std::fs::read_to_string(result).unwrap(), "content of a", "{place}");
        assert!(!is_running(word(name)), "{place}: something runs on");
    }
}

#[track_caller]
fn check(place: &str, job: &Job) {
    assert_eq!((job.state, &job.failure), (State::Done, &None), "{place}");
    assert_eq!(job.exit.and_then(|exit| exit.code), Some(0), "{place}");
    assert_eq!(names(job), ["copy", "algorithm.log", "configuration.log", "publish.log"], "{place}");
}

/// What ran when the machine went down cannot go on, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_algorithm_that_is_gone_fails_with_its_reason() {
    let folder = tempfile::Builder::new().prefix("ocean-compute-").tempdir().unwrap();
    let (backend, _) = backend("process").await.unwrap();
    let engine = engine(folder.path(), "nowhere", backend.clone()).await;
    let job = engine.submit(spec(Dialect::OceanNode, "echo said; sleep 60"), None).await.unwrap();
    let running = engine.wait_for(&job.id, |job| job.state == State::Run);
    tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
    drop(engine);
    let sandbox = folder.path().join("compute/jobs").join(job.id.as_str()).join("sandbox");
    let keeper = std::fs::read_to_string(sandbox.join("keeper")).unwrap();
    assert!(Command::new("kill").args(["-9", keeper.trim()]).status().unwrap().success());

    let engine = self::engine(folder.path(), "nowhere", backend).await;
    let over = tokio::time::timeout(Duration::from_secs(20), engine.wait_for(&job.id, Job::is_done));
    let job = over.await.unwrap().unwrap();
    let status = ocean_compute::status::status_of(&job);
    assert_eq!((status.number, status.text), (41, "Failed to run algorithm"));
    assert!(names(&job).contains(&"algorithm.log"), "{job:#?}");
}
