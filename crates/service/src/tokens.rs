mod sqlite;

use std::{fmt, path::Path, time::Duration};

use rusqlite::Connection;
use tokio::time::timeout;

use self::sqlite::Tokens;
use crate::postgres::{Postgres, PostgresError};

/// How long a caller waits for an answer.
const DEADLINE: Duration = Duration::from_secs(30);

/// The SHA-256 of a token; the token itself is never stored.
pub type TokenHash = [u8; 32];

/// Auth tokens that were made void, in a SQLite file or in PostgreSQL; cheap to clone.
///
/// Only hashes of tokens are stored, each until the token would have expired anyway.
#[derive(Clone)]
pub struct TokenStore {
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Tokens),
    Postgres(Postgres),
}

/// The store of revoked tokens failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The file cannot be opened, read or written.
    #[error("the token store failed")]
    Store(#[from] rusqlite::Error),
    /// PostgreSQL does not answer, or not as it should.
    #[error("the token store failed")]
    Postgres(#[from] PostgresError),
    /// There was no answer in time.
    #[error("the token store did not answer in time")]
    Deadline,
}

type Result<T> = std::result::Result<T, TokenError>;

impl TokenStore {
    /// Opens the file or makes it; its directory must exist.
    ///
    /// # Errors
    /// The file cannot be opened or written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::with(Connection::open(path)?)
    }

    /// A store that is gone with its last clone, for tests.
    ///
    /// # Errors
    /// SQLite cannot start.
    pub fn in_memory() -> Result<Self> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self> {
        Ok(Self { backend: Backend::Sqlite(Tokens::start(connection)?) })
    }

    pub(crate) fn postgres(database: Postgres) -> Self {
        Self { backend: Backend::Postgres(database) }
    }

    /// Whether a token was revoked.
    ///
    /// # Errors
    /// The store failed or did not answer in time: the token must not count as good.
    pub async fn is_revoked(&self, token: TokenHash) -> Result<bool> {
        within(async {
            match &self.backend {
                Backend::Sqlite(tokens) => Ok(tokens.is_revoked(token).await?),
                Backend::Postgres(database) => Ok(database.is_revoked(token).await?),
            }
        })
        .await
    }

    /// Makes a token void until `expires`, and forgets those that have expired by `now`; both in unix seconds.
    /// On disk when this returns.
    ///
    /// # Errors
    /// The store failed or did not answer in time.
    pub async fn revoke(&self, token: TokenHash, expires: i64, now: i64) -> Result<()> {
        within(async {
            match &self.backend {
                Backend::Sqlite(tokens) => Ok(tokens.revoke(token, expires, now).await?),
                Backend::Postgres(database) => Ok(database.revoke(token, expires, now).await?),
            }
        })
        .await
    }

    /// Makes a revoked token good again; one that was not revoked stays as it is.
    ///
    /// # Errors
    /// The store failed or did not answer in time.
    pub async fn restore(&self, token: TokenHash) -> Result<()> {
        within(async {
            match &self.backend {
                Backend::Sqlite(tokens) => Ok(tokens.restore(token).await?),
                Backend::Postgres(database) => Ok(database.restore(token).await?),
            }
        })
        .await
    }
}

async fn within<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(DEADLINE, asked).await.map_err(|_| TokenError::Deadline)?
}

impl fmt::Debug for TokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backend = match &self.backend {
            Backend::Sqlite(_) => "SQLite",
            Backend::Postgres(_) => "PostgreSQL",
        };
        f.debug_struct("TokenStore").field("backend", &backend).finish_non_exhaustive()
    }
}
