//! `GET /` and `GET /health`.

use serde::{Deserialize, Serialize};

/// The Aquarius version whose behaviour this API follows; `chains/status` reports it as well.
pub const AQUARIUS_VERSION: &str = "5.1.8";
/// Body of `GET /health` while the database answers.
pub const HEALTHY: &str = "Elasticsearch connected";
/// Body of `GET /health`, with status 400, while it does not.
pub const UNHEALTHY: &str = "Not connected to any database";

/// The answer of `GET /`; clients need no more than its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Root {
    /// Always `module`, for clients that check it.
    pub plugin: String,
    /// `Aquarius`.
    pub software: String,
    /// The version whose behaviour is served.
    pub version: String,
}

impl Default for Root {
    fn default() -> Self {
        Self { plugin: "module".to_owned(), software: "Aquarius".to_owned(), version: AQUARIUS_VERSION.to_owned() }
    }
}
