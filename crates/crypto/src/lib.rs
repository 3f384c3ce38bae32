#![doc = include_str!("../README.md")]

pub mod contract;
mod digest;
pub mod ecies;
mod error;
mod fee;
mod flags;
mod key;
mod message;
pub mod payload;
pub mod proof;
mod request;
pub mod sealed;

pub use crate::{
    digest::personal_digest,
    error::{Error, Result},
    fee::ProviderFee,
    flags::Flags,
    key::{PrivateKey, PublicKey, Signature},
    message::{Message, command},
    request::{SignatureError, sign_message, verify_message},
};
