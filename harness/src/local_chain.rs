//! A chain with the contracts on it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use alloy::{
    primitives::{U64, U256},
    providers::DynProvider,
};
use ocean_contracts_bindings::Deployment;
use ocean_primitives::ChainId;
use serde_json::{Map, Value, json};

use crate::{
    Account, Anvil, AnvilBuilder, Error, Plan, Progress, Result, StartTimes, Tools, accounts, deploy, deploy::Deployed,
    ensure_tools, rpc::Rpc, snapshot::Snapshot,
};

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
    rpc: Rpc,
    chain_id: u64,
    deployed: Deployed,
    deployment: Deployment,
    times: StartTimes,
}

/// A state of the chain that [`LocalChain::revert`] can go back to, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotId(U256);

impl LocalChainBuilder {
    /// Uses these tools; without it [`crate::ensure_tools`] is called.
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
    pub async fn start(mut self) -> Result<LocalChain> {
        let mut times = StartTimes::default();
        let mut since = Instant::now();
        let tools = match self.tools.take() {
            Some(tools) => tools,
            None => ensure_tools(&self.progress).await?,
        };
        since = times.phase("tools", since);
        if !self.snapshot {
            return self.start_deploying(&tools, times, since).await;
        }
        let mut broken = None;
        if let Some(found) = Snapshot::find(&tools, self.chain_id) {
            match self.start_from(&tools, &found, times.clone(), since).await {
                Err(error) if !error.is_port_taken() => {
                    self.progress.line(format!("the cached state of the chain is useless and is made again: {error}"));
                    broken = Some(found);
                }
                result => return result,
            }
        }
        let made = Snapshot::make(&tools, self.chain_id, broken.as_ref(), &self.progress).await?;
        since = times.phase("deploy", since);
        self.start_from(&tools, &made, times, since).await
    }

    fn anvil(&self, tools: &Tools) -> AnvilBuilder {
        Anvil::builder(tools)
            .port(self.port)
            .port_flag(self.port_flag.clone())
            .chain_id(self.chain_id)
            .log_dir(self.log_dir.clone())
    }

    async fn start_from(
        &self,
        tools: &Tools,
        snapshot: &Snapshot,
        mut times: StartTimes,
        mut since: Instant,
    ) -> Result<LocalChain> {
        times.from_snapshot = true;
        let to_check = snapshot.clone();
        tokio::task::spawn_blocking(move || to_check.check())
            .await
            .map_err(Error::component("reading the cached state"))?
            .map_err(Error::io("loading", &snapshot.state))?;
        since = times.phase("snapshot", since);
        let anvil = self.anvil(tools).block_time(self.block_time).load_state(&snapshot.state).spawn().await?;
        since = times.phase("anvil", since);
        let rpc = Rpc::connect(anvil.url())?;
        since = times.phase("connect", since);
        deploy::verify(&rpc, &snapshot.deployed).await?;
        times.phase("verify", since);
        self.finish(anvil, rpc, snapshot.deployed.clone(), times)
    }

    async fn start_deploying(&self, tools: &Tools, mut times: StartTimes, mut since: Instant) -> Result<LocalChain> {
        let anvil = self.anvil(tools).spawn().await?;
        since = times.phase("anvil", since);
        let rpc = Rpc::connect(anvil.url())?;
        since = times.phase("connect", since);
        let deployed = deploy::deploy(&rpc, &tools.contracts_dir).await?;
        since = times.phase("deploy", since);
        deploy::verify(&rpc, &deployed).await?;
        times.phase("verify", since);
        let chain = self.finish(anvil, rpc, deployed, times)?;
        if self.block_time.is_some() {
            chain.set_interval_mining(self.block_time).await?;
        }
        Ok(chain)
    }

    fn finish(&self, anvil: Anvil, rpc: Rpc, deployed: Deployed, times: StartTimes) -> Result<LocalChain> {
        let file = json!({ "development": deployed.addresses });
        let deployment = ChainId::new(self.chain_id)
            .map_err(Error::component("the chain id"))
            .map(|chain_id| Deployment::from_address_json(&file, chain_id))?
            .map_err(Error::component("reading the addresses of the deployment"))?;
        Ok(LocalChain { anvil, rpc, chain_id: self.chain_id, deployed, deployment, times })
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
        self.rpc.provider()
    }

    pub(crate) fn raw(&self) -> &Rpc {
        &self.rpc
    }

    /// The addresses of the contracts, for [`ocean_contracts_bindings::Contracts`].
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// What stands under `development` in `address.json`.
    pub fn addresses(&self) -> &Map<String, Value> {
        &self.deployed.addresses
    }

    /// Every transaction of the deployment, with its gas.
    pub fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// Carries out another plan on this chain, with the artifacts below `<folder>/artifacts`, and asks it what the plan wants to know.
    /// Answers with every address, those of the new contracts in the place of others of the same name. The chain's own
    /// [`LocalChain::addresses`] stay as they are.
    ///
    /// # Errors
    /// With the step that failed, when an artifact is missing or a transaction does not succeed, or with the wrong answer.
    pub async fn deploy(
        &self,
        plan: &'static Plan,
        folder: &Path,
        known: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut addresses = self.deployed.addresses.clone();
        addresses.extend(known.clone());
        let deployed = deploy::carry_out(&self.rpc, plan, folder, &addresses).await?;
        addresses.extend(deployed.addresses);
        deploy::verify_plan(&self.rpc, plan, &addresses).await?;
        Ok(addresses)
    }

    /// The whole content of `address.json`: one key, `development`.
    pub fn address_json(&self) -> Value {
        json!({ "development": self.deployed.addresses })
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
        self.rpc.request("evm_snapshot", json!([])).await.map(SnapshotId)
    }

    /// Goes back to a remembered state, which can be done once per snapshot.
    ///
    /// # Errors
    /// When the chain does not answer or does not know the snapshot.
    pub async fn revert(&self, id: SnapshotId) -> Result<()> {
        match self.rpc.request("evm_revert", json!([id.0])).await? {
            true => Ok(()),
            false => {
                Err(self.rpc.error("evm_revert", "the chain does not know this snapshot, or went back to it before"))
            }
        }
    }

    /// Makes `blocks` empty blocks.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn mine(&self, blocks: u64) -> Result<()> {
        self.rpc.request("anvil_mine", json!([U64::from(blocks)])).await
    }

    /// Moves the chain's clock forward, for good, and makes a block there.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn advance(&self, by: Duration) -> Result<()> {
        let _: Value = self.rpc.request("evm_increaseTime", json!([by.as_secs()])).await?;
        self.mine(1).await
    }

    /// Makes a block with this time, in unix seconds; later blocks follow from there.
    ///
    /// # Errors
    /// When the chain does not answer or the time lies before the latest block.
    pub async fn set_block_timestamp(&self, seconds: u64) -> Result<()> {
        let _: Value = self.rpc.request("evm_setNextBlockTimestamp", json!([seconds])).await?;
        self.mine(1).await
    }

    /// Makes a block at this interval, in whole seconds; `None` goes back to a block per transaction.
    /// Shorter intervals can only be chosen at the start, with [`LocalChainBuilder::block_time`].
    ///
    /// # Errors
    /// When the chain does not answer or the interval is not in whole seconds.
    pub async fn set_interval_mining(&self, interval: Option<Duration>) -> Result<()> {
        let seconds = interval.unwrap_or_default();
        if seconds.subsec_nanos() != 0 || interval.is_some_and(|interval| interval.is_zero()) {
            return Err(Error::Unsupported {
                what: format!("a running chain takes an interval of whole seconds, not {seconds:?}"),
            });
        }
        // An interval of 0 ends the interval and leaves no mining at all, so the block per transaction is asked for afterwards.
        let _: Value = self.rpc.request("evm_setIntervalMining", json!([seconds.as_secs()])).await?;
        match interval {
            Some(_) => Ok(()),
            None => self.rpc.request("evm_setAutomine", json!([true])).await,
        }
    }

    /// The number and the time (unix seconds) of the latest block.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn latest_block(&self) -> Result<(u64, u64)> {
        let block = self.rpc.latest_block().await?;
        Ok((block.number.to(), block.timestamp.to()))
    }

    /// Ends the process and waits for it.
    pub async fn stop(self) {
        let _ = self.anvil.stop().await;
    }
}
