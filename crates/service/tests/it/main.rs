//! Nonces on disk, and access decisions against a chain that answers from a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod chain;
mod fake_chain;
mod nonces;
