//! Where private keys come from: mnemonics and keystore files.
//!
//! What comes out is a [`PrivateKey`], which signs transactions through [`connect_with_key`](crate::connect_with_key) and requests
//! to Ocean's services alike. A key that never leaves its device goes to
//! [`connect_with_signer`](crate::connect_with_signer) instead.

mod keystore;

use alloy::signers::local::{MnemonicBuilder, coins_bip39::English};
use ocean_crypto::PrivateKey;

pub use self::keystore::{from_keystore, from_keystore_file, to_keystore};

/// Why a key could not be read. No variant carries a part of a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The words are not an English BIP-39 mnemonic, or their checksum is wrong.
    #[error("not an English BIP-39 mnemonic")]
    Mnemonic,
    /// The path is not a BIP-32 path such as `m/44'/60'/0'/0/0`.
    #[error("`{0}` is not a derivation path")]
    Path(String),
    /// The file could not be read.
    #[error("keystore `{path}` could not be read")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not a keystore of version 3 that this crate can open.
    #[error("keystore: {0}")]
    Keystore(String),
    /// Somebody else's password, or the file was changed.
    #[error("the password does not open the keystore")]
    Password,
    /// What the keystore holds is no key.
    #[error("the keystore holds no private key")]
    Key(#[source] ocean_crypto::Error),
}

/// The key of account `index` of an English BIP-39 mnemonic without a passphrase: path `m/44'/60'/0'/0/index`, as wallets count.
///
/// # Errors
/// The words are no mnemonic.
pub fn from_mnemonic(phrase: &str, index: u32) -> Result<PrivateKey, KeyError> {
    from_mnemonic_path(phrase, &format!("m/44'/60'/0'/0/{index}"), None)
}

/// The key at any path of an English BIP-39 mnemonic, with its passphrase where it has one.
///
/// # Errors
/// The words are no mnemonic, or the path is none.
pub fn from_mnemonic_path(phrase: &str, path: &str, passphrase: Option<&str>) -> Result<PrivateKey, KeyError> {
    // Line ends and double spaces come with phrases that were written down.
    let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
    let builder = MnemonicBuilder::<English>::default()
        .derivation_path(path)
        .map_err(|_| KeyError::Path(path.to_owned()))?
        .phrase(phrase);
    let builder = match passphrase {
        Some(passphrase) => builder.password(passphrase),
        None => builder,
    };
    let signer = builder.build().map_err(|_| KeyError::Mnemonic)?;
    PrivateKey::from_bytes(&signer.to_bytes().0).map_err(KeyError::Key)
}
