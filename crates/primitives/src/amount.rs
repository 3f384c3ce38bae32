use std::fmt;

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// `1e18`: one whole datatoken in base units, 100 % as a [`FeeRate`], and a price of 1 as a [`Rate`].
pub const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// An amount in a token's smallest unit (wei for an 18-decimals token).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BaseUnits(pub U256);

impl BaseUnits {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);

    /// The sum, or `None` where it does not fit 256 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` where it would be negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl fmt::Display for BaseUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<U256> for BaseUnits {
    fn from(raw: U256) -> Self {
        Self(raw)
    }
}

/// An amount with its token's decimals, for showing to and reading from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenAmount {
    /// The amount in base units.
    pub raw: U256,
    /// How many decimals the token has.
    pub decimals: u8,
}

impl TokenAmount {
    /// An amount given in base units.
    pub fn new(raw: U256, decimals: u8) -> Self {
        Self { raw, decimals }
    }

    /// Reads plain decimal text such as `1.5`: digits with at most one point, no sign, exponent or separators.
    ///
    /// # Errors
    /// Text that is not a plain number, more decimals than the token has (trailing zeros included), or more than 256 bits.
    pub fn parse(text: &str, decimals: u8) -> Result<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(Error::NotANumber(text.to_owned()));
        }
        if fraction.len() > usize::from(decimals) {
            return Err(Error::TooManyDecimals { text: text.to_owned(), decimals });
        }
        let padded = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
        let raw = U256::from_str_radix(&padded, 10).map_err(|_| Error::TooLarge(text.to_owned()))?;
        Ok(Self { raw, decimals })
    }

    /// The amount in base units.
    pub fn base_units(self) -> BaseUnits {
        BaseUnits(self.raw)
    }
}

impl fmt::Display for TokenAmount {
    /// Plain decimal text without trailing zeros; [`TokenAmount::parse`] reads it back to the same amount.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.raw.to_string();
        let decimals = usize::from(self.decimals);
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        match fraction.trim_end_matches('0') {
            "" => f.write_str(whole),
            fraction => write!(f, "{whole}.{fraction}"),
        }
    }
}

/// A fee as a fraction of an amount, where `1e18` is 100 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeeRate(pub U256);

impl FeeRate {
    /// No fee.
    pub const ZERO: Self = Self(U256::ZERO);

    /// Reads a percentage such as `0.1` (1e15); more than 16 decimals are an error.
    ///
    /// # Errors
    /// As [`TokenAmount::parse`].
    pub fn from_percent(text: &str) -> Result<Self> {
        TokenAmount::parse(text, 16).map(|percent| Self(percent.raw))
    }
}

impl fmt::Display for FeeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", TokenAmount::new(self.0, 16))
    }
}

/// The price of one whole datatoken in whole base tokens, scaled by `1e18` whatever the base token's decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub U256);

impl Rate {
    /// Reads a price such as `2.5`.
    ///
    /// # Errors
    /// As [`TokenAmount::parse`] with 18 decimals.
    pub fn parse(text: &str) -> Result<Self> {
        TokenAmount::parse(text, 18).map(|rate| Self(rate.raw))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TokenAmount::new(self.0, 18).fmt(f)
    }
}
