#![doc = include_str!("../README.md")]

mod ddo;
mod failure;
mod input;
mod paint;
mod place;
mod terminal;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    paint::When,
    terminal::{Format, Terminal},
};

/// Tools for Ocean Protocol: data assets, their documents and their identifiers.
#[derive(Debug, Parser)]
#[command(name = "ocean", version, disable_help_subcommand = true)]
struct Args {
    #[command(subcommand)]
    command: Command,

    /// How results are written to stdout, and errors to stderr: for people, or as one JSON object per line.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,

    /// When to use colours; `auto` means on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, default_value_t, global = true)]
    color: When,

    /// How many seconds a URL may take until its document is complete.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600), global = true)]
    timeout: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Documents (DDO) and identifiers (DID) of assets.
    ///
    /// A document is read from a file, from stdin (`-`), or from an http or https URL.
    ///
    /// Exit code 0: valid, or done. 1: invalid, or different. 2: the input could not be used; stderr says why.
    #[command(subcommand, after_help = ddo::AFTER_HELP)]
    Ddo(ddo::Command),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut terminal = Terminal::new(args.format, args.color, Duration::from_secs(args.timeout));
    let result = match args.command {
        Command::Ddo(command) => command.run(&mut terminal),
    };
    terminal.finish(result)
}
