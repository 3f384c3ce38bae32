use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use alloy::primitives::Address;
use ocean_provider_api::persistent_storage::{Bucket, BucketLists, StoredFile};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{BucketError, BucketLimits};

/// What is known of buckets and files, in a SQLite file.
#[derive(Debug, Clone)]
pub(super) struct Registry {
    connection: Arc<Mutex<Connection>>,
}

/// A version-4 UUID from SQLite's randomness.
const RANDOM_ID: &str = "SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' \
     || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

const COLUMNS: &str = "id, owner, created_at, lists, label";

impl Registry {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS buckets (
                 id TEXT NOT NULL PRIMARY KEY, owner BLOB NOT NULL, created_at INTEGER NOT NULL, lists TEXT NOT NULL, label TEXT
             ) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS buckets_of_owner ON buckets (owner, created_at);
             CREATE TABLE IF NOT EXISTS files (
                 bucket TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
                 PRIMARY KEY (bucket, name)
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs on a thread that may block.
    async fn run<T, E>(&self, work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let locked = move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(locked).await.unwrap_or_else(|_| Err(rusqlite::Error::InvalidQuery.into()))
    }

    /// The bucket with an id; nothing where its owner has `most` already.
    pub(super) async fn create(&self, bucket: Bucket, most: usize) -> rusqlite::Result<Option<Bucket>> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let owner = bucket.owner.as_slice();
            let count = transaction
                .query_row("SELECT count(*) FROM buckets WHERE owner = ?1", [owner], |row| number(row, 0))?;
            if count >= most as u64 {
                return Ok(None);
            }
            let id: String = transaction.query_row(RANDOM_ID, [], |row| row.get(0))?;
            let lists = bucket.lists.to_value().to_string();
            transaction.execute(
                "INSERT INTO buckets VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id, owner, bucket.created_at, lists, bucket.label],
            )?;
            transaction.commit()?;
            Ok(Some(Bucket { id, ..bucket }))
        })
        .await
    }

    pub(super) async fn bucket(&self, id: &str) -> rusqlite::Result<Option<Bucket>> {
        let id = id.to_owned();
        self.run(move |connection| {
            let query = format!("SELECT {COLUMNS} FROM buckets WHERE id = ?1");
            connection.query_row(&query, [id], read_bucket).optional()
        })
        .await
    }

    pub(super) async fn of_owner(&self, owner: Address) -> rusqlite::Result<Vec<Bucket>> {
        self.run(move |connection| {
            let query = format!("SELECT {COLUMNS} FROM buckets WHERE owner = ?1 ORDER BY created_at, id");
            let mut query = connection.prepare(&query)?;
            query.query_map([owner.as_slice()], read_bucket)?.collect()
        })
        .await
    }

    pub(super) async fn rename(&self, id: &str, label: Option<String>) -> rusqlite::Result<()> {
        let id = id.to_owned();
        self.run(move |connection| {
            connection.execute("UPDATE buckets SET label = ?2 WHERE id = ?1", params![id, label]).map(drop)
        })
        .await
    }

    pub(super) async fn files(&self, bucket: &str) -> rusqlite::Result<Vec<StoredFile>> {
        let bucket = bucket.to_owned();
        self.run(move |connection| {
            let mut query =
                connection.prepare("SELECT name, size, modified FROM files WHERE bucket = ?1 ORDER BY name")?;
            query.query_map([bucket], read_file)?.collect()
        })
        .await
    }

    pub(super) async fn file(&self, bucket: &str, name: &str) -> rusqlite::Result<Option<StoredFile>> {
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        self.run(move |connection| {
            let query = "SELECT name, size, modified FROM files WHERE bucket = ?1 AND name = ?2";
            connection.query_row(query, [bucket, name], read_file).optional()
        })
        .await
    }

    /// Moves a received file to its place and notes it, unless that would go beyond a limit.
    pub(super) async fn store(
        &self,
        bucket: &Bucket,
        file: &StoredFile,
        limits: &BucketLimits,
        part: &Path,
        target: &Path,
    ) -> Result<(), BucketError> {
        let (id, owner, file) = (bucket.id.clone(), bucket.owner, file.clone());
        let (most_files, most_bytes) = (limits.files as u64, limits.bytes);
        let (part, target) = (part.to_owned(), target.to_owned());
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            // Without the file of this name, which is replaced.
            let files = transaction.query_row(
                "SELECT count(*) FROM files WHERE bucket = ?1 AND name <> ?2",
                params![id, file.name],
                |row| number(row, 0),
            )?;
            let bytes = transaction.query_row(
                "SELECT coalesce(sum(size), 0) FROM files JOIN buckets ON buckets.id = files.bucket
                 WHERE owner = ?1 AND NOT (bucket = ?2 AND name = ?3)",
                params![owner.as_slice(), id, file.name],
                |row| number(row, 0),
            )?;
            if files >= most_files {
                return Err(BucketError::Quota("files"));
            }
            if bytes.saturating_add(file.size) > most_bytes {
                return Err(BucketError::Quota("bytes"));
            }
            transaction.execute(
                "INSERT OR REPLACE INTO files VALUES (?1, ?2, ?3, ?4)",
                params![id, file.name, signed(file.size), signed(file.last_modified)],
            )?;
            place(&part, &target)?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Whether there was such a file.
    pub(super) async fn remove(&self, bucket: &str, name: &str, path: &Path) -> Result<bool, BucketError> {
        let (bucket, name, path) = (bucket.to_owned(), name.to_owned(), path.to_owned());
        self.run(move |connection| {
            let removed = connection.execute("DELETE FROM files WHERE bucket = ?1 AND name = ?2", [bucket, name])?;
            match fs::remove_file(&path) {
                Err(error) if removed > 0 && error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(removed > 0),
            }
        })
        .await
    }
}

/// The move is on disk before the registry says so.
fn place(part: &Path, target: &Path) -> io::Result<()> {
    let folder: PathBuf = target.parent().map(Path::to_owned).unwrap_or_default();
    fs::create_dir_all(&folder)?;
    fs::rename(part, target)?;
    fs::File::open(&folder)?.sync_all()
}

fn read_bucket(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    let owner: Vec<u8> = row.get(1)?;
    let lists: String = row.get(3)?;
    // Written by this file, so that neither can be of another form.
    let lists = serde_json::from_str(&lists).ok().and_then(|lists| BucketLists::parse(&lists).ok());
    Ok(Bucket {
        id: row.get(0)?,
        owner: Address::try_from(owner.as_slice()).unwrap_or_default(),
        created_at: row.get(2)?,
        lists: lists.unwrap_or_default(),
        label: row.get(4)?,
    })
}

fn read_file(row: &Row<'_>) -> rusqlite::Result<StoredFile> {
    Ok(StoredFile { name: row.get(0)?, size: number(row, 1)?, last_modified: number(row, 2)? })
}

/// SQLite's integers are signed; none of ours is negative.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
