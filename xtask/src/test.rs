//! `cargo xtask test`: every test, and what was skipped for want of a tool.

use eyre::{Result, bail};

use crate::{interop, setup, shell};

/// Options of `cargo xtask test`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Passed on to `cargo test`, for example a test name.
    #[arg(last = true)]
    filter: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tools = setup::run(&setup::Args { all: false })?;
    // The tests that kill servers start the real binaries.
    shell::run(shell::cargo().args(["build", "--workspace", "--bins", "--locked"]))?;
    shell::run(shell::cargo().args(["test", "--workspace", "--locked"]).args(&args.filter))?;
    let mut skipped = Vec::new();
    if args.filter.is_empty() {
        if interop::ocean_js::PACKAGE.installed(&tools.cache_dir)? {
            interop::ocean_js::run(&tools.cache_dir)?;
        } else {
            skipped.push("interop ocean-js: npm @oceanprotocol/lib is not installed");
        }
        if interop::ocean_py::installed(&tools.cache_dir) {
            interop::ocean_py::run(&tools.cache_dir)?;
        } else {
            skipped.push("interop ocean-py: PyPI ocean-lib is not installed");
        }
    }
    // Those tests pass without having run.
    if ocean_testbed::LocalPostgres::find().is_err() {
        skipped.push("stores in PostgreSQL: it is not installed");
    }
    for release in ocean_testbed::LaterRelease::ALL {
        if release.find()?.is_none() {
            skipped.push(match release.version() {
                "2.10.0" => "escrows of 2.9 and 2.10: PyPI ocean-contracts 2.10.0 is not installed",
                _ => "escrows from 3.0 on: PyPI ocean-contracts 3.1.0 is not installed",
            });
        }
    }
    if ocean_testbed::StorageServers::find()?.is_none() {
        skipped.push("files on an S3 store and an FTP server: PyPI moto and pyftpdlib are not installed");
    }
    for skip in &skipped {
        eprintln!("test: skipped {skip}; `cargo xtask setup --all` installs it");
    }
    eprintln!("test: {} skipped for want of a tool", skipped.len());
    if shell::in_ci() && !skipped.is_empty() {
        bail!("a skipped test is a failure in CI");
    }
    Ok(())
}
