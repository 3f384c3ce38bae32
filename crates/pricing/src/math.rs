use std::sync::LazyLock;

use ocean_primitives::{FeeRate, ONE, U256};

use crate::error::{Error, Result};

/// The powers of ten that fit 256 bits.
static POWERS: LazyLock<[U256; 78]> =
    LazyLock::new(|| std::array::from_fn(|exponent| U256::from(10).pow(U256::from(exponent))));

/// The fee on an amount: multiplied first, divided last, rounded down.
pub(crate) fn fee(amount: U256, rate: FeeRate) -> Result<U256> {
    Ok(divide(mul(amount, rate.0)?, ONE))
}

/// A quotient rounded down; most amounts fit 128 bits, where the machine divides several times faster. Division by zero is nothing.
pub(crate) fn divide(amount: U256, divisor: U256) -> U256 {
    match (u128::try_from(amount), u128::try_from(divisor)) {
        (Ok(amount), Ok(divisor)) => U256::from(amount.checked_div(divisor).unwrap_or_default()),
        _ => amount.checked_div(divisor).unwrap_or_default(),
    }
}

/// A fee between two bounds, as the enterprise fee collector asks it: where the bounds contradict each other, the minimum
/// holds, because it is looked at first (EnterpriseFeeCollector.sol:228).
pub(crate) fn bounded(fee: U256, min: U256, max: U256) -> U256 {
    if fee < min {
        min
    } else if fee > max {
        max
    } else {
        fee
    }
}

pub(crate) fn mul(a: U256, b: U256) -> Result<U256> {
    a.checked_mul(b).ok_or(Error::Overflow)
}

pub(crate) fn add(a: U256, b: U256) -> Result<U256> {
    a.checked_add(b).ok_or(Error::Overflow)
}

/// `10^exponent`, which fits 256 bits up to 77.
pub(crate) fn power_of_ten(exponent: u8) -> Result<U256> {
    POWERS.get(usize::from(exponent)).copied().ok_or(Error::Overflow)
}
