//! npm `@oceanprotocol/lib` publishes, orders and downloads against the node.

use std::{fs, path::Path, process::Command, time::Instant};

use eyre::Result;
use ocean_testbed::{FileServer, Testbed, write_branin_csv};

use crate::{log, npm::Package, shell};

/// How long the published file is at least.
const FILE_BYTES: u64 = 5_000_000;

/// The script and what it needs.
pub(crate) const PACKAGE: Package =
    Package { name: "ocean-js", folder: "harness/interop/ocean-js", scripts: &["flow.mjs"] };

/// Starts a network and a file server, and runs the script against them.
pub(crate) fn run(cache: &Path) -> Result<()> {
    let folder = PACKAGE.install(cache)?;
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
