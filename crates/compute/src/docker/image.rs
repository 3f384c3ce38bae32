//! Images: found, fetched, or built from a Dockerfile.

use std::path::{Component, Path};

use bollard::{
    Docker, body_full,
    query_parameters::{BuildImageOptions, CreateImageOptions},
};
use futures_util::StreamExt as _;

use super::{failed, is_missing, said};
use crate::{
    backend::{BackendError, Task},
    job::FailureKind,
};

/// How much of what a fetch or a build says is kept, in bytes.
const MOST_SAID: usize = 1024 * 1024;

/// What the container is made of.
pub(super) fn reference(task: &Task) -> String {
    match task.image.dockerfile {
        Some(_) => format!("ocean-compute-build:{}", task.id),
        None => task.image.reference(),
    }
}

/// Makes the image ready; what was said is in `log` in any case.
pub(super) async fn prepare(docker: &Docker, task: &Task, log: &Path, pull: bool) -> Result<(), BackendError> {
    let mut said = String::new();
    let made = match &task.image.dockerfile {
        Some(dockerfile) => build(docker, task, dockerfile, &mut said).await,
        None => find(docker, task, pull, &mut said).await,
    };
    if let Err(error) = &made {
        note(&mut said, &error.text);
    }
    tokio::fs::write(log, said).await.map_err(|error| BackendError::new(FailureKind::ImagePull, error.to_string()))?;
    made
}

fn note(said: &mut String, line: &str) {
    let line = line.trim_end();
    if !line.is_empty() && said.len() + line.len() < MOST_SAID {
        said.push_str(line);
        said.push('\n');
    }
}

async fn find(docker: &Docker, task: &Task, pull: bool, log: &mut String) -> Result<(), BackendError> {
    let reference = task.image.reference();
    match docker.inspect_image(&reference).await {
        Ok(_) => {
            note(log, &format!("{reference} is on this machine"));
            return Ok(());
        }
        Err(error) if is_missing(&error) && pull => {}
        Err(error) => return Err(failed(FailureKind::ImagePull, &error)),
    }
    note(log, &format!("{reference} is fetched"));
    let options = CreateImageOptions { from_image: Some(reference), ..CreateImageOptions::default() };
    let mut progress = std::pin::pin!(docker.create_image(Some(options), None, None));
    while let Some(step) = progress.next().await {
        let step = step.map_err(|error| failed(FailureKind::ImagePull, &error))?;
        if let Some(text) = step.error_detail.and_then(|detail| detail.message) {
            return Err(BackendError::new(FailureKind::ImagePull, text));
        }
        note(log, &[step.id.unwrap_or_default(), step.status.unwrap_or_default()].join(" "));
    }
    Ok(())
}

async fn build(docker: &Docker, task: &Task, dockerfile: &str, log: &mut String) -> Result<(), BackendError> {
    let refused = |text: String| BackendError::new(FailureKind::ImageBuild, text);
    let mut tar = tar::Builder::new(Vec::new());
    let files = task.image.build_files.iter().map(|(name, content)| (name.as_str(), content.as_str()));
    for (name, content) in [("Dockerfile", dockerfile)].into_iter().chain(files) {
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || name.is_empty() {
            return Err(refused(format!("`{name}` is no place for a file of the build")));
        }
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        tar.append_data(&mut header, name, content.as_bytes()).map_err(|error| refused(error.to_string()))?;
    }
    let context = tar.into_inner().map_err(|error| refused(error.to_string()))?;
    let number = |value: u64| i32::try_from(value).unwrap_or(i32::MAX);
    let options = BuildImageOptions {
        dockerfile: "Dockerfile".to_owned(),
        t: Some(reference(task)),
        nocache: true,
        rm: true,
        forcerm: true,
        memory: Some(number(task.limits.memory)),
        memswap: Some(number(task.limits.memory)),
        networkmode: (!task.network).then(|| "none".to_owned()),
        ..BuildImageOptions::default()
    };
    let mut progress = std::pin::pin!(docker.build_image(options, None, Some(body_full(context.into()))));
    while let Some(step) = progress.next().await {
        let step = step.map_err(|error| refused(said(&error)))?;
        if let Some(text) = step.error_detail.and_then(|detail| detail.message) {
            return Err(refused(text));
        }
        note(log, &step.stream.or(step.status).unwrap_or_default());
    }
    Ok(())
}
