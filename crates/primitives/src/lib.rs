#![doc = include_str!("../README.md")]

mod amount;
mod clock;
mod decimal;
mod dialect;
mod error;
mod id;
mod nonce;

pub use alloy_primitives::{Address, B256, Bytes, U256, address, b256, keccak256};

pub use crate::{
    amount::{BaseUnits, FeeRate, ONE, Rate, TokenAmount},
    clock::{Clock, FixedClock},
    decimal::Decimal,
    dialect::Dialect,
    error::{Error, Result},
    id::{ChainId, ExchangeId, ServiceId},
    nonce::Nonce,
};
