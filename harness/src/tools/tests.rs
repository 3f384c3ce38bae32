use std::collections::BTreeMap;

use serde_json::json;

use super::{Pins, verify_lock};

fn pins() -> Pins {
    let versions = [("@foundry-rs/anvil", "1.0.0"), ("solc", "0.8.12")];
    Pins {
        versions: versions.map(|(name, version)| (name.to_owned(), version.to_owned())).into(),
        integrity: BTreeMap::from([("solc".to_owned(), "sha512-good".to_owned())]),
    }
}

/// Checks what npm says about three packages.
#[track_caller]
fn check(anvil: &str, platform: Option<&str>, solc: (&str, Option<&str>), expected: Result<(), &str>) {
    let mut packages = json!({
        "node_modules/@foundry-rs/anvil": { "version": anvil },
        "node_modules/solc": { "version": solc.0, "integrity": solc.1 },
    });
    if let Some(version) = platform {
        packages["node_modules/@foundry-rs/anvil-linux-amd64"] = json!({ "version": version });
    }
    let text = json!({ "packages": packages }).to_string();
    let found = verify_lock(&text, &pins(), "@foundry-rs/anvil-linux-amd64".to_owned());
    assert_eq!(found, expected.map_err(str::to_owned));
}

#[test]
fn what_npm_installed_is_compared_with_the_pins() {
    let good = ("0.8.12", Some("sha512-good"));
    check(
        "1.0.0",
        Some("1.0.0"),
        ("0.8.12", Some("sha512-bad")),
        Err("solc 0.8.12 was delivered as sha512-bad, pinned is sha512-good"),
    );
    check("1.0.0", Some("1.0.0"), ("0.8.12", None), Err("solc 0.8.12 was delivered as no hash, pinned is sha512-good"));
    check("1.0.0", Some("1.0.0"), ("0.8.13", good.1), Err("solc is 0.8.13, pinned is 0.8.12"));
    check("1.0.1", Some("1.0.0"), good, Err("@foundry-rs/anvil is 1.0.1, pinned is 1.0.0"));
    check("1.0.0", Some("1.0.1"), good, Err("@foundry-rs/anvil-linux-amd64 is 1.0.1, pinned is 1.0.0"));
    check("1.0.0", None, good, Err("npm did not install @foundry-rs/anvil-linux-amd64 1.0.0"));
    check("1.0.0", Some("1.0.0"), good, Ok(()));
    assert!(verify_lock("{", &pins(), String::new()).is_err());
}
