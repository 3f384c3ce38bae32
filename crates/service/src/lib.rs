#![doc = include_str!("../README.md")]

pub mod access;
mod chain;
mod clock;
mod nonces;
mod postgres;
pub mod run;
mod source;
mod stores;
mod tokens;

pub use crate::{
    access::AccessError,
    chain::{Chain, Chains},
    clock::{ChainClock, ClockError, ClockFollower, SystemClock},
    nonces::{NonceError, NonceStore},
    postgres::PostgresError,
    source::{DdoSource, DecryptError, DecryptRequest, Decryptor, SourceError},
    stores::{StoreError, StorePlace, Stores},
    tokens::{TokenError, TokenHash, TokenStore},
};
