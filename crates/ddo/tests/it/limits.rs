//! Hostile input: a clear error or a verdict, in time linear in its size.

use std::time::{Duration, Instant};

use ocean_ddo::{
    Error, RawDdo,
    limits::{MAX_DOCUMENT_BYTES, MAX_NESTING, MAX_VALUES, MAX_VIOLATIONS},
    serialise::{js_stringify, py_compact},
    validate::{Profile, validate},
};
use serde_json::json;

use crate::sample;

const PROFILES: [Profile; 3] = [Profile::DdoJs, Profile::Aquarius, Profile::Strict];

/// Whatever can be done with a document, on one that wants it to take long. Quadratic work on these sizes takes minutes.
#[track_caller]
fn quick(text: String) {
    let start = Instant::now();
    let document = RawDdo::parse(text).unwrap();
    for profile in PROFILES {
        let report = validate(&document, profile);
        assert!(report.violations.len() <= MAX_VIOLATIONS);
    }
    assert!(js_stringify(document.as_str()).is_ok() && py_compact(document.as_str()).is_ok());
    let _ = document.ddo();
    let _ = document.value();
    let _ = document.stripped();
    let _ = document.set("/new", &json!(1)).map(|edited| edited.remove("/new"));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// The 4.7.0 sample with one value replaced by JSON text.
fn with(pointer: &str, text: &str) -> String {
    sample("full-4.7.0").set_text(pointer, text).unwrap().to_string()
}

#[test]
fn more_than_the_limits_is_refused() {
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(RawDdo::parse(deep(MAX_NESTING)).is_ok());
    assert!(matches!(RawDdo::parse(deep(MAX_NESTING + 1)), Err(Error::TooDeep { limit: MAX_NESTING, .. })));
    assert!(matches!(RawDdo::parse(deep(1_000_000)), Err(Error::TooDeep { .. })));
    assert!(matches!(RawDdo::parse("{\"a\":".repeat(500_000)), Err(Error::TooDeep { .. })));
    let wide = |values: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(values - 3));
    assert!(RawDdo::parse(wide(MAX_VALUES)).is_ok());
    assert!(matches!(RawDdo::parse(wide(MAX_VALUES + 1)), Err(Error::TooManyValues { limit: MAX_VALUES })));
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert!(RawDdo::parse(long(MAX_DOCUMENT_BYTES)).is_ok());
    assert!(matches!(RawDdo::parse(long(MAX_DOCUMENT_BYTES + 1)), Err(Error::TooLarge { .. })));
    assert!(matches!(RawDdo::parse("{}").unwrap().set("/a", &json!("x".repeat(5 << 20))), Err(Error::TooLarge { .. })));
}

#[test]
fn an_edit_cannot_pass_the_limits() {
    let deepest = format!("{{\"a\":{}{}}}", "[".repeat(MAX_NESTING - 1), "]".repeat(MAX_NESTING - 1));
    let pointer = format!("/a{}", "/0".repeat(MAX_NESTING - 2));
    let document = RawDdo::parse(deepest).unwrap();
    assert!(document.set(&format!("{pointer}/0"), &json!(1)).is_ok());
    assert!(matches!(document.set(&format!("{pointer}/0"), &json!([])), Err(Error::TooDeep { .. })));
}

#[test]
fn many_of_everything() {
    let list = |count: usize, item: &dyn Fn(usize) -> String| {
        format!("[{}]", (0..count).map(item).collect::<Vec<_>>().join(","))
    };
    quick(with("/metadata/tags", &list(25_000, &|index| format!("\"tag {index}\""))));
    quick(with("/metadata/tags", &list(50_000, &|_| "\"t\"".to_owned())));
    quick(with("/metadata/tags", &list(25_000, &|index| format!("{{\"@value\":\"{index}\"}}"))));
    let service = sample("full-4.7.0").value()["services"][0].to_string();
    quick(with("/services", &list(500, &|_| service.clone())));
    quick(with("/services", &list(50_000, &|_| "1".to_owned())));
    quick(with("/services", &list(25_000, &|_| "{}".to_owned())));
    quick(with("/credentials/allow", &list(25_000, &|_| "{\"type\":1}".to_owned())));
}

#[test]
fn many_keys() {
    let keys = |count: usize, key: &dyn Fn(usize) -> String| {
        format!("{{{}}}", (0..count).map(|index| format!("\"{}\":1", key(index))).collect::<Vec<_>>().join(","))
    };
    quick(with("/more", &keys(50_000, &|index| format!("k{index}"))));
    quick(with("/more", &keys(50_000, &|index| format!("{}", 50_000 - index))));
    quick(with("/more", &keys(50_000, &|_| "a".to_owned())));
    quick(with("/more", &keys(25_000, &|index| format!("@k{index}"))));
    quick(with("/more", &keys(25_000, &|_| "\\u0040value".to_owned())));
    quick(with("/more", &keys(25_000, &|_| "@set".to_owned())));
    quick(with("/more", &keys(25_000, &|index| format!("http://schema.org/{index}"))));
    quick(with("/metadata", &keys(25_000, &|index| format!("\\u0041{index}"))));
    quick(keys(50_000, &|_| "nft".to_owned()));
}

#[test]
fn many_contexts() {
    let terms = (0..20_000).map(|index| format!("\"t{index}\":\"x:{index}\"")).collect::<Vec<_>>().join(",");
    let inner = "{\"@context\":{\"a\":\"b\"},\"a\":1}";
    let many = vec![inner; 20_000].join(",");
    quick(with("/more", &format!("{{\"@context\":{{{terms}}},\"list\":[{many}]}}")));
    // One around the other, and a name that none of them defines.
    let deep = "{\"@context\":{\"a\":\"b\"},\"x\":".repeat(100);
    let names = (0..50_000).map(|index| format!("\"n{index}\":1")).collect::<Vec<_>>().join(",");
    quick(with("/more", &format!("{deep}{{{names}}}{}", "}".repeat(100))));
    quick(with("/more", &format!("{{\"@nest\":[{}]}}", vec!["{\"name\":1}"; 50_000].join(","))));
    let nested = format!("{{\"@nest\":{}1{}}}", "{\"@nest\":{\"a\":".repeat(50), "}}".repeat(50));
    quick(with("/more", &nested));
    quick(with("/more", &format!("{{\"@context\":[{}]}}", vec!["{\"a\":\"b\"}"; 50_000].join(","))));
    quick(with("/more", &format!("{{\"@context\":{{\"a\":\"b\"}},\"@nest\":{{{names}}}}}")));
}

#[test]
fn long_texts() {
    let long = "é😀\\u0001".repeat(100_000);
    quick(with("/metadata/name", &format!("\"{long}\"")));
    quick(with("/id", &format!("\"did:op:{long}\"")));
    quick(with("/nftAddress", &format!("\"{long}\"")));
    quick(with("/version", &format!("\"4{long}\"")));
    quick(with("/chainId", &"9".repeat(3 << 20)));
    quick(with("/chainId", &format!("1e-{}", "9".repeat(3 << 20))));
    quick(with("/metadata/created", &format!("\"{long}\"")));
    // A long name above many duplicates: their pointers must not repeat it in full.
    quick(with("/more", &format!("{{\"{}\":{{{}\"b\":1}}}}", "a".repeat(1 << 20), "\"b\":[],".repeat(25_000))));
}

#[test]
fn a_conversion_is_linear_too() {
    let members =
        |prefix: &str| (0..50_000).map(|index| format!("\"{prefix}{index}\":1")).collect::<Vec<_>>().join(",");
    let document = sample("full-5.0.0").set_text("/credentialSubject/more", "1").unwrap();
    let wide = document.as_str().replace("\"more\":1", &members("a"));
    let wide = wide.replacen('{', &format!("{{{},", members("b")), 1);
    let start = Instant::now();
    let conversion = ocean_ddo::convert(&RawDdo::parse(wide).unwrap(), &ocean_ddo::Version::V4_7_0).unwrap();
    assert!(conversion.document.value().get("b49999").is_some());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
