use std::{io, path::PathBuf};

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data directory cannot be made.
    #[error("cannot use the data directory {}", path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nonces or revoked tokens cannot be opened.
    #[error("cannot open the stores")]
    Stores(#[source] ocean_service::StoreError),
    /// The index cannot be opened.
    #[error("cannot open the index")]
    Index(#[source] ocean_aquarius::Error),
    /// A setting is missing or wrong; the text says which and what to set.
    #[error("{0}")]
    Config(String),
    /// The Provider half cannot be set up.
    #[error("cannot set up the Provider")]
    Provider(#[source] ocean_provider::Error),
    /// The client for other Providers cannot be made.
    #[error("cannot make the client for other Providers")]
    Decryptor(#[source] ocean_aquarius::Error),
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
