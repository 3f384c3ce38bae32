//! Storage against servers that count, lie, stall and stop.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod guard;
mod hostile;
mod info;
mod open;
mod redirect;
mod server;
