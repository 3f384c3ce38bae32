use std::time::Duration;

use ocean_contracts_bindings::{Contracts, Deployment, connect_with_key};
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_did::Did;
use ocean_primitives::{Address, B256, ChainId, Dialect, Nonce, ServiceId};
use reqwest::Method;
use serde_json::Value;

use crate::{
    error::{Error, Result},
    http::{Call, Mismatch},
};

/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server and everything that its checks need.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// Where the server is, without a slash at the end.
    pub base_url: String,
    /// The protocol family that it is asked in.
    pub dialect: Dialect,
    /// JSON-RPC of the chain that the asset is on.
    pub rpc: String,
    /// The contracts of that chain.
    pub deployment: Deployment,
    /// Who signs.
    pub keys: Keys,
    /// What there is to be had.
    pub files: Files,
    pub(crate) http: reqwest::Client,
}

/// Who signs requests.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Owns the data NFT, and may decrypt.
    pub publisher: PrivateKey,
    /// Has a valid order.
    pub consumer: PrivateKey,
    /// Has none.
    pub stranger: PrivateKey,
    /// The server's own key, where it is known: what the server encrypts is then opened.
    pub server: Option<PrivateKey>,
}

/// What there is to be had.
#[derive(Debug, Clone)]
pub struct Files {
    /// A file that the server can reach; it is the first file of the asset as well.
    pub url: String,
    /// A URL of the same host that answers 404; it is the second file of the asset.
    pub missing: String,
    /// The bytes of the first.
    pub content: Vec<u8>,
    /// The published asset.
    pub asset: Asset,
}

/// A published asset with an order.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its identifier.
    pub did: Did,
    /// The chain it is on.
    pub chain: ChainId,
    /// Its data NFT.
    pub nft: Address,
    /// The datatoken of the service.
    pub datatoken: Address,
    /// Its access service.
    pub service: ServiceId,
    /// The transaction in which the consumer ordered that service.
    pub order: B256,
    /// The transaction that published the document.
    pub published: B256,
    /// The document as it was published, in clear.
    pub document: Vec<u8>,
}

impl Target {
    /// A server at `base_url`, on the chain of `rpc`.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(
        base_url: impl Into<String>,
        dialect: Dialect,
        rpc: impl Into<String>,
        deployment: Deployment,
        keys: Keys,
        files: Files,
    ) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::Client)?;
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        Ok(Self { base_url, dialect, rpc: rpc.into(), deployment, keys, files, http })
    }

    pub(crate) async fn reachable(&self) -> Result<()> {
        let asked = self.http.get(format!("{}/", self.base_url)).send().await;
        asked.map(drop).map_err(|source| Error::Unreachable { url: self.base_url.clone(), source })
    }

    pub(crate) fn is_node(&self) -> bool {
        self.dialect == Dialect::OceanNode
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call(Method::POST, path).header("content-type", "application/json").body(body.to_string())
    }

    /// The publisher's calls of contracts.
    pub(crate) fn publisher(&self) -> Result<Contracts, Mismatch> {
        let rpc = connect_with_key(&self.rpc, &self.keys.publisher).map_err(|error| Mismatch::new("a chain", error))?;
        Ok(Contracts::new(rpc, self.deployment.clone()).with_sender(self.keys.publisher.address()))
    }

    pub(crate) fn sign(&self, key: &PrivateKey, message: &Message<'_>) -> String {
        sign_message(key, self.dialect, &message.text(self.dialect))
    }

    /// What the server says is stored, as it writes it.
    pub(crate) async fn stored_nonce(&self, address: &str) -> Result<String, Mismatch> {
        let seen = self.get("/api/services/nonce").query("userAddress", address).send().await?;
        let answer = seen.status(200)?.json()?;
        answer["nonce"].as_str().map(ToOwned::to_owned).ok_or_else(|| seen.mismatch("a nonce as text"))
    }

    /// The stored nonce and one more, which always passes.
    pub(crate) async fn next_nonce(&self, key: &PrivateKey) -> Result<String, Mismatch> {
        let stored = self.stored_nonce(&checksummed(key)).await?;
        let stored: Nonce = stored.parse().map_err(|_| Mismatch::new("a nonce", &stored))?;
        Ok(stored.next().to_string())
    }
}

/// The address of a key, as clients write it.
pub(crate) fn checksummed(key: &PrivateKey) -> String {
    key.address().to_checksum(None)
}
