//! `cargo xtask tidy`: rules about the shape of the workspace that the compiler does not check.

mod files;
mod layers;
mod manifests;
mod outside;
mod packages;

use cargo_metadata::{Metadata, MetadataCommand, Package};
use eyre::{Result, WrapErr as _, bail};

use crate::shell;

/// Options of `cargo xtask tidy`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Leave out what takes longest: `cargo package`, and the crate outside the workspace.
    #[arg(long)]
    pub(crate) no_package: bool,
}

/// The workspace as cargo sees it, together with what is wrong with it so far.
pub(crate) struct Workspace {
    metadata: Metadata,
    problems: Vec<String>,
}

impl Workspace {
    fn members(&self) -> Vec<Package> {
        self.metadata.workspace_packages().into_iter().cloned().collect()
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(shell::root())
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .wrap_err("cargo metadata failed")?;
    let mut workspace = Workspace { metadata, problems: Vec::new() };
    layers::check(&mut workspace)?;
    manifests::check(&mut workspace)?;
    files::check(&mut workspace)?;
    if !workspace.problems.is_empty() {
        for problem in &workspace.problems {
            eprintln!("tidy: {problem}");
        }
        bail!("tidy found {} problem(s)", workspace.problems.len());
    }
    if !args.no_package {
        packages::check(&workspace)?;
        outside::check()?;
    }
    eprintln!("tidy: {} packages in order", workspace.members().len());
    Ok(())
}
