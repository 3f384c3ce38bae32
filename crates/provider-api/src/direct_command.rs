//! `POST /directCommand` (ocean-node)

use ocean_primitives::Dialect;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::{
    discovery::Root,
    error::ApiError,
    json::json_text,
    peer_id,
    request::RequestData,
    validation::{Rule, Validation},
};

/// A command by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DirectCommand {
    /// What this node is and serves.
    Status {
        /// With everything there is to tell.
        detailed: bool,
    },
    /// What an endpoint of its own answers as well.
    Endpoint(Box<Forwarded>),
}

/// The request that asks the same of an endpoint.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Forwarded {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The token that stands for a signature.
    pub token: Option<String>,
    /// The field of the answer that the command answers with alone.
    pub only: Option<&'static str>,
}

impl std::fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forwarded").field("method", &self.method).finish_non_exhaustive()
    }
}

/// How the fields of a command become a request.
enum Form {
    /// All of them as a JSON body: endpoints read their arguments from there where there is no query.
    Fields,
    /// As `Fields`, with some under another name.
    Renamed(&'static [(&'static str, &'static str)]),
    /// Only this one, as the body.
    Only(&'static str),
    /// Those named as query, the bytes of the first field that is there as body.
    Bytes(&'static [&'static str]),
}

/// Method, path and form by the name of the command. `{field}` in a path is filled from the command.
const COMMANDS: &[(&str, &str, &str, Form)] = &[
    ("nonce", "GET", "/api/services/nonce", Form::Renamed(&[("address", "userAddress")])),
    ("encrypt", "POST", "/api/services/encrypt", Form::Bytes(&["blob"])),
    ("encryptFile", "POST", "/api/services/encryptFile", Form::Bytes(&["files", "rawData"])),
    ("decryptDDO", "POST", "/api/services/decrypt", Form::Fields),
    ("fileInfo", "POST", "/api/services/fileInfo", Form::Fields),
    ("getFees", "GET", "/api/services/initialize", Form::Renamed(&[("ddoId", "documentId")])),
    ("download", "GET", "/api/services/download", Form::Fields),
    ("createAuthToken", "POST", "/api/services/auth/token", Form::Fields),
    ("invalidateAuthToken", "POST", "/api/services/auth/token/invalidate", Form::Fields),
    ("getDDO", "GET", "/api/aquarius/assets/ddo/{id}", Form::Fields),
    ("query", "POST", "/api/aquarius/assets/metadata/query", Form::Only("query")),
    ("validateDDO", "POST", "/api/aquarius/assets/ddo/validate", Form::Fields),
    ("getComputeEnvironments", "GET", "/api/services/computeEnvironments", Form::Fields),
    ("initializeCompute", "POST", "/api/services/initializeCompute", Form::Fields),
    ("startCompute", "POST", "/api/services/compute", Form::Fields),
    ("freeStartCompute", "POST", "/api/services/freeCompute", Form::Fields),
    ("getComputeStatus", "GET", "/api/services/compute", Form::Fields),
    ("stopCompute", "PUT", "/api/services/compute", Form::Fields),
    ("getComputeResult", "GET", "/api/services/computeResult", Form::Fields),
    ("getComputeStreamableLogs", "GET", "/api/services/computeStreamableLogs", Form::Fields),
    ("jobs", "GET", "/api/services/jobs/all", Form::Fields),
    ("getLogs", "POST", "/logs", Form::Fields),
    ("getP2PPeers", "GET", "/getP2PPeers", Form::Fields),
    ("getP2PPeer", "GET", "/getP2PPeer", Form::Fields),
    ("findPeer", "GET", "/findPeer", Form::Fields),
    ("getP2PNetworkStats", "GET", "/getP2pNetworkStats", Form::Fields),
    ("PolicyServerPassthrough", "POST", "/api/services/PolicyServerPassthrough", Form::Fields),
    ("initializePSVerification", "POST", "/api/services/initializePSVerification", Form::Fields),
    ("persistentStorageCreateBucket", "POST", "/api/services/persistentStorage/buckets", Form::Fields),
    ("persistentStorageGetBuckets", "GET", "/api/services/persistentStorage/buckets", Form::Fields),
    ("persistentStorageUpdateBucket", "PATCH", "/api/services/persistentStorage/buckets/{bucketId}", Form::Fields),
    ("persistentStorageListFiles", "GET", "/api/services/persistentStorage/buckets/{bucketId}/files", Form::Fields),
    (
        "persistentStorageDeleteFile",
        "DELETE",
        "/api/services/persistentStorage/buckets/{bucketId}/files/{fileName}",
        Form::Fields,
    ),
    (
        "persistentStorageGetFileObject",
        "GET",
        "/api/services/persistentStorage/buckets/{bucketId}/files/{fileName}/object",
        Form::Fields,
    ),
    ("searchAccessList", "GET", "/api/services/accesslists", Form::Fields),
    ("getAccessList", "GET", "/api/services/accesslists/{chainId}/{contractAddress}", Form::Fields),
    ("getEscrowEvents", "GET", "/api/services/escrow/events", Form::Fields),
];

impl DirectCommand {
    /// Reads the body.
    ///
    /// # Errors
    /// No command, one that is not known, or one that lacks what its path is made of.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        let mut validation = Validation::new("directCommand", &["command"]);
        let Some(name) = data.filled("command") else {
            validation.broken("command", Rule::Required);
            return Err(validation.finish().err().unwrap_or(ApiError::Internal));
        };
        match name.as_ref() {
            "status" => return Ok(Self::Status { detailed: false }),
            "detailedStatus" => return Ok(Self::Status { detailed: true }),
            _ => {}
        }
        let known = COMMANDS.iter().find(|(command, ..)| *command == name);
        let Some((command, method, path, form)) = known else {
            return Err(ApiError::UnknownCommand(name.chars().take(100).collect()));
        };
        let path = fill(command, path, data)?;
        let token = data.filled("authorization").map(|token| token.into_owned());
        let only = (*command == "nonce").then_some("nonce");
        let (query, content_type, body) = form.request(data)?;
        Ok(Self::Endpoint(Box::new(Forwarded { method, path: path + &query, content_type, body, token, only })))
    }
}

/// The path with its parts filled in from the command.
fn fill(command: &'static str, path: &str, data: &RequestData) -> Result<String, ApiError> {
    let mut filled = Vec::new();
    for part in path.split('/') {
        let Some(field) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            filled.push(part.to_owned());
            continue;
        };
        let Some(value) = data.filled(field) else {
            let text = format!(
                "Missing one ( \"{field}\" ) or more required field(s) for command: \"{command}\". Required fields: {field}"
            );
            return Err(ApiError::Invalid(text));
        };
        // No separator and no dot survives, so that the path has as many parts as it was written with.
        filled.push(utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string());
    }
    Ok(filled.join("/"))
}

impl Form {
    /// Query, type of the body, and body.
    fn request(&self, data: &RequestData) -> Result<(String, &'static str, Vec<u8>), ApiError> {
        const JSON: &str = "application/json";
        let mut fields: Map<String, Value> = data.fields().clone();
        for own in ["command", "node", "multiAddrs", "authorization"] {
            fields.shift_remove(own);
        }
        let body = |fields: Map<String, Value>| Value::Object(fields).to_string().into_bytes();
        match self {
            Self::Fields => Ok((String::new(), JSON, body(fields))),
            Self::Renamed(names) => {
                for (from, to) in *names {
                    if let Some(value) = fields.shift_remove(*from) {
                        fields.insert((*to).to_owned(), value);
                    }
                }
                Ok((String::new(), JSON, body(fields)))
            }
            Self::Only(name) => {
                let value = fields.shift_remove(*name).unwrap_or_else(|| json!({}));
                Ok((String::new(), JSON, value.to_string().into_bytes()))
            }
            Self::Bytes(names) => {
                let content = names.iter().find_map(|name| fields.shift_remove(*name));
                if data.filled("encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("string")) {
                    let text = "Invalid parameter: \"encoding\" must be one of: string";
                    return Err(ApiError::Invalid(text.to_owned()));
                }
                let (content_type, content) = match content {
                    Some(Value::String(text)) => ("application/octet-stream", text.into_bytes()),
                    Some(Value::Null) | None => ("application/octet-stream", Vec::new()),
                    Some(object) => (JSON, object.to_string().into_bytes()),
                };
                if let Some(method) = fields.shift_remove("encryptionType") {
                    fields.insert("encryptMethod".to_owned(), method);
                }
                let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let pairs =
                    fields.iter().filter(|(_, value)| value.is_string() || value.is_number()).map(|(name, value)| {
                        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        format!("{}={}", encoded(name), encoded(&value))
                    });
                let query = pairs.collect::<Vec<_>>().join("&");
                let query = if query.is_empty() { query } else { format!("?{query}") };
                Ok((query, content_type, content))
            }
        }
    }
}

/// What a node tells of itself beyond its discovery document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeStatus {
    /// Each chain's id and name, in the order of the discovery document.
    pub networks: Vec<(String, String)>,
    /// The last indexed block by chain id.
    pub blocks: Vec<(String, String)>,
    /// Whether there is a gateway for arweave files.
    pub arweave: bool,
    /// Whether there is a gateway for ipfs files.
    pub ipfs: bool,
    /// Who may read the log.
    pub admins: Vec<String>,
    /// Seconds since the start.
    pub uptime: u64,
    /// The machine: `cpus`, `freemem`, `totalmem`, `loadavg` and their like.
    pub platform: Map<String, Value>,
    /// What only `detailedStatus` tells, such as compute clusters.
    pub details: Map<String, Value>,
}

/// The node's status: identity, chains and what runs.
pub fn status(root: &Root, status: &NodeStatus, detailed: bool) -> String {
    let address = root.chains.first().map(|(_, address)| address.to_checksum(None));
    let network = |id: &str| {
        let found = status.networks.iter().find(|(chain, _)| chain == id);
        found.map(|(_, name)| name.as_str()).unwrap_or_default()
    };
    let provider = root.chains.iter().map(|(chain, _)| chain.to_string());
    let provider = provider.map(|chain| json!({"chainId": chain, "network": network(&chain)}));
    let indexer = status.blocks.iter();
    let indexer = indexer.map(|(chain, block)| json!({"chainId": chain, "network": network(chain), "block": block}));
    let mut value = json!({
        "id": peer_id(&root.public_key),
        "publicKey": root.public_key.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "friendlyName": "",
        "address": address,
        "version": env!("CARGO_PKG_VERSION"),
        "http": true,
        // No peer-to-peer transport runs here; ocean-cli only asks whether the flag is set.
        "p2p": true,
        "provider": provider.collect::<Vec<_>>(),
        "indexer": indexer.collect::<Vec<_>>(),
        // The peer's spelling.
        "supportedStorage": {"url": true, "arwave": status.arweave, "ipfs": status.ipfs},
        "uptime": status.uptime,
        "platform": status.platform,
        "codeHash": "",
        "allowedAdmins": status.admins,
    });
    if detailed && let Some(value) = value.as_object_mut() {
        value.extend(status.details.clone());
    }
    json_text(Dialect::OceanNode, &value)
}

/// The list of jobs, and of peers, of a node that has none.
pub fn no_jobs(dialect: Dialect) -> String {
    json_text(dialect, &json!([]))
}
