//! The threads that the servers inside this process run on.

use std::{fmt, future::Future, thread, time::Duration};

use tokio::{runtime::Runtime, task::JoinHandle};

use crate::{Error, Result};

/// Long enough for a blocking database write, short enough not to be noticed.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// A runtime of its own, so that dropping it ends every server and frees every port, whatever the caller's runtime does.
pub(super) struct ServerRuntime(Option<Runtime>);

impl ServerRuntime {
    pub(super) fn new() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("ocean-testbed")
            .enable_all()
            .build()
            .map_err(Error::component("starting the threads of the servers"))?;
        Ok(Self(Some(runtime)))
    }

    /// Runs a future on the servers' threads.
    pub(super) fn spawn<T: Send + 'static>(&self, job: impl Future<Output = T> + Send + 'static) -> Option<JoinHandle<T>> {
        self.0.as_ref().map(|runtime| runtime.spawn(job))
    }
}

impl Drop for ServerRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A runtime must not be dropped on a thread of another one, so a thread of its own waits for it.
            let _ = thread::spawn(move || runtime.shutdown_timeout(SHUTDOWN)).join();
        }
    }
}

impl fmt::Debug for ServerRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerRuntime")
    }
}
