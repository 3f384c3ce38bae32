#![doc = include_str!("../README.md")]

pub mod abi;
mod connect;
mod contracts;
mod deployment;
mod error;
pub mod events;
mod interfaces;
pub mod order;

pub use crate::{
    connect::{Rpc, connect, connect_with_key},
    contracts::{
        ContractQuote, Contracts, CreateAsset, CreatedAsset, DispenserState, ExchangeState, FreBuy, NftMetadata,
        OrderOutcome, Price, SetMetadata, SwapOutcome, TxOutcome, wait_for_receipt,
    },
    deployment::Deployment,
    error::{Error, Result, Revert},
    interfaces::{Interface, interfaces},
};
