//! npm `@oceanprotocol/lib` publishes, orders and downloads against the node.

use std::{path::Path, process::Command};

use eyre::Result;

use crate::npm::Package;

/// The script and what it needs.
pub(crate) const PACKAGE: Package =
    Package { name: "ocean-js", folder: "harness/interop/ocean-js", scripts: &["flow.mjs"] };

/// Runs the script against a network of its own.
pub(crate) fn run(cache: &Path) -> Result<()> {
    let folder = PACKAGE.install(cache)?;
    let mut node = Command::new("node");
    node.arg("flow.mjs").current_dir(&folder);
    super::drive("ocean-js", node)
}
