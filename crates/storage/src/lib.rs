#![doc = include_str!("../README.md")]

mod client;
mod contract;
mod error;
mod ftp;
mod guard;
mod http;
mod ipfs;
mod name;
mod objects;
mod source;
mod span;
mod storage;
mod timeouts;

pub use crate::{
    contract::ContractReader,
    error::{Error, Phase, Result},
    guard::{AddressClass, AddressPolicy, Guard, HostResolver, SystemResolver, classify},
    storage::{FileInfo, InfoOptions, OpenFile, Storage, StorageBuilder},
    timeouts::Timeouts,
};
