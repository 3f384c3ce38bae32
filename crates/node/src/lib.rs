#![doc = include_str!("../README.md")]

pub mod config;
mod decryptor;
mod error;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use ocean_aquarius::{AquariusParts, AquariusState, IndexedChain, IndexerHandle, api_router, spawn_indexer};
use ocean_primitives::{Address, Clock, Dialect};
use ocean_provider::{Compute, ComputeSetup, Limits, ProviderParts, ProviderState, router_with};
use ocean_provider_api::EndpointEntry;
use ocean_service::{Chains, ClockFollower, DdoSource, Stores, access::gates::Gates, buckets::BucketStore};
use ocean_storage::{AddressPolicy, Storage};

use crate::decryptor::NodeDecryptor;
pub use crate::error::{Error, Result};

/// What a node is made of: [`NodeParts::new`] takes what it cannot do without, the rest are fields to set.
#[derive(Debug)]
#[non_exhaustive]
pub struct NodeParts {
    /// The chains, each with the node's key there.
    pub chains: Chains,
    /// Where the databases lie; made if it does not exist.
    pub data_dir: PathBuf,
    /// Which addresses other Providers may have, where documents are encrypted for them.
    pub policy: AddressPolicy,
    /// Reads the files of assets.
    pub storage: Storage,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: Limits,
    /// The URL that clients reach this node at, so that it never asks itself over HTTP.
    pub own_url: Option<String>,
    /// Where nonces and revoked tokens are kept, if not in the data directory: several servers may share them.
    pub stores: Option<Stores>,
    /// Servers of others that have a say in who may have what.
    pub gates: Gates,
    /// The files that are kept for users; without it nobody can keep any.
    pub buckets: Option<BucketStore>,
    /// Who may read the log.
    pub admins: Vec<Address>,
    /// Compute-to-Data; without it the node offers none.
    pub compute: Option<ComputeSetup>,
    /// The background task of a clock that follows the chain, where there is one; it lives as long as the node.
    pub follower: Option<ClockFollower>,
}

impl NodeParts {
    /// A node with the default bounds that asks public addresses only.
    pub fn new(chains: Chains, data_dir: impl Into<PathBuf>, storage: Storage, clock: Arc<dyn Clock>) -> Self {
        Self {
            chains,
            data_dir: data_dir.into(),
            policy: AddressPolicy::default(),
            storage,
            clock,
            limits: Limits::default(),
            own_url: None,
            stores: None,
            gates: Gates::default(),
            buckets: None,
            admins: Vec::new(),
            compute: None,
            follower: None,
        }
    }
}

/// A running node: its HTTP surface, and the indexer behind it.
#[derive(Debug)]
pub struct Node {
    /// Everything the node answers.
    pub router: Router,
    /// Follows the chains.
    pub indexer: IndexerHandle,
    _follower: Option<ClockFollower>,
}

impl Node {
    /// Lets the indexer end its transaction, and everything else go.
    pub async fn stop(self) {
        self.indexer.stop().await;
    }
}

impl Node {
    /// Opens the databases and starts to follow the chains. Needs a tokio runtime.
    ///
    /// # Errors
    /// The data directory or a database cannot be used.
    pub fn start(parts: NodeParts) -> Result<Self> {
        let NodeParts { chains, data_dir, policy, storage, clock, limits, own_url, stores, gates, .. } = parts;
        let NodeParts { buckets, admins, compute, follower, .. } = parts;
        std::fs::create_dir_all(&data_dir).map_err(|source| Error::DataDir { path: data_dir.clone(), source })?;
        // One store for both halves: ocean-node counts one nonce per address over all its commands.
        let stores = stores.map_or_else(|| Stores::in_folder(&data_dir), Ok).map_err(Error::Stores)?;
        let Stores { nonces, tokens, .. } = stores;
        let decryptor = NodeDecryptor::new(&chains, policy, own_url)?;
        let indexed =
            chains.iter().map(|chain| IndexedChain::new(chain.rpc.clone(), chain.deployment.clone())).collect();
        let mut aquarius = AquariusParts::new(data_dir.join("index"), indexed, Arc::new(decryptor), nonces.clone());
        aquarius.validator_key = chains.iter().next().map(|chain| chain.key.clone());
        aquarius.clock = Arc::clone(&clock);
        aquarius.dialect = Dialect::OceanNode;
        let aquarius = AquariusState::open(aquarius).map_err(Error::Index)?;
        let ddos: Arc<dyn DdoSource> = Arc::new(aquarius.clone());
        let compute = compute.map(|setup| Compute::open(setup, &chains, &storage, &ddos, &clock));
        let compute = compute.transpose().map_err(Error::Provider)?;
        let mut provider = ProviderParts::new(Dialect::OceanNode, chains, nonces, tokens, storage, ddos, clock);
        (provider.limits, provider.gates) = (limits, gates);
        (provider.buckets, provider.admins) = (buckets, admins);
        provider.more_endpoints = index_endpoints();
        provider.compute = compute;
        let provider = ProviderState::new(provider);
        let indexer = spawn_indexer(&aquarius);
        Ok(Self { router: router_with(provider, api_router(aquarius)), indexer, _follower: follower })
    }
}

/// What the discovery document says of the index.
fn index_endpoints() -> Vec<EndpointEntry> {
    let endpoints = ocean_aquarius_api::endpoints(Dialect::OceanNode).into_iter();
    endpoints.map(|endpoint| EndpointEntry::new(endpoint.name, endpoint.method, endpoint.path)).collect()
}
