//! Tests of keys, ciphertexts, signed texts and fees against what peers and contracts made or accepted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod contract;
mod ecies;
mod fee;
mod flags;
mod key;
mod message;
mod payload;
mod proof;
mod request;

use ocean_crypto::PrivateKey;
use serde_json::Value;

/// A fixture file as JSON.
#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A text field of a fixture.
#[track_caller]
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

/// A hex field of a fixture.
#[track_caller]
fn bytes(value: &Value, field: &str) -> Vec<u8> {
    let text = text(value, field);
    hex::decode(text.strip_prefix("0x").unwrap_or(text)).unwrap()
}

/// A private key field of a fixture.
#[track_caller]
fn key(value: &Value, field: &str) -> PrivateKey {
    text(value, field).parse().unwrap()
}
