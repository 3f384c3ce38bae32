//! Packages from npm that scripts of ours use: installed into the cache, never into the repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use eyre::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::shell;

/// A folder of ours with a `package.json` and scripts.
pub(crate) struct Package {
    /// What the folder in the cache is called.
    pub(crate) name: &'static str,
    /// Ours, from the root of the repository.
    pub(crate) folder: &'static str,
    pub(crate) scripts: &'static [&'static str],
}

/// npm's ddo-js, for `bench ddo` and `verdicts`.
pub(crate) const DDO_JS: Package =
    Package { name: "ddo-js", folder: "benches/ddo-js", scripts: &["bench.mjs", "verdicts.mjs"] };

impl Package {
    /// Installs the packages into the cache, unless they are there, together with the scripts that use them.
    pub(crate) fn install(&self, cache: &Path) -> Result<PathBuf> {
        let folder = self.in_cache(cache)?;
        fs::create_dir_all(&folder).wrap_err_with(|| format!("cannot create {}", folder.display()))?;
        let ours = shell::root().join(self.folder);
        for file in ["package.json"].iter().chain(self.scripts) {
            fs::copy(ours.join(file), folder.join(file)).wrap_err_with(|| format!("cannot copy {file}"))?;
        }
        if !complete(&folder) {
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
                .current_dir(&folder);
            shell::run(&mut npm)?;
            fs::write(folder.join("complete"), [])?;
        }
        Ok(folder)
    }

    /// Whether [`install`](Self::install) has run.
    pub(crate) fn installed(&self, cache: &Path) -> Result<bool> {
        Ok(complete(&self.in_cache(cache)?))
    }

    /// Keyed by the manifest, so that another version is another folder.
    fn in_cache(&self, cache: &Path) -> Result<PathBuf> {
        let manifest = shell::root().join(self.folder).join("package.json");
        let text = fs::read_to_string(&manifest).wrap_err_with(|| format!("cannot read {}", manifest.display()))?;
        Ok(cache.join(format!("{}-{}", self.name, short_hash(&text))))
    }
}

/// npm ends with this file or not at all.
fn complete(folder: &Path) -> bool {
    folder.join("complete").exists()
}

fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
