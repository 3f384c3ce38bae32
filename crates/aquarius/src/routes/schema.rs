//! `GET /api/aquarius/validation/schema` (`aquarius.md`, section 2.6).

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use ocean_aquarius_api::ApiError;
use serde_json::json;

use crate::{routes::respond, state::AquariusState};

/// The required root fields with the bounds every version shares.
pub(crate) async fn schema(
    State(state): State<AquariusState>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let version = query.get("version").map_or("4.5.0", String::as_str);
    if !matches!(version, "4.0.0" | "4.1.0" | "4.3.0" | "4.5.0") {
        return respond::error(state.dialect, &ApiError::SchemaVersion);
    }
    let once = json!({ "minCount": 1, "maxCount": 1 });
    respond::json(&json!({
        "@context": { "minCount": 1 },
        "id": { "minCount": 1, "maxCount": 1, "pattern": "^did\\:op\\:(.*)$" },
        "version": once,
        "chainId": once,
        "nftAddress": once,
        "metadata": once,
        "services": { "minCount": 1 },
    }))
}
