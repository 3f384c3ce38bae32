//! The jobs on disk: one SQLite file, in which every change of a job is a transaction of its own.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ocean_primitives::Address;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use tokio::task::spawn_blocking;

use crate::{
    error::{Error, Result},
    job::{Job, JobId},
};

/// The layout this version writes.
const LAYOUT: i64 = 1;

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// Which jobs are meant. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// This one.
    pub id: Option<JobId>,
    /// Of this account.
    pub owner: Option<Address>,
    /// Paid by this transaction, in the spelling of the request.
    pub agreement_id: Option<String>,
}

/// The jobs on disk; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        // WAL with FULL syncs the log at every commit: a step that was taken is not forgotten, and readers do not wait.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let setup = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = setup.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > LAYOUT {
            return Err(Error::Layout { found, known: LAYOUT });
        }
        setup.execute_batch(
            "CREATE TABLE IF NOT EXISTS jobs (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                owner BLOB NOT NULL,
                agreement TEXT NOT NULL,
                state TEXT NOT NULL,
                expired INTEGER NOT NULL,
                job TEXT NOT NULL
            );
            CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner);
            CREATE INDEX IF NOT EXISTS jobs_by_agreement ON jobs (agreement);
            CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, expired);",
        )?;
        setup.pragma_update(None, "user_version", LAYOUT)?;
        setup.commit()?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        spawn_blocking(move || work(&mut store.lock())).await.map_err(|_| Error::Stopped)?
    }

    /// Stores a new job, unless `admit` refuses it in view of all jobs that are not over.
    pub(crate) async fn insert(
        &self,
        job: Job,
        admit: impl FnOnce(&[Job]) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        self.run(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let present = {
                let mut query = transaction.prepare_cached("SELECT id, job FROM jobs WHERE state <> 'done'")?;
                let rows = query.query_map([], columns)?.collect::<Result<Vec<_>, _>>()?;
                rows.into_iter().map(parse).collect::<Result<Vec<_>>>()?
            };
            admit(&present)?;
            transaction.execute(
                "INSERT INTO jobs (id, owner, agreement, state, expired, job) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
                params![
                    job.id.as_str(),
                    job.spec.owner.as_slice(),
                    job.spec.agreement_id,
                    job.state.as_str(),
                    print(&job)?
                ],
            )?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Changes a job; the change is on disk when this returns. `change` says whether there was one.
    pub(crate) async fn update(
        &self,
        id: &JobId,
        change: impl FnOnce(&mut Job) -> bool + Send + 'static,
    ) -> Result<Job> {
        let id = id.clone();
        self.run(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let found = transaction
                .query_row("SELECT id, job FROM jobs WHERE id = ?1", params![id.as_str()], columns)
                .optional()?;
            let mut job = parse(found.ok_or(Error::NoSuchJob(id))?)?;
            if change(&mut job) {
                transaction.execute(
                    "UPDATE jobs SET state = ?2, expired = ?3, job = ?4 WHERE id = ?1",
                    params![job.id.as_str(), job.state.as_str(), job.expired, print(&job)?],
                )?;
                transaction.commit()?;
            }
            Ok(job)
        })
        .await
    }

    /// Forgets a job.
    pub(crate) async fn remove(&self, id: &JobId) -> Result<()> {
        let id = id.clone();
        self.run(move |connection| {
            connection.execute("DELETE FROM jobs WHERE id = ?1", params![id.as_str()])?;
            Ok(())
        })
        .await
    }

    /// A job by its name.
    pub(crate) async fn get(&self, id: &JobId) -> Result<Option<Job>> {
        let id = id.clone();
        self.run(move |connection| {
            let found = connection
                .query_row("SELECT id, job FROM jobs WHERE id = ?1", params![id.as_str()], columns)
                .optional()?;
            found.map(parse).transpose()
        })
        .await
    }

    /// The jobs that fit, the latest first. Without any condition there are none.
    pub(crate) async fn find(&self, filter: JobFilter) -> Result<Vec<Job>> {
        if filter == JobFilter::default() {
            return Ok(Vec::new());
        }
        self.select(
            "(?1 IS NULL OR id = ?1) AND (?2 IS NULL OR owner = ?2) AND (?3 IS NULL OR agreement = ?3)
                ORDER BY number DESC LIMIT 1000",
            move |query| {
                let parameters = params![
                    filter.id.as_ref().map(JobId::as_str),
                    filter.owner.as_ref().map(|owner| owner.as_slice()),
                    filter.agreement_id
                ];
                query.query_map(parameters, columns)?.collect()
            },
        )
        .await
    }

    /// Every job that is not over, the oldest first.
    pub(crate) async fn unfinished(&self) -> Result<Vec<Job>> {
        self.select("state <> 'done' ORDER BY number", |query| query.query_map([], columns)?.collect()).await
    }

    /// As [`Store::unfinished`], on this thread.
    pub(crate) fn unfinished_blocking(&self) -> Result<Vec<Job>> {
        let connection = self.lock();
        let mut query = connection.prepare("SELECT id, job FROM jobs WHERE state <> 'done' ORDER BY number")?;
        let rows = query.query_map([], columns)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(parse).collect()
    }

    /// The jobs that are over and whose results are still kept, the oldest first.
    pub(crate) async fn kept(&self) -> Result<Vec<Job>> {
        self.select("state = 'done' AND expired = 0 ORDER BY number", |query| query.query_map([], columns)?.collect())
            .await
    }

    async fn select(
        &self,
        condition: &'static str,
        ask: impl FnOnce(&mut rusqlite::CachedStatement<'_>) -> rusqlite::Result<Vec<(String, String)>> + Send + 'static,
    ) -> Result<Vec<Job>> {
        self.run(move |connection| {
            let mut query = connection.prepare_cached(&format!("SELECT id, job FROM jobs WHERE {condition}"))?;
            ask(&mut query)?.into_iter().map(parse).collect()
        })
        .await
    }
}

fn columns(row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn parse((id, text): (String, String)) -> Result<Job> {
    serde_json::from_str(&text).map_err(|source| Error::Corrupt { id, source })
}

fn print(job: &Job) -> Result<String> {
    serde_json::to_string(job).map_err(|source| Error::Corrupt { id: job.id.to_string(), source })
}
