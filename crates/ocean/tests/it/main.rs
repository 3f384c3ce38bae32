//! What can be decided about the facade without a network; everything else is tested by the harness.
#![allow(clippy::unwrap_used, reason = "tests")]

mod builder;
