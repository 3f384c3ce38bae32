//! Logs as events: ours, beside the decoders that alloy makes of the same interfaces.

use std::hint::black_box;

use alloy::{
    primitives::{B256, Bytes, LogData},
    sol_types::SolEventInterface,
};
use criterion::{Criterion, Throughput, criterion_group};
use ocean_contracts_bindings::{
    abi::{
        IDispenser::IDispenserEvents, IErc20Template::IErc20TemplateEvents, IErc721Factory::IErc721FactoryEvents,
        IErc721Template::IErc721TemplateEvents, IFixedRateExchange::IFixedRateExchangeEvents,
    },
    events::Event,
};

criterion_group!(benches, decoding);

const RECORDED: &str = include_str!("../../crates/contracts-bindings/tests/fixtures/event_logs.json");

/// The logs of real transactions with these contracts.
fn logs() -> Vec<LogData> {
    let recorded: serde_json::Value = serde_json::from_str(RECORDED).expect("recorded logs");
    let steps = recorded["steps"].as_array().expect("steps").iter();
    let logs = steps.flat_map(|step| step["logs"].as_array().expect("logs"));
    let log = |log: &serde_json::Value| {
        let topics: Vec<B256> = serde_json::from_value(log["topics"].clone()).expect("topics");
        let data: Bytes = serde_json::from_value(log["data"].clone()).expect("data");
        LogData::new_unchecked(topics, data)
    };
    logs.map(log).filter(in_turn).collect()
}

fn is<E: SolEventInterface>(log: &LogData) -> bool {
    black_box(E::decode_raw_log(log.topics(), &log.data)).is_ok()
}

/// Alloy's decoders one after the other, as for a log of a contract that nobody knows yet.
fn in_turn(log: &LogData) -> bool {
    is::<IErc20TemplateEvents>(log)
        || is::<IErc721TemplateEvents>(log)
        || is::<IFixedRateExchangeEvents>(log)
        || is::<IErc721FactoryEvents>(log)
        || is::<IDispenserEvents>(log)
}

/// Which of alloy's decoders reads a log.
fn decoder(log: &LogData) -> fn(&LogData) -> bool {
    let all: [fn(&LogData) -> bool; 5] = [
        is::<IErc20TemplateEvents>,
        is::<IErc721TemplateEvents>,
        is::<IFixedRateExchangeEvents>,
        is::<IErc721FactoryEvents>,
        is::<IDispenserEvents>,
    ];
    all.into_iter().find(|decoder| decoder(log)).expect("a decoder")
}

fn decoding(criterion: &mut Criterion) {
    let logs = logs();
    assert!(logs.len() > 100 && logs.iter().all(|log| Event::decode(log).is_some()), "both read the same logs");
    let known: Vec<_> = logs.iter().map(|log| (log, decoder(log))).collect();
    let mut group = criterion.benchmark_group("events/decode");
    group.throughput(Throughput::Elements(logs.len() as u64));
    group.bench_function("ocean", |bencher| {
        bencher.iter(|| logs.iter().filter(|log| black_box(Event::decode(black_box(log))).is_some()).count());
    });
    group.bench_function("alloy", |bencher| {
        bencher.iter(|| logs.iter().filter(|log| in_turn(black_box(log))).count());
    });
    group.bench_function("alloy-known", |bencher| {
        bencher.iter(|| known.iter().filter(|(log, decoder)| decoder(black_box(log))).count());
    });
    group.finish();
}
