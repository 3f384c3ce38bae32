//! Barge's folder: `address.json` and the `ready` file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Result;

/// The folder that Ocean tools look into for the addresses of the local chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OceanHome {
    root: PathBuf,
}

impl OceanHome {
    /// `OCEAN_HOME`, else `~/.ocean`.
    ///
    /// # Errors
    /// When neither `OCEAN_HOME` nor `HOME` is set.
    pub fn from_env() -> Result<Self> {
        todo!()
    }

    /// This folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `<root>/ocean-contracts/artifacts/address.json`.
    pub fn address_file(&self) -> PathBuf {
        self.root.join("ocean-contracts/artifacts/address.json")
    }

    /// `<root>/ocean-contracts/artifacts/ready`, which exists only while the network behind `address.json` is usable.
    pub fn ready_file(&self) -> PathBuf {
        self.root.join("ocean-contracts/artifacts/ready")
    }

    /// Writes `address.json` and then `ready`, each by renaming a complete file.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn publish(&self, address_json: &Value) -> Result<()> {
        let _ = address_json;
        todo!()
    }

    /// Removes `ready`: the network is going away.
    pub fn withdraw(&self) {}
}
