//! Tests of the identifiers.

mod address;
mod parse;
mod vectors;
