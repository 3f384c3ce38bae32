//! Every benchmark, one area per module.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on panics")]

mod crypto;
mod ddo;
mod did;
mod events;
mod pricing;

criterion::criterion_main!(ddo::benches, did::benches, crypto::benches, pricing::benches, events::benches);
