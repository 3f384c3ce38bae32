/// What can be wrong with a textual value of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a plain decimal number.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// The text has more decimals than the token.
    #[error("`{text}` has more than {decimals} decimals")]
    TooManyDecimals {
        /// The amount as it was given.
        text: String,
        /// How many decimals the token has.
        decimals: u8,
    },
    /// The value does not fit 256 bits.
    #[error("`{0}` does not fit 256 bits")]
    TooLarge(String),
    /// The text is not a chain id, a decimal or `0x` integer above zero.
    #[error("`{0}` is not a chain id")]
    ChainId(String),
    /// The text is not a nonce: a non-negative decimal number of at most 128 characters.
    #[error("`{0}` is not a nonce")]
    Nonce(String),
    /// A service id is empty.
    #[error("a service id must not be empty")]
    EmptyServiceId,
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
