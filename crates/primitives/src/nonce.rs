use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

/// The longest text that is read as a nonce.
const MAX_LENGTH: usize = 128;

/// A request nonce: a non-negative decimal number of any size, with or without a fraction, ordered by value.
///
/// Clients count in seconds, milliseconds, nanoseconds or fractions of a second (`1700000000.25`, also `1.7e9`), so a
/// fixed-width integer would refuse honest ones. A signed message always uses the text as it was sent, never this form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nonce {
    whole: String,
    fraction: String,
}

impl Nonce {
    /// The smallest nonce.
    pub fn zero() -> Self {
        Self { whole: "0".to_owned(), fraction: String::new() }
    }

    /// The next whole number above this nonce.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut digits = self.whole.clone().into_bytes();
        for digit in digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return Self::from_digits(&digits);
            }
            *digit = b'0';
        }
        digits.insert(0, b'1');
        Self::from_digits(&digits)
    }

    fn from_digits(whole: &[u8]) -> Self {
        Self { whole: String::from_utf8_lossy(whole).into_owned(), fraction: String::new() }
    }

    /// Moves the decimal point by `exponent` places; bounded, so that `1e999999999` costs nothing.
    fn scaled(whole: &str, fraction: &str, exponent: i64) -> Option<Self> {
        let digits = format!("{whole}{fraction}");
        let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
        let limit = i64::try_from(MAX_LENGTH).ok()?;
        if !(-limit..=limit).contains(&point) {
            return None;
        }
        let (whole, fraction) = match usize::try_from(point) {
            Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
            Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
            Err(_) => (String::new(), format!("{}{digits}", "0".repeat(usize::try_from(-point).ok()?))),
        };
        let whole = match whole.trim_start_matches('0') {
            "" => "0".to_owned(),
            whole => whole.to_owned(),
        };
        let fraction = fraction.trim_end_matches('0').to_owned();
        // What is accepted can be written down and read again.
        (whole.len() + fraction.len() < MAX_LENGTH).then_some(Self { whole, fraction })
    }
}

impl From<u64> for Nonce {
    fn from(value: u64) -> Self {
        Self { whole: value.to_string(), fraction: String::new() }
    }
}

impl FromStr for Nonce {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parse = || {
            if text.len() > MAX_LENGTH {
                return None;
            }
            let (mantissa, exponent) = match text.split_once(['e', 'E']) {
                Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
                None => (text, 0),
            };
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            if whole.is_empty() || !digits(whole) || !digits(fraction) {
                return None;
            }
            Self::scaled(whole, fraction, exponent)
        };
        parse().ok_or_else(|| Error::Nonce(text.chars().take(MAX_LENGTH).collect()))
    }
}

impl Ord for Nonce {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.whole.len(), &self.whole, &self.fraction).cmp(&(other.whole.len(), &other.whole, &other.fraction))
    }
}

impl PartialOrd for Nonce {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)?;
        if self.fraction.is_empty() { Ok(()) } else { write!(f, ".{}", self.fraction) }
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
