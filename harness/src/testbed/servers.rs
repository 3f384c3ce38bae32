//! The servers of a network, on threads of this process, as children, or elsewhere.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use ocean_aquarius::{AquariusParts, AquariusState, HttpDecryptor, IndexedChain, IndexerHandle, spawn_indexer};
use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{Rpc, connect};
use ocean_crypto::PrivateKey;
use ocean_node::{Node, NodeParts};
use ocean_primitives::{ChainId, Dialect};
use ocean_provider::{HttpDdoSource, Limits, ProviderParts, ProviderState, TokenStore};
use ocean_service::{Chain, ChainClock, Chains, NonceStore};
use ocean_storage::{AddressPolicy, Storage};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Component, children::Launch, runtime::ServerRuntime};
use crate::{Account, ChildProcess, Error, LocalChain, PROVIDER_ACCOUNT, Result, accounts};

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
pub(super) struct Site<'a> {
    pub(super) chain: &'a LocalChain,
    pub(super) clock: &'a ChainClock,
    pub(super) folder: &'a Path,
    pub(super) address_file: PathBuf,
    pub(super) runtime: &'a ServerRuntime,
}

impl Site<'_> {
    pub(super) async fn aquarius(&self, component: &Component, port: u16) -> Result<Server> {
        let launch = || {
            self.launch(
                "ocean-aquarius",
                &[
                    ("EVENTS_RPC", self.chain.rpc_url().to_owned()),
                    ("PRIVATE_KEY", accounts()[AQUARIUS_ACCOUNT].private_key_hex().to_owned()),
                ],
            )
        };
        self.server(component, port, "--aquarius-port", launch, |_| async {
            let data_dir = self.folder.join("ocean-aquarius");
            let key = key(&accounts()[AQUARIUS_ACCOUNT]);
            let decryptor = Arc::new(
                HttpDecryptor::new(key.clone(), LOCAL_FILES)
                    .map_err(Error::component("making Aquarius's decryptor"))?,
            );
            let chains = vec![IndexedChain::new(self.rpc()?, self.chain.deployment().clone())];
            std::fs::create_dir_all(&data_dir).map_err(Error::io("creating", &data_dir))?;
            let nonces =
                NonceStore::open(data_dir.join("nonces.db")).map_err(Error::component("opening Aquarius's nonces"))?;
            let mut parts = AquariusParts::new(data_dir, chains, decryptor, nonces);
            parts.validator_key = Some(key);
            parts.clock = Arc::new(self.clock.clone());
            let _inside = self.runtime.handle().enter();
            let state = AquariusState::open(parts).map_err(Error::component("starting Aquarius"))?;
            let indexer = spawn_indexer(&state);
            Ok((ocean_aquarius::router(state), Some(indexer)))
        })
        .await
    }

    pub(super) async fn provider(&self, component: &Component, port: u16, aquarius: &str) -> Result<Server> {
        let launch = || {
            self.launch(
                "ocean-provider",
                &[
                    ("NETWORK_URL", self.chain.rpc_url().to_owned()),
                    ("PROVIDER_PRIVATE_KEY", accounts()[PROVIDER_ACCOUNT].private_key_hex().to_owned()),
                    ("AQUARIUS_URL", aquarius.to_owned()),
                ],
            )
        };
        self.server(component, port, "--provider-port", launch, |_| async {
            let data_dir = self.folder.join("ocean-provider");
            std::fs::create_dir_all(&data_dir).map_err(Error::io("creating", &data_dir))?;
            let aquarius = AquariusClient::builder(aquarius)
                .build()
                .map_err(Error::component("making the Provider's Aquarius client"))?;
            let _inside = self.runtime.handle().enter();
            let state = ProviderState::new(ProviderParts {
                dialect: Dialect::Provider,
                chains: self.chains()?,
                nonces: NonceStore::open(data_dir.join("nonces.db"))
                    .map_err(Error::component("opening the Provider's nonces"))?,
                tokens: TokenStore::open(data_dir.join("tokens.db"))
                    .map_err(Error::component("opening the Provider's tokens"))?,
                storage: storage()?,
                ddos: Arc::new(HttpDdoSource::new(aquarius)),
                clock: Arc::new(self.clock.clone()),
                limits: Limits::default(),
                more_endpoints: Vec::new(),
            });
            Ok((ocean_provider::router(state), None))
        })
        .await
    }

    pub(super) async fn node(&self, component: &Component, port: u16) -> Result<Server> {
        let launch = || {
            self.launch(
                "ocean-node",
                &[
                    ("RPCS", self.chain.rpc_url().to_owned()),
                    ("PRIVATE_KEY", accounts()[PROVIDER_ACCOUNT].private_key_hex().to_owned()),
                ],
            )
        };
        self.server(component, port, "--node-port", launch, |url| async move {
            let _inside = self.runtime.handle().enter();
            let node = Node::start(NodeParts {
                chains: self.chains()?,
                data_dir: self.folder.join("ocean-node"),
                policy: LOCAL_FILES,
                storage: storage()?,
                clock: Arc::new(self.clock.clone()),
                limits: Limits::default(),
                follower: None,
                own_url: Some(url),
            })
            .map_err(Error::component("starting the node"))?;
            Ok((node.router.clone(), Some(node.indexer)))
        })
        .await
    }

    async fn server<F>(
        &self,
        component: &Component,
        port: u16,
        flag: &str,
        launch: impl FnOnce() -> Launch,
        open: impl FnOnce(String) -> F,
    ) -> Result<Server>
    where
        F: Future<Output = Result<(Router, Option<IndexerHandle>)>>,
    {
        match component {
            Component::External(url) => {
                Ok(Server { url: url.trim_end_matches('/').to_owned(), place: Place::External })
            }
            Component::Child => {
                let launch = launch();
                // Asked first, because the child's own message knows nothing of this network's flags.
                drop(listen(port, flag)?);
                let (child, url) = launch.spawn(port).await?;
                Ok(Server { url, place: Place::Child { launch, child: Some(child) } })
            }
            Component::InProcess => {
                let listener = listen(port, flag)?;
                let address = listener.local_addr().map_err(Error::component("reading the port of a server"))?;
                let url = format!("http://{address}");
                let (router, indexer) = open(url.clone()).await?;
                let (stop, stopped) = oneshot::channel::<()>();
                let task = self.runtime.handle().spawn(async move {
                    let served = match TcpListener::from_std(listener) {
                        Ok(listener) => ocean_provider::serve(listener, router, async { drop(stopped.await) })
                            .await
                            .map_err(|error| error.to_string()),
                        Err(error) => Err(error.to_string()),
                    };
                    if let Err(error) = served {
                        tracing::error!(error, "a server of the network ended");
                    }
                });
                Ok(Server { url, place: Place::InProcess { _stop: stop, _task: task, _indexer: indexer } })
            }
        }
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
        connect(self.chain.rpc_url()).map_err(Error::component("connecting to the chain"))
    }

    fn chains(&self) -> Result<Chains> {
        let key = key(&accounts()[PROVIDER_ACCOUNT]);
        Ok(Chains::from_iter([Chain::new(ChainId::DEVELOPMENT, self.rpc()?, self.chain.deployment().clone(), key)]))
    }
}

fn storage() -> Result<Storage> {
    Storage::builder().policy(LOCAL_FILES).build().map_err(Error::component("making the reader of files"))
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

/// The key of a development account.
pub(super) fn key(account: &Account) -> PrivateKey {
    // The keys are constants of this crate, and a test parses each.
    #[expect(clippy::expect_used, reason = "the keys are constants, and a test parses each")]
    account.private_key_hex().parse().expect("a development key is a private key")
}
