#![doc = include_str!("../README.md")]

mod client;
mod error;
mod http;
mod wait;

pub use ocean_aquarius_api::{
    query::{Hit, Hits, Response as SearchResponse},
    state::{DdoState, DdoStateQuery},
    validate::{Validated, Validation},
};

pub use crate::{
    client::{AquariusClient, AquariusClientBuilder},
    error::{Error, Result},
};
