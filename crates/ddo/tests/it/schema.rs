//! The JSON Schemas against the table they come from, and against the recorded verdicts.

use std::collections::BTreeMap;

use jsonschema::Validator;
use ocean_ddo::{
    RawDdo, Version,
    schema::{VERSIONS, generate, json_schema},
    validate::{Profile, validate},
};
use serde_json::{Value, json};

use crate::{mutants, sample};

/// Why a schema and ddo.js disagree on some documents of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// ddo.js takes one value for a list of one and the reverse, flattens lists, leaves out null and equal values.
    Sets,
    /// `{"@value": …}` is a value to ddo.js.
    ValueObject,
    /// JSON-LD refuses a keyword, or checks what says that it is a document.
    Keyword,
    /// The address is none, which ddo.js finds out before it looks at its schema.
    Address,
    /// ddo.js counts UTF-16 units.
    Astral,
}

fn validators() -> BTreeMap<Version, Validator> {
    VERSIONS
        .into_iter()
        .map(|version| {
            let schema: Value = serde_json::from_str(json_schema(&version).unwrap()).unwrap();
            assert!(jsonschema::meta::is_valid(&schema), "{version}");
            (version, jsonschema::draft202012::new(&schema).unwrap())
        })
        .collect()
}

#[test]
fn files_are_what_the_table_makes() {
    for version in VERSIONS {
        let (committed, made) = (json_schema(&version).unwrap(), generate(&version).unwrap());
        assert!(committed == made, "{version} is stale: run `cargo xtask codegen`");
    }
    for version in [Version::Deprecated, Version::from("4.2.0")] {
        assert_eq!((json_schema(&version), generate(&version)), (None, None));
    }
}

#[track_caller]
fn check(document: &RawDdo, pointer: &str, value: Value, expected: &str) {
    let validators = validators();
    let edited = document.set(pointer, &value).unwrap().value();
    let errors = validators[&document.version().unwrap()]
        .iter_errors(&edited)
        .map(|error| format!("{} {}", error.instance_path(), error.kind().keyword()))
        .collect::<Vec<_>>();
    assert_eq!(errors.join(", "), expected);
}

#[test]
fn an_error_names_its_place_and_keyword() {
    let ddo = sample("full-4.7.0");
    check(&ddo, "/metadata/name", json!("abc"), "/metadata/name minLength");
    check(&ddo, "/metadata/name", Value::Null, "/metadata/name type");
    check(&ddo, "/metadata/tags", json!("one"), "");
    check(&ddo, "/metadata/tags", json!(["one", "x".repeat(257)]), "/metadata/tags/1 maxLength");
    check(&ddo, "/metadata/tags", json!(vec!["x"; 65]), "/metadata/tags maxItems");
    check(&ddo, "/metadata/description", json!("two lines\r\nend"), "/metadata/description pattern");
    check(&ddo, "/metadata/description", json!("two lines\nend"), "");
    check(&ddo, "/metadata/algorithm/container", json!({}), &["/metadata/algorithm/container required"; 4].join(", "));
    check(&ddo, "/services", json!({}), "/services type");
    check(&ddo, "/services/0/timeout", json!(1e21), "/services/0/timeout exclusiveMaximum");
    check(&ddo, "/services/1/compute/publisherTrustedAlgorithms", json!(["*"]), "");
    let trusted = "/services/1/compute/publisherTrustedAlgorithms/0";
    check(&ddo, trusted, json!("x"), &format!("{trusted} pattern"));
    check(&ddo, trusted, json!(1), &format!("{trusted} type"));
    check(&ddo, "/credentials", Value::Null, "");
    check(&ddo, "/credentials/deny/0/values", json!([]), "/credentials/deny/0/values minItems");
    check(&ddo, "/id", json!("did:ope:".repeat(9)), "/id maxLength, /id pattern");
    check(&ddo, "/version", json!("4.5.0"), "/version const");
    check(&sample("full-4.5.0"), "/services/0/credentials", json!("anything"), "");
    let ddo = sample("full-5.0.0");
    check(&ddo, "/type", json!("VerifiableCredential"), "");
    check(&ddo, "/type", json!([]), "/type minItems");
    check(&ddo, "/credentialSubject/metadata/description", json!(1), "");
    check(&ddo, "/credentialSubject/services", json!([]), "/credentialSubject/services minItems");
}

#[test]
fn what_only_aquarius_knows_follows_aquarius() {
    let ddo = sample("full-4.1.0").set("/version", &json!("4.0.0")).unwrap();
    // One entry each, where later versions have more.
    let ddo = ddo.set("/credentials", &json!({ "deny": [{ "type": "address", "values": ["0x1"] }] })).unwrap();
    let undated = ddo.remove("/metadata/created").unwrap();
    check(&undated, "/metadata/updated", json!(1), "");
    let trusted = "/services/1/compute/publisherTrustedAlgorithms";
    check(&undated, trusted, json!(["*"]), &format!("{trusted}/0 type"));
}

#[test]
fn verdicts_differ_from_ddojs_for_known_reasons_only() {
    let validators = validators();
    let (mut same, mut known, mut other) = (0, BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for mutant in mutants() {
        let Some(validator) = mutant.document.version().and_then(|version| validators.get(&version)) else { continue };
        let valid = validator.is_valid(&mutant.document.value());
        let theirs = mutant.ddojs["valid"] == json!(true);
        if mutant.name.ends_with("|base") {
            assert!(valid && theirs, "{}", mutant.name);
        }
        // What we publish is always as the schema has it.
        assert!(valid || !validate(&mutant.document, Profile::Strict).valid, "{}", mutant.name);
        if valid == theirs {
            same += 1;
            continue;
        }
        let operation = mutant.name.rsplit('|').next().unwrap();
        let errors = &mutant.ddojs["errors"];
        let reason = match operation {
            "array1" | "arraydup" | "first-only" | "with-null" | "emptyarray" if theirs => Reason::Sets,
            "atvalue" | "typed-int" if theirs => Reason::ValueObject,
            "at-type-DDO" => Reason::Keyword,
            "emoji" | "array1" | "arraydup" | "at-id" | "atvalue" | "atvalue-lang" | "empty" | "crlf"
                if errors.get("output").or(errors.get("general")).is_some() =>
            {
                Reason::Keyword
            }
            "nft-badchecksum" | "nft-short" | "len-min-1" if errors.get("general").is_some() => Reason::Address,
            name if name.starts_with("emoji-") || name.starts_with("astral-") => Reason::Astral,
            // ddo.js has no rules for it.
            "version=4.0.0" => continue,
            _ => {
                other.push(format!("{} {errors}", mutant.name));
                continue;
            }
        };
        known.entry(reason).or_default().push(mutant.name);
    }
    assert!(other.is_empty(), "no reason known:\n{}", other.join("\n"));
    let counts: Vec<_> = known.iter().map(|(reason, names)| (*reason, names.len())).collect();
    let expected =
        [(Reason::Sets, 8), (Reason::ValueObject, 4), (Reason::Keyword, 14), (Reason::Address, 4), (Reason::Astral, 7)];
    assert_eq!((same, counts.as_slice()), (256, expected.as_slice()), "{known:?}");
}
