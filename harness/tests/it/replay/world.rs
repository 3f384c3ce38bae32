//! The recorded chain, and a Provider for each case.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alloy::{primitives::LogData, providers::Provider as _, rpc::types::Filter, sol_types::SolEvent};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Parser as _;
use ocean_contracts_bindings::{Contracts, abi::IErc721Template, connect, connect_with_key};
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::{Address, ChainId, Dialect, FixedClock, Nonce};
use ocean_provider::{
    ProviderParts, ProviderState, TokenStore,
    config::{ProviderArgs, Surroundings},
};
use ocean_service::{DdoSource, NonceStore, SourceError};
use ocean_testbed::Anvil;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use super::{
    exchange::{self, Exchange},
    host,
};
use crate::support;

/// The keys of the recordings, by the addresses that sign with them.
const KEYS: [&str; 3] = [
    "0x5d75837394b078ce97bc289fa8d75e21000573520bfa7784a9d28ccaae602bf8",
    "0x3333333333333333333333333333333333333333333333333333333333333333",
    "0xef4b441145c1d0f3b4bc6d61d29f5c6e502359481152f869247c7a4244d45209",
];
const PROVIDER_KEY: &str = "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215";

/// Where the arguments name who asks.
const WHO: [&str; 4] = ["consumerAddress", "decrypterAddress", "address", "userAddress"];

/// What was stored when nonces were refused without being named.
const STORED: &str = "1795219087900";

#[derive(Debug, Default)]
struct Documents(Mutex<BTreeMap<Did, RawDdo>>);

#[async_trait]
impl DdoSource for Documents {
    async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>, SourceError> {
        Ok(self.0.lock().unwrap().get(did).cloned())
    }
}

pub(super) struct World {
    anvil: Anvil,
    surroundings: Surroundings,
    documents: Arc<Documents>,
    http: reqwest::Client,
}

/// What our Provider answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    headers: HeaderMap,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl World {
    pub(super) async fn start() -> Self {
        let tools = support::tools().await;
        let anvil = Anvil::builder(&tools).spawn().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let dump = std::fs::read_to_string(exchange::folder().join("anvil_dumpState.json")).unwrap();
        let dump: Value = serde_json::from_str(&dump).unwrap();
        let load = json!({"jsonrpc": "2.0", "id": 1, "method": "anvil_loadState", "params": [dump["result"]]});
        let loaded: Value = http.post(anvil.url()).json(&load).send().await.unwrap().json().await.unwrap();
        assert_eq!(loaded["result"], true, "{loaded}");
        let gateway = host::serve().await;
        let addresses = exchange::folder().join("address.json").display().to_string();
        let arguments = ["ocean-provider", "--private-key", PROVIDER_KEY, "--address-file", &addresses];
        let arguments = arguments.into_iter().chain(["--allow-non-public-ip", "true", "--ipfs-gateway", &gateway]);
        let serving = ProviderArgs::parse_from(arguments.chain(["--max-checksum-length", "5242880"])).serving;
        let surroundings = serving.surroundings(anvil.url(), PROVIDER_KEY).await.unwrap();
        let documents = Arc::new(Documents::default());
        *documents.0.lock().unwrap() = published(anvil.url()).await;
        Self { anvil, surroundings, documents, http }
    }

    pub(super) fn key(&self) -> PrivateKey {
        PROVIDER_KEY.parse().unwrap()
    }

    /// Serves one case from stores of its own, and puts everything back.
    pub(super) async fn replay(&self, area: &str, case: &Exchange) -> Answer {
        let (nonces, tokens) = (NonceStore::in_memory().unwrap(), TokenStore::in_memory().unwrap());
        let token = self.token_of(case, &tokens).await;
        self.store_nonce(case, &nonces).await;
        let state = case.name.strip_prefix("state_").and_then(|rest| rest[..1].parse::<u8>().ok());
        if let Some(state) = state {
            self.set_state(case, state).await;
        }
        let url = self.serve(case, &nonces, &tokens).await;
        let answer = self.send(&url, case, token).await;
        if state.is_some() {
            self.set_state(case, 0).await;
        }
        let _ = area;
        answer
    }

    async fn serve(&self, case: &Exchange, nonces: &NonceStore, tokens: &TokenStore) -> String {
        let (chains, storage) = (self.surroundings.chains.clone(), self.surroundings.storage.clone());
        let clock = Arc::new(FixedClock(case.response.date()));
        let (nonces, tokens) = (nonces.clone(), tokens.clone());
        let mut parts =
            ProviderParts::new(Dialect::Provider, chains, nonces, tokens, storage, self.documents.clone(), clock);
        parts.limits = self.surroundings.limits.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = ocean_provider::router(ProviderState::new(parts));
        tokio::spawn(ocean_service::run::serve(listener, router, std::future::pending()));
        url
    }

    /// Sends the recorded request, with a token of ours in the place of the recorded one.
    async fn send(&self, url: &str, case: &Exchange, token: Option<(String, String)>) -> Answer {
        let request = &case.request;
        let ours = |text: &str| match &token {
            Some((recorded, made)) => text.replace(recorded.as_str(), made),
            None => text.to_owned(),
        };
        let method: Method = request.method.parse().unwrap();
        let mut sent = self.http.request(method, format!("{url}{}", ours(&request.path)));
        for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
            sent = sent.header(name, ours(value));
        }
        let response = sent.body(request.body.bytes().unwrap()).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// The nonce as it stood: just below the request's own, unless the case says otherwise.
    async fn store_nonce(&self, case: &Exchange, nonces: &NonceStore) {
        let Some(who) = WHO.iter().find_map(|field| case.request.argument(field)?.parse::<Address>().ok()) else {
            return;
        };
        let recorded = case.response.body.text();
        let named =
            recorded.split_once("expected nonce (").and_then(|(_, rest)| Some(rest.split_once(')')?.0.to_owned()));
        let answered =
            serde_json::from_str::<Value>(recorded).ok().and_then(|body| Some(body["nonce"].as_str()?.to_owned()));
        let given = case.request.argument("nonce");
        let stored = match case.name.as_str() {
            "same_nonce_again" | "nonce_same_again" => given,
            "missing_nonce" => Some("5".to_owned()),
            "auth_token_low_nonce" => Some(STORED.to_owned()),
            _ => named.or(answered).or_else(|| Some((given?.parse::<u64>().ok()? - 1).to_string())),
        };
        // Unknown addresses are told 1, as if that were stored.
        if let Some(stored) = stored.filter(|stored| stored != "1") {
            nonces.advance(who, &stored.parse::<Nonce>().unwrap()).await.unwrap();
        }
    }

    /// A token of ours for whom and for how long the recorded one was, as the case wants to find it.
    async fn token_of(&self, case: &Exchange, tokens: &TokenStore) -> Option<(String, String)> {
        let header = case.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authtoken"));
        let recorded = header.map(|(_, token)| token.clone()).or_else(|| case.request.argument("token"))?;
        let claims: Value = {
            let payload = URL_SAFE_NO_PAD.decode(recorded.split('.').nth(1)?).unwrap();
            serde_json::from_slice(&payload).unwrap()
        };
        let address = claims["address"].as_str().unwrap();
        let keys = KEYS.map(|key| key.parse::<PrivateKey>().unwrap());
        let key = keys.iter().find(|key| key.address().to_checksum(None) == address).expect("a key of the recordings");
        let url = self.serve(case, &NonceStore::in_memory().unwrap(), tokens).await;
        let sign = |nonce: &str| {
            sign_message(key, Dialect::Provider, &Message::CreateAuthToken { address, nonce }.text(Dialect::Provider))
        };
        let create = async |nonce: &str| {
            let path = format!(
                "{url}/api/services/createAuthToken?address={address}&expiration={}&nonce={nonce}&signature={}",
                claims["exp"],
                sign(nonce)
            );
            let made: Value = self.http.get(path).send().await.unwrap().json().await.unwrap();
            made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
        };
        let made = create("2").await;
        if case.name == "auth_token_restored" {
            let path = format!(
                "{url}/api/services/deleteAuthToken?address={address}&token={made}&nonce=3&signature={}",
                sign("3")
            );
            assert_eq!(self.http.delete(path).send().await.unwrap().status(), 200);
            assert_eq!(create("4").await, made);
        }
        Some((recorded, made))
    }

    async fn set_state(&self, case: &Exchange, state: u8) {
        let nft: Address = case.request.argument("dataNftAddress").unwrap().parse().unwrap();
        let publisher: PrivateKey = KEYS[2].parse().unwrap();
        let rpc = connect_with_key(self.anvil.url(), &publisher).unwrap();
        let chain = self.surroundings.chains.0.get(&ChainId::DEVELOPMENT).unwrap();
        let contracts = Contracts::new(rpc, chain.deployment.clone()).with_sender(publisher.address());
        contracts.set_metadata_state(nft, state).await.unwrap();
    }
}

/// The latest document of every asset that was published in clear.
async fn published(rpc: &str) -> BTreeMap<Did, RawDdo> {
    use IErc721Template::{MetadataCreated, MetadataUpdated};
    let logs = connect(rpc).unwrap().get_logs(&Filter::new().from_block(0)).await.unwrap();
    let mut documents = BTreeMap::new();
    for log in logs {
        let data: &LogData = log.data();
        let created = MetadataCreated::decode_log_data(data).map(|event| (event.flags, event.data)).ok();
        let updated = || MetadataUpdated::decode_log_data(data).map(|event| (event.flags, event.data)).ok();
        let Some((flags, document)) = created.or_else(updated) else { continue };
        if flags.iter().any(|byte| *byte != 0) {
            continue;
        }
        let Ok(raw) = RawDdo::parse(document.to_vec()) else { continue };
        let Some(did) = raw.value()["id"].as_str().and_then(|id| id.parse::<Did>().ok()) else { continue };
        documents.insert(did, raw);
    }
    assert!(documents.len() >= 5, "{} documents", documents.len());
    documents
}
