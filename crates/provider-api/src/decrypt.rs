//! `POST /api/services/decrypt`

use ocean_crypto::{Message, command};
use ocean_primitives::{Address, B256, Bytes, ChainId, Dialect};
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::{Rule, Validation},
};

/// Asks for a document that was published encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecryptRequest {
    /// The chain it was published on; `None` where the text is no chain id.
    pub chain: Option<ChainId>,
    /// The data NFT it was published by.
    pub data_nft: Address,
    /// Where the ciphertext is.
    pub source: DecryptSource,
    /// Who asks, as sent: a list of authorised addresses is compared with it.
    pub decrypter: String,
    /// Who asks.
    pub authorization: Authorization,
}

/// Where the ciphertext of a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptSource {
    /// In the events of this transaction.
    Transaction(B256),
    /// In the request.
    Document {
        /// The payload.
        payload: Bytes,
        /// What was done to it.
        flags: u8,
        /// SHA-256 of the clear document.
        hash: B256,
    },
}

impl DecryptRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// All missing or malformed fields together, and the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        const REQUIRED: &[&str] = &["decrypterAddress", "chainId"];
        let mut validation = Validation::new(command::DECRYPT_DDO, REQUIRED);
        validation.require(data, "decrypterAddress");
        validation.require(data, "chainId");
        require_source(data, &mut validation);
        require_nonce(data, &mut validation);
        let transaction_id = data.filled("transactionId");
        let (data_nft, chain_id) = (data.text("dataNftAddress"), data.text("chainId"));
        let message = |decrypter: &str, nonce: &str| {
            let transaction_id = transaction_id.as_deref();
            let (data_nft, chain_id) = (data_nft.as_deref().unwrap_or("None"), chain_id.as_deref());
            vec![Message::Decrypt { transaction_id, data_nft, decrypter, chain_id, nonce }.text(dialect)]
        };
        let authorization = authorize(dialect, data, auth, "decrypterAddress", message, &mut validation);

        let data_nft: Option<Address> = data_nft.as_deref().and_then(|text| text.parse().ok());
        if data_nft.is_none() && data.is_filled("dataNftAddress") {
            validation.broken("dataNftAddress", Rule::Address);
        }
        let source = match &transaction_id {
            Some(text) => match text.parse() {
                Ok(transaction) => Some(DecryptSource::Transaction(transaction)),
                Err(_) => {
                    validation.broken("transactionId", Rule::Format);
                    None
                }
            },
            None => document_source(data, &mut validation),
        };
        match (data_nft, source, authorization, validation.finish()) {
            (Some(data_nft), Some(source), Some(authorization), Ok(())) => Ok(Self {
                chain: chain_id.and_then(|text| text.parse().ok()),
                data_nft,
                source,
                decrypter: data.text("decrypterAddress").unwrap_or_default().into_owned(),
                authorization,
            }),
            (.., Err(error)) => Err(error),
            // Each part that is absent has been noted, so that `finish` has failed.
            _ => Err(ApiError::Internal),
        }
    }
}

/// The rules on the four fields of a document and its transaction, as the peer words them.
fn require_source(data: &RequestData, validation: &mut Validation) {
    const DOCUMENT: [&str; 3] = ["encryptedDocument", "flags", "documentHash"];
    const PRESENT: [&[&str]; 3] =
        [&["flags", "documentHash"], &["encryptedDocument", "documentHash"], &["encryptedDocument", "flags"]];
    validation.require(data, "dataNftAddress");
    let by_transaction = data.is_filled("transactionId");
    let complete = DOCUMENT.iter().all(|field| data.is_filled(field)) && data.is_filled("dataNftAddress");
    if !by_transaction && !complete {
        const ALL: &[&str] = &["dataNftAddress", "encryptedDocument", "flags", "documentHash"];
        validation.broken("transactionId", Rule::RequiredWithout(ALL));
    }
    for (field, others) in DOCUMENT.into_iter().zip(PRESENT) {
        if !data.is_filled(field) && !by_transaction {
            validation.broken(field, Rule::RequiredWithout(&["transactionId"]));
            if others.iter().all(|other| data.is_filled(other)) {
                validation.broken(field, Rule::RequiredWith(others));
            }
        }
    }
}

fn require_nonce(data: &RequestData, validation: &mut Validation) {
    validation.require(data, "nonce");
    if data.text("nonce").and_then(|text| text.parse::<ocean_primitives::Nonce>().ok()).is_none() {
        validation.broken("nonce", Rule::Number);
    }
}

fn document_source(data: &RequestData, validation: &mut Validation) -> Option<DecryptSource> {
    let payload = parse_field(data, "encryptedDocument", validation, |text| text.parse::<Bytes>().ok());
    let flags = parse_field(data, "flags", validation, |text| text.parse::<u8>().ok());
    let hash = parse_field(data, "documentHash", validation, |text| text.parse::<B256>().ok());
    Some(DecryptSource::Document { payload: payload?, flags: flags?, hash: hash? })
}

fn parse_field<T>(
    data: &RequestData,
    field: &'static str,
    validation: &mut Validation,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let text = data.filled(field)?;
    let value = parse(&text);
    if value.is_none() {
        validation.broken(field, Rule::Format);
    }
    value
}

/// What a client sends: the fields of its JSON body without nonce and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptQuery {
    /// The chain.
    pub chain: ChainId,
    /// The data NFT.
    pub data_nft: Address,
    /// Where the ciphertext is.
    pub source: DecryptSource,
}

impl DecryptQuery {
    /// The text to be signed for `decrypter`.
    pub fn message(&self, dialect: Dialect, decrypter: &str, nonce: &str) -> String {
        let (data_nft, chain) = (self.data_nft.to_checksum(None), self.chain.to_string());
        let transaction = match &self.source {
            DecryptSource::Transaction(hash) => Some(hash.to_string()),
            DecryptSource::Document { .. } => None,
        };
        let (transaction_id, chain_id) = (transaction.as_deref(), Some(chain.as_str()));
        Message::Decrypt { transaction_id, data_nft: &data_nft, decrypter, chain_id, nonce }.text(dialect)
    }

    /// The JSON body.
    pub fn body(&self, decrypter: &str, nonce: &str, signature: &str) -> Value {
        let mut body = Map::new();
        body.insert("decrypterAddress".to_owned(), json!(decrypter));
        body.insert("chainId".to_owned(), json!(self.chain));
        body.insert("dataNftAddress".to_owned(), json!(self.data_nft.to_checksum(None)));
        match &self.source {
            DecryptSource::Transaction(hash) => {
                body.insert("transactionId".to_owned(), json!(hash.to_string()));
            }
            DecryptSource::Document { payload, flags, hash } => {
                body.insert("encryptedDocument".to_owned(), json!(payload.to_string()));
                body.insert("flags".to_owned(), json!(flags));
                body.insert("documentHash".to_owned(), json!(hash.to_string()));
            }
        }
        body.insert("nonce".to_owned(), json!(nonce));
        body.insert("signature".to_owned(), json!(signature));
        Value::Object(body)
    }
}

/// Status and content type of the answer; its body is the document.
pub fn response_head(dialect: Dialect) -> (u16, &'static str) {
    match dialect {
        Dialect::OceanNode => (200, "text/plain; charset=utf-8"),
        _ => (201, "text/plain"),
    }
}
