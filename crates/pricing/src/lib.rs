#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::float_cmp, clippy::lossy_float_literal)]

pub mod dispenser;
mod error;
pub mod fixed_rate;
mod math;
pub mod order;

pub use crate::error::{Error, Result};
