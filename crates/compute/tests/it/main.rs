//! The engine, its store, and one suite for every backend.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg(target_os = "linux")]

mod crash;
mod docker;
mod engine;
mod process;
mod suite;
mod world;
