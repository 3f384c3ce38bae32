use ocean_crypto::{PrivateKey, Signature, personal_digest, sign_message, verify_message};
use ocean_primitives::{
    Address,
    Dialect::{self, OceanNode, Provider},
    keccak256,
};
use proptest::prelude::*;

use crate::{json, key, message::recorded, text};

fn node() -> serde_json::Value {
    json(include_str!("../fixtures/ocean-node-3.2.0/node_request_signature.json"))
}

#[track_caller]
fn check_refused(dialect: Dialect, message: &str, signature: &str, expected: Address, got: &str) {
    let error = verify_message(dialect, message, signature, expected).unwrap_err();
    assert_eq!(error.got(), got);
    assert_eq!((error.given.as_str(), error.expected), (signature, expected));
}

#[test]
fn refuses_malformed_signatures() {
    for dialect in [Provider, OceanNode] {
        for bad in ["", "0x", "0x1234", "zz", &format!("0x{}", "1".repeat(129)), &format!("0x{}", "1".repeat(132))] {
            check_refused(dialect, "text", bad, Address::ZERO, "index out of range");
        }
        check_refused(dialect, "text", &format!("0x{}", "0".repeat(130)), Address::ZERO, "Invalid signature");
        check_refused(dialect, "text", &format!("0x{}05", "11".repeat(64)), Address::ZERO, "Invalid signature");
    }
}

#[test]
fn keeps_only_a_part_of_an_endless_signature() {
    let error = verify_message(Provider, "text", &"ab".repeat(100_000), Address::ZERO).unwrap_err();
    assert_eq!(error.given.len(), 200);
}

#[test]
fn errors_show_no_signature() {
    let signature = sign_message(&PrivateKey::random(), Provider, "text");
    for given in [signature.clone(), signature[..100].to_owned()] {
        let error = verify_message(Provider, "text", &given, Address::ZERO).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&given[2..60]), "{error:?}");
    }
}

#[test]
fn refuses_another_signer_and_another_text() {
    let (mine, other) = (PrivateKey::random(), PrivateKey::random());
    for dialect in [Provider, OceanNode] {
        let signature = sign_message(&other, dialect, "text");
        assert_eq!(verify_message(dialect, "text", &signature, other.address()), Ok(()));
        if dialect == Provider || keccak256("text")[0] != 0 {
            check_refused(dialect, "text", &signature, mine.address(), &format!("{:#x}", other.address()));
        }
        assert!(verify_message(dialect, "text8", &signature, other.address()).is_err());
    }
}

#[test]
fn refuses_a_signature_over_the_text_itself() {
    let key = PrivateKey::random();
    let signature = key.sign_digest(personal_digest(b"text")).to_string();
    for dialect in [Provider, OceanNode] {
        assert!(verify_message(dialect, "text", &signature, key.address()).is_err());
    }
}

#[test]
fn refuses_as_a_python_provider_refused() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/requests.json"));
    let cases = fixture["refused"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let fields = &case["fields"];
        let who =
            ["address", "decrypterAddress", "consumerAddress"].into_iter().find_map(|field| fields[field].as_str());
        let error = verify_message(Provider, &recorded(case), text(case, "signature"), who.unwrap().parse().unwrap())
            .unwrap_err();
        let got = text(case, "answer").rsplit_once(" Got ").unwrap().1;
        assert_eq!(error.got(), got, "{}", case["name"]);
    }
}

#[test]
fn accepts_and_makes_what_a_python_provider_accepted() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/requests.json"));
    for case in fixture["accepted"].as_array().unwrap() {
        let (key, message, given) = (key(case, "signer"), text(case, "message"), text(case, "signature"));
        assert_eq!(verify_message(Provider, message, given, key.address()), Ok(()), "{}", case["name"]);
        let (given, ours): (Signature, Signature) =
            (given.parse().unwrap(), sign_message(&key, Provider, message).parse().unwrap());
        assert_eq!((given.r, given.s, given.v % 27), (ours.r, ours.s, ours.v % 27), "{}", case["name"]);
    }
}

#[test]
fn signs_for_ocean_node_as_ocean_js_does() {
    let fixture = node();
    let key = key(&fixture, "privateKey");
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let message = text(case, "message");
        assert_eq!(keccak256(message).to_string(), text(case, "keccak"));
        assert_eq!(sign_message(&key, OceanNode, message), text(case, "sig_over_toBeArray_ocean_js"));
        assert_eq!(sign_message(&key, Provider, message), text(case, "sig_over_32_bytes"));
    }
}

#[test]
fn the_node_dialect_accepts_three_forms_and_the_provider_dialect_one() {
    let fixture = node();
    let signer = key(&fixture, "privateKey").address();
    for case in fixture["cases"].as_array().unwrap() {
        let message = text(case, "message");
        let full = text(case, "sig_over_32_bytes");
        for form in ["sig_over_32_bytes", "sig_over_toBeArray_ocean_js", "sig_over_ascii_hex_string"] {
            let signature = text(case, form);
            assert_eq!(verify_message(OceanNode, message, signature, signer), Ok(()), "{form} of {message}");
            assert_eq!(
                verify_message(Provider, message, signature, signer).is_ok(),
                signature == full,
                "{form} of {message}"
            );
            assert!(verify_message(OceanNode, message, signature, Address::ZERO).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn accepts_its_own(message: String, node: bool) {
        let dialect = if node { OceanNode } else { Provider };
        let key = PrivateKey::random();
        let signature = sign_message(&key, dialect, &message);
        prop_assert_eq!(verify_message(dialect, &message, &signature, key.address()), Ok(()));
        prop_assert_eq!(verify_message(dialect, &message, &signature[2..], key.address()), Ok(()));
    }

    #[test]
    fn never_panics(message: String, signature: String) {
        prop_assert!(verify_message(OceanNode, &message, &signature, Address::ZERO).is_err());
    }
}
