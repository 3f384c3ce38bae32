//! How long a start took, part by part.

use std::time::{Duration, Instant};

/// One part of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phase {
    /// What was started.
    pub name: &'static str,
    /// How long it took.
    pub duration: Duration,
}

/// How long each phase of a start took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartTimes {
    /// The phases in their order.
    pub phases: Vec<Phase>,
    /// Whether the deployed state came from the cache.
    pub from_snapshot: bool,
}

impl StartTimes {
    /// All phases together.
    pub fn total(&self) -> Duration {
        self.phases.iter().map(|phase| phase.duration).sum()
    }

    /// Ends a phase that began at `since` and returns the beginning of the next.
    pub(crate) fn phase(&mut self, name: &'static str, since: Instant) -> Instant {
        let now = Instant::now();
        self.phases.push(Phase { name, duration: now - since });
        now
    }
}
