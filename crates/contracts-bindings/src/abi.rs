//! The contracts' interfaces as `sol!` types: what a clone or a deployed contract of upstream's package answers to.
//!
//! Only what this workspace calls is here; the parity test compares each of it with the installed ABI files.
//! Structs that several contracts share are one Rust type. Field and function names are Solidity's.
#![allow(missing_docs, reason = "generated types and their fields carry the contracts' own names")]
#![allow(clippy::too_many_arguments, reason = "generated methods take what the contracts take")]

mod datatoken;
mod dispenser;
mod erc20;
mod fixed_rate;
mod nft;
mod router;

pub use self::{datatoken::*, dispenser::*, erc20::*, fixed_rate::*, nft::*, router::*};
