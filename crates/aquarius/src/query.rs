//! The search over documents: a subset of Elasticsearch's query language with Elasticsearch's semantics.
//!
//! [`Search::parse`] turns a request body into a typed tree and refuses what it does not know; [`Search::run`] evaluates it
//! over documents. Semantics follow the Elasticsearch documentation of version 8.10 with its dynamic mapping: a text is
//! analysed into lower-case tokens and has an exact `.keyword` sub-field of at most 256 characters.

mod aggregation;
mod eval;
mod field;
mod parse;
mod query_string;
mod search;
mod sort;
mod text;
mod tree;

pub use crate::query::search::{Document, Page, Search};
