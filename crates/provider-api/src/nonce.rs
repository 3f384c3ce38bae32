//! `GET /api/services/nonce`

use ocean_primitives::{Address, Dialect, Nonce};
use serde_json::json;

use crate::{error::ApiError, json::json_text, request::RequestData, validation::Validation};

/// The ocean-node command this endpoint is.
const COMMAND: &str = "nonce";

/// Asks for the nonce that is stored for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NonceRequest {
    /// Whose nonce; `None` where the text is no address: nothing is stored for it then.
    pub address: Option<Address>,
}

impl NonceRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// In the provider dialect `userAddress` is required. ocean-node answers 200 without it.
    pub fn parse(dialect: Dialect, data: &RequestData) -> Result<Self, ApiError> {
        let mut validation = Validation::new(COMMAND, &["address"]);
        if dialect != Dialect::OceanNode {
            validation.require(data, "userAddress");
        }
        validation.finish()?;
        Ok(Self { address: data.text("userAddress").and_then(|text| text.parse().ok()) })
    }

    /// The query a client sends.
    pub fn query(address: Address) -> Vec<(&'static str, String)> {
        vec![("userAddress", address.to_checksum(None))]
    }
}

/// The answer's body. An address that was never seen has nonce 1 in the provider dialect, 0 in ocean-node's.
pub fn response(dialect: Dialect, stored: Option<&Nonce>) -> String {
    let unknown = if dialect == Dialect::OceanNode { "0" } else { "1" };
    let nonce = stored.map_or_else(|| unknown.to_owned(), Nonce::to_string);
    json_text(dialect, &json!({ "nonce": nonce }))
}

/// Reads the answer: text or number, both are seen; `null` and the empty text are no nonce yet.
pub fn parse_response(body: &[u8]) -> Option<Nonce> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    match value.get("nonce")? {
        serde_json::Value::String(text) if text.is_empty() => Some(Nonce::zero()),
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Null => Some(Nonce::zero()),
        number => number.to_string().parse().ok(),
    }
}
