//! The deployed chain as a file, so that the second start does not deploy.
//!
//! Anvil reads the file at its start (`--load-state`). Sending the state to a running Anvil (`anvil_loadState`) was measured and is no alternative:
//! it takes longer, and a larger state exceeds Anvil's limit of 2 MB per request.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use alloy::primitives::Bytes;
use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Anvil, Error, Progress, Result, Tools, deploy, deploy::Deployed, lock::Lock, rpc::Rpc};

/// How long another process may take to make the same snapshot.
const DEADLINE: Duration = Duration::from_secs(120);
/// Raised when the form of the files or the way Anvil is started changes.
const FORMAT: u32 = 2;
/// The state has 3.6 MB.
const STATE_LIMIT: u64 = 256 << 20;

/// A snapshot in the cache.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) state: PathBuf,
    pub(crate) deployed: Deployed,
    sha256: String,
}

/// The file beside the state.
#[derive(Serialize, Deserialize)]
struct Meta {
    state_sha256: String,
    deployed: Deployed,
}

impl Snapshot {
    /// The snapshot for these tools and this chain id, if there is one.
    pub(crate) fn find(tools: &Tools, chain_id: u64) -> Option<Self> {
        let dir = folder(tools, chain_id);
        let meta = fs::read(dir.join("meta.json")).ok()?;
        let Meta { state_sha256, deployed } = serde_json::from_slice(&meta).ok()?;
        Some(Self { state: dir.join("state.json"), deployed, sha256: state_sha256 })
    }

    /// Whether the state is the one that was written.
    pub(crate) fn check(&self) -> io::Result<()> {
        let found = sha256_hex(&fs::read(&self.state)?);
        if found == self.sha256 { Ok(()) } else { Err(io::Error::other("the file was changed or cut")) }
    }

    /// Deploys on a chain of its own and keeps the state. `broken` names a snapshot that turned out to be useless.
    /// Of several callers one works and the others get its result.
    pub(crate) async fn make(tools: &Tools, chain_id: u64, broken: Option<&Self>, progress: &Progress) -> Result<Self> {
        let dir = folder(tools, chain_id);
        let root = tools.cache_dir.join("snapshots");
        fs::create_dir_all(&root).map_err(Error::io("creating", &root))?;
        let _lock = Lock::acquire(&dir.with_extension("lock"), DEADLINE, || {
            progress.line("waiting for another process that deploys the contracts");
        })
        .await?;
        if let Some(found) = Self::find(tools, chain_id)
            && found.check().is_ok()
            && broken.is_none_or(|broken| broken.sha256 != found.sha256)
        {
            return Ok(found);
        }
        progress.line("deploying the contracts once; later starts load the result");
        let unfinished = format!("new-{}-", dir.file_name().unwrap_or_default().to_string_lossy());
        // What a killed process left; whoever holds the lock is the only one at work here.
        remove_leftovers(&root, &unfinished);
        let fresh = tempfile::Builder::new()
            .prefix(&unfinished)
            .tempdir_in(&root)
            .map_err(Error::io("creating a folder in", &root))?;
        let state = fresh.path().join("state.json");
        let anvil = Anvil::builder(tools).chain_id(chain_id).spawn().await?;
        let rpc = Rpc::connect(anvil.url())?;
        let deployed = deploy::deploy(&rpc, &tools.contracts_dir).await?;
        deploy::verify(&rpc, &deployed).await?;
        let bytes = dump(&rpc).await?;
        anvil.stop().await;
        fs::write(&state, &bytes).map_err(Error::io("writing", &state))?;
        let meta = Meta { state_sha256: sha256_hex(&bytes), deployed };
        let text = serde_json::to_vec(&meta).map_err(Error::component("writing the snapshot's meta data"))?;
        let path = fresh.path().join("meta.json");
        fs::write(&path, text).map_err(Error::io("writing", path))?;
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io("removing", &dir)(error)),
            _ => {}
        }
        let fresh = fresh.keep();
        fs::rename(&fresh, &dir).map_err(Error::io("renaming the snapshot to", &dir))?;
        Ok(Self { state: dir.join("state.json"), deployed: meta.deployed, sha256: meta.state_sha256 })
    }
}

/// The state in the form of `--load-state`.
///
/// Not by `--dump-state`: when Anvil gets SIGTERM it sometimes ends, with exit code 0, before it has written the file.
async fn dump(rpc: &Rpc) -> Result<Vec<u8>> {
    let packed: Bytes = rpc.request("anvil_dumpState", json!([])).await?;
    let mut state = Vec::new();
    GzDecoder::new(packed.as_ref())
        .take(STATE_LIMIT)
        .read_to_end(&mut state)
        .map_err(Error::component("unpacking the chain's state"))?;
    Ok(state)
}

/// Removes the folders in `root` whose name starts with `prefix`.
pub(crate) fn remove_leftovers(root: &Path, prefix: &str) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            // What cannot be removed is only in the way of the disk.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn folder(tools: &Tools, chain_id: u64) -> PathBuf {
    let mut hash = Sha256::new();
    hash.update(format!("format {FORMAT}\nchain {chain_id}\n{}\n", tools.identity));
    hash.update(deploy::Plan::TEXT);
    tools.cache_dir.join("snapshots").join(hex::encode(&hash.finalize()[..16]))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The state file of the snapshot for these tools and Barge's chain id, for tests that damage it.
pub fn snapshot_state_file(tools: &Tools) -> PathBuf {
    folder(tools, 8996).join(Path::new("state.json"))
}
