//! `GET /api/aquarius/state/ddo`, `GET /api/aquarius/state/retryQueue` and ocean-node's `GET /api/services/indexQueue`.

use ocean_primitives::{Address, ChainId, Dialect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The path of the state of one asset.
pub const DDO_PATH: &str = "/api/aquarius/state/ddo";
/// The path of the retry queue.
pub const RETRY_PATH: &str = "/api/aquarius/state/retryQueue";
/// The path of ocean-node's queue.
pub const INDEX_QUEUE_PATH: &str = "/api/services/indexQueue";

/// Why an asset is or is not in the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DdoState {
    /// The chain.
    pub chain_id: ChainId,
    /// The DID that belongs to the NFT on this chain.
    pub did: String,
    /// The data NFT.
    pub nft: Address,
    /// The transaction of the metadata event that was looked at last.
    pub tx_id: String,
    /// Whether that event made it into the index.
    pub valid: bool,
    /// The reason when it did not; empty otherwise.
    pub error: String,
}

/// The query of `state/ddo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DdoStateQuery {
    /// By DID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<String>,
    /// By NFT address, any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nft: Option<String>,
    /// By transaction hash.
    #[serde(rename = "txId", default, skip_serializing_if = "Option::is_none")]
    pub tx_id: Option<String>,
    /// Only on this chain.
    #[serde(rename = "chainId", default, skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<String>,
}

impl DdoStateQuery {
    /// The question by DID.
    pub fn did(did: impl Into<String>) -> Self {
        Self { did: Some(did.into()), ..Self::default() }
    }
}

impl DdoState {
    /// A state; `error` is empty for a valid one.
    pub fn new(
        chain_id: ChainId,
        did: impl Into<String>,
        nft: Address,
        tx_id: impl Into<String>,
        error: Option<String>,
    ) -> Self {
        let valid = error.is_none();
        Self { chain_id, did: did.into(), nft, tx_id: tx_id.into(), valid, error: error.unwrap_or_default() }
    }

    /// The JSON of this dialect: Aquarius writes snake case, ocean-node camel case and an `id`.
    pub fn to_json(&self, dialect: Dialect) -> Value {
        let nft = self.nft.to_checksum(None);
        match dialect {
            Dialect::OceanNode => {
                let blank = |text: &str| {
                    if text.is_empty() { " ".to_owned() } else { text.to_owned() }
                };
                json!({
                    "id": self.did,
                    "chainId": self.chain_id,
                    "did": self.did,
                    "nft": nft,
                    "txId": blank(&self.tx_id),
                    "valid": self.valid,
                    "error": blank(&self.error),
                })
            }
            _ => json!({
                "chain_id": self.chain_id,
                "did": self.did,
                "error": if self.error.is_empty() { Value::Null } else { json!(self.error) },
                "nft": nft,
                "tx_id": self.tx_id,
                "valid": self.valid,
            }),
        }
    }

    /// Reads either dialect's JSON.
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| value.get(*key));
            found.and_then(Value::as_str).unwrap_or_default().trim().to_owned()
        };
        let chain = value.get("chain_id").or_else(|| value.get("chainId"))?;
        Some(Self {
            chain_id: ChainId::deserialize(chain).ok()?,
            did: text(["did", "id"]),
            nft: Address::deserialize(value.get("nft")?).ok()?,
            tx_id: text(["tx_id", "txId"]),
            valid: value.get("valid").and_then(Value::as_bool)?,
            error: text(["error", "error"]),
        })
    }
}
