use ocean_ddo::{
    AnyDdo, AssetType, Error, FileObject, RawDdo, Version,
    form::{Encrypted, Form, Remote, Signed},
    v5::{LanguageValue, License, Metadata, Mirror, RemoteObject, VerifiableCredential},
    validate::{Profile, validate},
};
use ocean_primitives::{ChainId, address};
use serde_json::{Value, json};

use crate::sample;

/// base64url without padding, written out so that it does not share code with what it tests.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let word = chunk.iter().chain([0, 0].iter()).take(3).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
            (0..=chunk.len()).map(move |at| char::from(DIGITS[(word >> (18 - 6 * at) & 63) as usize]))
        })
        .collect()
}

fn token(header: &str, payload: &str) -> String {
    [base64url(header.as_bytes()), base64url(payload.as_bytes()), base64url(&[1, 2, 3, 4])].join(".")
}

const HEADER: &str = "{\"alg\":\"ETH-EIP191\",\"typ\":\"JWT\"}";

#[test]
fn what_is_no_form() {
    for text in [
        "",
        "x",
        "a.b.c",
        "[1]",
        "1",
        "{\"remote\":1}",
        "{\"remote\":{\"type\":\"tape\"}}",
        "{\"encryptedData\":\"0x1\"}",
        "{\"encryptedData\":\"zz\"}",
    ] {
        assert!(Form::detect(text.as_bytes()).is_err(), "{text}");
    }
    for (header, payload) in [("{}", "{}"), ("[]", "{}"), (HEADER, "[]"), (HEADER, "{")] {
        assert!(Signed::parse(&token(header, payload)).is_err(), "{header} {payload}");
    }
    assert!(matches!(Signed::parse("a.b"), Err(Error::Envelope { .. })));
    assert!(Form::detect(&vec![b' '; 17 << 20]).unwrap_err().is_limit());
}

#[test]
fn a_document_and_a_reference_to_one() {
    let document = sample("full-5.0.0");
    assert_eq!(Form::detect(document.as_bytes()).unwrap(), Form::Document(document.clone()));
    let text = "{\"remote\":{\"type\":\"ipfs\",\"hash\":\"Qm\"}}";
    let Form::Remote(remote) = Form::detect(text.as_bytes()).unwrap() else { panic!("no reference") };
    assert_eq!(remote.file, FileObject::Ipfs { hash: "Qm".to_owned() });
    assert_eq!(Remote::new(remote.file).to_json(), text);
    assert!(RawDdo::parse(text).unwrap().is_remote() && !document.is_remote());
    let two = json!({"remote": {"type": "ipfs", "hash": "Qm"}, "id": 1}).to_string();
    assert!(matches!(Form::detect(two.as_bytes()), Ok(Form::Document(_))));
}

#[test]
fn a_signed_document_inside_its_wrapper() {
    let document = sample("full-5.0.0");
    let mut text = document.as_str().trim_end().trim_end_matches('}').to_owned();
    text.push_str(",\"iss\":\"0xabc\",\"sub\":\"x\",\"jti\":\"y\"}");
    for payload in [text, format!("{{\"iss\":\"0xabc\",\"vc\":{document}}}")] {
        let token = token(HEADER, &payload);
        let wrapper = Encrypted::new(json!(token).to_string());
        let Form::Encrypted(read) = Form::detect(wrapper.to_json().as_bytes()).unwrap() else { panic!("no wrapper") };
        assert_eq!(read.checksum(), wrapper.checksum());
        let Form::Signed(signed) = Form::detect(read.bytes()).unwrap() else { panic!("not signed") };
        assert_eq!(signed.document().unwrap(), document, "byte for byte");
        assert_eq!((signed.algorithm(), signed.issuer().as_deref()), ("ETH-EIP191", Some("0xabc")));
        assert_eq!(signed.signature(), [1, 2, 3, 4]);
        assert_eq!(format!("{}.AQIDBA", signed.signing_input()), token);
        assert!(matches!(Form::detect(token.as_bytes()), Ok(Form::Signed(_))), "a bare token");
    }
}

#[test]
fn every_version_has_a_view() {
    assert!(matches!(sample("full-4.7.0").read(), Ok(AnyDdo::V4(_))));
    let AnyDdo::V5(credential) = sample("full-5.0.0").read().unwrap() else { panic!("not 5.0.0") };
    let metadata = &credential.credential_subject.metadata;
    assert_eq!(metadata.description.as_ref().unwrap().language.as_deref(), Some("en"));
    let license = metadata.license.as_ref().unwrap();
    assert_eq!(license.license_documents[0].mirrors[0].url.as_deref(), Some("https://example.com/l"));
    assert_eq!(credential.to_raw().unwrap().credential().unwrap(), *credential);
    let document = sample("full-4.7.0");
    assert!(matches!(document.credential(), Err(Error::UnsupportedVersion { .. })));
    let deprecated = document.set("/version", &json!("deprecated")).unwrap();
    let AnyDdo::Deprecated(read) = deprecated.read().unwrap() else { panic!("not deprecated") };
    assert_eq!((read.version.clone(), read.extra.contains_key("metadata")), (Version::Deprecated, true));
    assert_eq!(read.to_raw().unwrap().value()["nftAddress"], document.value()["nftAddress"]);
    assert!(document.set("/version", &json!("9.9.9")).unwrap().read().is_err());
}

#[test]
fn a_credential_view_keeps_what_it_does_not_know() {
    for name in ["full-5.0.0", "ddojs-v5", "oceannode-v5"] {
        let raw = sample(name);
        let again = raw.credential().unwrap().to_raw().unwrap();
        let lower = |raw: &RawDdo| {
            // Addresses are written in EIP-55 form, both lists of credentials always, a list of one as its item.
            let text = raw.as_str().to_lowercase().replace(",\"deny\":[]", "").replace("{\"allow\":[],", "{");
            let text = text.replace("\"credentials\":[{}]", "\"credentials\":{\"allow\":[]}");
            serde_json::from_str::<Value>(&text.replace("{\"request_credentials\"", "[{\"request_credentials\"")).ok()
        };
        if name == "full-5.0.0" {
            assert_eq!(lower(&again), lower(&raw), "{name}");
        }
        assert_eq!(again.credential().unwrap(), raw.credential().unwrap(), "{name}");
    }
}

#[test]
fn a_credential_is_built() {
    let nft = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    let mut metadata = Metadata::new(AssetType::Dataset, "Branin", "Jane", at);
    metadata.description = Some(LanguageValue::new("שלום").language("he").right_to_left());
    let mut license = License::new("CC0");
    let mut text = RemoteObject::new("text", "text/plain", "00");
    text.mirrors.push(Mirror::url("https://example.com/l"));
    license.license_documents.push(text);
    metadata.license = Some(license);
    let builder = || VerifiableCredential::builder(nft, ChainId::DEVELOPMENT, metadata.clone());
    let service = sample("full-5.0.0").credential().unwrap().credential_subject.services.remove(0);
    let missing = builder().build().unwrap_err().to_string();
    assert!(missing.contains("/credentialSubject/services is missing") && missing.contains("/issuer"), "{missing}");
    let twice = builder().issuer("did:web:x").service(service.clone()).service(service.clone()).build();
    assert!(matches!(twice, Err(Error::DuplicateService(_))));
    let credential = builder().issuer("did:web:x").service(service).additional_ddo("gaiax", "x").build().unwrap();
    let raw = credential.to_raw().unwrap();
    for profile in [Profile::DdoJs, Profile::Strict] {
        assert!(validate(&raw, profile).valid);
    }
    assert_eq!(raw.credential().unwrap(), credential);
}

#[test]
fn strict_rules_of_version_5() {
    let check = |pointer: &str, value: Value, expected: &[&str], ddojs: bool| {
        // The sample has an address with a wrong checksum.
        let address = json!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");
        let base = sample("full-5.0.0").set("/credentialSubject/services/0/datatokenAddress", &address).unwrap();
        let document = base.set(pointer, &value).unwrap();
        let report = validate(&document, Profile::Strict);
        let found: Vec<_> = report.violations.iter().map(|one| format!("{} {}", one.pointer, one.rule)).collect();
        assert_eq!(found, expected, "{pointer} {value}");
        assert_eq!(validate(&document, Profile::DdoJs).valid, ddojs, "{pointer} {value}");
    };
    check("/@context", json!(["https://w3id.org/did/v1"]), &["/@context context"], true);
    check("/type", json!(["Credential"]), &["/type enum"], true);
    check("/issuer", json!(""), &["/issuer issuer"], true);
    check("/credentialSubject/id", json!("did:ope:1"), &["/credentialSubject/id did"], true);
    check("/credentialSubject/chainId", json!(1), &["/id did"], true);
    let metadata = |name: &str| format!("/credentialSubject/metadata/{name}");
    check(&metadata("created"), json!("yesterday"), &["/credentialSubject/metadata/created date"], true);
    check(&metadata("license"), json!("CC0"), &["/credentialSubject/metadata/license license"], true);
    check(&metadata("links"), json!({"a": "x"}), &["/credentialSubject/metadata/links/a url"], true);
    check(&metadata("type"), json!("model"), &["/credentialSubject/metadata/type enum"], true);
    check(&metadata("description"), json!("x"), &["/credentialSubject/metadata/description language"], true);
    // What the market of Ocean Enterprise publishes.
    check(
        &metadata("description"),
        json!({"@value": "x", "@direction": "", "@language": ""}),
        &[
            "/credentialSubject/metadata/description jsonld",
            "/credentialSubject/metadata/description/@language language",
        ],
        false,
    );
    let service = |name: &str| format!("/credentialSubject/services/0/{name}");
    check(&service("files"), json!("https://x"), &["/credentialSubject/services/0/files hex"], true);
    check(&service("serviceEndpoint"), json!("x"), &["/credentialSubject/services/0/serviceEndpoint url"], true);
}
