use ocean_crypto::{Error, PrivateKey, PublicKey, Signature, personal_digest};
use ocean_primitives::{B256, U256, address, b256};
use proptest::prelude::*;

/// The order of the group.
const ORDER: B256 = b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

#[track_caller]
fn check_refused(text: &str) {
    let error = text.parse::<PrivateKey>().unwrap_err();
    assert_eq!(error, Error::PrivateKey);
    assert!(text.len() < 8 || !format!("{error} {error:?}").contains(text), "the error repeats the secret");
}

#[test]
fn refuses_what_is_no_key() {
    check_refused("");
    check_refused("0x");
    check_refused(&"0".repeat(64));
    check_refused(&hex::encode(ORDER));
    check_refused(&"f".repeat(64));
    check_refused(&"1".repeat(63));
    check_refused(&"1".repeat(66));
    check_refused(&"g1".repeat(32));
    check_refused(&format!("0x0x{}", "1".repeat(62)));
    check_refused(&format!(" {}", "1".repeat(64)));
}

#[test]
fn reads_keys_with_and_without_prefix() {
    // Account 0 of the development mnemonic of Hardhat and Anvil.
    let text = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    for text in [text.to_owned(), format!("0x{text}"), text.to_uppercase()] {
        let key: PrivateKey = text.parse().unwrap();
        assert_eq!(key.address(), address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
        assert_eq!(key.public_key().address(), key.address());
        assert_eq!(hex::encode(*key.to_bytes()), text.trim_start_matches("0x").to_lowercase());
    }
}

#[test]
fn debug_shows_no_secret() {
    let key: PrivateKey = "11".repeat(32).parse().unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey { address: 0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a, .. }");
}

#[test]
fn public_keys_survive_both_forms() {
    let key = PrivateKey::random().public_key();
    assert_eq!(PublicKey::from_bytes(&key.to_uncompressed()), Ok(key));
    assert_eq!(PublicKey::from_bytes(&key.to_compressed()), Ok(key));
    let mut off_curve = key.to_uncompressed();
    off_curve[64] ^= 1;
    for bad in [&off_curve[..], &off_curve[..64], &[0; 65], &[4; 65], &[]] {
        assert_eq!(PublicKey::from_bytes(bad), Err(Error::PublicKey));
    }
}

#[test]
fn refuses_malformed_signatures() {
    let good = PrivateKey::random().sign_digest(B256::ZERO).to_string();
    assert_eq!(good.parse::<Signature>().unwrap().to_string(), good);
    for bad in ["", "0x", "0x1234", &good[..130], &format!("{good}00"), &good.replace("0x", "0y"), "é"] {
        assert_eq!(bad.parse::<Signature>(), Err(Error::SignatureForm(bad.len())));
    }
}

#[test]
fn recovers_only_from_signatures_that_exist() {
    let digest = personal_digest(b"text");
    let good = PrivateKey::random().sign_digest(digest);
    for v in [2, 3, 4, 26, 29, 35, 36, 255] {
        assert_eq!(Signature { v, ..good }.recover(digest), Err(Error::RecoveryByte(v)));
    }
    for (r, s) in
        [(B256::ZERO, good.s), (good.r, B256::ZERO), (ORDER, good.s), (good.r, ORDER), (good.r, B256::repeat_byte(255))]
    {
        assert_eq!(Signature { r, s, v: 27 }.recover(digest), Err(Error::Unrecoverable), "{r} {s}");
    }
    // 5 is no first coordinate of a point.
    let no_point = Signature { r: B256::with_last_byte(5), ..good };
    assert_eq!(no_point.recover(digest), Err(Error::Unrecoverable));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn signatures_recover_in_every_form(secret in 1_u64.., digest: [u8; 32]) {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&secret.to_be_bytes());
        let key = PrivateKey::from_bytes(&bytes).unwrap();
        let digest = B256::from(digest);
        let low = key.sign_digest(digest);
        prop_assert_eq!(low, key.sign_digest(digest), "deterministic");
        prop_assert!(U256::from_be_bytes(low.s.0) <= U256::from_be_bytes(ORDER.0) >> 1, "low s");
        let high = Signature {
            s: B256::from(U256::from_be_bytes(ORDER.0) - U256::from_be_bytes(low.s.0)),
            v: 27 + 28 - low.v,
            ..low
        };
        for signature in [low, high] {
            for v in [signature.v, signature.v - 27] {
                prop_assert_eq!(Signature { v, ..signature }.recover(digest), Ok(key.address()));
            }
        }
    }
}
