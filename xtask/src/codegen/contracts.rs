//! What the contract bindings know of the pinned package: addresses of public networks, and the code of its contracts.

use std::{collections::BTreeMap, fs, path::Path};

use eyre::{OptionExt as _, Result, WrapErr as _};
use ocean_contracts_bindings::code::{Fingerprint, KnownContract, Release};
use ocean_testbed::{Plan, Progress, Step, ensure_tools};
use serde_json::Value;

use crate::shell;

/// The files below the root, with what must be in them.
pub(super) fn files() -> Result<Vec<(String, String)>> {
    let package = shell::runtime()?.block_on(ensure_tools(&Progress::stderr()))?.contracts_dir;
    let addresses: Value = json(&package.join("addresses/address.json"))?;
    let file = |name: &str, text: String| (format!("crates/contracts-bindings/data/{name}.json"), text + "\n");
    Ok(vec![
        file("addresses", serde_json::to_string_pretty(&addresses)?),
        file("code", serde_json::to_string_pretty(&release(&package)?)?),
    ])
}

fn release(package: &Path) -> Result<Release> {
    let manifest: Value = json(&package.join("package.json"))?;
    let release = manifest["version"].as_str().ok_or_eyre("a package without a version")?.to_owned();
    let mut contracts = BTreeMap::new();
    for step in &Plan::get().steps {
        let Step::Deploy { deploy, artifact, .. } = step else {
            continue;
        };
        // Tokens for development: nobody has to tell them from others.
        if deploy.starts_with("Mock") {
            continue;
        }
        let artifact: Value = json(&package.join("artifacts").join(artifact))?;
        let name = artifact["contractName"].as_str().ok_or_eyre("an artifact without a name")?;
        let code = artifact["deployedBytecode"].as_str().ok_or_eyre("an artifact without code")?;
        let code = alloy_primitives::hex::decode(code).wrap_err_with(|| format!("the code of {name}"))?;
        let known = KnownContract { contract: name.to_owned(), code: Fingerprint::of_artifact(&code) };
        contracts.insert(deploy.clone(), known);
    }
    Ok(Release { release, contracts })
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read(path).wrap_err_with(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).wrap_err_with(|| format!("{} is not JSON", path.display()))
}
