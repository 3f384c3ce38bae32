#![doc = include_str!("../README.md")]

pub mod config;
mod decryptor;
mod error;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use ocean_aquarius::{AquariusParts, AquariusState, IndexedChain, IndexerHandle, api_router, spawn_indexer};
use ocean_primitives::{Clock, Dialect};
use ocean_provider::{Limits, ProviderParts, ProviderState, router_with};
use ocean_provider_api::EndpointEntry;
use ocean_service::{Chains, ClockFollower, Stores};
use ocean_storage::{AddressPolicy, Storage};

use crate::decryptor::NodeDecryptor;
pub use crate::error::{Error, Result};

/// What a node is made of.
#[derive(Debug)]
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
    /// The background task of a clock that follows the chain, where there is one; it lives as long as the node.
    pub follower: Option<ClockFollower>,
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
        let NodeParts { chains, data_dir, policy, storage, clock, limits, own_url, stores, follower } = parts;
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
        let ddos = Arc::new(aquarius.clone());
        let mut provider = ProviderParts::new(Dialect::OceanNode, chains, nonces, tokens, storage, ddos, clock);
        provider.limits = limits;
        provider.more_endpoints = index_endpoints();
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
