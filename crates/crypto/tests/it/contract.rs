use ocean_crypto::{
    PrivateKey,
    contract::{Permit, consumer_data, files_object_provider, order_executed_provider, user_authorisation},
};
use ocean_primitives::{B256, U256};
use serde_json::Value;

use crate::{bytes, json, key, text};

fn signatures() -> Value {
    json(include_str!("../fixtures/contracts-2.6.0/signatures.json"))
}

#[track_caller]
fn check(key: &PrivateKey, digest: B256, expected: &str) {
    assert_eq!(key.sign_digest(digest).to_string(), expected);
}

#[track_caller]
fn check_parts(key: &PrivateKey, digest: B256, expected: &Value) {
    let signature = key.sign_digest(digest);
    assert_eq!(u64::from(signature.v), expected["v"].as_u64().unwrap());
    assert_eq!(signature.r.to_string(), text(expected, "r"));
    assert_eq!(signature.s.to_string(), text(expected, "s"));
}

#[test]
fn order_executed() {
    let case = &signatures()["orderExecuted"];
    let order_tx: B256 = text(case, "orderTxId").parse().unwrap();
    check(
        &key(case, "providerKey"),
        order_executed_provider(order_tx, &bytes(case, "providerData")),
        text(case, "providerSignature"),
    );
    check(&key(case, "consumerKey"), consumer_data(&bytes(case, "consumerData")), text(case, "consumerSignature"));
}

#[test]
fn files_object_of_template_4() {
    let case = &signatures()["template4"];
    check(&key(case, "consumerKey"), consumer_data(&bytes(case, "consumerData")), text(case, "consumerSignature"));
    let consumer_signature: [u8; 65] = bytes(case, "consumerSignature").try_into().unwrap();
    let service: U256 = text(case, "serviceId").parse().unwrap();
    let digest = files_object_provider(service, &consumer_signature);
    check(&key(case, "providerKey"), digest, text(case, "providerSignature"));
}

#[test]
fn user_authorisation_of_template_3() {
    let case = &signatures()["template3UserAuth"];
    let valid_until: U256 = text(case, "validUntil").parse().unwrap();
    let digest = user_authorisation(text(case, "user").parse().unwrap(), valid_until);
    assert_eq!(digest.to_string(), text(case, "digest"));
    check_parts(&key(case, "userKey"), digest, case);
}

#[test]
fn permit() {
    let case = &signatures()["permit"];
    let (domain, signed) = (&case["domain"], &case["signed"]);
    let permit = Permit {
        name: text(domain, "name").to_owned(),
        chain_id: domain["chainId"].as_u64().unwrap(),
        datatoken: text(domain, "verifyingContract").parse().unwrap(),
        owner: text(signed, "owner").parse().unwrap(),
        spender: text(signed, "spender").parse().unwrap(),
        value: text(signed, "value").parse().unwrap(),
        nonce: U256::from(signed["nonce"].as_u64().unwrap()),
        deadline_block: text(signed, "deadline").parse().unwrap(),
    };
    assert_eq!(permit.domain_separator().to_string(), text(case, "domainSeparator"));
    check_parts(&key(signed, "ownerKey"), permit.digest(), signed);
    let other_chain = Permit { chain_id: 1, ..permit.clone() };
    assert_ne!(other_chain.digest(), permit.digest());
}
