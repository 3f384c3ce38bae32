//! `GET /api/aquarius/assets/metadata/<did>`: the metadata object, or in ocean-node's dialect the whole document.

use axum::{
    extract::{Path, State},
    response::Response,
};
use ocean_aquarius_api::{ApiError, JSON, dumps};
use ocean_primitives::Dialect;

use crate::{
    routes::{ddo, respond},
    state::AquariusState,
};

pub(crate) async fn metadata(State(state): State<AquariusState>, Path(did): Path<String>) -> Response {
    respond::either(state.dialect, find(&state, did))
}

pub(crate) async fn forced(State(state): State<AquariusState>, Path((did, _)): Path<(String, String)>) -> Response {
    respond::either(state.dialect, find(&state, did))
}

fn find(state: &AquariusState, did: String) -> Result<Response, ApiError> {
    if state.dialect == Dialect::OceanNode {
        return ddo::find(state, did);
    }
    let Some(entry) = state.shared.index.get(&did) else {
        return Err(ApiError::MetadataNotFound { did });
    };
    let value = &entry.document.value;
    // Version 5 keeps it inside the credential's subject.
    let metadata = value.get("metadata").or_else(|| value.pointer("/credentialSubject/metadata"));
    match metadata {
        Some(metadata) if !entry.removed => Ok(respond::body(200, JSON, dumps(metadata))),
        _ => Err(ApiError::MetadataRemoved { did }),
    }
}
