//! A chain with the contracts on it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use alloy::{primitives::U256, providers::DynProvider};
use serde_json::{Map, Value};

use crate::{Account, Anvil, Progress, Result, StartTimes, Tools, accounts};

/// How to start a [`LocalChain`].
#[derive(Debug, Clone)]
pub struct LocalChainBuilder {
    tools: Option<Tools>,
    progress: Progress,
    port: u16,
    port_flag: String,
    chain_id: u64,
    block_time: Option<Duration>,
    snapshot: bool,
    log_dir: Option<PathBuf>,
}

/// A running chain with the Ocean contracts deployed. Dropping it ends the process.
#[derive(Debug)]
pub struct LocalChain {
    anvil: Anvil,
    rpc: DynProvider,
    chain_id: u64,
    addresses: Map<String, Value>,
    times: StartTimes,
}

/// A state of the chain that [`LocalChain::revert`] can go back to, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotId(U256);

impl LocalChainBuilder {
    /// Uses these tools; without it [`ensure_tools`](crate::ensure_tools) is called.
    pub fn tools(mut self, tools: Tools) -> Self {
        self.tools = Some(tools);
        self
    }

    /// Reports long steps, such as the first installation, here.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Listens on this port; 0, the default, takes any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The flag that the message about a taken port names, for a command's own flags.
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
    pub fn block_time(mut self, interval: Duration) -> Self {
        self.block_time = Some(interval);
        self
    }

    /// Whether the deployed state may come from the cache; without it every contract is deployed again.
    pub fn snapshot(mut self, snapshot: bool) -> Self {
        self.snapshot = snapshot;
        self
    }

    /// Writes `anvil.log` into this folder and leaves it there.
    pub fn log_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.log_dir = Some(dir.into());
        self
    }

    /// Starts the chain and returns when the contracts answer.
    ///
    /// # Errors
    /// When a tool is missing, the port is taken, the process ends or the deployment does not verify.
    pub async fn start(self) -> Result<LocalChain> {
        todo!()
    }
}

impl LocalChain {
    /// A chain as Barge's: chain id 8996, 20 accounts, a block per transaction, any free port.
    pub fn builder() -> LocalChainBuilder {
        LocalChainBuilder {
            tools: None,
            progress: Progress::silent(),
            port: 0,
            port_flag: "port(0)".to_owned(),
            chain_id: 8996,
            block_time: None,
            snapshot: true,
            log_dir: None,
        }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn rpc_url(&self) -> &str {
        self.anvil.url()
    }

    /// `ws://127.0.0.1:<port>`.
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port())
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.anvil.port()
    }

    /// The process id of the chain.
    pub fn pid(&self) -> u32 {
        self.anvil.id()
    }

    /// The file that receives the chain's output.
    pub fn log_path(&self) -> &Path {
        self.anvil.log_path()
    }

    /// The chain id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// A connection without keys; the accounts are unlocked in the chain itself.
    pub fn rpc(&self) -> &DynProvider {
        &self.rpc
    }

    /// What stands under `development` in `address.json`.
    pub fn addresses(&self) -> &Map<String, Value> {
        &self.addresses
    }

    /// The whole content of `address.json`: one key, `development`.
    pub fn address_json(&self) -> Value {
        serde_json::json!({ "development": self.addresses })
    }

    /// The 20 unlocked accounts.
    pub fn accounts(&self) -> &'static [Account; 20] {
        accounts()
    }

    /// How long each phase of the start took.
    pub fn times(&self) -> &StartTimes {
        &self.times
    }

    /// Remembers the present state.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn snapshot(&self) -> Result<SnapshotId> {
        todo!()
    }

    /// Goes back to a remembered state, which can be done once per snapshot.
    ///
    /// # Errors
    /// When the chain does not answer or does not know the snapshot.
    pub async fn revert(&self, id: SnapshotId) -> Result<()> {
        let _ = id;
        todo!()
    }

    /// Makes `blocks` empty blocks.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn mine(&self, blocks: u64) -> Result<()> {
        let _ = blocks;
        todo!()
    }

    /// Moves the chain's clock forward and makes a block there.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn advance(&self, by: Duration) -> Result<()> {
        let _ = by;
        todo!()
    }

    /// Makes a block with this time, in unix seconds; later blocks follow from there.
    ///
    /// # Errors
    /// When the chain does not answer or the time lies before the latest block.
    pub async fn set_block_timestamp(&self, seconds: u64) -> Result<()> {
        let _ = seconds;
        todo!()
    }

    /// Makes a block at this interval; `None` goes back to a block per transaction.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn set_interval_mining(&self, interval: Option<Duration>) -> Result<()> {
        let _ = interval;
        todo!()
    }

    /// The number and the time (unix seconds) of the latest block.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn latest_block(&self) -> Result<(u64, u64)> {
        todo!()
    }

    /// Ends the process and waits for it.
    pub async fn stop(self) {
        self.anvil.stop().await;
    }
}
