use std::collections::BTreeMap;

use alloy::json_abi::{Event as AbiEvent, EventParam};
use ocean_contracts_bindings::{events, interfaces};
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

#[test]
fn every_selector_is_in_the_contract() {
    let recorded = recorded();
    let mut compared = 0;
    for interface in interfaces() {
        for contract in interface.contracts {
            let functions = &recorded.functions[*contract];
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
    for interface in interfaces() {
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
    for topic in &topics {
        assert!(recorded.events.contains_key(&topic.to_string()), "{topic}");
    }
    let mut unique = topics.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), topics.len());
}
