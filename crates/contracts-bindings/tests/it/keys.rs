use alloy::primitives::hex;
use ocean_contracts_bindings::keys::{
    KeyError, from_keystore, from_keystore_file, from_mnemonic, from_mnemonic_path, to_keystore,
};
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, address};
use serde_json::{Value, json};

/// A test vector of the Web3 Secret Storage definition, and what Python's eth-account wrote for the same secret.
const PBKDF2: &str = include_str!("../fixtures/keystore_pbkdf2.json");
const SCRYPT: &str = include_str!("../fixtures/keystore_scrypt.json");
const PASSWORD: &str = "testpassword";
const SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

const MNEMONIC: &str = "taxi music thumb unique chat sand crew more leg another off lamp";

#[test]
fn the_vectors_of_the_format_are_opened() {
    let secret: PrivateKey = SECRET.parse().unwrap();
    for store in [PBKDF2, SCRYPT] {
        let key = from_keystore(store, PASSWORD).unwrap();
        assert_eq!(key.to_bytes(), secret.to_bytes());
    }
    // One of geth's, of a time when keys lost the zeros they began with.
    let short = include_str!("../fixtures/keystore_31_bytes.json");
    let old = short.replace("\"crypto\"", "\"Crypto\"");
    assert!(from_keystore(&old, "foo").is_ok(), "as old wallets write it");
    let short = from_keystore(short, "foo").unwrap();
    let secret = hex!("00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35");
    assert_eq!(*short.to_bytes(), secret);
    let error = from_keystore(PBKDF2, "testpassword ").unwrap_err();
    assert!(matches!(error, KeyError::Password), "{error}");
}

#[test]
fn what_is_written_is_opened_with_the_same_password_only() {
    let key: PrivateKey = SECRET.parse().unwrap();
    let store = to_keystore(&key, "pässword").unwrap();
    let parsed: Value = serde_json::from_str(&store).unwrap();
    assert_eq!(parsed["version"], 3);
    assert_eq!(parsed["address"].as_str().unwrap().parse::<Address>().unwrap(), key.address());
    assert_eq!(parsed["id"].as_str().unwrap().len(), 36);
    assert!(!store.contains(SECRET));
    assert_eq!(from_keystore(&store, "pässword").unwrap().address(), key.address());
    assert!(matches!(from_keystore(&store, "password"), Err(KeyError::Password)));
}

#[track_caller]
fn check_refused(pointer: &str, value: Value, text: &str) {
    let mut store: Value = serde_json::from_str(SCRYPT).unwrap();
    *store.pointer_mut(pointer).unwrap() = value;
    let error = from_keystore(&store.to_string(), PASSWORD).unwrap_err();
    assert!(error.to_string().contains(text), "{pointer}: {error}");
}

#[test]
fn hostile_keystores_are_refused_before_they_cost_anything() {
    check_refused("/version", json!(1), "version 3");
    check_refused("/crypto/cipher", json!("aes-256-gcm"), "aes-128-ctr");
    check_refused("/crypto/cipherparams/iv", json!("00"), "`iv`");
    check_refused("/crypto/cipherparams/iv", json!("0g"), "not hexadecimal");
    check_refused("/crypto/ciphertext", json!("00".repeat(33)), "`ciphertext`");
    check_refused("/crypto/ciphertext", json!(""), "`ciphertext`");
    check_refused("/crypto/mac", json!("00"), "`mac`");
    check_refused("/crypto/kdf", json!("argon2"), "argon2");
    check_refused("/crypto/kdfparams/dklen", json!(16), "`dklen`");
    check_refused("/crypto/kdfparams/n", json!(0), "power of two");
    check_refused("/crypto/kdfparams/n", json!(1_000_000), "power of two");
    check_refused("/crypto/kdfparams/n", json!(1u64 << 40), "memory");
    check_refused("/crypto/kdfparams/r", json!(u32::MAX), "memory");
    check_refused("/crypto/kdfparams/p", json!(u32::MAX), "memory");
    check_refused("/crypto/kdfparams/p", json!(0), "keystore");
    for text in ["", "{}", "[]", "null", "\u{0}"] {
        assert!(matches!(from_keystore(text, PASSWORD), Err(KeyError::Keystore(_))), "{text:?}");
    }
    let mut store: Value = serde_json::from_str(PBKDF2).unwrap();
    for rounds in [0, u32::MAX] {
        store["crypto"]["kdfparams"]["c"] = json!(rounds);
        let error = from_keystore(&store.to_string(), PASSWORD).unwrap_err();
        assert!(error.to_string().contains("`c`"), "{error}");
    }
    store["crypto"]["kdfparams"]["prf"] = json!("hmac-md5");
    assert!(from_keystore(&store.to_string(), PASSWORD).unwrap_err().to_string().contains("hmac-sha256"));
}

#[test]
fn a_keystore_that_is_not_there_is_named() {
    let error = from_keystore_file("no/such/keystore".as_ref(), "").unwrap_err();
    assert_eq!(error.to_string(), "keystore `no/such/keystore` could not be read");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keystore_pbkdf2.json");
    assert!(from_keystore_file(path.as_ref(), PASSWORD).is_ok());
}

#[test]
fn mnemonics_count_accounts_as_wallets_do() {
    let barge = [
        address!("e2DD09d719Da89e5a3D0F2549c7E24566e947260"),
        address!("BE5449a6A97aD46c8558A3356267Ee5D2731ab5e"),
        address!("A78deb2Fa79463945C247991075E2a0e98Ba7A09"),
    ];
    for (index, address) in (0..).zip(barge) {
        assert_eq!(from_mnemonic(MNEMONIC, index).unwrap().address(), address);
        let path = format!("m/44'/60'/0'/0/{index}");
        assert_eq!(from_mnemonic_path(MNEMONIC, &path, None).unwrap().address(), address);
    }
    let junk = "test test test test test test test test test test test junk";
    let first = from_mnemonic(junk, 0).unwrap().address();
    assert_eq!(first, address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "as every development chain has it");
    let spaced = format!(" {} \n", MNEMONIC.replace(' ', "  "));
    assert_eq!(from_mnemonic(&spaced, 0).unwrap().address(), barge[0]);
    let with = from_mnemonic_path(MNEMONIC, "m/44'/60'/0'/0/0", Some("more")).unwrap().address();
    assert_ne!(with, barge[0]);
}

#[test]
fn what_is_no_mnemonic_or_path_is_refused_without_repeating_it() {
    for phrase in ["", "taxi", &MNEMONIC.replace("lamp", "zoo"), &MNEMONIC.replace("taxi", "täxi")] {
        let error = from_mnemonic(phrase, 0).unwrap_err();
        assert!(matches!(error, KeyError::Mnemonic), "{error}");
        assert!(!format!("{error} {error:?}").contains("music"));
    }
    let error = from_mnemonic_path(MNEMONIC, "m/44/x", None).unwrap_err();
    assert!(matches!(&error, KeyError::Path(path) if path == "m/44/x"), "{error}");
    assert!(from_mnemonic(MNEMONIC, u32::MAX).is_err(), "there are 2^31 accounts");
}
