//! The database: one SQLite file that is the truth.
//!
//! Every change comes as one [`Commit`]: records, retry queue, cursor, block hashes and the journal that can undo it are one
//! transaction, on disk before anything of it is visible.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ocean_primitives::{B256, ChainId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    record::{RetryRecord, StateRecord},
};

#[cfg(test)]
mod tests;

/// The layout this version writes.
const LAYOUT: i64 = 1;

// The expressions are those of the indices, letter by letter, and the planner would take the primary key.
const STATES_BY_DID: &str = "SELECT key, value FROM records INDEXED BY states_by_did
    WHERE chain = ?1 AND space = 6 AND json_extract(CAST(value AS TEXT), '$.did') = ?2 ORDER BY key";
const STATES_BY_TX: &str = "SELECT key, value FROM records INDEXED BY states_by_tx
    WHERE chain = ?1 AND space = 6 AND json_extract(CAST(value AS TEXT), '$.tx') = ?2 ORDER BY key";
const DUE: &str = "SELECT key, value FROM records INDEXED BY retries_by_time
    WHERE chain = ?1 AND space = 7 AND json_extract(CAST(value AS TEXT), '$.next_try') BETWEEN ?2 AND ?3
    ORDER BY json_extract(CAST(value AS TEXT), '$.next_try') LIMIT ?4";

/// What kind of record a key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Space {
    Nft = 1,
    Token = 2,
    Exchange = 3,
    Asset = 4,
    Document = 5,
    State = 6,
    Retry = 7,
    Block = 8,
}

impl Space {
    fn from_number(number: i64) -> Option<Self> {
        let all = [
            Self::Nft,
            Self::Token,
            Self::Exchange,
            Self::Asset,
            Self::Document,
            Self::State,
            Self::Retry,
            Self::Block,
        ];
        all.into_iter().find(|space| *space as i64 == number)
    }
}

/// A block by number and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockRef {
    pub(crate) number: u64,
    pub(crate) hash: B256,
}

/// A key of a record on one chain.
pub(crate) type Key = (Space, String);

/// One transaction's worth of changes on one chain.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// The new value of each record, none for a removed one.
    pub(crate) records: BTreeMap<Key, Option<Vec<u8>>>,
    /// The value before, under the block that was the newest when the change was made.
    pub(crate) journal: BTreeMap<(u64, Key), Option<Vec<u8>>>,
    /// Where the follower stands afterwards.
    pub(crate) cursor: Option<BlockRef>,
    /// Block hashes to remember.
    pub(crate) ring: Vec<BlockRef>,
    /// Journal and hashes below this block are not needed any more.
    pub(crate) keep_from: u64,
}

/// The database file. All methods block; async callers use it for single lookups or through `spawn_blocking`.
#[derive(Debug)]
pub(crate) struct Store {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl Store {
    /// Opens or makes `aquarius.sqlite` in `directory`.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let path = directory.join("aquarius.sqlite");
        let writer = Connection::open(&path)?;
        writer.busy_timeout(Duration::from_secs(10))?;
        // With FULL every commit is synced: what is visible survives a power cut.
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        let found: i64 = writer.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > LAYOUT {
            return Err(Error::Layout { found, known: LAYOUT });
        }
        writer.execute_batch(
            "BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS records (
                chain INTEGER NOT NULL, space INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                PRIMARY KEY (chain, space, key)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS journal (
                chain INTEGER NOT NULL, block INTEGER NOT NULL, space INTEGER NOT NULL, key TEXT NOT NULL, old BLOB,
                PRIMARY KEY (chain, block, space, key)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS ring (
                chain INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
                PRIMARY KEY (chain, number)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS cursors (
                chain INTEGER NOT NULL PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS states_by_did ON records
                (chain, json_extract(CAST(value AS TEXT), '$.did'), key) WHERE space = 6;
            CREATE INDEX IF NOT EXISTS states_by_tx ON records
                (chain, json_extract(CAST(value AS TEXT), '$.tx'), key) WHERE space = 6;
            CREATE INDEX IF NOT EXISTS retries_by_time ON records
                (chain, json_extract(CAST(value AS TEXT), '$.next_try'), key) WHERE space = 7;
            PRAGMA user_version = 1;
            COMMIT;",
        )?;
        let reader = Connection::open(&path)?;
        reader.busy_timeout(Duration::from_secs(10))?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(Self { writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// A panic while the lock was held leaves no half transaction: SQLite rolls back what was not committed.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database answers.
    pub(crate) fn is_healthy(&self) -> bool {
        self.reader().query_row("SELECT count(*) FROM cursors", [], |row| row.get::<_, i64>(0)).is_ok()
    }

    /// The value of a record.
    pub(crate) fn bytes(&self, chain: ChainId, key: &Key) -> Result<Option<Vec<u8>>> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT value FROM records WHERE chain = ?1 AND space = ?2 AND key = ?3")?;
        Ok(statement.query_row(params![number(chain.get()), key.0 as i64, key.1], |row| row.get(0)).optional()?)
    }

    /// A record as what it is.
    pub(crate) fn record<T: DeserializeOwned>(&self, chain: ChainId, space: Space, key: &str) -> Result<Option<T>> {
        let key = (space, key.to_owned());
        self.bytes(chain, &key)?.map(|bytes| decode(&key.1, &bytes)).transpose()
    }

    /// All records of a kind on a chain, by key.
    pub(crate) fn records<T: DeserializeOwned>(&self, chain: ChainId, space: Space) -> Result<Vec<(String, T)>> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT key, value FROM records WHERE chain = ?1 AND space = ?2 ORDER BY key")?;
        let mut rows = statement.query(params![number(chain.get()), space as i64])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            let value: Vec<u8> = row.get(1)?;
            let record = decode(&key, &value)?;
            records.push((key, record));
        }
        Ok(records)
    }

    /// The states of the assets with this DID, in the order of their NFTs.
    pub(crate) fn states_by_did(&self, chain: ChainId, did: &str) -> Result<Vec<StateRecord>> {
        self.values(STATES_BY_DID, params![number(chain.get()), did])
    }

    /// The states of the assets whose latest metadata event is in this transaction, in the order of their NFTs.
    pub(crate) fn states_by_tx(&self, chain: ChainId, tx: B256) -> Result<Vec<StateRecord>> {
        self.values(STATES_BY_TX, params![number(chain.get()), format!("{tx:#x}")])
    }

    /// The entries of the retry queue whose time has come, the oldest first: those between `times`, in unix milliseconds.
    pub(crate) fn due(&self, chain: ChainId, times: (i64, i64), limit: usize) -> Result<Vec<RetryRecord>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.values(DUE, params![number(chain.get()), times.0, times.1, limit])
    }

    /// The first block that waits to be read.
    pub(crate) fn first_waiting_block(&self, chain: ChainId) -> Result<Option<u64>> {
        let first: Option<String> = self
            .reader()
            .prepare_cached("SELECT min(key) FROM records WHERE chain = ?1 AND space = ?2")?
            .query_row(params![number(chain.get()), Space::Block as i64], |row| row.get(0))?;
        Ok(first.and_then(|key| key.parse().ok()))
    }

    fn values<T: DeserializeOwned>(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Vec<T>> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, value): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            values.push(decode(&key, &value)?);
        }
        Ok(values)
    }

    /// Where the follower of a chain stands.
    pub(crate) fn cursor(&self, chain: ChainId) -> Result<Option<BlockRef>> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached("SELECT number, hash FROM cursors WHERE chain = ?1")?;
        let row = statement.query_row([number(chain.get())], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(row.map(block_ref))
    }

    /// The remembered block hashes of a chain, newest first.
    pub(crate) fn ring(&self, chain: ChainId) -> Result<Vec<BlockRef>> {
        let reader = self.reader();
        let mut statement =
            reader.prepare_cached("SELECT number, hash FROM ring WHERE chain = ?1 ORDER BY number DESC")?;
        let rows = statement.query_map([number(chain.get())], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| Ok(block_ref(row?))).collect()
    }

    /// Applies a commit; after it returned the changes are on disk.
    pub(crate) fn commit(&self, chain: ChainId, commit: &Commit) -> Result<()> {
        let id = number(chain.get());
        let mut writer = self.writer();
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut journal = tx.prepare_cached(
                "INSERT OR IGNORE INTO journal (chain, block, space, key, old) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for ((block, key), old) in &commit.journal {
                journal.execute(params![id, number(*block), key.0 as i64, key.1, old])?;
            }
        }
        for (key, value) in &commit.records {
            write(&tx, id, key.0 as i64, &key.1, value.as_deref())?;
        }
        for block in &commit.ring {
            tx.prepare_cached("INSERT OR REPLACE INTO ring (chain, number, hash) VALUES (?1, ?2, ?3)")?
                .execute(params![id, number(block.number), block.hash.as_slice()])?;
        }
        if let Some(cursor) = commit.cursor {
            set_cursor(&tx, id, cursor)?;
        }
        if commit.keep_from > 0 {
            tx.prepare_cached("DELETE FROM journal WHERE chain = ?1 AND block < ?2")?
                .execute(params![id, number(commit.keep_from)])?;
            tx.prepare_cached("DELETE FROM ring WHERE chain = ?1 AND number < ?2")?
                .execute(params![id, number(commit.keep_from)])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Undoes everything that was done after `block` was the newest one, and sets the cursor there.
    pub(crate) fn roll_back(&self, chain: ChainId, block: BlockRef) -> Result<()> {
        let id = number(chain.get());
        let mut writer = self.writer();
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            // Newest first: the oldest value of each record is written last and stays.
            let mut statement =
                tx.prepare("SELECT space, key, old FROM journal WHERE chain = ?1 AND block > ?2 ORDER BY block DESC")?;
            let mut rows = statement.query(params![id, number(block.number)])?;
            while let Some(row) = rows.next()? {
                let (space, key, old): (i64, String, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                debug_assert!(Space::from_number(space).is_some());
                write(&tx, id, space, &key, old.as_deref())?;
            }
        }
        tx.execute("DELETE FROM journal WHERE chain = ?1 AND block > ?2", params![id, number(block.number)])?;
        tx.execute("DELETE FROM ring WHERE chain = ?1 AND number > ?2", params![id, number(block.number)])?;
        set_cursor(&tx, id, block)?;
        tx.commit()?;
        Ok(())
    }

    /// Forgets a chain: its blocks are none of those that were indexed.
    pub(crate) fn forget(&self, chain: ChainId) -> Result<()> {
        let id = number(chain.get());
        let mut writer = self.writer();
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in ["records", "journal", "ring", "cursors"] {
            tx.execute(&format!("DELETE FROM {table} WHERE chain = ?1"), [id])?;
        }
        tx.commit()?;
        Ok(())
    }
}

/// SQLite's integers are signed; block numbers and chain ids beyond 2^63 do not exist.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn block_ref((number, hash): (i64, Vec<u8>)) -> BlockRef {
    let hash = if hash.len() == 32 { B256::from_slice(&hash) } else { B256::ZERO };
    BlockRef { number: u64::try_from(number).unwrap_or_default(), hash }
}

fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|source| Error::Record { key: key.to_owned(), source })
}

fn write(tx: &Transaction<'_>, chain: i64, space: i64, key: &str, value: Option<&[u8]>) -> Result<()> {
    match value {
        Some(value) => tx
            .prepare_cached("INSERT OR REPLACE INTO records (chain, space, key, value) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![chain, space, key, value])?,
        None => tx
            .prepare_cached("DELETE FROM records WHERE chain = ?1 AND space = ?2 AND key = ?3")?
            .execute(params![chain, space, key])?,
    };
    Ok(())
}

fn set_cursor(tx: &Transaction<'_>, chain: i64, block: BlockRef) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO cursors (chain, number, hash) VALUES (?1, ?2, ?3)")?.execute(params![
        chain,
        number(block.number),
        block.hash.as_slice()
    ])?;
    Ok(())
}
