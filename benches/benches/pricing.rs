//! Prices.

use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use ocean_pricing::{
    fixed_rate::{Exchange, quote_buy},
    order::ONE_DATATOKEN,
};
use ocean_primitives::{FeeRate, Rate};

criterion_group!(benches, quotes);

fn quotes(criterion: &mut Criterion) {
    let percent = |text| FeeRate::from_percent(text).expect("a fee");
    let exchange = Exchange::new(Rate::parse("2.5").expect("a rate"), 6, percent("1"), percent("0.2"));
    criterion.bench_function("pricing/quote", |bencher| {
        bencher.iter(|| quote_buy(black_box(&exchange), ONE_DATATOKEN, FeeRate::ZERO).expect("a price"));
    });
}
