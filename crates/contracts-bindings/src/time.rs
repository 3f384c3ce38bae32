//! Unix seconds of the contracts as instants.

use alloy::primitives::U256;
use jiff::Timestamp;

/// The instant of a block time or an expiry. What lies beyond the year 9999 is the last instant there is: such a time never comes.
pub(crate) fn instant(seconds: U256) -> Timestamp {
    i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(Timestamp::MAX)
}
