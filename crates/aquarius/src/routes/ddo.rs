//! `GET /api/aquarius/assets/ddo/<did>` (`aquarius.md`, sections 2.3, 4 and 5).

use axum::{
    extract::{Path, State},
    response::Response,
};
use ocean_aquarius_api::{ApiError, JSON};
use ocean_primitives::Dialect;

use crate::{routes::respond, state::AquariusState};

pub(crate) async fn ddo(State(state): State<AquariusState>, Path(did): Path<String>) -> Response {
    respond::either(state.dialect, find(&state, did))
}

/// ocean-node's `force` asks other nodes; there are none to ask.
pub(crate) async fn forced(State(state): State<AquariusState>, Path((did, _)): Path<(String, String)>) -> Response {
    respond::either(state.dialect, find(&state, did))
}

/// The document with the indexer's fields, under the 404 text that every client understands.
pub(crate) fn find(state: &AquariusState, did: String) -> Result<Response, ApiError> {
    if state.dialect == Dialect::OceanNode && !did.starts_with("did:op") {
        return Err(ApiError::InvalidDid);
    }
    match state.shared.index.get(&did) {
        Some(entry) => Ok(respond::body(200, JSON, entry.text.clone())),
        None => Err(ApiError::DidNotFound { did }),
    }
}
