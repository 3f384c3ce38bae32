use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use ocean_primitives::{Address, Nonce};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How many requests may wait for the writer; beyond that, callers wait before they are queued.
const QUEUE: usize = 1024;

/// The most requests that share one commit.
const BATCH: usize = 512;

/// How long a caller waits for an answer, queueing included.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long the writer waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// The layout of the file, kept in SQLite's `user_version`.
const LAYOUT: i64 = 1;

/// The last nonce of each address, in a SQLite file; cheap to clone.
///
/// A nonce is used once: [`NonceStore::advance`] compares and stores in one step, and what it accepted is on disk before
/// it answers, so that a crash right after brings nothing back. One thread writes; requests that arrive while it waits for the
/// disk share the next commit, so that the disk bounds the latency and not the number of requests.
#[derive(Clone)]
pub struct NonceStore {
    writer: Arc<Writer>,
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

type Result<T> = std::result::Result<T, NonceError>;

enum Request {
    Get { address: Address, answer: oneshot::Sender<Result<Option<Nonce>>> },
    Advance { address: Address, nonce: Nonce, answer: oneshot::Sender<Result<()>> },
}

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

    fn start(mut connection: Connection) -> Result<Self> {
        connection.busy_timeout(BUSY)?;
        // WAL with FULL syncs the log at every commit: an accepted nonce survives a power cut, and readers do not wait.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let setup = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = setup.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > LAYOUT {
            return Err(NonceError::Layout { found });
        }
        setup.execute_batch(
            "CREATE TABLE IF NOT EXISTS nonces (address BLOB NOT NULL PRIMARY KEY, nonce TEXT NOT NULL) WITHOUT ROWID",
        )?;
        setup.pragma_update(None, "user_version", LAYOUT)?;
        setup.commit()?;

        let (queue, requests) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("nonces".to_owned())
            .spawn(move || write(&mut connection, requests))
            .map_err(|error| NonceError::Thread(Arc::new(error)))?;
        Ok(Self { writer: Arc::new(Writer { queue: Some(queue), thread: Mutex::new(Some(thread)) }) })
    }

    /// The last accepted nonce of `address`, if there is one.
    ///
    /// # Errors
    /// The store failed or did not answer in time.
    pub async fn get(&self, address: Address) -> Result<Option<Nonce>> {
        self.ask(|answer| Request::Get { address, answer }).await
    }

    /// Accepts `nonce` if it is above the stored one of `address`, or the first one; it is on disk when this returns.
    ///
    /// Call it after every check that does not need the nonce, and before the first effect of the request.
    ///
    /// # Errors
    /// [`NonceError::NotAbove`] leaves the store as it was. After any other error the request must not act.
    pub async fn advance(&self, address: Address, nonce: &Nonce) -> Result<()> {
        let nonce = nonce.clone();
        self.ask(|answer| Request::Advance { address, nonce, answer }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<Result<T>>) -> Request) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let queue = self.writer.queue.as_ref().ok_or(NonceError::Closed)?;
        let asked = async {
            queue.send(request(answer)).await.map_err(|_| NonceError::Closed)?;
            answered.await.map_err(|_| NonceError::Closed)?
        };
        timeout(DEADLINE, asked).await.map_err(|_| NonceError::Deadline)?
    }
}

impl fmt::Debug for NonceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceStore").finish_non_exhaustive()
    }
}

/// The thread and the only way to it. Dropping the last handle lets the thread finish and closes the file.
struct Writer {
    queue: Option<mpsc::Sender<Request>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the nonce writer panicked");
        }
    }
}

/// What to tell whom once the batch is on disk.
enum Reply {
    Get(oneshot::Sender<Result<Option<Nonce>>>, Result<Option<Nonce>>),
    Advance(oneshot::Sender<Result<()>>, Result<()>),
}

impl Reply {
    /// A caller that has given up is not an error.
    fn send(self, commit: &Result<()>) {
        match self {
            Self::Get(answer, found) => drop(answer.send(found)),
            Self::Advance(answer, done) => drop(answer.send(commit.clone().and(done))),
        }
    }
}

fn write(connection: &mut Connection, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH);
    // Blocks for the first request and takes what has come in meanwhile; zero means that every handle is gone.
    while requests.blocking_recv_many(&mut batch, BATCH) > 0 {
        match commit(connection, &mut batch) {
            Ok(replies) => replies.into_iter().for_each(|reply| reply.send(&Ok(()))),
            Err((replies, error)) => {
                tracing::error!(%error, "nonces were not stored");
                let failed = Err(error);
                replies.into_iter().for_each(|reply| reply.send(&failed));
            }
        }
    }
}

/// Runs a batch in one transaction. Nobody is answered before it is committed.
fn commit(
    connection: &mut Connection,
    batch: &mut Vec<Request>,
) -> std::result::Result<Vec<Reply>, (Vec<Reply>, NonceError)> {
    let writes = batch.iter().any(|request| matches!(request, Request::Advance { .. }));
    let behavior = if writes { TransactionBehavior::Immediate } else { TransactionBehavior::Deferred };
    let transaction = match connection.transaction_with_behavior(behavior) {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = NonceError::from(error);
            let fail = |request| match request {
                Request::Get { answer, .. } => Reply::Get(answer, Err(error.clone())),
                Request::Advance { answer, .. } => Reply::Advance(answer, Err(error.clone())),
            };
            return Err((batch.drain(..).map(fail).collect(), error.clone()));
        }
    };
    let mut replies = Vec::with_capacity(batch.len());
    for request in batch.drain(..) {
        replies.push(match request {
            Request::Get { address, answer } => Reply::Get(answer, read(&transaction, address)),
            Request::Advance { address, nonce, answer } => {
                Reply::Advance(answer, advance(&transaction, address, nonce))
            }
        });
    }
    match transaction.commit() {
        Ok(()) => Ok(replies),
        Err(error) => Err((replies, error.into())),
    }
}

fn read(transaction: &Transaction<'_>, address: Address) -> Result<Option<Nonce>> {
    let mut query = transaction.prepare_cached("SELECT nonce FROM nonces WHERE address = ?1")?;
    let text: Option<String> = query.query_row(params![address.as_slice()], |row| row.get(0)).optional()?;
    text.map(|text| text.parse().map_err(|_| NonceError::Corrupt)).transpose()
}

fn advance(transaction: &Transaction<'_>, address: Address, given: Nonce) -> Result<()> {
    if let Some(stored) = read(transaction, address)?
        && given <= stored
    {
        return Err(NonceError::NotAbove { stored, given });
    }
    let mut store = transaction.prepare_cached(
        "INSERT INTO nonces (address, nonce) VALUES (?1, ?2) ON CONFLICT (address) DO UPDATE SET nonce = excluded.nonce",
    )?;
    store.execute(params![address.as_slice(), given.to_string()])?;
    Ok(())
}
