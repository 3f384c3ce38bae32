use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use alloy::{eips::BlockNumberOrTag, providers::Provider as _};
use jiff::{SignedDuration, Timestamp};
use ocean_contracts_bindings::Rpc;
use ocean_primitives::Clock;
use tokio::{task::JoinHandle, time::timeout};

/// How long one look at the chain may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Differences up to this much are the rounding of block timestamps to whole seconds, not a moved clock.
const TOLERANCE_MS: i64 = 1_500;

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The clock of the machine, moved to where a development chain's clock stands; clones share the offset.
///
/// It makes expiry testable: the test moves the chain's time, and every server that follows moves with it.
#[derive(Debug, Clone, Default)]
pub struct ChainClock {
    /// Milliseconds that the chain is ahead of the machine.
    offset: Arc<AtomicI64>,
}

/// Why the chain's time could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// The chain did not answer in time.
    #[error("the chain did not tell its time within {DEADLINE:?}")]
    Deadline,
    /// The chain failed or has no blocks.
    #[error("the chain does not tell its time: {0}")]
    Rpc(String),
}

impl ChainClock {
    /// A clock that agrees with the machine until it is refreshed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the chain and moves the clock if the two have drifted apart by more than block timestamps can show.
    ///
    /// The pending block is asked for, since the last one of an idle chain lies in the past.
    ///
    /// # Errors
    /// The chain did not answer; the clock stays where it was.
    pub async fn refresh(&self, rpc: &Rpc) -> Result<(), ClockError> {
        let pending = rpc.get_block_by_number(BlockNumberOrTag::Pending);
        let block = timeout(DEADLINE, pending).await.map_err(|_| ClockError::Deadline)?;
        // The transport's own words repeat the node's URL, which may hold an access key.
        let block = block.map_err(|error| match error.as_error_resp() {
            Some(answer) => ClockError::Rpc(answer.message.to_string()),
            None => ClockError::Rpc("the request failed".to_owned()),
        })?;
        let block = block.ok_or_else(|| ClockError::Rpc("there is no pending block".to_owned()))?;
        let seconds = i64::try_from(block.header.timestamp).unwrap_or(i64::MAX);
        self.observe(seconds.saturating_mul(1_000), Timestamp::now().as_millisecond());
        Ok(())
    }

    fn observe(&self, chain_ms: i64, machine_ms: i64) {
        let seen = chain_ms.saturating_sub(machine_ms);
        let seen = if seen.abs() <= TOLERANCE_MS { 0 } else { seen };
        let known = self.offset.load(Ordering::Relaxed);
        if seen.abs_diff(known) > TOLERANCE_MS.unsigned_abs() || seen == 0 {
            self.offset.store(seen, Ordering::Relaxed);
        }
    }

    /// Moves the clock forward by hand, until the next refresh sees something else.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let moved = self.offset.load(Ordering::Relaxed).saturating_add(by);
        self.offset.store(moved, Ordering::Relaxed);
    }

    /// Refreshes every `interval` until the handle is dropped; failures are logged and tried again. Needs a tokio runtime.
    pub fn follow(&self, rpc: Rpc, interval: Duration) -> ClockFollower {
        let clock = self.clone();
        ClockFollower(tokio::spawn(async move {
            let mut failing = false;
            loop {
                match clock.refresh(&rpc).await {
                    Ok(()) => failing = false,
                    Err(error) if !failing => {
                        failing = true;
                        tracing::warn!(%error, "the clock does not follow the chain");
                    }
                    Err(_) => {}
                }
                tokio::time::sleep(interval).await;
            }
        }))
    }
}

impl Clock for ChainClock {
    fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset.load(Ordering::Relaxed));
        Timestamp::now().saturating_add(offset).unwrap_or(Timestamp::MAX)
    }
}

/// Keeps a [`ChainClock`] following; dropping it stops that.
#[derive(Debug)]
pub struct ClockFollower(JoinHandle<()>);

impl Drop for ClockFollower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(observations: &[(i64, i64)], expected: i64) {
        let clock = ChainClock::new();
        for (chain, machine) in observations {
            clock.observe(*chain, *machine);
        }
        assert_eq!(clock.offset.load(Ordering::Relaxed), expected, "{observations:?}");
    }

    #[test]
    fn the_offset_follows_moved_time_and_not_rounding() {
        check(&[(100_000, 100_900)], 0);
        check(&[(101_000, 100_000)], 0);
        check(&[(3_700_000, 100_000)], 3_600_000);
        // The second look differs by the rounding of a block timestamp: the clock must not jitter.
        check(&[(3_700_000, 100_000), (3_700_000, 100_999)], 3_600_000);
        check(&[(3_700_000, 100_000), (9_700_000, 100_500)], 9_599_500);
        // After a revert the chain's time is the machine's again.
        check(&[(3_700_000, 100_000), (101_000, 101_400)], 0);
        check(&[(i64::MAX, 0), (0, 0)], 0);
    }

    #[test]
    fn clones_share_one_offset() {
        let clock = ChainClock::new();
        let clone = clock.clone();
        let before = clone.now();
        clock.advance(Duration::from_secs(3_600));
        assert!(clone.now().duration_since(before).as_secs() >= 3_600);
        clock.advance(Duration::MAX);
        assert_eq!(clone.now(), Timestamp::MAX);
    }
}
