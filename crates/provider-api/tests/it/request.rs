use ocean_primitives::Dialect;
use ocean_provider_api::{ApiError, RequestData, nonce::NonceRequest};
use serde_json::json;

#[test]
fn the_query_wins_over_the_body() {
    let data = RequestData::new(Some("a=1&b=%2Fx+y&a=2&&c"), br#"{"a":"body","d":1}"#);
    assert_eq!(data.text("a").unwrap(), "1");
    assert_eq!(data.text("b").unwrap(), "/x y");
    assert_eq!(data.text("c").unwrap(), "");
    assert_eq!(data.text("d"), None);
    let data = RequestData::new(Some(""), br#"{"a":"body","d":1,"e":null}"#);
    assert_eq!(data.text("a").unwrap(), "body");
    assert_eq!(data.text("d").unwrap(), "1");
    assert_eq!(data.text("e"), None);
}

#[test]
fn the_context_of_an_error_holds_no_secret() {
    assert_eq!(RequestData::new(None, b"").context(), json!(null));
    assert_eq!(RequestData::new(None, b"{bad").context(), json!({}));
    let body = br#"{"a":1,"signature":"0x1","token":"t","url":"http://secret","headers":{"k":"v"}}"#;
    assert_eq!(RequestData::new(None, body).context(), json!({"a": 1}));
    let nested =
        br#"{"file":{"url":"http://secret"},"a":{"b":1,"signature":"0x1"},"c":[{"token":"t"},2],"userdata":"u"}"#;
    assert_eq!(RequestData::new(None, nested).context(), json!({"a": {"b": 1}, "c": [{}, 2], "userdata": "u"}));
}

#[test]
fn ocean_node_answers_a_nonce_for_nobody() {
    let nobody = RequestData::default();
    assert!(matches!(NonceRequest::parse(Dialect::Provider, &nobody), Err(ApiError::Validation(_))));
    assert_eq!(NonceRequest::parse(Dialect::OceanNode, &nobody).unwrap().address, None);
    let text = RequestData::new(Some("userAddress=hello"), b"");
    assert_eq!(NonceRequest::parse(Dialect::Provider, &text).unwrap().address, None);
}
