#![doc = include_str!("../README.md")]

mod access;
mod asset;
pub mod config;
mod decryptor;
mod endpoints;
mod error;
mod router;
mod source;
mod state;
mod tokens;

pub use crate::{
    decryptor::LocalDecryptor,
    error::{Error, Result},
    router::{router, router_with},
    source::HttpDdoSource,
    state::{Limits, ProviderParts, ProviderState},
    tokens::{TokenError, TokenStore},
};
