//! `cargo xtask interop`: other people's clients against our network.

pub(crate) mod ocean_js;
pub(crate) mod ocean_py;
mod schemathesis;

use std::{fs, path::Path, process::Command, time::Instant};

use eyre::Result;
use ocean_testbed::{FileServer, Testbed, write_branin_csv};

use crate::{log, shell};

/// How long the published file is at least; up to 5 MiB the Provider hashes it.
const FILE_BYTES: u64 = 5_000_000;

/// Options of `cargo xtask interop`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which client; all of them without this.
    client: Option<Client>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Client {
    /// npm `@oceanprotocol/lib`, in the ocean-node dialect.
    OceanJs,
    /// PyPI `ocean-lib`, in the Provider's dialect.
    OceanPy,
    /// PyPI `schemathesis`, over the OpenAPI documents of both dialects.
    Schemathesis,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tools = shell::runtime()?.block_on(ocean_testbed::ensure_tools(&ocean_testbed::Progress::stderr()))?;
    let wanted = |client| args.client.is_none_or(|given| given == client);
    if wanted(Client::OceanJs) {
        ocean_js::run(&tools.cache_dir)?;
    }
    if wanted(Client::OceanPy) {
        ocean_py::run(&tools.cache_dir)?;
    }
    if wanted(Client::Schemathesis) {
        schemathesis::run(&tools.cache_dir)?;
    }
    Ok(())
}

/// Starts a network and a file server, and runs a script against them.
///
/// The script is told the file that describes the network, the URL of a file to publish, and that file's SHA-256 in hex.
fn drive(name: &str, mut script: Command) -> Result<()> {
    let start = Instant::now();
    shell::runtime()?.block_on(async {
        let testbed = Testbed::builder().start().await?;
        let file = testbed.folder().join("branin.csv");
        let grid = write_branin_csv(&file, 1, FILE_BYTES)?;
        let files = FileServer::start().await?;
        let url = files.serve_file("branin.csv", &file);
        let network = testbed.folder().join("network.json");
        fs::write(&network, serde_json::to_vec_pretty(&testbed.network())?)?;
        script.arg(&network).args([&url, grid.sha256.to_string().trim_start_matches("0x")]);
        let result = tokio::task::spawn_blocking(move || shell::run(&mut script)).await?;
        if result.is_err() {
            eprintln!("{}-- servers\n{}", testbed.logs(), log::kept());
        }
        testbed.stop().await?;
        result
    })?;
    eprintln!("interop {name}: passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// A folder of ours, from the root of the repository.
fn ours(name: &str) -> std::path::PathBuf {
    shell::root().join(Path::new("harness/interop")).join(name)
}
