//! What the crate promises, on recorded and on made-up data.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod code;
mod connect;
mod deployment;
mod events;
mod interfaces;
mod keys;
mod order;
mod revert;
