//! Wire types of both dialects against recorded texts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod discovery;
mod download;
mod error;
mod file_info;
mod initialize;
mod request;
mod signed;
