#![doc = include_str!("../README.md")]

pub mod auth_token;
pub mod decrypt;
pub mod direct_command;
mod discovery;
pub mod download;
pub mod encrypt;
mod error;
pub mod file_info;
pub mod initialize;
mod json;
pub mod nonce;
mod request;
mod routes;
mod signed;
pub mod validate_container;
mod validation;

pub use crate::{
    discovery::{Discovery, DiscoveryError, EndpointEntry, Root, peer_id},
    error::{
        ApiError, AssetFault, ContainerFault, ErrorResponse, FileFault, PeerError, TokenFault, UnknownRequest,
        strip_urls,
    },
    json::json_text,
    request::RequestData,
    routes::{CORS_METHODS, Endpoint, Route, discovery_entries, routes},
    signed::{AuthContext, Authorization, SignatureFault},
    validation::{FieldError, Rule, Validation},
};
