//! The Provider's router with a document source in memory, a chain that answers from a table, and a file server that counts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod decrypt;
mod differences;
mod download;
mod fake;
mod gates;
mod http;
mod initialize;
mod logs;
mod node;
mod operation;
mod replay;
mod storage;
mod tokens;
mod world;
