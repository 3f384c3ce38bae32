#![doc = include_str!("../README.md")]

pub mod backend;
mod copy;
#[cfg(target_os = "linux")]
pub mod docker;
pub mod engine;
pub mod environment;
mod error;
pub mod image;
pub mod input;
pub mod job;
mod layout;
#[cfg(target_os = "linux")]
pub mod process;
pub mod status;
mod store;

pub use crate::{
    engine::{Engine, EngineParts},
    error::{Error, Result},
};
