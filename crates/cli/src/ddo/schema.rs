//! `ocean ddo schema`

use ocean_ddo::{
    Version,
    schema::{VERSIONS, json_schema},
};

use super::read_version;
use crate::{
    failure::{Failure, Outcome, Result},
    terminal::Terminal,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The version of documents: 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0 or 5.0.0.
    #[arg(value_name = "VERSION", value_parser = read_version)]
    version: Version,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    let schema = json_schema(&args.version).ok_or_else(|| {
        let versions: Vec<_> = VERSIONS.iter().map(Version::as_str).collect();
        Failure::new(format!("there is no schema of version {}", args.version))
            .hint(format!("there is one of {}", versions.join(", ")))
    })?;
    let line = || serde_json::from_str::<serde_json::Value>(schema).ok();
    match terminal.is_json().then(line).flatten() {
        Some(line) => terminal.json(&line),
        None => terminal.line(schema.trim_end()),
    }
    Ok(Outcome::Good)
}
