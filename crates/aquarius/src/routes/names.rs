//! `POST /api/aquarius/assets/names` (`aquarius.md`, section 2.3).

use axum::{
    body::Bytes,
    extract::{RawQuery, State, rejection::BytesRejection},
    http::HeaderMap,
    response::Response,
};
use ocean_aquarius_api::{ApiError, names};
use serde_json::{Map, Value};

use crate::{render, routes::respond, state::AquariusState};

pub(crate) async fn names(
    State(state): State<AquariusState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond::either(state.dialect, find(&state, query.as_deref(), &headers, body))
}

fn find(
    state: &AquariusState,
    query: Option<&str>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let request = match query.filter(|query| !query.is_empty()) {
        // A list cannot be written as a query argument: what comes is a text, and is refused as one.
        Some(query) => Value::Object(arguments(query)),
        None => respond::json_body(headers, body)?,
    };
    let mut answer = Map::new();
    for did in names::parse(&request)? {
        let name = state.shared.index.get(&did).map(|entry| render::name(&entry)).unwrap_or_default();
        answer.insert(did, Value::String(name));
    }
    Ok(respond::json(&Value::Object(answer)))
}

fn arguments(query: &str) -> Map<String, Value> {
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
        .collect()
}
