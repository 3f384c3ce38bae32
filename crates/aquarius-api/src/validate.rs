//! `POST /api/aquarius/assets/ddo/validate`: by content type, Aquarius' form (the document's bytes) or ocean-node's (JSON).

use ocean_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

/// The path.
pub const PATH: &str = "/api/aquarius/assets/ddo/validate";
/// The content type of Aquarius' form, compared as text.
pub const OCTET_STREAM: &str = "application/octet-stream";
/// The command that ocean-node's callers sign.
pub const COMMAND: &str = "validateDDO";

/// ocean-node's request: the document and who publishes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeRequest {
    /// The document as the client wrote it.
    pub ddo: Box<RawValue>,
    /// The publisher; signs the request.
    #[serde(default)]
    pub publisher_address: Option<String>,
    /// The nonce, as text or number.
    #[serde(default)]
    pub nonce: Option<Value>,
    /// The signature over publisher, nonce and [`COMMAND`].
    #[serde(default)]
    pub signature: Option<String>,
}

/// A signed verdict: the validator vouches for the bytes with this hash.
///
/// The contract takes it as a metadata proof (`aquarius.md`, section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validation {
    /// SHA-256 of the document's bytes.
    pub hash: B256,
    /// The validator's address; the field is called `publicKey` on the wire.
    pub public_key: Address,
    /// 27 or 28.
    pub v: u8,
    /// First half of the signature.
    pub r: B256,
    /// Second half of the signature.
    pub s: B256,
}

/// What the server says about a valid document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validated {
    /// Valid, and signed by the validator.
    Signed(Validation),
    /// Valid; the server has no key or does not sign for this caller.
    Unsigned,
}

impl Validation {
    /// The verdict of the validator `public_key` over a document with this hash.
    pub fn new(hash: B256, public_key: Address, v: u8, r: B256, s: B256) -> Self {
        Self { hash, public_key, v, r, s }
    }
}

impl Validated {
    /// The JSON on the wire: `r` and `s` as one-element arrays, and every field empty when unsigned.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Signed(signed) => json!({
                "hash": signed.hash,
                "publicKey": signed.public_key.to_checksum(None),
                "r": [signed.r],
                "s": [signed.s],
                "v": signed.v,
            }),
            Self::Unsigned => json!({ "hash": "", "publicKey": "", "r": "", "s": "", "v": "" }),
        }
    }

    /// Reads what any peer sends: arrays (Aquarius), texts (ocean-node), empty texts, or an empty body.
    pub fn from_body(body: &str) -> Option<Self> {
        if body.trim().is_empty() {
            return Some(Self::Unsigned);
        }
        let value: Value = serde_json::from_str(body).ok()?;
        if value.get("hash").and_then(Value::as_str) == Some("") {
            return Some(Self::Unsigned);
        }
        let wire = Wire::deserialize(&value).ok()?;
        let v = match &wire.v {
            Value::Number(number) => u8::try_from(number.as_u64()?).ok()?,
            Value::String(text) => match text.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16).ok()?,
                None => text.parse().ok()?,
            },
            _ => return None,
        };
        Some(Self::Signed(Validation::new(wire.hash, wire.public_key, v, wire.r.one(), wire.s.one())))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    hash: B256,
    public_key: Address,
    r: OneOrText,
    s: OneOrText,
    v: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrText {
    One([B256; 1]),
    Text(B256),
}

impl OneOrText {
    fn one(&self) -> B256 {
        match self {
            Self::One([word]) | Self::Text(word) => *word,
        }
    }
}
