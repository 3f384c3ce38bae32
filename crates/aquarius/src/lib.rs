#![doc = include_str!("../README.md")]

pub mod config;
mod decryptor;
mod error;
mod index;
mod indexer;
pub mod query;
mod record;
mod render;
mod router;
mod routes;
mod state;
mod store;
mod validation;

pub use crate::{
    decryptor::HttpDecryptor,
    error::{Error, Result},
    indexer::{Allowed, ChainReader, Header, IndexerHandle, NftFacts, RpcReader, TokenFacts, spawn_indexer, topics},
    record::LogRecord,
    router::{api_router, router},
    state::{AquariusParts, AquariusState, IndexedChain},
};
