use ocean_primitives::Dialect;
use ocean_provider_api::{
    RequestData,
    file_info::{FileEntry, FileInfoRequest, FileInfoSubject, parse_response, response},
};

#[track_caller]
fn refused(dialect: Dialect, body: &str, status: u16, text: &str) {
    let error = FileInfoRequest::parse(dialect, &RequestData::new(None, body.as_bytes())).unwrap_err();
    let answer = error.response(dialect);
    assert_eq!(answer.status, status, "{body}");
    assert!(answer.body.contains(text), "{body}: {}", answer.body);
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

#[test]
fn what_is_no_file_is_a_client_error() {
    let provider = Dialect::Provider;
    refused(provider, "{}", 400, "The type field is required when did is not present.");
    refused(provider, r#"{"url":"http://secret"}"#, 400, "Validation error");
    refused(provider, r#"{"type":"blob"}"#, 400, "The selected type is invalid.");
    refused(provider, r#"{"type":["url"],"url":"http://secret"}"#, 400, "The selected type is invalid.");
    refused(provider, r#"{"did":"did:op:1"}"#, 400, "The serviceId field is required");
    refused(provider, r#"{"did":"op:1","serviceId":"1"}"#, 400, "The did format is invalid.");
    refused(provider, r#"{"type":"url","url":"http://secret","headers":[{"a":"b"}]}"#, 400, "malformed file object.");
    refused(provider, r#"{"type":"url","url":"http://secret","headers":"x"}"#, 400, "malformed file object.");
    refused(provider, r#"{"type":"graphql","url":"http://secret"}"#, 400, "missing graphql query");
    refused(provider, r#"{"type":"smartcontract","address":"0x1","chainId":1}"#, 400, "malformed file object.");
    refused(
        provider,
        r#"{"type":"smartcontract","address":"0x1","chainId":1,"abi":{"stateMutability":"payable"}}"#,
        400,
        "only view or pure functions are allowed",
    );
    refused(Dialect::OceanNode, "{}", 400, "Missing one ( \"type\" )");
    refused(Dialect::OceanNode, r#"{"type":"url"}"#, 400, "Missing one ( \"url\" )");
}

#[test]
fn a_file_object_loses_what_is_not_its_own() {
    let body = r#"{"type":"url","url":"http://a/b","method":"GET","checksum":true,"userdata":"{\"a\":1}"}"#;
    let asked = FileInfoRequest::parse(Dialect::OceanNode, &RequestData::new(None, body.as_bytes())).unwrap();
    assert!(asked.checksum);
    assert_eq!(asked.user_data, Some(serde_json::json!({"a": 1})));
    let FileInfoSubject::File { kind, object } = asked.subject else { panic!("a file was sent") };
    assert_eq!(kind, "url");
    assert_eq!(object, serde_json::json!({"type": "url", "url": "http://a/b", "method": "get"}));
}

#[test]
fn a_checksum_is_asked_for_in_every_spelling_of_the_clients() {
    #[track_caller]
    fn check(sent: &str, expected: bool) {
        let body = format!(r#"{{"type":"url","url":"http://a/b","checksum":{sent}}}"#);
        for dialect in [Dialect::Provider, Dialect::OceanNode] {
            let asked = FileInfoRequest::parse(dialect, &RequestData::new(None, body.as_bytes())).unwrap();
            assert_eq!(asked.checksum, expected, "{sent}");
        }
    }
    for no in ["false", "0", "0.0", "null", r#""""#, r#""false""#, r#""0""#] {
        check(no, false);
    }
    // ocean.js sends a boolean, ocean.py a number, a query text.
    for yes in ["true", "1", r#""true""#, r#""1""#] {
        check(yes, true);
    }
}

fn entry() -> FileEntry {
    FileEntry {
        kind: "url".to_owned(),
        valid: true,
        content_length: Some(210),
        content_type: Some("text/plain".to_owned()),
        file_name: Some("small.txt".to_owned()),
        checksum: None,
    }
}

#[track_caller]
fn answered(dialect: Dialect, entry: &FileEntry, expected: &str) {
    let text = response(dialect, std::slice::from_ref(entry));
    assert_eq!(text, expected);
    assert_eq!(parse_response(text.as_bytes()).unwrap(), std::slice::from_ref(entry));
}

#[test]
fn answers_have_the_recorded_forms() {
    let unreadable = FileEntry { kind: "url".to_owned(), ..FileEntry::default() };
    answered(Dialect::Provider, &unreadable, "[{\"index\":0,\"type\":\"url\",\"valid\":false}]\n");
    answered(Dialect::OceanNode, &unreadable, r#"[{"valid":false,"type":"url"}]"#);
    answered(
        Dialect::Provider,
        &entry(),
        "[{\"contentLength\":\"210\",\"contentType\":\"text/plain\",\"filename\":\"small.txt\",\"index\":0,\"type\":\"url\",\"valid\":true}]\n",
    );
    answered(
        Dialect::OceanNode,
        &entry(),
        r#"[{"valid":true,"contentLength":"210","contentType":"text/plain","name":"small.txt","type":"url"}]"#,
    );
    let contract = FileEntry {
        kind: "smartcontract".to_owned(),
        file_name: None,
        content_type: Some("application/json".to_owned()),
        content_length: Some(16),
        ..entry()
    };
    answered(
        Dialect::Provider,
        &contract,
        "[{\"contentLength\":16,\"contentType\":\"application/json\",\"index\":0,\"type\":\"smartcontract\",\"valid\":true}]\n",
    );
}
