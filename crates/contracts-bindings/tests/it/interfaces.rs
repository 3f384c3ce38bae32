use std::collections::BTreeMap;

use alloy::json_abi::{Event as AbiEvent, EventParam};
use ocean_contracts_bindings::{Interface, Release, events, interfaces};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    events: BTreeMap<String, RecordedEvent>,
    ambiguous: Vec<Ambiguous>,
    functions: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RecordedEvent {
    full: String,
    contracts: Vec<String>,
}

#[derive(Deserialize)]
struct Ambiguous {
    topic: String,
    indexing: BTreeMap<String, Vec<String>>,
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("../fixtures/abi_topics_selectors.json")).unwrap()
}

/// The declaration as ethers prints it.
fn full(event: &AbiEvent) -> String {
    let input = |input: &EventParam| match input.indexed {
        true => format!("{} indexed {}", input.ty, input.name),
        false => format!("{} {}", input.ty, input.name),
    };
    format!("event {}({})", event.name, event.inputs.iter().map(input).collect::<Vec<_>>().join(", "))
}

/// What the recorded file does not have; the installed package has it, and the harness compares with that.
const NOT_RECORDED: [&str; 10] = [
    "BatchPayments",
    "DFRewards",
    "DFStrategyV1",
    "PredictoorHelper",
    "SmartWalletChecker",
    "veAllocate",
    "veDelegation",
    "veFeeDistributor",
    "veFeeEstimate",
    "veOCEAN",
];

/// The interfaces of the release that was recorded.
fn pinned() -> impl Iterator<Item = Interface> {
    interfaces().into_iter().filter(|interface| interface.release == Release::Pinned)
}

#[test]
fn every_selector_is_in_the_contract() {
    let recorded = recorded();
    let mut compared = 0;
    for interface in pinned() {
        for contract in interface.contracts {
            let Some(functions) = recorded.functions.get(*contract) else {
                assert!(NOT_RECORDED.contains(contract), "{contract}");
                continue;
            };
            for function in interface.abi.functions() {
                let signature = function.signature();
                assert_eq!(
                    functions.get(&signature).map(String::as_str),
                    Some(function.selector().to_string().as_str()),
                    "{contract} {signature}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 140, "{compared}");
}

#[test]
fn every_topic_and_every_indexed_field_is_in_the_contract() {
    let recorded = recorded();
    let mut compared = 0;
    for interface in pinned() {
        if interface.contracts.iter().all(|contract| NOT_RECORDED.contains(contract)) {
            continue;
        }
        for event in interface.abi.events() {
            let topic = event.selector().to_string();
            let known =
                recorded.events.get(&topic).unwrap_or_else(|| panic!("{} {}", interface.name, event.signature()));
            let indexing: String = event.inputs.iter().map(|input| if input.indexed { '1' } else { '0' }).collect();
            let ambiguous = recorded.ambiguous.iter().find(|ambiguous| ambiguous.topic == topic);
            for contract in interface.contracts {
                let holders = match ambiguous {
                    // Transfer and Approval: which fields are indexed differs between ERC-20 and ERC-721.
                    Some(ambiguous) => &ambiguous.indexing[&indexing],
                    None => {
                        assert_eq!(full(event), known.full, "{}", interface.name);
                        &known.contracts
                    }
                };
                assert!(holders.iter().any(|holder| holder == contract), "{contract} {}", event.signature());
                compared += 1;
            }
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn the_topics_for_filters_are_known_and_unique() {
    let recorded = recorded();
    let topics = events::topics();
    let later = |interface: &Interface| {
        interface.release != Release::Pinned
            || interface.contracts.iter().any(|contract| NOT_RECORDED.contains(contract))
    };
    let later: Vec<Interface> = interfaces().into_iter().filter(later).collect();
    for topic in &topics {
        let bound = later.iter().any(|interface| interface.abi.events().any(|event| event.selector() == *topic));
        assert!(recorded.events.contains_key(&topic.to_string()) || bound, "{topic}");
    }
    for (topic, event) in &recorded.events {
        assert!(topics.iter().any(|known| known.to_string() == *topic), "nothing reads {}", event.full);
    }
    let mut unique = topics.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), topics.len());
}
