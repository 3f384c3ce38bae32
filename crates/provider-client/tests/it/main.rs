//! The client against servers that behave, and servers that do not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod calls;
mod download;
mod fake;
