//! `POST /api/aquarius/assets/triggerCaching`: index one transaction now.

use ocean_primitives::{B256, ChainId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiError;

/// The path.
pub const PATH: &str = "/api/aquarius/assets/triggerCaching";
/// The body of the success answer. Its content type is JSON although it is not.
pub const QUEUED: &str = "Queued";

/// What to index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The transaction.
    pub transaction_id: B256,
    /// Its chain.
    pub chain_id: ChainId,
    /// Only the event with this index in the block.
    pub log_index: Option<u64>,
}

impl Request {
    /// All events of a transaction.
    pub fn new(transaction_id: B256, chain_id: ChainId) -> Self {
        Self { transaction_id, chain_id, log_index: None }
    }

    /// The JSON body.
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "transactionId": self.transaction_id, "chain_id": self.chain_id });
        if let (Some(index), Some(map)) = (self.log_index, body.as_object_mut()) {
            map.insert("logIndex".to_owned(), json!(index));
        }
        body
    }

    /// Reads a body; both `chain_id` (the code of Aquarius) and `chainId` (its documentation) are taken.
    ///
    /// # Errors
    /// A missing or malformed transaction id or chain.
    pub fn parse(body: &Value) -> Result<Self, ApiError> {
        let transaction = body.get("transactionId").ok_or(ApiError::InvalidTransaction)?;
        let chain = body.get("chain_id").or_else(|| body.get("chainId")).ok_or(ApiError::InvalidTransaction)?;
        Ok(Self {
            transaction_id: B256::deserialize(transaction).map_err(|_| ApiError::InvalidTransaction)?,
            chain_id: ChainId::deserialize(chain).map_err(|_| ApiError::InvalidTransaction)?,
            log_index: body.get("logIndex").and_then(Value::as_u64),
        })
    }
}
