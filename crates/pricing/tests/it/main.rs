//! Tests of prices and approvals against what the contracts computed and moved.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod compute;
mod data_farming;
mod dispenser;
mod escrow;
mod fixed_rate;
mod model;
mod order;
mod payments;
mod predictoor;
mod swap;

use ocean_primitives::{BaseUnits, U256};
use serde_json::Value;

/// A fixture file as JSON.
#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A number that a fixture holds as decimal text.
#[track_caller]
fn number(value: &Value, field: &str) -> U256 {
    let text = value[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {value}"));
    text.parse().unwrap()
}

/// An amount that a fixture holds as decimal text.
#[track_caller]
fn amount(value: &Value, field: &str) -> BaseUnits {
    BaseUnits(number(value, field))
}
