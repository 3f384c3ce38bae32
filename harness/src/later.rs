//! Later releases of the contracts, of which networks use the escrows: PyPI `ocean-contracts`, pinned by hash.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{
    Error, Progress, Result,
    lock::Lock,
    snapshot,
    tools::{cache_dir, run},
};

/// How long an installation may take, the one of another process included.
const DEADLINE: Duration = Duration::from_secs(300);
const PYTHON: &str = "python3";
const INSTALL_PIP: &str = "install Python 3 with pip (on Debian `apt install python3-pip`)";

/// A release of the contracts after the pinned one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LaterRelease {
    /// 2.10.0: the escrows of 2.9 and 2.10.
    V2_10,
    /// 3.1.0: the escrows from 3.0 on.
    V3_1,
}

impl LaterRelease {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::V2_10, Self::V3_1];

    /// The version of the package.
    pub fn version(self) -> &'static str {
        match self {
            Self::V2_10 => "2.10.0",
            Self::V3_1 => "3.1.0",
        }
    }

    /// What pip is told: package, version and the hash with which the registry delivered it.
    fn requirement(self) -> &'static str {
        match self {
            Self::V2_10 => include_str!("../assets/ocean-contracts-2.10.0.txt"),
            Self::V3_1 => include_str!("../assets/ocean-contracts-3.1.0.txt"),
        }
    }

    /// The folder with `artifacts/`, where the release is installed.
    ///
    /// # Errors
    /// There is no cache folder.
    pub fn find(self) -> Result<Option<PathBuf>> {
        let dir = self.folder(&cache_dir()?);
        Ok(is_complete(&dir).then_some(dir))
    }

    /// The folder with `artifacts/`, after an installation unless it is there. Any number of processes may call this at once.
    ///
    /// # Errors
    /// When Python or pip is missing, or when pip fails, which it also does on another hash.
    pub async fn ensure(self, progress: &Progress) -> Result<PathBuf> {
        let cache = cache_dir()?;
        let dir = self.folder(&cache);
        if is_complete(&dir) {
            return Ok(dir);
        }
        let root = cache.join("contracts");
        fs::create_dir_all(&root).map_err(Error::io("creating", &root))?;
        let name = self.name();
        let _lock = Lock::acquire(&root.join(format!("{name}.lock")), DEADLINE, || {
            progress.line("waiting for another process that installs a later release of the contracts");
        })
        .await?;
        if is_complete(&dir) {
            return Ok(dir);
        }
        progress.line(format!("installing the contracts {} into {}", self.version(), dir.display()));
        // Installed beside its place and renamed into it, so that the folder is either complete or absent.
        let unfinished = format!("{name}.new-");
        snapshot::remove_leftovers(&root, &unfinished);
        let fresh = root.join(format!("{unfinished}{}", std::process::id()));
        let result = async {
            self.install(&fresh).await?;
            let _ = fs::remove_dir_all(&dir);
            fs::rename(&fresh, &dir).map_err(Error::io("renaming the installation to", &dir))
        }
        .await;
        if result.is_err() {
            let _ = fs::remove_dir_all(&fresh);
        }
        result.map(|()| dir)
    }

    async fn install(self, dir: &Path) -> Result<()> {
        let failed = |reason: String| Error::Install { dir: dir.to_owned(), reason };
        fs::create_dir_all(dir).map_err(Error::io("creating", dir))?;
        let requirement = dir.join("requirement.txt");
        fs::write(&requirement, self.requirement()).map_err(Error::io("writing", &requirement))?;
        let mut pip = Command::new(PYTHON);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
        pip.arg("--target").arg(dir).arg("--requirement").arg(&requirement);
        let output = match run(pip, PYTHON, DEADLINE).await {
            Err(Error::ToolMissing { tool, .. }) => {
                return Err(Error::ToolMissing { tool, install: INSTALL_PIP.to_owned() });
            }
            output => output?,
        };
        let text = String::from_utf8_lossy(&output.stderr);
        if text.contains("No module named pip") {
            return Err(Error::ToolMissing { tool: "pip".to_owned(), install: INSTALL_PIP.to_owned() });
        }
        if !output.status.success() {
            let text: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
            return Err(failed(format!("pip failed ({}): {}", output.status, text.join("; "))));
        }
        if is_complete(dir) { Ok(()) } else { Err(failed("pip reported success but files are missing".to_owned())) }
    }

    /// Another hash is another folder.
    fn name(self) -> String {
        format!("{}-{}", self.version(), hex::encode(&Sha256::digest(self.requirement())[..8]))
    }

    fn folder(self, cache: &Path) -> PathBuf {
        cache.join("contracts").join(self.name())
    }
}

fn is_complete(dir: &Path) -> bool {
    dir.join("artifacts/Escrow.json").exists()
}
