#![doc = include_str!("../README.md")]

pub mod access;
mod chain;
mod clock;
mod nonces;
pub mod run;
mod source;

pub use crate::{
    access::AccessError,
    chain::{Chain, Chains},
    clock::{ChainClock, ClockError, ClockFollower, SystemClock},
    nonces::{NonceError, NonceStore},
    source::{DdoSource, DecryptError, DecryptRequest, Decryptor, SourceError},
};
