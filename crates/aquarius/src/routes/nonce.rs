//! `GET /api/services/nonce`: ocean-node's clients ask here before they call `validate`.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use ocean_primitives::Address;
use serde_json::json;

use crate::{routes::respond, state::AquariusState};

pub(crate) async fn nonce(
    State(state): State<AquariusState>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let address = query.get("userAddress").and_then(|text| text.parse::<Address>().ok());
    let stored = match address {
        Some(address) => state.shared.nonces.get(address).await,
        None => Ok(None),
    };
    match stored {
        Ok(nonce) => {
            respond::json(&json!({ "nonce": nonce.map_or_else(|| "0".to_owned(), |nonce| nonce.to_string()) }))
        }
        Err(error) => respond::error(state.dialect, &respond::internal(&error)),
    }
}
