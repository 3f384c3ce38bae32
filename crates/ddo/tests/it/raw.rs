use ocean_ddo::{DocumentHash, Error, INDEXER_FIELDS, RawDdo, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::mutants;

fn raw(text: &str) -> RawDdo {
    RawDdo::parse(text).unwrap()
}

#[track_caller]
fn refused(text: impl Into<Vec<u8>>, message: &str) {
    assert_eq!(RawDdo::parse(text).unwrap_err().to_string(), message);
}

#[track_caller]
fn set(before: &str, pointer: &str, value: Value, after: &str) {
    assert_eq!(raw(before).set(pointer, &value).unwrap().as_str(), after);
}

#[track_caller]
fn removed(before: &str, pointer: &str, after: &str) {
    assert_eq!(raw(before).remove(pointer).unwrap().as_str(), after);
}

#[track_caller]
fn no_way(before: &str, pointer: &str) {
    assert!(matches!(raw(before).remove(pointer), Err(Error::Pointer { .. })), "{pointer}");
}

#[test]
fn what_is_no_document_is_refused() {
    refused("", "the document is not JSON at byte 0: a value");
    refused("[]", "a document is a JSON object");
    refused("\u{feff}{}", "the document is not JSON at byte 0: a value");
    refused(b"{\"a\":\"\xff\"}".as_slice(), "the document is not UTF-8 after byte 6");
    refused("{}x", "the document is not JSON at byte 2: nothing after the document");
    refused("{\"a\":1,}", "the document is not JSON at byte 7: a key");
    refused("{\"a\":[1,]}", "the document is not JSON at byte 8: a value");
    refused("{\"a\" 1}", "the document is not JSON at byte 5: a colon");
    refused("{'a':1}", "the document is not JSON at byte 1: a key");
    refused("{\"a\":01}", "the document is not JSON at byte 6: a comma or the end of the object");
    refused("{\"a\":1.}", "the document is not JSON at byte 7: a digit");
    refused("{\"a\":.5}", "the document is not JSON at byte 5: a value");
    refused("{\"a\":+1}", "the document is not JSON at byte 5: a value");
    refused("{\"a\":1e}", "the document is not JSON at byte 7: a digit");
    refused("{\"a\":NaN}", "the document is not JSON at byte 5: a value");
    refused("{\"a\":nul}", "the document is not JSON at byte 5: a value");
    refused("{\"a\":\"\n\"}", "the document is not JSON at byte 6: no raw control character in a string");
    refused("{\"a\":\"\\x\"}", "the document is not JSON at byte 6: a valid escape");
    refused("{\"a\":\"\\u12g4\"}", "the document is not JSON at byte 6: a valid escape");
    refused("{\"a\":\"\\", "the document is not JSON at byte 6: a valid escape");
    refused("{\"a\":\"", "the document is not JSON at byte 6: the end of the string");
    refused("{\"a\":\"é\\u12é4\"}", "the document is not JSON at byte 8: a valid escape");
}

#[test]
fn bytes_stay_as_they_were() {
    let odd = "\t{ \"b\" : 1E400, \"a\\u0062\":-0.0,\"\":[ ],\"x\":\"\\/\\ud800\",\"b\":{ }\r\n} \n";
    let document = raw(odd);
    assert_eq!(document.as_str(), odd);
    assert_eq!(document.as_bytes(), odd.as_bytes());
    assert_eq!(document.to_string(), odd);
    assert_eq!(document.clone().into_bytes(), odd.as_bytes());
    assert_eq!(document.stripped(), document);
    assert_eq!(document.value(), json!({"b": {}, "ab": -0.0, "": [], "x": "/\u{fffd}"}));
}

#[test]
fn an_edit_changes_what_it_touches() {
    let odd = "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"x\" } ] ,\n \"n\" : 1e5 }";
    set(odd, "/a/0", json!(2), "{ \"a\" : [ 2 , { \"k\\u0041\" : \"x\" } ] ,\n \"n\" : 1e5 }");
    set(odd, "/a/1/kA", json!("é\n"), "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"é\\n\" } ] ,\n \"n\" : 1e5 }");
    set(odd, "/a/1/new", json!([]), "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"x\",\"new\":[] } ] ,\n \"n\" : 1e5 }");
    set(odd, "/a/-", json!(null), "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"x\" },null ] ,\n \"n\" : 1e5 }");
    set(odd, "/a/2", json!(true), "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"x\" },true ] ,\n \"n\" : 1e5 }");
    set(odd, "/q\"~1~0", json!(0), "{ \"a\" : [ 1.50 , { \"k\\u0041\" : \"x\" } ] ,\n \"n\" : 1e5,\"q\\\"/~\":0 }");
    set("{}", "/a", json!({"2": 1, "1": 2}), "{\"a\":{\"1\":2,\"2\":1}}");
    set("{ }", "/", json!(1), "{\"\":1 }");
    set("{\"a\":[]}", "/a/0", json!(1.0), "{\"a\":[1]}");
    set("{\"a\":1,\"a\":2}", "/a", json!(3), "{\"a\":1,\"a\":3}");
    set("{\"a\":1}", "", json!({"b": 2}), "{\"b\":2}");
}

#[test]
fn a_removal_takes_one_comma() {
    removed("{\"a\":1, \"b\":2 ,\"c\":3}", "/a", "{\"b\":2 ,\"c\":3}");
    removed("{\"a\":1, \"b\":2 ,\"c\":3}", "/b", "{\"a\":1 ,\"c\":3}");
    removed("{\"a\":1, \"b\":2 ,\"c\":3}", "/c", "{\"a\":1, \"b\":2}");
    removed("{ \"a\":1 }", "/a", "{  }");
    removed("{\"a\":[1 ,2, 3]}", "/a/1", "{\"a\":[1, 3]}");
    removed("{\"a\":[1 ,2, 3]}", "/a/0", "{\"a\":[2, 3]}");
    removed("{\"a\":1,\"b\":2,\"a\":3}", "/a", "{\"b\":2}");
    removed("{\"b\":0,\"a\":1,\"a\":2,\"a\":3,\"c\":4}", "/a", "{\"b\":0,\"c\":4}");
    removed("{\"a\":1,\"a\":2}", "/a", "{}");
    removed("{\"a~\":1,\"a/\":{\"\":2}}", "/a~1/", "{\"a~\":1,\"a/\":{}}");
}

#[test]
fn a_pointer_that_leads_to_nothing_is_an_error() {
    for pointer in [
        "",
        "a",
        "/b",
        "/a/2",
        "/a/-",
        "/a/01",
        "/a/+1",
        "/a/ 1",
        "/a/0/x",
        "/a/9/x",
        "/n/x",
        "/z/y",
        "/a/99999999999999999999",
    ] {
        no_way("{\"a\":[1,2],\"n\":1}", pointer);
    }
    for pointer in ["a", "/a/3", "/a/01", "/n/x", "/z/y"] {
        assert!(
            matches!(raw("{\"a\":[1,2],\"n\":1}").set(pointer, &json!(1)), Err(Error::Pointer { .. })),
            "{pointer}"
        );
    }
    assert!(matches!(raw("{}").set("", &json!([])), Err(Error::NotAnObject)));
    assert!(matches!(raw("{}").set_text("/a", "1,\"b\":2"), Err(Error::Syntax { .. })));
}

#[test]
fn indexer_fields_come_off_and_nothing_else() {
    let own = "{\"id\":1, \"metadata\":{\"nft\":1,\"stats\":2}, \"Nft\":1}";
    let added = INDEXER_FIELDS.map(|name| format!("\"{name}\":{{\"a\":[1]}}"));
    for place in 0..3 {
        let mut members = vec!["\"id\":1", " \"metadata\":{\"nft\":1,\"stats\":2}", " \"Nft\":1"];
        members.splice(place..place, added.iter().map(String::as_str));
        let stripped = raw(&format!("{{{}}}", members.join(","))).stripped();
        assert_eq!(stripped.as_str().replace("{ ", "{"), own);
    }
    assert_eq!(raw("{\"n\\u0066t\":1,\"nft\":2,\"a\":3}").stripped().as_str(), "{\"a\":3}");
    assert_eq!(raw("{\"nft\":1}").stripped().as_str(), "{}");
}

#[test]
fn both_definitions_of_the_hash_are_recognised() {
    let document = raw("{\"a\":\"x\",\"b\":1}");
    let bytes = "0xcdab067e9f3beb32d1252cfd63e492592fecbf591b0d08cadb24bb17f3864246".parse().unwrap();
    let hex = "0xeacfcbd5fb1bc9a2d831dbbb5737e56e711e5f8395cc1e26aa0f659f72d4f849".parse().unwrap();
    assert_eq!(document.matches(bytes, true), Some(DocumentHash::Bytes));
    assert_eq!(document.matches(bytes, false), Some(DocumentHash::Bytes));
    assert_eq!(document.matches(hex, false), Some(DocumentHash::HexText));
    assert_eq!(document.matches(hex, true), None);
    assert_eq!(raw("{\"a\":\"x\",\"b\": 1}").matches(bytes, false), None);
}

#[test]
fn the_version_is_read_without_the_rest() {
    assert_eq!(raw("{}").version(), None);
    assert_eq!(raw("{\"version\":4}").version(), None);
    assert_eq!(raw("{\"version\":\"4.7.0\\n\"}").version(), Some(Version::Other("4.7.0\n".to_owned())));
    assert_eq!(raw("{\"version\":\"1\",\"v\\u0065rsion\":\"4.5.0\"}").version(), Some(Version::V4_5_0));
}

#[test]
fn every_recorded_document_keeps_its_bytes_through_an_edit_and_back() {
    for mutant in mutants() {
        let document = mutant.document;
        let edited = document.set("/ours", &json!({"a": 1})).unwrap();
        assert_ne!(edited.checksum(), document.checksum());
        assert_eq!(edited.remove("/ours").unwrap(), document, "{}", mutant.name);
    }
}

/// Any JSON value, with white space and escapes as they come.
fn value() -> impl Strategy<Value = String> {
    let space = "[ \t\r\n]{0,2}";
    let leaf = prop_oneof![
        "(null|true|false)",
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        "[^\"\\\\\\p{Cc}]{0,6}(\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}){0,3}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let item = (space, inner.clone(), space).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = ("[a-c0-9]{0,2}(\\\\u00[46][0-9])?", space, inner, space)
            .prop_map(|(key, a, value, b)| format!("{a}\"{key}\"{b}:{a}{value}{b}"));
        prop_oneof![
            prop::collection::vec(item, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_goes_out_as_it_came_in(first in value(), second in value(), spaced in "[ \n]{0,2}") {
        let text = format!("{spaced}{{\"x\":{first},{spaced}\"y\":{second}{spaced}}}");
        let document = RawDdo::parse(text.as_str()).unwrap();
        prop_assert_eq!(document.as_str(), text.as_str());
        // An edit of one member leaves the rest: the same text around another value.
        let edited = document.set("/x", &json!("new")).unwrap();
        let expected = format!("{spaced}{{\"x\":\"new\",{spaced}\"y\":{second}{spaced}}}");
        prop_assert_eq!(edited.as_str(), expected.as_str());
        let removed = document.remove("/y").unwrap();
        let expected = format!("{spaced}{{\"x\":{first}{spaced}}}");
        prop_assert_eq!(removed.as_str(), expected.as_str());
    }

    #[test]
    fn what_serde_json_reads_reads_the_same(first in value()) {
        let document = RawDdo::parse(format!("{{\"x\":{first}}}")).unwrap();
        if let Ok(theirs) = serde_json::from_str::<Value>(document.as_str()) {
            prop_assert_eq!(document.value(), theirs);
        }
    }

    #[test]
    fn garbage_is_accepted_exactly_when_serde_json_finds_an_object(text in "[{}\\[\\]\",:0-9eE.\\-+ truefalsn\\\\u]{0,24}") {
        let theirs = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text).is_ok_and(|raw| raw.get().starts_with('{'));
        prop_assert_eq!(RawDdo::parse(text.as_str()).is_ok(), theirs, "{}", text);
    }
}
