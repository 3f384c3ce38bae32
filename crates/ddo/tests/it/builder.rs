use ocean_ddo::{
    AlgorithmMetadata, AssetType, ComputeOptions, Container, Credentials, Ddo, DdoBuilder, Error, Metadata, RawDdo,
    Service, ServiceType, Version,
    serialise::survives_js,
    validate::{Profile, validate},
};
use ocean_did::Did;
use ocean_primitives::{Address, ChainId, ServiceId, address};
use serde_json::json;

const NFT: Address = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
const DATATOKEN: Address = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");

fn metadata(kind: AssetType) -> Metadata {
    let at = "2026-01-02T03:04:05.678Z".parse().unwrap();
    Metadata::new(kind, "Branin", "The Branin function on a grid", "Jane", "CC0", at)
}

fn service(id: &str, kind: ServiceType) -> Service {
    Service::new(id.parse().unwrap(), kind, "0x04be", DATATOKEN, "https://provider.example", 3600)
}

fn builder(kind: AssetType) -> DdoBuilder {
    Ddo::builder(NFT, ChainId::new(137).unwrap(), metadata(kind))
}

#[track_caller]
fn refused(builder: DdoBuilder, message: &str) {
    assert_eq!(builder.build().unwrap_err().to_string().split_once("invalid: ").unwrap().1, message);
}

/// What is built is valid to everybody who knows its version, and is the same after reading.
#[track_caller]
fn built(builder: DdoBuilder) -> RawDdo {
    let ddo = builder.build().unwrap();
    let raw = ddo.to_raw().unwrap();
    assert_eq!(raw.ddo().unwrap(), ddo);
    assert!(survives_js(raw.as_str()), "{raw}");
    for profile in [Profile::DdoJs, Profile::Aquarius, Profile::Strict] {
        let report = validate(&raw, profile);
        assert!(report.valid || report.is_unsupported(), "{profile:?}: {:?}", report.violations);
        let unknown = match profile {
            Profile::DdoJs => Version::V4_0_0,
            _ => Version::V4_7_0,
        };
        assert_eq!(report.is_unsupported(), profile != Profile::Strict && ddo.version == unknown);
    }
    raw
}

#[test]
fn an_invalid_document_is_not_built() {
    let access = || service("0", ServiceType::Access);
    let mut short = metadata(AssetType::Dataset);
    short.name = "x".to_owned();
    short.description = "a\r\nb".to_owned();
    refused(
        Ddo::builder(NFT, ChainId::DEVELOPMENT, short),
        "/metadata/description must have at least 10 UTF-16 units, has 4; \
         /metadata/description must not have carriage returns, U+2028 or U+2029; \
         /metadata/name must have at least 4 UTF-16 units, has 1",
    );
    refused(builder(AssetType::Algorithm), "/metadata/algorithm is missing, and the asset is an algorithm");
    refused(builder(AssetType::Other("x".into())), "/metadata/type must be dataset or algorithm");
    refused(
        builder(AssetType::Dataset).service(service("0", ServiceType::Compute)),
        "/services/0/compute is missing, and the service is of type compute",
    );
    let mut odd = access();
    odd.service_endpoint = "ftp://somewhere".to_owned();
    odd.files = "0x0".to_owned();
    refused(
        builder(AssetType::Dataset).service(odd),
        "/services/0/serviceEndpoint must be an http or https URL; /services/0/files must be 0x and pairs of hexadecimal digits",
    );
    refused(
        builder(AssetType::Dataset).version(Version::V4_3_0),
        "/services must have at least 1 values, has 0"
            .replace("must have at least 1 values, has 0", "is missing")
            .as_str(),
    );
    let twice = builder(AssetType::Dataset).service(access()).service(access()).build();
    assert!(matches!(twice, Err(Error::DuplicateService(id)) if id == "0"));
    for version in [Version::V5_0_0, Version::Deprecated, Version::Other("4.2.0".into())] {
        let error = builder(AssetType::Dataset).version(version).build().unwrap_err();
        assert!(matches!(error, Error::UnsupportedVersion { .. }), "{error}");
    }
    let huge = builder(AssetType::Dataset).extra("x", json!("y".repeat(5 << 20))).build();
    assert!(huge.unwrap_err().is_limit());
}

#[test]
fn a_dataset_as_it_is_published() {
    let raw = built(builder(AssetType::Dataset).service(service("0", ServiceType::Access)));
    let did = Did::op(NFT, ChainId::new(137).unwrap());
    insta::assert_snapshot!(raw.as_str().replace(did.as_str(), "[did]"), @r#"{"@context":["https://w3id.org/did/v1"],"id":"[did]","version":"4.5.0","chainId":137,"nftAddress":"0xBB1081DbF3227bbB233Db68f7117114baBb43656","metadata":{"created":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:05Z","type":"dataset","name":"Branin","description":"The Branin function on a grid","author":"Jane","license":"CC0"},"services":[{"id":"0","type":"access","files":"0x04be","datatokenAddress":"0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8","serviceEndpoint":"https://provider.example","timeout":3600}]}"#);
}

#[test]
fn every_kind_and_version() {
    for version in [Version::V4_0_0, Version::V4_1_0, Version::V4_3_0, Version::V4_5_0, Version::V4_7_0] {
        let mut compute = service("compute", ServiceType::Compute);
        compute.compute = Some(ComputeOptions::default());
        compute.credentials = Some(Credentials::deny_addresses([NFT]));
        let dataset = builder(AssetType::Dataset)
            .version(version.clone())
            .credentials(Credentials::allow_addresses([DATATOKEN]))
            .service(service("0", ServiceType::Access))
            .service(compute)
            .extra("10", json!({"b": 1, "1": "é\u{2028}"}));
        built(dataset);
        let mut algorithm = metadata(AssetType::Algorithm);
        let container = Container::new("python $ALGO", "python", "3", "sha256:00");
        algorithm.algorithm = Some(AlgorithmMetadata::new(container));
        algorithm.tags = vec!["a".to_owned()];
        algorithm.additional_information = Some(json!({"anything": [1, null]}));
        built(
            Ddo::builder(NFT, ChainId::DEVELOPMENT, algorithm)
                .version(version)
                .service(service("0", ServiceType::Access)),
        );
    }
}

#[test]
fn a_service_is_found_with_its_index() {
    let ddo = builder(AssetType::Dataset)
        .service(service("a", ServiceType::Access))
        .service(service("b", ServiceType::Access))
        .build()
        .unwrap();
    let find =
        |id: &str| ddo.service(&ServiceId::new(id).unwrap()).map(|(index, service)| (index, service.id.to_string()));
    assert_eq!(find("b"), Some((1, "b".to_owned())));
    assert_eq!(find("c"), None);
}
