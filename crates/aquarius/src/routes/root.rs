//! `GET /`, `GET /health` and `GET /spec` (`aquarius.md`, section 2.2).

use axum::{extract::State, response::Response};
use ocean_aquarius_api::{
    HTML,
    root::{AQUARIUS_VERSION, HEALTHY, Root, UNHEALTHY},
};
use serde_json::json;

use crate::{routes::respond, state::AquariusState};

pub(crate) async fn root() -> Response {
    let root = Root::default();
    respond::json(&json!(root))
}

pub(crate) async fn health(State(state): State<AquariusState>) -> Response {
    if state.shared.store.is_healthy() {
        respond::body(200, HTML, HEALTHY)
    } else {
        respond::body(400, HTML, UNHEALTHY)
    }
}

pub(crate) async fn spec(State(state): State<AquariusState>) -> Response {
    let connected = if state.shared.store.is_healthy() { json!([HEALTHY, 200]) } else { json!([UNHEALTHY, 400]) };
    let endpoints = ocean_aquarius_api::endpoints(ocean_primitives::Dialect::Provider);
    let paths: serde_json::Map<String, serde_json::Value> = endpoints
        .iter()
        .map(|endpoint| {
            (
                endpoint.path.to_owned(),
                json!({ endpoint.method.to_ascii_lowercase(): { "operationId": endpoint.name } }),
            )
        })
        .collect();
    respond::json(&json!({
        "swagger": "2.0",
        "info": { "title": "Aquarius", "version": AQUARIUS_VERSION, "connected": connected },
        "paths": paths,
    }))
}
