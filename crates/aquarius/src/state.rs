use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ocean_contracts_bindings::{Deployment, Rpc};
use ocean_crypto::PrivateKey;
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::{B256, ChainId, Clock, Dialect};
use ocean_service::{DdoSource, Decryptor, NonceStore, SourceError, SystemClock};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    error::{Error, Result},
    index::Index,
    indexer::{Allowed, ChainReader, RpcReader, follow},
    store::Store,
};

/// How often a chain on this machine is asked for new blocks.
const LOCAL_POLL: Duration = Duration::from_millis(20);
/// How often a public chain is asked for new blocks.
const REMOTE_POLL: Duration = Duration::from_secs(2);
/// How many triggers may wait for one chain.
const TRIGGERS: usize = 64;
/// How long a request waits for its trigger.
const TRIGGER_DEADLINE: Duration = Duration::from_secs(30);

/// A chain to index.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IndexedChain {
    /// Its id.
    pub id: ChainId,
    /// Where its blocks and logs come from.
    pub reader: Arc<dyn ChainReader>,
    /// The first block to read: the one the contracts were deployed in.
    pub start_block: u64,
    /// How often to ask for new blocks: every 20 ms on a development chain, every 2 s elsewhere, unless set.
    pub poll_interval: Duration,
}

impl IndexedChain {
    /// Indexes the chain of `deployment` over `rpc`.
    pub fn new(rpc: Rpc, deployment: Deployment) -> Self {
        let (id, start_block) = (deployment.chain_id, deployment.start_block);
        Self::with_reader(id, Arc::new(RpcReader::new(rpc, deployment)), start_block)
    }

    /// Indexes a chain that is read through `reader`.
    pub fn with_reader(id: ChainId, reader: Arc<dyn ChainReader>, start_block: u64) -> Self {
        let local = matches!(id.get(), 8996 | 1337 | 31337);
        Self { id, reader, start_block, poll_interval: if local { LOCAL_POLL } else { REMOTE_POLL } }
    }

    /// Asks for new blocks this often.
    #[must_use]
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }
}

/// What a server is made of.
#[derive(Debug)]
pub struct AquariusParts {
    /// Where the database lies; made if it does not exist.
    pub data_dir: PathBuf,
    /// The chains to index.
    pub chains: Vec<IndexedChain>,
    /// Who decrypts encrypted documents.
    pub decryptor: Arc<dyn Decryptor>,
    /// Signs verdicts of `validate`; without one they come unsigned.
    pub validator_key: Option<PrivateKey>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Nonces of ocean-node's signed requests.
    pub nonces: NonceStore,
    /// Whose assets are indexed.
    pub allowed: Allowed,
    /// Whether `validate` in ocean-node's form signs for callers that did not sign themselves (ocean-node's default).
    pub validate_unsigned: bool,
    /// The dialect of the answers where the dialects differ and the request does not tell.
    pub dialect: Dialect,
}

impl AquariusParts {
    /// Parts with the system's clock, no validator key, and everybody allowed.
    pub fn new(
        data_dir: impl Into<PathBuf>,
        chains: Vec<IndexedChain>,
        decryptor: Arc<dyn Decryptor>,
        nonces: NonceStore,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            chains,
            decryptor,
            validator_key: None,
            clock: Arc::new(SystemClock),
            nonces,
            allowed: Allowed::default(),
            validate_unsigned: true,
            dialect: Dialect::Provider,
        }
    }
}

/// The server's state; clones share it.
#[derive(Debug, Clone)]
pub struct AquariusState {
    pub(crate) shared: Arc<Shared>,
    pub(crate) dialect: Dialect,
}

/// What all clones of a state share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) index: Index,
    pub(crate) chains: BTreeMap<ChainId, ChainState>,
    pub(crate) decryptor: Arc<dyn Decryptor>,
    pub(crate) validator_key: Option<PrivateKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: NonceStore,
    pub(crate) allowed: Allowed,
    pub(crate) validate_unsigned: bool,
    changes: watch::Sender<u64>,
}

/// One chain of a running server.
#[derive(Debug)]
pub(crate) struct ChainState {
    pub(crate) id: ChainId,
    pub(crate) reader: Arc<dyn ChainReader>,
    pub(crate) start_block: u64,
    pub(crate) poll_interval: Duration,
    head: watch::Sender<u64>,
    /// The last block whose changes are served; the database is ahead of it for a moment after each commit.
    served: watch::Sender<Option<u64>>,
    trigger: mpsc::Sender<Trigger>,
    triggers: Mutex<Option<mpsc::Receiver<Trigger>>>,
}

/// A wish to index one transaction now.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) tx: B256,
    pub(crate) log_index: Option<u64>,
    pub(crate) done: oneshot::Sender<Result<()>>,
}

impl ChainState {
    /// The receiver of triggers, once.
    pub(crate) fn take_triggers(&self) -> Option<mpsc::Receiver<Trigger>> {
        self.triggers.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Shared {
    pub(crate) fn set_head(&self, chain: ChainId, number: u64) {
        if let Some(chain) = self.chains.get(&chain) {
            chain.head.send_replace(number);
        }
    }

    pub(crate) fn set_served(&self, chain: ChainId, number: Option<u64>) {
        if let Some(chain) = self.chains.get(&chain) {
            chain.served.send_replace(number);
        }
    }

    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl AquariusState {
    /// Opens the database and loads what it holds. Nothing is indexed before [`spawn_indexer`](crate::spawn_indexer).
    ///
    /// # Errors
    /// The data directory or the database cannot be used.
    pub fn open(parts: AquariusParts) -> Result<Self> {
        let data_dir = parts.data_dir;
        std::fs::create_dir_all(&data_dir).map_err(|source| Error::DataDir { path: data_dir.clone(), source })?;
        let store = Store::open(&data_dir)?;
        let index = Index::default();
        let mut chains = BTreeMap::new();
        for chain in parts.chains {
            index.reload(&store, chain.id)?;
            let (trigger, triggers) = mpsc::channel(TRIGGERS);
            let state = ChainState {
                id: chain.id,
                reader: chain.reader,
                start_block: chain.start_block,
                poll_interval: chain.poll_interval,
                head: watch::channel(0).0,
                served: watch::channel(store.cursor(chain.id)?.map(|cursor| cursor.number)).0,
                trigger,
                triggers: Mutex::new(Some(triggers)),
            };
            chains.insert(chain.id, state);
        }
        let shared = Shared {
            store,
            index,
            chains,
            decryptor: parts.decryptor,
            validator_key: parts.validator_key,
            clock: parts.clock,
            nonces: parts.nonces,
            allowed: parts.allowed,
            validate_unsigned: parts.validate_unsigned,
            changes: watch::channel(0).0,
        };
        Ok(Self { shared: Arc::new(shared), dialect: parts.dialect })
    }

    /// The same server answering in another dialect, for a router that is mounted elsewhere.
    #[must_use]
    pub fn with_dialect(&self, dialect: Dialect) -> Self {
        Self { shared: Arc::clone(&self.shared), dialect }
    }

    /// The dialect of the answers.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The last block of `chain` whose events are in the index.
    pub fn last_block(&self, chain: ChainId) -> Option<u64> {
        self.shared.chains.get(&chain).and_then(|chain| *chain.served.borrow())
    }

    /// The newest block of `chain` that the follower has seen; none before it has seen one.
    pub fn head(&self, chain: ChainId) -> Option<u64> {
        self.shared.chains.get(&chain).map(|chain| *chain.head.borrow()).filter(|head| *head > 0)
    }

    /// Tells of every change of the index; the number itself means nothing.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// The document of `did` as it came in, without the indexer's fields.
    pub fn document(&self, did: &Did) -> Option<RawDdo> {
        self.shared.index.get(did.as_str()).map(|entry| entry.raw.clone())
    }

    /// Indexes a transaction now. None means that nobody answered in time, or the chain is not indexed.
    pub(crate) async fn trigger(&self, chain: ChainId, tx: B256, log_index: Option<u64>) -> Option<Result<()>> {
        let chain = self.shared.chains.get(&chain)?;
        let (done, receiver) = oneshot::channel();
        chain.trigger.try_send(Trigger { tx, log_index, done }).ok()?;
        follow::answer(receiver, TRIGGER_DEADLINE).await
    }
}

#[async_trait]
impl DdoSource for AquariusState {
    async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>, SourceError> {
        Ok(self.document(did))
    }
}
