//! How long a start takes, phase by phase.

use std::time::{Duration, Instant};

use crate::{LocalChain, Progress, Result, ensure_tools};

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

    /// Ends a phase that began at `since` and returns the beginning of the next.
    pub(crate) fn phase(&mut self, name: &'static str, since: Instant) -> Instant {
        let now = Instant::now();
        self.phases.push((name, now - since));
        now
    }
}

/// A warm start beside a start that deploys every contract.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BenchStart {
    /// The warm start with the median total.
    pub warm: StartTimes,
    /// The totals of all warm starts, shortest first.
    pub warm_totals: Vec<Duration>,
    /// The start without the snapshot with the median total.
    pub deployed: StartTimes,
    /// The totals of all starts without the snapshot, shortest first.
    pub deployed_totals: Vec<Duration>,
}

/// Starts a chain `runs` times from the snapshot and as often without it, taking turns, so that both see the same machine.
///
/// # Errors
/// As [`LocalChain`]'s start.
pub async fn bench_start(runs: usize) -> Result<BenchStart> {
    let tools = ensure_tools(&Progress::silent()).await?;
    // The first start may have to make the snapshot.
    LocalChain::builder().tools(tools.clone()).start().await?.stop().await;
    let (mut warm, mut deployed) = (Vec::new(), Vec::new());
    for _ in 0..runs.max(1) {
        for (times, snapshot) in [(&mut warm, true), (&mut deployed, false)] {
            let chain = LocalChain::builder().tools(tools.clone()).snapshot(snapshot).start().await?;
            times.push(chain.times().clone());
            chain.stop().await;
        }
    }
    let (warm, warm_totals) = median(warm);
    let (deployed, deployed_totals) = median(deployed);
    Ok(BenchStart { warm, warm_totals, deployed, deployed_totals })
}

fn median(mut all: Vec<StartTimes>) -> (StartTimes, Vec<Duration>) {
    all.sort_by_key(StartTimes::total);
    (all[all.len() / 2].clone(), all.iter().map(StartTimes::total).collect())
}
