//! `GET /api/aquarius/chains/list` and `GET /api/aquarius/chains/status/<id>` (`aquarius.md`, section 2.6).

use axum::{
    extract::{Path, State},
    response::Response,
};
use ocean_aquarius_api::{
    ApiError,
    chains::{List, Status},
};
use ocean_primitives::ChainId;
use serde_json::json;

use crate::{routes::respond, state::AquariusState};

pub(crate) async fn list(State(state): State<AquariusState>) -> Response {
    let chains: List = state.shared.chains.keys().map(|chain| (*chain, true)).collect();
    if chains.is_empty() {
        return respond::error(state.dialect, &ApiError::NoChains);
    }
    let chains: serde_json::Map<_, _> = chains.iter().map(|(chain, on)| (chain.to_string(), json!(on))).collect();
    respond::json(&json!(chains))
}

pub(crate) async fn status(State(state): State<AquariusState>, Path(chain): Path<String>) -> Response {
    let known = chain.parse::<ChainId>().ok().filter(|id| state.shared.chains.contains_key(id));
    let Some(id) = known else {
        return respond::error(state.dialect, &ApiError::ChainNotIndexed { chain });
    };
    respond::json(&json!(Status::new(state.last_block(id).unwrap_or(0))))
}
