//! The deployment against the recorded one.

use ocean_testbed::{LocalChain, Plan};
use serde_json::Value;

use crate::support::{chain, tools};

const ADDRESSES: &str = include_str!("../fixtures/address_development_260.json");
const REPORT: &str = include_str!("../fixtures/deployment_report_260.json");

#[tokio::test]
async fn addresses_are_the_recorded_ones_in_the_same_order() {
    let chain = chain().await;
    let expected: Value = serde_json::from_str(ADDRESSES).unwrap();
    assert_eq!(chain.address_json().to_string(), expected.to_string());
}

#[tokio::test]
async fn a_deployment_without_snapshot_gives_the_recorded_gas_and_blocks() {
    let chain = LocalChain::builder().snapshot(false).start().await.unwrap();
    assert!(!chain.times().from_snapshot);
    let report: Value = serde_json::from_str(REPORT).unwrap();
    let recorded = report["steps"].as_array().unwrap();
    let ours = &chain.deployed().transactions;
    assert_eq!(ours.len(), recorded.len());
    for (ours, recorded) in ours.iter().zip(recorded) {
        let address = ours.address.map(|address| address.to_string());
        assert_eq!(address.as_deref(), recorded["address"].as_str(), "{}", ours.label);
        assert_eq!(Some(ours.block), recorded["block"].as_u64(), "{}", ours.label);
        // A time as argument costs 12 gas more or less for each of its bytes that is zero in one of the two runs.
        let tolerance = if ours.label.contains("$now") { 4 * 12 } else { 0 };
        let difference = ours.gas.abs_diff(recorded["gasUsed"].as_u64().unwrap());
        assert!(difference <= tolerance, "{}: {} gas, {recorded}", ours.label, ours.gas);
    }
    assert_eq!(chain.address_json()["development"], serde_json::from_str::<Value>(ADDRESSES).unwrap()["development"]);
}

#[tokio::test]
async fn another_chain_id_gives_another_address_file() {
    let chain = LocalChain::builder().chain_id(31_337).start().await.unwrap();
    assert_eq!(chain.chain_id(), 31_337);
    assert_eq!(chain.addresses()["chainId"], 31_337);
    let expected: Value = serde_json::from_str(ADDRESSES).unwrap();
    assert_eq!(chain.addresses()["Router"], expected["development"]["Router"]);
}

#[tokio::test]
async fn every_artifact_of_the_plan_is_installed() {
    let tools = tools().await;
    let paths = Plan::get().artifact_paths();
    assert_eq!(Plan::get().steps.len(), 52);
    assert_eq!(paths.len(), 31);
    for path in paths {
        assert!(tools.contracts_dir.join(&path).is_file(), "{}", path.display());
    }
}
