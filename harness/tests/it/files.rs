//! The data file and Barge's folder.

use std::fs;

use ocean_testbed::{OceanHome, Pins, write_branin_csv};
use serde_json::json;
use sha2::{Digest as _, Sha256};

#[test]
fn the_grid_is_large_seeded_and_true() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("branin.csv");
    let first = write_branin_csv(&path, 7, 300_000).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(first.bytes, text.len() as u64);
    assert!((300_000..300_100).contains(&first.bytes));
    assert_eq!(first.sha256[..], Sha256::digest(&text)[..]);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("x0,x1,branin"));
    let mut lowest = f64::INFINITY;
    let mut rows = 0;
    for line in lines {
        let values: Vec<f64> = line.split(',').map(|value| value.parse().unwrap()).collect();
        let [x0, x1, value] = values[..] else { panic!("{line}") };
        assert!((-5.0..=10.0).contains(&x0) && (0.0..=15.0).contains(&x1), "{line}");
        lowest = lowest.min(value);
        rows += 1;
    }
    assert_eq!(rows, first.rows);
    // The function's minimum is 0.397887, and the grid is fine enough to come near it.
    assert!((0.397887..0.5).contains(&lowest), "{lowest}");
    assert_eq!(write_branin_csv(&path, 7, 300_000).unwrap(), first);
    assert_ne!(write_branin_csv(&path, 8, 300_000).unwrap().sha256, first.sha256);
}

#[test]
fn the_address_file_keeps_other_networks_and_is_replaced_whole() {
    let dir = tempfile::tempdir().unwrap();
    let home = OceanHome::at(dir.path());
    home.write_addresses(&json!({ "development": { "chainId": 1 } })).unwrap();
    assert!(!home.ready_file().exists(), "addresses alone promise nothing");
    fs::write(home.address_file(), r#"{"mainnet":{"chainId":1},"development":{"chainId":2}}"#).unwrap();
    home.write_addresses(&json!({ "development": { "chainId": 8996 } })).unwrap();
    home.set_ready().unwrap();
    assert!(home.ready_file().is_file());
    let text = fs::read_to_string(home.address_file()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, json!({ "mainnet": { "chainId": 1 }, "development": { "chainId": 8996 } }));
    home.withdraw();
    assert!(!home.ready_file().exists());
    assert!(home.address_file().is_file());
    assert_eq!(fs::read_dir(home.artifacts_dir()).unwrap().count(), 1, "no temporary file is left");

    fs::write(home.address_file(), "{").unwrap();
    let error = home.write_addresses(&json!({})).unwrap_err();
    assert!(error.to_string().contains("address.json"), "{error}");
    assert_eq!(fs::read_to_string(home.address_file()).unwrap(), "{", "what cannot be read is not overwritten");
    assert!(!home.ready_file().exists());
}

#[test]
fn the_embedded_pins_are_the_repositorys() {
    // In a packaged crate the repository is not there, and the embedded text is the only one.
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/package.json");
    if file.exists() {
        assert_eq!(fs::read_to_string(file).unwrap(), Pins::TEXT);
    }
    let pins = Pins::get();
    for name in ["@foundry-rs/anvil", "@oceanprotocol/contracts", "solc"] {
        let version = &pins.versions[name];
        assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{name} {version} is not exact");
        assert!(pins.integrity[name].starts_with("sha512-"), "{name}");
    }
}
