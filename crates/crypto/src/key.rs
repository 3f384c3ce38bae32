use std::{fmt, str::FromStr};

use k256::{
    ecdsa::{RecoveryId, SigningKey, VerifyingKey},
    elliptic_curve::sec1::ToEncodedPoint,
};
use ocean_primitives::{Address, B256, keccak256};
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// A secp256k1 private key: signs requests, fees and proofs, and opens what was encrypted for its public key.
///
/// It is wiped from memory when dropped, and its `Debug` form shows only the address.
#[derive(Clone)]
pub struct PrivateKey {
    key: SigningKey,
    address: Address,
}

impl PrivateKey {
    /// A new key from the operating system's random source.
    pub fn random() -> Self {
        Self::from_signing_key(SigningKey::random(&mut OsRng))
    }

    /// # Errors
    /// Zero and numbers from the group order on are not keys.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self> {
        SigningKey::from_slice(bytes).map(Self::from_signing_key).map_err(|_| Error::PrivateKey)
    }

    fn from_signing_key(key: SigningKey) -> Self {
        let address = address_of(key.verifying_key());
        Self { key, address }
    }

    /// The secret itself; the copy is wiped when dropped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
    }

    /// The account of this key.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The key that others encrypt for.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(k256::PublicKey::from(self.key.verifying_key()))
    }

    /// Signs a digest deterministically (RFC 6979) with the lower of the two possible `s`; `v` is 27 or 28.
    pub fn sign_digest(&self, digest: B256) -> Signature {
        // A 32-byte digest and a valid key always have a signature: the deterministic nonce is retried until one exists.
        #[expect(clippy::expect_used, reason = "see the line above")]
        let (signature, recovery) = self.key.sign_prehash_recoverable(digest.as_slice()).expect("32-byte digest");
        let (r, s) = signature.split_bytes();
        Signature { r: B256::from_slice(&r), s: B256::from_slice(&s), v: 27 + recovery.to_byte() }
    }

    pub(crate) fn secret_scalar(&self) -> &k256::NonZeroScalar {
        self.key.as_nonzero_scalar()
    }
}

impl FromStr for PrivateKey {
    type Err = Error;

    /// Reads 64 hexadecimal digits with or without `0x`, as peers' configurations hold them.
    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), bytes.as_mut_slice())
            .map_err(|_| Error::PrivateKey)?;
        Self::from_bytes(&bytes)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A secp256k1 public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub(crate) k256::PublicKey);

impl PublicKey {
    /// Reads the compressed (33 bytes) or the uncompressed form (65 bytes).
    ///
    /// # Errors
    /// Bytes that are not a point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        k256::PublicKey::from_sec1_bytes(bytes).map(Self).map_err(|_| Error::PublicKey)
    }

    /// `0x04`, then both coordinates.
    pub fn to_uncompressed(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes.copy_from_slice(self.0.to_encoded_point(false).as_bytes());
        bytes
    }

    /// `0x02` or `0x03`, then the first coordinate.
    pub fn to_compressed(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(self.0.to_encoded_point(true).as_bytes());
        bytes
    }

    /// The account of this key.
    pub fn address(&self) -> Address {
        address_of(&VerifyingKey::from(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(0x{})", hex::encode(self.to_compressed()))
    }
}

fn address_of(key: &VerifyingKey) -> Address {
    Address::from_slice(&keccak256(&key.to_encoded_point(false).as_bytes()[1..])[12..])
}

/// A recoverable ECDSA signature as the contracts take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// First half.
    pub r: B256,
    /// Second half.
    pub s: B256,
    /// 27 or 28 in everything that this crate makes; 0 and 1 are what some clients send.
    pub v: u8,
}

impl Signature {
    /// `r ‖ s ‖ v`.
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[..32].copy_from_slice(self.r.as_slice());
        bytes[32..64].copy_from_slice(self.s.as_slice());
        bytes[64] = self.v;
        bytes
    }

    /// Who signed `digest`.
    ///
    /// `v` may be 0, 1, 27 or 28. A high `s` is accepted: the contracts do, and nothing here uses a signature as an id.
    ///
    /// # Errors
    /// Another `v`, or numbers that no key can have made.
    pub fn recover(&self, digest: B256) -> Result<Address> {
        let odd = match self.v {
            0 | 27 => false,
            1 | 28 => true,
            v => return Err(Error::RecoveryByte(v)),
        };
        let signature = k256::ecdsa::Signature::from_scalars(self.r.0, self.s.0).map_err(|_| Error::Unrecoverable)?;
        // k256 refuses a high `s`; mirroring it also mirrors the point.
        let (signature, odd) = match signature.normalize_s() {
            Some(low) => (low, !odd),
            None => (signature, odd),
        };
        VerifyingKey::recover_from_prehash(digest.as_slice(), &signature, RecoveryId::new(odd, false))
            .map(|key| address_of(&key))
            .map_err(|_| Error::Unrecoverable)
    }
}

impl fmt::Display for Signature {
    /// `0x` and 130 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl FromStr for Signature {
    type Err = Error;

    /// Reads 65 bytes of hex with or without `0x`; `v` is kept as given.
    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = [0_u8; 65];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes)
            .map_err(|_| Error::SignatureForm(text.len()))?;
        Ok(Self { r: B256::from_slice(&bytes[..32]), s: B256::from_slice(&bytes[32..64]), v: bytes[64] })
    }
}
