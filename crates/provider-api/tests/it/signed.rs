use jiff::Timestamp;
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::{Dialect, Nonce};
use ocean_provider_api::{
    AuthContext, RequestData,
    auth_token::{CreateAuthTokenRequest, DeleteAuthTokenRequest, MAX_LIFETIME, claims_text, parse_claims},
    download::DownloadRequest,
    encrypt::EncryptRequest,
};

const DID: &str = "did:op:6d2e144043b43a20aec4250b116ed5f0c668c83acb56e0c05e062c38cd440e31";

fn query(key: &PrivateKey, dialect: Dialect, address: &str, nonce: &str) -> String {
    let message = Message::Download { consumer: address, document_id: DID, nonce };
    let signature = sign_message(key, dialect, &message.text(dialect));
    format!(
        "documentId={DID}&serviceId=1&transferTxId=0x1&fileIndex=0&consumerAddress={address}&nonce={nonce}&signature={signature}"
    )
}

fn stored(nonce: u64) -> AuthContext {
    AuthContext { stored_nonce: Some(Nonce::from(nonce)), ..AuthContext::default() }
}

#[track_caller]
fn check(dialect: Dialect, query: &str, auth: &AuthContext, expected: Option<(u16, &str)>) {
    let parsed = DownloadRequest::parse(dialect, &RequestData::new(Some(query), b""), auth);
    match (parsed, expected) {
        (Ok(_), None) => {}
        (Err(error), Some((status, text))) => {
            let answer = error.response(dialect);
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(answer.body.contains(text), "{}", answer.body);
        }
        (parsed, expected) => panic!("{parsed:?} instead of {expected:?}"),
    }
}

#[test]
fn a_nonce_must_be_above_the_stored_one() {
    let key = PrivateKey::random();
    let address = key.address().to_checksum(None);
    for nonce in ["4", "5", "5.0", "4.9", "0"] {
        let text = format!("Invalid signature expected nonce (5) > current nonce ({nonce}).");
        check(Dialect::Provider, &query(&key, Dialect::Provider, &address, nonce), &stored(5), Some((400, &text)));
        let text = format!("nonce: {nonce} is not a valid nonce, the stored nonce is 5");
        check(Dialect::OceanNode, &query(&key, Dialect::OceanNode, &address, nonce), &stored(5), Some((401, &text)));
    }
    for nonce in ["6", "5.1", "1700000000000"] {
        check(Dialect::Provider, &query(&key, Dialect::Provider, &address, nonce), &stored(5), None);
        check(Dialect::OceanNode, &query(&key, Dialect::OceanNode, &address, nonce), &stored(5), None);
    }
}

#[test]
fn a_token_alone_is_enough_for_a_node_and_for_nobody_else() {
    let key = PrivateKey::random();
    let (address, other) = (key.address().to_checksum(None), PrivateKey::random().address().to_checksum(None));
    let mut auth = stored(5);
    auth.token = Some(key.address());
    let alone = format!("documentId={DID}&serviceId=1&transferTxId=0x1&fileIndex=0&consumerAddress={address}");
    check(Dialect::OceanNode, &alone, &auth, None);
    let parsed = DownloadRequest::parse(Dialect::OceanNode, &RequestData::new(Some(&alone), b""), &auth).unwrap();
    assert_eq!((parsed.consumer, parsed.authorization), (key.address(), None));
    let required = "The nonce field is required.";
    check(Dialect::Provider, &alone, &auth, Some((400, required)));
    check(Dialect::OceanNode, &alone, &stored(5), Some((400, "Missing one ( \"nonce\" )")));
    // For whom it was issued, and with no nonce rather than with a used or a broken one.
    let others = alone.replace(&address, &other);
    check(Dialect::OceanNode, &others, &auth, Some((400, "Missing one ( \"nonce\" )")));
    for (nonce, text) in [("5", "nonce: 5 is not a valid nonce"), ("x", "\"nonce\" is not valid")] {
        let status = if nonce == "x" { 400 } else { 401 };
        check(Dialect::OceanNode, &format!("{alone}&nonce={nonce}"), &auth, Some((status, text)));
    }
    let unsigned = format!("{alone}&signature=0x12");
    check(Dialect::OceanNode, &unsigned, &auth, Some((400, "Missing one ( \"nonce\" )")));
}

#[test]
fn a_nonce_that_is_no_number_is_a_validation_error() {
    let key = PrivateKey::random();
    let address = key.address().to_checksum(None);
    for nonce in ["abc", "-1", "NaN", "Infinity", "0x10"] {
        let query = query(&key, Dialect::Provider, &address, nonce);
        check(Dialect::Provider, &query, &stored(5), Some((400, "The nonce must be a number.")));
    }
    let query = query(&key, Dialect::Provider, &address, "7").replace("&nonce=7", "");
    check(Dialect::Provider, &query, &stored(5), Some((400, "The nonce field is required.")));
}

#[test]
fn somebody_elses_signature_is_refused() {
    let (key, other) = (PrivateKey::random(), PrivateKey::random());
    let address = other.address().to_checksum(None);
    let forged = query(&key, Dialect::Provider, &address, "7");
    check(Dialect::Provider, &forged, &stored(5), Some((400, &format!("message {DID} and nonce 7. Got 0x"))));
    let forged = query(&key, Dialect::OceanNode, &address, "7");
    let text = "consumer address and nonce signature mismatch";
    check(Dialect::OceanNode, &forged, &stored(5), Some((401, text)));
    // A signature of the other dialect signs another text.
    let address = key.address().to_checksum(None);
    check(Dialect::OceanNode, &query(&key, Dialect::Provider, &address, "7"), &stored(5), Some((401, text)));
    // The spelling of the address enters ocean-node's text as it was sent.
    let lower = address.to_lowercase();
    check(Dialect::OceanNode, &query(&key, Dialect::OceanNode, &lower, "7"), &stored(5), None);
}

#[test]
fn a_token_stands_in_only_where_there_is_no_signature() {
    let key = PrivateKey::random();
    let address = key.address().to_checksum(None);
    let whole = query(&key, Dialect::Provider, &address, "7");
    let (unsigned, _) = whole.split_once("&signature=").unwrap();
    let token = AuthContext { token: Some(key.address()), ..stored(5) };
    check(Dialect::Provider, unsigned, &token, None);
    let missing = "Invalid signature provided. Please check the nonce or documentId.";
    check(Dialect::Provider, unsigned, &stored(5), Some((400, missing)));
    let of_other = AuthContext { token: Some(PrivateKey::random().address()), ..stored(5) };
    check(Dialect::Provider, unsigned, &of_other, Some((400, missing)));
    check(Dialect::Provider, &unsigned.replace("nonce=7", "nonce=5"), &token, Some((400, "expected nonce (5)")));
    check(Dialect::Provider, &format!("{unsigned}&signature=0x12"), &token, Some((400, "Got index out of range")));
}

#[test]
fn nothing_is_reported_after_a_missing_document() {
    let expected = r#"{"errors":{"documentId":["The documentId field is required."]},"message":"Validation error","success":false}"#;
    check(Dialect::Provider, "", &AuthContext::default(), Some((400, expected)));
    check(
        Dialect::OceanNode,
        "",
        &AuthContext::default(),
        Some((400, "Missing one ( \"documentId\" ) or more required")),
    );
}

#[test]
fn ocean_node_encrypts_only_for_somebody_it_knows() {
    let key = PrivateKey::random();
    let consumer = key.address().to_checksum(None);
    let message = Message::Command { consumer: &consumer, nonce: "1", command: "encrypt" }.text(Dialect::OceanNode);
    let signature = sign_message(&key, Dialect::OceanNode, &message);
    let parse = |query: &str, body: &[u8]| {
        let data = RequestData::new(Some(query), b"");
        EncryptRequest::parse(Dialect::OceanNode, &data, None, body, &AuthContext::default())
    };
    let status = |query: &str| parse(query, b"x").unwrap_err().status(Dialect::OceanNode);
    assert_eq!(status("chainId=8996"), 401);
    assert_eq!(status(&format!("chainId=8996&consumerAddress={consumer}&nonce=2&signature={signature}")), 401);
    let signed = format!("chainId=8996&consumerAddress={consumer}&nonce=1&signature={signature}");
    assert_eq!(parse(&signed, b"").unwrap_err().status(Dialect::OceanNode), 400);
    assert_eq!(parse(&signed, b"x").unwrap().authorization.unwrap().address, key.address());
}

fn now() -> Timestamp {
    Timestamp::new(1_000, 0).unwrap()
}

#[test]
fn a_token_lives_for_a_limited_time() {
    let key = PrivateKey::random();
    let address = key.address().to_checksum(None);
    let message = Message::CreateAuthToken { address: &address, nonce: "1" }.text(Dialect::Provider);
    let signature = sign_message(&key, Dialect::Provider, &message);
    let parse = |expiration: &str| {
        let query = format!("address={address}&nonce=1&signature={signature}&expiration={expiration}");
        let data = RequestData::new(Some(&query), b"");
        CreateAuthTokenRequest::parse(Dialect::Provider, &data, &AuthContext::default(), now())
    };
    let text = |expiration: &str| parse(expiration).unwrap_err().response(Dialect::Provider).body;
    for past in ["0", "999", "1000"] {
        assert!(text(past).contains("Invalid timestamp provided."), "{past}");
    }
    assert!(text(&(1_001 + MAX_LIFETIME).to_string()).contains("Invalid timestamp provided."));
    assert!(text("abc").contains("The expiration must be an integer."));
    assert!(text("").contains("The expiration field is required."));
    let asked = parse("2000").unwrap();
    let claims = claims_text(Dialect::Provider, &asked, now());
    assert_eq!(claims, format!(r#"{{"exp":2000,"address":"{address}"}}"#));
    let claims = parse_claims(claims.as_bytes()).unwrap();
    assert_eq!((claims.address, claims.expires), (key.address(), 2_000));
    let node = parse_claims(claims_text(Dialect::OceanNode, &asked, now()).as_bytes()).unwrap();
    assert_eq!((node.address, node.expires), (key.address(), 2_000));
    let mut endless = asked;
    endless.expiration = None;
    let endless = parse_claims(claims_text(Dialect::OceanNode, &endless, now()).as_bytes()).unwrap();
    assert_eq!(endless.expires, 1_000 + MAX_LIFETIME);
}

#[test]
fn a_node_token_is_ended_with_or_without_a_command_in_the_text() {
    let key = PrivateKey::random();
    let address = key.address().to_checksum(None);
    for text in [format!("{address}1"), format!("{address}1invalidateAuthToken")] {
        let signature = sign_message(&key, Dialect::OceanNode, &text);
        let body = serde_json::json!({"address": address, "nonce": "1", "token": "t", "signature": signature});
        let data = RequestData::new(None, body.to_string().as_bytes());
        assert!(DeleteAuthTokenRequest::parse(Dialect::OceanNode, &data, &AuthContext::default()).is_ok(), "{text}");
    }
    let signature = sign_message(&key, Dialect::OceanNode, &format!("{address}1createAuthToken"));
    let body = serde_json::json!({"address": address, "nonce": "1", "token": "t", "signature": signature});
    let data = RequestData::new(None, body.to_string().as_bytes());
    let error = DeleteAuthTokenRequest::parse(Dialect::OceanNode, &data, &AuthContext::default()).unwrap_err();
    assert_eq!(error.status(Dialect::OceanNode), 401);
}
