/// What can be wrong with an identifier or with the address it is derived from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not begin with `did:op`, the one thing every peer asks for.
    #[error("a DID begins with `did:op:` or `did:ope:`")]
    Prefix,
    /// The text is longer than [`MAX_DID_BYTES`](crate::MAX_DID_BYTES).
    #[error("a DID has at most {max} bytes, not {0}", max = crate::MAX_DID_BYTES)]
    TooLong(usize),
    /// The text contains white space or a control character.
    #[error("a DID contains no white space and no control characters (byte {0})")]
    Character(usize),
    /// Strict only: what follows the method is not 64 lower-case hexadecimal digits.
    #[error("the identifier after `{method}` must be 64 lower-case hexadecimal digits")]
    Digest {
        /// The prefix of the method, `did:op:` or `did:ope:`.
        method: &'static str,
    },
    /// The text is not an Ethereum address.
    #[error("`{0}` is not an address")]
    NotAnAddress(String),
    /// The text is an address in mixed case whose EIP-55 (or ICAP) checksum is wrong.
    #[error("`{0}` is an address with a wrong checksum")]
    BadChecksum(String),
}

impl Error {
    /// Whether an address is well formed but its checksum is not.
    pub const fn is_bad_checksum(&self) -> bool {
        matches!(self, Self::BadChecksum(_))
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
