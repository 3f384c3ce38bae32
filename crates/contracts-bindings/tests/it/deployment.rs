use std::{fs, path::Path};

use ocean_contracts_bindings::{Deployment, Error};
use ocean_primitives::{Address, ChainId, address};
use serde_json::{Value, json};

const ADDRESS_FILE: &str = include_str!("../fixtures/address_development_260.json");

fn file() -> Value {
    serde_json::from_str(ADDRESS_FILE).unwrap()
}

#[track_caller]
fn check_error(file: &Value, expected: &str) {
    let error = Deployment::from_address_json(file, ChainId::DEVELOPMENT).unwrap_err();
    assert_eq!(error.to_string(), format!("address file: {expected}"));
}

#[test]
fn a_file_without_the_contracts_is_refused() {
    check_error(&json!([]), "not an object");
    check_error(&json!({}), "no network has chain id 8996");
    check_error(&json!({ "development": { "chainId": 8997 } }), "no network has chain id 8996");
    check_error(&json!({ "development": { "chainId": "8996" } }), "no network has chain id 8996");
    for (key, value, text) in [
        ("Router", Value::Null, "`Router` is missing"),
        ("ERC721Factory", json!(""), "`ERC721Factory` is missing"),
        ("FixedPrice", json!("0x12"), "`FixedPrice` is not an address"),
        ("Dispenser", json!(5), "`Dispenser` is not a text"),
        ("Escrow", json!("escrow"), "`Escrow` is not an address"),
        ("ERC20Template", json!({ "one": "0x12" }), "`ERC20Template` has the template `one`, which is not a number"),
    ] {
        let mut file = file();
        file["development"][key] = value;
        check_error(&file, text);
    }
}

#[test]
fn the_development_file_is_read_by_chain_id() {
    let deployment = Deployment::from_address_json(&file(), ChainId::DEVELOPMENT).unwrap();
    assert_eq!(deployment.network, "development");
    assert_eq!(deployment.start_block, 16);
    assert_eq!(deployment.factory, address!("645439117eB378a6d35148452E287a038666Ed67"));
    assert_eq!(deployment.fixed_price, address!("EBe77E16736359Bf0F9013F6017242a5971cAE76"));
    assert_eq!(deployment.erc20_templates[&2], address!("F152cF3c67dFD41a317eAe8fAc0e1e8E98724A13"));
    assert_eq!(deployment.erc721_templates.len(), 1);
    assert_eq!(deployment.extra_address("MockUSDC"), Some(address!("312213d6f6b5FCF9F56B7B8946A6C727Bf4Bc21f")));
    assert_eq!(deployment.extra_address("Router"), None);
}

#[test]
fn what_is_read_is_written_again_without_loss() {
    let deployment = Deployment::from_address_json(&file(), ChainId::DEVELOPMENT).unwrap();
    assert_eq!(deployment.to_address_json("development"), file());
    assert_eq!(Deployment::all_from_address_json(&file()), [deployment]);
}

#[test]
fn other_networks_do_not_disturb() {
    let mut file = file();
    file["old"] = json!({ "chainId": 8997, "Router": "" });
    assert_eq!(Deployment::all_from_address_json(&file).len(), 1);
    assert!(Deployment::from_address_json(&file, ChainId::DEVELOPMENT).is_ok());
}

#[test]
fn a_missing_file_is_named() {
    let error = Deployment::from_address_file(Path::new("no/such/address.json"), ChainId::DEVELOPMENT).unwrap_err();
    assert_eq!(error.to_string(), "address file `no/such/address.json` could not be read");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/address_development_260.json");
    assert!(fs::exists(&path).unwrap());
    assert!(Deployment::from_address_file(&path, ChainId::DEVELOPMENT).is_ok());
}

#[test]
fn public_networks_are_found_by_chain_id_and_by_name() {
    let mainnet = Deployment::public(ChainId::new(1).unwrap()).unwrap();
    assert_eq!(mainnet.network, "mainnet");
    assert_eq!(mainnet.ocean, address!("967da4048cD07aB37855c090aAF366e4ce1b9F48"));
    assert_eq!(mainnet.address_of("veOCEAN"), Some(address!("E86BF3B0D3a20444DE7C78932ACe6e5EfFE92379")));
    let sapphire = Deployment::public_named("oasis_sapphire").unwrap();
    assert_eq!(Deployment::public(sapphire.chain_id), Some(sapphire));
    assert!(Deployment::public_named("base").unwrap().ocean.is_zero(), "it has no OCEAN");
    assert_eq!(Deployment::public(ChainId::DEVELOPMENT), None);
    assert_eq!(Deployment::public_named("development"), None);

    // Every network of the file, each chain once.
    let file: Value = serde_json::from_str(include_str!("../../data/addresses.json")).unwrap();
    let networks = Deployment::all_public();
    let names: Vec<_> = networks.iter().map(|network| network.network.as_str()).collect();
    assert_eq!(names, file.as_object().unwrap().keys().collect::<Vec<_>>());
    let mut chains: Vec<_> = networks.iter().map(|network| network.chain_id).collect();
    chains.sort_unstable();
    chains.dedup();
    assert_eq!(chains.len(), networks.len());
    for network in networks {
        assert!(network.contains(network.router) && !network.contains(Address::repeat_byte(9)));
        assert_eq!(network.address_of("ERC20Template.1"), network.erc20_templates.get(&1).copied());
        assert_eq!(network.to_address_json(&network.network)[&network.network]["chainId"], network.chain_id.get());
    }
}

#[test]
fn a_file_comes_before_the_public_networks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/address_development_260.json");
    let found = Deployment::find(Some(&path), ChainId::DEVELOPMENT).unwrap();
    assert_eq!(found.network, "development");
    let polygon = ChainId::new(137).unwrap();
    assert_eq!(Deployment::find(Some(&path), polygon).unwrap().network, "polygon");
    assert_eq!(Deployment::find(None, polygon).unwrap().network, "polygon");
    let unknown = Deployment::find(Some(&path), ChainId::new(4242).unwrap()).unwrap_err();
    assert!(matches!(unknown, Error::UnknownNetwork(chain) if chain.get() == 4242), "{unknown}");
    let missing = Deployment::find(Some(Path::new("no/such/address.json")), polygon).unwrap_err();
    assert!(matches!(missing, Error::AddressFileRead { .. }), "{missing}");
}

#[test]
fn a_network_is_found_by_its_name_in_a_file() {
    let deployment = Deployment::from_address_json_named(&file(), "development").unwrap();
    assert_eq!(deployment.chain_id, ChainId::DEVELOPMENT);
    let error = Deployment::from_address_json_named(&file(), "mainnet").unwrap_err();
    assert_eq!(error.to_string(), "address file: there is no network `mainnet`");
    let mut broken = file();
    broken["development"]["chainId"] = json!(-1);
    let error = Deployment::from_address_json_named(&broken, "development").unwrap_err();
    assert_eq!(error.to_string(), "address file: `development` has no chain id");
}
