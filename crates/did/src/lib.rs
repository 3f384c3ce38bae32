#![doc = include_str!("../README.md")]

pub mod address;
mod did;
mod error;

pub use crate::{
    did::{Did, MAX_DID_BYTES, Method},
    error::{Error, Result},
};
