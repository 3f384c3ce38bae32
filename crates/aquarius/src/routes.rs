//! One endpoint per file.

pub(crate) mod chains;
pub(crate) mod ddo;
pub(crate) mod envelope;
pub(crate) mod metadata;
pub(crate) mod names;
pub(crate) mod nonce;
pub(crate) mod query;
pub(crate) mod respond;
pub(crate) mod root;
pub(crate) mod schema;
pub(crate) mod state;
pub(crate) mod trigger;
pub(crate) mod validate;
