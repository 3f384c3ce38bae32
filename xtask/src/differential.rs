//! `cargo xtask differential`: our prices against the deployed contracts, on as many random exchanges as asked for.

use std::time::Instant;

use eyre::{Result, bail};
use ocean_testbed::{
    Progress,
    differential::{Settings, compare_prices, compare_terms},
};

use crate::shell;

/// Options of `cargo xtask differential`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many random exchanges: both quotes, a purchase and a sale of each. A tenth as many escrow locks, dispensers, veOCEAN
    /// locks and epochs follow.
    #[arg(long, default_value_t = 100_000)]
    cases: usize,
    /// How many more are traded in real transactions; one for each hundred cases unless set.
    #[arg(long)]
    trades: Option<usize>,
    /// Makes the cases of an earlier run again.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let mut settings = Settings::new(args.cases, args.trades.unwrap_or(args.cases.div_ceil(100)));
    settings.seed = args.seed.unwrap_or(settings.seed);
    let progress = Progress::new(|line| eprintln!("differential: {line}"));
    let comparison = shell::runtime()?.block_on(compare_prices(settings, &progress))?;
    println!("{comparison}");
    settings.cases = args.cases.div_ceil(10);
    let terms = shell::runtime()?.block_on(compare_terms(settings, &progress))?;
    println!("escrows, dispensers, veOCEAN, feeds: {terms}");
    let differences = comparison.differences + terms.differences;
    eprintln!("differential: {:.1} s in all", start.elapsed().as_secs_f64());
    if differences > 0 {
        bail!("{differences} differences; keep cases of exchanges in harness/src/differential/regressions.jsonl");
    }
    Ok(())
}
