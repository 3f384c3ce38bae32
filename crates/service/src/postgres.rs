//! State in PostgreSQL, for servers that run as several replicas.

use std::{
    fmt,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ocean_primitives::{Address, Nonce};
use tokio::sync::{Mutex, Semaphore};
use tokio_postgres::{
    Client, Config, NoTls, Row,
    types::{ToSql, Type},
};

/// How many connections are held. PostgreSQL commits what waits on several connections with one write to the disk.
const CONNECTIONS: usize = 4;

/// How many statements may wait for their answers; beyond that, callers wait.
const WAITING: usize = 1024;

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long one statement may take before its connection is given up.
const STATEMENT: Duration = Duration::from_secs(10);

/// The tables, made by whoever comes first: `IF NOT EXISTS` alone would fail for the second of two at once.
const TABLES: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(7147085126350046054);
    CREATE TABLE IF NOT EXISTS ocean_nonces (address bytea PRIMARY KEY, nonce numeric NOT NULL);
    CREATE TABLE IF NOT EXISTS ocean_revoked_tokens (token bytea PRIMARY KEY, expires bigint NOT NULL);
    COMMIT;
";

/// An accepted nonce is on disk before anybody hears of it, whatever the database's default.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'";

/// Why PostgreSQL did not do what was asked. Never tells the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The URL cannot be read.
    #[error("not a PostgreSQL url")]
    Url,
    /// No connection.
    #[error("PostgreSQL does not accept a connection")]
    Connect(#[source] tokio_postgres::Error),
    /// A statement failed.
    #[error("PostgreSQL refused a statement")]
    Statement(#[from] tokio_postgres::Error),
    /// There was no answer in time. What was asked may have been done all the same.
    #[error("PostgreSQL did not answer in time")]
    Deadline,
}

type Result<T, E = PostgresError> = std::result::Result<T, E>;

/// A few connections to one database, made when they are needed and again when they break; cheap to clone.
#[derive(Clone)]
pub(crate) struct Postgres {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    connections: [Mutex<Option<Arc<Client>>>; CONNECTIONS],
    next: AtomicUsize,
    waiting: Semaphore,
}

impl Postgres {
    /// Connects to `postgres://user:password@host/database` and makes the tables, unless they are there.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        // What the parser says of a broken URL may repeat a part of it.
        let mut config = Config::from_str(url).map_err(|_| PostgresError::Url)?;
        config.connect_timeout(CONNECT).tcp_user_timeout(STATEMENT);
        if config.get_application_name().is_none() {
            config.application_name("ocean");
        }
        let inner = Inner {
            config,
            connections: Default::default(),
            next: AtomicUsize::new(0),
            waiting: Semaphore::new(WAITING),
        };
        let this = Self { inner: Arc::new(inner) };
        let (client, _) = this.client().await?;
        within(client.batch_execute(TABLES)).await?;
        Ok(this)
    }

    /// The stored nonce as text.
    pub(crate) async fn nonce(&self, address: Address) -> Result<Option<String>> {
        let statement = "SELECT nonce::text FROM ocean_nonces WHERE address = $1";
        let rows = self.rows(statement, &[(&address.as_slice(), Type::BYTEA)]).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    /// Whether `nonce` was above the stored one, and is stored now. One statement, so that of two at once one sees the other.
    pub(crate) async fn advance_nonce(&self, address: Address, nonce: &Nonce) -> Result<bool> {
        let statement = "INSERT INTO ocean_nonces AS old (address, nonce) VALUES ($1, $2::text::numeric)
            ON CONFLICT (address) DO UPDATE SET nonce = excluded.nonce WHERE old.nonce < excluded.nonce RETURNING 1";
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&address.as_slice(), Type::BYTEA), (&nonce.to_string(), Type::TEXT)];
        Ok(!self.rows(statement, &parameters).await?.is_empty())
    }

    pub(crate) async fn is_revoked(&self, token: [u8; 32]) -> Result<bool> {
        let statement = "SELECT 1 FROM ocean_revoked_tokens WHERE token = $1";
        Ok(!self.rows(statement, &[(&token.as_slice(), Type::BYTEA)]).await?.is_empty())
    }

    /// Stores a revoked token until `expires`, and forgets those that have expired by `now`; both in unix seconds.
    pub(crate) async fn revoke(&self, token: [u8; 32], expires: i64, now: i64) -> Result<()> {
        let statement = "WITH gone AS (DELETE FROM ocean_revoked_tokens WHERE expires < $3 AND token <> $1)
            INSERT INTO ocean_revoked_tokens VALUES ($1, $2) ON CONFLICT (token) DO UPDATE SET expires = excluded.expires";
        let parameters: [(&(dyn ToSql + Sync), Type); 3] =
            [(&token.as_slice(), Type::BYTEA), (&expires, Type::INT8), (&now, Type::INT8)];
        self.rows(statement, &parameters).await.map(drop)
    }

    pub(crate) async fn restore(&self, token: [u8; 32]) -> Result<()> {
        let statement = "DELETE FROM ocean_revoked_tokens WHERE token = $1";
        self.rows(statement, &[(&token.as_slice(), Type::BYTEA)]).await.map(drop)
    }

    /// Runs a statement once: what may have been done is not tried a second time.
    async fn rows(&self, statement: &str, parameters: &[(&(dyn ToSql + Sync), Type)]) -> Result<Vec<Row>> {
        // The semaphore is never closed, so the only answer is a permit.
        let _permit = self.inner.waiting.acquire().await;
        let (client, place) = self.client().await?;
        let answer = within(client.query_typed(statement, parameters)).await;
        if matches!(answer, Err(PostgresError::Deadline)) {
            // Whatever holds it up, the next caller is not to wait behind it.
            let mut slot = self.inner.connections[place].lock().await;
            if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, &client)) {
                *slot = None;
            }
        }
        answer
    }

    /// A connection that works as far as is known, and its place.
    async fn client(&self) -> Result<(Arc<Client>, usize)> {
        let place = self.inner.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let mut slot = self.inner.connections[place].lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.is_closed()) {
            return Ok((Arc::clone(client), place));
        }
        let connecting = tokio::time::timeout(CONNECT, self.inner.config.connect(NoTls));
        let (client, connection) =
            connecting.await.map_err(|_| PostgresError::Deadline)?.map_err(PostgresError::Connect)?;
        // Ends when the client is dropped or the connection breaks.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to PostgreSQL broke");
            }
        });
        within(client.batch_execute(DURABLE)).await?;
        let client = Arc::new(client);
        *slot = Some(Arc::clone(&client));
        Ok((client, place))
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

async fn within<T>(asked: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
    tokio::time::timeout(STATEMENT, asked).await.map_err(|_| PostgresError::Deadline)?.map_err(Into::into)
}
