//! Buckets: files that a node keeps for its users, as ocean-node's persistent storage.
//!
//! Each file lies at `buckets/<bucket>/<name>` in one folder; what is known of buckets and files is in a SQLite file beside it.
//! A file appears under its name only when all of it is on disk.

mod registry;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy::primitives::Address;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use ocean_contracts_bindings::Error as ChainError;
use ocean_provider_api::persistent_storage::{Bucket, BucketLists, StoredFile};
use tokio::{fs, io::AsyncWriteExt as _, sync::Semaphore, time::timeout};

use self::registry::Registry;
use crate::chain::Chains;

/// How long a client may pause while it sends a file.
const PAUSE: Duration = Duration::from_secs(60);

/// How much may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketLimits {
    /// The largest file in bytes.
    pub file: u64,
    /// The most buckets of one owner.
    pub buckets: usize,
    /// The most files of one bucket.
    pub files: usize,
    /// The most bytes in all buckets of one owner.
    pub bytes: u64,
    /// How many files are received at once.
    pub uploads: usize,
    /// Who may make buckets: everybody, or whoever is on one of these access lists.
    pub creators: BucketLists,
}

impl Default for BucketLimits {
    fn default() -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        let creators = BucketLists::default();
        Self { file: GIB, buckets: 100, files: 1_000, bytes: 10 * GIB, uploads: 16, creators }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BucketError {
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoBucket,
    /// There is no such file in the bucket.
    #[error("there is no such file")]
    NoFile,
    /// The caller may not.
    #[error("the caller may not")]
    Denied,
    /// A limit is reached; the text says of what.
    #[error("the limit of {0} is reached")]
    Quota(&'static str),
    /// The file is larger than a file may be.
    #[error("the file is too large")]
    TooLarge,
    /// The file did not arrive whole.
    #[error("the file did not arrive whole")]
    Broken,
    /// A chain that has to be asked does not answer.
    #[error("the chain does not answer")]
    Chain,
    /// The disk or the registry fails.
    #[error("the disk fails")]
    Disk(#[from] io::Error),
    /// The registry fails.
    #[error("the registry fails")]
    Registry(#[from] rusqlite::Error),
}

type Result<T> = std::result::Result<T, BucketError>;

/// The buckets of one node; cheap to clone.
#[derive(Debug, Clone)]
pub struct BucketStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    registry: Registry,
    limits: BucketLimits,
    uploads: Semaphore,
    parts: AtomicU64,
}

impl BucketStore {
    /// Opens the folder, or makes it. What an interrupted upload left behind is removed. Blocks shortly.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(folder: impl Into<PathBuf>, limits: BucketLimits) -> Result<Self> {
        let folder = std::path::absolute(folder.into())?;
        std::fs::create_dir_all(folder.join("buckets"))?;
        let parts = folder.join("parts");
        match std::fs::remove_dir_all(&parts) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => std::fs::create_dir(&parts)?,
        }
        let registry = Registry::open(&folder.join("buckets.sqlite"))?;
        let uploads = Semaphore::new(limits.uploads);
        let inner = Inner { folder, registry, limits, uploads, parts: AtomicU64::new(0) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Makes a bucket for `owner`.
    ///
    /// # Errors
    /// The owner is not on the list of those who may, or has too many.
    pub async fn create(
        &self,
        chains: &Chains,
        owner: Address,
        lists: BucketLists,
        label: Option<String>,
        now: Timestamp,
    ) -> Result<Bucket> {
        let creators = &self.inner.limits.creators;
        if creators.contracts().next().is_some() && !is_on(chains, creators, owner).await? {
            return Err(BucketError::Denied);
        }
        let most = self.inner.limits.buckets;
        let bucket = Bucket { id: String::new(), owner, created_at: now.as_second(), lists, label };
        let bucket = self.inner.registry.create(bucket, most).await?.ok_or(BucketError::Quota("buckets"))?;
        fs::create_dir_all(self.folder(&bucket.id)).await?;
        Ok(bucket)
    }

    /// The buckets of `owner` that `caller` may use, oldest first.
    ///
    /// # Errors
    /// A chain that decides about one of them does not answer.
    pub async fn list(&self, chains: &Chains, owner: Address, caller: Address) -> Result<Vec<Bucket>> {
        let mut buckets = self.inner.registry.of_owner(owner).await?;
        if owner != caller {
            let mut visible = Vec::new();
            for bucket in buckets {
                if is_on(chains, &bucket.lists, caller).await? {
                    visible.push(bucket);
                }
            }
            buckets = visible;
        }
        Ok(buckets)
    }

    /// The bucket, where `caller` may use it: its owner, and whoever is on one of its access lists.
    ///
    /// # Errors
    /// There is none, or the caller may not.
    pub async fn bucket(&self, chains: &Chains, id: &str, caller: Address) -> Result<Bucket> {
        let bucket = self.inner.registry.bucket(id).await?.ok_or(BucketError::NoBucket)?;
        let may = bucket.owner == caller || is_on(chains, &bucket.lists, caller).await?;
        if may { Ok(bucket) } else { Err(BucketError::Denied) }
    }

    /// Gives a bucket another label. Only its owner may.
    ///
    /// # Errors
    /// There is none, or the caller is not its owner.
    pub async fn rename(&self, id: &str, caller: Address, label: Option<String>) -> Result<()> {
        let bucket = self.inner.registry.bucket(id).await?.ok_or(BucketError::NoBucket)?;
        if bucket.owner != caller {
            return Err(BucketError::Denied);
        }
        Ok(self.inner.registry.rename(id, label).await?)
    }

    /// The files of a bucket by name.
    ///
    /// # Errors
    /// The registry fails.
    pub async fn files(&self, bucket: &Bucket) -> Result<Vec<StoredFile>> {
        Ok(self.inner.registry.files(&bucket.id).await?)
    }

    /// What is known of one file.
    ///
    /// # Errors
    /// There is none.
    pub async fn file(&self, bucket: &Bucket, name: &str) -> Result<StoredFile> {
        self.inner.registry.file(&bucket.id, name).await?.ok_or(BucketError::NoFile)
    }

    /// Where a file lies, for whoever reads it in this process or mounts it.
    ///
    /// # Errors
    /// There is none.
    pub async fn path(&self, bucket: &Bucket, name: &str) -> Result<PathBuf> {
        self.file(bucket, name).await?;
        Ok(self.folder(&bucket.id).join(name))
    }

    /// Stores what `content` brings under a name that must be one component of a path; an older file of that name is replaced.
    ///
    /// # Errors
    /// It is too large, there is too much of the owner's already, or it did not arrive whole. Nothing is changed then.
    pub async fn upload<S, E>(&self, bucket: &Bucket, name: &str, content: S, now: Timestamp) -> Result<StoredFile>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    {
        let Ok(_permit) = self.inner.uploads.try_acquire() else { return Err(BucketError::Quota("uploads at once")) };
        let number = self.inner.parts.fetch_add(1, Ordering::Relaxed);
        let part = Part(self.inner.folder.join("parts").join(number.to_string()));
        let size = self.receive(&part.0, content).await?;
        let last_modified = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let file = StoredFile { name: name.to_owned(), size, last_modified };
        let target = self.folder(&bucket.id).join(name);
        self.inner.registry.store(bucket, &file, &self.inner.limits, &part.0, &target).await?;
        Ok(file)
    }

    async fn receive<S, E>(&self, path: &Path, mut content: S) -> Result<u64>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    {
        let mut file = fs::File::create(path).await?;
        let mut size = 0_u64;
        loop {
            match timeout(PAUSE, content.next()).await {
                Ok(Some(Ok(piece))) => {
                    size = size.saturating_add(piece.len() as u64);
                    if size > self.inner.limits.file {
                        return Err(BucketError::TooLarge);
                    }
                    file.write_all(&piece).await?;
                }
                Ok(None) => break,
                Ok(Some(Err(_))) | Err(_) => return Err(BucketError::Broken),
            }
        }
        file.sync_all().await?;
        Ok(size)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// There is none.
    pub async fn delete(&self, bucket: &Bucket, name: &str) -> Result<()> {
        let path = self.folder(&bucket.id).join(name);
        if self.inner.registry.remove(&bucket.id, name, &path).await? { Ok(()) } else { Err(BucketError::NoFile) }
    }

    fn folder(&self, bucket: &str) -> PathBuf {
        self.inner.folder.join("buckets").join(bucket)
    }
}

/// A file that is being received; gone with this value unless it was moved away.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // One that was moved is not there any more.
        std::fs::remove_file(&self.0).ok();
    }
}

/// Whether the address is on one of the lists. A list of a chain that is not served, and a contract that is none, hold nobody.
async fn is_on(chains: &Chains, lists: &BucketLists, address: Address) -> Result<bool> {
    for (chain, list) in lists.contracts() {
        let Some(chain) = chains.get(chain) else { continue };
        match chain.contracts().balance_of(list, address).await {
            Ok(balance) if !balance.0.is_zero() => return Ok(true),
            Ok(_) | Err(ChainError::Revert { .. } | ChainError::Answer { .. }) => {}
            Err(error) => {
                tracing::warn!(chain = %chain.id, %error, "an access list cannot be asked");
                return Err(BucketError::Chain);
            }
        }
    }
    Ok(false)
}
