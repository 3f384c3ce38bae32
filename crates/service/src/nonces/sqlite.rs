//! Nonces in a SQLite file, written by one thread.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use ocean_primitives::{Address, Nonce};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::{NonceError, Result};

/// How many requests may wait for the writer; beyond that, callers wait before they are queued.
const QUEUE: usize = 1024;

/// The most requests that share one commit.
const BATCH: usize = 512;

/// How long the writer waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// The layout of the file, kept in SQLite's `user_version`.
pub(super) const LAYOUT: i64 = 1;

enum Request {
    Get { address: Address, answer: oneshot::Sender<Result<Option<Nonce>>> },
    Advance { address: Address, nonce: Nonce, answer: oneshot::Sender<Result<()>> },
}

/// The thread and the only way to it. Dropping the last handle lets the thread finish and closes the file.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Request>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(mut connection: Connection) -> Result<Self> {
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
        Ok(Self { queue: Some(queue), thread: Mutex::new(Some(thread)) })
    }

    pub(super) async fn get(&self, address: Address) -> Result<Option<Nonce>> {
        self.ask(|answer| Request::Get { address, answer }).await
    }

    pub(super) async fn advance(&self, address: Address, nonce: Nonce) -> Result<()> {
        self.ask(|answer| Request::Advance { address, nonce, answer }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<Result<T>>) -> Request) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(NonceError::Closed)?;
        queue.send(request(answer)).await.map_err(|_| NonceError::Closed)?;
        answered.await.map_err(|_| NonceError::Closed)?
    }
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
