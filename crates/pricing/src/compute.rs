//! What a compute job costs: in the old stack a Provider's fee for the whole time until it ends, in the new one an escrow lock
//! for the longest time it may take, of which the minutes really used are claimed.
//!
//! Prices come as exact decimal numbers; a person's float is never calculated with.

use ocean_primitives::{BaseUnits, Decimal, U256};

use crate::{
    error::{Error, Result},
    math::{add, mul, power_of_ten},
};

const SECONDS_PER_MINUTE: u64 = 60;

/// Old stack: what an environment costs for `seconds`, in base units of the fee token, rounded down at the end.
///
/// `price_per_minute` is the environment's `priceMin` in whole tokens, `decimals` those of the fee token. The whole time counts,
/// also beyond a day; the Python Provider drops whole days and calculates in floats, so its amounts are smaller.
///
/// # Errors
/// Numbers that do not fit 256 bits.
pub fn environment_fee(price_per_minute: Decimal, seconds: u64, decimals: u8) -> Result<BaseUnits> {
    let scaled = mul(mul(price_per_minute.digits(), U256::from(seconds))?, power_of_ten(decimals)?)?;
    Ok(BaseUnits(scaled / power_of_ten(price_per_minute.scale())? / U256::from(SECONDS_PER_MINUTE)))
}

/// A resource of an environment in the new stack, as much as a job asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// Whole fee tokens for one unit and one minute; zero where the environment names no price.
    pub price: Decimal,
    /// How many units: cores, gigabytes, devices.
    pub amount: Decimal,
}

/// New stack: the minutes that are paid for `seconds` of a job, begun minutes counting whole and no fewer than the environment's
/// minimum (`minJobDuration`, in seconds).
pub fn billed_minutes(seconds: u64, min_seconds: u64) -> u64 {
    seconds.max(min_seconds).div_ceil(SECONDS_PER_MINUTE)
}

/// New stack: what the resources cost for these minutes, in base units of the fee token: the sum over all resources first, times
/// the minutes, and then rounded to the nearest unit, half a unit up.
///
/// ocean-node calculates the same in floats, so its amount may differ in the last of more than fifteen digits: pay what a node
/// names.
///
/// # Errors
/// Numbers that do not fit 256 bits.
pub fn resources_cost(resources: &[Resource], minutes: u64, decimals: u8) -> Result<BaseUnits> {
    let scale_of = |resource: &Resource| u16::from(resource.price.scale()) + u16::from(resource.amount.scale());
    let scale = resources.iter().map(scale_of).max().unwrap_or_default();
    let mut sum = U256::ZERO;
    for resource in resources {
        let cost = mul(resource.price.digits(), resource.amount.digits())?;
        if !cost.is_zero() {
            sum = add(sum, mul(cost, power_of_ten(small(scale - scale_of(resource))?)?)?)?;
        }
    }
    let exact = mul(mul(sum, U256::from(minutes))?, power_of_ten(decimals)?)?;
    let unit = power_of_ten(small(scale)?)?;
    let (whole, rest) = exact.div_rem(unit);
    let up = rest >= unit - rest;
    if up { add(whole, U256::ONE).map(BaseUnits) } else { Ok(BaseUnits(whole)) }
}

fn small(scale: u16) -> Result<u8> {
    u8::try_from(scale).map_err(|_| Error::Overflow)
}

/// New stack: how long the escrow lock of a job must hold, in seconds: the longest run, the longest wait in the queue and the
/// time that the node takes to claim (an hour unless it is configured otherwise).
///
/// # Errors
/// A sum above 64 bits.
pub fn lock_seconds(max_job_duration: u64, max_queue_wait: u64, claim_timeout: u64) -> Result<u64> {
    let seconds = max_job_duration.checked_add(max_queue_wait).and_then(|seconds| seconds.checked_add(claim_timeout));
    seconds.ok_or(Error::Overflow)
}
