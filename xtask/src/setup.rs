//! `cargo xtask setup`: what the network needs and cargo does not bring.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use eyre::{Result, WrapErr as _, ensure};
use ocean_testbed::{LaterRelease, LocalPostgres, Progress, StorageServers, Tools};

use crate::{interop, shell};

/// Options of `cargo xtask setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also install the packages that only interoperability tests need.
    #[arg(long)]
    pub(crate) all: bool,
}

pub(crate) fn run(args: &Args) -> Result<Tools> {
    shell::runtime()?.block_on(setup(args))
}

async fn setup(args: &Args) -> Result<Tools> {
    let progress = Progress::stderr();
    let tools = ocean_testbed::setup(&progress).await?;
    eprintln!("setup: anvil at {}", tools.anvil.display());
    eprintln!("setup: contracts at {}", tools.contracts_dir.display());
    if args.all {
        let folder = interop::ocean_js::PACKAGE.install(&tools.cache_dir)?;
        eprintln!("setup: ocean.js at {}", folder.display());
        let folder = interop::ocean_py::install(&tools.cache_dir)?;
        eprintln!("setup: ocean.py at {}", folder.display());
        for release in LaterRelease::ALL {
            let folder = release.ensure(&progress).await?;
            eprintln!("setup: contracts {} at {}", release.version(), folder.display());
        }
        StorageServers::ensure(&progress).await?;
        eprintln!("setup: servers for files are there");
        eprintln!("setup: PostgreSQL at {}", postgres()?.display());
    }
    Ok(tools)
}

/// PostgreSQL, installed from Debian where it is missing, for which this must be root.
fn postgres() -> Result<PathBuf> {
    let missing = match LocalPostgres::find() {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    ensure!(Path::new("/etc/debian_version").exists(), missing);
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", "postgresql"]);
    // A machine that has never asked for the list of packages knows none.
    if shell::run(install.env("DEBIAN_FRONTEND", "noninteractive")).is_err() {
        let updated = shell::run(Command::new("apt-get").arg("update")).and_then(|()| shell::run(&mut install));
        updated.wrap_err(missing)?;
    }
    Ok(LocalPostgres::find()?)
}
