use ocean_ddo::{Ddo, Error, RawDdo, ServiceType, TrustedAlgorithms, Version};
use ocean_primitives::{Dialect, address};
use serde_json::{Value, json};

use crate::{mutants, sample};

/// The 4.7.0 sample with one value replaced.
fn with(pointer: &str, value: Value) -> Result<Ddo, Error> {
    sample("full-4.7.0").set(pointer, &value).unwrap().ddo()
}

#[track_caller]
fn refused(pointer: &str, value: Value) {
    assert!(matches!(with(pointer, value), Err(Error::Form(_))), "{pointer}");
}

#[test]
fn what_a_view_needs_must_be_there() {
    assert!(matches!(RawDdo::parse("{}").unwrap().ddo(), Err(Error::Form(_))));
    refused("/id", json!("did:key:1"));
    refused("/id", json!(1));
    refused("/chainId", json!(0));
    refused("/chainId", json!([137]));
    refused("/nftAddress", json!("0x123"));
    refused("/metadata", json!("x"));
    refused("/services", json!("x"));
    refused("/services/0/id", json!(""));
    refused("/services/0/datatokenAddress", json!(null));
    // ocean.py's own sample has such an address; 4.1.0 limits no length.
    assert!(sample("oceanpy-compute").ddo().is_err());
    refused("/services/0/timeout", json!("1"));
    refused("/services/0/timeout", json!(1.5));
    refused("/services/0/files", json!({"a": 1}));
    // More than one cannot be judged, and must not be taken for none.
    refused("/credentials", json!([{"deny": []}, {"deny": []}]));
    refused("/credentials", json!({"deny": [], "match_deny": "some"}));
}

#[test]
fn odd_forms_are_read() {
    assert_eq!(with("/services/0/timeout", json!(0)).unwrap().services[0].timeout, 0);
    assert_eq!(
        with("/services/0/timeout", json!(-1)).unwrap().services[0].timeout,
        1,
        "a negative timeout is not for ever"
    );
    assert_eq!(with("/services/0/timeout", json!(1e20)).unwrap().services[0].timeout, u64::MAX);
    assert_eq!(with("/metadata/tags", json!("a")).unwrap().metadata.tags, ["a"]);
    assert_eq!(with("/metadata/description", json!({"@value": "x"})).unwrap().metadata.description, "x");
    assert!(with("/credentials", json!("x")).unwrap().credentials.is_none());
    assert_eq!(with("/credentials", json!([{"deny": ["x"]}])).unwrap().credentials.unwrap().deny.len(), 1);
    assert_eq!(with("/@context", json!("x")).unwrap().context, ["x"]);
    let star = with("/services/0/compute", json!({"publisherTrustedAlgorithms": ["*"]})).unwrap();
    assert_eq!(star.services[0].compute.as_ref().unwrap().publisher_trusted_algorithms, TrustedAlgorithms::Any);
}

#[test]
fn a_view_keeps_what_it_does_not_know() {
    for name in
        ["full-4.1.0", "full-4.3.0", "full-4.5.0", "full-4.7.0", "ddojs-v4", "ddojs-v4-compute", "aquarius-4.5.0"]
    {
        let raw = sample(name);
        let ddo = raw.ddo().unwrap();
        let again = ddo.to_raw().unwrap();
        // What a view writes in one way only: addresses in EIP-55 form (one sample has a wrong checksum), both lists of credentials,
        // absent credentials for null.
        let lower = |raw: &RawDdo| {
            let text = raw.as_str().to_lowercase().replace(",\"deny\":[]", "").replace(",\"credentials\":null", "");
            serde_json::from_str::<Value>(&text).unwrap()
        };
        assert_eq!(lower(&again), lower(&raw), "{name}");
        assert_eq!(again.ddo().unwrap(), ddo, "{name}");
    }
}

#[test]
fn version_5_is_read_from_its_subject_and_not_written() {
    let ddo = sample("full-5.0.0").ddo().unwrap();
    assert_eq!(ddo.version, Version::V5_0_0);
    assert_eq!(ddo.nft_address, address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656"));
    assert!(ddo.id.as_str().starts_with("did:ope:"));
    assert!(!ddo.metadata.description.is_empty() && !ddo.services.is_empty());
    assert!(matches!(ddo.to_raw(), Err(Error::UnsupportedVersion { .. })));
}

#[test]
fn both_credentials_must_admit() {
    let alice = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
    let deny = json!({"deny": [{"type": "address", "values": [alice]}]});
    let open = json!({});
    for (asset, service, admitted) in
        [(&open, &open, true), (&deny, &open, false), (&open, &deny, false), (&deny, &deny, false)]
    {
        let raw =
            sample("full-4.7.0").set("/credentials", asset).unwrap().set("/services/0/credentials", service).unwrap();
        let ddo = raw.ddo().unwrap();
        for dialect in [Dialect::Provider, Dialect::OceanNode] {
            assert_eq!(ddo.check_access(&ddo.services[0], alice, dialect).is_allowed(), admitted);
        }
    }
    assert_eq!(ServiceType::from("wss".to_owned()).as_str(), "wss");
}

#[test]
fn no_recorded_document_makes_a_view_panic() {
    let read = mutants().into_iter().filter(|mutant| mutant.document.ddo().is_ok()).count();
    assert!(read > 200, "{read} of 320 have a view");
}
