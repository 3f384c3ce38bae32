#![doc = include_str!("../README.md")]

pub mod chains;
pub mod ddo;
mod endpoint;
mod error;
mod json;
pub mod names;
pub mod query;
pub mod root;
pub mod state;
pub mod trigger;
pub mod validate;

pub use crate::{
    endpoint::{Endpoint, endpoints},
    error::{ApiError, ErrorBody, HTML, JSON, TEXT},
    json::{dumps, jsonify},
};
