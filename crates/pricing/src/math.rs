use ocean_primitives::{FeeRate, ONE, U256};

use crate::error::{Error, Result};

/// The fee on an amount: multiplied first, divided last, rounded down.
pub(crate) fn fee(amount: U256, rate: FeeRate) -> Result<U256> {
    Ok(mul(amount, rate.0)? / ONE)
}

pub(crate) fn mul(a: U256, b: U256) -> Result<U256> {
    a.checked_mul(b).ok_or(Error::Overflow)
}

pub(crate) fn add(a: U256, b: U256) -> Result<U256> {
    a.checked_add(b).ok_or(Error::Overflow)
}

/// `10^exponent`, which fits 256 bits up to 77.
pub(crate) fn power_of_ten(exponent: u8) -> Result<U256> {
    U256::from(10).checked_pow(U256::from(exponent)).ok_or(Error::Overflow)
}
