#![doc = include_str!("../README.md")]

pub mod abi;
pub mod access_list;
pub mod batch_payments;
pub mod code;
mod connect;
mod contracts;
pub mod data_farming;
mod deployment;
pub mod enterprise;
mod error;
pub mod escrow;
pub mod events;
mod gas;
mod interfaces;
pub mod keys;
pub mod order;
pub mod predictoor;
mod reason;
mod time;

pub use crate::{
    connect::{Rpc, connect, connect_with_key, connect_with_signer, sign_with},
    contracts::{
        CommunityFees, ContractQuote, Contracts, CreateAsset, CreatedAsset, DatatokenRole, DatatokenTemplate,
        DispenserState, ExchangeState, FilesRequest, FreBuy, MultipleOrder, MultipleReuse, NewDatatoken, NewDispenser,
        NewFixedRate, NewNft, NftMetadata, NftRole, OrderOutcome, Price, Purchase, SetMetadata, SwapOutcome, TxOutcome,
        datatoken_key, wait_for_receipt,
    },
    deployment::Deployment,
    error::{Error, Result, Revert},
    gas::GasStrategy,
    interfaces::{Interface, Release, interfaces},
    reason::Reason,
};
