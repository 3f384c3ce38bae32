//! Bytes that only the holder of a key opens again: AES-256-GCM under a key derived from it for this one purpose.
//!
//! A sealed text is the nonce (16 random bytes), the tag (16 bytes) and the encrypted bytes. No peer reads it: ocean-node's own
//! form uses its signing key and a fixed nonce.

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInPlace as _, consts::U16},
    aes::Aes256,
};
use hkdf::Hkdf;
use rand::{RngCore as _, rngs::OsRng};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    key::PrivateKey,
};

const NONCE: usize = 16;
const TAG: usize = 16;

/// What the derived key is for.
const PURPOSE: &[u8] = b"ocean sealed file";

type Cipher = AesGcm<Aes256, U16>;

/// Seals `clear` with a fresh nonce.
pub fn seal(key: &PrivateKey, clear: &[u8]) -> Vec<u8> {
    let mut out = vec![0; NONCE + TAG];
    OsRng.fill_bytes(&mut out[..NONCE]);
    out.extend_from_slice(clear);
    let (header, body) = out.split_at_mut(NONCE + TAG);
    let (nonce, tag) = header.split_at_mut(NONCE);
    // AES-GCM refuses only what is longer than 64 GiB.
    #[expect(clippy::expect_used, reason = "see the line above")]
    let made = cipher(key).encrypt_in_place_detached((&*nonce).into(), &[], body).expect("fits one AES-GCM message");
    tag.copy_from_slice(&made);
    out
}

/// Opens what the same key has sealed.
///
/// # Errors
/// Too short, sealed with another key, or changed.
pub fn open(key: &PrivateKey, sealed: &[u8]) -> Result<Vec<u8>> {
    if sealed.len() < NONCE + TAG {
        return Err(Error::CiphertextTooShort(sealed.len()));
    }
    let (header, encrypted) = sealed.split_at(NONCE + TAG);
    let (nonce, tag) = header.split_at(NONCE);
    let mut clear = encrypted.to_vec();
    let opened = cipher(key).decrypt_in_place_detached(nonce.into(), &[], &mut clear, tag.into());
    opened.map_err(|_| Error::Decrypt)?;
    Ok(clear)
}

fn cipher(key: &PrivateKey) -> Cipher {
    let mut derived = Zeroizing::new([0_u8; 32]);
    // HKDF-SHA256 gives up to 255 blocks of 32 bytes.
    #[expect(clippy::expect_used, reason = "see the line above")]
    Hkdf::<Sha256>::new(None, key.to_bytes().as_slice()).expand(PURPOSE, derived.as_mut_slice()).expect("one block");
    Cipher::new(derived.as_ref().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_what_was_not_changed() {
        let (key, clear) = (PrivateKey::random(), b"a file".as_slice());
        let sealed = seal(&key, clear);
        assert_ne!(sealed, seal(&key, clear), "a nonce of its own each time");
        assert_eq!(open(&key, &sealed).unwrap(), clear);
        assert_eq!(open(&key, &seal(&key, b"")).unwrap(), b"");
        assert!(open(&PrivateKey::random(), &sealed).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open(&key, &changed).is_err(), "{place}");
        }
        for length in 0..sealed.len() {
            assert!(open(&key, &sealed[..length]).is_err(), "{length}");
        }
    }
}
