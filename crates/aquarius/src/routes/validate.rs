//! `POST /api/aquarius/assets/ddo/validate` in both forms, told apart by the content type (`aquarius.md`, sections 2.5, 3 and 4).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, header},
    response::Response,
};
use ocean_aquarius_api::{
    ApiError,
    validate::{COMMAND, NodeRequest, OCTET_STREAM, Validated, Validation},
};
use ocean_crypto::{Message, proof, verify_message};
use ocean_ddo::RawDdo;
use ocean_primitives::{Address, B256, Dialect, Nonce};
use ocean_service::NonceError;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    routes::respond,
    state::AquariusState,
    validation::{Verdict, judge},
};

const NO_AUTHENTICATION: &str =
    "Invalid authentication, you need to provide either a token or an address, signature, message and nonce";
const WRONG_SIGNATURE: &str = "consumer address and nonce signature mismatch";

pub(crate) async fn validate(
    State(state): State<AquariusState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let octets = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == OCTET_STREAM);
    if octets {
        return respond::either(Dialect::Provider, aquarius_form(&state, body));
    }
    if respond::is_json(&headers) {
        return respond::either(Dialect::OceanNode, node_form(&state, body).await);
    }
    respond::error(Dialect::Provider, &ApiError::ValidateContentType)
}

/// The body is the document; its bytes are what is signed.
fn aquarius_form(state: &AquariusState, body: Result<Bytes, BytesRejection>) -> Result<Response, ApiError> {
    let bytes = respond::bytes(body)?;
    let raw = RawDdo::parse(bytes.to_vec()).map_err(|_| ApiError::InvalidPayload)?;
    check(&raw)?;
    Ok(respond::json(&sign(state, raw.as_bytes()).to_json()))
}

/// The document and the publisher's signature in a JSON body.
async fn node_form(state: &AquariusState, body: Result<Bytes, BytesRejection>) -> Result<Response, ApiError> {
    let bytes = respond::bytes(body)?;
    let request: NodeRequest = serde_json::from_slice(&bytes).map_err(|_| ApiError::InvalidPayload)?;
    let text = stringified(request.ddo.get())?;
    let raw = RawDdo::parse(text.into_bytes()).map_err(|_| ApiError::InvalidPayload)?;
    check(&raw)?;
    let authenticated = authenticate(state, &request).await?;
    if !authenticated && !state.shared.validate_unsigned {
        return Ok(respond::body(200, ocean_aquarius_api::TEXT, ""));
    }
    Ok(respond::json(&sign(state, raw.as_bytes()).to_json()))
}

/// What `JSON.stringify` makes of the document: clients send just that, anything else loses its white space.
fn stringified(text: &str) -> Result<String, ApiError> {
    let value: Value = serde_json::from_str(text).map_err(|_| ApiError::InvalidPayload)?;
    let compact = value.to_string();
    // Without white space outside of texts both have the same length unless numbers or escapes are written differently; what
    // the client wrote is then the better guess.
    let mut in_text = false;
    let mut escaped = false;
    let has_space = text.chars().any(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ => {}
        }
        !in_text && c.is_ascii_whitespace()
    });
    Ok(if has_space { compact } else { text.to_owned() })
}

fn check(raw: &RawDdo) -> Result<(), ApiError> {
    match judge(raw) {
        Verdict::Valid => Ok(()),
        Verdict::NoVersion => Err(ApiError::NoVersion),
        Verdict::UnknownVersion(version) => Err(ApiError::UnknownVersion { version }),
        Verdict::Invalid(errors) => Err(ApiError::InvalidDdo { errors }),
    }
}

/// Whether the caller proved who it is. Nothing given is no proof and no error; something wrong is an error.
async fn authenticate(state: &AquariusState, request: &NodeRequest) -> Result<bool, ApiError> {
    let refused = |text: &str| ApiError::Unauthorized(text.to_owned());
    let (address, nonce, signature) = match (&request.publisher_address, &request.nonce, &request.signature) {
        (_, None, None) => return Ok(false),
        (Some(address), Some(nonce), Some(signature)) => (address, nonce, signature),
        _ => return Err(refused(NO_AUTHENTICATION)),
    };
    let publisher: Address = address.parse().map_err(|_| refused(NO_AUTHENTICATION))?;
    let nonce_text = nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned);
    let invalid_nonce = || refused(&format!("nonce: {nonce_text} is not a valid nonce"));
    let number: Nonce = nonce_text.parse().map_err(|_| invalid_nonce())?;
    let text = Message::Command { consumer: address, nonce: &nonce_text, command: COMMAND }.text(Dialect::OceanNode);
    verify_message(Dialect::OceanNode, &text, signature, publisher).map_err(|_| refused(WRONG_SIGNATURE))?;
    match state.shared.nonces.advance(publisher, &number).await {
        Ok(()) => Ok(true),
        Err(NonceError::NotAbove { .. }) => Err(invalid_nonce()),
        Err(error) => Err(respond::internal(&error)),
    }
}

/// Signs in the form that the contract takes as a metadata proof.
fn sign(state: &AquariusState, bytes: &[u8]) -> Validated {
    let Some(key) = &state.shared.validator_key else {
        return Validated::Unsigned;
    };
    let hash = B256::from_slice(&Sha256::digest(bytes));
    let signature = proof::sign_document_hash(key, hash);
    Validated::Signed(Validation::new(hash, key.address(), signature.v, signature.r, signature.s))
}
