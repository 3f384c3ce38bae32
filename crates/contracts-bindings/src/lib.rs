#![doc = include_str!("../README.md")]

pub mod abi;
mod connect;
mod deployment;
mod error;

pub use crate::{
    connect::{Rpc, connect, connect_with_key},
    deployment::Deployment,
    error::{Error, Result, Revert},
};
