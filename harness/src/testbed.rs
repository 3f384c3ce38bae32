//! A whole network: a chain with the contracts, Provider, Aquarius and node.

mod builder;
mod children;
mod compute;
mod network;
mod runtime;
mod servers;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use ocean_contracts_bindings::Deployment;
use ocean_crypto::PrivateKey;
use ocean_primitives::Clock;
use ocean_protocol::{Ocean, OceanBuilder};
use ocean_service::ChainClock;
use tempfile::TempDir;

pub use self::{
    builder::{Component, Ports, TestbedBuilder},
    network::{Network, NetworkAccount},
};
use self::{runtime::ServerRuntime, servers::Server};
use crate::{Account, Error, LocalChain, OceanHome, PROVIDER_ACCOUNT, Result, StartTimes};

/// The server of a network that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// The Provider.
    Provider,
    /// Aquarius.
    Aquarius,
    /// The node.
    Node,
}

/// A running network. Dropping it ends every server and process, frees every port and removes every temporary file.
///
/// Several may run at once in one process; they share nothing but the cache of installed tools.
#[derive(Debug)]
pub struct Testbed {
    // Dropped in this order: first who uses, then who is used.
    provider: Server,
    node: Server,
    aquarius: Server,
    #[expect(dead_code, reason = "owned, so that dropping the network ends its servers")]
    runtime: ServerRuntime,
    chain: LocalChain,
    clock: ChainClock,
    home: OceanHome,
    folder: PathBuf,
    times: StartTimes,
    _temporary: Option<TempDir>,
}

impl Testbed {
    /// A network on free ports, its servers on threads of this process, unless the builder is told otherwise.
    pub fn builder() -> TestbedBuilder {
        TestbedBuilder::default()
    }

    async fn start(builder: TestbedBuilder) -> Result<Self> {
        let (folder, temporary) = folder(builder.data_dir.as_deref())?;
        let mut chain = LocalChain::builder()
            .progress(builder.progress.clone())
            .port(builder.ports.chain)
            .port_flag("--chain-port, or all of them with --ephemeral")
            .snapshot(!builder.deploy_anew);
        if let Some(interval) = builder.block_time {
            chain = chain.block_time(interval);
        }
        let chain = chain.start().await?;
        let mut times = chain.times().clone();
        let started = Instant::now();
        let home = if builder.publish_addresses { OceanHome::from_env()? } else { OceanHome::at(folder.join("home")) };
        // What a killed network left behind must not promise servers that are not there yet.
        home.withdraw();
        home.write_addresses(&chain.address_json())?;
        let clock = ChainClock::new();
        let runtime = ServerRuntime::new()?;
        let site = servers::Site {
            rpc_url: chain.rpc_url().to_owned(),
            deployment: chain.deployment().clone(),
            clock: clock.clone(),
            folder: folder.clone(),
            address_file: home.address_file(),
            runtime: runtime.handle().clone(),
        };
        let (aquarius, node) = tokio::try_join!(
            site.aquarius(&builder.aquarius, builder.ports.aquarius),
            site.node(&builder.node, builder.ports.node),
        )?;
        let started = times.phase("aquarius and node", started);
        let provider = site.provider(&builder.provider, builder.ports.provider, aquarius.url()).await?;
        times.phase("provider", started);
        home.set_ready()?;
        Ok(Self { provider, node, aquarius, runtime, chain, clock, home, folder, times, _temporary: temporary })
    }

    /// The chain.
    pub fn chain(&self) -> &LocalChain {
        &self.chain
    }

    /// The addresses of the contracts.
    pub fn deployment(&self) -> &Deployment {
        self.chain.deployment()
    }

    /// JSON-RPC of the chain.
    pub fn rpc_url(&self) -> &str {
        self.chain.rpc_url()
    }

    /// The Provider's base URL.
    pub fn provider_url(&self) -> &str {
        self.provider.url()
    }

    /// Aquarius's base URL.
    pub fn aquarius_url(&self) -> &str {
        self.aquarius.url()
    }

    /// The node's base URL.
    pub fn node_url(&self) -> &str {
        self.node.url()
    }

    /// The unlocked accounts; 0 deployed the contracts, 0 to 9 hold OCEAN, 8 is the Provider's.
    pub fn accounts(&self) -> &'static [Account; 20] {
        self.chain.accounts()
    }

    /// The private key of an account.
    ///
    /// # Panics
    /// There are 20 accounts.
    pub fn key(&self, account: usize) -> PrivateKey {
        servers::key(&self.accounts()[account])
    }

    /// A client of this account on this network, to be finished with `build()`.
    ///
    /// # Panics
    /// There are 20 accounts.
    pub fn ocean(&self, account: usize) -> OceanBuilder {
        Ocean::builder()
            .rpc(self.rpc_url())
            .key(self.key(account))
            .deployment(self.deployment().clone())
            .provider(self.provider_url())
            .aquarius(self.aquarius_url())
    }

    /// The key that the Provider and the node encrypt and sign with.
    pub fn provider_key(&self) -> PrivateKey {
        self.key(PROVIDER_ACCOUNT)
    }

    /// The clock that the servers inside this process read: the chain's.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    /// Moves the clock of the chain and of the servers forward, with a block at the new time.
    ///
    /// Servers in child processes follow the chain's clock by themselves within a fraction of a second.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn advance(&self, by: Duration) -> Result<()> {
        self.chain.advance(by).await?;
        self.clock.refresh(self.chain.rpc()).await.map_err(Error::component("reading the chain's clock"))
    }

    /// The folder of databases and logs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How long each part of the start took.
    pub fn times(&self) -> &StartTimes {
        &self.times
    }

    /// What others need to know to use this network.
    pub fn network(&self) -> Network {
        Network {
            chain_id: self.chain.chain_id(),
            rpc_url: self.rpc_url().to_owned(),
            ws_url: self.chain.ws_url(),
            provider_url: self.provider_url().to_owned(),
            aquarius_url: self.aquarius_url().to_owned(),
            node_url: self.node_url().to_owned(),
            address_file: self.home.address_file(),
            addresses: self.chain.addresses().clone(),
            provider_account: (&self.accounts()[PROVIDER_ACCOUNT]).into(),
            accounts: self.accounts().iter().map(NetworkAccount::from).collect(),
        }
    }

    /// Kills a server that is a child process with SIGKILL, as a crash would. Its folder stays as it is.
    ///
    /// # Errors
    /// When the server is not a child process.
    pub fn kill(&mut self, role: Role) -> Result<()> {
        self.server(role).kill()
    }

    /// Starts a killed server again, on the same port and the same folder.
    ///
    /// # Errors
    /// When the server is not a child process, or does not become ready.
    pub async fn restart(&mut self, role: Role) -> Result<()> {
        self.server(role).restart().await
    }

    fn server(&mut self, role: Role) -> &mut Server {
        match role {
            Role::Provider => &mut self.provider,
            Role::Aquarius => &mut self.aquarius,
            Role::Node => &mut self.node,
        }
    }

    /// The last lines of every child process's output, for a message about a failure.
    pub fn logs(&self) -> String {
        let children = [&self.provider, &self.aquarius, &self.node].into_iter().filter_map(Server::log_path);
        let mut text = String::new();
        for path in children.chain([self.chain.log_path()]) {
            let output = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = output.lines().collect();
            text.push_str(&format!("-- {}\n{}\n", path.display(), lines[lines.len().saturating_sub(20)..].join("\n")));
        }
        text
    }

    /// Ends everything and waits for it.
    ///
    /// # Errors
    /// Nothing at present; the network is gone in any case.
    pub async fn stop(self) -> Result<()> {
        let ended = tokio::task::spawn_blocking(move || drop(self));
        ended.await.map_err(Error::component("stopping the network"))
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        self.home.withdraw();
    }
}

/// The folder to keep everything in, and its owner where it is temporary.
fn folder(wanted: Option<&Path>) -> Result<(PathBuf, Option<TempDir>)> {
    match wanted {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(Error::io("creating", folder))?;
            let folder = folder.canonicalize().map_err(Error::io("resolving", folder))?;
            Ok((folder, None))
        }
        None => {
            let temporary = tempfile::Builder::new()
                .prefix("ocean-testbed-")
                .tempdir()
                .map_err(Error::io("creating a folder in", std::env::temp_dir()))?;
            Ok((temporary.path().to_owned(), Some(temporary)))
        }
    }
}
