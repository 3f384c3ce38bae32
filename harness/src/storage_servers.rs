//! Servers that files are read from in tests: an S3 store and an FTP server, from PyPI.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{
    ChildProcess, ChildSpec, Error, Progress, Result,
    lock::Lock,
    snapshot,
    tools::{cache_dir, run},
};

/// How long an installation may take, the one of another process included.
const DEADLINE: Duration = Duration::from_secs(600);
const PYTHON: &str = "python3";
const INSTALL_PYTHON: &str = "install Python 3.10 or newer with pip (on Debian `apt install python3-pip`)";
/// Every package with its version; nothing is resolved.
const REQUIREMENTS: &str = include_str!("../assets/storage-servers.txt");

/// PyPI's `moto`, which answers like Amazon's S3, and `pyftpdlib`, in a folder of their own.
#[derive(Debug, Clone)]
pub struct StorageServers {
    packages: PathBuf,
}

impl StorageServers {
    /// The servers, where they are installed.
    ///
    /// # Errors
    /// There is no cache folder.
    pub fn find() -> Result<Option<Self>> {
        let packages = folder(&cache_dir()?);
        Ok(is_complete(&packages).then_some(Self { packages }))
    }

    /// The servers, after an installation unless they are there. Any number of processes may call this at once.
    ///
    /// # Errors
    /// When Python or pip is missing, or when pip fails.
    pub async fn ensure(progress: &Progress) -> Result<Self> {
        let dir = folder(&cache_dir()?);
        if is_complete(&dir) {
            return Ok(Self { packages: dir });
        }
        let root = dir.parent().unwrap_or(&dir).to_owned();
        fs::create_dir_all(&root).map_err(Error::io("creating", &root))?;
        let _lock = Lock::acquire(&root.join("storage-servers.lock"), DEADLINE, || {
            progress.line("waiting for another process that installs servers for files");
        })
        .await?;
        if !is_complete(&dir) {
            progress.line(format!("installing servers for files into {}", dir.display()));
            // Installed beside its place and renamed into it, so that the folder is either complete or absent.
            snapshot::remove_leftovers(&root, "storage-servers.new-");
            let fresh = root.join(format!("storage-servers.new-{}", std::process::id()));
            let result = install(&fresh).await.and_then(|()| {
                let _ = fs::remove_dir_all(&dir);
                fs::rename(&fresh, &dir).map_err(Error::io("renaming the installation to", &dir))
            });
            if result.is_err() {
                let _ = fs::remove_dir_all(&fresh);
            }
            result?;
        }
        Ok(Self { packages: dir })
    }

    /// A Python that finds the packages.
    pub fn python(&self) -> std::process::Command {
        let mut command = std::process::Command::new(PYTHON);
        // Nothing is written into the folder: several processes may use it.
        command.arg("-B").env("PYTHONPATH", &self.packages).env("PYTHONUNBUFFERED", "1");
        command
    }

    /// An empty S3 store with its URL. It lets in whoever comes.
    ///
    /// # Errors
    /// It does not start.
    pub async fn s3(&self) -> Result<(ChildProcess, String)> {
        let mut command = self.python();
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
        let spec = ChildSpec::new("moto", command).deadline(Duration::from_secs(60));
        ChildProcess::spawn(spec, |line| line.split_once("Running on ").map(|(_, url)| url.trim().to_owned())).await
    }

    /// An FTP server with its port on 127.0.0.1, for one user who reads the files in `folder`.
    ///
    /// # Errors
    /// It does not start.
    pub async fn ftp(&self, folder: &Path, user: &str, password: &str) -> Result<(ChildProcess, u16)> {
        let mut command = self.python();
        command.args(["-m", "pyftpdlib", "-i", "127.0.0.1", "-p", "0", "-u", user, "-P", password, "-d"]).arg(folder);
        let spec = ChildSpec::new("pyftpdlib", command).deadline(Duration::from_secs(60));
        let ready =
            |line: &str| line.split_once("starting FTP server on 127.0.0.1:")?.1.split(',').next()?.parse().ok();
        ChildProcess::spawn(spec, ready).await
    }
}

async fn install(dir: &Path) -> Result<()> {
    let failed = |reason: String| Error::Install { dir: dir.to_owned(), reason };
    fs::create_dir_all(dir).map_err(Error::io("creating", dir))?;
    let requirements = dir.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(Error::io("writing", &requirements))?;
    let mut pip = Command::new(PYTHON);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    pip.arg(dir).arg("--requirement").arg(&requirements);
    let missing = |tool: &str| Error::ToolMissing { tool: tool.to_owned(), install: INSTALL_PYTHON.to_owned() };
    let output = match run(pip, PYTHON, DEADLINE).await {
        Err(Error::ToolMissing { tool, .. }) => return Err(missing(&tool)),
        output => output?,
    };
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("No module named pip") {
        return Err(missing("pip"));
    }
    if !output.status.success() {
        let text: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
        return Err(failed(format!("pip failed ({}): {}", output.status, text.join("; "))));
    }
    if is_complete(dir) { Ok(()) } else { Err(failed("pip reported success but files are missing".to_owned())) }
}

/// Other versions are another folder.
fn folder(cache: &Path) -> PathBuf {
    cache.join("python").join(format!("storage-servers-{}", hex::encode(&Sha256::digest(REQUIREMENTS)[..8])))
}

fn is_complete(dir: &Path) -> bool {
    dir.join("moto/server.py").exists() && dir.join("pyftpdlib/__main__.py").exists()
}
