//! An Anvil process.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{ChildProcess, Result, Tools};

/// What to start; see [`Anvil::builder`].
#[derive(Debug, Clone)]
pub struct AnvilBuilder {
    pub(crate) program: PathBuf,
    pub(crate) port: u16,
    pub(crate) chain_id: u64,
    pub(crate) block_time: Option<Duration>,
    pub(crate) load_state: Option<PathBuf>,
    pub(crate) dump_state: Option<PathBuf>,
    pub(crate) log_dir: Option<PathBuf>,
    pub(crate) port_flag: String,
}

/// A running Anvil that ends with this value.
#[derive(Debug)]
pub struct Anvil {
    process: ChildProcess,
    url: String,
    port: u16,
}

impl Anvil {
    /// An Anvil as Barge's chain is: chain id 8996, the accounts of [`MNEMONIC`](crate::MNEMONIC), a block per transaction, any free port.
    pub fn builder(tools: &Tools) -> AnvilBuilder {
        AnvilBuilder {
            program: tools.anvil.clone(),
            port: 0,
            chain_id: 8996,
            block_time: None,
            load_state: None,
            dump_state: None,
            log_dir: None,
            port_flag: "port 0".to_owned(),
        }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The file that receives its output.
    pub fn log_path(&self) -> &Path {
        self.process.log_path()
    }

    /// Ends the process and waits for it.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}

impl AnvilBuilder {
    /// Starts the process and waits until it listens.
    ///
    /// # Errors
    /// When the port is taken or the process ends.
    pub async fn spawn(self) -> Result<Anvil> {
        todo!()
    }
}
