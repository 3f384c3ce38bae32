//! One published asset with one order, and the servers of both dialects over it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alloy::{
    primitives::{Address, B256, LogData, U256, keccak256},
    sol_types::SolEvent,
};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use jiff::Timestamp;
use ocean_contracts_bindings::{Deployment, abi::IErc20Template, connect};
use ocean_crypto::{Message, PrivateKey, ProviderFee, ecies, sign_message};
use ocean_ddo::{FileObject, FilesObject, RawDdo};
use ocean_did::Did;
use ocean_primitives::{ChainId, Dialect, FixedClock, Nonce};
use ocean_provider::{Limits, ProviderParts, ProviderState, TokenStore, router};
use ocean_provider_api::initialize::provider_data;
use ocean_service::{Chain, Chains, DdoSource, NonceStore, SourceError};
use ocean_storage::{AddressPolicy, Storage};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fake;

/// The Provider's development key, which the recorded ciphertexts are for.
pub(crate) const PROVIDER_KEY: &str = "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215";

/// The moment of the recordings.
pub(crate) const NOW: i64 = 1_795_218_973;

#[derive(Debug, Default)]
struct Documents(Mutex<BTreeMap<Did, RawDdo>>);

#[async_trait]
impl DdoSource for Documents {
    async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>, SourceError> {
        Ok(self.0.lock().unwrap().get(did).cloned())
    }
}

pub(crate) struct World {
    pub(crate) chain: fake::Chain,
    pub(crate) files: fake::Files,
    pub(crate) files_url: String,
    pub(crate) nonces: NonceStore,
    pub(crate) key: PrivateKey,
    pub(crate) consumer: PrivateKey,
    pub(crate) nft: Address,
    pub(crate) datatoken: Address,
    pub(crate) did: Did,
    pub(crate) order: B256,
    documents: Arc<Documents>,
    parts: Box<dyn Fn(Dialect) -> ProviderParts + Send + Sync>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, text: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert!(self.text().contains(text), "{} lacks {text}", self.text());
        assert!(!self.text().contains("http://"), "an error tells where a file is: {}", self.text());
        assert!(!self.text().contains(fake::SMALL), "a refused request got the file");
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        let (chain, files) = (fake::Chain::default(), fake::Files::default());
        let (rpc, files_url) = (chain.serve().await, files.serve().await);
        let key: PrivateKey = PROVIDER_KEY.parse().unwrap();
        let nonces = NonceStore::in_memory().unwrap();
        let documents = Arc::new(Documents::default());
        let address = |byte| Address::repeat_byte(byte);
        let deployment =
            Deployment::new(ChainId::DEVELOPMENT, address(1), address(2), address(3), address(4), address(5));
        let connection = connect(&rpc).unwrap();
        let made = Chain::new(ChainId::DEVELOPMENT, connection, deployment, key.clone());
        let chains = Chains::from_iter([made]);
        let clock = Arc::new(FixedClock(Timestamp::from_second(NOW).unwrap()));
        let storage = Storage::builder().policy(AddressPolicy { allow_private: true }).build().unwrap();
        let tokens = TokenStore::in_memory().unwrap();
        let parts = {
            let (nonces, documents) = (nonces.clone(), Arc::clone(&documents));
            move |dialect| {
                let (chains, nonces, tokens) = (chains.clone(), nonces.clone(), tokens.clone());
                let (storage, documents, clock) = (storage.clone(), documents.clone(), clock.clone());
                let mut parts = ProviderParts::new(dialect, chains, nonces, tokens, storage, documents, clock);
                parts.limits = limits.clone();
                parts
            }
        };
        let nft = Address::repeat_byte(0x11);
        let world = Self {
            files_url,
            nonces,
            key,
            consumer: PrivateKey::random(),
            nft,
            datatoken: Address::repeat_byte(0x22),
            did: Did::op(nft, ChainId::DEVELOPMENT),
            order: B256::repeat_byte(0x77),
            documents,
            parts: Box::new(parts),
            chain,
            files,
        };
        world.chain.set_nft(world.nft, 0);
        world.chain.set_datatoken(world.datatoken, world.nft);
        world.publish(|_| {});
        world.set_order(world.order, |_| {});
        world
    }

    pub(crate) fn chains(&self) -> Chains {
        (self.parts)(Dialect::Provider).chains
    }

    /// The same chain, where orders need that many confirmations.
    pub(crate) fn confirmed(&self, confirmations: u64) -> Chains {
        self.changed(|chain| chain.confirmations = confirmations, None)
    }

    /// A chain that nobody answers for.
    pub(crate) fn unreachable(&self) -> Chains {
        self.changed(|_| {}, Some("http://127.0.0.1:9"))
    }

    fn changed(&self, change: impl Fn(&mut Chain), rpc: Option<&str>) -> Chains {
        let chains = self.chains();
        let made = chains.iter().map(|chain| {
            let connection = rpc.map_or_else(|| chain.rpc.clone(), |url| connect(url).unwrap());
            let mut made = Chain::new(chain.id, connection, chain.deployment.clone(), chain.key.clone());
            change(&mut made);
            made
        });
        made.collect()
    }

    /// A server that may reach public addresses only.
    pub(crate) fn guarded_router(&self, dialect: Dialect) -> Router {
        self.router_with(dialect, |parts| parts.storage = Storage::builder().build().unwrap())
    }

    /// A server with settings of its own.
    pub(crate) fn router_with(&self, dialect: Dialect, change: impl FnOnce(&mut ProviderParts)) -> Router {
        let mut parts = (self.parts)(dialect);
        change(&mut parts);
        router(ProviderState::new(parts))
    }

    pub(crate) fn router(&self, dialect: Dialect) -> Router {
        router(ProviderState::new((self.parts)(dialect)))
    }

    /// The files object of the asset, encrypted for the Provider.
    pub(crate) fn sealed(&self, nft: Address) -> String {
        let files = ["small.txt", "missing"].map(|name| FileObject::url(format!("{}/{name}", self.files_url)));
        let object = FilesObject::new(nft, self.datatoken, files.to_vec());
        let sealed = ecies::encrypt(&self.key.public_key(), object.to_json().as_bytes());
        format!("0x{}", alloy::primitives::hex::encode(sealed))
    }

    /// Publishes the asset again after a change to its document.
    pub(crate) fn publish(&self, change: impl FnOnce(&mut Value)) {
        let service = |id: &str, kind: &str, datatoken: Address| {
            json!({
                "id": id, "type": kind, "files": self.sealed(self.nft), "datatokenAddress": datatoken.to_checksum(None),
                "serviceEndpoint": "http://127.0.0.1:8030", "timeout": 3600,
            })
        };
        let mut document = json!({
            "@context": ["https://w3id.org/did/v1"], "id": self.did, "version": "4.1.0", "chainId": 8996,
            "nftAddress": self.nft.to_checksum(None),
            "metadata": {
                "created": "2026-11-20T23:56:06Z", "updated": "2026-11-20T23:56:06Z", "type": "dataset",
                "name": "Asset", "description": "Description", "author": "Author", "license": "MIT",
            },
            "services": [service("first", "access", self.datatoken), service("second", "access", self.datatoken),
                service("compute", "compute", self.datatoken)],
        });
        change(&mut document);
        let raw = RawDdo::parse(document.to_string().into_bytes()).unwrap();
        self.documents.0.lock().unwrap().insert(self.did.clone(), raw);
    }

    /// The logs of an order of the first service by the consumer, a minute ago.
    pub(crate) fn order_logs(&self) -> Vec<(Address, LogData)> {
        let now = Timestamp::from_second(NOW - 60).unwrap();
        let data = provider_data(Dialect::Provider, self.datatoken, "first", now);
        let fee = ProviderFee::signed(&self.key, Address::repeat_byte(1), U256::ZERO, 0, data);
        let fee = IErc20Template::ProviderFee {
            providerFeeAddress: fee.provider_fee_address,
            providerFeeToken: fee.provider_fee_token,
            providerFeeAmount: fee.provider_fee_amount,
            providerData: fee.provider_data.clone(),
            v: fee.v,
            r: fee.r,
            s: fee.s,
            validUntil: U256::ZERO,
        };
        let started = IErc20Template::OrderStarted {
            consumer: self.consumer.address(),
            payer: self.consumer.address(),
            amount: U256::from(10).pow(U256::from(18)),
            serviceIndex: U256::ZERO,
            timestamp: U256::from(NOW - 60),
            publishMarketAddress: Address::ZERO,
            blockNumber: U256::from(1),
        };
        vec![(self.datatoken, fee.encode_log_data()), (self.datatoken, started.encode_log_data())]
    }

    pub(crate) fn set_order(&self, tx: B256, change: impl FnOnce(&mut Vec<(Address, LogData)>)) {
        let mut logs = self.order_logs();
        change(&mut logs);
        self.chain.set_receipt(tx, self.consumer.address(), &logs);
    }

    /// The path of a signed download of the first file.
    pub(crate) fn download(&self, dialect: Dialect, nonce: &str) -> String {
        self.download_by(&self.consumer, dialect, nonce, self.did.as_str(), "first", &self.order.to_string(), "0")
    }

    #[expect(clippy::too_many_arguments, reason = "one per field of the request")]
    pub(crate) fn download_by(
        &self,
        key: &PrivateKey,
        dialect: Dialect,
        nonce: &str,
        did: &str,
        service: &str,
        order: &str,
        index: &str,
    ) -> String {
        let consumer = key.address().to_checksum(None);
        let message = Message::Download { consumer: &consumer, document_id: did, nonce };
        let signature = sign_message(key, dialect, &message.text(dialect));
        format!(
            "/api/services/download?documentId={did}&serviceId={service}&transferTxId={order}&fileIndex={index}&consumerAddress={consumer}&nonce={nonce}&signature={signature}"
        )
    }

    pub(crate) async fn stored(&self, address: Address) -> Option<String> {
        self.nonces.get(address).await.unwrap().map(|nonce| nonce.to_string())
    }

    pub(crate) async fn store(&self, address: Address, nonce: &str) {
        self.nonces.advance(address, &nonce.parse::<Nonce>().unwrap()).await.unwrap();
    }
}

/// Sends one request.
pub(crate) async fn send(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

/// Sends a GET.
pub(crate) async fn get(router: &Router, path: &str) -> Answer {
    send(router, "GET", path, &[], Body::empty()).await
}

/// Some transaction.
pub(crate) fn tx(name: &str) -> B256 {
    keccak256(name)
}
