//! Barge's folder: `address.json` and the `ready` file.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{Error, Result, tools::env_path};

/// The folder in which Ocean tools look for the addresses of the local chain.
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
        let root = env_path("OCEAN_HOME").or_else(|| env_path("HOME").map(|home| home.join(".ocean")));
        let root = root.ok_or_else(|| Error::ToolMissing {
            tool: "a folder for address.json".to_owned(),
            install: "set OCEAN_HOME or HOME".to_owned(),
        })?;
        Ok(Self::at(std::path::absolute(&root).map_err(Error::io("finding", root))?))
    }

    /// This folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `<root>/ocean-contracts/artifacts`.
    pub fn artifacts_dir(&self) -> PathBuf {
        self.root.join("ocean-contracts/artifacts")
    }

    /// `<root>/ocean-contracts/artifacts/address.json`.
    pub fn address_file(&self) -> PathBuf {
        self.artifacts_dir().join("address.json")
    }

    /// `<root>/ocean-contracts/artifacts/ready`, which exists only while the network behind `address.json` is usable.
    pub fn ready_file(&self) -> PathBuf {
        self.artifacts_dir().join("ready")
    }

    /// Writes `address.json` by renaming a complete file. Networks that were in the file stay in it, as in Barge's; those in `address_json` replace them.
    ///
    /// # Errors
    /// When the folder cannot be written, or the file that is there is not a JSON object.
    pub fn write_addresses(&self, address_json: &Value) -> Result<()> {
        let dir = self.artifacts_dir();
        fs::create_dir_all(&dir).map_err(Error::io("creating", &dir))?;
        let path = self.address_file();
        let mut all = match fs::read(&path) {
            Ok(text) => serde_json::from_slice::<serde_json::Map<String, Value>>(&text)
                .map_err(Error::component(format!("reading the networks that {} already names", path.display())))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => serde_json::Map::new(),
            Err(error) => return Err(Error::io("reading", path)(error)),
        };
        all.extend(address_json.as_object().cloned().unwrap_or_default());
        let mut text = serde_json::to_vec_pretty(&all).map_err(Error::component("writing address.json"))?;
        text.push(b'\n');
        replace(&path, &text)
    }

    /// Writes `ready`: everything that `address.json` promises answers.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_ready(&self) -> Result<()> {
        replace(&self.ready_file(), b"")
    }

    /// Removes `ready`: the network is going away, or is not there yet.
    pub fn withdraw(&self) {
        let _ = fs::remove_file(self.ready_file());
    }
}

/// Puts a complete file in the place of another one; a reader sees the old or the new one.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // Servers of other users read it, as they do Barge's; temporary files are private otherwise.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(dir).map_err(Error::io("creating a file in", dir))?;
    file.write_all(content).map_err(Error::io("writing", path))?;
    file.as_file().sync_all().map_err(Error::io("writing", path))?;
    file.persist(path).map_err(|error| Error::io("renaming to", path)(error.error))?;
    Ok(())
}
