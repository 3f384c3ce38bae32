#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod error;
mod wire;
