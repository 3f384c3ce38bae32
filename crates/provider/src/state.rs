use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ocean_primitives::{Address, ChainId, Clock, Dialect, Nonce};
use ocean_provider_api::{ApiError, Authorization, EndpointEntry, Root, discovery_entries, logs::LogEntry};
use ocean_service::{
    Chain, Chains, DdoSource, NonceError, NonceStore, RateLimit, access::gates::Gates, buckets::BucketStore,
};
use ocean_storage::Storage;
use tokio::sync::Semaphore;

use crate::{compute::Compute, metrics::Metrics, tokens::TokenStore};

/// How many entries of the log are kept for administrators.
const LOG: usize = 1_000;

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
    /// How many requests a client's network address (IPv6: its /64) may make in a minute; any number if not set.
    pub requests_per_minute: Option<u32>,
    /// How many signed requests an account may make in a minute; any number if not set.
    pub account_requests_per_minute: Option<u32>,
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
            requests_per_minute: None,
            account_requests_per_minute: None,
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
    /// Servers of others that have a say in who may have what.
    pub gates: Gates,
    /// The files that are kept for users; without it nobody can keep any.
    pub buckets: Option<BucketStore>,
    /// Who may read the log.
    pub admins: Vec<Address>,
    /// Compute-to-Data; without it there is none.
    pub compute: Option<Compute>,
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
        Self {
            dialect,
            chains,
            nonces,
            tokens,
            storage,
            ddos,
            clock,
            limits: Limits::default(),
            more_endpoints: Vec::new(),
            gates: Gates::default(),
            buckets: None,
            admins: Vec::new(),
            compute: None,
        }
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
    metrics: Metrics,
    clients: Option<RateLimit<IpAddr>>,
    accounts: Option<RateLimit<Address>>,
    log: Mutex<(u64, VecDeque<LogEntry>)>,
}

impl ProviderState {
    /// Takes the parts together.
    pub fn new(parts: ProviderParts) -> Self {
        let mut endpoints = discovery_entries(parts.dialect);
        endpoints.extend(parts.more_endpoints.iter().cloned());
        endpoints.extend(parts.compute.iter().flat_map(|_| Compute::endpoints(parts.dialect)));
        let chains = parts.chains.0.values();
        let public_key = chains.clone().next().map_or([0; 33], |chain| chain.key.public_key().to_compressed());
        let root =
            Root { chains: chains.map(|chain| (chain.id, chain.key.address())).collect(), public_key, endpoints };
        let downloads = Arc::new(Semaphore::new(parts.limits.downloads));
        let started = parts.clock.now();
        let (clients, accounts) = (parts.limits.requests_per_minute, parts.limits.account_requests_per_minute);
        let inner = Inner {
            started,
            downloads,
            root,
            metrics: Metrics::default(),
            clients: clients.map(RateLimit::new),
            accounts: accounts.map(RateLimit::new),
            log: Mutex::default(),
            parts,
        };
        Self { inner: Arc::new(inner) }
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

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Whether a client may make another request now.
    pub(crate) fn allow_client(&self, client: Option<IpAddr>) -> Result<(), ApiError> {
        let (Some(limit), Some(client)) = (&self.inner.clients, client) else { return Ok(()) };
        // Whoever has one IPv6 address has as many as there are in its network.
        let client = match client.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address => address,
        };
        if limit.allows(client, Instant::now()) { Ok(()) } else { Err(ApiError::TooManyRequests) }
    }

    /// Whether an account, having proven who it is, may make another request now.
    pub(crate) fn allow_address(&self, account: Address) -> Result<(), ApiError> {
        let allowed = self.inner.accounts.as_ref().is_none_or(|limit| limit.allows(account, Instant::now()));
        if allowed { Ok(()) } else { Err(ApiError::TooManyRequests) }
    }

    /// Notes something for the administrators. It must hold no argument of a request.
    pub(crate) fn note(&self, level: &'static str, module: &'static str, message: String) {
        let mut log = self.inner.log.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, entries) = &mut *log;
        *number += 1;
        if entries.len() == LOG {
            entries.pop_front();
        }
        entries.push_back(LogEntry { id: *number, time: self.now(), level, module, message });
    }

    /// The entries that are wanted, newest first.
    pub(crate) fn noted(&self, wanted: impl Fn(&LogEntry) -> bool) -> Vec<LogEntry> {
        let log = self.inner.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.1.iter().rev().filter(|entry| wanted(entry)).cloned().collect()
    }

    /// Uses a nonce up: the last check of a request, before its first effect.
    pub(crate) async fn use_nonce(&self, authorization: &Authorization) -> Result<(), ApiError> {
        self.allow_address(authorization.address)?;
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
