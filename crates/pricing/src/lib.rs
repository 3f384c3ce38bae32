#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::float_cmp, clippy::lossy_float_literal)]

pub mod compute;
pub mod data_farming;
pub mod dispenser;
mod error;
pub mod escrow;
pub mod fixed_rate;
mod math;
pub mod order;
pub mod predictoor;

pub use crate::error::{Error, Result};
