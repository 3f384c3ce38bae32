#![doc = include_str!("../README.md")]

pub mod abi;
pub mod code;
mod connect;
mod contracts;
mod deployment;
mod error;
pub mod events;
mod gas;
mod interfaces;
pub mod keys;
pub mod order;

pub use crate::{
    connect::{Rpc, connect, connect_with_key, connect_with_signer, sign_with},
    contracts::{
        ContractQuote, Contracts, CreateAsset, CreatedAsset, DispenserState, ExchangeState, FreBuy, NftMetadata,
        OrderOutcome, Price, SetMetadata, SwapOutcome, TxOutcome, wait_for_receipt,
    },
    deployment::Deployment,
    error::{Error, Result, Revert},
    gas::GasStrategy,
    interfaces::{Interface, interfaces},
};
