//! `cargo xtask e2e`: the main job on a network of its own.

use std::time::Instant;

use eyre::{Result, bail};
use ocean_testbed::{Testbed, main_job};

use crate::{log, shell};

/// Options of `cargo xtask e2e`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print one JSON object with every step on stdout.
    #[arg(long)]
    json: bool,
    /// Leave the network running until Ctrl-C.
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    shell::runtime()?.block_on(e2e(args))
}

async fn e2e(args: &Args) -> Result<()> {
    let start = Instant::now();
    let testbed = Testbed::builder().progress(|line| eprintln!("e2e: {line}")).start().await?;
    eprintln!("e2e: network ready in {} ms", start.elapsed().as_millis());
    let report = main_job::run(&testbed, &mut |step| eprintln!("e2e: {step}")).await;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.table());
    }
    eprintln!("e2e: {:.1} s in all", start.elapsed().as_secs_f64());
    if args.keep {
        eprintln!("e2e: the network stays: {}", serde_json::to_string_pretty(&testbed.network())?);
        tokio::signal::ctrl_c().await?;
    }
    if let Some(failure) = report.failure() {
        eprintln!("e2e: step `{}` failed: {}", failure.step, failure.reason);
        eprintln!("{}-- servers\n{}", testbed.logs(), log::kept());
        testbed.stop().await?;
        bail!("the main job failed at `{}`", failure.step);
    }
    testbed.stop().await?;
    Ok(())
}
