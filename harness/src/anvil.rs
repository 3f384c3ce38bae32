//! An Anvil process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use crate::{ChildProcess, ChildSpec, ETHER_PER_ACCOUNT, Error, MNEMONIC, Result, Tools, accounts};

/// What to start; see [`Anvil::builder`].
#[derive(Debug, Clone)]
pub struct AnvilBuilder {
    program: PathBuf,
    port: u16,
    port_flag: String,
    chain_id: u64,
    block_time: Option<Duration>,
    load_state: Option<PathBuf>,
    hardfork: String,
    log_dir: Option<PathBuf>,
}

/// A running Anvil that ends with this value.
#[derive(Debug)]
pub struct Anvil {
    process: ChildProcess,
    url: String,
    port: u16,
}

impl Anvil {
    /// An Anvil as Barge's chain is: chain id 8996, the accounts of [`MNEMONIC`], a block per transaction, any free port.
    pub fn builder(tools: &Tools) -> AnvilBuilder {
        AnvilBuilder {
            program: tools.anvil.clone(),
            port: 0,
            port_flag: "port 0".to_owned(),
            chain_id: 8996,
            block_time: None,
            load_state: None,
            hardfork: "cancun".to_owned(),
            log_dir: None,
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

    /// An error about this chain, with its log file.
    pub fn failure(&mut self, reason: impl Into<String>) -> Error {
        self.process.failure(reason)
    }

    /// Ends the process, waits for it and tells how it ended.
    pub async fn stop(self) -> Option<ExitStatus> {
        self.process.stop().await
    }
}

impl AnvilBuilder {
    /// Listens on this port; 0 takes any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What the message about a taken port proposes.
    pub fn port_flag(mut self, flag: impl Into<String>) -> Self {
        self.port_flag = flag.into();
        self
    }

    /// The chain id; 8996 unless set.
    pub fn chain_id(mut self, chain_id: u64) -> Self {
        self.chain_id = chain_id;
        self
    }

    /// Makes a block at this interval instead of one per transaction.
    pub fn block_time(mut self, interval: Option<Duration>) -> Self {
        self.block_time = interval;
        self
    }

    /// The rules of the chain; `cancun` unless set. Blocks have no base fee before `london`.
    pub fn hardfork(mut self, hardfork: impl Into<String>) -> Self {
        self.hardfork = hardfork.into();
        self
    }

    /// Starts with the state in this file.
    pub fn load_state(mut self, file: impl Into<PathBuf>) -> Self {
        self.load_state = Some(file.into());
        self
    }

    /// Writes `anvil.log` into this folder and leaves it there.
    pub fn log_dir(mut self, dir: Option<PathBuf>) -> Self {
        self.log_dir = dir;
        self
    }

    /// Starts the process and waits until it listens.
    ///
    /// # Errors
    /// When the port is taken or the process ends.
    pub async fn spawn(self) -> Result<Anvil> {
        let mut command = Command::new(&self.program);
        command.args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--chain-id", &self.chain_id.to_string(), "--mnemonic", MNEMONIC]);
        command.args(["--accounts", &accounts().len().to_string(), "--balance", &ETHER_PER_ACCOUNT.to_string()]);
        command.args(["--gas-limit", "50000000", "--hardfork", &self.hardfork]);
        if let Some(interval) = self.block_time {
            command.args(["--block-time", &interval.as_secs_f64().to_string()]);
        }
        if let Some(file) = &self.load_state {
            command.arg("--load-state").arg(file);
        }
        let mut spec = ChildSpec::new("anvil", command);
        if let Some(dir) = self.log_dir.clone() {
            spec = spec.log_dir(dir);
        }
        let ready = |line: &str| line.strip_prefix("Listening on ")?.rsplit_once(':')?.1.trim().parse::<u16>().ok();
        match ChildProcess::spawn(spec, ready).await {
            Ok((process, port)) => Ok(Anvil { process, url: format!("http://127.0.0.1:{port}"), port }),
            Err(Error::Child { tail, log, .. }) if self.port != 0 && tail.contains("Address already in use") => {
                if self.log_dir.is_none()
                    && let Some(dir) = log.parent()
                {
                    let _ = fs::remove_dir_all(dir);
                }
                Err(Error::PortTaken { port: self.port, flag: self.port_flag })
            }
            Err(error) => Err(error),
        }
    }
}
