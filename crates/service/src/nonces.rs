mod sqlite;

use std::{fmt, io, path::Path, sync::Arc, time::Duration};

use ocean_primitives::{Address, Nonce};
use rusqlite::Connection;
use tokio::time::timeout;

use self::sqlite::{LAYOUT, Writer};
use crate::postgres::{Postgres, PostgresError};

/// How long a caller waits for an answer, queueing included.
const DEADLINE: Duration = Duration::from_secs(30);

/// The last nonce of each address, in a SQLite file or in PostgreSQL; cheap to clone.
///
/// A nonce is used once: [`NonceStore::advance`] compares and stores in one step, and what it accepted is on disk before
/// it answers, so that a crash right after brings nothing back.
/// In SQLite one thread writes; requests that arrive while it waits for the disk share the next commit, so that the disk bounds
/// the latency and not the number of requests. PostgreSQL is for several servers that share their state.
#[derive(Clone)]
pub struct NonceStore {
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Writer>),
    Postgres(Postgres),
}

/// Why a nonce was not accepted, or not answered.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NonceError {
    /// The nonce is not above the stored one: a replay, or a client that counts on another scale. `stored` + 1 passes.
    #[error("expected nonce ({stored}) > current nonce ({given})")]
    NotAbove {
        /// The last accepted nonce of the address.
        stored: Nonce,
        /// The refused one.
        given: Nonce,
    },
    /// The file cannot be opened, read or written; the nonce is not accepted.
    #[error("the nonce store failed")]
    Store(#[source] Arc<rusqlite::Error>),
    /// PostgreSQL does not answer, or not as it should. If the question was sent, the nonce may be used up all the same.
    #[error("the nonce store failed")]
    Postgres(#[source] Arc<PostgresError>),
    /// The thread that writes cannot be started.
    #[error("the nonce store cannot start its writer")]
    Thread(#[source] Arc<io::Error>),
    /// The file was written by a later version.
    #[error("the nonce store has layout {found}, this version knows {LAYOUT}")]
    Layout {
        /// The layout of the file.
        found: i64,
    },
    /// A stored text is not a nonce.
    #[error("the nonce store holds something that is not a nonce")]
    Corrupt,
    /// There was no answer in time. The nonce may be used up all the same.
    #[error("the nonce store did not answer in time")]
    Deadline,
    /// The writer has ended.
    #[error("the nonce store is closed")]
    Closed,
}

impl NonceError {
    /// Whether the nonce itself was refused; everything else is a failure of the server.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::NotAbove { .. })
    }
}

impl From<rusqlite::Error> for NonceError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<PostgresError> for NonceError {
    fn from(error: PostgresError) -> Self {
        Self::Postgres(Arc::new(error))
    }
}

type Result<T> = std::result::Result<T, NonceError>;

impl NonceStore {
    /// Opens the file at `path`, or makes it; its directory must exist. Blocks shortly.
    ///
    /// # Errors
    /// The file cannot be opened or written, or comes from a later version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::start(Connection::open(path)?)
    }

    /// A store that is gone when the last clone is dropped, for tests.
    ///
    /// # Errors
    /// SQLite cannot start.
    pub fn in_memory() -> Result<Self> {
        Self::start(Connection::open_in_memory()?)
    }

    fn start(connection: Connection) -> Result<Self> {
        Ok(Self { backend: Backend::Sqlite(Arc::new(Writer::start(connection)?)) })
    }

    pub(crate) fn postgres(database: Postgres) -> Self {
        Self { backend: Backend::Postgres(database) }
    }

    /// The last accepted nonce of `address`, if there is one.
    ///
    /// # Errors
    /// The store failed or did not answer in time.
    pub async fn get(&self, address: Address) -> Result<Option<Nonce>> {
        let asked = async {
            match &self.backend {
                Backend::Sqlite(writer) => writer.get(address).await,
                Backend::Postgres(database) => stored(database.nonce(address).await?),
            }
        };
        timeout(DEADLINE, asked).await.map_err(|_| NonceError::Deadline)?
    }

    /// Accepts `nonce` if it is above the stored one of `address`, or the first one; it is on disk when this returns.
    ///
    /// Call it after every check that does not need the nonce, and before the first effect of the request.
    ///
    /// # Errors
    /// [`NonceError::NotAbove`] leaves the store as it was. After any other error the request must not act.
    pub async fn advance(&self, address: Address, nonce: &Nonce) -> Result<()> {
        let asked = async {
            match &self.backend {
                Backend::Sqlite(writer) => writer.advance(address, nonce.clone()).await,
                Backend::Postgres(database) => {
                    if database.advance_nonce(address, nonce).await? {
                        return Ok(());
                    }
                    // What is stored only grows, so it is at least what the refusal was for.
                    let stored = stored(database.nonce(address).await?)?.ok_or(NonceError::Corrupt)?;
                    Err(NonceError::NotAbove { stored, given: nonce.clone() })
                }
            }
        };
        timeout(DEADLINE, asked).await.map_err(|_| NonceError::Deadline)?
    }
}

fn stored(text: Option<String>) -> Result<Option<Nonce>> {
    text.map(|text| text.parse().map_err(|_| NonceError::Corrupt)).transpose()
}

impl fmt::Debug for NonceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backend = match &self.backend {
            Backend::Sqlite(_) => "SQLite",
            Backend::Postgres(_) => "PostgreSQL",
        };
        f.debug_struct("NonceStore").field("backend", &backend).finish_non_exhaustive()
    }
}
