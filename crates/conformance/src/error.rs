/// Why the checks cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The HTTP client cannot be made.
    #[error("cannot make an http client")]
    Client(#[source] reqwest::Error),
    /// The server does not answer.
    #[error("{url} does not answer")]
    Unreachable {
        /// The server.
        url: String,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
