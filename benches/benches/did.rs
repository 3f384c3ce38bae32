//! Identifiers.

use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use ocean_did::Did;
use ocean_primitives::{ChainId, address};

criterion_group!(benches, identifiers);

fn identifiers(criterion: &mut Criterion) {
    let nft = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
    let chain = ChainId::new(137).expect("above zero");
    let text = Did::op(nft, chain).to_string();
    criterion.bench_function("did/derive", |bencher| bencher.iter(|| Did::op(black_box(nft), chain)));
    criterion.bench_function("did/parse", |bencher| bencher.iter(|| Did::parse(black_box(&text)).is_ok()));
}
