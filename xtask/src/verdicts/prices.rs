//! Our prices against the deployed contracts.

use eyre::{Result, bail};
use ocean_testbed::{Progress, differential};

use crate::shell;

/// Compares `cases` random exchanges, and trades one of a hundred of them in real transactions.
pub(super) fn run(cases: usize, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or_else(differential::random_seed);
    let progress = Progress::new(|line| eprintln!("differential: {line}"));
    let compared = differential::compare_prices(cases, cases.div_ceil(100), seed, &progress);
    let comparison = shell::runtime()?.block_on(compared)?;
    println!("{comparison}");
    if comparison.differences > 0 {
        bail!("{} differences; keep their cases in harness/src/differential/regressions.jsonl", comparison.differences);
    }
    Ok(())
}
