use std::{sync::Arc, time::Duration};

use ocean_primitives::{Address, ChainId, Clock, Dialect, Nonce};
use ocean_provider_api::{ApiError, Authorization, EndpointEntry, Root, discovery_entries};
use ocean_service::{Chain, Chains, DdoSource, NonceError, NonceStore};
use ocean_storage::Storage;
use tokio::sync::Semaphore;

use crate::tokens::TokenStore;

/// What a Provider bounds and is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body of `encrypt` in bytes.
    pub encrypt_body: usize,
    /// The largest body of `decrypt` in bytes; the ciphertext in it is hex.
    pub decrypt_body: usize,
    /// The largest body of any other endpoint in bytes.
    pub body: usize,
    /// The largest clear document in bytes that `decrypt` makes.
    pub document: usize,
    /// The largest file in bytes that `fileinfo` hashes; the Python Provider calls it `MAX_CHECKSUM_LENGTH`.
    pub checksum: u64,
    /// How many downloads run at once; more are answered with 429.
    pub downloads: usize,
    /// How long a request's body may take to arrive.
    pub upload: Duration,
    /// How long one request may wait for the chain and for documents.
    pub neighbours: Duration,
    /// Who may decrypt documents; everybody if not set.
    pub decrypters: Option<Vec<Address>>,
    /// The token of the Provider's fee; Ocean's of the chain if not set.
    pub fee_token: Option<Address>,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            encrypt_body: 25 * MIB,
            decrypt_body: 52 * MIB,
            body: MIB,
            document: 25 * MIB,
            checksum: 5 * 1024 * 1024,
            downloads: 512,
            upload: Duration::from_secs(60),
            neighbours: Duration::from_secs(20),
            decrypters: None,
            fee_token: None,
        }
    }
}

/// What a [`ProviderState`] is made of: [`ProviderParts::new`] takes what it cannot do without, the rest are fields to set.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProviderParts {
    /// Which protocol family is spoken.
    pub dialect: Dialect,
    /// The chains, each with the Provider's key there.
    pub chains: Chains,
    /// The nonces; the same store may serve several servers of one process.
    pub nonces: NonceStore,
    /// The revoked auth tokens.
    pub tokens: TokenStore,
    /// Reads the files.
    pub storage: Storage,
    /// Where documents come from.
    pub ddos: Arc<dyn DdoSource>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: Limits,
    /// Endpoints of the same process that the discovery document names as well.
    pub more_endpoints: Vec<EndpointEntry>,
}

impl ProviderParts {
    /// A Provider with the default bounds and nothing beside it.
    pub fn new(
        dialect: Dialect,
        chains: Chains,
        nonces: NonceStore,
        tokens: TokenStore,
        storage: Storage,
        ddos: Arc<dyn DdoSource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (limits, more_endpoints) = (Limits::default(), Vec::new());
        Self { dialect, chains, nonces, tokens, storage, ddos, clock, limits, more_endpoints }
    }
}

/// Everything the endpoints work on; cheap to clone.
#[derive(Debug, Clone)]
pub struct ProviderState {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: ProviderParts,
    started: jiff::Timestamp,
    downloads: Arc<Semaphore>,
    root: Root,
}

impl ProviderState {
    /// Takes the parts together.
    pub fn new(parts: ProviderParts) -> Self {
        let mut endpoints = discovery_entries(parts.dialect);
        endpoints.extend(parts.more_endpoints.iter().cloned());
        let chains = parts.chains.0.values();
        let public_key = chains.clone().next().map_or([0; 33], |chain| chain.key.public_key().to_compressed());
        let root =
            Root { chains: chains.map(|chain| (chain.id, chain.key.address())).collect(), public_key, endpoints };
        let downloads = Arc::new(Semaphore::new(parts.limits.downloads));
        let started = parts.clock.now();
        Self { inner: Arc::new(Inner { parts, started, downloads, root }) }
    }

    /// Which protocol family is spoken.
    pub fn dialect(&self) -> Dialect {
        self.inner.parts.dialect
    }

    pub(crate) fn parts(&self) -> &ProviderParts {
        &self.inner.parts
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.parts.limits
    }

    pub(crate) fn root(&self) -> &Root {
        &self.inner.root
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.inner.parts.clock.now()
    }

    pub(crate) fn uptime(&self) -> u64 {
        u64::try_from(self.now().duration_since(self.inner.started).as_secs()).unwrap_or_default()
    }

    pub(crate) fn downloads(&self) -> &Arc<Semaphore> {
        &self.inner.downloads
    }

    pub(crate) fn chain(&self, id: ChainId) -> Option<&Arc<Chain>> {
        self.inner.parts.chains.0.get(&id)
    }

    /// The chain, or the first one where none is named.
    pub(crate) fn chain_or_first(&self, id: Option<ChainId>) -> Option<&Arc<Chain>> {
        match id {
            Some(id) => self.chain(id),
            None => self.inner.parts.chains.0.values().next(),
        }
    }

    /// The last nonce that was used for an address.
    pub(crate) async fn stored_nonce(&self, address: Address) -> Result<Option<Nonce>, ApiError> {
        self.inner.parts.nonces.get(address).await.map_err(|error| {
            tracing::error!(%error, "a nonce could not be read");
            ApiError::Unavailable("the nonce store")
        })
    }

    /// Uses a nonce up: the last check of a request, before its first effect.
    pub(crate) async fn use_nonce(&self, authorization: &Authorization) -> Result<(), ApiError> {
        let used = self.inner.parts.nonces.advance(authorization.address, &authorization.nonce).await;
        used.map_err(|error| match error {
            NonceError::NotAbove { stored, given } => ApiError::nonce_not_above(stored, &given),
            error => {
                tracing::error!(%error, "a nonce could not be stored");
                ApiError::Unavailable("the nonce store")
            }
        })
    }
}
