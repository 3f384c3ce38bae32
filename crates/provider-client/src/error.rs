use std::time::Duration;

use ocean_provider_api::{DiscoveryError, PeerError, initialize::InitializedError};

/// What can go wrong between this client and a Provider.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL is not an absolute http or https URL.
    #[error("`{0}` is not an http or https url")]
    Url(String),
    /// The HTTP client could not be set up.
    #[error("the http client could not be set up")]
    Build(#[source] reqwest::Error),
    /// No answer came: no connection, or it broke. The cause names no query, so that no signature is shown.
    #[error("{what} at {host} failed")]
    Transport {
        /// What was asked.
        what: &'static str,
        /// Host and port of the Provider.
        host: String,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// The deadline passed first.
    #[error("{what} at {host} did not answer within {limit:?}")]
    Timeout {
        /// What was asked.
        what: &'static str,
        /// Host and port of the Provider.
        host: String,
        /// The deadline.
        limit: Duration,
    },
    /// The Provider refused; its body is kept.
    #[error("{what} was refused: {error}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// Status and body.
        error: PeerError,
    },
    /// What answers there is no Provider.
    #[error("no provider answers at {host}")]
    Discovery {
        /// Host and port.
        host: String,
        /// What is wrong with the document.
        #[source]
        source: DiscoveryError,
    },
    /// The answer to `initialize` has another shape, or a fee whose signature does not verify: do not pay it.
    #[error("the answer to initialize is not usable")]
    Initialize(#[from] InitializedError),
    /// An answer that is not what the protocol says.
    #[error("the answer to {what} is not {expected}")]
    Answer {
        /// What was asked.
        what: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The server serves no such endpoint.
    #[error("the provider serves no {0}")]
    NoEndpoint(&'static str),
    /// An answer is larger than allowed; the rest was not read.
    #[error("the answer to {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        what: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// A download ended after another number of bytes than announced, and could not be resumed.
    #[error("the download has {got} of {expected} bytes")]
    Length {
        /// What was announced.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// The file changed between two parts of a download.
    #[error("the file changed during the download")]
    Changed,
    /// The file is not the one that was expected; nothing was kept.
    #[error("the file's sha256 is {got}, not {expected}")]
    Hash {
        /// What was expected, in hex.
        expected: String,
        /// What came, in hex.
        got: String,
    },
    /// The file could not be written.
    #[error("`{path}` could not be written")]
    File {
        /// Where to.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The Provider's refusal, where this is one.
    pub fn peer(&self) -> Option<&PeerError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The HTTP status of the refusal.
    pub fn status(&self) -> Option<u16> {
        self.peer().map(|error| error.status)
    }

    /// Whether the nonce was refused because it is not above the stored one.
    pub fn is_nonce_refused(&self) -> bool {
        self.peer().is_some_and(PeerError::is_nonce_refused)
    }

    /// Whether nothing is known to be wrong with the request, so that it may pass later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::Timeout { .. } => true,
            Self::Refused { error, .. } => matches!(error.status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Whether the server cannot have seen the request: even a signed one may be sent again.
    pub(crate) fn never_arrived(&self) -> bool {
        matches!(self, Self::Transport { source, .. } if source.is_connect())
    }
}
