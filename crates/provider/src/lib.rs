#![doc = include_str!("../README.md")]

mod access;
mod asset;
mod chain_files;
mod chain_records;
pub mod compute;
pub mod config;
mod contract_calls;
mod decryptor;
mod endpoints;
mod error;
mod gates;
mod metrics;
mod router;
mod source;
mod state;
mod tokens;

pub use crate::{
    compute::{Compute, ComputeSetup},
    contract_calls::ChainContracts,
    decryptor::LocalDecryptor,
    error::{Error, Result},
    router::{router, router_with},
    source::HttpDdoSource,
    state::{Limits, ProviderParts, ProviderState},
    tokens::{TokenError, TokenStore},
};
