//! Storage against servers that count, lie, stall and stop.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod ftp;
mod guard;
mod hostile;
mod info;
mod kinds;
mod objects;
mod open;
mod redirect;
mod server;
