//! How long a start takes, phase by phase.

use std::time::Duration;

use crate::Result;

/// How long each phase of the start of a chain took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartTimes {
    /// The phases in their order, each with its name and how long it took.
    pub phases: Vec<(&'static str, Duration)>,
    /// Whether the deployed state came from the cache.
    pub from_snapshot: bool,
}

impl StartTimes {
    /// All phases together.
    pub fn total(&self) -> Duration {
        self.phases.iter().map(|(_, time)| *time).sum()
    }
}

/// A warm start beside a start that deploys every contract.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BenchStart {
    /// The median of the warm starts.
    pub warm: StartTimes,
    /// All warm starts, shortest first.
    pub warm_totals: Vec<Duration>,
    /// The start without the snapshot.
    pub deployed: StartTimes,
}

/// Starts a chain `runs` times from the snapshot and once without it.
///
/// # Errors
/// As [`LocalChain`](crate::LocalChain)'s start.
pub async fn bench_start(runs: usize) -> Result<BenchStart> {
    let _ = runs;
    todo!()
}
