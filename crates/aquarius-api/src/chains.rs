//! `GET /api/aquarius/chains/list` and `GET /api/aquarius/chains/status/<id>`.

use std::collections::BTreeMap;

use ocean_primitives::ChainId;
use serde::{Deserialize, Serialize};

/// The path of the list.
pub const LIST_PATH: &str = "/api/aquarius/chains/list";

/// The answer of the list: every indexed chain with `true`.
pub type List = BTreeMap<ChainId, bool>;

/// How far a chain has been indexed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// The last block whose events are in the index.
    pub last_block: u64,
    /// The version of the server.
    pub version: String,
}

impl Status {
    /// The state of a chain indexed up to `last_block`.
    pub fn new(last_block: u64) -> Self {
        Self { last_block, version: crate::root::AQUARIUS_VERSION.to_owned() }
    }
}

/// Path of the status of `chain`.
pub fn status_path(chain: ChainId) -> String {
    format!("/api/aquarius/chains/status/{chain}")
}
