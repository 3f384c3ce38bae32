#![doc = include_str!("../README.md")]

pub mod auth_token;
pub mod chain_records;
mod command;
pub mod compute;
pub mod decrypt;
pub mod direct_command;
mod discovery;
pub mod download;
pub mod encrypt;
pub mod encrypt_file;
mod error;
pub mod file_info;
pub mod initialize;
mod json;
pub mod logs;
pub mod nonce;
pub mod openapi;
pub mod peers;
pub mod persistent_storage;
pub mod policy_server;
mod request;
mod routes;
mod signed;
pub mod validate_container;
mod validation;

pub use crate::{
    command::Caller,
    discovery::{Discovery, DiscoveryError, EndpointEntry, Root, peer_id},
    error::{
        ApiError, AssetFault, ContainerFault, ErrorResponse, FileFault, PeerError, StorageFault, TokenFault, Unfound,
        UnknownRequest, strip_urls,
    },
    json::json_text,
    request::RequestData,
    routes::{CORS_METHODS, Endpoint, Route, discovery_entries, routes},
    signed::{AuthContext, Authorization, SignatureFault},
    validation::{FieldError, Rule, Validation},
};
