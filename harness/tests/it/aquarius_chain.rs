//! Aquarius on a real chain: what it makes of events, forks, broken Providers and broken nodes, and what it answers.

mod chaos;
mod documents;
mod forks;
mod strangers;
mod wire;

use std::{collections::BTreeMap, future::Future, panic::Location, sync::Arc, time::Duration};

use ocean_aquarius::{AquariusParts, AquariusState, HttpDecryptor, IndexedChain, IndexerHandle, router, spawn_indexer};
use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{
    Contracts, CreateAsset, CreatedAsset, Price, SetMetadata, TxOutcome, abi::MetadataProof, connect,
};
use ocean_crypto::{Flags, PrivateKey};
use ocean_did::Did;
use ocean_primitives::{Address, B256, BaseUnits, Bytes, ChainId, ONE, U256};
use ocean_service::NonceStore;
use ocean_storage::AddressPolicy;
use ocean_testbed::Testbed;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PUBLISHER: usize = 1;
const BUYER: usize = 2;
const DEADLINE: Duration = Duration::from_secs(15);

fn sha256(bytes: impl AsRef<[u8]>) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

async fn contracts(testbed: &Testbed, account: usize) -> Contracts {
    testbed.ocean(account).build().await.unwrap().contracts().clone()
}

fn free() -> Price {
    Price::Free { max_tokens: BaseUnits(ONE), max_balance: BaseUnits(ONE * U256::from(1000)) }
}

async fn create(contracts: &Contracts, price: Price) -> CreatedAsset {
    contracts.create_asset(&CreateAsset::new("Chain test", "CT", price)).await.unwrap()
}

fn did(nft: Address) -> Did {
    Did::op(nft, ChainId::DEVELOPMENT)
}

/// A valid document in `JSON.stringify` form.
fn document(nft: Address, datatoken: Address, name: &str) -> String {
    json!({
        "@context": ["https://w3id.org/did/v1"],
        "id": did(nft).as_str(),
        "version": "4.5.0",
        "chainId": 8996,
        "nftAddress": nft.to_checksum(None),
        "metadata": {
            "created": "2021-12-20T14:35:20Z",
            "updated": "2021-12-20T14:35:20Z",
            "type": "dataset",
            "name": name,
            "description": "Branin values on a grid",
            "author": "oceanprotocol",
            "license": "MIT",
            "tags": ["white papers", name],
        },
        "services": [{
            "id": "access-1",
            "type": "access",
            "files": "0x00",
            "name": "Download",
            "description": "Download of the file",
            "datatokenAddress": datatoken.to_checksum(None),
            "serviceEndpoint": "http://127.0.0.1:8030",
            "timeout": 0,
        }],
    })
    .to_string()
}

/// What goes into a metadata transaction.
fn metadata(url: &str, flags: Flags, data: impl Into<Vec<u8>>, hash: B256) -> SetMetadata {
    SetMetadata {
        state: 0,
        decryptor_url: url.to_owned(),
        decryptor_address: String::new(),
        flags: Bytes::from(flags.to_bytes().to_vec()),
        data: Bytes::from(data.into()),
        hash,
        proofs: Vec::<MetadataProof>::new(),
    }
}

/// Writes a document in clear under the hash of its bytes.
async fn put(contracts: &Contracts, nft: Address, document: &str) -> TxOutcome {
    contracts.set_metadata(nft, &metadata("", Flags::PLAIN, document, sha256(document))).await.unwrap()
}

fn client(url: &str) -> AquariusClient {
    AquariusClient::builder(url).build().unwrap()
}

async fn get_json(url: &str) -> Value {
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

async fn state_of(url: &str, did: &Did) -> Value {
    get_json(&format!("{url}/api/aquarius/state/ddo?did={did}")).await
}

async fn queue(url: &str) -> Vec<Value> {
    let answer = get_json(&format!("{url}/api/aquarius/state/retryQueue")).await;
    answer["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["_source"].clone()).collect()
}

/// Every served document by DID.
async fn everything(url: &str) -> BTreeMap<String, Value> {
    let body = json!({ "query": { "match_all": {} }, "size": 10_000 });
    let found = client(url).query(&body).await.unwrap();
    found.hits.hits.into_iter().map(|hit| (hit.id, hit.source)).collect()
}

/// Waits until the condition holds.
#[track_caller]
fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) -> impl Future<Output = ()> {
    let caller = Location::caller();
    async move {
        let held = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, held).await;
        in_time.unwrap_or_else(|_| panic!("{what} did not come within {DEADLINE:?} at {caller}"));
    }
}

/// Waits until the index at `url` has seen the newest block.
#[track_caller]
fn at_head(testbed: &Testbed, url: &str) -> impl Future<Output = ()> {
    let (caller, status) = (Location::caller(), format!("{url}/api/aquarius/chains/status/8996"));
    async move {
        let (head, _) = testbed.chain().latest_block().await.unwrap();
        let reached = async {
            while get_json(&status).await["last_block"].as_u64() != Some(head) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, reached).await;
        in_time.unwrap_or_else(|_| panic!("{status} did not reach {head} at {caller}"));
    }
}

/// An index of our own beside the network's.
struct Index {
    url: String,
    indexer: IndexerHandle,
    server: tokio::task::JoinHandle<()>,
}

impl Index {
    /// Over the chain at `rpc`, in `folder`, which may hold an index already.
    async fn start(
        testbed: &Testbed,
        rpc: &str,
        folder: &std::path::Path,
        change: impl FnOnce(&mut AquariusParts),
    ) -> Self {
        let key: PrivateKey = testbed.key(9);
        let decryptor = Arc::new(HttpDecryptor::new(key, AddressPolicy { allow_private: true }).unwrap());
        let chain = IndexedChain::new(connect(rpc).unwrap(), testbed.deployment().clone());
        let mut parts = AquariusParts::new(folder, vec![chain], decryptor, NonceStore::in_memory().unwrap());
        change(&mut parts);
        let state = AquariusState::open(parts).unwrap();
        let indexer = spawn_indexer(&state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(ocean_service::run::serve(listener, router(state), std::future::pending()));
        Self { url, indexer, server }
    }

    /// Stops the follower between two transactions.
    async fn stop(self) {
        self.server.abort();
        self.indexer.stop().await;
    }

    /// Stops it wherever it is.
    fn kill(self) {
        self.server.abort();
    }
}

/// What an index that begins from nothing makes of the chain as it is now.
async fn from_scratch(testbed: &Testbed) -> BTreeMap<String, Value> {
    let folder = tempfile::tempdir().unwrap();
    let index = settled_from_scratch(testbed, folder.path()).await;
    let documents = everything(&index.url).await;
    index.stop().await;
    documents
}

/// An index that began from nothing in `folder` and waits for nothing any more.
async fn settled_from_scratch(testbed: &Testbed, folder: &std::path::Path) -> Index {
    let index = Index::start(testbed, testbed.rpc_url(), folder, |_| {}).await;
    at_head(testbed, &index.url).await;
    until("an empty queue", || async { queue(&index.url).await.is_empty() }).await;
    index
}
