//! A lock between processes and tasks, held on a file.

use std::{
    fs::{File, OpenOptions},
    path::Path,
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};

use crate::{Error, Result};

/// An exclusive lock that ends with this value, or with the process.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock; calls `waiting` once if somebody else holds it.
    pub(crate) async fn acquire(path: &Path, deadline: Duration, waiting: impl FnOnce()) -> Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(Error::io("opening", path))?;
        let begun = Instant::now();
        let mut waiting = Some(waiting);
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Error::io("locking", path)(error.into())),
            }
            if let Some(waiting) = waiting.take() {
                waiting();
            }
            if begun.elapsed() > deadline {
                return Err(Error::Deadline { what: format!("the release of {}", path.display()), deadline });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
