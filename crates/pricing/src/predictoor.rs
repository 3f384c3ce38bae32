//! The clock and the payouts of a prediction feed (`ERC20Template3`): all times are unix seconds, all amounts base units.
//!
//! An epoch is named by the second in which it begins, which is a multiple of its length. During epoch `i` predictions are taken
//! for the begin of epoch `i + 2` and later ones.

use ocean_primitives::{BaseUnits, U256};

use crate::{
    error::{Error, Result},
    math::{add, mul},
};

/// The times of one feed, none of which changes after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    seconds_per_epoch: u64,
    seconds_per_subscription: u64,
    true_value_timeout: u64,
}

impl Feed {
    /// A feed with epochs, subscriptions and a time to submit the true value of these lengths, in seconds.
    ///
    /// # Errors
    /// An epoch of no length, or a subscription that is not made of whole epochs: the contract refuses both.
    pub fn new(seconds_per_epoch: u64, seconds_per_subscription: u64, true_value_timeout: u64) -> Result<Self> {
        match seconds_per_subscription.checked_rem(seconds_per_epoch) {
            Some(0) => Ok(Self { seconds_per_epoch, seconds_per_subscription, true_value_timeout }),
            _ => Err(Error::Epochs { epoch: seconds_per_epoch, subscription: seconds_per_subscription }),
        }
    }

    /// The epoch in which a second lies (`toEpochStart`; `curEpoch` for the time of the block).
    pub fn epoch(&self, time: u64) -> u64 {
        time - time % self.seconds_per_epoch
    }

    /// Whether a time names an epoch; every call of the contract wants one that does.
    pub fn is_epoch(&self, time: u64) -> bool {
        time.is_multiple_of(self.seconds_per_epoch)
    }

    /// The epoch that begins `count` epochs after `epoch`.
    ///
    /// # Errors
    /// A time above 64 bits.
    pub fn after(&self, epoch: u64, count: u64) -> Result<u64> {
        let offset = self.seconds_per_epoch.checked_mul(count).ok_or(Error::Overflow)?;
        epoch.checked_add(offset).ok_or(Error::Overflow)
    }

    /// The first epoch for which a prediction is still taken at this time (`soonestEpochToPredict`).
    ///
    /// # Errors
    /// A time above 64 bits.
    pub fn soonest_to_predict(&self, now: u64) -> Result<u64> {
        self.after(self.epoch(now), 2)
    }

    /// The first second in which a prediction for `epoch` comes too late and its stakes can be read by subscribers.
    pub fn closes(&self, epoch: u64) -> u64 {
        self.epoch(epoch).saturating_sub(self.seconds_per_epoch)
    }

    /// Whether the true value of an epoch may be submitted at this time: not before the epoch begins.
    pub fn may_submit_true_value(&self, epoch: u64, now: u64) -> bool {
        epoch <= self.epoch(now)
    }

    /// Whether an epoch without a true value is over by now: a submission or a payout cancels it then, and stakes go back.
    pub fn is_timed_out(&self, epoch: u64, now: u64) -> bool {
        epoch.checked_add(self.true_value_timeout).is_some_and(|last| self.epoch(now) > last)
    }

    /// Until when a subscription bought at this time holds, exclusive.
    ///
    /// # Errors
    /// A time above 64 bits.
    pub fn subscription_ends(&self, bought: u64) -> Result<u64> {
        self.epoch(bought).checked_add(self.seconds_per_subscription).ok_or(Error::Overflow)
    }

    /// Whether a subscription that ends at `expires` is valid at this time (`isValidSubscription`).
    pub fn is_subscribed(&self, expires: u64, now: u64) -> bool {
        self.epoch(now) < expires
    }

    /// The part of a subscription's price that each of its epochs gets, rounded down; the rest stays in the contract.
    pub fn revenue_per_epoch(&self, price: BaseUnits) -> BaseUnits {
        let epochs = (self.seconds_per_subscription / self.seconds_per_epoch).max(1);
        BaseUnits(price.0 / U256::from(epochs))
    }
}

/// What was staked on one epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stakes {
    /// All of it (`roundSumStakes`).
    pub total: BaseUnits,
    /// What was staked on a rise (`roundSumStakesUp`).
    pub up: BaseUnits,
    /// What subscribers have paid for this epoch (`getsubscriptionRevenueAtEpoch`).
    pub revenue: BaseUnits,
}

/// How an epoch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With this true value: up or not.
    Settled(bool),
    /// Cancelled, or without a true value in time.
    Canceled,
}

/// What a predictoor gets: the stake back when the epoch was cancelled, nothing for the wrong value, and for the right one the
/// stake's share of all stakes and the revenue, rounded down.
///
/// # Errors
/// Numbers on which the contract panics.
pub fn payout(stakes: &Stakes, stake: BaseUnits, predicted: bool, outcome: Outcome) -> Result<BaseUnits> {
    let value = match outcome {
        Outcome::Canceled => return Ok(stake),
        Outcome::Settled(value) if value != predicted => return Ok(BaseUnits::ZERO),
        Outcome::Settled(value) => value,
    };
    let down = stakes.total.checked_sub(stakes.up).ok_or(Error::Overflow)?;
    let right = if value { stakes.up } else { down };
    if right.is_zero() {
        return Ok(BaseUnits::ZERO);
    }
    Ok(BaseUnits(mul(stake.0, add(stakes.total.0, stakes.revenue.0)?)? / right.0))
}
