use ocean_crypto::PrivateKey;
use ocean_primitives::{ChainId, Dialect};
use ocean_provider_api::{Discovery, DiscoveryError, Endpoint, EndpointEntry, Root, discovery_entries, peer_id};

/// The development key of Barge's Provider.
const KEY: &str = "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215";

fn root(dialect: Dialect) -> Root {
    let key: PrivateKey = KEY.parse().unwrap();
    Root {
        chains: vec![(ChainId::DEVELOPMENT, key.address())],
        public_key: key.public_key().to_compressed(),
        endpoints: discovery_entries(dialect),
    }
}

#[track_caller]
fn refused(document: &str, expected: DiscoveryError) {
    assert_eq!(Discovery::parse(document.as_bytes()), Err(expected), "{document}");
}

#[test]
fn what_is_no_provider_is_refused() {
    refused("", DiscoveryError::NotAnObject);
    refused("[]", DiscoveryError::NotAnObject);
    refused("<html>", DiscoveryError::NotAnObject);
    refused("{}", DiscoveryError::NoAddress);
    refused(r#"{"providerAddress":null}"#, DiscoveryError::NoAddress);
    refused(r#"{"providerAddress":"0x12"}"#, DiscoveryError::BadValue("0x12".to_owned()));
    refused(r#"{"chainIds":["x"],"providerAddress":"0x12"}"#, DiscoveryError::BadValue("x".to_owned()));
    refused(
        r#"{"providerAddresses":{"0":"0xe08A1dAe983BC701D05E492DB80e0144f8f4b909"}}"#,
        DiscoveryError::BadValue("0".to_owned()),
    );
}

#[test]
fn the_provider_document_has_the_recorded_form() {
    let text = root(Dialect::Provider).to_json(Dialect::Provider);
    let start = r#"{"chainIds":[8996],"providerAddresses":{"8996":"0xe08A1dAe983BC701D05E492DB80e0144f8f4b909"},"serviceEndpoints":{"create_auth_token":["GET","/api/services/createAuthToken"],"decrypt":["POST","/api/services/decrypt"],"#;
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("\"software\":\"Provider\",\"version\":\"2.1.6\"}\n"), "{text}");
}

#[test]
fn the_node_document_is_what_ocean_js_reads() {
    let text = root(Dialect::OceanNode).to_json(Dialect::OceanNode);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["chainIds"], serde_json::json!(["8996"]));
    assert_eq!(value["providerAddress"], "0xe08A1dAe983BC701D05E492DB80e0144f8f4b909");
    let bytes = value["nodePublicKey"].as_object().unwrap();
    assert_eq!(bytes.len(), 33);
    assert!(bytes.keys().enumerate().all(|(index, key)| *key == index.to_string()));
    assert_eq!(value["serviceEndpoints"]["fileInfo"], serde_json::json!(["POST", "/api/services/fileInfo"]));
    assert_eq!(value["serviceEndpoints"]["jobs"], serde_json::json!(["GET", "/api/services/jobs/:job"]));
    assert_eq!(value["serviceEndpoints"]["generateAuthToken"][1], "/api/services/auth/token");
    assert_eq!(value["software"], "Ocean-Node");
}

#[test]
fn the_peer_id_is_the_one_of_the_ocean_js_pipeline() {
    let key: PrivateKey = KEY.parse().unwrap();
    let id = peer_id(&key.public_key().to_compressed());
    assert_eq!(id, "16Uiu2HAmRkJeRYRghP3ETQCpdz8NsQzQE9RpSST7i5YNgWqH4dVE");
}

#[track_caller]
fn read_back(dialect: Dialect) {
    let mut root = root(dialect);
    root.endpoints.push(EndpointEntry::new("Other", "GET", "/other/:id"));
    let read = Discovery::parse(root.to_json(dialect).as_bytes()).unwrap();
    assert_eq!(read.dialect, dialect);
    assert_eq!(read.chains, [ChainId::DEVELOPMENT]);
    assert_eq!(read.addresses[&ChainId::DEVELOPMENT], root.chains[0].1);
    assert_eq!(read.endpoints["other"], ("GET".to_owned(), "/other/:id".to_owned()));
    let (method, path) = read.endpoint(Endpoint::FileInfo).unwrap();
    assert_eq!((method.as_str(), path.to_lowercase().as_str()), ("POST", "/api/services/fileinfo"));
}

#[test]
fn a_client_reads_what_a_server_writes() {
    read_back(Dialect::Provider);
    read_back(Dialect::OceanNode);
}

#[test]
fn an_endpoint_that_is_not_named_has_its_usual_path() {
    let document = r#"{"chainIds":[8996],"providerAddresses":{"8996":"0xe08A1dAe983BC701D05E492DB80e0144f8f4b909"}}"#;
    let read = Discovery::parse(document.as_bytes()).unwrap();
    assert_eq!(read.endpoint(Endpoint::Nonce), Some(("GET".to_owned(), "/api/services/nonce".to_owned())));
    assert_eq!(read.endpoint(Endpoint::DirectCommand), None);
}
