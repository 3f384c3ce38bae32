use ocean_ddo::{
    RawDdo,
    validate::{Profile, validate},
};
use serde_json::{Value, json};

/// A document that everybody accepts.
fn base() -> RawDdo {
    let document = json!({
        "@context": ["https://w3id.org/did/v1"],
        "id": "did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5",
        "version": "4.5.0",
        "chainId": 137,
        "nftAddress": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
        "metadata": {
            "created": "2022-12-30T08:40:06Z", "updated": "2022-12-30T08:40:06Z", "type": "dataset", "name": "DEX volume",
            "description": "Volume traded and locked", "tags": ["defi"], "author": "DEX", "license": "CC0"
        },
        "services": [{
            "id": "0", "type": "access", "files": "0x04be", "datatokenAddress": "0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8",
            "serviceEndpoint": "https://provider.example", "timeout": 604800
        }]
    });
    RawDdo::parse(document.to_string()).unwrap()
}

/// What strict finds, as `pointer rule`.
#[track_caller]
fn strict(document: &RawDdo, expected: &[&str]) {
    let report = validate(document, Profile::Strict);
    let found: Vec<String> =
        report.violations.iter().map(|violation| format!("{} {}", violation.pointer, violation.rule)).collect();
    assert_eq!(found, expected);
    assert_eq!(report.valid, expected.is_empty());
}

/// Only strict objects, or Aquarius too.
#[track_caller]
fn found(pointer: &str, value: Value, expected: &[&str], ddojs: bool, aquarius: bool) {
    let document = base().set(pointer, &value).unwrap();
    strict(&document, expected);
    assert_eq!(validate(&document, Profile::DdoJs).valid, ddojs, "ddo.js, {pointer}");
    assert_eq!(validate(&document, Profile::Aquarius).valid, aquarius, "Aquarius, {pointer}");
}

#[test]
fn the_base_is_valid_to_everybody() {
    found("/metadata/author", json!("DEX"), &[], true, true);
}

#[test]
fn what_only_strict_or_aquarius_finds() {
    found("/chainId", json!(1), &["/id did"], true, false);
    found("/id", json!(format!("did:op:{}", "A".repeat(64))), &["/id did", "/id did"], true, false);
    found("/nftAddress", json!("0xbb1081dbf3227bbb233db68f7117114babb43656"), &["/nftAddress address"], true, true);
    found("/@context", json!("x"), &["/@context context"], true, false);
    found("/@context", json!({}), &["/@context context"], true, true);
    found("/metadata/created", json!("yesterday"), &["/metadata/created date"], true, false);
    found("/metadata/updated", json!("2022-12-30T08:40:06.123+02:00"), &[], true, true);
    found("/metadata/type", json!("model"), &["/metadata/type enum"], true, true);
    found("/metadata/tags", json!("defi"), &["/metadata/tags type"], true, true);
    found("/metadata/author", json!(["DEX"]), &["/metadata/author type"], true, true);
    found("/metadata/author", json!({"@value": "DEX"}), &["/metadata/author type"], true, true);
    found("/chainId", json!([137]), &["/chainId type", "/chainId chainId"], true, false);
    found("/services/0/type", json!("fly"), &["/services/0/type enum"], true, true);
    found("/services/0/timeout", json!(-1), &["/services/0/timeout minimum"], true, true);
    found("/services/0/files", json!("file"), &["/services/0/files hex"], true, true);
    found("/services/0/files", json!(""), &[], true, true);
    found("/services/0/serviceEndpoint", json!("https://:8030/"), &["/services/0/serviceEndpoint url"], true, true);
    found("/services/0/serviceEndpoint", json!("https://user@"), &["/services/0/serviceEndpoint url"], true, true);
    found(
        "/services/0/datatokenAddress",
        json!("0x".repeat(21)),
        &["/services/0/datatokenAddress address"],
        true,
        true,
    );
    let service = base().value()["services"][0].clone();
    found("/services/-", service, &["/services/1/id unique"], true, true);
}

#[test]
fn what_ddojs_finds_too() {
    found("/metadata/description", json!("line\r\nline line"), &["/metadata/description pattern"], false, true);
    found("/metadata/name", json!("😀😀"), &[], true, false);
    found(
        "/services/0/datatokenAddress",
        json!("0x"),
        &["/services/0/datatokenAddress minLength", "/services/0/datatokenAddress address"],
        false,
        false,
    );
    found("/metadata", json!(null), &["/metadata minCount"], false, false);
}

#[test]
fn duplicate_keys_are_found_at_any_depth() {
    let twice = base().set_text("/more", "{\"a/b\":[{\"x\":1,\"\\u0078\":2}],\"y\":1,\"y\":1}").unwrap();
    strict(&twice, &["/more/a~1b/0/x duplicate", "/more/y duplicate"]);
}

#[test]
fn versions_without_rules_are_said_to_be_so() {
    for version in ["4.0.0", "4.2.0", "deprecated", "v4.1.0"] {
        let document = base().set("/version", &json!(version)).unwrap();
        for profile in [Profile::DdoJs, Profile::Aquarius, Profile::Strict] {
            let report = validate(&document, profile);
            if (version == "4.0.0" && profile != Profile::DdoJs)
                || (version == "deprecated" && profile == Profile::Strict)
            {
                assert!(report.valid && !report.is_unsupported(), "{:?}", report.violations);
                continue;
            }
            assert!(
                report.is_unsupported() && !report.valid && report.version.as_deref() == Some(version),
                "{version} {profile:?}"
            );
        }
    }
    let none = base().remove("/version").unwrap();
    assert!(!validate(&none, Profile::DdoJs).is_unsupported());
    assert!(
        validate(&none, Profile::Aquarius).aquarius_errors().contains_key("version"),
        "4.5.0 is taken, and demands a version"
    );
    let unknown = validate(&base().set("/version", &json!("9.9.9")).unwrap(), Profile::Aquarius);
    assert_eq!(unknown.aquarius_errors()["version"], "Can't find schema 9.9.9.");
}

#[test]
fn version_4_0_0_is_older_than_consumer_parameters() {
    let check = |version: &str, pointer: &str, value: Value, valid: bool| {
        let document = base().set("/version", &json!(version)).unwrap().set(pointer, &value).unwrap();
        assert_eq!(validate(&document, Profile::Aquarius).valid, valid, "{version} {pointer}");
    };
    let entry = || json!({"type": "address", "values": ["*"]});
    check("4.0.0", "/services/0/consumerParameters", json!(["x"]), true);
    check("4.1.0", "/services/0/consumerParameters", json!(["x"]), false);
    check("4.0.0", "/credentials", json!({"deny": [entry()]}), true);
    check("4.0.0", "/credentials", json!({"deny": [entry(), entry()]}), false);
    check("4.1.0", "/credentials", json!({"deny": [entry(), entry()]}), true);
    check("4.0.0", "/services/0/timeout", json!("1"), false);
}

#[test]
fn an_object_that_says_what_it_is_is_checked_for_it() {
    let check = |class: &str, valid: bool, keys: &[&str]| {
        let document = base().set("/more", &json!([{"deep": {"@type": class, "type": "address"}}])).unwrap();
        let report = validate(&document, Profile::DdoJs);
        assert_eq!(report.valid, valid, "{class}");
        assert_eq!(report.ddojs_errors().keys().collect::<Vec<_>>(), keys, "{class}");
    };
    check("CredentialsItem", false, &["values"]);
    check("http://schema.org/CredentialsItem", false, &["values"]);
    check("Credentials", true, &[]);
    check("Unknown", true, &[]);
    check("Compute", false, &["allowNetworkAccess", "allowRawAlgorithm"]);
}
