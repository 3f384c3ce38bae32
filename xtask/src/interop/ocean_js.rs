//! npm `@oceanprotocol/lib` publishes, orders and downloads against the node.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use eyre::{Context as _, Result};
use ocean_testbed::{FileServer, Testbed, write_branin_csv};
use sha2::{Digest as _, Sha256};

use crate::{log, shell};

const FOLDER: &str = "harness/interop/ocean-js";
/// How long the published file is at least.
const FILE_BYTES: u64 = 5_000_000;

/// Where the packages of the script are installed: keyed by its manifest, so that another version is another folder.
fn folder(cache: &Path) -> Result<PathBuf> {
    let manifest = shell::root().join(FOLDER).join("package.json");
    let text = fs::read_to_string(&manifest).wrap_err_with(|| format!("cannot read {}", manifest.display()))?;
    Ok(cache.join(format!("ocean-js-{}", short_hash(&text))))
}

fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Installs the packages into the cache, unless they are there, together with the script that uses them.
pub(crate) fn install(cache: &Path) -> Result<PathBuf> {
    let folder = folder(cache)?;
    fs::create_dir_all(&folder).wrap_err_with(|| format!("cannot create {}", folder.display()))?;
    let ours = shell::root().join(FOLDER);
    for file in ["package.json", "flow.mjs"] {
        fs::copy(ours.join(file), folder.join(file)).wrap_err_with(|| format!("cannot copy {file}"))?;
    }
    if !complete(&folder) {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]).current_dir(&folder);
        shell::run(&mut npm)?;
        fs::write(folder.join("complete"), [])?;
    }
    Ok(folder)
}

/// npm ends with this file or not at all.
fn complete(folder: &Path) -> bool {
    folder.join("complete").exists()
}

/// Whether [`install`] has run.
pub(crate) fn installed(cache: &Path) -> Result<bool> {
    Ok(complete(&folder(cache)?))
}

/// Starts a network and a file server, and runs the script against them.
pub(crate) fn run(cache: &Path) -> Result<()> {
    let folder = install(cache)?;
    let start = Instant::now();
    shell::runtime()?.block_on(async {
        let testbed = Testbed::builder().start().await?;
        let file = testbed.folder().join("branin.csv");
        let grid = write_branin_csv(&file, 1, FILE_BYTES)?;
        let files = FileServer::start().await?;
        let url = files.serve_file("branin.csv", &file);
        let network = testbed.folder().join("network.json");
        fs::write(&network, serde_json::to_vec_pretty(&testbed.network())?)?;
        let mut node = Command::new("node");
        node.arg("flow.mjs")
            .arg(&network)
            .args([&url, grid.sha256.to_string().trim_start_matches("0x")])
            .current_dir(&folder);
        let result = tokio::task::spawn_blocking(move || shell::run(&mut node)).await?;
        if result.is_err() {
            eprintln!("{}-- servers\n{}", testbed.logs(), log::kept());
        }
        testbed.stop().await?;
        result
    })?;
    eprintln!("interop ocean-js: passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
