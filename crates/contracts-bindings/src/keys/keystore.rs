//! Keystore files of version 3, the format of geth and of every wallet (Web3 Secret Storage).

use std::path::Path;

use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use alloy::primitives::{B256, hex, keccak256};
use ocean_crypto::PrivateKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::KeyError;

/// The length of the derived key: half is the cipher's key, half is for the checksum.
const DERIVED: usize = 32;
/// The most memory that opening a file may take, in bytes: scrypt needs 128 times `n` times `r`. Geth's files take 256 MiB.
const MOST_MEMORY: u64 = 1 << 30;
/// The most rounds of hashing that opening a file may take.
const MOST_ROUNDS: u64 = 1 << 24;

#[derive(Serialize, Deserialize)]
struct Keystore {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
    id: String,
    version: u8,
}

#[derive(Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { dklen: u64, n: u64, r: u32, p: u32, salt: String },
    Pbkdf2 { dklen: u64, c: u32, prf: String, salt: String },
}

/// Reads a keystore file with its password.
///
/// Derivation takes about a second by design: call it away from an asynchronous runtime.
///
/// # Errors
/// The file cannot be read, and as [`from_keystore`].
pub fn from_keystore_file(path: &Path, password: &str) -> Result<PrivateKey, KeyError> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| KeyError::Read { path: path.display().to_string(), source })?;
    from_keystore(&text, password)
}

/// Opens the text of a keystore of version 3 with its password: AES-128-CTR under scrypt or PBKDF2.
///
/// # Errors
/// It is no such keystore, asks for more than 1 GiB of memory, or the password is another one.
pub fn from_keystore(text: &str, password: &str) -> Result<PrivateKey, KeyError> {
    let store: Keystore = serde_json::from_str(text).map_err(|error| KeyError::Keystore(error.to_string()))?;
    if store.version != 3 {
        return Err(wrong("only version 3 is known"));
    }
    let crypto = store.crypto;
    if crypto.cipher != "aes-128-ctr" {
        return Err(wrong("only the cipher aes-128-ctr is known"));
    }
    let iv: [u8; 16] = bytes("iv", &crypto.cipherparams.iv)?.try_into().map_err(|_| wrong("`iv` is not 16 bytes"))?;
    let mut ciphertext = Zeroizing::new(bytes("ciphertext", &crypto.ciphertext)?);
    if ciphertext.is_empty() || ciphertext.len() > 32 {
        return Err(wrong("`ciphertext` is not 32 bytes"));
    }
    let mac = B256::try_from(bytes("mac", &crypto.mac)?.as_slice()).map_err(|_| wrong("`mac` is not 32 bytes"))?;
    let derived = derive(&crypto.kdf, password)?;
    if checksum(&derived, &ciphertext) != mac {
        return Err(KeyError::Password);
    }
    apply(&derived, iv, &mut ciphertext);
    // Old wallets left the zeros out that a key may begin with.
    let mut secret = Zeroizing::new([0; 32]);
    secret[32 - ciphertext.len()..].copy_from_slice(&ciphertext);
    PrivateKey::from_bytes(&secret).map_err(KeyError::Key)
}

/// The text of a keystore of version 3 under scrypt with geth's parameters (n 262144, r 8, p 1).
///
/// # Errors
/// None that are known; the cipher's library could refuse.
pub fn to_keystore(key: &PrivateKey, password: &str) -> Result<String, KeyError> {
    // Fresh keys are the one source of randomness that this crate has.
    let random = || PrivateKey::random().to_bytes();
    let (salt, other) = (random(), random());
    let mut iv = [0; 16];
    iv.copy_from_slice(&keccak256(*other)[..16]);
    let kdf = Kdf::Scrypt { dklen: DERIVED as u64, n: 1 << 18, r: 8, p: 1, salt: hex::encode(keccak256(*salt)) };
    let derived = derive(&kdf, password)?;
    let mut secret = key.to_bytes();
    apply(&derived, iv, secret.as_mut_slice());
    let id = hex::encode(&keccak256(random().as_slice())[..16]);
    let store = Keystore {
        address: Some(hex::encode(key.address())),
        crypto: Crypto {
            cipher: "aes-128-ctr".to_owned(),
            cipherparams: CipherParams { iv: hex::encode(iv) },
            ciphertext: hex::encode(secret.as_slice()),
            mac: hex::encode(checksum(&derived, secret.as_slice())),
            kdf,
        },
        // Version 4 of a UUID: random but for six bits.
        id: format!("{}-{}-4{}-a{}-{}", &id[..8], &id[8..12], &id[13..16], &id[17..20], &id[20..32]),
        version: 3,
    };
    serde_json::to_string(&store).map_err(|error| KeyError::Keystore(error.to_string()))
}

fn derive(kdf: &Kdf, password: &str) -> Result<Zeroizing<[u8; DERIVED]>, KeyError> {
    let mut derived = Zeroizing::new([0; DERIVED]);
    let length = match kdf {
        Kdf::Scrypt { dklen, .. } | Kdf::Pbkdf2 { dklen, .. } => *dklen,
    };
    if length != DERIVED as u64 {
        return Err(wrong("`dklen` is not 32"));
    }
    match kdf {
        Kdf::Scrypt { n, r, p, salt, .. } => {
            if !n.is_power_of_two() || *n < 2 {
                return Err(wrong("`n` is not a power of two"));
            }
            let memory = n.saturating_mul(u64::from(*r)).saturating_mul(128);
            let rounds = n.saturating_mul(u64::from(*r)).saturating_mul(u64::from(*p));
            if memory > MOST_MEMORY || rounds > MOST_ROUNDS {
                return Err(wrong("it asks for more memory or time than any wallet does"));
            }
            let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| wrong("`n` is too large"))?;
            let params = scrypt::Params::new(log_n, *r, *p, DERIVED).map_err(|error| wrong(&error.to_string()))?;
            scrypt::scrypt(password.as_bytes(), &bytes("salt", salt)?, &params, derived.as_mut_slice())
                .map_err(|error| wrong(&error.to_string()))?;
        }
        Kdf::Pbkdf2 { c, prf, salt, .. } => {
            if prf != "hmac-sha256" {
                return Err(wrong("only the function hmac-sha256 is known"));
            }
            if *c == 0 || u64::from(*c) > MOST_ROUNDS {
                return Err(wrong("`c` is out of range"));
            }
            pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &bytes("salt", salt)?, *c, derived.as_mut_slice());
        }
    }
    Ok(derived)
}

fn checksum(derived: &[u8; DERIVED], ciphertext: &[u8]) -> B256 {
    keccak256([&derived[16..], ciphertext].concat())
}

/// Encrypts and decrypts: the cipher is its own inverse.
fn apply(derived: &[u8; DERIVED], iv: [u8; 16], data: &mut [u8]) {
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&derived[..16]);
    ctr::Ctr128BE::<aes::Aes128>::new(key.as_slice().into(), iv.as_slice().into()).apply_keystream(data);
}

fn bytes(name: &str, text: &str) -> Result<Vec<u8>, KeyError> {
    hex::decode(text).map_err(|_| wrong(&format!("`{name}` is not hexadecimal")))
}

fn wrong(text: &str) -> KeyError {
    KeyError::Keystore(text.to_owned())
}
