use std::{io, path::PathBuf};

use crate::job::{Failure, JobId};

/// What the engine or a backend cannot do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database of jobs failed.
    #[error("the store of jobs failed")]
    Store(#[from] rusqlite::Error),
    /// A stored job cannot be read.
    #[error("job `{id}` is not readable in the store")]
    Corrupt {
        /// Which.
        id: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The database was written by a later version.
    #[error("the store of jobs has layout {found}, this version knows {known}")]
    Layout {
        /// The layout of the file.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// A file or directory of a job.
    #[error("`{}` cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is no such job.
    #[error("there is no job `{0}`")]
    NoSuchJob(JobId),
    /// There is no such environment.
    #[error("there is no compute environment `{0}`")]
    NoSuchEnvironment(String),
    /// What was asked for is not offered; the text says what and why.
    #[error("{0}")]
    NotOffered(String),
    /// Every place in the queue is taken.
    #[error("the queue of environment `{environment}` is full")]
    QueueFull {
        /// Which.
        environment: String,
    },
    /// There is no such result.
    #[error("job `{id}` has no result {index}")]
    NoSuchResult {
        /// The job.
        id: JobId,
        /// What was asked for.
        index: usize,
    },
    /// The log of a job that does not run.
    #[error("job `{0}` is not running")]
    NotRunning(JobId),
    /// A settings value that cannot be used.
    #[error("{name}: {problem}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The job fails for this reason.
    #[error("{0}")]
    Job(Failure),
    /// The backend does not work on this machine.
    #[error("the {backend} backend cannot be used: {problem}")]
    Backend {
        /// Which.
        backend: &'static str,
        /// Why.
        problem: String,
    },
    /// Background work of the engine has ended.
    #[error("the engine has stopped")]
    Stopped,
}

impl Error {
    /// A file that cannot be used.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Whether something named in the request does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NoSuchJob(_) | Self::NoSuchEnvironment(_) | Self::NoSuchResult { .. })
    }

    /// Whether the caller asked for something that is not offered, rather than the engine having failed.
    pub fn is_refusal(&self) -> bool {
        self.is_not_found() || matches!(self, Self::NotOffered(_) | Self::QueueFull { .. } | Self::NotRunning(_))
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::QueueFull { .. } | Self::Store(_) | Self::Stopped)
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
