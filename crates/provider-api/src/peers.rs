//! ocean-node's routes about its peers, for a server without a peer-to-peer transport

use ocean_primitives::Dialect;
use serde_json::json;

use crate::{
    error::{ApiError, Unfound},
    json::json_text,
    request::RequestData,
};

/// The list of peers, and of those who provide something: empty.
pub fn none() -> String {
    json_text(Dialect::OceanNode, &json!([]))
}

/// The answer about one peer: there is none.
pub fn unknown(data: &RequestData) -> ApiError {
    match data.filled("peerId") {
        Some(_) => ApiError::Unfound(Unfound::Peer),
        None => ApiError::Invalid("Bad Request".to_owned()),
    }
}

/// The answer about the network.
pub fn no_stats() -> ApiError {
    ApiError::Invalid("Not enabled or unavailable".to_owned())
}
