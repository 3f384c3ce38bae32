use std::{fmt, str::FromStr};

use ocean_primitives::{Address, ChainId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result, address};

/// The most bytes [`Did::parse`] accepts.
///
/// A derived identifier has 71 or 72; peers put no bound on it, and 256 leaves room for the odd identifiers found in old documents.
pub const MAX_DID_BYTES: usize = 256;

/// How an asset's identifier begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// `did:op:`, documents of version 4.
    Op,
    /// `did:ope:`, documents of version 5 (Ocean Enterprise).
    Ope,
}

impl Method {
    /// The text an identifier of this method begins with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Op => "did:op:",
            Self::Ope => "did:ope:",
        }
    }
}

/// The decentralised identifier of an asset, kept as the text it was given in.
///
/// `did = prefix ++ hex(sha256(EIP-55(data NFT) ++ decimal(chain id)))`, 71 bytes for `did:op:` and 72 for `did:ope:`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Did(Box<str>);

impl Did {
    /// The identifier of the asset of `nft` on `chain`, for a document of version 4.
    pub fn op(nft: Address, chain: ChainId) -> Self {
        Self::derive(Method::Op, nft, chain)
    }

    /// The identifier of the asset of `nft` on `chain`, for a document of version 5.
    pub fn ope(nft: Address, chain: ChainId) -> Self {
        Self::derive(Method::Ope, nft, chain)
    }

    /// The identifier of the asset of `nft` on `chain` under `method`.
    pub fn derive(method: Method, nft: Address, chain: ChainId) -> Self {
        Self::hash(method, nft.to_checksum_buffer(None).as_str(), &chain.get().to_string())
    }

    /// The identifier as ocean.py and the Python Provider compute it: the address goes into the hash as it is written.
    ///
    /// For any spelling but EIP-55 this is not the identifier that other peers derive. It exists to talk to those two; publish with [`Did::op`].
    pub fn op_as_given(nft: &str, chain: ChainId) -> Self {
        Self::hash(Method::Op, nft, &chain.get().to_string())
    }

    /// The identifier over two texts as they stand, with nothing read and nothing normalised.
    ///
    /// For comparing with a peer on input that is no address or no chain id of 64 bits; [`Did::op`] is what assets have.
    pub fn hash(method: Method, nft: &str, chain: &str) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digest = Sha256::new().chain_update(nft).chain_update(chain).finalize();
        let mut text = String::with_capacity(method.prefix().len() + 64);
        text.push_str(method.prefix());
        for byte in digest {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        Self(text.into_boxed_str())
    }

    /// The identifier from an address in any spelling that ddo.js, ocean.js and ocean-node accept.
    ///
    /// # Errors
    /// See [`address::ethers`]: a wrong checksum is told apart from a text that is no address.
    pub fn from_address_text(method: Method, nft: &str, chain: ChainId) -> Result<Self> {
        Ok(Self::derive(method, address::ethers(nft)?, chain))
    }

    /// Reads an identifier the way peers do: it begins with `did:op`, nothing else is required of its content.
    ///
    /// We add a bound on its length and refuse white space and control characters, which no peer produces.
    ///
    /// # Errors
    /// [`Error::Prefix`], [`Error::TooLong`] or [`Error::Character`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::check(text)?;
        Ok(Self(text.into()))
    }

    /// Whether the identifier has exactly the form that derivation gives: the prefix and 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Prefix`] or [`Error::Digest`].
    pub fn validate_strict(&self) -> Result<()> {
        let method = self.method();
        let digest = self.0.strip_prefix(method.prefix()).ok_or(Error::Prefix)?;
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digest.len() == 64 && digest.bytes().all(lower_hex) {
            Ok(())
        } else {
            Err(Error::Digest { method: method.prefix() })
        }
    }

    /// Which method the identifier names; what begins with neither prefix in full counts as [`Method::Op`].
    pub fn method(&self) -> Method {
        if self.0.starts_with(Method::Ope.prefix()) { Method::Ope } else { Method::Op }
    }

    /// Whether the identifier is the one that its own method derives from `nft` and `chain`.
    pub fn belongs_to(&self, nft: Address, chain: ChainId) -> bool {
        *self == Self::derive(self.method(), nft, chain)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<()> {
        if text.len() > MAX_DID_BYTES {
            return Err(Error::TooLong(text.len()));
        }
        if !text.starts_with("did:op") {
            return Err(Error::Prefix);
        }
        match text.char_indices().find(|(_, char)| char.is_whitespace() || char.is_control()) {
            Some((at, _)) => Err(Error::Character(at)),
            None => Ok(()),
        }
    }
}

impl FromStr for Did {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Did {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::check(&text)?;
        Ok(Self(text.into_boxed_str()))
    }
}

impl AsRef<str> for Did {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Did({})", self.0)
    }
}

impl Serialize for Did {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Did {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Did;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a DID")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Did, E> {
                Did::parse(text).map_err(E::custom)
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Did, E> {
                Did::try_from(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_string(Visitor)
    }
}
