use std::collections::BTreeSet;

use alloy::{
    primitives::{Address, B256, Bytes, LogData},
    rpc::types::Log,
};
use ocean_contracts_bindings::{
    Deployment,
    events::{self, Event, Origin, Origins, Source},
};
use ocean_primitives::ChainId;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Recorded {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    label: String,
    logs: Vec<RecordedLog>,
}

#[derive(Deserialize)]
struct RecordedLog {
    #[serde(rename = "address")]
    emitter: Address,
    topics: Vec<B256>,
    data: Bytes,
    decoded: Decoded,
}

#[derive(Deserialize)]
struct Decoded {
    event: String,
    args: Map<String, Value>,
}

fn logs() -> Vec<(String, RecordedLog)> {
    let recorded: Recorded = serde_json::from_str(include_str!("../fixtures/event_logs.json")).unwrap();
    let steps = recorded.steps.into_iter();
    steps.flat_map(|step| step.logs.into_iter().map(move |log| (step.label.clone(), log))).collect()
}

fn data(log: &RecordedLog) -> LogData {
    LogData::new_unchecked(log.topics.clone(), log.data.clone())
}

/// A field as the derived `Debug` prints it.
fn field(name: &str, kind: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) if kind == "string" => format!("{text:?}"),
        Value::String(text) if kind == "address" => text.to_lowercase(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{name}: {text}")
}

#[test]
fn every_recorded_log_decodes_to_its_recorded_values() {
    let mut kinds = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    let mut decoded_logs = 0;
    for (label, log) in logs() {
        let Some(event) = Event::decode(&data(&log)) else {
            unknown.insert(log.decoded.event);
            continue;
        };
        assert_eq!(event.signature(), log.decoded.event, "{label}");
        let text = format!("{event:?}");
        let types = log.decoded.event.split_once('(').unwrap().1.trim_end_matches(')');
        for ((name, value), kind) in log.decoded.args.iter().zip(types.split(',')) {
            let field = field(name, kind, value);
            assert!(
                [", ", " }"].iter().any(|end| text.contains(&format!("{field}{end}"))),
                "{label}: `{field}` is not in {text}"
            );
        }
        kinds.insert(event.signature());
        decoded_logs += 1;
    }
    assert_eq!(unknown, BTreeSet::new(), "the gaps");
    assert_eq!((decoded_logs, kinds.len()), (264, 62));
}

#[test]
fn a_transfer_of_a_token_and_of_a_data_nft_are_told_apart() {
    let mut seen = BTreeSet::new();
    for (label, log) in logs() {
        match (log.topics.len(), Event::decode(&data(&log))) {
            (3, Some(event @ Event::TokenTransfer(_))) => seen.insert(("token", event.source())),
            (4, Some(event @ Event::NftTransfer(_))) => seen.insert(("nft", event.source())),
            (_, Some(Event::TokenTransfer(_) | Event::NftTransfer(_))) => panic!("{label}"),
            _ => continue,
        };
    }
    assert_eq!(seen, BTreeSet::from([("token", Source::Token), ("nft", Source::AnyNft)]));
}

#[test]
fn what_is_cut_off_or_has_other_topics_is_no_event() {
    for (label, log) in logs() {
        if Event::decode(&data(&log)).is_none() {
            continue;
        }
        if !log.data.is_empty() {
            let cut = LogData::new_unchecked(log.topics.clone(), log.data.slice(..log.data.len() - 32));
            // Bytes and texts are padded; without the padding they are cut as well.
            assert_eq!(Event::decode(&cut), None, "{label} {}", log.decoded.event);
        }
        let mut topics = log.topics.clone();
        topics.truncate(1);
        if log.topics.len() > 1 {
            assert_eq!(Event::decode(&LogData::new_unchecked(topics, log.data.clone())), None, "{label}");
        }
        let mut topics = log.topics.clone();
        topics[0] = B256::repeat_byte(7);
        assert_eq!(Event::decode(&LogData::new_unchecked(topics, log.data.clone())), None, "{label}");
    }
    assert_eq!(Event::decode(&LogData::default()), None);
}

#[test]
fn the_creation_events_name_the_factory_not_the_user() {
    let factory: Address = "0x645439117eB378a6d35148452E287a038666Ed67".parse().unwrap();
    let mut bundled = 0;
    for (label, log) in logs() {
        match Event::decode(&data(&log)) {
            Some(Event::MetadataCreated(event)) if label == "ERC721Factory.createNftWithMetaData" => {
                assert_eq!(event.createdBy, factory);
                bundled += 1;
            }
            Some(Event::DispenserCreated(event)) if label == "ERC721Factory.createNftWithErc20WithDispenser" => {
                assert_eq!(event.owner, factory);
                bundled += 1;
            }
            Some(event @ (Event::NftCreated(_) | Event::TokenCreated(_))) => {
                assert_eq!((event.source(), log.emitter), (Source::Factory, factory), "{label}");
            }
            _ => {}
        }
    }
    assert_eq!(bundled, 2);
    assert!(!events::topics().is_empty());
}

/// A recorded log as a node tells it.
fn told(log: &RecordedLog) -> Log {
    Log { inner: alloy::primitives::Log { address: log.emitter, data: data(log) }, ..Log::default() }
}

fn development() -> Deployment {
    let file = serde_json::from_str(include_str!("../fixtures/address_development_260.json")).unwrap();
    Deployment::from_address_json(&file, ChainId::DEVELOPMENT).unwrap()
}

#[test]
fn every_recorded_log_comes_from_a_contract_that_may_say_so() {
    let mut origins = Origins::new(&development());
    // The one datatoken that was made before the recording began.
    origins.add(Origin::Datatoken, "0x27E7451E622CE37Fe49DC485E91aa277346A97dF".parse().unwrap());
    let recorded: Recorded = serde_json::from_str(include_str!("../fixtures/event_logs.json")).unwrap();
    let mut accepted = 0;
    for step in &recorded.steps {
        let logs: Vec<Log> = step.logs.iter().map(told).collect();
        let events = origins.accept_all(&logs);
        assert_eq!(events.len(), logs.len(), "{}", step.label);
        accepted += events.len();
    }
    assert_eq!(accepted, 264);
    assert!(origins.known().count() > 10);
}

#[test]
fn the_same_logs_of_another_contract_count_for_nothing() {
    let stranger = Address::repeat_byte(0x66);
    let mut origins = Origins::new(&development());
    let before: Vec<_> = origins.known().collect();
    for (label, log) in logs() {
        let mut log = told(&log);
        log.inner.address = stranger;
        match origins.accept(&log) {
            // Tokens may be anybody's.
            None | Some(Event::TokenTransfer(_) | Event::TokenApproval(_)) => {}
            Some(event) => panic!("{label}: {event:?}"),
        }
    }
    assert_eq!(origins.known().collect::<Vec<_>>(), before, "nothing was learned from a stranger");
}
