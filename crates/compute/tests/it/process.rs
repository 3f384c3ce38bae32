use ocean_compute::{
    image::{HostImage, Image, ImageMap},
    process::{ProcessBackend, ProcessOptions},
};

use crate::suite::Bench;

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
