use std::path::PathBuf;

use ocean_primitives::ChainId;

/// What can go wrong in the server outside of a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data directory cannot be made or used.
    #[error("data directory {path} cannot be used")]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// A record in the database cannot be read: another version wrote it, or the file is damaged.
    #[error("record {key} in the database cannot be read")]
    Record {
        /// The key of the record.
        key: String,
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
    /// The database was written by a later version of this server.
    #[error("the database has layout {found}, this server knows up to {known}")]
    Layout {
        /// The layout in the file.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// A call to the chain failed or did not end in time.
    #[error("chain {chain}: {call} failed: {reason}")]
    Rpc {
        /// The chain.
        chain: ChainId,
        /// What was asked.
        call: &'static str,
        /// The reason.
        reason: String,
    },
    /// The chain changed while its blocks were read; reading again will see one consistent chain.
    #[error("chain {chain} changed while block {block} was read")]
    Reorganised {
        /// The chain.
        chain: ChainId,
        /// The block.
        block: u64,
    },
    /// The nonce store failed.
    #[error("the nonce store failed")]
    Nonces(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A setting is missing or malformed.
    #[error("{0}")]
    Config(String),
    /// A background task ended in the middle of its work.
    #[error("a background task ended unexpectedly")]
    Task,
}

impl Error {
    /// Whether the same thing may work later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Rpc { .. } | Self::Reorganised { .. })
    }
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
