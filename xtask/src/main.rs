//! Automation of the workspace: one sub-command per job, and CI calls nothing else.

mod bench;
mod ci;
mod codegen;
mod conformance;
mod differential;
mod e2e;
mod fuzz;
mod interop;
mod log;
mod npm;
mod setup;
mod shell;
mod test;
mod tidy;
mod up;
mod verdicts;

use clap::{Parser, Subcommand};

/// Automation of the Ocean Protocol workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install the pinned contracts, Anvil and solc into the cache.
    Setup(setup::Args),
    /// Start a local Ocean network and keep it running until Ctrl-C.
    Up(up::Args),
    /// The main job: publish, price, buy, order, download and verify on a network of its own.
    E2e(e2e::Args),
    /// Run every test of the workspace.
    Test(test::Args),
    /// Everything CI checks: fmt, clippy, codegen, fuzz targets, tidy, docs, test.
    Ci,
    /// Write the files that are generated and committed, or check them.
    Codegen(codegen::Args),
    /// Check layers, manifests, READMEs, forbidden dependencies and packaging.
    Tidy(tidy::Args),
    /// Print benchmarks as ratios.
    Bench(bench::Args),
    /// Compare our prices with the deployed contracts on random numbers.
    Differential(differential::Args),
    /// Compare verdicts on changed documents with those of npm's ddo-js.
    Verdicts(verdicts::Args),
    /// Run the conformance suite against our servers, or against a server elsewhere.
    Conformance(Box<conformance::Args>),
    /// Run other people's clients against the local network.
    Interop(interop::Args),
}

fn main() -> eyre::Result<()> {
    log::start();
    match Args::parse().command {
        Command::Setup(args) => setup::run(&args).map(drop),
        Command::Up(args) => up::run(args),
        Command::E2e(args) => e2e::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Ci => ci::run(),
        Command::Codegen(args) => codegen::run(&args),
        Command::Tidy(args) => tidy::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Differential(args) => differential::run(&args),
        Command::Verdicts(args) => verdicts::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Interop(args) => interop::run(&args),
    }
}
