use std::{fmt, str::FromStr};

use alloy_primitives::U256;

use crate::error::{Error, Result};

/// The most decimals that a [`Decimal`] keeps: `10^77` is the largest power of ten in 256 bits.
const MAX_SCALE: u8 = 77;

/// An exact number that is not negative, such as a price per minute: digits and the place of the point, never a float.
///
/// Trailing zeros after the point are dropped, so that equal numbers are equal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    digits: U256,
    scale: u8,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { digits: U256::ZERO, scale: 0 };

    /// Reads plain decimal text such as `2.3`: digits with at most one point, no sign, exponent or separators.
    ///
    /// # Errors
    /// Text that is not a plain number, more than 77 decimals, or more than 256 bits.
    pub fn parse(text: &str) -> Result<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(Error::NotANumber(text.to_owned()));
        }
        Self::from_parts(text, whole, fraction, 0)
    }

    /// Reads a number as JSON and Python write it: as [`parse`](Self::parse), and with an exponent such as `1e-07`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); a negative number is not a number here.
    pub fn parse_json(text: &str) -> Result<Self> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
            return Self::parse(text);
        };
        let bad = || Error::NotANumber(text.to_owned());
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self::parse(mantissa).map_err(|_| bad())?;
        // Not even zero is written with an exponent that does not fit: such text comes from nobody who means a price.
        let exponent = exponent.parse::<i16>().map_err(|_| Error::TooLarge(text.to_owned()))?;
        Self::from_parts(text, whole, fraction, exponent)
    }

    fn from_parts(text: &str, whole: &str, fraction: &str, exponent: i16) -> Result<Self> {
        let too_large = || Error::TooLarge(text.to_owned());
        let all = format!("{whole}{fraction}");
        let significant = all.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        let dropped = all.len() - significant.len();
        // How far left of the last digit the point stands; negative where zeros follow.
        let scale = i64::try_from(fraction.len()).map_err(|_| too_large())?
            - i64::try_from(dropped).map_err(|_| too_large())?
            - i64::from(exponent);
        let digits = U256::from_str_radix(significant, 10).map_err(|_| too_large())?;
        match u8::try_from(scale) {
            Ok(scale) if scale <= MAX_SCALE => Ok(Self { digits, scale }),
            Ok(_) => Err(Error::TooManyDecimals { text: text.to_owned(), decimals: MAX_SCALE }),
            Err(_) if scale > 0 => Err(Error::TooManyDecimals { text: text.to_owned(), decimals: MAX_SCALE }),
            Err(_) => {
                let zeros = U256::from(scale.unsigned_abs());
                let power = U256::from(10).checked_pow(zeros).ok_or_else(too_large)?;
                let digits = digits.checked_mul(power).ok_or_else(too_large)?;
                Ok(Self { digits, scale: 0 })
            }
        }
    }

    /// The number without its point: the number is `digits / 10^scale`.
    pub fn digits(self) -> U256 {
        self.digits
    }

    /// How many digits stand after the point, at most 77.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.digits.is_zero()
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self { digits: U256::from(number), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = Error;

    /// As [`Decimal::parse`].
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Decimal {
    /// Plain decimal text without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::TokenAmount::new(self.digits, self.scale).fmt(f)
    }
}
