//! The servers of a network, on threads of this process, as children, or elsewhere.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use ocean_aquarius::{AquariusParts, AquariusState, HttpDecryptor, IndexedChain, IndexerHandle, spawn_indexer};
use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{Deployment, Rpc, connect};
use ocean_crypto::PrivateKey;
use ocean_node::{Node, NodeParts};
use ocean_primitives::{ChainId, Clock, Dialect};
use ocean_provider::{ChainContracts, Compute, HttpDdoSource, ProviderParts, ProviderState, TokenStore};
use ocean_service::{
    Chain, ChainClock, Chains, DdoSource, NonceStore,
    buckets::{BucketLimits, BucketStore},
    run,
};
use ocean_storage::{AddressPolicy, Storage};
use tokio::{net::TcpListener, runtime::Handle, sync::oneshot, task::JoinHandle};

use super::{Component, children::Launch, compute};
use crate::{Account, ChildProcess, Error, PROVIDER_ACCOUNT, Result, accounts};

/// The account whose key Aquarius signs its verdicts and decrypt requests with, as Barge's does.
const AQUARIUS_ACCOUNT: usize = 9;

/// Files and servers of a network under test lie on this machine.
const LOCAL_FILES: AddressPolicy = AddressPolicy { allow_private: true };

/// A server of a network.
#[derive(Debug)]
pub(super) struct Server {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Ends when this is dropped.
    InProcess {
        _stop: oneshot::Sender<()>,
        _task: JoinHandle<()>,
        _indexer: Option<IndexerHandle>,
    },
    Child {
        launch: Launch,
        child: Option<ChildProcess>,
    },
    External,
}

impl Server {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn log_path(&self) -> Option<&Path> {
        match &self.place {
            Place::Child { child: Some(child), .. } => Some(child.log_path()),
            _ => None,
        }
    }

    pub(super) fn kill(&mut self) -> Result<()> {
        let Place::Child { child, .. } = &mut self.place else { return Err(not_a_child(&self.url)) };
        if let Some(child) = child {
            child.kill();
        }
        Ok(())
    }

    pub(super) async fn restart(&mut self) -> Result<()> {
        let Place::Child { launch, child } = &mut self.place else { return Err(not_a_child(&self.url)) };
        if let Some(old) = child.take() {
            old.stop().await;
        }
        let port = self.url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(0);
        let (new, url) = launch.spawn(port).await?;
        *child = Some(new);
        self.url = url;
        Ok(())
    }
}

fn not_a_child(url: &str) -> Error {
    Error::Usage(format!("the server at {url} is not a child process: start the network with Component::Child for it"))
}

/// Where the servers of one network find what they need.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) rpc_url: String,
    pub(super) deployment: Deployment,
    pub(super) clock: ChainClock,
    pub(super) folder: PathBuf,
    pub(super) address_file: PathBuf,
    pub(super) runtime: Handle,
}

/// What a server in this process is: what it answers, and what follows the chain for it.
type Opened = (Router, Option<IndexerHandle>);

impl Site {
    pub(super) async fn aquarius(&self, component: &Component, port: u16) -> Result<Server> {
        let settings = [
            ("EVENTS_RPC", self.rpc_url.clone()),
            ("PRIVATE_KEY", accounts()[AQUARIUS_ACCOUNT].private_key_hex().to_owned()),
        ];
        let site = self.clone();
        self.server(component, port, "--aquarius-port", ("ocean-aquarius", &settings), |_| site.open_aquarius()).await
    }

    fn open_aquarius(self) -> Result<Opened> {
        let data_dir = self.data_dir("ocean-aquarius")?;
        let key = key(&accounts()[AQUARIUS_ACCOUNT]);
        let decryptor = HttpDecryptor::new(key.clone(), LOCAL_FILES);
        let decryptor = Arc::new(decryptor.map_err(Error::component("making Aquarius's decryptor"))?);
        let chains = vec![IndexedChain::new(self.rpc()?, self.deployment.clone())];
        let nonces =
            NonceStore::open(data_dir.join("nonces.db")).map_err(Error::component("opening Aquarius's nonces"))?;
        let mut parts = AquariusParts::new(data_dir, chains, decryptor, nonces);
        parts.validator_key = Some(key);
        parts.clock = Arc::new(self.clock.clone());
        let state = AquariusState::open(parts).map_err(Error::component("starting Aquarius"))?;
        let indexer = spawn_indexer(&state);
        Ok((ocean_aquarius::router(state), Some(indexer)))
    }

    pub(super) async fn provider(&self, component: &Component, port: u16, aquarius: &str) -> Result<Server> {
        let settings = [
            ("NETWORK_URL", self.rpc_url.clone()),
            ("PROVIDER_PRIVATE_KEY", accounts()[PROVIDER_ACCOUNT].private_key_hex().to_owned()),
            ("AQUARIUS_URL", aquarius.to_owned()),
        ];
        let settings: Vec<_> =
            settings.into_iter().chain(compute::settings(component, &compute::provider_environments()).await).collect();
        let (site, aquarius) = (self.clone(), aquarius.to_owned());
        self.server(component, port, "--provider-port", ("ocean-provider", &settings), move |_| {
            site.open_provider(&aquarius)
        })
        .await
    }

    fn open_provider(self, aquarius: &str) -> Result<Opened> {
        let data_dir = self.data_dir("ocean-provider")?;
        let aquarius = AquariusClient::builder(aquarius).build();
        let (chains, storage) = (self.chains()?, storage(self.chains()?)?);
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let ddos: Arc<dyn DdoSource> = Arc::new(HttpDdoSource::new(
            aquarius.map_err(Error::component("making the Provider's client of Aquarius"))?,
        ));
        let setup = compute::setup(&data_dir, compute::provider_environments(), &self.runtime);
        let opened = setup.map(|setup| Compute::open(setup, &chains, &storage, &ddos, &clock)).transpose();
        let mut parts = ProviderParts::new(
            Dialect::Provider,
            chains,
            NonceStore::open(data_dir.join("nonces.db")).map_err(Error::component("opening the Provider's nonces"))?,
            TokenStore::open(data_dir.join("tokens.db")).map_err(Error::component("opening the Provider's tokens"))?,
            storage,
            ddos,
            clock,
        );
        parts.compute = opened.map_err(Error::component("opening the Provider's jobs"))?;
        let state = ProviderState::new(parts);
        Ok((ocean_provider::router(state), None))
    }

    pub(super) async fn node(&self, component: &Component, port: u16) -> Result<Server> {
        let folder = self.folder.join("ocean-node").join("files");
        let files = serde_json::json!({"enabled": true, "type": "localfs", "options": {"folder": folder}});
        let settings = [
            ("RPCS", self.rpc_url.clone()),
            ("PRIVATE_KEY", accounts()[PROVIDER_ACCOUNT].private_key_hex().to_owned()),
            // A test makes more requests in a minute than a stranger may.
            ("MAX_REQ_PER_MINUTE", "0".to_owned()),
            ("PERSISTENT_STORAGE", files.to_string()),
        ];
        let more = compute::settings(component, &compute::node_environments(&self.deployment)).await;
        let settings: Vec<_> = settings.into_iter().chain(more).collect();
        let site = self.clone();
        self.server(component, port, "--node-port", ("ocean-node", &settings), |url| site.open_node(url)).await
    }

    fn open_node(self, url: String) -> Result<Opened> {
        let data_dir = self.data_dir("ocean-node")?;
        let mut parts =
            NodeParts::new(self.chains()?, &data_dir, storage(self.chains()?)?, Arc::new(self.clock.clone()));
        (parts.policy, parts.own_url) = (LOCAL_FILES, Some(url));
        let buckets = BucketStore::open(data_dir.join("files"), BucketLimits::default());
        parts.buckets = Some(buckets.map_err(Error::component("opening the node's files"))?);
        parts.compute = compute::setup(&data_dir, compute::node_environments(&self.deployment), &self.runtime);
        let node = Node::start(parts).map_err(Error::component("starting the node"))?;
        Ok((node.router.clone(), Some(node.indexer)))
    }

    async fn server(
        &self,
        component: &Component,
        port: u16,
        flag: &str,
        (program, settings): (&'static str, &[(&'static str, String)]),
        open: impl FnOnce(String) -> Result<Opened> + Send + 'static,
    ) -> Result<Server> {
        match component {
            Component::External(url) => {
                Ok(Server { url: url.trim_end_matches('/').to_owned(), place: Place::External })
            }
            Component::Child => {
                let launch = self.launch(program, settings);
                // Asked first, because the child's own message knows nothing of this network's flags.
                drop(listen(port, flag)?);
                let (child, url) = launch.spawn(port).await?;
                Ok(Server { url, place: Place::Child { launch, child: Some(child) } })
            }
            Component::InProcess => {
                let listener = listen(port, flag)?;
                let address = listener.local_addr().map_err(Error::component("reading the port of a server"))?;
                let url = format!("http://{address}");
                // Databases are opened and certificates read on a thread of their own, so that servers can start side by side.
                let opened = {
                    let url = url.clone();
                    self.runtime.spawn_blocking(move || open(url))
                };
                let (router, indexer) = opened.await.map_err(Error::component("starting a server"))??;
                let (stop, stopped) = oneshot::channel::<()>();
                let task = self.runtime.spawn(serve(listener, router, stopped));
                Ok(Server { url, place: Place::InProcess { _stop: stop, _task: task, _indexer: indexer } })
            }
        }
    }

    /// The folder of a server's databases.
    fn data_dir(&self, program: &str) -> Result<PathBuf> {
        let folder = self.folder.join(program);
        std::fs::create_dir_all(&folder).map_err(Error::io("creating", &folder))?;
        Ok(folder)
    }

    fn launch(&self, program: &'static str, settings: &[(&'static str, String)]) -> Launch {
        let common = [
            ("ADDRESS_FILE", self.address_file.display().to_string()),
            ("ALLOW_NON_PUBLIC_IP", "true".to_owned()),
            ("FOLLOW_CHAIN_CLOCK", "true".to_owned()),
        ];
        Launch {
            program,
            settings: settings.iter().cloned().chain(common).collect(),
            data_dir: self.folder.join(program),
            log_dir: self.folder.join("logs"),
        }
    }

    fn rpc(&self) -> Result<Rpc> {
        connect(&self.rpc_url).map_err(Error::component("connecting to the chain"))
    }

    fn chains(&self) -> Result<Chains> {
        let key = key(&accounts()[PROVIDER_ACCOUNT]);
        Ok(Chains::from_iter([Chain::new(ChainId::DEVELOPMENT, self.rpc()?, self.deployment.clone(), key)]))
    }
}

fn storage(chains: Chains) -> Result<Storage> {
    let contracts = Arc::new(ChainContracts::new(chains));
    Storage::builder()
        .policy(LOCAL_FILES)
        .contracts(contracts)
        .build()
        .map_err(Error::component("making the reader of files"))
}

fn listen(port: u16, flag: &str) -> Result<std::net::TcpListener> {
    let bound = std::net::TcpListener::bind(("127.0.0.1", port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Error::PortTaken { port, flag: format!("{flag}, or all of them with --ephemeral") }
        }
        _ => Error::component(format!("listening on port {port}"))(error),
    })
}

/// Answers until `stopped`, with what `router` says.
async fn serve(listener: std::net::TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    match TcpListener::from_std(listener) {
        // The sender is dropped with the network, which is the signal.
        Ok(listener) => run::serve(listener, router, async { drop(stopped.await) }).await,
        Err(error) => tracing::error!(%error, "a server of the network cannot listen"),
    }
}

/// The key of a development account.
pub(super) fn key(account: &Account) -> PrivateKey {
    // The keys are constants of this crate, and a test parses each.
    #[expect(clippy::expect_used, reason = "the keys are constants, and a test parses each")]
    account.private_key_hex().parse().expect("a development key is a private key")
}
