//! Every benchmark, one area per module.

mod crypto;
mod ddo;
mod did;
mod pricing;

criterion::criterion_main!(ddo::benches, did::benches, crypto::benches, pricing::benches);
