use std::fmt;

use crate::error::{Error, Result};

/// What was done to a document before it went on chain (the `flags` of `setMetaData`).
///
/// The numbers are those of the Python Provider and of ocean-node: 1 is LZMA, 2 is ECIES; with both, the document was
/// compressed first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flags(pub u8);

impl Flags {
    /// The document itself.
    pub const PLAIN: Self = Self(0);
    /// Compressed.
    pub const LZMA: Self = Self(1);
    /// Encrypted.
    pub const ECIES: Self = Self(2);

    /// Both sets of steps.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the payload is compressed.
    pub const fn is_compressed(self) -> bool {
        self.0 & Self::LZMA.0 != 0
    }

    /// Whether the payload is encrypted.
    pub const fn is_encrypted(self) -> bool {
        self.0 & Self::ECIES.0 != 0
    }

    /// Reads the `bytes flags` of an event: a big-endian number, where no bytes at all are [`Flags::PLAIN`].
    ///
    /// # Errors
    /// A number of 256 or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match bytes {
            [] => Ok(Self::PLAIN),
            [zeros @ .., flags] if zeros.iter().all(|byte| *byte == 0) => Ok(Self(*flags)),
            _ => Err(Error::Flags(format!("0x{}", hex::encode(&bytes[..bytes.len().min(32)])))),
        }
    }

    /// The one byte that goes into `setMetaData`.
    pub const fn to_bytes(self) -> [u8; 1] {
        [self.0]
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
