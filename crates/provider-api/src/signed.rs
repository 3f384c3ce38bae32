use ocean_crypto::verify_message;
use ocean_primitives::{Address, Dialect, Nonce};
use serde_json::{Value, json};

use crate::{
    request::RequestData,
    validation::{Rule, Validation},
};

/// What the server knows about the caller before it reads the arguments.
#[derive(Debug, Clone, Default)]
pub struct AuthContext {
    /// The nonce stored for the address that the request names.
    pub stored_nonce: Option<Nonce>,
    /// The address an auth token was issued for, where the request carries a valid one.
    pub token: Option<Address>,
    /// Texts that the request's address, being a contract, has said (ERC-1271) that it signed with the request's signature.
    pub contract_signed: Vec<String>,
}

/// Who sent a request, after its signature or token was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The caller.
    pub address: Address,
    /// The nonce to use up once everything else has been checked.
    pub nonce: Nonce,
    /// Whether an auth token stood in for the signature.
    pub by_token: bool,
}

/// Why a signature does not authorise a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureFault {
    /// Somebody else signed, or the signature is no signature.
    Mismatch {
        /// The signature as the peer shows it.
        signature: String,
        /// The address as it was sent.
        address: String,
        /// The signed text without the nonce.
        message: String,
        /// The nonce as it was sent.
        nonce: String,
        /// The recovered address in lower case, or why there is none.
        got: String,
        /// Every text that would have been right to sign.
        texts: Vec<String>,
    },
    /// The nonce is not above the stored one.
    NonceNotAbove {
        /// What is stored.
        stored: Nonce,
        /// The nonce as it was sent.
        given: String,
    },
    /// There is neither a signature nor a valid token.
    Missing,
}

impl SignatureFault {
    pub(crate) fn provider_value(&self) -> Value {
        match self {
            Self::Mismatch { signature, address, message, nonce, got, .. } => json!(format!(
                "Invalid signature {signature} for ethereum address {address}, message {message} and nonce {nonce}. Got {got}"
            )),
            Self::NonceNotAbove { stored, given } => {
                json!(format!("Invalid signature expected nonce ({stored}) > current nonce ({given})."))
            }
            Self::Missing => json!(["Invalid signature provided. Please check the nonce or documentId."]),
        }
    }

    pub(crate) fn node_text(&self) -> String {
        match self {
            Self::Mismatch { .. } => "consumer address and nonce signature mismatch".to_owned(),
            // The peer stops after "nonce"; a client that counts in another unit needs the stored value to go on (R8).
            Self::NonceNotAbove { stored, given } => {
                format!("nonce: {given} is not a valid nonce, the stored nonce is {stored}")
            }
            Self::Missing => {
                "Invalid authentication, you need to provide either a token or an address, signature, message and nonce"
                    .to_owned()
            }
        }
    }
}

/// Checks nonce, then signature (or token) of the request and notes what is wrong in `validation`.
///
/// `message` builds what must have been signed from the address and nonce exactly as they were sent.
pub(crate) fn authorize(
    dialect: Dialect,
    data: &RequestData,
    auth: &AuthContext,
    address_field: &str,
    messages: impl FnOnce(&str, &str) -> Vec<String>,
    validation: &mut Validation,
) -> Option<Authorization> {
    if validation.bailed() {
        return None;
    }
    let address_text = data.text(address_field).unwrap_or_default();
    let nonce_text = data.text("nonce").unwrap_or_default();
    let signature = data.filled("signature");
    if signature.is_none() && auth.token.is_none() {
        validation.signature(SignatureFault::Missing);
        return None;
    }
    let address: Option<Address> = address_text.parse().ok();
    if address.is_none() && !address_text.is_empty() {
        validation.broken(address_field, Rule::Address);
    }
    let nonce = nonce_text.parse::<Nonce>().ok();
    // What is missing has been noted by the caller already, so that both are reported together. A text that is no nonce must
    // not pass for a request without one: it could be sent again for ever.
    if nonce.is_none() && !nonce_text.is_empty() && !validation.errors.contains_key("nonce") {
        validation.broken("nonce", Rule::Number);
    }
    let address = address?;
    if let (Some(nonce), Some(stored)) = (&nonce, &auth.stored_nonce)
        && nonce <= stored
    {
        validation.signature(SignatureFault::NonceNotAbove { stored: stored.clone(), given: nonce_text.into_owned() });
        return None;
    }
    let by_token = signature.is_none();
    if let Some(signature) = signature {
        let messages = messages(&address_text, &nonce_text);
        let mut first = None;
        for message in &messages {
            if auth.contract_signed.contains(message) {
                first = None;
                break;
            }
            match verify_message(dialect, message, &signature, address) {
                Ok(()) => {
                    first = None;
                    break;
                }
                Err(error) if first.is_none() => first = Some((message.clone(), error.got())),
                Err(_) => {}
            }
        }
        if let Some((message, got)) = first {
            validation.signature(SignatureFault::Mismatch {
                signature: shown(&signature),
                address: address_text.into_owned(),
                message: message.strip_suffix(nonce_text.as_ref()).unwrap_or(&message).to_owned(),
                nonce: nonce_text.into_owned(),
                got,
                texts: messages,
            });
            return None;
        }
    } else if auth.token != Some(address) {
        validation.signature(SignatureFault::Missing);
        return None;
    }
    nonce.map(|nonce| Authorization { address, nonce, by_token })
}

/// Whom the token of a request to ocean-node was issued for, where the request has nothing else: ocean.js sends neither nonce nor
/// signature with a token. The address that it names all the same has to be the token's.
pub(crate) fn bearer(dialect: Dialect, data: &RequestData, auth: &AuthContext, address_field: &str) -> Option<Address> {
    let absent = |field| data.filled(field).is_none();
    let address = auth.token.filter(|_| dialect == Dialect::OceanNode && absent("signature") && absent("nonce"))?;
    let named = data.filled(address_field);
    named.is_none_or(|named| named.parse::<Address>().is_ok_and(|named| named == address)).then_some(address)
}

/// The signature as the peer shows it in its refusal: with 0 or 1 where 27 or 28 was sent.
fn shown(signature: &str) -> String {
    let whole = signature.len() == 132 && signature.starts_with("0x");
    match signature.split_at_checked(130) {
        Some((rs, "1b")) if whole => format!("{rs}00"),
        Some((rs, "1c")) if whole => format!("{rs}01"),
        _ => signature.chars().take(200).collect(),
    }
}
