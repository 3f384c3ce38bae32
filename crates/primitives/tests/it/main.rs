//! Tests of the shared vocabulary.

mod amount;
mod id;
mod nonce;
