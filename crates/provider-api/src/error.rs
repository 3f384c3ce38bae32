use std::fmt;

use ocean_primitives::{Dialect, Nonce};
use serde_json::{Value, json};

use crate::{
    json::json_text,
    signed::SignatureFault,
    validation::{FieldError, Validation},
};

/// An answer that is not a success, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// Everything a Provider refuses. The one place where a meaning becomes a status and a text, for each dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// Arguments that are missing, malformed or not authorised.
    Validation(Box<Validation>),
    /// `encrypt` with another content type than `application/octet-stream`.
    ContentType,
    /// `encrypt` without a chain.
    MissingChainId,
    /// `encrypt` without a body, in ocean-node.
    MissingBody,
    /// `encrypt` for a chain that is not served.
    EncryptUnknownChain,
    /// A chain that is not served, or a chain id that is none.
    UnknownChain,
    /// There is no document with that DID.
    CannotResolveDid,
    /// Something that was found wrong with an asset or an order on a chain.
    Asset {
        /// The chain's name as the Provider shows it.
        network: String,
        /// What is wrong.
        fault: AssetFault,
    },
    /// The caller may not decrypt here.
    DecrypterNotAuthorized,
    /// The NFT is not one of the factory's.
    NotFromFactory,
    /// The transaction holds no metadata event of that NFT.
    TransactionId,
    /// The asset's state forbids to decrypt it (1, 2, 3 have texts of their own).
    MetadataState(u8),
    /// The ciphertext is not for this key, or broken.
    Decrypt,
    /// The document does not decompress within the limits.
    Decompress,
    /// The document's hash is not the one given.
    Checksum,
    /// A file object that cannot be used.
    File(FileFault),
    /// An auth token that is not accepted.
    Token(TokenFault),
    /// A container description that is not usable.
    Container(ContainerFault),
    /// `directCommand` with a command that does not exist.
    UnknownCommand(String),
    /// Arguments that are wrong in a way that this text says (ocean-node).
    Invalid(String),
    /// What was asked for does not exist (ocean-node).
    Unfound(Unfound),
    /// Something about buckets and their files (ocean-node).
    Storage(StorageFault),
    /// A policy server does not allow it.
    Policy {
        /// What it answered, where that is the client's fault; 403 else.
        status: u16,
        /// What it said.
        text: String,
    },
    /// The RBAC server does not allow it.
    Rbac,
    /// There is nothing at that path.
    NotFound(Box<UnknownRequest>),
    /// The path exists, but not with that method.
    MethodNotAllowed(Box<UnknownRequest>),
    /// The body is larger than the limit of that endpoint.
    TooLarge,
    /// The body broke off.
    BodyBroken,
    /// More requests than are served at once.
    TooManyRequests,
    /// A neighbour (chain, document source) does not answer; nothing is wrong with the request.
    Unavailable(&'static str),
    /// A fault of this server; the cause is in its log.
    Internal,
}

/// A request that no endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRequest {
    /// The request's method.
    pub method: String,
    /// The request's path.
    pub path: String,
    /// The request's arguments, without secrets.
    pub context: Value,
}

/// What is wrong with an asset, its files or an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssetFault {
    /// The document has no such service.
    InvalidServiceId,
    /// The document is not usable.
    Disabled,
    /// The asset's state on chain does not allow ordering.
    NotConsumable,
    /// The consumer is not let in.
    Denied {
        /// The asset.
        did: String,
        /// Whether a deny list says so, else an allow list that does not name the consumer.
        in_deny_list: bool,
    },
    /// `initialize` is for access services.
    UseInitializeCompute,
    /// `download` is for access services.
    NotAccessService {
        /// The service's id; the peer's text calls it an index.
        service_id: String,
    },
    /// There is no file with that index.
    NoSuchFileIndex(u64),
    /// The files object does not decrypt, or is another asset's.
    FilesObject,
    /// The file cannot be reached.
    FileUnavailable {
        /// The arguments to be echoed, in order; empty where nothing is echoed.
        payload: Vec<(String, String)>,
    },
    /// The transaction is no valid order of that service.
    Order {
        /// The transaction that was given.
        tx: String,
        /// Why it is no valid order.
        reason: String,
    },
    /// The request is valid, but the contract call lacks inputs.
    MissingParameters,
    /// The consumer's parameters are not what the service asks for; the text says what is wrong.
    ConsumerParameters(String),
}

impl AssetFault {
    /// The fault on the chain of that name.
    pub fn on(self, network: impl Into<String>) -> ApiError {
        ApiError::Asset { network: network.into(), fault: self }
    }
}

/// What is wrong with a file object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFault {
    /// A method that is neither GET nor POST, in lower case.
    UnsafeMethod(String),
    /// The location has no file name.
    FileName,
    /// A field has the wrong type.
    Malformed,
    /// A graphql file without a query.
    MissingQuery,
    /// A contract call without its inputs.
    MissingParameters,
    /// A contract call to a function that writes.
    NotView,
    /// A storage kind that is not served here.
    Unsupported(String),
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfound {
    /// An access list.
    AccessList,
    /// A peer.
    Peer,
    /// A document.
    Document,
    /// An entry of the log.
    LogEntry,
}

/// What is wrong with a request for a bucket or a file in one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageFault {
    /// This server keeps no files.
    Disabled,
    /// The access lists are not a list of objects with addresses by chain id, or too many.
    AccessLists,
    /// A label is not a text.
    Label,
    /// A label is longer than 256 characters.
    LongLabel,
    /// The caller may not make buckets here.
    CreateDenied,
    /// The caller may not use that bucket.
    Denied,
    /// The id has not the form of one.
    BucketId,
    /// The name cannot be a file's.
    FileName,
    /// There is no such bucket.
    NoBucket(String),
    /// There is no such file in it.
    NoFile(String),
    /// The owner has as many buckets, files or bytes as are allowed.
    Quota(&'static str),
}

impl From<StorageFault> for ApiError {
    fn from(fault: StorageFault) -> Self {
        Self::Storage(fault)
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// Its time is over.
    Expired,
    /// It was not issued here, or not to that address.
    Invalid,
    /// It was made void.
    Deleted,
}

/// What is wrong with a container description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerFault {
    /// Entry point, image or checksum is missing.
    Missing,
    /// The checksum does not begin with the name of its algorithm.
    ChecksumPrefix,
}

const NOT_FOUND: &str = "404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.";
const METHOD_NOT_ALLOWED: &str = "405 Method Not Allowed: The method is not allowed for the requested URL.";
const RBAC: &str = "RBAC Validation failed!";
const TOO_LARGE: &str = "413 Request Entity Too Large: The data value transmitted exceeds the capacity limit.";

impl ApiError {
    /// The refusal of a nonce that lost against another request after it had passed the first check.
    pub fn nonce_not_above(stored: Nonce, given: &Nonce) -> Self {
        let mut validation = Validation::default();
        validation.signature(SignatureFault::NonceNotAbove { stored, given: given.to_string() });
        Self::Validation(Box::new(validation))
    }

    /// The texts of which each would have been right to sign, where nothing but the signature is wrong: the address may be a
    /// contract that has signed one of them in its own way.
    pub fn mismatch(&self) -> Option<&[String]> {
        let Self::Validation(validation) = self else { return None };
        match validation.errors.values().next() {
            Some(FieldError::Signature(SignatureFault::Mismatch { texts, .. })) if validation.errors.len() == 1 => {
                Some(texts)
            }
            _ => None,
        }
    }

    /// Status, content type and body as the peer of `dialect` has them.
    pub fn response(&self, dialect: Dialect) -> ErrorResponse {
        match dialect {
            Dialect::OceanNode => self.node_response(),
            _ => self.provider_response(),
        }
    }

    /// The HTTP status in `dialect`.
    pub fn status(&self, dialect: Dialect) -> u16 {
        self.response(dialect).status
    }

    fn provider_response(&self) -> ErrorResponse {
        let (status, value) = match self {
            Self::Validation(validation) => (400, validation.provider_body()),
            Self::NotFound(unknown) => (404, json!({"context": unknown.context, "error": NOT_FOUND})),
            Self::MethodNotAllowed(unknown) => (405, json!({"context": unknown.context, "error": METHOD_NOT_ALLOWED})),
            Self::TooLarge => (413, json!({"context": null, "error": TOO_LARGE})),
            Self::Rbac => {
                let errors = json!([{"RBAC": RBAC}]);
                (400, json!({"errors": errors, "message": "Validation error", "success": false}))
            }
            other => {
                let status = match other {
                    Self::DecrypterNotAuthorized | Self::MetadataState(1..=3) | Self::Policy { .. } => 403,
                    Self::Unfound(_) => 404,
                    Self::Storage(fault) => fault.status(),
                    Self::TooManyRequests => 429,
                    Self::Unavailable(_) => 503,
                    Self::Internal => 500,
                    _ => 400,
                };
                (status, json!({"error": strip_urls(&other.text())}))
            }
        };
        ErrorResponse { status, content_type: "application/json", body: json_text(Dialect::Provider, &value) }
    }

    fn node_response(&self) -> ErrorResponse {
        let text = |status, body| ErrorResponse { status, content_type: "text/html; charset=utf-8", body };
        match self {
            Self::Validation(validation) => {
                let (status, body) = validation.node_text();
                text(status, body)
            }
            Self::NotFound(unknown) | Self::MethodNotAllowed(unknown) => {
                text(404, express_not_found(&unknown.method, &unknown.path))
            }
            Self::TooLarge => text(413, "request entity too large".to_owned()),
            Self::Token(fault) => ErrorResponse {
                status: 401,
                content_type: "application/json; charset=utf-8",
                body: json_text(Dialect::OceanNode, &json!({"error": fault.to_string()})),
            },
            Self::Asset { fault, .. } => {
                let status = match fault {
                    AssetFault::Denied { .. } => 403,
                    _ => 400,
                };
                text(status, strip_urls(&fault.node_text()))
            }
            other => {
                let status = match other {
                    Self::DecrypterNotAuthorized | Self::MetadataState(1..=3) | Self::Rbac => 403,
                    Self::Policy { status, .. } => *status,
                    Self::Storage(fault) => fault.status(),
                    Self::CannotResolveDid | Self::Unfound(_) => 404,
                    Self::TooManyRequests => 429,
                    Self::Unavailable(_) => 503,
                    Self::Internal => 500,
                    _ => 400,
                };
                text(status, strip_urls(&other.text()))
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::ContentType => "Invalid request content type: should be application/octet-stream".to_owned(),
            Self::MissingChainId => "Missing chainId query parameter.".to_owned(),
            Self::MissingBody => "Missing required body".to_owned(),
            Self::EncryptUnknownChain => "Failed to encrypt.".to_owned(),
            Self::UnknownChain => "Unconfigured chain_id".to_owned(),
            Self::CannotResolveDid => "Cannot resolve DID".to_owned(),
            Self::Asset { network, fault } => format!("Provider {network}: {}", fault.provider_text(network)),
            Self::DecrypterNotAuthorized => "Decrypter not authorized".to_owned(),
            Self::NotFromFactory => "Asset not deployed by the data NFT factory.".to_owned(),
            Self::TransactionId => "Failed to process transaction id.".to_owned(),
            Self::MetadataState(1) => "Asset end of life".to_owned(),
            Self::MetadataState(2) => "Asset deprecated".to_owned(),
            Self::MetadataState(3) => "Asset revoked".to_owned(),
            Self::MetadataState(_) => "Invalid MetadataState".to_owned(),
            Self::Decrypt => "Failed to decrypt.".to_owned(),
            Self::Decompress => "Failed to decompress".to_owned(),
            Self::Checksum => "Checksum doesn't match.".to_owned(),
            Self::File(fault) => fault.to_string(),
            Self::Token(fault) => fault.to_string(),
            Self::Container(fault) => fault.to_string(),
            Self::Invalid(text) | Self::Policy { text, .. } => text.clone(),
            Self::Unfound(what) => what.to_string(),
            Self::Storage(fault) => fault.to_string(),
            Self::Rbac => RBAC.to_owned(),
            Self::UnknownCommand(command) => format!("Invalid or unrecognized command: \"{command}\""),
            Self::TooManyRequests => "Too many requests".to_owned(),
            Self::BodyBroken => "The request body is incomplete.".to_owned(),
            Self::Unavailable(what) => format!("{what} is not available"),
            Self::Internal => "Internal Server Error".to_owned(),
            Self::Validation(validation) => validation.to_string(),
            Self::NotFound(_) => NOT_FOUND.to_owned(),
            Self::MethodNotAllowed(_) => METHOD_NOT_ALLOWED.to_owned(),
            Self::TooLarge => TOO_LARGE.to_owned(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for ApiError {}

impl AssetFault {
    fn provider_text(&self, network: &str) -> String {
        match self {
            Self::InvalidServiceId => "Invalid serviceId.".to_owned(),
            Self::Disabled => "Asset malformed or disabled.".to_owned(),
            Self::NotConsumable => "Asset is not consumable.".to_owned(),
            Self::Denied { did, in_deny_list } => {
                let code = if *in_deny_list { "CREDENTIAL_IN_DENY_LIST" } else { "CREDENTIAL_NOT_IN_ALLOW_LIST" };
                format!("Error: Access to asset {did} was denied with code: ConsumableCodes.{code}.")
            }
            Self::UseInitializeCompute => "Use the initializeCompute endpoint to initialize compute jobs.".to_owned(),
            Self::NotAccessService { service_id } => {
                format!("Service with index={service_id} is not an access service.")
            }
            Self::NoSuchFileIndex(index) => format!("No such fileIndex {index}"),
            Self::FilesObject => "Unable to get dataset files".to_owned(),
            Self::FileUnavailable { payload } if payload.is_empty() => {
                "Asset URL not found, not available or invalid.".to_owned()
            }
            Self::FileUnavailable { payload } => {
                let pairs: Vec<_> = payload.iter().map(|(name, value)| format!("('{name}', '{value}')")).collect();
                format!(
                    "Asset URL not found, not available or invalid. Payload was: ImmutableMultiDict([{}])",
                    pairs.join(", ")
                )
            }
            Self::Order { tx, reason } => {
                format!("Order with tx_id {tx} could not be validated due to error: Provider {network}: {reason}")
            }
            Self::MissingParameters => "Missing parameters".to_owned(),
            Self::ConsumerParameters(problem) => format!("Invalid consumer parameters: {problem}"),
        }
    }

    fn node_text(&self) -> String {
        match self {
            Self::InvalidServiceId => "Invalid serviceId".to_owned(),
            Self::Disabled => "Error: DDO malformed or disabled".to_owned(),
            Self::NotConsumable => {
                "Nft not present in the asset or the state is different than ACTIVE or UNLISTED.".to_owned()
            }
            Self::Denied { did, .. } => format!("Error: Access to asset {did} was denied"),
            Self::UseInitializeCompute => "Use the initializeCompute endpoint to initialize compute jobs".to_owned(),
            Self::NotAccessService { .. } => "Not allowed to download this asset of type compute".to_owned(),
            Self::NoSuchFileIndex(index) => format!("No such fileIndex {index}"),
            Self::FilesObject => "Unable to get dataset files".to_owned(),
            Self::FileUnavailable { .. } => "Asset URL not found, not available or invalid.".to_owned(),
            Self::Order { tx, reason } => {
                format!("Order with tx_id {tx} could not be validated due to error: {reason}")
            }
            Self::MissingParameters => "Missing parameters".to_owned(),
            Self::ConsumerParameters(problem) => format!("Invalid consumer parameters: {problem}"),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsafeMethod(method) => write!(f, "Unsafe method {method}."),
            Self::FileName => f.write_str("Invalid file name format. It was not possible to get the file name."),
            Self::Malformed => f.write_str("malformed file object."),
            Self::MissingQuery => f.write_str("missing graphql query"),
            Self::MissingParameters => f.write_str("Missing parameters"),
            Self::NotView => f.write_str("only view or pure functions are allowed"),
            Self::Unsupported(kind) => write!(f, "Unsupported file type {kind}."),
        }
    }
}

impl StorageFault {
    fn status(&self) -> u16 {
        match self {
            Self::CreateDenied | Self::Denied | Self::Quota(_) => 403,
            Self::Disabled | Self::NoBucket(_) | Self::NoFile(_) => 404,
            _ => 400,
        }
    }
}

impl fmt::Display for StorageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.write_str("Persistent storage is not configured or disabled"),
            Self::AccessLists => f.write_str("Invalid parameter: \"accessLists\" must be an array of objects"),
            Self::Label => f.write_str("Invalid parameter: \"label\" must be a string"),
            Self::LongLabel => f.write_str("Invalid parameter: \"label\" must be at most 256 characters"),
            Self::CreateDenied => f.write_str("You are not allowed to create new buckets"),
            Self::Denied => f.write_str("You are not allowed to access this bucket"),
            Self::BucketId => f.write_str("Invalid bucketId"),
            Self::FileName => f.write_str("Invalid fileName"),
            Self::NoBucket(id) => write!(f, "Bucket not found: {id}"),
            Self::NoFile(name) => write!(f, "File not found: {name}"),
            Self::Quota(what) => write!(f, "The limit of {what} is reached"),
        }
    }
}

impl fmt::Display for Unfound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessList => "AccessList not found",
            Self::Peer => "Peer Not Found",
            Self::Document | Self::LogEntry => "Not found",
        })
    }
}

impl fmt::Display for ContainerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing_entrypoint_image_checksum",
            Self::ChecksumPrefix => "checksum_prefix",
        })
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "Token is expired.",
            Self::Invalid => "Token is invalid.",
            Self::Deleted => "Token is deleted.",
        })
    }
}

/// White space collapsed, and every word that is a URL replaced: error texts never tell where the files are.
pub fn strip_urls(text: &str) -> String {
    let is_url =
        |word: &str| word.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    let words = text.split_whitespace();
    words
        .map(|word| if is_url(word) { "<URL stripped for security reasons>" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Express's own page for a path that does not exist.
fn express_not_found(method: &str, path: &str) -> String {
    let escaped = path.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let escaped: String = escaped.chars().take(1_000).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot {method} {escaped}</pre>\n</body>\n</html>\n"
    )
}

/// A refusal as a client received it; the body is kept whatever shape it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerError {
    /// The HTTP status.
    pub status: u16,
    /// The body as text, cut at 64 KiB.
    pub body: String,
}

impl PeerError {
    /// Keeps at most 64 KiB of the body.
    pub fn new(status: u16, body: &[u8]) -> Self {
        let body = &body[..body.len().min(64 * 1024)];
        Self { status, body: String::from_utf8_lossy(body).into_owned() }
    }

    /// The readable part: `error` or the texts of `errors` where the body is the documented JSON, else the body itself.
    pub fn message(&self) -> String {
        let Ok(value) = serde_json::from_str::<Value>(&self.body) else {
            return self.body.trim().to_owned();
        };
        if let Some(errors) = value.get("errors").and_then(Value::as_object) {
            let texts = errors.values().flat_map(|error| match error {
                Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>(),
                Value::String(text) => vec![text.clone()],
                other => vec![other.to_string()],
            });
            return texts.collect::<Vec<_>>().join(" ");
        }
        match value.get("error").unwrap_or(&value) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The stored nonce that a refused nonce was compared with, where the text names it.
    pub fn stored_nonce(&self) -> Option<Nonce> {
        let message = self.message();
        let provider = message.split_once("expected nonce (").and_then(|(_, rest)| rest.split_once(')'));
        let text = match provider {
            Some((stored, _)) => stored,
            None => message.split_once("the stored nonce is ")?.1,
        };
        text.trim().parse().ok()
    }

    /// Whether a nonce that is not above the stored one was refused.
    pub fn is_nonce_refused(&self) -> bool {
        let message = self.message();
        message.contains("Invalid signature expected nonce") || message.contains("is not a valid nonce")
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message: String = self.message().chars().take(1_000).collect();
        write!(f, "status {}: {message}", self.status)
    }
}
