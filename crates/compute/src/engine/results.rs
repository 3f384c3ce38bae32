//! What a job leaves behind: its logs and its outputs, by number, so that no name of the algorithm's is ever a path.

use std::{
    io::{self, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use ocean_primitives::Dialect;
use tokio::{
    fs,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
    task::spawn_blocking,
};
use tokio_util::io::ReaderStream;

use super::{Engine, OpenResult};
use crate::{
    backend::LOG_NAME,
    error::{Error, Result},
    job::{Job, JobId, ResultFile, ResultKind, State},
};

pub(super) const IMAGE_LOG: &str = "image.log";
pub(super) const CONFIGURATION_LOG: &str = "configuration.log";
const PUBLISH_LOG: &str = "publish.log";
const OUTPUTS_TAR: &str = "outputs.tar";

/// How often a log that is being followed is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// The largest piece of a log that is handed on at once.
const PIECE: usize = 64 * 1024;

/// Puts the results together in the order and form of the job's dialect.
pub(super) async fn assemble(job: &Job, folder: &Path, said: &str) -> io::Result<Vec<ResultFile>> {
    let (folder, dialect, ran, said) = (folder.to_owned(), job.spec.dialect, job.exit.is_some(), said.to_owned());
    spawn_blocking(move || assemble_blocking(&folder, dialect, ran, &said)).await.map_err(io::Error::other)?
}

fn assemble_blocking(folder: &Path, dialect: Dialect, ran: bool, said: &str) -> io::Result<Vec<ResultFile>> {
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    std::fs::write(logs.join(PUBLISH_LOG), said)?;
    let results = folder.join("results");
    match std::fs::remove_dir_all(&results) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(&results)?;
    let mut listed: Vec<ResultFile> = Vec::new();
    let mut add = |from: &Path, name: String, kind: ResultKind| -> io::Result<()> {
        let to = results.join(listed.len().to_string());
        let size = match std::fs::hard_link(from, &to) {
            Ok(()) => std::fs::metadata(&to)?.len(),
            Err(_) => std::fs::copy(from, &to)?,
        };
        listed.push(ResultFile { name, size, kind });
        Ok(())
    };
    let log = |name: &str| Some(logs.join(name)).filter(|path| path.is_file());
    let outputs = folder.join("outputs");
    match dialect {
        Dialect::OceanNode => {
            for (name, kind) in [
                (IMAGE_LOG, ResultKind::ImageLog),
                (CONFIGURATION_LOG, ResultKind::ConfigurationLog),
                (LOG_NAME, ResultKind::AlgorithmLog),
            ] {
                if let Some(path) = log(name) {
                    add(&path, name.to_owned(), kind)?;
                }
            }
            if ran && outputs.is_dir() {
                let tar = folder.join(OUTPUTS_TAR);
                pack(&outputs, &tar)?;
                add(&tar, OUTPUTS_TAR.to_owned(), ResultKind::Output)?;
                std::fs::remove_file(&tar)?;
            }
        }
        _ => {
            if ran && outputs.is_dir() {
                for (path, name) in files(&outputs)? {
                    add(&path, name, ResultKind::Output)?;
                }
            }
            for (name, kind) in
                [(LOG_NAME, ResultKind::AlgorithmLog), (CONFIGURATION_LOG, ResultKind::ConfigurationLog)]
            {
                if let Some(path) = log(name) {
                    add(&path, name.to_owned(), kind)?;
                }
            }
        }
    }
    add(&logs.join(PUBLISH_LOG), PUBLISH_LOG.to_owned(), ResultKind::PublishLog)?;
    Ok(listed)
}

/// Every file with its path below `folder`, in order.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((place, above)) = waiting.pop() {
        for entry in std::fs::read_dir(place)? {
            let entry = entry?;
            let name = format!("{above}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else {
                found.push((entry.path(), name));
            }
        }
    }
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    Ok(found)
}

/// One archive of everything, as `/data/outputs` gives it in the ocean-node dialect: its entries lie below `outputs/`.
fn pack(outputs: &Path, to: &Path) -> io::Result<()> {
    let mut tar = tar::Builder::new(io::BufWriter::new(std::fs::File::create(to)?));
    tar.mode(tar::HeaderMode::Deterministic);
    tar.follow_symlinks(false);
    tar.append_dir_all("outputs", outputs)?;
    io::Write::flush(&mut tar.into_inner()?)
}

/// Opens a result by its number.
pub(super) async fn open(folder: &Path, job: &Job, index: usize, offset: u64) -> Result<OpenResult> {
    let missing = || Error::NoSuchResult { id: job.id.clone(), index };
    let listed = job.results.get(index).filter(|_| !job.expired).ok_or_else(missing)?;
    let path = folder.join("results").join(index.to_string());
    let mut file = match fs::File::open(&path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        opened => opened.map_err(Error::file(&path))?,
    };
    let offset = offset.min(listed.size);
    file.seek(SeekFrom::Start(offset)).await.map_err(Error::file(&path))?;
    // A log that is being written beyond what was listed does not make the answer longer than it says.
    let body = ReaderStream::with_capacity(file.take(listed.size - offset), PIECE).boxed();
    Ok(OpenResult { name: listed.name.clone(), size: listed.size, offset, body })
}

/// A log as it grows, until the algorithm ends.
pub(super) fn follow(engine: Engine, id: JobId, path: PathBuf) -> BoxStream<'static, io::Result<Bytes>> {
    let started = (engine, id, path, None::<fs::File>);
    stream::try_unfold(started, |(engine, id, path, mut file)| async move {
        loop {
            let running = engine
                .job(&id)
                .await
                .ok()
                .flatten()
                .is_some_and(|job| (State::Image..=State::Run).contains(&job.state));
            if file.is_none() {
                file = fs::File::open(&path).await.ok();
            }
            if let Some(log) = &mut file {
                let mut piece = Vec::with_capacity(PIECE);
                log.take(PIECE as u64).read_to_end(&mut piece).await?;
                if !piece.is_empty() {
                    return Ok(Some((Bytes::from(piece), (engine, id, path, file))));
                }
            }
            // What was said between the question and the look has been read by now.
            if !running {
                return Ok(None);
            }
            tokio::time::sleep(LOOK).await;
        }
    })
    .boxed()
}

/// Removes everything of a job.
pub(super) async fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(folder)(error)),
        _ => Ok(()),
    }
}
