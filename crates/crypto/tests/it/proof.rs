use ocean_crypto::{Error, Signature, proof};
use ocean_primitives::{Address, B256};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{bytes, json, key, text};

fn aquarius() -> Value {
    json(include_str!("../fixtures/aquarius-5.1.8/signature.json"))
}

#[test]
fn refuses_another_validator() {
    let key = key(&aquarius(), "privateKey");
    let hash = B256::repeat_byte(7);
    let signature = proof::sign_document_hash(&key, hash);
    assert_eq!(proof::verify_document_hash(key.address(), hash, &signature), Ok(()));
    let refused = proof::verify_document_hash(Address::repeat_byte(1), hash, &signature);
    assert_eq!(refused, Err(Error::ProofSigner { named: Address::repeat_byte(1), signer: key.address() }));
    let refused = proof::verify_document_hash(key.address(), B256::repeat_byte(8), &signature);
    assert!(matches!(refused, Err(Error::ProofSigner { .. })), "{refused:?}");
}

#[test]
fn the_zero_validator_never_passes() {
    let nothing = Signature { r: B256::ZERO, s: B256::ZERO, v: 0 };
    assert_eq!(proof::verify_document_hash(Address::ZERO, B256::ZERO, &nothing), Err(Error::Unrecoverable));
}

#[test]
fn equals_the_signature_of_aquarius() {
    let fixture = aquarius();
    let document = include_bytes!("../fixtures/aquarius-5.1.8/document.json");
    let hash = B256::from_slice(&Sha256::digest(document));
    assert_eq!(hash.to_string(), text(&fixture, "hash"));
    let key = key(&fixture, "privateKey");
    assert_eq!(key.address().to_string(), text(&fixture, "publicKey"));
    let signature = proof::sign_document_hash(&key, hash);
    assert_eq!(u64::from(signature.v), fixture["v"].as_u64().unwrap());
    assert_eq!(signature.r.to_string(), fixture["r"][0].as_str().unwrap());
    assert_eq!(signature.s.to_string(), fixture["s"][0].as_str().unwrap());
}

#[test]
fn equals_the_proof_that_the_contract_accepted() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/signatures.json"));
    let case = &fixture["metadataProof"];
    let key = key(case, "validatorKey");
    let hash = B256::from_slice(&bytes(case, "metadataHash"));
    let signature = proof::sign_document_hash(&key, hash);
    assert_eq!(u64::from(signature.v), case["v"].as_u64().unwrap());
    assert_eq!(
        (signature.r.to_string(), signature.s.to_string()),
        (text(case, "r").to_owned(), text(case, "s").to_owned())
    );
    assert_eq!(proof::verify_document_hash(text(case, "validator").parse().unwrap(), hash, &signature), Ok(()));
}
