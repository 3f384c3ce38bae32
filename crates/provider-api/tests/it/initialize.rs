use jiff::Timestamp;
use ocean_crypto::{PrivateKey, ProviderFee};
use ocean_primitives::{Address, Dialect, U256};
use ocean_provider_api::{
    RequestData,
    initialize::{InitializeRequest, Initialized, InitializedError, InitializedFee, fee_valid_until, provider_data},
};

fn now() -> Timestamp {
    Timestamp::new(1_795_218_973, 767_952_000).unwrap()
}

fn fee() -> InitializedFee {
    let key = PrivateKey::random();
    let datatoken: Address = "0x48878C6a90DE17E0A9352629bA388077dA3a3f55".parse().unwrap();
    let data = provider_data(Dialect::Provider, datatoken, "1", now());
    let fee = ProviderFee::signed(&key, datatoken, U256::ZERO, 0, data);
    InitializedFee { datatoken, nonce: None, fee, compute_address: None }
}

#[test]
fn a_fee_that_was_tampered_with_is_never_returned() {
    let text = Initialized::Fee(Box::new(fee())).to_json(Dialect::Provider);
    assert!(Initialized::parse(text.as_bytes()).is_ok());
    for (from, to) in [
        ("\"providerFeeAmount\":\"0\"", "\"providerFeeAmount\":\"1\""),
        ("\"validUntil\":0", "\"validUntil\":9"),
        ("providerData\":\"0x7b", "providerData\":\"0x7c"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        assert!(matches!(Initialized::parse(changed.as_bytes()), Err(InitializedError::Fee(_))), "{from}");
    }
    for body in ["", "[]", "{}", r#"{"providerFee":{}}"#, r#"{"validOrder":"0x1"}"#] {
        assert!(matches!(Initialized::parse(body.as_bytes()), Err(InitializedError::Shape(_))), "{body}");
    }
}

#[test]
fn the_answer_has_the_peers_shape() {
    let text = Initialized::Fee(Box::new(fee())).to_json(Dialect::Provider);
    let start =
        r#"{"datatoken":"0x48878C6a90DE17E0A9352629bA388077dA3a3f55","nonce":null,"providerFee":{"providerData":"0x"#;
    assert!(text.starts_with(start), "{text}");
    let node = Initialized::Fee(Box::new(InitializedFee { compute_address: Some(Address::ZERO), ..fee() }));
    let node: serde_json::Value = serde_json::from_str(&node.to_json(Dialect::OceanNode)).unwrap();
    assert_eq!(node["nonce"], "0");
    assert_eq!(node["computeAddress"], Address::ZERO.to_checksum(None));
    assert_eq!(node["providerFee"]["providerFeeAmount"], "0");
}

#[test]
fn provider_data_is_the_json_that_the_peers_write() {
    let datatoken: Address = "0x48878C6a90DE17E0A9352629bA388077dA3a3f55".parse().unwrap();
    let text = |dialect| String::from_utf8(provider_data(dialect, datatoken, "a\"b", now()).to_vec()).unwrap();
    assert_eq!(
        text(Dialect::Provider),
        r#"{"environment":null,"timestamp":1795218973.767952,"dt":"0x48878C6a90DE17E0A9352629bA388077dA3a3f55","id":"a\"b"}"#
    );
    assert_eq!(text(Dialect::OceanNode), r#"{"dt":"0x48878C6a90DE17E0A9352629bA388077dA3a3f55","id":"a\"b"}"#);
}

#[track_caller]
fn until(dialect: Dialect, timeout: u64, requested: Option<u64>, expected: u64) {
    assert_eq!(fee_valid_until(dialect, timeout, requested, now()), expected);
}

#[test]
fn fees_end_at_an_absolute_time() {
    let now = 1_795_218_973;
    until(Dialect::Provider, 3600, Some(now + 5), 0);
    until(Dialect::OceanNode, 0, None, 0);
    until(Dialect::OceanNode, 3600, None, now + 3600);
    until(Dialect::OceanNode, 3600, Some(now + 60), now + 60);
    until(Dialect::OceanNode, 3600, Some(now + 7200), now + 3600);
    until(Dialect::OceanNode, 3600, Some(300), now + 3600);
    until(Dialect::OceanNode, 0, Some(now + 60), now + 60);
    until(Dialect::OceanNode, u64::MAX, None, u64::MAX);
}

#[track_caller]
fn refused(query: &str, expected: &str) {
    let error = InitializeRequest::parse(Dialect::Provider, &RequestData::new(Some(query), b"")).unwrap_err();
    assert_eq!(error.response(Dialect::Provider).body, format!("{expected}\n"), "{query}");
}

#[test]
fn arguments_are_checked_together() {
    refused(
        "documentId=did:op:1&serviceId=1&consumerAddress=0xA78deb2Fa79463945C247991075E2a0e98Ba7A09&fileIndex=-1",
        r#"{"errors":{"fileIndex":["The fileIndex must be an integer.","The fileIndex must be at least 0."]},"message":"Validation error","success":false}"#,
    );
    refused(
        "documentId=did:op:1&fileIndex=1.5&consumerAddress=me",
        r#"{"errors":{"consumerAddress":["The consumerAddress format is invalid."],"fileIndex":["The fileIndex must be an integer."],"serviceId":["The serviceId field is required."]},"message":"Validation error","success":false}"#,
    );
}
