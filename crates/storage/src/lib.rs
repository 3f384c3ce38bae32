#![doc = include_str!("../README.md")]

mod error;
mod guard;
mod http;
mod name;
mod source;
mod storage;
mod timeouts;

pub use crate::{
    error::{Error, Phase, Result},
    guard::{AddressClass, AddressPolicy, Guard, HostResolver, SystemResolver, classify},
    storage::{FileInfo, InfoOptions, OpenFile, Storage, StorageBuilder},
    timeouts::Timeouts,
};
