//! What a violation says, and where it stands.

use ocean_ddo::{
    RawDdo, Version, line_column,
    validate::{Profile, Source, Violation, validate},
};
use serde_json::{Value, json};

use crate::{mutants, sample};

fn first(name: &str, pointer: &str, value: Value, profile: Profile) -> Violation {
    let report = validate(&sample(name).set(pointer, &value).unwrap(), profile);
    report.violations.into_iter().find(|violation| violation.pointer == pointer).unwrap()
}

#[test]
fn a_violation_names_limit_versions_and_sources() {
    let short = first("full-4.7.0", "/metadata/name", json!("abc"), Profile::DdoJs);
    assert_eq!((short.limit, short.found), (Some(4), Some(3)));
    assert_eq!(short.versions, [Version::V4_5_0, Version::V4_7_0]);
    assert_eq!(short.sources, [Source::DdoJs, Source::Aquarius]);
    assert_eq!(short.sentence(), "/metadata/name must have at least 4 UTF-16 units, has 3: write more.");
    let absent = first("full-4.7.0", "/metadata/created", Value::Null, Profile::DdoJs);
    assert_eq!(absent.versions, [Version::V4_1_0, Version::V4_3_0, Version::V4_5_0, Version::V4_7_0]);
    assert_eq!((absent.sources, absent.limit), (vec![Source::DdoJs], Some(1)));
    let five = first("full-5.0.0", "/credentialSubject/chainId", json!("x"), Profile::DdoJs);
    assert_eq!(five.versions, [Version::V5_0_0]);
    let date = first("full-4.7.0", "/metadata/created", json!("x"), Profile::Strict);
    assert_eq!((date.sources, date.versions), (vec![Source::Specification, Source::Aquarius], vec![Version::V4_7_0]));
    let json = serde_json::to_value(&short).unwrap();
    assert_eq!((&json["limit"], &json["sources"]), (&json!(4), &json!(["ddo.js", "Aquarius"])));
}

#[test]
fn every_recorded_violation_can_be_acted_on() {
    for mutant in mutants() {
        for profile in [Profile::DdoJs, Profile::Aquarius, Profile::Strict] {
            let report = validate(&mutant.document, profile);
            for violation in &report.violations {
                assert!(!violation.sources.is_empty(), "{}: {violation:?}", mutant.name);
                assert!(!violation.versions.is_empty() || report.is_unsupported(), "{}: {violation:?}", mutant.name);
                assert!(violation.sentence().len() > violation.message.len() + 5, "{violation:?}");
                let places = mutant.document.places();
                let place = places.find(&violation.pointer);
                assert!(place.line >= 1 && place.start < place.end, "{violation:?}");
            }
        }
    }
}

#[test]
fn a_place_is_where_the_text_is() {
    let text = "{\n  \"a~b/c\": [1, {\"é\": \"x\"}],\r\n  \"d\": 2, \"d\": 3\n}";
    let document = RawDdo::parse(text).unwrap();
    let places = document.places();
    let check = |pointer: &str, expected: (usize, usize, &str, bool)| {
        let place = places.find(pointer);
        assert_eq!((place.line, place.column, &text[place.start..place.end], place.exact), expected, "{pointer}");
    };
    check("", (1, 1, text, true));
    check("/a~0b~1c/0", (2, 13, "1", true));
    check("/a~0b~1c/1/é", (2, 22, "\"x\"", true));
    check("/d", (3, 16, "3", true));
    check("/a~0b~1c/7/x", (2, 12, "[1, {\"é\": \"x\"}]", false));
    check("/none", (1, 1, text, false));
    check("d", (1, 1, text, false));
    assert_eq!(places.line(2), "  \"a~b/c\": [1, {\"é\": \"x\"}],");
    assert_eq!((places.line(0), places.line(9)), ("", ""));
    assert_eq!(line_column(text.as_bytes(), text.find("é").unwrap()), (2, 18));
    assert_eq!(line_column(b"\xff\n\xff", 99), (2, 2));
}
