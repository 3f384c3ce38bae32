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
use k256::{
    AffinePoint, NonZeroScalar, ProjectivePoint,
    elliptic_curve::{ops::MulByGenerator as _, point::BatchNormalize as _, sec1::ToEncodedPoint as _},
};
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
    seal(|ephemeral| receiver.0.to_projective() * ephemeral.as_ref(), clear)
}

/// As [`encrypt`] for the holder's own public key, in two thirds of the time: who knows the private key reaches the shared point
/// from the generator, whose multiples are tabulated.
pub fn encrypt_for_self(key: &PrivateKey, clear: &[u8]) -> Vec<u8> {
    seal(|ephemeral| ProjectivePoint::mul_by_generator(&(**key.secret_scalar() * **ephemeral)), clear)
}

/// Encrypts with the point that `share` makes of the ephemeral key.
fn seal(share: impl FnOnce(&NonZeroScalar) -> ProjectivePoint, clear: &[u8]) -> Vec<u8> {
    let ephemeral = Zeroizing::new(NonZeroScalar::random(&mut OsRng));
    let points = [ProjectivePoint::mul_by_generator(ephemeral.as_ref()), share(&ephemeral)];
    let [ephemeral, shared] = ProjectivePoint::batch_normalize(&points);
    let ephemeral = ephemeral.to_encoded_point(false);
    let cipher = cipher(ephemeral.as_bytes(), &shared);
    let mut nonce = [0; NONCE];
    OsRng.fill_bytes(&mut nonce);

    let mut out = Vec::with_capacity(OVERHEAD + clear.len());
    out.extend_from_slice(ephemeral.as_bytes());
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
    let shared = (sender.0.to_projective() * key.secret_scalar().as_ref()).to_affine();
    let cipher = cipher(point, &shared);
    let mut clear = encrypted.to_vec();
    cipher.decrypt_in_place_detached(nonce.into(), &[], &mut clear, tag.into()).map_err(|_| Error::Decrypt)?;
    Ok(clear)
}

/// The cipher that both sides share with the point `shared`; `ephemeral` is the sender's public key.
fn cipher(ephemeral: &[u8], shared: &AffinePoint) -> Cipher {
    let mut material = Zeroizing::new([0_u8; 2 * POINT]);
    material[..POINT].copy_from_slice(ephemeral);
    material[POINT..].copy_from_slice(shared.to_encoded_point(false).as_bytes());
    let mut key = Zeroizing::new([0_u8; 32]);
    // HKDF-SHA256 gives up to 255 blocks of 32 bytes.
    #[expect(clippy::expect_used, reason = "see the line above")]
    Hkdf::<Sha256>::new(None, material.as_slice()).expand(&[], key.as_mut_slice()).expect("32 bytes are one block");
    Cipher::new(key.as_ref().into())
}
