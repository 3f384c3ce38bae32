//! Tests of the identifiers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod address;
mod parse;
mod vectors;
