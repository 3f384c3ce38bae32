//! Revoked tokens in a SQLite file.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension as _};

use super::TokenHash;

/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Tokens {
    connection: Arc<Mutex<Connection>>,
}

impl Tokens {
    pub(super) fn start(connection: Connection) -> rusqlite::Result<Self> {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS revoked (token BLOB NOT NULL PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID",
        )?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = Arc::clone(&self.connection);
        let locked = move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        // A task that is gone did nothing that could be told.
        tokio::task::spawn_blocking(locked).await.unwrap_or(Err(rusqlite::Error::InvalidQuery))
    }

    pub(super) async fn is_revoked(&self, token: TokenHash) -> rusqlite::Result<bool> {
        self.run(move |connection| {
            let mut query = connection.prepare_cached("SELECT 1 FROM revoked WHERE token = ?1")?;
            query.query_row([token], |_| Ok(())).optional().map(|found| found.is_some())
        })
        .await
    }

    pub(super) async fn revoke(&self, token: TokenHash, expires: i64, now: i64) -> rusqlite::Result<()> {
        self.run(move |connection| {
            connection.execute("DELETE FROM revoked WHERE expires < ?1", [now])?;
            connection.execute("INSERT OR REPLACE INTO revoked VALUES (?1, ?2)", (token, expires)).map(drop)
        })
        .await
    }

    pub(super) async fn restore(&self, token: TokenHash) -> rusqlite::Result<()> {
        self.run(move |connection| connection.execute("DELETE FROM revoked WHERE token = ?1", [token]).map(drop)).await
    }
}
