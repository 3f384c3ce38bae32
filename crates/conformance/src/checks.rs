//! The cases, one module per endpoint; those that must be refused come first.

mod auth_token;
mod decrypt;
mod discovery;
mod download;
mod encrypt;
mod file_info;
mod initialize;
mod nonce;

pub use self::{
    auth_token::check as auth_token, decrypt::check as decrypt, discovery::check as discovery,
    download::check as download, encrypt::check as encrypt, file_info::check as file_info,
    initialize::check as initialize, nonce::check as nonce,
};

/// ocean-node's refusals of who asks.
const MISMATCH: &str = "consumer address and nonce signature mismatch";
const NOT_SIGNED: &str =
    "Invalid authentication, you need to provide either a token or an address, signature, message and nonce";

/// The Provider's refusal of a request with neither signature nor token.
const UNSIGNED: &str = "Invalid signature provided. Please check the nonce or documentId.";

/// A DID that nobody has published.
fn unknown_did() -> String {
    format!("did:op:{}", "ab".repeat(32))
}

/// The Provider's refusal of a nonce.
fn not_above(stored: &str, given: &str) -> String {
    format!("Invalid signature expected nonce ({stored}) > current nonce ({given}).")
}
