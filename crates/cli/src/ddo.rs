//! `ocean ddo`: one file per command.

mod checksum;
mod convert;
mod did;
mod diff;
mod schema;
mod show;
mod validate;

use clap::Subcommand;
use ocean_ddo::Version;

use crate::{
    failure::{Failure, Outcome, Result},
    input::{Document, Input},
    terminal::Terminal,
};

pub(crate) const AFTER_HELP: &str = "\
Examples:
  ocean ddo validate asset.json
  ocean ddo validate --profile aquarius https://example.org/asset.json
  curl -s https://example.org/asset.json | ocean ddo show -
  ocean ddo did --nft 0xBB1081DbF3227bbB233Db68f7117114baBb43656 --chain 137";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge documents, and list what is wrong with the line it stands on.
    Validate(validate::Args),
    /// Print what a document's metadata hash is, or find out which definition of it a hash fulfils.
    Checksum(checksum::Args),
    /// Derive an asset's identifier, or check one.
    Did(did::Args),
    /// Summarise an asset.
    Show(show::Args),
    /// Compare two documents field by field.
    Diff(diff::Args),
    /// Move a document to another version, and say on stderr what could not be kept.
    Convert(convert::Args),
    /// Print the JSON Schema (2020-12) of a version.
    Schema(schema::Args),
}

impl Command {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result {
        match self {
            Self::Validate(args) => validate::run(&args, terminal),
            Self::Checksum(args) => checksum::run(&args, terminal),
            Self::Did(args) => did::run(&args, terminal),
            Self::Show(args) => show::run(&args, terminal),
            Self::Diff(args) => diff::run(&args, terminal),
            Self::Convert(args) => convert::run(&args, terminal),
            Self::Schema(args) => schema::run(&args, terminal),
        }
    }
}

/// Runs a command on each of several inputs. One that cannot be used does not stop the others.
fn each(
    inputs: &[Input],
    terminal: &mut Terminal,
    read: impl Fn(&Input, &Terminal) -> Result<Document>,
    mut run: impl FnMut(&Document, &mut Terminal) -> Outcome,
) -> Result {
    let mut worst = Outcome::Good;
    let mut stdin = false;
    for input in inputs {
        if input.is_stdin() && std::mem::replace(&mut stdin, true) {
            terminal.report(&twice());
            continue;
        }
        match read(input, terminal) {
            Ok(document) => worst = worst.max(run(&document, terminal)),
            Err(failure) => terminal.report(&failure),
        }
        terminal.flush();
    }
    Ok(worst)
}

fn twice() -> Failure {
    Failure::new("stdin can be read only once").of("stdin").hint("name a file for the other document")
}

fn read_version(text: &str) -> Result<Version, String> {
    match Version::from(text) {
        Version::Other(_) => Err("versions are 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 and deprecated".to_owned()),
        version => Ok(version),
    }
}
