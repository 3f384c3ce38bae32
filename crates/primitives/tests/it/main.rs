//! Tests of the shared vocabulary.

mod amount;
mod decimal;
mod id;
mod nonce;
