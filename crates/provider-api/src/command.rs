//! What ocean-node's signed commands share: a signature over `consumerAddress + nonce + command`, or a token.

use ocean_crypto::Message;
use ocean_primitives::{Address, Dialect};

use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::Validation,
};

/// Who sent a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller.
    pub address: Address,
    /// What is to be used up before the command acts; a request with a token needs none.
    pub authorization: Option<Authorization>,
}

/// Takes the place of an absent value where JavaScript writes it into a query.
const UNDEFINED: &str = "undefined";

/// Who sent the command, proven by signature or token.
///
/// With a token ocean.js leaves nonce and signature out, or writes `undefined` for them; the caller is then whom the token was
/// issued for. A nonce that comes along all the same has to be above the stored one and is used up.
pub(crate) fn authorize_command(
    data: &RequestData,
    auth: &AuthContext,
    command: &'static str,
) -> Result<Caller, ApiError> {
    let absent = |field: &str| data.filled(field).is_none_or(|text| text == UNDEFINED);
    if let Some(address) = auth.token.filter(|_| absent("signature") && absent("nonce")) {
        let named = data.filled("consumerAddress").filter(|text| text != UNDEFINED);
        if named.is_none_or(|named| named.parse::<Address>().is_ok_and(|named| named == address)) {
            return Ok(Caller { address, authorization: None });
        }
    }
    let mut validation = Validation::new(command, &["consumerAddress", "nonce", "signature"]);
    let message =
        |consumer: &str, nonce: &str| vec![Message::Command { consumer, nonce, command }.text(Dialect::OceanNode)];
    let authorization = authorize(Dialect::OceanNode, data, auth, "consumerAddress", message, &mut validation);
    if authorization.is_none() {
        validation.require(data, "consumerAddress");
        validation.require(data, "nonce");
    }
    validation.finish()?;
    let authorization = authorization.ok_or(ApiError::Internal)?;
    Ok(Caller { address: authorization.address, authorization: Some(authorization) })
}

/// The refusal of a command that lacks a field.
pub(crate) fn missing(
    command: &'static str,
    required: &'static [&'static str],
    data: &RequestData,
) -> Result<(), ApiError> {
    let mut validation = Validation::new(command, required);
    for field in required {
        // An empty list is an answer; an absent one is not.
        if data.value(field).is_none_or(|value| value.as_str() == Some("")) {
            validation.broken(field, crate::Rule::Required);
        }
    }
    validation.finish()
}
