use ocean_primitives::Address;

/// What can go wrong with keys, ciphertexts, payloads and signatures.
///
/// No variant carries a secret, a clear document, a signature or the text that failed to parse as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text or bytes are not a secp256k1 private key: 32 bytes of hex, not zero, below the group order.
    #[error("not a secp256k1 private key")]
    PrivateKey,
    /// The bytes are not a point of secp256k1 in compressed or uncompressed form.
    #[error("not a secp256k1 public key")]
    PublicKey,
    /// A signature is not the hex of 65 bytes. Only its length in bytes of text is kept: signatures do not belong in logs.
    #[error("a signature is the hex of 65 bytes, not a text of {0}")]
    SignatureForm(usize),
    /// The recovery byte is none of 0, 1, 27 and 28, or not one that the contracts accept (27 and 28).
    #[error("{0} is not a recovery byte of a signature")]
    RecoveryByte(u8),
    /// No key can have made this signature: `r` or `s` is zero, too large, or no point.
    #[error("no key can be recovered from the signature")]
    Unrecoverable,
    /// A ciphertext is shorter than its 97 bytes of overhead.
    #[error("a ciphertext of {0} bytes is shorter than its overhead of 97 bytes")]
    CiphertextTooShort(usize),
    /// The ciphertext was made for another key, or was changed or cut.
    #[error("the ciphertext does not decrypt with this key")]
    Decrypt,
    /// The payload is encrypted and no key was given.
    #[error("the payload is encrypted and needs a key")]
    KeyNeeded,
    /// The payload is neither xz nor legacy lzma, or it is damaged or cut.
    #[error("the payload does not decompress: {0}")]
    Decompress(String),
    /// The document cannot be compressed.
    #[error("the document does not compress: {0}")]
    Compress(String),
    /// The document is longer than allowed; nothing beyond the limit was produced.
    #[error("the document is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The flags on chain are not one number below 256, or name a step that does not exist.
    #[error("unknown payload flags `{0}`")]
    Flags(String),
    /// The fields of a provider fee were signed by somebody else, or changed afterwards.
    #[error("the provider fee names {named} and is signed by {signer}")]
    FeeSigner {
        /// `providerFeeAddress`.
        named: Address,
        /// Who signed these fields.
        signer: Address,
    },
    /// A document hash was signed by somebody else than the validator that is named.
    #[error("the proof names {named} and is signed by {signer}")]
    ProofSigner {
        /// The validator that is named.
        named: Address,
        /// Who signed.
        signer: Address,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
