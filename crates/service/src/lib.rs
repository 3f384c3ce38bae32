#![doc = include_str!("../README.md")]

pub mod access;
pub mod buckets;
mod chain;
mod clock;
mod nonces;
mod postgres;
mod rates;
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
    rates::RateLimit,
    source::{DdoSource, DecryptError, DecryptRequest, Decryptor, SourceError},
    stores::{StoreError, StorePlace, Stores},
    tokens::{TokenError, TokenHash, TokenStore},
};
