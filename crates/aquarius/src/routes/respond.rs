//! How answers are put together, and how bodies are read.

use axum::{
    body::{Body, Bytes},
    extract::rejection::BytesRejection,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use ocean_aquarius_api::{ApiError, JSON, jsonify};
use ocean_primitives::Dialect;
use serde_json::Value;

/// A response with this body.
pub(crate) fn body(status: u16, content_type: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A 200 the way Flask prints JSON.
pub(crate) fn json(value: &Value) -> Response {
    body(200, JSON, jsonify(value))
}

/// The answer for an error.
pub(crate) fn error(dialect: Dialect, error: &ApiError) -> Response {
    let wire = error.response(dialect);
    body(wire.status, wire.content_type, wire.body)
}

/// The answer for either.
pub(crate) fn either(dialect: Dialect, result: Result<Response, ApiError>) -> Response {
    result.unwrap_or_else(|failed| error(dialect, &failed))
}

/// The bytes of a body.
pub(crate) fn bytes(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        _ => ApiError::BadJson,
    })
}

/// The JSON of a body, under the rules of Flask: a JSON content type and a body that parses.
pub(crate) fn json_body(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Value, ApiError> {
    if !is_json(headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    serde_json::from_slice(&bytes(body)?).map_err(|_| ApiError::BadJson)
}

/// Whether the content type is `application/json` or ends in `+json`.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Something broke that the client has no part in.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::error!(%error, "a request failed");
    ApiError::Internal
}
