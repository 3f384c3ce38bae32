//! `ocean ddo convert`

use ocean_ddo::{Conversion, Error, LossKind, Version, convert};
use serde_json::json;

use super::read_version;
use crate::{
    failure::{Failure, Outcome, Result},
    input::Input,
    paint::cut,
    terminal::Terminal,
};

const LINE: usize = 300;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A file, `-` for stdin, or a URL.
    input: Input,

    /// The version to write: 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 or deprecated.
    #[arg(long, value_name = "VERSION", value_parser = read_version)]
    to: Version,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    let document = args.input.read(terminal)?;
    let from = document.raw.version().ok_or_else(|| {
        Failure::new("the document does not say its version")
            .of(document.name.as_str())
            .hint("add the member `version` with the version whose rules it follows")
    })?;
    let converted = convert(&document.raw, &args.to).map_err(|error| {
        let failure = Failure::new(cut(&error.to_string(), LINE)).of(document.name.as_str());
        match error {
            Error::UnsupportedVersion { .. } => {
                failure.hint("documents of 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0 and 5.0.0 can be converted")
            }
            _ => failure.hint("`ocean ddo validate` lists all that is wrong with the document"),
        }
    })?;
    let Conversion { document: result, losses, violations, .. } = &converted;
    if terminal.is_json() {
        terminal.json(&json!({
            "input": document.name,
            "from": from,
            "to": args.to,
            "losses": losses,
            "violations": violations,
            "checksum": result.checksum(),
            // As text: an object would not keep the bytes.
            "document": result.as_str(),
        }));
    } else {
        for loss in losses {
            let what = match loss.kind {
                LossKind::Dropped => "dropped",
                LossKind::Changed => "changed",
                LossKind::Unread => "unread",
                LossKind::Filled => "filled",
                _ => "lost",
            };
            terminal.warn(what, cut(&loss.to_string(), LINE));
        }
        for violation in violations {
            terminal.warn("invalid", cut(&violation.to_string(), LINE));
        }
        terminal.document(result.as_str());
    }
    Ok(Outcome::when(violations.is_empty()))
}
