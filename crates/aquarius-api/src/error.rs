use std::collections::BTreeMap;

use ocean_primitives::Dialect;
use serde_json::{Value, json};

use crate::json::jsonify;

/// Content type of a JSON body.
pub const JSON: &str = "application/json";
/// Content type of an HTML body, as Flask and Express send it.
pub const HTML: &str = "text/html; charset=utf-8";
/// Content type of a plain-text body.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// Everything an endpoint can answer that is not a success.
///
/// This is the only place where a meaning becomes a status and a text: [`ApiError::response`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// No document is stored under this DID.
    #[error("asset {did} not found")]
    DidNotFound {
        /// The DID as it was asked for.
        did: String,
    },
    /// The document exists and is not listed, or reading it failed.
    #[error("looking up {did} failed: {reason}")]
    Lookup {
        /// The DID as it was asked for.
        did: String,
        /// What went wrong.
        reason: String,
    },
    /// There is no asset whose metadata could be returned.
    #[error("metadata of {did} not found")]
    MetadataNotFound {
        /// The DID as it was asked for.
        did: String,
    },
    /// The asset is deprecated or revoked, its metadata is not served any more.
    #[error("asset {did} is deprecated or revoked and has no metadata")]
    MetadataRemoved {
        /// The DID as it was asked for.
        did: String,
    },
    /// The text in the path is not a DID (ocean-node's routes refuse it).
    #[error("missing or invalid did")]
    InvalidDid,
    /// `didList` is empty.
    #[error("the list of dids is empty")]
    EmptyDidList,
    /// `didList` is absent.
    #[error("the list of dids is missing")]
    MissingDidList,
    /// `didList` is something other than a list.
    #[error("the list of dids is not a list")]
    DidListNotList,
    /// The body is JSON and not an object, or not JSON where Aquarius tolerates that.
    #[error("the payload is not an object")]
    InvalidPayload,
    /// The body cannot be parsed as JSON.
    #[error("the body is not JSON")]
    BadJson,
    /// The request has no JSON content type.
    #[error("the content type is not JSON")]
    UnsupportedMediaType,
    /// The body is larger than this server reads.
    #[error("the body is too large")]
    TooLarge,
    /// A key of the query body that the search does not know.
    #[error("unknown search argument {key}")]
    SearchArgument {
        /// The key.
        key: String,
    },
    /// The search engine refuses the query.
    #[error("{kind}: {reason}")]
    Search {
        /// Elasticsearch's error type, for example `parsing_exception`.
        kind: String,
        /// What is wrong.
        reason: String,
    },
    /// `validate` was called with a content type of neither dialect.
    #[error("invalid content type")]
    ValidateContentType,
    /// The document to validate has no `version`.
    #[error("the document has no version")]
    NoVersion,
    /// The document to validate has a version nobody knows.
    #[error("unknown document version {version}")]
    UnknownVersion {
        /// The version in the document.
        version: String,
    },
    /// The document is invalid: path to message.
    #[error("the document is invalid")]
    InvalidDdo {
        /// One message for each path.
        errors: BTreeMap<String, String>,
    },
    /// ocean-node's authentication failed; the text is the body.
    #[error("{0}")]
    Unauthorized(String),
    /// `triggerCaching` without a usable transaction id or chain.
    #[error("invalid transaction id or chain id")]
    InvalidTransaction,
    /// `triggerCaching` failed.
    #[error("caching failed: {0}")]
    Trigger(String),
    /// No chain is being indexed.
    #[error("no chains")]
    NoChains,
    /// This chain is not being indexed.
    #[error("chain {chain} is not indexed")]
    ChainNotIndexed {
        /// The chain as it was asked for.
        chain: String,
    },
    /// `state/ddo` without `did`, `nft` or `txId`.
    #[error("none of nft, txId, did given")]
    StateArguments,
    /// `state/ddo` for an asset nobody has seen.
    #[error("not found")]
    StateNotFound,
    /// `validation/schema` for an unknown version.
    #[error("schema version not found")]
    SchemaVersion,
    /// Something on this side broke; details are logged and not sent.
    #[error("internal error")]
    Internal,
}

/// An error as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The body, byte for byte.
    pub body: String,
}

impl ErrorBody {
    fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status, content_type, body: body.into() }
    }

    fn json(status: u16, value: &Value) -> Self {
        Self::new(status, JSON, jsonify(value))
    }

    fn error(status: u16, text: impl Into<String>) -> Self {
        Self::json(status, &json!({ "error": text.into() }))
    }
}

impl ApiError {
    /// A query that the engine cannot read, as Elasticsearch names it.
    pub fn parsing(reason: impl Into<String>) -> Self {
        Self::Search { kind: "parsing_exception".to_owned(), reason: reason.into() }
    }

    /// The answer on the wire.
    ///
    /// The texts are Aquarius' in both dialects unless only ocean-node has the route or the meaning.
    pub fn response(&self, dialect: Dialect) -> ErrorBody {
        let node = dialect == Dialect::OceanNode;
        match self {
            Self::DidNotFound { did } => ErrorBody::error(404, format!("Asset DID {did} not found in Elasticsearch.")),
            Self::Lookup { did, reason } => {
                ErrorBody::error(404, format!("Error encountered while searching the asset DID {did}: {reason}."))
            }
            Self::MetadataNotFound { did } if node => {
                ErrorBody::error(404, format!("Asset DID {did} not found in Elasticsearch."))
            }
            Self::MetadataNotFound { did } => ErrorBody::error(
                404,
                format!(
                    "Error encountered while retrieving metadata: NotFoundError(404, \"{{'_index': 'aquarius', '_id': '{did}', 'found': False}}\")."
                ),
            ),
            Self::MetadataRemoved { .. } => {
                ErrorBody::error(404, "Error encountered while retrieving metadata: KeyError('metadata').")
            }
            Self::InvalidDid => ErrorBody::new(400, TEXT, "Missing or invalid required parameter: \"did\""),
            Self::EmptyDidList => ErrorBody::error(400, "The requested didList can not be empty."),
            Self::MissingDidList => ErrorBody::error(400, "`didList` is required in the request payload."),
            Self::DidListNotList => ErrorBody::error(400, "The didList must be a list."),
            Self::InvalidPayload => {
                ErrorBody::error(400, "Invalid payload. The request could not be converted into a dict.")
            }
            Self::BadJson => ErrorBody::new(
                400,
                HTML,
                "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>The browser (or proxy) sent a request that this server could not understand.</p>\n",
            ),
            Self::UnsupportedMediaType => ErrorBody::new(
                415,
                HTML,
                "<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n<p>Did not attempt to load JSON data because the request Content-Type was not &#39;application/json&#39;.</p>\n",
            ),
            Self::TooLarge => ErrorBody::new(
                413,
                HTML,
                "<!doctype html>\n<html lang=en>\n<title>413 Request Entity Too Large</title>\n<h1>Request Entity Too Large</h1>\n<p>The data value transmitted exceeds the capacity limit.</p>\n",
            ),
            Self::SearchArgument { key } => ErrorBody::error(
                500,
                format!(
                    "Encountered Elasticsearch Exception: Elasticsearch.search() got an unexpected keyword argument '{key}'"
                ),
            ),
            Self::Search { kind, reason } => ErrorBody::error(
                500,
                format!("Encountered Elasticsearch Exception: BadRequestError(400, '{kind}', {})", python_text(reason)),
            ),
            Self::ValidateContentType => {
                ErrorBody::error(400, "Invalid request content type: should be application/octet-stream")
            }
            Self::NoVersion if node => ErrorBody::new(400, TEXT, "Missing DDO version"),
            Self::NoVersion => ErrorBody::json(400, &json!([{ "message": "no version provided for DDO." }])),
            Self::UnknownVersion { version } if node => {
                ErrorBody::new(400, TEXT, format!("Validation error: Unsupported DDO version: {version}"))
            }
            Self::UnknownVersion { version } => {
                ErrorBody::error(500, format!("Encountered error when validating asset: Can't find schema {version}."))
            }
            Self::InvalidDdo { errors } if node => {
                ErrorBody::new(400, TEXT, format!("Validation error: {}", json!(errors)))
            }
            Self::InvalidDdo { errors } => ErrorBody::json(400, &json!({ "errors": errors })),
            Self::Unauthorized(text) => ErrorBody::new(401, TEXT, text.clone()),
            Self::InvalidTransaction => ErrorBody::error(400, "Invalid transactionId or chain_id"),
            Self::Trigger(reason) => {
                ErrorBody::error(500, format!("Encountered error when triggering caching: {reason}"))
            }
            Self::NoChains => ErrorBody::error(404, "No chains found."),
            Self::ChainNotIndexed { chain } => ErrorBody::error(404, format!("Chain {chain} is not indexed.")),
            Self::StateArguments if node => {
                ErrorBody::new(400, TEXT, "Missing or invalid required parameters: \"did\", \"nft\" or \"txId\"")
            }
            Self::StateArguments => ErrorBody::error(400, "You need to specify one of: nft, txId, did"),
            Self::StateNotFound => ErrorBody::new(404, TEXT, "Not found"),
            Self::SchemaVersion => ErrorBody::json(404, &json!({ "erorr": "Schema version not found." })),
            Self::Internal => ErrorBody::error(500, "Internal error."),
        }
    }
}

/// A text the way Python's `repr` shows it, which is what Aquarius puts into its error.
fn python_text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    match (escaped.contains('\''), escaped.contains('"')) {
        (true, false) => format!("\"{escaped}\""),
        _ => format!("'{}'", escaped.replace('\'', "\\'")),
    }
}
