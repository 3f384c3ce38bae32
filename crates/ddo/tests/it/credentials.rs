use ocean_ddo::{Access, Credentials, Denial};
use ocean_primitives::{Address, Dialect, address};
use serde_json::{Value, json};

const ALICE: Address = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
const BOB: Address = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");

/// The answers for Alice: Provider, then ocean-node.
#[track_caller]
fn check(credentials: Value, provider: Access, node: Access) {
    let parsed: Credentials = serde_json::from_value(credentials.clone()).unwrap();
    assert_eq!(parsed.check_address(ALICE, Dialect::Provider), provider, "Provider: {credentials}");
    assert_eq!(parsed.check_address(ALICE, Dialect::OceanNode), node, "ocean-node: {credentials}");
}

fn entry(values: &[&str]) -> Value {
    json!({ "type": "address", "values": values })
}

const DENIED: Access = Access::Denied(Denial::InDenyList);
const NOT_ALLOWED: Access = Access::Denied(Denial::NotInAllowList);
const ALLOWED: Access = Access::Allowed;

#[test]
fn deny_wins_and_unknown_entries_let_nobody_in() {
    let (alice, bob) = (ALICE.to_string(), BOB.to_string());
    let lower = alice.to_lowercase();
    let upper = alice.to_uppercase();
    check(json!({"deny": [entry(&[&alice])]}), DENIED, DENIED);
    check(json!({"deny": [entry(&[&lower])], "allow": [entry(&[&alice])]}), DENIED, DENIED);
    check(json!({"deny": [entry(&[&bob]), entry(&[&upper])]}), DENIED, DENIED);
    check(json!({"deny": [entry(&["*"])]}), DENIED, DENIED);
    check(json!({"deny": entry(&[&alice])}), DENIED, DENIED);
    check(json!({"deny": [{"type": "address", "values": alice}]}), DENIED, DENIED);
    check(json!({"allow": [entry(&[&bob])]}), NOT_ALLOWED, NOT_ALLOWED);
    check(json!({"allow": [{"type": "SSIpolicy", "values": [{}]}]}), NOT_ALLOWED, NOT_ALLOWED);
    check(json!({"allow": [{"type": "future", "x": 1}]}), NOT_ALLOWED, NOT_ALLOWED);
    check(
        json!({"allow": [{"type": "accessList", "chainId": 1, "accessList": BOB.to_string()}]}),
        NOT_ALLOWED,
        NOT_ALLOWED,
    );
    check(json!({"deny": [{"type": "accessList", "chainId": 1, "accessList": BOB.to_string()}]}), DENIED, DENIED);
    check(json!({"allow": ["*"]}), NOT_ALLOWED, NOT_ALLOWED);
    check(json!({"allow": [{"type": "address", "values": [1, {}]}]}), NOT_ALLOWED, NOT_ALLOWED);
}

#[test]
fn who_is_let_in() {
    let (alice, bob) = (ALICE.to_string(), BOB.to_string());
    check(json!({}), ALLOWED, ALLOWED);
    check(json!({"allow": null, "deny": []}), ALLOWED, ALLOWED);
    check(json!({"allow": [entry(&[&alice.to_lowercase()])]}), ALLOWED, ALLOWED);
    check(json!({"allow": [entry(&["*"])]}), ALLOWED, ALLOWED);
    check(json!({"deny": [entry(&[&bob])]}), ALLOWED, ALLOWED);
    check(json!({"deny": [entry(&[&bob])], "allow": [entry(&[&bob, &alice])]}), ALLOWED, ALLOWED);
    // ocean.py leaves an empty list behind when it takes the last address out.
    check(json!({"allow": [entry(&[])]}), ALLOWED, NOT_ALLOWED);
}

#[test]
fn ocean_node_counts_entries() {
    let (alice, bob) = (ALICE.to_string(), BOB.to_string());
    let both = [entry(&[&alice]), entry(&[&bob])];
    check(json!({"allow": both}), ALLOWED, NOT_ALLOWED);
    check(json!({"allow": both, "match_allow": "any"}), ALLOWED, ALLOWED);
    check(json!({"deny": both}), DENIED, DENIED);
    check(json!({"deny": both, "match_deny": "all"}), DENIED, ALLOWED);
    check(json!({"deny": [entry(&[&alice])], "match_deny": "all"}), DENIED, DENIED);
    check(json!({"deny": [], "match_deny": "all"}), ALLOWED, ALLOWED);
}

#[test]
fn access_lists_are_asked() {
    let credentials =
        json!({"allow": [{"type": "accessList", "chainId": 8996, "accessList": BOB.to_string()}], "deny": []});
    let parsed: Credentials = serde_json::from_value(credentials.clone()).unwrap();
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        assert!(parsed.check(ALICE, dialect, |list| list.address == BOB && list.chain_id.get() == 8996).is_allowed());
        assert!(!parsed.check(ALICE, dialect, |_| false).is_allowed());
    }
    assert_eq!(serde_json::to_value(&parsed).unwrap(), credentials);
}

#[test]
fn what_is_read_is_written_again() {
    for credentials in [
        json!({"allow": [entry(&["*", "x"])], "deny": [], "match_deny": "all", "more": {"a": 1}}),
        json!({"allow": [{"type": "SSIpolicy", "values": [{"vp_policies": []}]}], "deny": ["odd", 1, {"type": "accessList"}]}),
    ] {
        let parsed: Credentials = serde_json::from_value(credentials.clone()).unwrap();
        assert_eq!(serde_json::to_value(&parsed).unwrap(), credentials);
    }
    assert_eq!(Denial::InDenyList.code(), "CREDENTIAL_IN_DENY_LIST");
    assert_eq!(Denial::NotInAllowList.code(), "CREDENTIAL_NOT_IN_ALLOW_LIST");
}
