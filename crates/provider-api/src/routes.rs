use http::Method;
use ocean_primitives::Dialect;

use crate::discovery::EndpointEntry;

/// The methods a CORS preflight names.
pub const CORS_METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// The discovery document.
    Root,
    /// Whether the server runs.
    Health,
    /// Whether the server has what it needs to answer: its stores and its chains.
    Ready,
    /// Counters for Prometheus.
    Metrics,
    /// The OpenAPI document.
    Spec,
    /// The OpenAPI document for people.
    Docs,
    /// The stored nonce of an address.
    Nonce,
    /// Encrypts bytes for this Provider.
    Encrypt,
    /// ocean-node's encryption of a file, as bytes.
    EncryptFile,
    /// Decrypts a document that was published on chain.
    Decrypt,
    /// Describes files.
    FileInfo,
    /// Names what an order will cost.
    Initialize,
    /// Streams a file that was paid for.
    Download,
    /// Issues an auth token.
    CreateAuthToken,
    /// Makes an auth token void.
    DeleteAuthToken,
    /// ocean-node's commands by name.
    DirectCommand,
    /// ocean-node's list of compute jobs.
    Jobs,
    /// ocean-node's list of peers.
    Peers,
    /// What ocean-node knows of one peer.
    Peer,
    /// ocean-node's search for a peer.
    FindPeer,
    /// ocean-node's figures of its peer-to-peer network.
    NetworkStats,
    /// ocean-node's search for peers that provide something.
    ProvidersForString,
    /// The same for several things.
    ProvidersForStrings,
    /// ocean-node's own log, for its administrators.
    Logs,
    /// One entry of it.
    Log,
    /// Checks a container description.
    ValidateContainer,
    /// Asks the policy server of a node whatever it understands.
    PolicyPassthrough,
    /// Begins a verification at the policy server.
    PolicyInitialize,
    /// Makes a bucket.
    CreateBucket,
    /// Lists the buckets of an owner.
    ListBuckets,
    /// Renames a bucket.
    UpdateBucket,
    /// Lists the files of a bucket.
    ListFiles,
    /// Stores a file in a bucket.
    UploadFile,
    /// Removes a file from a bucket.
    DeleteFile,
    /// The file object that names a file of a bucket.
    FileObject,
    /// The access lists that an address is on.
    AccessLists,
    /// One access list.
    AccessList,
    /// What happened in the escrow contract.
    EscrowEvents,
}

/// Where ocean-node keeps buckets.
const BUCKETS: &str = "/api/services/persistentStorage/buckets";

/// Where an endpoint is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// What it is.
    pub endpoint: Endpoint,
    /// Its name in the discovery document; `None` where it is not named there.
    pub name: Option<&'static str>,
    /// Its method.
    pub method: &'static str,
    /// Its path, with `{parameter}` for the variable parts.
    pub path: &'static str,
}

const fn route(endpoint: Endpoint, name: &'static str, method: &'static str, path: &'static str) -> Route {
    Route { endpoint, name: Some(name), method, path }
}

const fn unnamed(endpoint: Endpoint, method: &'static str, path: &'static str) -> Route {
    Route { endpoint, name: None, method, path }
}

const PROVIDER: &[Route] = &[
    unnamed(Endpoint::Root, "GET", "/"),
    unnamed(Endpoint::Health, "GET", "/health"),
    unnamed(Endpoint::Ready, "GET", "/ready"),
    unnamed(Endpoint::Metrics, "GET", "/metrics"),
    unnamed(Endpoint::Spec, "GET", "/spec"),
    unnamed(Endpoint::Docs, "GET", "/api/docs"),
    route(Endpoint::Nonce, "nonce", "GET", "/api/services/nonce"),
    route(Endpoint::Encrypt, "encrypt", "POST", "/api/services/encrypt"),
    route(Endpoint::Decrypt, "decrypt", "POST", "/api/services/decrypt"),
    route(Endpoint::FileInfo, "fileinfo", "POST", "/api/services/fileinfo"),
    route(Endpoint::Initialize, "initialize", "GET", "/api/services/initialize"),
    route(Endpoint::Download, "download", "GET", "/api/services/download"),
    route(Endpoint::CreateAuthToken, "create_auth_token", "GET", "/api/services/createAuthToken"),
    route(Endpoint::DeleteAuthToken, "delete_auth_token", "DELETE", "/api/services/deleteAuthToken"),
    route(Endpoint::ValidateContainer, "validateContainer", "POST", "/api/services/validateContainer"),
];

const NODE: &[Route] = &[
    unnamed(Endpoint::Root, "GET", "/"),
    unnamed(Endpoint::Health, "GET", "/health"),
    unnamed(Endpoint::Ready, "GET", "/ready"),
    unnamed(Endpoint::Metrics, "GET", "/metrics"),
    unnamed(Endpoint::Spec, "GET", "/spec"),
    unnamed(Endpoint::Docs, "GET", "/api/docs"),
    route(Endpoint::Nonce, "nonce", "GET", "/api/services/nonce"),
    route(Endpoint::Encrypt, "encrypt", "POST", "/api/services/encrypt"),
    route(Endpoint::EncryptFile, "encryptFile", "POST", "/api/services/encryptFile"),
    route(Endpoint::Decrypt, "decrypt", "POST", "/api/services/decrypt"),
    route(Endpoint::FileInfo, "fileInfo", "POST", "/api/services/fileInfo"),
    // Express matches paths whatever their case; this is the spelling of older clients.
    unnamed(Endpoint::FileInfo, "POST", "/api/services/fileinfo"),
    route(Endpoint::Initialize, "initialize", "GET", "/api/services/initialize"),
    route(Endpoint::Download, "download", "GET", "/api/services/download"),
    route(Endpoint::CreateAuthToken, "generateAuthToken", "POST", "/api/services/auth/token"),
    route(Endpoint::DeleteAuthToken, "invalidateAuthToken", "POST", "/api/services/auth/token/invalidate"),
    route(Endpoint::DirectCommand, "directCommand", "POST", "/directCommand"),
    route(Endpoint::Jobs, "jobs", "GET", "/api/services/jobs/{job}"),
    route(Endpoint::Peers, "getP2PPeers", "GET", "/getP2PPeers"),
    route(Endpoint::Peer, "getP2PPeer", "GET", "/getP2PPeer"),
    route(Endpoint::NetworkStats, "/getP2pNetworkStats", "GET", "/getP2pNetworkStats"),
    route(Endpoint::FindPeer, "/findPeer", "GET", "/findPeer"),
    route(Endpoint::ProvidersForString, "/getProvidersForString", "GET", "/getProvidersForString"),
    route(Endpoint::ProvidersForStrings, "/getProvidersForStrings", "POST", "/getProvidersForStrings"),
    route(Endpoint::Logs, "logs", "POST", "/logs"),
    route(Endpoint::Log, "log", "POST", "/log/{id}"),
    route(Endpoint::PolicyPassthrough, "PolicyServerPassthrough", "POST", "/api/services/PolicyServerPassthrough"),
    route(Endpoint::PolicyInitialize, "initializePSVerification", "POST", "/api/services/initializePSVerification"),
    // From here on the peer names each by its path.
    route(Endpoint::CreateBucket, BUCKETS, "POST", BUCKETS),
    route(Endpoint::ListBuckets, "/api/services/persistentStorage/buckets_GET", "GET", BUCKETS),
    route(
        Endpoint::UpdateBucket,
        "/api/services/persistentStorage/buckets/:bucketId",
        "PATCH",
        "/api/services/persistentStorage/buckets/{bucketId}",
    ),
    route(
        Endpoint::ListFiles,
        "/api/services/persistentStorage/buckets/:bucketId/files",
        "GET",
        "/api/services/persistentStorage/buckets/{bucketId}/files",
    ),
    route(
        Endpoint::UploadFile,
        "/api/services/persistentStorage/buckets/:bucketId/files/:fileName",
        "POST",
        "/api/services/persistentStorage/buckets/{bucketId}/files/{fileName}",
    ),
    route(
        Endpoint::DeleteFile,
        "/api/services/persistentStorage/buckets/:bucketId/files/:fileName_DELETE",
        "DELETE",
        "/api/services/persistentStorage/buckets/{bucketId}/files/{fileName}",
    ),
    route(
        Endpoint::FileObject,
        "/api/services/persistentStorage/buckets/:bucketId/files/:fileName/object",
        "GET",
        "/api/services/persistentStorage/buckets/{bucketId}/files/{fileName}/object",
    ),
    route(Endpoint::AccessLists, "/api/services/accesslists", "GET", "/api/services/accesslists"),
    route(
        Endpoint::AccessList,
        "/api/services/accesslists/:chainId/:contractAddress",
        "GET",
        "/api/services/accesslists/{chainId}/{contractAddress}",
    ),
    route(Endpoint::EscrowEvents, "/api/services/escrow/events", "GET", "/api/services/escrow/events"),
];

/// Every route that is served in `dialect`; the discovery document names those that have a name.
pub fn routes(dialect: Dialect) -> &'static [Route] {
    match dialect {
        Dialect::OceanNode => NODE,
        _ => PROVIDER,
    }
}

/// The routes as the discovery document of `dialect` lists them.
pub fn discovery_entries(dialect: Dialect) -> Vec<EndpointEntry> {
    let named = routes(dialect).iter().filter_map(|route| Some((route.name?, route)));
    named.map(|(name, route)| EndpointEntry::new(name, route.method, &express_path(route.path))).collect()
}

/// `{parameter}` written as `:parameter`.
fn express_path(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(parameter) => format!(":{parameter}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

impl Endpoint {
    /// The argument that names who asks, and whose nonce is used up.
    pub fn address_field(self) -> Option<&'static str> {
        match self {
            Self::Decrypt => Some("decrypterAddress"),
            Self::Encrypt
            | Self::EncryptFile
            | Self::Download
            | Self::CreateBucket
            | Self::ListBuckets
            | Self::UpdateBucket
            | Self::ListFiles
            | Self::UploadFile
            | Self::DeleteFile
            | Self::FileObject => Some("consumerAddress"),
            Self::CreateAuthToken | Self::DeleteAuthToken | Self::Logs | Self::Log => Some("address"),
            _ => None,
        }
    }

    /// Where `dialect` serves this endpoint when a server has no discovery document that names it.
    pub fn default_path(self, dialect: Dialect) -> Option<(Method, &'static str)> {
        let route = routes(dialect).iter().find(|route| route.endpoint == self)?;
        Some((route.method.parse().ok()?, route.path))
    }

    /// The name `dialect` lists it under.
    pub fn name(self, dialect: Dialect) -> Option<&'static str> {
        routes(dialect).iter().find(|route| route.endpoint == self)?.name
    }
}
