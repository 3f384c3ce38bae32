//! `cargo xtask setup`: what the network needs and cargo does not bring.

use eyre::Result;
use ocean_testbed::{Progress, Tools};

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
    }
    Ok(tools)
}
