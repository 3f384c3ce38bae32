//! `POST /api/services/fileinfo`, in ocean-node `fileInfo`

use ocean_did::Did;
use ocean_primitives::Dialect;
use serde_json::{Map, Value, json};

use crate::{
    error::{ApiError, FileFault},
    json::json_text,
    request::RequestData,
    validation::{Rule, Validation},
};

/// Asks what the files of an asset, or a single file, are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FileInfoRequest {
    /// Which files.
    pub subject: FileInfoSubject,
    /// Whether their hashes are wanted.
    pub checksum: bool,
    /// The consumer's parameters for the files.
    pub user_data: Option<Value>,
}

/// Which files are asked for.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum FileInfoSubject {
    /// Those of a service.
    Asset {
        /// The asset.
        did: Did,
        /// The service's id as it was sent.
        service_id: String,
    },
    /// This one. A file object can hold secrets: it is not printed.
    File {
        /// Its type.
        kind: String,
        /// The object as it was sent, its method in lower case.
        object: Value,
    },
}

impl std::fmt::Debug for FileInfoSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asset { did, service_id } => {
                f.debug_struct("Asset").field("did", did).field("service_id", service_id).finish()
            }
            Self::File { kind, .. } => f.debug_struct("File").field("kind", kind).finish_non_exhaustive(),
        }
    }
}

/// The file types of the protocol; a server may serve fewer.
const KINDS: [&str; 10] =
    ["url", "ipfs", "arweave", "graphql", "smartcontract", "s3", "ftp", "azure", "gcs", "nodePersistentStorage"];

impl FileInfoRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Neither a DID with a service nor a usable file object.
    pub fn parse(dialect: Dialect, data: &RequestData) -> Result<Self, ApiError> {
        let mut validation = Validation::new("fileInfo", &["type", "did", "serviceId"]);
        // ocean-node's clients may wrap the object.
        let wrapped = match data.value("file") {
            Some(Value::Object(fields)) if dialect == Dialect::OceanNode => {
                Some(RequestData::from_fields(fields.clone()))
            }
            _ => None,
        };
        let file = wrapped.as_ref().unwrap_or(data);
        let kind = file.filled("type").map(|kind| kind.into_owned());
        let did = data.filled("did");
        match (&kind, &did) {
            (None, None) => {
                validation.broken("type", Rule::RequiredWithout(&["did"]));
                validation.broken("did", Rule::RequiredWithout(&["type"]));
                validation.broken("serviceId", Rule::RequiredWithout(&["type"]));
            }
            (None, Some(_)) => {
                if !data.is_filled("serviceId") {
                    validation.broken("serviceId", Rule::RequiredWithout(&["type"]));
                }
            }
            (Some(kind), _) if !KINDS.contains(&kind.as_str()) => {
                validation.broken("type", Rule::Choice);
            }
            (Some(kind), _) => {
                let needed = match kind.as_str() {
                    "url" | "graphql" | "ftp" => Some("url"),
                    "ipfs" => Some("hash"),
                    "arweave" => Some("transactionId"),
                    "smartcontract" => Some("address"),
                    _ => None,
                };
                if let Some(field) = needed.filter(|field| !file.is_filled(field)) {
                    validation.broken(field, Rule::RequiredForType(kind.clone()));
                }
            }
        }
        if did.as_ref().is_some_and(|did| !did.starts_with("did:op")) {
            validation.broken("did", Rule::Format);
        }
        validation.finish()?;
        let subject = match (kind, did) {
            (None, Some(did)) => FileInfoSubject::Asset {
                did: Did::parse(&did).map_err(|_| ApiError::CannotResolveDid)?,
                service_id: data.text("serviceId").unwrap_or_default().into_owned(),
            },
            (Some(kind), _) => {
                let object = file_object(file, &kind).map_err(ApiError::File)?;
                FileInfoSubject::File { kind, object }
            }
            (None, None) => return Err(ApiError::Internal),
        };
        // ocean.py sends the number 1.
        let checksum = match data.value("checksum") {
            Some(Value::Bool(wanted)) => *wanted,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
            _ => false,
        };
        Ok(Self { subject, checksum, user_data: data.user_data("userdata") })
    }
}

/// The object with what the peer refuses refused, and its method in one spelling.
fn file_object(file: &RequestData, kind: &str) -> Result<Value, FileFault> {
    let mut object: Map<String, Value> = file.fields().clone();
    for field in ["checksum", "userdata", "did", "serviceId"] {
        object.shift_remove(field);
    }
    if let Some(headers) = file.value("headers")
        && !headers.is_object()
    {
        // ocean-node documents written for its first releases hold `[]` for "none".
        match headers {
            Value::Array(items) if items.is_empty() => drop(object.shift_remove("headers")),
            _ => return Err(FileFault::Malformed),
        }
    }
    if kind == "url" {
        let method = file
            .text("method")
            .filter(|method| !method.is_empty())
            .map_or("get".to_owned(), |method| method.to_lowercase());
        if !matches!(method.as_str(), "get" | "post") {
            return Err(FileFault::UnsafeMethod(method));
        }
        object.insert("method".to_owned(), Value::from(method));
        let url = file.text("url").unwrap_or_default();
        if url.starts_with(['.', '/']) {
            return Err(FileFault::FileName);
        }
    }
    if kind == "graphql" && !file.is_filled("query") {
        return Err(FileFault::MissingQuery);
    }
    if kind == "smartcontract" {
        let Some(Value::Object(abi)) = file.value("abi") else {
            return Err(FileFault::Malformed);
        };
        if !matches!(abi.get("stateMutability").and_then(Value::as_str), Some("view" | "pure")) {
            return Err(FileFault::NotView);
        }
    }
    Ok(Value::Object(object))
}

/// One file of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileEntry {
    /// Its type.
    pub kind: String,
    /// Whether it can be read.
    pub valid: bool,
    /// Its size in bytes, where it is known.
    pub content_length: Option<u64>,
    /// Its media type without parameters.
    pub content_type: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// SHA-256 in hex, where it was asked for and the file is small enough.
    pub checksum: Option<String>,
}

/// The answer's body: a list with one entry per file.
pub fn response(dialect: Dialect, files: &[FileEntry]) -> String {
    let entries = files.iter().enumerate().map(|(index, file)| match dialect {
        Dialect::OceanNode => node_entry(file),
        _ => provider_entry(index, file),
    });
    json_text(dialect, &Value::Array(entries.collect()))
}

fn provider_entry(index: usize, file: &FileEntry) -> Value {
    let mut entry = json!({"index": index, "type": file.kind, "valid": file.valid});
    if file.valid {
        // A number for contract calls, which have no name either; text for everything that comes over HTTP.
        let contract = file.kind == "smartcontract";
        if let Some(length) = file.content_length {
            entry["contentLength"] = if contract { json!(length) } else { json!(length.to_string()) };
        }
        if let Some(kind) = &file.content_type {
            entry["contentType"] = json!(kind);
        }
        if !contract {
            entry["filename"] = json!(file.file_name.as_deref().unwrap_or_default());
        }
        if let Some(checksum) = &file.checksum {
            entry["checksum"] = json!(checksum);
            entry["checksumType"] = json!("sha256");
        }
    }
    entry
}

fn node_entry(file: &FileEntry) -> Value {
    if !file.valid {
        return json!({"valid": false, "type": file.kind});
    }
    let mut entry = json!({"valid": true});
    entry["contentLength"] = json!(file.content_length.map(|length| length.to_string()).unwrap_or_default());
    entry["contentType"] = json!(file.content_type.as_deref().unwrap_or_default());
    if let Some(checksum) = &file.checksum {
        entry["checksum"] = json!(checksum);
    }
    entry["name"] = json!(file.file_name.as_deref().unwrap_or_default());
    entry["type"] = json!(file.kind);
    entry
}

/// Reads the answer of either dialect.
pub fn parse_response(body: &[u8]) -> Option<Vec<FileEntry>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    let entries = value.as_array()?.iter().map(|entry| {
        Some(FileEntry {
            kind: text(entry, "type").unwrap_or_default(),
            valid: entry.get("valid")?.as_bool()?,
            content_length: match entry.get("contentLength") {
                Some(Value::String(digits)) => digits.parse().ok(),
                Some(number) => number.as_u64(),
                None => None,
            },
            content_type: text(entry, "contentType"),
            file_name: text(entry, "filename").or_else(|| text(entry, "name")),
            checksum: text(entry, "checksum"),
        })
    });
    entries.collect()
}
