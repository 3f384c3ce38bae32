//! The pinned tools and packages: where they are, and how they get there.

use std::{
    collections::BTreeMap,
    env, fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::LazyLock,
    time::{Duration, Instant, UNIX_EPOCH},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::{process::Command, time::timeout};

use crate::{Error, LocalChain, Progress, Result, deploy, lock::Lock, snapshot};

/// How long an installation may take, the one of another process included.
const INSTALL_DEADLINE: Duration = Duration::from_secs(600);
/// What a person has to do when Node or npm is missing.
const INSTALL_NODE: &str =
    "install Node.js 20 or newer with npm (https://nodejs.org, or `apt install nodejs npm`, or `brew install node`)";
const CONTRACTS: &str = "@oceanprotocol/contracts";
const ANVIL: &str = "@foundry-rs/anvil";
const SOLC: &str = "solc";

/// What `contracts/package.json` pins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Pins {
    /// The exact version of each package.
    #[serde(rename = "dependencies")]
    pub versions: BTreeMap<String, String>,
    /// The hash with which the registry delivered a package, in npm's form (`sha512-` and base64).
    pub integrity: BTreeMap<String, String>,
}

impl Pins {
    /// The text of `contracts/package.json`.
    pub const TEXT: &'static str = include_str!("../assets/package.json");

    /// The pins of this build.
    pub fn get() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the text is part of the build and a test parses it")]
        static PINS: LazyLock<Pins> =
            LazyLock::new(|| serde_json::from_str(Pins::TEXT).expect("contracts/package.json is valid"));
        &PINS
    }

    /// What changes with any pin: the start of the SHA-256 of the file.
    fn key() -> String {
        hex::encode(&Sha256::digest(Self::TEXT)[..8])
    }
}

/// Where the installed tools are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tools {
    /// The anvil program itself, never npm's wrapper.
    pub anvil: PathBuf,
    /// The folder of `@oceanprotocol/contracts`, which holds `artifacts/`.
    pub contracts_dir: PathBuf,
    /// The folder of everything that can be made again: installed packages, snapshots, compiled fixtures.
    pub cache_dir: PathBuf,
    /// What changes when another anvil or another set of contracts is used; part of every cache key.
    pub identity: String,
}

/// Finds the tools, and installs the pinned packages into the cache unless they are there.
///
/// `ANVIL` (an anvil binary) and `OCEAN_CONTRACTS_DIR` (a folder of `@oceanprotocol/contracts`) replace what is pinned, `OCEAN_CACHE` the cache folder.
/// Any number of processes and tasks may call this at once: one installs, the others wait for it.
///
/// # Errors
/// When Node or npm is missing, when npm fails, or when what it installed is not what is pinned.
pub async fn ensure_tools(progress: &Progress) -> Result<Tools> {
    let cache_dir = cache_dir()?;
    let anvil = env_path("ANVIL");
    let contracts = env_path("OCEAN_CONTRACTS_DIR");
    let installed = match (&anvil, &contracts) {
        (Some(_), Some(_)) => None,
        _ => Some(ensure_packages(&cache_dir, progress).await?),
    };
    tools_from(cache_dir, anvil, contracts, installed)
}

/// Everything that a first start would do: installs the pinned packages, and deploys the contracts once for the cache.
///
/// # Errors
/// As [`ensure_tools`], and when the deployment fails.
pub async fn setup(progress: &Progress) -> Result<Tools> {
    let tools = ensure_tools(progress).await?;
    LocalChain::builder().tools(tools.clone()).progress(progress.clone()).start().await?.stop().await;
    Ok(tools)
}

/// The folder of npm `solc`, installing the pinned packages unless they are there.
pub(crate) async fn ensure_solc(cache_dir: &Path, progress: &Progress) -> Result<PathBuf> {
    Ok(ensure_packages(cache_dir, progress).await?.modules.join(SOLC))
}

fn tools_from(
    cache_dir: PathBuf,
    anvil: Option<PathBuf>,
    contracts: Option<PathBuf>,
    installed: Option<Packages>,
) -> Result<Tools> {
    let pinned = |name: &str| Pins::get().integrity.get(name).cloned().unwrap_or_default();
    let version = |name: &str| Pins::get().versions.get(name).cloned().unwrap_or_default();
    let missing = || Error::Install { dir: cache_dir.clone(), reason: "the pinned packages are not there".to_owned() };
    let (anvil, anvil_identity) = match anvil {
        Some(path) => {
            let identity = file_identity(&path).map_err(Error::io("reading ANVIL", &path))?;
            (path, identity)
        }
        None => (installed.as_ref().ok_or_else(missing)?.anvil.clone(), version(ANVIL)),
    };
    let (contracts_dir, contracts_identity) = match contracts {
        Some(dir) => {
            let mut hash = Sha256::new();
            for path in deploy::Plan::get().artifact_paths() {
                let path = dir.join(path);
                hash.update(fs::read(&path).map_err(Error::io("reading OCEAN_CONTRACTS_DIR:", path))?);
            }
            (dir, hex::encode(hash.finalize()))
        }
        None => {
            let dir = installed.as_ref().ok_or_else(missing)?.modules.join(CONTRACTS);
            (dir, format!("{} {}", version(CONTRACTS), pinned(CONTRACTS)))
        }
    };
    let identity = format!("anvil {anvil_identity}\ncontracts {contracts_identity}\n");
    Ok(Tools { anvil, contracts_dir, cache_dir, identity })
}

/// `OCEAN_CACHE`, else `ocean-testbed` in the platform's cache folder.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env_path("OCEAN_CACHE") {
        return std::path::absolute(&dir).map_err(Error::io("finding OCEAN_CACHE", dir));
    }
    if let Some(dir) = env_path("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()) {
        return Ok(dir.join("ocean-testbed"));
    }
    let home = env_path("HOME").ok_or_else(|| Error::ToolMissing {
        tool: "a cache folder".to_owned(),
        install: "set OCEAN_CACHE or HOME".to_owned(),
    })?;
    let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Ok(home.join(caches).join("ocean-testbed"))
}

pub(crate) fn env_path(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Changes when the file is replaced, without reading a program of many megabytes at every start.
fn file_identity(path: &Path) -> io::Result<String> {
    let path = fs::canonicalize(path)?;
    let meta = fs::metadata(&path)?;
    let modified = meta.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", path.display(), meta.len(), modified.as_nanos()))
}

/// An installation of the pinned packages.
#[derive(Debug)]
struct Packages {
    modules: PathBuf,
    anvil: PathBuf,
}

impl Packages {
    /// The packages in `dir` when everything that is used is there.
    fn find(dir: &Path) -> Result<Option<Self>> {
        let modules = dir.join("node_modules");
        let anvil = modules.join(platform_package()?).join("bin/anvil");
        let used = [&anvil, &modules.join(CONTRACTS).join("artifacts/contracts"), &modules.join("solc/soljson.js")];
        Ok(used.iter().all(|path| path.exists()).then_some(Self { modules, anvil }))
    }
}

/// The npm package that holds anvil for this machine.
fn platform_package() -> Result<String> {
    let os = match env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => "",
    };
    let arch = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => "",
    };
    if os.is_empty() || arch.is_empty() {
        return Err(Error::Platform { platform: format!("{} on {}", env::consts::OS, env::consts::ARCH) });
    }
    Ok(format!("{ANVIL}-{os}-{arch}"))
}

async fn ensure_packages(cache_dir: &Path, progress: &Progress) -> Result<Packages> {
    let root = cache_dir.join("packages");
    let dir = root.join(Pins::key());
    if let Some(found) = Packages::find(&dir)? {
        return Ok(found);
    }
    fs::create_dir_all(&root).map_err(Error::io("creating", &root))?;
    let _lock = Lock::acquire(&root.join(format!("{}.lock", Pins::key())), INSTALL_DEADLINE, || {
        progress.line("waiting for another process that installs the pinned packages");
    })
    .await?;
    if let Some(found) = Packages::find(&dir)? {
        return Ok(found);
    }
    progress.line(format!("installing the pinned packages into {}", dir.display()));
    // Installed beside its place and renamed into it, so that the folder is either complete or absent.
    let unfinished = format!("{}.new-", Pins::key());
    // What a killed process left; whoever holds the lock is the only one at work here.
    snapshot::remove_leftovers(&root, &unfinished);
    let fresh = root.join(format!("{unfinished}{}", std::process::id()));
    let result = async {
        install(&fresh).await?;
        let _ = fs::remove_dir_all(&dir);
        fs::rename(&fresh, &dir).map_err(Error::io("renaming the installation to", &dir))
    }
    .await;
    if result.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    result?;
    Packages::find(&dir)?
        .ok_or_else(|| Error::Install { dir, reason: "npm reported success but files are missing".to_owned() })
}

async fn install(dir: &Path) -> Result<()> {
    check_node().await?;
    fs::create_dir_all(dir).map_err(Error::io("creating", dir))?;
    fs::write(dir.join("package.json"), Pins::TEXT).map_err(Error::io("writing package.json into", dir))?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--include=optional"]);
    npm.args(["--no-progress", "--loglevel=error"]);
    npm.current_dir(dir);
    let failed = |reason: String| Error::Install { dir: dir.to_owned(), reason };
    let begun = Instant::now();
    let output = run(npm, "npm", INSTALL_DEADLINE).await?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let text: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
        return Err(failed(format!("npm install failed ({}): {}", output.status, text.join("; "))));
    }
    tracing::debug!(elapsed = ?begun.elapsed(), "npm install");
    verify_installed(dir).map_err(failed)?;
    let anvil = dir.join("node_modules").join(platform_package()?).join("bin/anvil");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&anvil, executable).map_err(Error::io("making executable:", anvil))
}

async fn check_node() -> Result<()> {
    let mut node = Command::new("node");
    node.arg("--version");
    let output = run(node, "node", Duration::from_secs(30)).await?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    let major: Option<u32> = version.strip_prefix('v').and_then(|text| text.split('.').next()?.parse().ok());
    match major {
        Some(20..) => Ok(()),
        _ => Err(Error::ToolMissing {
            tool: format!("Node.js 20 or newer (`node --version` says {version:?})"),
            install: INSTALL_NODE.to_owned(),
        }),
    }
}

/// Runs a program to its end; a missing program is [`Error::ToolMissing`].
pub(crate) async fn run(mut command: Command, name: &str, deadline: Duration) -> Result<std::process::Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = timeout(deadline, command.output())
        .await
        .map_err(|_| Error::Deadline { what: format!("the end of {name}"), deadline })?;
    output.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::ToolMissing { tool: name.to_owned(), install: INSTALL_NODE.to_owned() },
        _ => Error::Io { action: "running", path: PathBuf::from(name), source },
    })
}

/// What npm keeps in `node_modules/.package-lock.json` about each package, after it has checked the hash of what it received.
#[derive(Deserialize)]
struct HiddenLock {
    packages: BTreeMap<String, LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    version: Option<String>,
    integrity: Option<String>,
}

fn verify_installed(dir: &Path) -> Result<(), String> {
    let path = dir.join("node_modules/.package-lock.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let platform = platform_package().map_err(|error| error.to_string())?;
    verify_lock(&text, Pins::get(), platform).map_err(|reason| format!("{}: {reason}", path.display()))
}

fn verify_lock(text: &str, pins: &Pins, platform: String) -> Result<(), String> {
    let lock: HiddenLock = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let anvil_version = pins.versions.get(ANVIL).map(|version| (&platform, version));
    for (name, version) in pins.versions.iter().chain(anvil_version) {
        let package = lock
            .packages
            .get(&format!("node_modules/{name}"))
            .ok_or_else(|| format!("npm did not install {name} {version}"))?;
        if package.version.as_ref() != Some(version) {
            let got = package.version.as_deref().unwrap_or("of no version");
            return Err(format!("{name} is {got}, pinned is {version}"));
        }
        if let Some(pinned) = pins.integrity.get(name)
            && package.integrity.as_ref() != Some(pinned)
        {
            let got = package.integrity.as_deref().unwrap_or("no hash");
            return Err(format!("{name} {version} was delivered as {got}, pinned is {pinned}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
