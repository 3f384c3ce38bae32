//! `ocean_pricing` against the deployed contracts, on random numbers.
//!
//! A case is a whole exchange (rate, decimals, fees, stock, rights) with one purchase and one sale. Its numbers are written
//! straight into the contracts' storage, so that nothing of their range is out of reach. For each case the real contract
//! answers four times: both quotes (`calcBaseInGivenOutDT`, `calcBaseOutGivenInDT`), `buyDT` and `sellDT`, the latter two
//! simulated with their events. Some cases are then traded in real transactions, and balances and accrued fees are compared.
//!
//! Agreement is: both answer with the same numbers, or both refuse with the same reason.

mod case;
mod clock;
mod prices;
mod stage;
mod terms;
mod trades;

use std::fmt;

use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};

pub use self::clock::time_quotes;
use self::{case::Case, stage::Stage};
use crate::{LocalChain, Progress, Result};

/// Cases in which the two once differed, or that are easily got wrong: one JSON object per line. They run first, each time.
const REGRESSIONS: &str = include_str!("differential/regressions.jsonl");
/// How many cases go into one request.
const BATCH: usize = 200;
/// No more differences than this are kept.
const SHOWN: usize = 20;

/// What a comparison found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// The seed that makes the same cases again.
    pub seed: u64,
    /// How many cases were compared, the kept ones included.
    pub cases: usize,
    /// How many answers and refusals of the contracts were compared.
    pub calls: usize,
    /// How often both answered with the same numbers.
    pub answered: usize,
    /// How often both refused with the same reason.
    pub refused: usize,
    /// How many real transactions were sent.
    pub transactions: usize,
    /// How many of them succeeded.
    pub succeeded: usize,
    /// How many differences there were.
    pub differences: usize,
    /// The first of them.
    pub shown: Vec<Difference>,
}

/// A case in which the two differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Difference {
    /// Which call.
    pub call: &'static str,
    /// What `ocean_pricing` says.
    pub ours: String,
    /// What the contract says.
    pub theirs: String,
    /// The case; that of an exchange is a line for `harness/src/differential/regressions.jsonl`.
    pub case: String,
}

impl Comparison {
    fn agree(&mut self, call: &'static str, case: impl Fn() -> String, ours: &Outcome, theirs: &Outcome) {
        self.calls += 1;
        if ours != theirs {
            self.differ(call, case, ours, theirs);
        } else if matches!(ours, Outcome::Numbers(_)) {
            self.answered += 1;
        } else {
            self.refused += 1;
        }
    }

    fn differ(
        &mut self,
        call: &'static str,
        case: impl Fn() -> String,
        ours: &impl fmt::Display,
        theirs: &impl fmt::Display,
    ) {
        self.differences += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(Difference { call, ours: ours.to_string(), theirs: theirs.to_string(), case: case() });
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} cases, seed {}: {} answers of the contracts compared, {} equal numbers, {} equal refusals, {} differences",
            self.cases, self.seed, self.calls, self.answered, self.refused, self.differences
        )?;
        write!(f, "{} real transactions, {} of which succeeded", self.transactions, self.succeeded)?;
        for Difference { call, ours, theirs, case } in &self.shown {
            write!(f, "\n{call}: ocean-pricing {ours}, the contract {theirs}\n  {case}")?;
        }
        Ok(())
    }
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// Numbers: total or proceeds, ocean fee, market fee, consume fee.
    Numbers([alloy::primitives::U256; 4]),
    /// The reason of a revert.
    Refused(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers([total, ocean, market, consume]) => {
                write!(f, "answers {total} with fees of {ocean}, {market} and {consume}")
            }
            Self::Refused(reason) => write!(f, "refuses: {reason}"),
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Settings {
    /// How many random cases, beside the kept ones.
    pub cases: usize,
    /// How many random cases are traded in real transactions, beside the kept ones.
    pub trades: usize,
    /// From which the cases follow.
    pub seed: u64,
    /// Charges one unit too much on our side, to see that the comparison finds it.
    pub mispriced: bool,
}

impl Settings {
    /// So many cases that nobody has chosen.
    pub fn new(cases: usize, trades: usize) -> Self {
        Self { cases, trades, seed: rand::thread_rng().next_u64(), mispriced: false }
    }
}

/// Compares the terms of escrow locks and claims, dispensers, locks of veOCEAN and the epochs of prediction feeds with those of the
/// contracts, as many random cases of each as the settings say. Nothing is traded.
///
/// # Errors
/// As [`compare_prices`].
pub async fn compare_terms(settings: Settings, progress: &Progress) -> Result<Comparison> {
    let chain = LocalChain::builder().progress(progress.clone()).start().await?;
    let stage = Stage::set(&chain).await?;
    let mut random = StdRng::seed_from_u64(settings.seed);
    let mut comparison = Comparison { seed: settings.seed, ..Comparison::default() };
    let terms = terms::Terms::of(&chain, &stage).await?;
    let mut left = settings.cases;
    while left > 0 {
        let batch = left.min(BATCH);
        terms.compare(batch, &mut random, &mut comparison).await?;
        left -= batch;
    }
    chain.stop().await;
    Ok(comparison)
}

/// Compares cases on a chain of their own and reports.
///
/// # Errors
/// When the chain fails; a difference is no error but part of the report.
pub async fn compare_prices(settings: Settings, progress: &Progress) -> Result<Comparison> {
    let Settings { cases, trades, seed, mispriced } = settings;
    let chain = LocalChain::builder().progress(progress.clone()).start().await?;
    let mut stage = Stage::set(&chain).await?;
    stage.mispriced = mispriced;
    let mut random = StdRng::seed_from_u64(seed);
    let mut comparison = Comparison { seed, ..Comparison::default() };
    let mut kept = Vec::new();
    for line in REGRESSIONS.lines().filter(|line| !line.trim().is_empty()) {
        kept.push(Case::from_line(line)?);
    }
    prices::compare(&stage, &kept, &mut comparison).await?;
    trades::compare(&stage, &kept, &mut comparison).await?;
    let mut left = cases;
    while left > 0 {
        let batch: Vec<_> = (0..left.min(BATCH)).map(|_| Case::random(&mut random)).collect();
        prices::compare(&stage, &batch, &mut comparison).await?;
        left -= batch.len();
        if left % (BATCH * 250) == 0 && left > 0 {
            progress.line(format!("{} cases compared, {} differences", comparison.cases, comparison.differences));
        }
    }
    let traded: Vec<_> = (0..trades).map(|_| Case::random(&mut random)).collect();
    trades::compare(&stage, &traded, &mut comparison).await?;
    chain.stop().await;
    Ok(comparison)
}
