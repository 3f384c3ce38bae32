//! A network with one rich asset on it, and requests that no client would send.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use alloy::primitives::keccak256;
use ocean_contracts_bindings::{Contracts, abi::IErc20Template};
use ocean_crypto::{Message, PrivateKey, ProviderFee, sign_message};
use ocean_did::Did;
use ocean_primitives::{Address, B256, BaseUnits, Dialect, ONE, ServiceId, U256};
use ocean_protocol::{DocumentForm, FileObject, Ocean, Pricing, PublishAsset, PublishedAsset};
use ocean_provider_client::{InitializeQuery, Initialized, ProviderClient};
use ocean_testbed::{FileServer, ForgedFee, Testbed, TestbedBuilder};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

/// Publishes everything; buys; must be refused.
pub(crate) const PUBLISHER: usize = 1;
pub(crate) const BUYER: usize = 2;
pub(crate) const STRANGER: usize = 3;

/// Where the first file of the asset lies. Neither text may ever reach a client.
pub(crate) const SECRET_PATH: &str = "secret-folder/data.csv";
pub(crate) const SECRET_QUERY: &str = "key=MARK-OF-THE-URL";
/// The header that the source of the first file is asked with.
pub(crate) const SECRET_HEADER: &str = "MARK-OF-THE-HEADER";
/// In every line of the file.
const IN_THE_FILE: &str = "only who has paid reads this";

/// How long an order of the asset lasts, in seconds.
pub(crate) const TIMEOUT: u64 = 3_600;

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    pub(crate) files: FileServer,
    pub(crate) content: String,
    pub(crate) publisher: Ocean,
    pub(crate) asset: PublishedAsset,
    pub(crate) http: reqwest::Client,
    nonce: AtomicU64,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} is not JSON", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A refusal with this status, with this text in it and with nothing in it that is nobody's business.
    #[track_caller]
    pub(crate) fn refused(&self, case: &str, status: u16, text: &str) {
        let body = self.text();
        assert_eq!(self.status, status, "{case}: {body}");
        assert!(body.contains(text), "{case}: `{body}` lacks `{text}`");
        for secret in [SECRET_PATH, SECRET_QUERY, SECRET_HEADER, IN_THE_FILE, "http://", "\"signature\":\"0x"] {
            assert!(!body.contains(secret), "{case}: `{body}` tells `{secret}`");
        }
    }

    /// A validation error whose `signature` is one text.
    #[track_caller]
    pub(crate) fn refused_signature(&self, case: &str, text: &str) {
        self.refused(case, 400, "\"message\":\"Validation error\",\"success\":false");
        assert_eq!(self.json()["errors"]["signature"], text, "{case}");
    }

    /// The whole of `{"error": text}`, as the Provider writes it.
    #[track_caller]
    pub(crate) fn refused_exactly(&self, case: &str, status: u16, text: &str) {
        self.refused(case, status, "");
        assert_eq!(self.text(), format!("{}\n", json!({"error": text})), "{case}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{case}");
    }
}

/// A signed download, of which every part can be wrong.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    pub(crate) dialect: Dialect,
    pub(crate) did: String,
    pub(crate) service: String,
    pub(crate) tx: String,
    pub(crate) index: String,
    pub(crate) nonce: String,
    pub(crate) consumer: String,
    pub(crate) key: PrivateKey,
}

impl Download {
    pub(crate) fn signature(&self) -> String {
        let Self { did, consumer, nonce, .. } = self;
        let message = Message::Download { consumer, document_id: did, nonce };
        sign_message(&self.key, self.dialect, &message.text(self.dialect))
    }

    /// The path with the query but for the signature.
    pub(crate) fn unsigned(&self) -> String {
        let Self { did, service, tx, index, nonce, consumer, .. } = self;
        format!(
            "/api/services/download?documentId={did}&serviceId={service}&transferTxId={tx}&fileIndex={index}&consumerAddress={consumer}&nonce={nonce}"
        )
    }

    pub(crate) fn path(&self) -> String {
        format!("{}&signature={}", self.unsigned(), self.signature())
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::on(Testbed::builder()).await
    }

    /// An asset with four services on one datatoken: two for access, one for compute, and one that denies [`STRANGER`].
    pub(crate) async fn on(builder: TestbedBuilder) -> Self {
        let testbed = builder.start().await.unwrap();
        let files = FileServer::start().await.unwrap();
        let content = format!("{IN_THE_FILE}\n").repeat(4_000);
        let publisher = testbed.ocean(PUBLISHER).build().await.unwrap();
        let urls = [files.serve_bytes(SECRET_PATH, content.clone()), format!("{}/missing", files.url())];
        let mut objects: Vec<_> = urls.iter().map(|url| FileObject::url(format!("{url}?{SECRET_QUERY}"))).collect();
        if let FileObject::Url { headers, .. } = &mut objects[0] {
            headers.insert("X-Key".to_owned(), SECRET_HEADER.to_owned());
        }
        let pricing =
            Pricing::Free { max_tokens: BaseUnits(ONE * U256::from(10)), max_balance: BaseUnits(ONE * U256::from(10)) };
        let mut asset = PublishAsset::new("Under attack", objects, pricing)
            .form(DocumentForm::Plain)
            .timeout(Duration::from_secs(TIMEOUT))
            .without_waiting();
        asset.service_id = ServiceId::new("first").unwrap();
        let mut asset = publisher.publish(asset).await.unwrap();
        publisher.wait_for(&asset.did, asset.metadata_tx).await.unwrap();
        let denied = testbed.accounts()[STRANGER].address.to_checksum(None);
        let edited = publisher.edit_metadata(&asset.did, |document| {
            let first = document.value()["services"][0].clone();
            let mut services = vec![first.clone(), first.clone(), first.clone(), first];
            services[1]["id"] = json!("second");
            services[2]["id"] = json!("compute");
            services[2]["type"] = json!("compute");
            services[2]["compute"] = json!({
                "allowRawAlgorithm": false, "allowNetworkAccess": true,
                "publisherTrustedAlgorithmPublishers": [], "publisherTrustedAlgorithms": [],
            });
            services[3]["id"] = json!("denies");
            services[3]["credentials"] = json!({"deny": [{"type": "address", "values": [denied]}]});
            document.set("/services", &json!(services))
        });
        let edited = edited.await.unwrap();
        (asset.document, asset.metadata_tx) = (edited.document, edited.tx);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { testbed, files, content, publisher, asset, http, nonce: AtomicU64::new(1_000) }
    }

    pub(crate) fn did(&self) -> &Did {
        &self.asset.did
    }

    pub(crate) fn key(&self, account: usize) -> PrivateKey {
        self.testbed.key(account)
    }

    pub(crate) fn address(&self, account: usize) -> Address {
        self.testbed.accounts()[account].address
    }

    /// A nonce above every one before.
    pub(crate) fn next_nonce(&self) -> u64 {
        self.nonce.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn client(&self, account: usize) -> Ocean {
        self.testbed.ocean(account).build().await.unwrap()
    }

    /// Sends anything anywhere.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let mut request = self.http.request(method, url).timeout(Duration::from_secs(30)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// A GET at the Provider.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, &format!("{}{path}", self.testbed.provider_url()), &[], "").await
    }

    /// A POST of JSON at the Provider.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", self.testbed.provider_url());
        self.send(Method::POST, &url, &[("content-type", "application/json")], body.to_string()).await
    }

    /// A GET at the node.
    pub(crate) async fn node_get(&self, path: &str) -> Answer {
        self.send(Method::GET, &format!("{}{path}", self.testbed.node_url()), &[], "").await
    }

    /// A POST of JSON at the node.
    pub(crate) async fn node_post(&self, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", self.testbed.node_url());
        self.send(Method::POST, &url, &[("content-type", "application/json")], body.to_string()).await
    }

    /// A good download of the first file of the first service, with a fresh nonce.
    pub(crate) fn download(&self, account: usize, tx: B256) -> Download {
        Download {
            dialect: Dialect::Provider,
            did: self.did().to_string(),
            service: "first".to_owned(),
            tx: tx.to_string(),
            index: "0".to_owned(),
            nonce: self.next_nonce().to_string(),
            consumer: self.address(account).to_checksum(None),
            key: self.key(account),
        }
    }

    /// The stored nonce as the Provider tells it.
    pub(crate) async fn stored(&self, address: &str) -> String {
        let answer = self.get(&format!("/api/services/nonce?userAddress={address}")).await;
        answer.json()["nonce"].as_str().unwrap().to_owned()
    }

    /// A fee for a service as anybody gets it.
    pub(crate) async fn fee_of(&self, did: &Did, service: &str, account: usize) -> ProviderFee {
        let provider = ProviderClient::builder(self.testbed.provider_url()).build().unwrap();
        let query = InitializeQuery::new(did.clone(), ServiceId::new(service).unwrap(), self.address(account));
        match provider.initialize(&query, self.testbed.deployment().chain_id).await.unwrap() {
            Initialized::Fee(answer) => answer.fee,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn fee(&self, service: &str, account: usize) -> ProviderFee {
        self.fee_of(self.did(), service, account).await
    }

    /// One datatoken of the asset more.
    pub(crate) async fn dispense(&self, contracts: &Contracts, account: usize) {
        contracts.dispense(self.asset.datatoken, BaseUnits(ONE), self.address(account)).await.unwrap();
    }

    /// A genuine order of a service, for which the document says the index.
    pub(crate) async fn order(&self, account: usize, service: &str) -> B256 {
        let client = self.client(account).await;
        let index = match service {
            "first" => 0,
            "second" => 1,
            "compute" => 2,
            _ => 3,
        };
        self.dispense(client.contracts(), account).await;
        let fee = self.fee(service, account).await;
        self.order_with(&client, account, index, &fee).await
    }

    /// An order with any fee that the contract takes, also one that a client which looks first would not send.
    pub(crate) async fn order_with(&self, client: &Ocean, account: usize, index: u64, fee: &ProviderFee) -> B256 {
        let call = IErc20Template::startOrderCall {
            consumer: self.address(account),
            serviceIndex: U256::from(index),
            _providerFee: fee.into(),
            _consumeMarketFee: None.into(),
        };
        client.contracts().transact(self.asset.datatoken, &call).await.unwrap().transaction_hash
    }

    /// Sends a download that must be refused for its order, and everything that a refusal must leave alone.
    pub(crate) async fn order_refused(&self, case: &str, download: &Download, reason: &str) {
        let before = (self.files.requests(SECRET_PATH), self.stored(&download.consumer).await);
        let text = format!(
            "Provider Ganache: Order with tx_id {} could not be validated due to error: Provider Ganache: {reason}",
            download.tx
        );
        self.get(&download.path()).await.refused_exactly(case, 400, &text);
        let after = (self.files.requests(SECRET_PATH), self.stored(&download.consumer).await);
        assert_eq!(after, before, "{case}: requests at the source, nonce");
        let valid = self.get(&self.initialize(&download.service, &download.consumer, &download.tx)).await;
        assert_eq!(valid.status, 200, "{case}: {}", valid.text());
        assert!(valid.json().get("validOrder").is_none() && valid.json().get("providerFee").is_some(), "{case}");
    }

    pub(crate) fn initialize(&self, service: &str, consumer: &str, tx: &str) -> String {
        let did = self.did();
        format!(
            "/api/services/initialize?documentId={did}&serviceId={service}&consumerAddress={consumer}&transferTxId={tx}"
        )
    }

    pub(crate) async fn served(&self, case: &str, download: &Download) {
        let answer = self.get(&download.path()).await;
        assert_eq!(answer.status, 200, "{case}: {}", answer.text());
        assert_eq!(answer.text(), self.content, "{case}");
    }
}

/// A genuine fee for somebody else's events.
pub(crate) fn forged(fee: &ProviderFee) -> ForgedFee {
    ForgedFee {
        provider_fee_address: fee.provider_fee_address,
        provider_fee_token: fee.provider_fee_token,
        provider_fee_amount: fee.provider_fee_amount,
        v: fee.v,
        r: fee.r,
        s: fee.s,
        valid_until: fee.valid_until,
        provider_data: fee.provider_data.clone(),
    }
}

/// What a wallet signs for bytes: a message of their length.
pub(crate) fn personal_digest(bytes: &[u8]) -> B256 {
    keccak256([format!("\x19Ethereum Signed Message:\n{}", bytes.len()).as_bytes(), bytes].concat())
}

/// As tokens are written.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}
