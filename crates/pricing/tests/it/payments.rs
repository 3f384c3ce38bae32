use std::collections::BTreeMap;

use ocean_pricing::{
    Error,
    fixed_rate::{BuyQuote, Exchange, Kind, MAX_FEE, MIN_FEE, quote_buy},
    order::{
        Community, Fee, ONE_DATATOKEN, OrderFees, OrderParts, Part, Payment, Sale, buy_from_exchange_and_order,
        buy_then_start_order, payments, start_order, total_by_token,
    },
};
use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, Rate, U256};
use proptest::prelude::*;

const DATATOKEN: Address = Address::repeat_byte(0xDD);
const EXCHANGE: Address = Address::repeat_byte(0xEE);
const OCEAN: Address = Address::repeat_byte(0x0C);
const USDC: Address = Address::repeat_byte(0x05);
const PUBLISHER: Address = Address::repeat_byte(0x70);
const COMMUNITY: Address = Address::repeat_byte(0xC0);
const COLLECTOR: Address = Address::repeat_byte(0xC1);
const PUBLISH_MARKET: Address = Address::repeat_byte(0xA1);
const CONSUME_MARKET: Address = Address::repeat_byte(0xA2);
const PROVIDER: Address = Address::repeat_byte(0x90);

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

fn quote(consume_fee: &str) -> BuyQuote {
    let percent = |text| FeeRate::from_percent(text).unwrap();
    let exchange = Exchange::new(Rate::parse("2").unwrap(), 6, percent("1"), percent("0.2"));
    quote_buy(&exchange, ONE_DATATOKEN, percent(consume_fee)).unwrap()
}

fn parts<'a>(template: u16, sale: Option<&'a BuyQuote>, fees: &'a OrderFees) -> OrderParts<'a> {
    let sale = sale.map(|quote| Sale {
        base_token: USDC,
        quote,
        community: COLLECTOR,
        market: PUBLISH_MARKET,
        consume_market: CONSUME_MARKET,
    });
    let community = Community::with_default_fees(COMMUNITY);
    OrderParts { datatoken: DATATOKEN, template, payment_collector: PUBLISHER, sale, fees, community }
}

#[track_caller]
fn check(order: &OrderParts<'_>, expected: &[(Part, Address, Address, u64)]) {
    let expected: Vec<_> =
        expected.iter().map(|&(part, to, token, amount)| Payment { part, to, token, amount: units(amount) }).collect();
    assert_eq!(payments(order).unwrap(), expected);
}

#[test]
fn refuses_community_parts_above_everything() {
    let fees =
        OrderFees { provider: Some(Fee { address: PROVIDER, token: OCEAN, amount: units(5) }), ..OrderFees::default() };
    let above = FeeRate(ONE + U256::ONE);
    let no_fees = OrderFees::default();
    let mut order = parts(1, None, &no_fees);
    order.community.order_fee = above;
    assert_eq!(payments(&order), Err(Error::CommunityFeeTooHigh(above)));
    order.template = 2;
    assert!(payments(&order).is_ok(), "template 2 burns the datatoken and shares nothing");
    let mut order = parts(2, None, &fees);
    order.community.provider_fee = FeeRate(ONE + ONE);
    assert_eq!(payments(&order), Err(Error::CommunityFeeTooHigh(FeeRate(ONE + ONE))));
}

#[test]
fn a_held_datatoken_is_shared_or_burnt() {
    let fees = OrderFees::default();
    check(
        &parts(1, None, &fees),
        &[
            (Part::DatatokenCommunityFee, COMMUNITY, DATATOKEN, 30_000_000_000_000_000),
            (Part::Datatoken, PUBLISHER, DATATOKEN, 970_000_000_000_000_000),
        ],
    );
    check(&parts(2, None, &fees), &[(Part::Datatoken, Address::ZERO, DATATOKEN, 1_000_000_000_000_000_000)]);
}

#[test]
fn everybody_is_named() {
    let quote = quote("0.5");
    let fee = |address, amount| Some(Fee { address, token: OCEAN, amount: units(amount) });
    let fees = OrderFees {
        publish_market: fee(PUBLISH_MARKET, 3),
        consume_market: fee(CONSUME_MARKET, 4),
        provider: fee(PROVIDER, 1_000),
    };
    let mut order = parts(4, Some(&quote), &fees);
    order.community.provider_fee = FeeRate::from_percent("10").unwrap();
    check(
        &order,
        &[
            (Part::Price, PUBLISHER, USDC, 2_000_000),
            (Part::SwapCommunityFee, COLLECTOR, USDC, 4_000),
            (Part::SwapMarketFee, PUBLISH_MARKET, USDC, 20_000),
            (Part::SwapConsumeFee, CONSUME_MARKET, USDC, 10_000),
            (Part::PublishMarketFee, PUBLISH_MARKET, OCEAN, 3),
            (Part::ConsumeMarketFee, CONSUME_MARKET, OCEAN, 4),
            (Part::ProviderCommunityFee, COMMUNITY, OCEAN, 100),
            (Part::ProviderFee, PROVIDER, OCEAN, 900),
            (Part::Datatoken, Address::ZERO, DATATOKEN, 1_000_000_000_000_000_000),
        ],
    );
}

#[test]
fn what_the_contract_skips_is_paid_to_nobody() {
    let skipped = Some(Fee { address: Address::ZERO, token: OCEAN, amount: units(5) });
    let fees = OrderFees { publish_market: skipped, consume_market: skipped, provider: skipped };
    assert_eq!(payments(&parts(2, None, &fees)).unwrap().len(), 1);
}

fn sum(list: &[Payment]) -> BTreeMap<Address, BaseUnits> {
    let mut sums = BTreeMap::<Address, BaseUnits>::new();
    for payment in list.iter().filter(|payment| payment.token != DATATOKEN) {
        let sum = sums.entry(payment.token).or_default();
        *sum = sum.checked_add(payment.amount).unwrap();
    }
    sums
}

proptest! {
    #[test]
    fn payments_add_up_to_the_approvals(
        rate in 10_000_000_000_u64.., decimals in 0_u8..25, market in 0..3_u8, consume in u64::try_from(MIN_FEE.0).unwrap()..=u64::try_from(MAX_FEE.0).unwrap(),
        min in 0_u64..1000, template in 1_u16..=4, amounts: [u64; 3], tokens: [bool; 3], share in 0_u64..=1_000_000_000_000_000_000,
        held: bool,
    ) {
        let mut exchange =
            Exchange::new(Rate(U256::from(rate)), decimals, FeeRate(U256::from(market) * MIN_FEE.0), MIN_FEE);
        if min > 500 {
            exchange.kind = Kind::Enterprise { min_fee: units(min), max_fee: units(min + 1) };
        }
        let quote = quote_buy(&exchange, ONE_DATATOKEN, FeeRate(U256::from(consume))).unwrap();
        let fee = |index: usize, address| {
            Some(Fee { address, token: if tokens[index] { USDC } else { OCEAN }, amount: units(amounts[index]) })
        };
        let fees = OrderFees {
            publish_market: fee(0, PUBLISH_MARKET), consume_market: fee(1, CONSUME_MARKET), provider: fee(2, PROVIDER),
        };
        let mut order = parts(template, (!held).then_some(&quote), &fees);
        order.community.provider_fee = FeeRate(U256::from(share));
        order.community.order_fee = FeeRate(U256::from(share));
        let list = payments(&order).unwrap();
        prop_assert!(list.iter().all(|payment| !payment.amount.is_zero()));
        let spending = match (held, template) {
            (true, _) => start_order(DATATOKEN, &fees),
            (false, 1) => buy_then_start_order(DATATOKEN, USDC, EXCHANGE, &quote, &fees),
            (false, _) => buy_from_exchange_and_order(DATATOKEN, USDC, &quote, CONSUME_MARKET, &fees),
        };
        prop_assert_eq!(sum(&list), total_by_token(&spending.unwrap()).unwrap());
        let datatoken = list.iter().filter(|payment| payment.token == DATATOKEN).map(|payment| payment.amount.0);
        prop_assert_eq!(datatoken.fold(U256::ZERO, |sum, amount| sum + amount), ONE);
    }
}
