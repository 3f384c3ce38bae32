//! ECIES on secp256k1, byte for byte as eciespy and eciesjs do it in their default configuration.
//!
//! A ciphertext is an ephemeral public key (uncompressed, 65 bytes), the AES-GCM nonce (16 bytes), the tag (16 bytes) and
//! the encrypted bytes. The AES-256 key is HKDF-SHA256 without salt and info over the ephemeral public key and the shared
//! point, both uncompressed.

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInPlace as _, consts::U16},
    aes::Aes256,
};
use hkdf::Hkdf;
use k256::elliptic_curve::sec1::ToEncodedPoint as _;
use rand::{RngCore as _, rngs::OsRng};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    key::{PrivateKey, PublicKey},
};

/// How much longer a ciphertext is than its clear text.
pub const OVERHEAD: usize = POINT + NONCE + TAG;

const POINT: usize = 65;
const NONCE: usize = 16;
const TAG: usize = 16;

type Cipher = AesGcm<Aes256, U16>;

/// Encrypts `clear` for the holder of `receiver`'s private key, with a fresh ephemeral key and nonce.
pub fn encrypt(receiver: &PublicKey, clear: &[u8]) -> Vec<u8> {
    let ephemeral = PrivateKey::random();
    let point = ephemeral.public_key().to_uncompressed();
    let cipher = cipher(&point, &ephemeral, receiver);
    let mut nonce = [0; NONCE];
    OsRng.fill_bytes(&mut nonce);

    let mut out = Vec::with_capacity(OVERHEAD + clear.len());
    out.extend_from_slice(&point);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&[0; TAG]);
    out.extend_from_slice(clear);
    // AES-GCM refuses only what is longer than 64 GiB.
    #[expect(clippy::expect_used, reason = "see the line above")]
    let tag =
        cipher.encrypt_in_place_detached(&nonce.into(), &[], &mut out[OVERHEAD..]).expect("fits one AES-GCM message");
    out[OVERHEAD - TAG..OVERHEAD].copy_from_slice(&tag);
    out
}

/// Opens what was encrypted for `key`.
///
/// # Errors
/// Bytes that are too short, do not begin with a point of the curve, were made for another key or were changed. The
/// errors do not tell which of the last two it was.
pub fn decrypt(key: &PrivateKey, ciphertext: &[u8]) -> Result<Vec<u8>> {
    if ciphertext.len() < OVERHEAD {
        return Err(Error::CiphertextTooShort(ciphertext.len()));
    }
    let (header, encrypted) = ciphertext.split_at(OVERHEAD);
    let (point, rest) = header.split_at(POINT);
    let (nonce, tag) = rest.split_at(NONCE);
    let sender = PublicKey::from_bytes(point).map_err(|_| Error::Decrypt)?;
    let cipher = cipher(point, key, &sender);
    let mut clear = encrypted.to_vec();
    cipher.decrypt_in_place_detached(nonce.into(), &[], &mut clear, tag.into()).map_err(|_| Error::Decrypt)?;
    Ok(clear)
}

/// The cipher that `ours` and `theirs` share; `ephemeral` is the sender's public key.
fn cipher(ephemeral: &[u8], ours: &PrivateKey, theirs: &PublicKey) -> Cipher {
    let shared = (theirs.0.to_projective() * ours.secret_scalar().as_ref()).to_affine();
    let mut material = Zeroizing::new([0_u8; 2 * POINT]);
    material[..POINT].copy_from_slice(ephemeral);
    material[POINT..].copy_from_slice(shared.to_encoded_point(false).as_bytes());
    let mut key = Zeroizing::new([0_u8; 32]);
    // HKDF-SHA256 gives up to 255 blocks of 32 bytes.
    #[expect(clippy::expect_used, reason = "see the line above")]
    Hkdf::<Sha256>::new(None, material.as_slice()).expand(&[], key.as_mut_slice()).expect("32 bytes are one block");
    Cipher::new(key.as_ref().into())
}
