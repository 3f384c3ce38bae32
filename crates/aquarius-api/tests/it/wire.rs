//! Requests and responses on the wire.

use ocean_aquarius_api::{
    ApiError, ddo, endpoints, jsonify, names,
    state::DdoState,
    trigger,
    validate::{Validated, Validation},
};
use ocean_did::Did;
use ocean_primitives::{Address, B256, ChainId, Dialect};
use serde_json::{Value, json};

#[test]
fn names_requests_that_are_none() {
    for (body, error) in [
        (json!("x"), ApiError::InvalidPayload),
        (json!([]), ApiError::InvalidPayload),
        (json!({}), ApiError::MissingDidList),
        (json!({ "didList": null }), ApiError::EmptyDidList),
        (json!({ "didList": "" }), ApiError::EmptyDidList),
        (json!({ "didList": {} }), ApiError::EmptyDidList),
        (json!({ "didList": 5 }), ApiError::DidListNotList),
        (json!({ "didList": "did:op:1" }), ApiError::DidListNotList),
    ] {
        assert_eq!(names::parse(&body), Err(error), "{body}");
    }
    assert_eq!(names::parse(&names::request(["a", "b"])), Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(names::parse(&json!({ "didList": [1] })), Ok(vec!["1".to_owned()]));
}

#[test]
fn triggers_take_both_spellings_of_the_chain() {
    for body in [
        json!({}),
        json!({ "transactionId": "0x1", "chain_id": 1 }),
        json!({ "transactionId": B256::ZERO, "chain_id": 0 }),
    ] {
        assert_eq!(trigger::Request::parse(&body), Err(ApiError::InvalidTransaction), "{body}");
    }
    let mut request = trigger::Request::new(B256::repeat_byte(7), ChainId::DEVELOPMENT);
    request.log_index = Some(3);
    assert_eq!(trigger::Request::parse(&request.to_json()), Ok(request));
    let documented = json!({ "transactionId": request.transaction_id, "chainId": "8996", "logIndex": 3 });
    assert_eq!(trigger::Request::parse(&documented), Ok(request));
}

#[test]
fn flask_sorts_keys_at_every_depth() {
    assert_eq!(jsonify(&json!({ "b": [{ "d": 1, "c": 2 }], "a": null })), "{\"a\":null,\"b\":[{\"c\":2,\"d\":1}]}\n");
}

#[test]
fn verdicts_survive_the_wire_as_one_element_arrays() {
    let word = B256::repeat_byte;
    let signed = Validated::Signed(Validation::new(word(1), Address::repeat_byte(2), 27, word(3), word(4)));
    let wire = signed.to_json();
    assert_eq!(wire["r"], json!([word(3)]));
    assert_eq!(Validated::from_body(&wire.to_string()), Some(signed));
    assert_eq!(Validated::from_body(&Validated::Unsigned.to_json().to_string()), Some(Validated::Unsigned));
    for broken in ["[]", "{}", "{\"hash\":\"0x12\"}", "x"] {
        assert_eq!(Validated::from_body(broken), None, "{broken}");
    }
    let mut odd = wire;
    odd["v"] = json!(900);
    assert_eq!(Validated::from_body(&odd.to_string()), None);
}

#[test]
fn states_survive_both_dialects() {
    for error in [None, Some("reason".to_owned())] {
        let state = DdoState::new(ChainId::DEVELOPMENT, "did:op:1", Address::repeat_byte(1), "0x01", error);
        for dialect in [Dialect::Provider, Dialect::OceanNode] {
            assert_eq!(DdoState::from_json(&state.to_json(dialect)).as_ref(), Some(&state));
        }
    }
    assert_eq!(DdoState::from_json(&Value::Null), None);
}

#[test]
fn paths_cannot_be_broken_out_of() {
    let did = Did::parse("did:op:../../x?y#z%41").unwrap();
    assert_eq!(ddo::path(&did), "/api/aquarius/assets/ddo/did:op:..%2F..%2Fx%3Fy%23z%2541");
}

#[test]
fn every_dialect_lists_the_shared_routes() {
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        let names: Vec<_> = endpoints(dialect).iter().map(|endpoint| endpoint.name).collect();
        assert!(["getDDO", "validateDDO", "getDDOState"].iter().all(|name| names.contains(name)), "{names:?}");
    }
}

#[test]
fn dumps_is_what_pythons_json_prints() {
    let value = json!({ "b": [1, 2.5, null, true], "a": { "text": "\"quoted\"\n\u{e9}\u{1f600}\u{7f}/" }, "none": {}, "empty": [] });
    let expected = r#"{"b": [1, 2.5, null, true], "a": {"text": "\"quoted\"\n\u00e9\ud83d\ude00\u007f/"}, "none": {}, "empty": []}"#;
    assert_eq!(ocean_aquarius_api::dumps(&value), expected);
    assert_eq!(serde_json::from_str::<Value>(expected).unwrap(), value);
}
