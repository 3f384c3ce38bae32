//! The weeks of veOCEAN and Data Farming: all times are unix seconds, all amounts base units.
//!
//! A week begins on Thursday at 00:00 UTC, as the first second of 1970 did. Locks end with a week, and fees and rewards are
//! counted by it.

use ocean_primitives::{BaseUnits, U256};

use crate::{
    error::{Error, Result},
    math::{add, mul},
};

/// The length of a week.
pub const WEEK: u64 = 7 * 86_400;

/// The longest lock: four years of 365 days. It is no whole number of weeks, so the longest lock that ends with a week is shorter.
pub const MAX_LOCK: u64 = 4 * 365 * 86_400;

/// The most that can be allocated, to all assets together (`veAllocate`): 100 % as hundredths of a percent.
pub const MAX_ALLOCATION: u64 = 10_000;

/// The week in which a second lies, named by its first second.
pub fn week(time: u64) -> u64 {
    time - time % WEEK
}

/// The first second of the week after the one in which a second lies.
///
/// # Errors
/// A time above 64 bits.
pub fn next_week(time: u64) -> Result<u64> {
    week(time).checked_add(WEEK).ok_or(Error::Overflow)
}

/// The week from which on an account that locked at this time gets fees: the next one, or this very second where a week begins.
///
/// # Errors
/// A time above 64 bits.
pub fn first_claim_week(locked: u64) -> Result<u64> {
    locked.checked_next_multiple_of(WEEK).ok_or(Error::Overflow)
}

/// The first week whose fees cannot be claimed yet, when the distributor last counted its tokens at this time.
pub fn claimable_until(last_token_time: u64) -> u64 {
    week(last_token_time)
}

/// When a lock until `unlock` really ends: with the week before.
///
/// # Errors
/// It would end in the past or at this moment, or more than four years from now; veOCEAN refuses both.
pub fn lock_end(unlock: u64, now: u64) -> Result<u64> {
    let end = week(unlock);
    if end <= now {
        return Err(Error::LockInThePast { end, now });
    }
    if end - now > MAX_LOCK {
        return Err(Error::LockAboveFourYears { end, now });
    }
    Ok(end)
}

/// When an existing lock that ends at `end` is extended until `unlock`: the new end.
///
/// # Errors
/// The lock is over; the new end is not later than the present one; or more than four years from now.
pub fn extended_end(unlock: u64, end: u64, now: u64) -> Result<u64> {
    if end <= now {
        return Err(Error::LockOver { end, now });
    }
    let extended = week(unlock);
    if extended <= end {
        return Err(Error::LockNotLonger { end: extended, present: end });
    }
    lock_end(unlock, now)
}

/// The voting power of `amount` locked until `end`: it falls by the same amount each second, down to nothing at the end.
///
/// veOCEAN rounds the fall per second down first, so a lock below 126 144 000 base units has no power at all.
///
/// # Errors
/// Numbers that do not fit the contract's 128 bits.
pub fn voting_power(amount: BaseUnits, end: u64, time: u64) -> Result<BaseUnits> {
    let slope = amount.0 / U256::from(MAX_LOCK);
    let power = mul(slope, U256::from(end.saturating_sub(time)))?;
    if amount.0 >> 127 != U256::ZERO || power >> 127 != U256::ZERO {
        return Err(Error::Overflow);
    }
    Ok(BaseUnits(power))
}

/// An account's part of the fees of one week: its power's share of the whole power at the begin of that week, rounded down.
/// Nothing where nobody has power.
///
/// # Errors
/// Numbers that do not fit 256 bits.
pub fn fee_share(fees: BaseUnits, power: BaseUnits, total_power: BaseUnits) -> Result<BaseUnits> {
    let product = mul(power.0, fees.0)?;
    Ok(BaseUnits(product.checked_div(total_power.0).unwrap_or_default()))
}

/// What one of the weeks between `from` and `to` gets of the tokens that came in between, as the distributor spreads them: by
/// seconds, rounded down. All of it, where no time has passed and it is the week of `from`.
///
/// # Errors
/// Numbers that do not fit 256 bits, or a `from` after `to`.
pub fn fees_of_week(tokens: BaseUnits, from: u64, to: u64, of_week: u64) -> Result<BaseUnits> {
    let of_week = week(of_week);
    let elapsed = to.checked_sub(from).ok_or(Error::Overflow)?;
    if elapsed == 0 {
        return Ok(if week(from) == of_week { tokens } else { BaseUnits::ZERO });
    }
    let end = next_week(of_week)?.min(to);
    let seconds = end.saturating_sub(of_week.max(from));
    Ok(BaseUnits(mul(tokens.0, U256::from(seconds))? / U256::from(elapsed)))
}

/// The sum of allocations to assets, each in hundredths of a percent.
///
/// # Errors
/// More than 100 %; veAllocate refuses it.
pub fn total_allocation(allocations: impl IntoIterator<Item = u64>) -> Result<u64> {
    let sum = allocations.into_iter().try_fold(U256::ZERO, |sum, part| add(sum, U256::from(part)))?;
    match u64::try_from(sum) {
        Ok(sum) if sum <= MAX_ALLOCATION => Ok(sum),
        _ => Err(Error::AllocationTooHigh(sum)),
    }
}
