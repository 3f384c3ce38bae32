//! Prices.

use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use ocean_pricing::{
    fixed_rate::{Exchange, quote_buy},
    order::{
        Community, Fee, ONE_DATATOKEN, OrderFees, OrderParts, Payment, Sale, Spending, buy_from_exchange_and_order,
        payments,
    },
};
use ocean_primitives::{Address, BaseUnits, FeeRate, Rate, U256};

criterion_group!(benches, quotes);

fn percent(text: &str) -> FeeRate {
    FeeRate::from_percent(text).expect("a fee")
}

/// An order of one datatoken of template 2 with every fee there is, and who gets each of them.
struct Order {
    exchange: Exchange,
    consume_fee: FeeRate,
    fees: OrderFees,
    community: Community,
    people: [Address; 6],
}

impl Order {
    fn new() -> Self {
        let people = [1, 2, 3, 4, 5, 6].map(Address::repeat_byte);
        let fee = |address| Some(Fee { address, token: people[5], amount: BaseUnits(U256::from(1_000_000)) });
        let mut community = Community::with_default_fees(people[0]);
        community.provider_fee = percent("1");
        Self {
            exchange: Exchange::new(Rate::parse("2.5").expect("a rate"), 6, percent("1"), percent("0.2")),
            consume_fee: percent("0.5"),
            fees: OrderFees {
                publish_market: fee(people[1]),
                consume_market: fee(people[2]),
                provider: fee(people[3]),
            },
            community,
            people,
        }
    }

    /// The price, every payment, and what to approve to whom.
    fn quote(&self) -> (Vec<Payment>, Spending) {
        let [community, market, consume_market, publisher, datatoken, base_token] = self.people;
        let quote = quote_buy(&self.exchange, ONE_DATATOKEN, self.consume_fee).expect("a price");
        let parts = OrderParts {
            datatoken,
            template: 2,
            payment_collector: publisher,
            sale: Some(Sale { base_token, quote: &quote, community, market, consume_market }),
            fees: &self.fees,
            community: self.community,
        };
        let spending = buy_from_exchange_and_order(datatoken, base_token, &quote, consume_market, &self.fees);
        (payments(&parts).expect("payments"), spending.expect("approvals"))
    }
}

fn quotes(criterion: &mut Criterion) {
    let order = Order::new();
    assert_eq!(order.quote().0.len(), 9, "every component there is");
    // A group, so that criterion keeps each result where the comparison looks for it.
    let mut group = criterion.benchmark_group("pricing/quote");
    group.bench_function("full", |bencher| bencher.iter(|| black_box(&order).quote()));
    group.bench_function("price", |bencher| {
        bencher.iter(|| quote_buy(black_box(&order.exchange), ONE_DATATOKEN, order.consume_fee).expect("a price"));
    });
    group.finish();
}
