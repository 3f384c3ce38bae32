//! `GET /api/services/createAuthToken` and `DELETE /api/services/deleteAuthToken`, in ocean-node
//! `POST /api/services/auth/token` and `POST /api/services/auth/token/invalidate`

use jiff::Timestamp;
use ocean_crypto::{Message, command};
use ocean_primitives::{Address, Dialect, Nonce};
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    json::json_text,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::{Rule, Validation, whole_number},
};

/// The longest lifetime of a token, in seconds; longer ones are refused (R6).
pub const MAX_LIFETIME: u64 = 365 * 24 * 60 * 60;

/// Asks for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAuthTokenRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// The address as it was sent; it enters the token.
    pub address: String,
    /// End of the token's life in unix seconds; ocean-node's clients may leave it out.
    pub expiration: Option<u64>,
}

impl CreateAuthTokenRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields, an expiration in the past or too far ahead, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext, now: Timestamp) -> Result<Self, ApiError> {
        let mut validation = Validation::new(command::CREATE_AUTH_TOKEN, &["address", "signature", "nonce"]);
        validation.require(data, "address");
        let field = if dialect == Dialect::OceanNode { "validUntil" } else { "expiration" };
        let now = u64::try_from(now.as_second()).unwrap_or_default();
        let expiration = match whole_number(data, field) {
            Some(Ok(seconds)) => {
                // ocean-node's clients give milliseconds.
                let seconds =
                    if dialect == Dialect::OceanNode && seconds > 100_000_000_000 { seconds / 1000 } else { seconds };
                if seconds <= now || seconds - now > MAX_LIFETIME {
                    validation.broken(field, Rule::Timestamp);
                }
                Some(seconds)
            }
            Some(Err(_)) => {
                validation.broken(field, Rule::Integer);
                None
            }
            None => {
                if dialect != Dialect::OceanNode {
                    validation.broken(field, Rule::Required);
                }
                None
            }
        };
        require_nonce(data, &mut validation);
        let message = |address: &str, nonce: &str| vec![Message::CreateAuthToken { address, nonce }.text(dialect)];
        // A token does not buy another one.
        let signed_only = AuthContext { token: None, ..auth.clone() };
        let authorization = authorize(dialect, data, &signed_only, "address", message, &mut validation);
        validation.finish()?;
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            address: data.text("address").unwrap_or_default().into_owned(),
            expiration,
        })
    }
}

/// Asks to make a token void.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAuthTokenRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// The token.
    pub token: String,
}

impl DeleteAuthTokenRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing fields, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        let required = &["address", "signature", "token", "nonce"];
        let mut validation = Validation::new(command::INVALIDATE_AUTH_TOKEN, required);
        validation.require(data, "address");
        validation.require(data, "token");
        require_nonce(data, &mut validation);
        // ocean.js signs without a command here, other clients of ocean-node with it.
        let message = |address: &str, nonce: &str| {
            let mut texts = vec![Message::InvalidateAuthToken { address, nonce }.text(dialect)];
            if dialect == Dialect::OceanNode {
                let command = command::INVALIDATE_AUTH_TOKEN;
                texts.push(Message::Command { consumer: address, nonce, command }.text(dialect));
            }
            texts
        };
        let signed_only = AuthContext { token: None, ..auth.clone() };
        let authorization = authorize(dialect, data, &signed_only, "address", message, &mut validation);
        validation.finish()?;
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            token: data.text("token").unwrap_or_default().into_owned(),
        })
    }
}

fn require_nonce(data: &RequestData, validation: &mut Validation) {
    if validation.require(data, "nonce") && data.text("nonce").and_then(|text| text.parse::<Nonce>().ok()).is_none() {
        validation.broken("nonce", Rule::Number);
    }
}

/// The answer to a created token.
pub fn created(dialect: Dialect, token: &str) -> String {
    json_text(dialect, &json!({ "token": token }))
}

/// The answer to a deleted token.
pub fn deleted(dialect: Dialect) -> String {
    let value = match dialect {
        Dialect::OceanNode => json!({"success": true}),
        _ => json!({"success": "Token has been deactivated."}),
    };
    json_text(dialect, &value)
}

/// The header that carries a token: `AuthToken`, in ocean-node the bare `Authorization`.
pub fn token_header(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OceanNode => "authorization",
        _ => "authtoken",
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom it was issued for.
    pub address: Address,
    /// When its life ends, in unix seconds.
    pub expires: u64,
}

/// The payload of a token, byte for byte as the peer writes it.
///
/// The Provider's is a function of address and expiration alone. ocean-node's carries nonce and time, and its own end where
/// the request names one; without one it lives as long as a token may.
pub fn claims_text(dialect: Dialect, request: &CreateAuthTokenRequest, now: Timestamp) -> String {
    let address = json!(request.address);
    match dialect {
        Dialect::OceanNode => {
            let nonce = json!(request.authorization.nonce.to_string());
            let until = request.expiration.map(|seconds| format!(r#","validUntil":{seconds}"#)).unwrap_or_default();
            format!(r#"{{"address":{address},"nonce":{nonce},"createdAt":{}{until}}}"#, now.as_millisecond())
        }
        _ => format!(r#"{{"exp":{},"address":{address}}}"#, request.expiration.unwrap_or_default()),
    }
}

/// Reads the payload of a token of either dialect.
pub fn parse_claims(payload: &[u8]) -> Option<Claims> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    let number = |field: &str| value.get(field).and_then(Value::as_u64);
    let address = value.get("address")?.as_str()?.parse().ok()?;
    let expires = number("exp").or_else(|| number("validUntil"));
    Some(Claims { address, expires: expires.or_else(|| Some(number("createdAt")? / 1000 + MAX_LIFETIME))? })
}
