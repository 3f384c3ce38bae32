use std::time::{Duration, Instant};

use ocean_compute::{
    backend::ComputeBackend as _,
    image::{HostImage, Image, ImageMap},
    process::{ProcessBackend, ProcessOptions},
};

use crate::suite::{Bench, Fixture, is_running};

pub(crate) async fn backend() -> ProcessBackend {
    let mut options = ProcessOptions::default();
    options.images = ImageMap(vec![HostImage { images: vec!["ubuntu:*".to_owned()], ..HostImage::default() }]);
    ProcessBackend::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_backend_passes_the_suite() {
    let backend = backend().await;
    Bench { backend: &backend, image: Image::new("ubuntu", "latest"), groups: backend.has_cgroups() }.run_all().await;
}

/// Dropping a backend that algorithms are tied to ends them, with everything that they have started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tied_algorithms_end_with_their_server() {
    let mut options = ProcessOptions::default();
    (options.images, options.tied) = (ImageMap::development(), true);
    let backend = ProcessBackend::start(options).await.unwrap();
    let fixture = Fixture::new(&Image::new("ubuntu", "latest"), "echo begun; sleep 77127 & sleep 77127");
    backend.start(&fixture.task).await.unwrap();
    let begun = Instant::now();
    // The log speaks a moment before there is a process of that name.
    while !is_running("77127") {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not run: {}", fixture.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(backend);
    let begun = Instant::now();
    while is_running("77127") {
        assert!(begun.elapsed() < Duration::from_secs(10), "it runs on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
