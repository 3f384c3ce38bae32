//! The threads that the servers inside this process run on.

use std::{thread, time::Duration};

use tokio::runtime::{Handle, Runtime};

use crate::{Error, Result};

/// Long enough for a blocking database write, short enough not to be noticed.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// A runtime of its own, so that dropping it ends every server and frees every port, whatever the caller's runtime does.
#[derive(Debug)]
pub(super) struct ServerRuntime {
    handle: Handle,
    // Taken by `drop` alone.
    runtime: Option<Runtime>,
}

impl ServerRuntime {
    pub(super) fn new() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            // Unoptimised code keeps the large states of requests on the stack, several times over.
            .thread_stack_size(8 * 1024 * 1024)
            .thread_name("ocean-testbed")
            .enable_all()
            .build()
            .map_err(Error::component("starting the threads of the servers"))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Where the servers' tasks are spawned.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for ServerRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime must not be dropped on a thread of another one, so a thread of its own waits for it.
            let _ = thread::spawn(move || runtime.shutdown_timeout(SHUTDOWN)).join();
        }
    }
}
