//! `cargo xtask codegen`: the generated files that are committed.

mod contracts;

use std::fs;

use eyre::{OptionExt as _, Result, WrapErr as _, bail};
use ocean_ddo::schema;

use crate::shell;

/// Options of `cargo xtask codegen`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Write nothing, and fail when a file is not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut files = contracts::files()?;
    for version in schema::VERSIONS {
        let text = schema::generate(&version).ok_or_eyre("a version without rules")?;
        files.push((format!("crates/ddo/schemas/{version}.json"), text));
    }
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = shell::root().join(&name);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            continue;
        }
        stale.push(name);
        if !args.check {
            fs::write(&path, text).wrap_err_with(|| format!("cannot write {}", path.display()))?;
        }
    }
    match (args.check, stale.is_empty()) {
        (true, false) => bail!("stale: {}; `cargo xtask codegen` writes them", stale.join(", ")),
        (_, true) => eprintln!("codegen: everything is up to date"),
        (false, false) => eprintln!("codegen: wrote {}", stale.join(", ")),
    }
    Ok(())
}
