use std::{fmt, str::FromStr};

use alloy_primitives::B256;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

/// The id of an EVM chain; never zero.
///
/// It is written as a JSON number and read from a number, a decimal text or a `0x` text: peers send all three.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainId(u64);

impl ChainId {
    /// The chain id of a local development network (Barge and this workspace's testbed).
    pub const DEVELOPMENT: Self = Self(8996);

    /// # Errors
    /// Zero is not a chain id.
    pub fn new(id: u64) -> Result<Self> {
        if id == 0 { Err(Error::ChainId(id.to_string())) } else { Ok(Self(id)) }
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for ChainId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::ChainId(text.to_owned());
        let digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = match text.strip_prefix("0x") {
            Some(hex) if digits(hex) => u64::from_str_radix(hex, 16),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse(),
            _ => return Err(bad()),
        };
        Self::new(id.map_err(|_| bad())?).map_err(|_| bad())
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainId({})", self.0)
    }
}

impl Serialize for ChainId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for ChainId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = ChainId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a chain id as a number or as text")
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<ChainId, E> {
                ChainId::new(id).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<ChainId, E> {
                u64::try_from(id)
                    .map_err(|_| E::custom(Error::ChainId(id.to_string())))
                    .and_then(|id| self.visit_u64(id))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ChainId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The `id` of a service inside a DDO: free text, never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ServiceId(String);

impl ServiceId {
    /// # Errors
    /// The empty text is not a service id.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        if id.is_empty() { Err(Error::EmptyServiceId) } else { Ok(Self(id)) }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ServiceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The id of an exchange inside one fixed-rate exchange contract: `keccak256(abi.encode(baseToken, datatoken))`.
///
/// The same id exists in every fixed-rate contract and on every chain with equal addresses, so it is a key only together
/// with the chain and the contract (FixedRateExchange.sol:291).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExchangeId(pub B256);

impl ExchangeId {
    /// The id of the exchange that sells `datatoken` for `base_token`.
    pub fn derive(base_token: alloy_primitives::Address, datatoken: alloy_primitives::Address) -> Self {
        let mut encoded = [0_u8; 64];
        encoded[12..32].copy_from_slice(base_token.as_slice());
        encoded[44..].copy_from_slice(datatoken.as_slice());
        Self(alloy_primitives::keccak256(encoded))
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
