//! What the index keeps about an asset, each in its own record, so that an edit of the document touches nothing else.

use ocean_primitives::{Address, B256, Bytes, ChainId, U256};
use serde::{Deserialize, Serialize};

/// A data NFT of the factory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NftRecord {
    pub(crate) address: Address,
    pub(crate) name: String,
    pub(crate) symbol: String,
    pub(crate) token_uri: String,
    pub(crate) owner: Address,
    pub(crate) state: u8,
    /// Block and log index of the event that set the state.
    pub(crate) state_place: (u64, u64),
    /// Unix seconds of the first metadata event.
    pub(crate) created: Option<i64>,
    /// Its datatokens in the order they came.
    pub(crate) tokens: Vec<Address>,
}

/// A datatoken of a known NFT.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub(crate) address: Address,
    pub(crate) nft: Address,
    pub(crate) name: String,
    pub(crate) symbol: String,
    /// Orders started and reused.
    pub(crate) orders: u64,
    pub(crate) exchanges: Vec<ExchangeRecord>,
    pub(crate) dispensers: Vec<DispenserRecord>,
}

/// A fixed-rate exchange of a datatoken, in a contract that the router approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeRecord {
    pub(crate) contract: Address,
    pub(crate) id: B256,
    pub(crate) base_token: Address,
    pub(crate) base_symbol: String,
    /// Base tokens for one datatoken, scaled by 1e18.
    pub(crate) rate: U256,
    pub(crate) active: bool,
}

/// A dispenser of a datatoken, in a contract that the router approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DispenserRecord {
    pub(crate) contract: Address,
    pub(crate) active: bool,
}

/// Which datatoken an exchange id belongs to: the later events of an exchange name only the id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeOwner {
    pub(crate) datatoken: Address,
}

/// The metadata event whose document is in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AssetRecord {
    pub(crate) did: String,
    pub(crate) chain: ChainId,
    pub(crate) nft: Address,
    pub(crate) version: String,
    pub(crate) tx: B256,
    pub(crate) block: u64,
    pub(crate) log_index: u64,
    /// The sender of the transaction.
    pub(crate) from: Address,
    /// Unix seconds of the block.
    pub(crate) time: i64,
    pub(crate) hash: B256,
    pub(crate) hash_form: HashForm,
    /// The order in which assets came into the index.
    pub(crate) sequence: u64,
}

/// What the hash on chain was computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HashForm {
    /// SHA-256 of the document's bytes.
    Bytes,
    /// SHA-256 of the document's hex text, as ocean.js does for unencrypted documents.
    HexText,
}

/// Why the latest metadata event of an NFT is or is not in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StateRecord {
    pub(crate) did: String,
    pub(crate) nft: Address,
    pub(crate) tx: B256,
    pub(crate) block: u64,
    pub(crate) log_index: u64,
    pub(crate) error: Option<String>,
}

/// An event that could not be processed yet, with everything that processing it needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RetryRecord {
    pub(crate) log: LogRecord,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
    /// Unix milliseconds.
    pub(crate) next_try: i64,
    /// Unix milliseconds.
    pub(crate) since: i64,
}

/// A block whose logs the node does not give, so that its events could not be read yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BlockRecord {
    pub(crate) block: u64,
    pub(crate) hash: B256,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
    /// Unix milliseconds.
    pub(crate) next_try: i64,
    /// Unix milliseconds.
    pub(crate) since: i64,
}

/// A log with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The contract that emitted it.
    pub address: Address,
    /// The topics.
    pub topics: Vec<B256>,
    /// The data.
    pub data: Bytes,
    /// The block's number.
    pub block: u64,
    /// The block's hash.
    pub block_hash: B256,
    /// The block's time, in unix seconds.
    pub time: i64,
    /// The transaction.
    pub tx: B256,
    /// The place among the logs of the block.
    pub log_index: u64,
}

impl LogRecord {
    /// The key of this log in the retry queue; unique on one chain.
    pub(crate) fn key(&self) -> String {
        format!("{:#x}-{}", self.tx, self.log_index)
    }
}
