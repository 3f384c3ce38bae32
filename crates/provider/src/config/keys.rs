//! Where private keys come from: the setting itself, a file, or an encrypted keystore.

use std::{fmt, path::Path, str::FromStr};

use ocean_contracts_bindings::keys::{KeyError, from_keystore};
use ocean_crypto::PrivateKey;

use crate::error::{Error, Result};

/// What a setting that names a file begins with.
const FILE: &str = "file:";

/// A setting that is never shown.
#[derive(Clone)]
pub struct Secret(pub(crate) String);

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The key that a setting is or names: hex, or `file:<path>` of a file with hex in it or of an encrypted keystore (the JSON of
/// version 3, as wallets write it), which `password` opens.
pub(super) fn read(name: &'static str, setting: &str, password: Option<&Secret>) -> Result<PrivateKey> {
    // None of these texts repeats what was given: it may be the key.
    let bad = |problem: &str| Error::Setting { name, problem: problem.to_owned() };
    let Some(path) = setting.trim().strip_prefix(FILE) else {
        return setting.trim().parse().map_err(|_| bad("is not a private key"));
    };
    let path = Path::new(path.trim());
    let text = std::fs::read_to_string(path).map_err(|source| Error::Path { path: path.to_owned(), source })?;
    if !text.trim_start().starts_with('{') {
        return text.trim().parse().map_err(|_| bad("names a file that holds no private key"));
    }
    let password = password.ok_or_else(|| bad("names an encrypted keystore, and KEYSTORE_PASSWORD is not set"))?;
    from_keystore(&text, &password.0).map_err(|error| match error {
        KeyError::Password => bad("names a keystore that this password does not open"),
        _ => bad("names a file that is no keystore of version 3, or holds no private key"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of the Web3 Secret Storage definition, with PBKDF2.
    const KEYSTORE: &str = r#"{
        "crypto": {
            "cipher": "aes-128-ctr", "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
            "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "kdf": "pbkdf2",
            "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256", "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
            "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
        },
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3
    }"#;
    const KEY: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    #[test]
    fn a_key_is_a_setting_a_file_or_a_keystore() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("file:{}", path.display())
        };
        let expected = KEY.parse::<PrivateKey>().unwrap().address();
        let password = Secret("testpassword".to_owned());
        let read = |setting: &str, password| super::read("PROVIDER_PRIVATE_KEY", setting, password);
        for setting in [KEY, &format!(" 0x{KEY}\n"), &write("plain", &format!("0x{KEY}\n")), &write("bare", KEY)] {
            assert_eq!(read(setting, None).unwrap().address(), expected, "{setting}");
        }
        let keystore = write("keystore.json", KEYSTORE);
        assert_eq!(read(&keystore, Some(&password)).unwrap().address(), expected);
        let wrong = Secret("wrong".to_owned());
        for (setting, password) in [
            (keystore.as_str(), None),
            (&keystore, Some(&wrong)),
            ("", None),
            ("0x12", None),
            ("file:/nonexistent/key", None),
            (&write("none", "hello"), None),
            (&write("object", "{}"), Some(&password)),
        ] {
            let error = read(setting, password).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(KEY) && !shown.contains("wrong") && !shown.contains("testpassword"), "{shown}");
        }
        assert_eq!(format!("{password:?}"), "Secret");
    }
}
