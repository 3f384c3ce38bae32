//! `GET` and `HEAD /api/services/download`

use ocean_crypto::{Message, command};
use ocean_did::Did;
use ocean_primitives::{Address, B256, Dialect, Nonce};
use serde_json::Value;

use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize, bearer},
    validation::{Rule, Validation, whole_number},
};

/// Asks for a file that was paid for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DownloadRequest {
    /// The asset; `None` where the text is no DID.
    pub did: Option<Did>,
    /// The service's id as it was sent.
    pub service_id: String,
    /// The order as it was sent.
    pub transfer_tx: String,
    /// Which file.
    pub file_index: u64,
    /// Who asks.
    pub consumer: Address,
    /// What is to be used up before the file is sent; a request with a token alone, as ocean.js sends it to a node, has nothing.
    pub authorization: Option<Authorization>,
    /// The consumer's parameters for the file.
    pub user_data: Option<Value>,
}

impl DownloadRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields, or the signature. As in the peer, nothing after a missing document, consumer, order or
    /// nonce is reported.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        const REQUIRED: &[&str] =
            &["fileIndex", "documentId", "serviceId", "transferTxId", "nonce", "consumerAddress", "signature"];
        let mut validation = Validation::new(command::DOWNLOAD, REQUIRED);
        validation.require(data, "documentId");
        validation.bail_on("documentId").require(data, "serviceId");
        validation.require(data, "consumerAddress");
        validation.bail_on("consumerAddress").require(data, "transferTxId");
        validation.bail_on("transferTxId");
        let file_index = match whole_number(data, "fileIndex") {
            Some(Ok(index)) => Some(index),
            Some(Err(rules)) => {
                for rule in rules {
                    validation.broken("fileIndex", rule);
                }
                None
            }
            None => {
                validation.broken("fileIndex", Rule::Required);
                None
            }
        };
        let document_id = data.text("documentId").unwrap_or_default();
        let text = |field| data.text(field).unwrap_or_default().into_owned();
        let request = |consumer, authorization, file_index: Option<u64>| {
            Ok(Self {
                did: Did::parse(&document_id).ok(),
                service_id: text("serviceId"),
                transfer_tx: text("transferTxId"),
                file_index: file_index.ok_or(ApiError::Internal)?,
                consumer,
                authorization,
                user_data: data.user_data("userdata"),
            })
        };
        if let Some(consumer) = bearer(dialect, data, auth, "consumerAddress") {
            validation.finish()?;
            return request(consumer, None, file_index);
        }
        validation.require(data, "nonce");
        validation.bail_on("nonce");
        if data.text("nonce").and_then(|text| text.parse::<Nonce>().ok()).is_none() {
            validation.broken("nonce", Rule::Number);
        }
        validation.bail_on("nonce");
        let message = |consumer: &str, nonce: &str| {
            vec![Message::Download { consumer, document_id: &document_id, nonce }.text(dialect)]
        };
        let authorization = authorize(dialect, data, auth, "consumerAddress", message, &mut validation);
        validation.finish()?;
        let authorization = authorization.ok_or(ApiError::Internal)?;
        request(authorization.address, Some(authorization), file_index)
    }

    /// The query a client sends, signature included.
    #[expect(clippy::too_many_arguments, reason = "one argument per field of the protocol")]
    pub fn query(
        did: &str,
        service_id: &str,
        transfer_tx: B256,
        file_index: u64,
        consumer: Address,
        nonce: &str,
        signature: &str,
        user_data: Option<&Value>,
    ) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("documentId", did.to_owned()),
            ("serviceId", service_id.to_owned()),
            ("transferTxId", transfer_tx.to_string()),
            ("fileIndex", file_index.to_string()),
            ("consumerAddress", consumer.to_checksum(None)),
            ("nonce", nonce.to_owned()),
            ("signature", signature.to_owned()),
        ];
        query.extend(user_data.map(|data| ("userdata", data.to_string())));
        query
    }
}

/// The `Content-Disposition` of a whole file. ocean.js reads exactly the form `attachment;filename=<name>`.
///
/// Whatever could end the header or be taken for a path is replaced.
pub fn content_disposition(file_name: &str) -> String {
    let safe = |char: char| {
        if char.is_ascii_graphic() && !matches!(char, '"' | '\\' | '/' | ';') { char } else { '_' }
    };
    let name: String = file_name.chars().take(200).map(safe).collect();
    format!("attachment;filename={}", if name.is_empty() { "file" } else { &name })
}

/// The file name in a `Content-Disposition`, without any path.
pub fn parse_content_disposition(header: &str) -> Option<String> {
    let parameter = header.split(';').map(str::trim).find_map(|part| part.strip_prefix("filename="))?;
    let name = parameter.trim_matches('"').rsplit(['/', '\\']).next()?.trim();
    (!name.is_empty() && name != "." && name != "..").then(|| name.to_owned())
}
