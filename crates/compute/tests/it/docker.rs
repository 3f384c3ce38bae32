//! The suite on a Docker daemon. Images are built here from nothing and a static busybox, so nothing is fetched.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bollard::{API_DEFAULT_VERSION, Docker, body_full, query_parameters::CreateImageOptions};
use futures_util::StreamExt as _;
use ocean_compute::{
    backend::ComputeBackend as _,
    docker::{DockerBackend, DockerOptions},
    image::Image,
    job::{FailureKind, State},
};
use ocean_primitives::Dialect;

use crate::{
    suite::{Bench, Fixture},
    world::{Files, World, names, spec},
};

const COMMANDS: [&str; 18] = [
    "sh", "cat", "cp", "dd", "echo", "env", "find", "grep", "head", "ls", "ln", "mkdir", "mkfifo", "mount", "rm",
    "sleep", "sort", "tail",
];

pub(crate) const IMAGE: &str = "ocean-compute-test";

/// A daemon and a static shell, or the reason why there are none.
fn tools() -> Result<(PathBuf, PathBuf), String> {
    let socket = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    let socket = PathBuf::from(socket.trim_start_matches("unix://"));
    if !socket.exists() {
        return Err(format!(
            "there is no Docker daemon at {}; `apt-get install docker.io` and start it, or set DOCKER_HOST",
            socket.display()
        ));
    }
    let busybox = PathBuf::from("/bin/busybox");
    if !busybox.exists() {
        return Err("there is no static busybox; `apt-get install busybox-static`".to_owned());
    }
    if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) != 0 {
        return Err("the Docker backend needs root rights".to_owned());
    }
    Ok((socket, busybox))
}

pub(crate) async fn backend() -> Option<DockerBackend> {
    let (socket, busybox) = match tools() {
        Ok(tools) => tools,
        Err(reason) => {
            assert!(std::env::var_os("OCEAN_REQUIRE_DOCKER").is_none(), "{reason}");
            // Past the test harness, which keeps the output of tests that pass to itself.
            let _ = writeln!(std::io::stderr(), "skipped: the suite on Docker did not run: {reason}");
            return None;
        }
    };
    import(&socket, &busybox).await;
    let mut options = DockerOptions::default();
    (options.socket, options.pull) = (socket, false);
    Some(DockerBackend::connect(options).await.unwrap())
}

async fn import(socket: &Path, busybox: &Path) {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    let content = std::fs::read(busybox).unwrap();
    header.set_size(content.len() as u64);
    header.set_mode(0o755);
    tar.append_data(&mut header, "bin/busybox", content.as_slice()).unwrap();
    for command in COMMANDS {
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, format!("bin/{command}"), "busybox").unwrap();
    }
    let docker = Docker::connect_with_unix(socket.to_str().unwrap(), 60, API_DEFAULT_VERSION).unwrap();
    let docker = docker.negotiate_version().await.unwrap();
    let options = CreateImageOptions {
        from_src: Some("-".to_owned()),
        repo: Some(IMAGE.to_owned()),
        tag: Some("1".to_owned()),
        changes: vec!["ENV PATH=/bin".to_owned()],
        ..CreateImageOptions::default()
    };
    let body = body_full(tar.into_inner().unwrap().into());
    let steps: Vec<_> = docker.create_image(Some(options), Some(body), None).collect().await;
    assert!(steps.iter().all(Result::is_ok), "{steps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_backend_passes_the_suite() {
    let Some(backend) = backend().await else { return };
    Bench { backend: &backend, image: Image::new(IMAGE, "1"), groups: true }.run_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_built_from_a_dockerfile() {
    let Some(backend) = backend().await else { return };
    let mut image = Image::new("ignored", "1");
    image.dockerfile = Some(format!("FROM {IMAGE}:1\nCOPY greeting.txt /greeting\n"));
    image.build_files.insert("greeting.txt".to_owned(), "built".to_owned());
    let fixture = Fixture::new(&image, "cat /greeting > /data/outputs/greeting");
    let exit = fixture.run(&backend).await;
    assert!(exit.is_success(), "{exit:?} {}", fixture.log());
    assert_eq!(fixture.output("greeting"), "built");

    let mut broken = Fixture::new(&image, "");
    broken.task.image.dockerfile = Some(format!("FROM {IMAGE}:1\nCOPY missing /missing\n"));
    let log = broken.folder.path().join("image.log");
    let error = backend.prepare(&broken.task, &log).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::ImageBuild);
    assert!(std::fs::read_to_string(&log).unwrap().contains("missing"));
    broken.task.image.build_files.insert("../escape".to_owned(), String::new());
    assert_eq!(backend.prepare(&broken.task, &log).await.unwrap_err().kind, FailureKind::ImageBuild);
    broken.clean(&backend).await;
}

/// An engine that goes away while a container runs, and one that comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_outlives_the_engine() {
    let Some(backend) = backend().await else { return };
    let mut spec = spec(Dialect::OceanNode, "echo begun; sleep 1; echo ended > /data/outputs/result");
    spec.algorithm.image = Image::new(IMAGE, "1");
    let shared = Arc::new(backend);
    let mut parts = None;
    let world = World::with(Files::default(), |given| {
        given.backend = shared.clone();
        parts = Some((given.folder.clone(), given.environments.clone(), given.clock.clone(), given.inputs.clone()));
    })
    .await;
    let job = world.submit(spec).await;
    world.reaches(&job.id, |job| job.state == State::Run).await;
    let (folder, environments, clock, inputs) = parts.unwrap();
    let World { engine, _folder: kept, .. } = world;
    drop(engine);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let parts = ocean_compute::EngineParts::new(folder, environments, shared, inputs, clock);
    let engine = ocean_compute::Engine::open(parts).unwrap();
    let over =
        tokio::time::timeout(Duration::from_secs(30), engine.wait_for(&job.id, ocean_compute::job::Job::is_done));
    let job = over.await.unwrap().unwrap();
    assert_eq!((job.failure.clone(), job.exit.unwrap().code), (None, Some(0)));
    assert_eq!(names(&job), ["image.log", "configuration.log", "algorithm.log", "outputs.tar", "publish.log"]);
    drop(kept);
}
