use std::fmt;

use ocean_primitives::{Address, B256, Dialect, keccak256};

use crate::{
    digest::personal_digest,
    error::Error,
    key::{PrivateKey, Signature},
};

/// A request's signature does not prove who asks.
///
/// Neither the message nor the `Debug` form shows the signature: it does not belong in logs.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not one of {expected}: {cause}")]
#[non_exhaustive]
pub struct SignatureError {
    /// The signature as it was sent, at most 200 characters of it.
    pub given: String,
    /// Whose signature it should be.
    pub expected: Address,
    /// Who signed the text, if anybody can have.
    pub recovered: Option<Address>,
    cause: Cause,
}

impl fmt::Debug for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureError")
            .field("expected", &self.expected)
            .field("recovered", &self.recovered)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Cause {
    #[error("signed by {0}")]
    Signer(Address),
    #[error(transparent)]
    Malformed(Error),
}

impl SignatureError {
    /// What the Python Provider puts behind `Got ` in its answer: the address that signed, in lower case, or its
    /// library's words for a signature that is too short or that no key can have made.
    pub fn got(&self) -> String {
        match &self.cause {
            Cause::Signer(signer) => format!("{signer:#x}"),
            Cause::Malformed(Error::SignatureForm(_)) => "index out of range".to_owned(),
            Cause::Malformed(_) => "Invalid signature".to_owned(),
        }
    }
}

/// Signs a text of [`Message`](crate::Message) and writes the signature as `0x` and 65 bytes of hex with `v` 27 or 28.
///
/// Towards ocean-node the hash is signed without its leading zero bytes, as ocean.js does: ocean-node refuses the full 32
/// bytes of such a hash (ocean-node: nonceHandler.ts:203-216).
pub fn sign_message(key: &PrivateKey, dialect: Dialect, text: &str) -> String {
    let hash = keccak256(text);
    let digest = match dialect {
        Dialect::OceanNode => personal_digest(without_leading_zeros(&hash)),
        _ => personal_digest(hash.as_slice()),
    };
    key.sign_digest(digest).to_string()
}

/// Checks that `expected` signed a text of [`Message`](crate::Message).
///
/// `v` may be 0, 1, 27 or 28. The Provider's clients sign the hash of the text; ocean-node's clients sign that hash, the
/// hash without leading zero bytes, or its 66 characters of hex, and each of them is accepted.
///
/// # Errors
/// Anything that is not such a signature of `expected`. Contract accounts (ERC-1271) need a chain and are not decided here.
pub fn verify_message(
    dialect: Dialect,
    text: &str,
    signature_hex: &str,
    expected: Address,
) -> Result<(), SignatureError> {
    let refused = |recovered, cause| SignatureError {
        given: signature_hex.chars().take(200).collect(),
        expected,
        recovered,
        cause,
    };
    let malformed = |error| refused(None, Cause::Malformed(error));
    let signature: Signature = signature_hex.parse().map_err(malformed)?;
    let hash = keccak256(text);
    let signer = signature.recover(personal_digest(hash.as_slice())).map_err(malformed)?;
    if signer == expected || dialect == Dialect::OceanNode && other_form_signed(&signature, &hash, expected) {
        return Ok(());
    }
    Err(refused(Some(signer), Cause::Signer(signer)))
}

/// Whether one of the two other forms that ocean-node accepts was signed.
fn other_form_signed(signature: &Signature, hash: &B256, expected: Address) -> bool {
    let signed = |bytes: &[u8]| signature.recover(personal_digest(bytes)) == Ok(expected);
    let stripped = without_leading_zeros(hash);
    stripped.len() < hash.len() && signed(stripped) || signed(hash.to_string().as_bytes())
}

fn without_leading_zeros(hash: &B256) -> &[u8] {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    &hash[zeros..]
}
