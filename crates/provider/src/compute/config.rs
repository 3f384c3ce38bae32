//! Settings of compute, for every server that offers it.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ocean_compute::{
    backend::ComputeBackend,
    docker::{DockerBackend, DockerOptions},
    environment::Environment,
    image::ImageMap,
    process::{ProcessBackend, ProcessOptions},
};

use super::ComputeSetup;
use crate::error::{Error, Result};

/// Where algorithms run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendArg {
    /// As processes of this machine; weaker than a virtual machine.
    #[default]
    Process,
    /// As containers of a Docker daemon on this machine.
    Docker,
}

/// What a server is told of compute; it offers none unless environments are named.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ComputeArgs {
    /// JSON list of compute environments, or `file:<path>` of one.
    #[arg(long, env = "COMPUTE_ENVIRONMENTS")]
    pub compute_environments: Option<String>,

    /// Where algorithms run.
    #[arg(long, env = "COMPUTE_BACKEND", value_enum, default_value = "process")]
    pub compute_backend: BackendArg,

    /// The socket of the Docker daemon.
    #[arg(long, env = "COMPUTE_DOCKER_SOCKET", default_value = "/var/run/docker.sock")]
    pub compute_docker_socket: PathBuf,

    /// For development only: JSON list of what of this machine stands in for which images on the process backend, or `host` for
    /// its own Python and Node.
    #[arg(long, env = "COMPUTE_DEVELOPMENT_IMAGES")]
    pub compute_development_images: Option<String>,
}

impl ComputeArgs {
    /// The setup, with everything kept in `folder`; nothing where no environments are named.
    ///
    /// # Errors
    /// A setting that cannot be used, or a backend that does not work here.
    pub async fn setup(&self, folder: &Path) -> Result<Option<ComputeSetup>> {
        let Some(text) = self.compute_environments.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let bad = |name, problem: String| Error::Setting { name, problem };
        let name = "COMPUTE_ENVIRONMENTS";
        let text = match text.strip_prefix("file:") {
            None => text.to_owned(),
            Some(path) => {
                let path = PathBuf::from(path);
                std::fs::read_to_string(&path).map_err(|source| Error::Path { path, source })?
            }
        };
        let environments: Vec<Environment> = serde_json::from_str(&text)
            .map_err(|error| bad(name, format!("is not a list of environments: {error}")))?;
        for environment in &environments {
            environment.check().map_err(|error| bad(name, error.to_string()))?;
        }
        let backend = self.backend().await?;
        Ok(Some(ComputeSetup::new(folder, environments, backend)))
    }

    async fn backend(&self) -> Result<std::sync::Arc<dyn ComputeBackend>> {
        let failed =
            |error: ocean_compute::Error| Error::Setting { name: "COMPUTE_BACKEND", problem: error.to_string() };
        match self.compute_backend {
            BackendArg::Process => {
                let mut options = ProcessOptions::default();
                options.images = match self.compute_development_images.as_deref() {
                    None => ImageMap::default(),
                    Some("host") => ImageMap::development(),
                    Some(text) => serde_json::from_str(text).map_err(|error| Error::Setting {
                        name: "COMPUTE_DEVELOPMENT_IMAGES",
                        problem: format!("is not a list of images: {error}"),
                    })?,
                };
                Ok(std::sync::Arc::new(ProcessBackend::start(options).await.map_err(failed)?))
            }
            BackendArg::Docker => {
                let mut options = DockerOptions::default();
                options.socket.clone_from(&self.compute_docker_socket);
                Ok(std::sync::Arc::new(DockerBackend::connect(options).await.map_err(failed)?))
            }
        }
    }
}
