use std::time::Duration;

use ocean_did::Did;
use ocean_primitives::B256;

/// What can go wrong between this client and an Aquarius.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL is not an absolute http or https URL. It is not repeated: it may hold credentials.
    #[error("the address of aquarius is not an http or https url")]
    Url,
    /// The HTTP client could not be set up.
    #[error("the http client could not be set up")]
    Build(#[source] reqwest::Error),
    /// No answer came: no connection, or it broke.
    #[error("{what} at {host} failed")]
    Transport {
        /// What was asked.
        what: &'static str,
        /// Host and port.
        host: String,
        /// The cause, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// The server refused.
    #[error("{what} was refused with status {status}: {body}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The HTTP status.
        status: u16,
        /// The body as it came, cut after some kilobytes.
        body: String,
    },
    /// The answer is larger than allowed.
    #[error("the answer to {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The answer is not what the protocol says.
    #[error("the answer to {what} cannot be read: {reason}")]
    Answer {
        /// What was asked.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The asset did not come within the deadline.
    #[error("{did} did not show transaction {tx} within {} s: {}", waited.as_secs_f64(), reason.as_deref().unwrap_or("the indexer does not say why"))]
    NotIndexed {
        /// The asset.
        did: Did,
        /// The transaction that was waited for.
        tx: B256,
        /// How long.
        waited: Duration,
        /// What the indexer says about the asset.
        reason: Option<String>,
    },
    /// The indexer has looked at the transaction and will not index it.
    #[error("{did} is not indexed after transaction {tx}: {reason}")]
    Rejected {
        /// The asset.
        did: Did,
        /// The transaction.
        tx: B256,
        /// What the indexer says.
        reason: String,
    },
}

impl Error {
    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether nothing is known to be wrong with the request, so that it may pass later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::NotIndexed { .. } => true,
            Self::Refused { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
