use ocean_ddo::{
    Conversion, Error, LossKind, RawDdo, Version, convert,
    validate::{Profile, validate},
};
use serde_json::{Value, json};

use crate::sample;

#[track_caller]
fn converted(document: &RawDdo, to: Version) -> Conversion {
    let conversion = convert(document, &to).unwrap();
    assert_eq!(conversion.document.version(), Some(to));
    conversion
}

/// The losses as `kind pointer`.
fn losses(conversion: &Conversion) -> Vec<String> {
    conversion.losses.iter().map(|loss| format!("{:?} {}", loss.kind, loss.pointer)).collect()
}

#[test]
fn what_cannot_be_converted() {
    let base = sample("full-4.7.0");
    let refused = |document: &RawDdo, to: Version| convert(document, &to).unwrap_err();
    assert!(matches!(refused(&base, Version::from("4.2.0")), Error::UnsupportedVersion { .. }));
    let unknown = base.set("/version", &json!("9.9.9")).unwrap();
    assert!(
        matches!(refused(&unknown, Version::V4_7_0), Error::UnsupportedVersion { version, .. } if version == "9.9.9")
    );
    let deprecated = converted(&base, Version::Deprecated).document;
    assert!(matches!(refused(&deprecated, Version::V4_7_0), Error::UnsupportedVersion { .. }));
    for (pointer, value) in [("/chainId", json!("137")), ("/chainId", json!(0)), ("/nftAddress", json!("0x12"))] {
        let error = refused(&base.set(pointer, &value).unwrap(), Version::V5_0_0);
        assert!(matches!(&error, Error::Convert { pointer: at, .. } if at == pointer), "{error}");
    }
    let bare = RawDdo::parse("{\"version\":\"5.0.0\"}").unwrap();
    assert!(matches!(refused(&bare, Version::V4_7_0), Error::Convert { .. }));
}

#[test]
fn within_version_4_only_the_version_changes() {
    let base = sample("full-4.5.0");
    let newer = converted(&base, Version::V4_7_0);
    assert_eq!(newer.document.as_str(), base.as_str().replace("\"4.5.0\"", "\"4.7.0\""));
    assert!(newer.losses.is_empty() && newer.violations.is_empty(), "{:?}", newer.losses);
    let older = converted(&sample("full-4.7.0"), Version::V4_1_0);
    assert!(losses(&older).contains(&"Unread /services/0/credentials".to_owned()), "{:?}", older.losses);
    assert!(losses(&converted(&base, Version::V4_0_0)).contains(&"Changed /services/0/files".to_owned()));
    // What the new version demands is not made up.
    let short = sample("full-4.1.0").set("/metadata/name", &json!("x")).unwrap();
    let conversion = converted(&short, Version::V4_7_0);
    assert!(conversion.violations.iter().any(|violation| violation.pointer == "/metadata/name"));
    assert_eq!(converted(&base, Version::V4_5_0).document, base);
}

#[test]
fn to_version_5_and_back() {
    let base = sample("full-4.7.0").set("/metadata/contentLanguage", &json!("de")).unwrap();
    let five = converted(&base, Version::V5_0_0);
    assert!(five.violations.is_empty(), "{:?}", five.violations);
    let value = five.document.value();
    assert_eq!(value["credentialSubject"]["metadata"]["description"]["@language"], "de");
    assert_eq!(value["credentialSubject"]["metadata"]["license"]["name"], base.value()["metadata"]["license"]);
    assert!(value["id"].as_str().unwrap().starts_with("did:ope:"));
    assert!(five.document.credential().is_ok());
    let found = losses(&five);
    for loss in ["Changed /id", "Filled /issuer", "Changed /metadata/links"] {
        assert!(found.contains(&loss.to_owned()), "{loss} is not among {found:?}");
    }
    let back = converted(&five.document, Version::V4_7_0);
    let (mut old, mut new) = (base.value(), back.document.value());
    for value in [&mut old, &mut new] {
        value["metadata"].as_object_mut().unwrap().remove("providedBy");
    }
    assert_eq!(new, old);
    assert!(back.violations.is_empty(), "{:?}", back.violations);
}

#[test]
fn what_version_4_cannot_say_is_listed() {
    let four = converted(&sample("full-5.0.0"), Version::V4_7_0);
    let found = losses(&four);
    for loss in [
        "Changed /id",
        "Dropped /issuer",
        "Dropped /additionalDdos",
        "Dropped /credentialSubject/metadata/license/licenseDocuments",
        "Unread /credentialSubject/metadata/providedBy",
        "Unread /credentialSubject/services/0/state",
    ] {
        assert!(found.contains(&loss.to_owned()), "{loss} is not among {found:?}");
    }
    let value = four.document.value();
    assert_eq!(value["metadata"]["license"], "https://example.com/l");
    assert_eq!(value["metadata"]["contentLanguage"], "en");
    // An entry that 4.x cannot express stays for the reader to see: leaving it out would let others in.
    assert!(four.violations.iter().any(|violation| violation.pointer.starts_with("/services/0/credentials")));
    assert!(four.losses.iter().all(|loss| loss.kind != LossKind::Filled), "{:?}", four.losses);
}

#[test]
fn what_is_kept_keeps_its_text() {
    let odd = "{\"big\":123456789012345678901234567890,\"e\":1E5,\"u\":\"\\u00e9\\/\",\"lone\":\"\\ud800\"}";
    let base = sample("full-4.7.0").set_text("/metadata/additionalInformation", odd).unwrap();
    let five = converted(&base, Version::V5_0_0).document;
    assert!(five.as_str().contains(odd));
    assert!(converted(&five, Version::V4_5_0).document.as_str().contains(odd));
}

#[test]
fn what_an_indexer_added_is_left_out() {
    let served = sample("ddojs-v4");
    let conversion = converted(&served, Version::V5_0_0);
    assert!(losses(&conversion).iter().any(|loss| loss.starts_with("Dropped /")), "{:?}", conversion.losses);
    assert_eq!(conversion.document.value()["credentialSubject"].get("datatokens"), None);
}

#[test]
fn the_deprecated_form_keeps_the_identity_only() {
    for name in ["full-4.7.0", "full-5.0.0"] {
        let conversion = converted(&sample(name), Version::Deprecated);
        let value = conversion.document.value();
        let keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["id", "version", "chainId", "nftAddress"]);
        assert!(conversion.losses.iter().any(|loss| loss.pointer.ends_with("/metadata")));
        assert!(validate(&conversion.document, Profile::Strict).valid);
        assert!(!validate(&conversion.document, Profile::DdoJs).valid);
        assert_eq!(value["chainId"], Value::from(137));
    }
}
