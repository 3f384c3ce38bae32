//! The contracts' interfaces as `sol!` types: what a clone or a deployed contract of upstream's package answers to.
//!
//! Only what this workspace calls is here; the parity test compares each of it with the installed ABI files.
//! Structs that several contracts share are one Rust type. Field and function names are Solidity's.
#![allow(missing_docs, reason = "generated types and their fields carry the contracts' own names")]
#![allow(clippy::too_many_arguments, reason = "generated methods take what the contracts take")]

mod access_list;
mod batch_payments;
mod community_fee;
mod data_farming;
mod datatoken;
mod dispenser;
mod enterprise;
mod erc20;
mod escrow;
mod fixed_rate;
mod predictoor;
mod router;
mod vote_escrow;

pub use self::{
    access_list::*, batch_payments::*, community_fee::*, data_farming::*, datatoken::*, dispenser::*, enterprise::*,
    erc20::*, escrow::*, fixed_rate::*, predictoor::*, router::*, vote_escrow::*,
};
