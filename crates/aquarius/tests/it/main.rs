#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod decryptor;
mod indexer;
mod query;
mod reorg;
mod routes;
mod rpc;
mod store;
mod support;
mod validate;
