//! The pinned tools and packages: where they are, and how they get there.

use std::path::PathBuf;

use crate::{Progress, Result};

/// The versions and hashes that `contracts/package.json` pins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pins {
    /// The version of `@oceanprotocol/contracts`.
    pub contracts: String,
    /// The version of `@foundry-rs/anvil`.
    pub anvil: String,
    /// The version of `solc`.
    pub solc: String,
}

/// Where the installed tools are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tools {
    /// The anvil program itself.
    pub anvil: PathBuf,
    /// The folder of `@oceanprotocol/contracts`, which holds `artifacts/`.
    pub contracts_dir: PathBuf,
    /// The folder of npm `solc`.
    pub solc_dir: PathBuf,
    /// The folder of everything that can be made again: installed packages, snapshots, compiled fixtures.
    pub cache_dir: PathBuf,
    /// What changes when another anvil or another set of contracts is used; part of every cache key.
    pub identity: String,
}

/// Installs the pinned packages into the cache unless they are there.
///
/// # Errors
/// When Node or npm is missing, when npm fails, or when what it installed is not what is pinned.
pub async fn ensure_tools(progress: &Progress) -> Result<Tools> {
    let _ = progress;
    todo!()
}
