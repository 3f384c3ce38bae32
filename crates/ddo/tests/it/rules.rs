use ocean_ddo::{
    ComputeOptions, ConsumerParameter, Denial,
    rules::{
        AccessRefusal, Candidate, Level, ParameterReason, PublishedAlgorithm, TrustRefusal, complete_parameters,
        may_access, may_run,
    },
};
use ocean_primitives::{Address, Dialect, address};
use serde_json::{Value, json};

use crate::sample;

const ALICE: Address = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
const OWNER: Address = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");
const BOTH: [Dialect; 2] = [Dialect::Provider, Dialect::OceanNode];

#[test]
fn a_deny_list_of_either_level_is_named_first() {
    let entry = |address: Address| json!([{"type": "address", "values": [address]}]);
    let check = |asset: Value, service: Value, expected: Result<(), AccessRefusal>| {
        let document = sample("full-4.7.0").set("/credentials", &asset).unwrap();
        let ddo = document.set("/services/0/credentials", &service).unwrap().ddo().unwrap();
        for dialect in BOTH {
            assert_eq!(may_access(&ddo, &ddo.services[0], ALICE, dialect, |_| false), expected, "{asset} {service}");
        }
    };
    let refused = |level, denial| Err(AccessRefusal { level, denial });
    check(json!({"allow": entry(OWNER)}), json!({"deny": entry(ALICE)}), refused(Level::Service, Denial::InDenyList));
    check(json!({"deny": entry(ALICE)}), json!({"allow": entry(OWNER)}), refused(Level::Asset, Denial::InDenyList));
    check(json!({"allow": entry(OWNER)}), json!({}), refused(Level::Asset, Denial::NotInAllowList));
    check(json!({}), json!({"allow": entry(OWNER)}), refused(Level::Service, Denial::NotInAllowList));
    check(json!({"allow": entry(ALICE)}), json!({"deny": entry(OWNER)}), Ok(()));
    let refusal = AccessRefusal { level: Level::Service, denial: Denial::InDenyList };
    assert_eq!(refusal.to_string(), "the service's credentials deny this address");
}

fn algorithm() -> PublishedAlgorithm {
    let mut algorithm = PublishedAlgorithm::new("did:op:1", "s", ALICE);
    algorithm.owner = Some(OWNER);
    algorithm.files_checksum = "ab".to_owned();
    algorithm.container_section_checksum = "cd".to_owned();
    algorithm
}

/// The refusals' codes, or nothing: Provider, then ocean-node.
#[track_caller]
fn runs(compute: Value, provider: &str, node: &str) {
    let options: ComputeOptions = serde_json::from_value(compute.clone()).unwrap();
    let algorithm = algorithm();
    let code = |dialect| {
        may_run(Some(&options), Candidate::Published(&algorithm), dialect).err().map_or("", |refusal| refusal.code())
    };
    assert_eq!((code(Dialect::Provider), code(Dialect::OceanNode)), (provider, node), "{compute}");
}

#[test]
fn trust_differs_by_dialect() {
    let trusted = |did: &str, files: &str, container: &str| json!({"did": did, "filesChecksum": files, "containerSectionChecksum": container});
    let (owner, nft) = (OWNER.to_checksum(None), ALICE.to_checksum(None));
    let good = trusted("did:op:1", "ab", "cd");
    runs(json!({}), "", "not_trusted_algo");
    runs(json!({"publisherTrustedAlgorithms": [good]}), "", "");
    runs(
        json!({"publisherTrustedAlgorithms": [trusted("did:op:2", "ab", "cd")]}),
        "not_trusted_algo",
        "not_trusted_algo",
    );
    runs(
        json!({"publisherTrustedAlgorithms": [trusted("did:op:1", "AB", "cd")]}),
        "",
        "algorithm_file_checksum_mismatch",
    );
    let container = "algorithm_container_checksum_mismatch";
    runs(json!({"publisherTrustedAlgorithms": [trusted("did:op:1", "ab", "CD")]}), container, container);
    runs(json!({"publisherTrustedAlgorithms": [{"did": "did:op:1"}]}), "", "algorithm_file_checksum_mismatch");
    runs(json!({"publisherTrustedAlgorithms": [trusted("*", "*", "*")]}), "not_trusted_algo", "");
    runs(json!({"publisherTrustedAlgorithms": ["*"]}), "no_publisherTrustedAlgorithms", "");
    runs(json!({"publisherTrustedAlgorithmPublishers": [owner]}), "", "not_trusted_algo_publisher");
    runs(json!({"publisherTrustedAlgorithmPublishers": [nft.to_lowercase()]}), "not_trusted_algo_publisher", "");
    runs(json!({"publisherTrustedAlgorithmPublishers": ["*"]}), "not_trusted_algo_publisher", "");
    // Both lists: and, or.
    let both = json!({"publisherTrustedAlgorithmPublishers": [nft], "publisherTrustedAlgorithms": [good]});
    runs(both, "not_trusted_algo_publisher", "");
    let both = json!({"publisherTrustedAlgorithmPublishers": [owner], "publisherTrustedAlgorithms": [good]});
    runs(both, "", "");
    // The last of equal entries counts for one, any for the other.
    let twice = json!({"publisherTrustedAlgorithms": [good, trusted("did:op:1", "no", "cd")]});
    runs(twice, "algorithm_file_checksum_mismatch", "");
    let mut elsewhere = good.clone();
    elsewhere["serviceId"] = json!("other");
    runs(json!({"publisherTrustedAlgorithms": [elsewhere]}), "", "not_trusted_algo");
}

#[test]
fn checksums_that_are_not_known_match_nothing() {
    let options: ComputeOptions =
        serde_json::from_value(json!({"publisherTrustedAlgorithms": [{"did": "did:op:1"}]})).unwrap();
    let unread = PublishedAlgorithm::new("did:op:1", "s", ALICE);
    let refusal = may_run(Some(&options), Candidate::Published(&unread), Dialect::OceanNode).unwrap_err();
    assert!(matches!(refusal, TrustRefusal::FilesChecksum { .. }), "{refusal}");
}

#[test]
fn raw_code_is_a_matter_of_the_flag() {
    let options = |raw: bool| serde_json::from_value::<ComputeOptions>(json!({"allowRawAlgorithm": raw})).unwrap();
    for dialect in BOTH {
        assert_eq!(may_run(Some(&options(true)), Candidate::Raw, dialect), Ok(()));
        assert_eq!(may_run(Some(&options(false)), Candidate::Raw, dialect), Err(TrustRefusal::RawNotAllowed));
        assert_eq!(may_run(None, Candidate::Raw, dialect), Err(TrustRefusal::NoCompute));
    }
}

/// What the documentation has as its example, with a default of every type.
fn parameters() -> Vec<ConsumerParameter> {
    serde_json::from_value(json!([
        {"name": "hometown", "type": "text", "label": "", "required": true, "description": "", "default": "Nowhere"},
        {"name": "age", "type": "number", "label": "", "required": false, "description": "", "default": 0},
        {"name": "developer", "type": "boolean", "label": "", "required": "false", "description": "", "default": "false"},
        {"name": "language", "type": "select", "label": "", "required": false, "description": "", "default": "nodejs",
         "options": [{"nodejs": "I love NodeJS"}, {"flask": "I love Flask"}]},
        {"name": "note", "type": "text", "label": "", "required": false, "description": "", "default": ""}
    ]))
    .unwrap()
}

#[track_caller]
fn completed(given: Value, expected: Result<Value, &[&str]>) {
    let answer = complete_parameters(&parameters(), given.as_object().unwrap());
    let answer =
        answer.map(Value::Object).map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>());
    let expected = expected.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(answer, expected, "{given}");
}

#[test]
fn consumer_parameters_are_checked_and_completed() {
    completed(json!({}), Err(&["`hometown` is required: give a value"]));
    completed(
        json!({"hometown": null, "age": "x"}),
        Err(&["`hometown` is required: give a value", "`age` must be a number"]),
    );
    completed(
        json!({"hometown": 1, "developer": "yes", "language": "cobol", "agee": 1}),
        Err(&[
            "`hometown` must be a text",
            "`developer` must be true or false",
            "`language` must be one of: nodejs, flask",
            "`agee` is not asked for; the parameters are: hometown, age, developer, language, note",
        ]),
    );
    completed(
        json!({"hometown": "x"}),
        Ok(json!({"hometown": "x", "age": 0, "developer": false, "language": "nodejs"})),
    );
    completed(
        json!({"note": "n", "hometown": "x", "age": "1.5", "developer": "true", "language": "flask"}),
        Ok(json!({"hometown": "x", "age": 1.5, "developer": true, "language": "flask", "note": "n"})),
    );
}

#[test]
fn options_are_read_in_every_form() {
    for options in [
        json!(["a", "b"]),
        json!([{"a": "A"}, {"b": "B"}]),
        json!({"a": "A", "b": "B"}),
        json!("[{\"a\":\"A\"},{\"b\":\"B\"}]"),
        json!([{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]),
    ] {
        let parameter = json!({"name": "x", "type": "select", "required": true, "default": "z", "options": options});
        let parameter: ConsumerParameter = serde_json::from_value(parameter).unwrap();
        let give = |value: &str| {
            complete_parameters(std::slice::from_ref(&parameter), json!({"x": value}).as_object().unwrap())
        };
        assert!(give("b").is_ok(), "{options}");
        let problems = give("z").unwrap_err();
        assert!(
            matches!(&problems[0].reason, ParameterReason::NotAChoice { choices } if choices == &["a", "b"]),
            "{options}"
        );
        let mut optional = parameter.clone();
        optional.required = json!(false);
        let problems = complete_parameters(&[optional], &serde_json::Map::new()).unwrap_err();
        assert!(matches!(&problems[0].reason, ParameterReason::Default(_)), "the default is no choice");
    }
}
