//! A chain in memory, documents, and requests to the router.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alloy::sol_types::SolEvent;
use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use ocean_aquarius::{
    AquariusParts, AquariusState, ChainReader, Error, Header, IndexedChain, IndexerHandle, LogRecord, NftFacts,
    TokenFacts, router, spawn_indexer,
};
use ocean_contracts_bindings::abi::{IDispenser, IErc20Template, IErc721Factory, IErc721Template, IFixedRateExchange};
use ocean_did::Did;
use ocean_primitives::{Address, B256, ChainId, U256, keccak256};
use ocean_service::{DecryptError, DecryptRequest, Decryptor, NonceStore};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

pub(crate) const CHAIN: ChainId = ChainId::DEVELOPMENT;
pub(crate) const FACTORY: Address = Address::repeat_byte(0xfa);
pub(crate) const FIXED_RATE: Address = Address::repeat_byte(0xf1);
pub(crate) const DISPENSER: Address = Address::repeat_byte(0xd1);
pub(crate) const OCEAN: Address = Address::repeat_byte(0x0c);
pub(crate) const PUBLISHER: Address = Address::repeat_byte(0xa1);

/// Whatever is asked about the chain is counted and can be made to fail.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    blocks: Vec<(Header, Vec<LogRecord>)>,
    branch: u64,
    failing: BTreeMap<&'static str, u32>,
    asked: BTreeMap<&'static str, u32>,
    nfts: BTreeSet<Address>,
    unreadable: BTreeSet<u64>,
}

impl Chain {
    pub(crate) fn new() -> Arc<Self> {
        let chain = Arc::new(Self::default());
        chain.mine(Vec::new());
        chain
    }

    /// Adds a block; each inner list is one transaction, whose hash is returned.
    pub(crate) fn mine(&self, transactions: Vec<Vec<Emitted>>) -> Vec<B256> {
        let mut inner = self.inner.lock().unwrap();
        let number = inner.blocks.len() as u64;
        let parent = inner.blocks.last().map_or(B256::ZERO, |(header, _)| header.hash);
        let hash = keccak256(format!("block {number} {} {parent}", inner.branch));
        let time = 1_700_000_000 + 12 * number as i64;
        let mut logs = Vec::new();
        let mut hashes = Vec::new();
        for (index, transaction) in transactions.into_iter().enumerate() {
            let tx = keccak256(format!("tx {hash} {index}"));
            hashes.push(tx);
            for emitted in transaction {
                let log_index = logs.len() as u64;
                let Emitted { address, topics, data } = emitted;
                logs.push(LogRecord { address, topics, data, block: number, block_hash: hash, time, tx, log_index });
            }
        }
        inner.blocks.push((Header { number, hash, parent, time }, logs));
        hashes
    }

    /// Forgets all blocks from `number` on; later blocks have other hashes.
    pub(crate) fn fork(&self, number: u64) {
        let mut inner = self.inner.lock().unwrap();
        inner.blocks.truncate(usize::try_from(number).unwrap());
        inner.branch += 1;
    }

    /// The next calls of this name fail.
    pub(crate) fn fail(&self, call: &'static str, times: u32) {
        self.inner.lock().unwrap().failing.insert(call, times);
    }

    /// Requests for the logs of these blocks fail from now on.
    pub(crate) fn hide(&self, blocks: impl IntoIterator<Item = u64>) {
        self.inner.lock().unwrap().unreadable = blocks.into_iter().collect();
    }

    pub(crate) fn asked(&self, call: &'static str) -> u32 {
        self.inner.lock().unwrap().asked.get(call).copied().unwrap_or_default()
    }

    pub(crate) fn head_number(&self) -> u64 {
        self.inner.lock().unwrap().blocks.len() as u64 - 1
    }

    /// An NFT that the factory answers for although no event told of it.
    pub(crate) fn add_nft(&self, nft: Address) {
        self.inner.lock().unwrap().nfts.insert(nft);
    }

    fn call<T>(&self, call: &'static str, answer: impl FnOnce(&Inner) -> T) -> Result<T, Error> {
        let mut inner = self.inner.lock().unwrap();
        *inner.asked.entry(call).or_default() += 1;
        if let Some(left) = inner.failing.get_mut(call).filter(|left| **left > 0) {
            *left -= 1;
            return Err(Error::Rpc { chain: CHAIN, call, reason: "made to fail".to_owned() });
        }
        Ok(answer(&inner))
    }
}

#[async_trait]
impl ChainReader for Chain {
    async fn head(&self) -> Result<Header, Error> {
        self.call("head", |inner| inner.blocks.last().unwrap().0)
    }

    async fn header(&self, number: u64) -> Result<Option<Header>, Error> {
        self.call("header", |inner| inner.blocks.get(number as usize).map(|block| block.0))
    }

    async fn logs(&self, from: u64, to: u64) -> Result<Vec<LogRecord>, Error> {
        if self.inner.lock().unwrap().unreadable.range(from..=to).next().is_some() {
            self.call("unreadable", |_| ())?;
            return Err(Error::Rpc { chain: CHAIN, call: "logs", reason: "made unreadable".to_owned() });
        }
        self.call("logs", |inner| {
            let topics = ocean_aquarius::topics();
            let blocks = inner.blocks.iter().filter(|(header, _)| (from..=to).contains(&header.number));
            let logs = blocks.flat_map(|(_, logs)| logs.clone());
            logs.filter(|log| log.topics.first().is_some_and(|topic| topics.contains(topic))).collect()
        })
    }

    async fn transaction_logs(&self, tx: B256) -> Result<Option<Vec<LogRecord>>, Error> {
        self.call("transaction_logs", |inner| {
            let logs: Vec<_> =
                inner.blocks.iter().flat_map(|block| block.1.clone()).filter(|log| log.tx == tx).collect();
            (!logs.is_empty()).then_some(logs)
        })
    }

    async fn sender(&self, _tx: B256) -> Result<Address, Error> {
        self.call("sender", |_| PUBLISHER)
    }

    async fn nft(&self, address: Address) -> Result<Option<NftFacts>, Error> {
        self.call("nft", |inner| {
            inner.nfts.contains(&address).then(|| NftFacts {
                name: "Asked".to_owned(),
                symbol: "ASK".to_owned(),
                token_uri: String::new(),
                owner: PUBLISHER,
            })
        })
    }

    async fn token(&self, _address: Address) -> Result<Option<TokenFacts>, Error> {
        self.call("token", |_| None)
    }

    async fn symbol(&self, _token: Address) -> Result<String, Error> {
        self.call("symbol", |_| "OCEAN".to_owned())
    }

    async fn is_fixed_rate(&self, contract: Address) -> Result<bool, Error> {
        self.call("is_fixed_rate", |_| contract == FIXED_RATE)
    }

    async fn is_dispenser(&self, contract: Address) -> Result<bool, Error> {
        self.call("is_dispenser", |_| contract == DISPENSER)
    }

    fn factory(&self) -> Address {
        FACTORY
    }
}

/// An event that a contract emits.
#[derive(Debug, Clone)]
pub(crate) struct Emitted {
    pub(crate) address: Address,
    pub(crate) topics: Vec<B256>,
    pub(crate) data: ocean_primitives::Bytes,
}

pub(crate) fn emit(address: Address, event: impl SolEvent) -> Emitted {
    let data = event.encode_log_data();
    Emitted { address, topics: data.topics().to_vec(), data: data.data }
}

/// One asset with everything that belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asset {
    pub(crate) nft: Address,
    pub(crate) token: Address,
}

impl Asset {
    pub(crate) fn new(number: u8) -> Self {
        Self { nft: Address::repeat_byte(number), token: Address::repeat_byte(number ^ 0x80) }
    }

    pub(crate) fn did(&self) -> Did {
        Did::op(self.nft, CHAIN)
    }

    /// What the factory emits for an NFT with a datatoken.
    pub(crate) fn create(&self) -> Vec<Emitted> {
        vec![
            emit(
                FACTORY,
                IErc721Factory::NFTCreated {
                    newTokenAddress: self.nft,
                    templateAddress: Address::ZERO,
                    tokenName: "Data NFT".to_owned(),
                    admin: PUBLISHER,
                    symbol: "NFT".to_owned(),
                    tokenURI: "ipfs://uri".to_owned(),
                    transferable: true,
                    creator: PUBLISHER,
                },
            ),
            self.transfer(PUBLISHER),
            emit(
                FACTORY,
                IErc721Factory::TokenCreated {
                    newTokenAddress: self.token,
                    templateAddress: Address::ZERO,
                    name: "Datatoken".to_owned(),
                    symbol: "DT".to_owned(),
                    cap: U256::MAX,
                    creator: self.nft,
                },
            ),
        ]
    }

    pub(crate) fn transfer(&self, to: Address) -> Emitted {
        emit(self.nft, IErc721Template::Transfer { from: Address::ZERO, to, tokenId: U256::from(1) })
    }

    /// A valid document of this asset.
    pub(crate) fn document(&self, name: &str) -> String {
        json!({
            "@context": ["https://w3id.org/did/v1"],
            "id": self.did().as_str(),
            "version": "4.5.0",
            "chainId": CHAIN,
            "nftAddress": self.nft.to_checksum(None),
            "metadata": {
                "created": "2021-12-20T14:35:20Z",
                "updated": "2021-12-20T14:35:20Z",
                "type": "dataset",
                "name": name,
                "description": "Branin values on a grid",
                "author": "oceanprotocol",
                "license": "MIT",
                "tags": ["white-papers", "grid"],
            },
            "services": [{
                "id": "access-1",
                "type": "access",
                "files": "0x00",
                "name": "Download",
                "description": "Download of the file",
                "datatokenAddress": self.token.to_checksum(None),
                "serviceEndpoint": "http://127.0.0.1:8030",
                "timeout": 0,
            }],
        })
        .to_string()
    }

    /// The first metadata event with these bytes, unencrypted and under their own hash.
    pub(crate) fn publish(&self, document: &str) -> Emitted {
        self.publish_as(document.as_bytes(), 0, sha256(document.as_bytes()), 0)
    }

    pub(crate) fn publish_as(&self, data: &[u8], flags: u8, hash: B256, state: u8) -> Emitted {
        emit(
            self.nft,
            IErc721Template::MetadataCreated {
                createdBy: PUBLISHER,
                state,
                decryptorUrl: "http://provider".to_owned(),
                flags: vec![flags].into(),
                data: data.to_vec().into(),
                metaDataHash: hash,
                timestamp: U256::ZERO,
                blockNumber: U256::ZERO,
            },
        )
    }

    pub(crate) fn update(&self, document: &str) -> Emitted {
        emit(
            self.nft,
            IErc721Template::MetadataUpdated {
                updatedBy: PUBLISHER,
                state: 0,
                decryptorUrl: "http://provider".to_owned(),
                flags: vec![0].into(),
                data: document.as_bytes().to_vec().into(),
                metaDataHash: sha256(document.as_bytes()),
                timestamp: U256::ZERO,
                blockNumber: U256::ZERO,
            },
        )
    }

    pub(crate) fn state(&self, state: u8) -> Emitted {
        let (timestamp, block) = (U256::ZERO, U256::ZERO);
        emit(self.nft, IErc721Template::MetadataState { updatedBy: PUBLISHER, state, timestamp, blockNumber: block })
    }

    pub(crate) fn order(&self) -> Emitted {
        emit(
            self.token,
            IErc20Template::OrderStarted {
                consumer: PUBLISHER,
                payer: PUBLISHER,
                amount: U256::from(10_u64.pow(18)),
                serviceIndex: U256::ZERO,
                timestamp: U256::ZERO,
                publishMarketAddress: Address::ZERO,
                blockNumber: U256::ZERO,
            },
        )
    }

    pub(crate) fn exchange(&self, contract: Address, rate: u64) -> Emitted {
        emit(
            contract,
            IFixedRateExchange::ExchangeCreated {
                exchangeId: self.exchange_id(),
                baseToken: OCEAN,
                datatoken: self.token,
                exchangeOwner: PUBLISHER,
                fixedRate: U256::from(rate),
            },
        )
    }

    pub(crate) fn exchange_id(&self) -> B256 {
        keccak256(self.token)
    }

    pub(crate) fn rate(&self, contract: Address, rate: u64) -> Emitted {
        emit(
            contract,
            IFixedRateExchange::ExchangeRateChanged {
                exchangeId: self.exchange_id(),
                exchangeOwner: PUBLISHER,
                newRate: U256::from(rate),
            },
        )
    }

    pub(crate) fn dispenser(&self, contract: Address) -> Emitted {
        emit(
            contract,
            IDispenser::DispenserCreated {
                datatokenAddress: self.token,
                owner: PUBLISHER,
                maxTokens: U256::from(1),
                maxBalance: U256::from(1),
                allowedSwapper: Address::ZERO,
            },
        )
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

/// A decryptor that answers as it is told.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    pub(crate) answers: Mutex<Vec<Result<Vec<u8>, DecryptError>>>,
    pub(crate) asked: Mutex<Vec<DecryptRequest>>,
    /// Nothing is answered while this is set.
    pub(crate) hangs: AtomicBool,
}

#[async_trait]
impl Decryptor for Scripted {
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError> {
        self.asked.lock().unwrap().push(request.clone());
        while self.hangs.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers.first().cloned().unwrap_or(Err(DecryptError::Unavailable("nothing".into())))
        }
    }
}

/// A server over a chain, with its follower running.
pub(crate) struct Server {
    pub(crate) chain: Arc<Chain>,
    pub(crate) state: AquariusState,
    pub(crate) decryptor: Arc<Scripted>,
    pub(crate) dir: Arc<tempfile::TempDir>,
    indexer: Option<IndexerHandle>,
}

impl Server {
    pub(crate) fn start(chain: Arc<Chain>) -> Self {
        Self::start_with(chain, Arc::new(tempfile::tempdir().unwrap()), |_| {})
    }

    pub(crate) fn start_with(
        chain: Arc<Chain>,
        dir: Arc<tempfile::TempDir>,
        change: impl FnOnce(&mut AquariusParts),
    ) -> Self {
        let decryptor = Arc::new(Scripted::default());
        let state = open(&chain, dir.path(), Arc::clone(&decryptor), change);
        let indexer = Some(spawn_indexer(&state));
        Self { chain, state, decryptor, dir, indexer }
    }

    /// Waits until the index is at the head of the chain.
    #[track_caller]
    pub(crate) fn caught_up(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let mut changes = self.state.changes();
            let reached = async {
                // The number alone does not tell a fork of the same height apart: the hash in the database does.
                while !self.at_head().await {
                    _ = tokio::time::timeout(Duration::from_millis(5), changes.changed()).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), reached)
                .await
                .unwrap_or_else(|_| panic!("not caught up at {caller}"));
        }
    }

    async fn at_head(&self) -> bool {
        let head = self.chain.inner.lock().unwrap().blocks.last().unwrap().0;
        let database = rusqlite::Connection::open(self.dir.path().join("aquarius.sqlite")).unwrap();
        let row: Result<(u64, Vec<u8>), _> = database
            .query_row("SELECT number, hash FROM cursors", [], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)));
        let committed = row.is_ok_and(|(number, hash)| number == head.number && hash == head.hash.as_slice());
        committed && {
            // The index in memory follows the commit within the same step.
            tokio::time::sleep(Duration::from_millis(2)).await;
            true
        }
    }

    pub(crate) fn router(&self) -> Router {
        router(self.state.clone())
    }

    pub(crate) async fn stop(mut self) -> Arc<tempfile::TempDir> {
        if let Some(indexer) = self.indexer.take() {
            indexer.stop().await;
        }
        Arc::clone(&self.dir)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        get(self.router(), path).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        post(self.router(), path, "application/json", body.to_string()).await
    }

    /// The served document of an asset.
    #[track_caller]
    pub(crate) fn ddo(&self, asset: &Asset) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        let path = format!("/api/aquarius/assets/ddo/{}", asset.did());
        async move {
            let answer = self.get(&path).await;
            assert_eq!(answer.status, 200, "{} at {caller}", answer.body);
            answer.json()
        }
    }
}

pub(crate) fn open(
    chain: &Arc<Chain>,
    dir: &Path,
    decryptor: Arc<Scripted>,
    change: impl FnOnce(&mut AquariusParts),
) -> AquariusState {
    let reader: Arc<dyn ChainReader> = Arc::clone(chain) as _;
    let indexed = IndexedChain::with_reader(CHAIN, reader, 1).with_poll_interval(Duration::from_millis(2));
    let mut parts = AquariusParts::new(dir, vec![indexed], decryptor, NonceStore::in_memory().unwrap());
    change(&mut parts);
    AquariusState::open(parts).unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}

pub(crate) async fn get(router: Router, path: &str) -> Answer {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post(router: Router, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap();
    send(router, request).await
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { status, content_type: content_type.unwrap_or_default(), body }
}
