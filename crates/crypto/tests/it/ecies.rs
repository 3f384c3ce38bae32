use ocean_crypto::{Error, PrivateKey, ecies};
use proptest::prelude::*;
use serde_json::Value;

use crate::{bytes, json, key};

#[track_caller]
fn check_peer(fixture: &str) {
    let fixture = json(fixture);
    let key = key(&fixture, "privateKey");
    assert_eq!(key.public_key().to_uncompressed().to_vec(), bytes(&fixture, "publicKey"));
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let (clear, ciphertext) = (bytes(case, "clear"), bytes(case, "ciphertext"));
        assert_eq!(ciphertext.len(), clear.len() + ecies::OVERHEAD);
        assert_eq!(ecies::decrypt(&key, &ciphertext), Ok(clear));
    }
}

#[test]
fn opens_what_eciespy_made() {
    check_peer(include_str!("../fixtures/peers/ecies-eciespy.json"));
}

#[test]
fn opens_what_eciesjs_made() {
    check_peer(include_str!("../fixtures/peers/ecies-eciesjs.json"));
}

#[test]
fn opens_what_a_python_provider_made() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/documents.json"));
    let key = key(&fixture, "privateKey");
    let cases: &Vec<Value> = fixture["encrypt"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let clear = ecies::decrypt(&key, &bytes(case, "ciphertext")).unwrap();
        assert_eq!(String::from_utf8(clear).unwrap(), case["clear"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn refuses_truncated_ciphertexts() {
    let key = PrivateKey::random();
    let ciphertext = ecies::encrypt(&key.public_key(), b"document");
    for length in 0..ecies::OVERHEAD {
        assert_eq!(ecies::decrypt(&key, &ciphertext[..length]), Err(Error::CiphertextTooShort(length)));
    }
    for length in ecies::OVERHEAD..ciphertext.len() {
        assert_eq!(ecies::decrypt(&key, &ciphertext[..length]), Err(Error::Decrypt));
    }
    assert_eq!(ecies::decrypt(&key, &[ciphertext, vec![0]].concat()), Err(Error::Decrypt));
}

#[test]
fn refuses_every_changed_byte() {
    let key = PrivateKey::random();
    let ciphertext = ecies::encrypt(&key.public_key(), b"document");
    for index in 0..ciphertext.len() {
        let mut changed = ciphertext.clone();
        changed[index] ^= 1;
        assert_eq!(ecies::decrypt(&key, &changed), Err(Error::Decrypt), "byte {index}");
    }
}

#[test]
fn refuses_another_key() {
    let ciphertext = ecies::encrypt(&PrivateKey::random().public_key(), b"document");
    assert_eq!(ecies::decrypt(&PrivateKey::random(), &ciphertext), Err(Error::Decrypt));
}

#[test]
fn refuses_a_compressed_ephemeral_key() {
    // eciesjs can be configured to send 33 bytes; the Python Provider and ocean-node never do.
    let key = PrivateKey::random();
    let ciphertext = ecies::encrypt(&key.public_key(), &[7; 40]);
    let mut shorter = vec![2];
    shorter.extend_from_slice(&ciphertext[1..33]);
    shorter.extend_from_slice(&ciphertext[65..]);
    assert_eq!(ecies::decrypt(&key, &shorter), Err(Error::Decrypt));
}

#[test]
fn never_makes_the_same_ciphertext_twice() {
    let public = PrivateKey::random().public_key();
    let (first, second) = (ecies::encrypt(&public, b""), ecies::encrypt(&public, b""));
    assert_ne!(first[..65], second[..65], "ephemeral key");
    assert_ne!(first[65..81], second[65..81], "nonce");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn opens_its_own(clear: Vec<u8>) {
        let key = PrivateKey::random();
        let ciphertext = ecies::encrypt(&key.public_key(), &clear);
        prop_assert_eq!(ciphertext.len(), clear.len() + ecies::OVERHEAD);
        prop_assert_eq!(ecies::decrypt(&key, &ciphertext), Ok(clear));
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(ecies::decrypt(&PrivateKey::random(), &bytes).is_err());
    }
}

#[test]
fn what_is_encrypted_for_oneself_opens_like_anything_else() {
    let key = PrivateKey::random();
    for clear in [&b""[..], b"document", &[7; 100_000]] {
        let (first, second) = (ecies::encrypt_for_self(&key, clear), ecies::encrypt_for_self(&key, clear));
        assert_eq!(ecies::decrypt(&key, &first).unwrap(), clear);
        assert_eq!(first.len(), clear.len() + ecies::OVERHEAD);
        assert_ne!(first[..97], second[..97], "key, nonce and tag are fresh");
        assert!(ecies::decrypt(&PrivateKey::random(), &first).is_err());
    }
}
