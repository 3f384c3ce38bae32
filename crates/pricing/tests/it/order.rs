use std::collections::{BTreeMap, BTreeSet};

use ocean_pricing::{
    Error,
    fixed_rate::{BuyQuote, Exchange, quote_buy},
    order::{
        DEFAULT_COMMUNITY_FEE, Fee, ONE_DATATOKEN, OrderFees, Spending, buy_from_exchange_and_order,
        buy_then_start_order, reuse_order, split_datatoken, split_provider_fee, start_multiple_orders, start_order,
        total_by_token,
    },
};
use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, Rate, U256};
use serde_json::Value;

use crate::{amount, json, number};

const DATATOKEN: Address = Address::repeat_byte(0xDD);
const EXCHANGE: Address = Address::repeat_byte(0xEE);
const OCEAN: Address = Address::repeat_byte(0x0C);
const USDC: Address = Address::repeat_byte(0x05);
const MARKET: Address = Address::repeat_byte(0x4A);

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

fn fee(token: Address, amount: u64) -> Option<Fee> {
    Some(Fee { address: MARKET, token, amount: units(amount) })
}

fn quote(datatokens: BaseUnits, consume_fee: FeeRate) -> BuyQuote {
    let percent = FeeRate::from_percent("0.1").unwrap();
    quote_buy(&Exchange::new(Rate::parse("3").unwrap(), 18, percent, percent), datatokens, consume_fee).unwrap()
}

#[track_caller]
fn check(spending: Result<Spending, Error>, expected: &[(Address, Address, BaseUnits)]) {
    let expected = expected.iter().map(|(token, spender, amount)| ((*token, *spender), *amount)).collect();
    assert_eq!(spending, Ok(expected));
}

#[test]
fn refuses_a_quote_for_another_amount() {
    let two = BaseUnits(ONE + ONE);
    let refused =
        buy_from_exchange_and_order(DATATOKEN, OCEAN, &quote(two, FeeRate::ZERO), MARKET, &OrderFees::default());
    assert_eq!(refused, Err(Error::NotOneDatatoken(two)));
}

#[test]
fn refuses_a_fee_that_the_datatoken_would_keep() {
    let quote = quote(ONE_DATATOKEN, FeeRate::from_percent("10").unwrap());
    let order = |market| buy_from_exchange_and_order(DATATOKEN, OCEAN, &quote, market, &OrderFees::default());
    // 0.3 OCEAN of a price of 3 stayed in the datatoken when this was tried on chain.
    assert_eq!(order(Address::ZERO), Err(Error::FeeWithoutCollector(units(300_000_000_000_000_000))));
    assert!(order(MARKET).is_ok());
}

#[test]
fn refuses_sums_above_256_bits() {
    let huge = Some(Fee { address: MARKET, token: OCEAN, amount: BaseUnits(U256::MAX) });
    let fees = OrderFees { publish_market: huge, consume_market: fee(OCEAN, 1), provider: None };
    assert_eq!(start_order(DATATOKEN, &fees), Err(Error::Overflow));
    let two_spenders = [((OCEAN, DATATOKEN), BaseUnits(U256::MAX)), ((OCEAN, EXCHANGE), units(1))];
    assert_eq!(total_by_token(&two_spenders.into()), Err(Error::Overflow));
}

#[test]
fn fees_that_the_contract_skips_are_not_approved() {
    check(start_order(DATATOKEN, &OrderFees::default()), &[]);
    for skipped in [
        Fee { address: MARKET, token: OCEAN, amount: BaseUnits::ZERO },
        Fee { address: MARKET, token: Address::ZERO, amount: units(1) },
        Fee { address: Address::ZERO, token: OCEAN, amount: units(1) },
    ] {
        let fees = OrderFees { publish_market: Some(skipped), consume_market: Some(skipped), provider: Some(skipped) };
        check(start_order(DATATOKEN, &fees), &[]);
    }
}

#[test]
fn fees_in_one_token_are_one_approval() {
    let fees = OrderFees { publish_market: fee(OCEAN, 5), consume_market: fee(USDC, 7), provider: fee(OCEAN, 11) };
    check(start_order(DATATOKEN, &fees), &[(USDC, DATATOKEN, units(7)), (OCEAN, DATATOKEN, units(16))]);
    check(reuse_order(DATATOKEN, fees.provider), &[(OCEAN, DATATOKEN, units(11))]);
    check(reuse_order(DATATOKEN, None), &[]);
}

#[test]
fn template_1_approves_the_price_to_the_exchange_and_fees_to_the_datatoken() {
    let quote = quote(ONE_DATATOKEN, FeeRate::ZERO);
    let fees = OrderFees { publish_market: fee(OCEAN, 5), consume_market: None, provider: fee(USDC, 7) };
    let spending = buy_then_start_order(DATATOKEN, OCEAN, EXCHANGE, &quote, &fees);
    let price = units(3_006_000_000_000_000_000);
    check(spending.clone(), &[(OCEAN, EXCHANGE, price), (OCEAN, DATATOKEN, units(5)), (USDC, DATATOKEN, units(7))]);
    let totals = total_by_token(&spending.unwrap()).unwrap();
    assert_eq!(totals, BTreeMap::from([(OCEAN, units(3_006_000_000_000_000_005)), (USDC, units(7))]));
}

#[test]
fn template_2_approves_everything_to_the_datatoken() {
    let quote = quote(ONE_DATATOKEN, FeeRate::ZERO);
    let fees = OrderFees { publish_market: fee(OCEAN, 5), consume_market: fee(USDC, 6), provider: fee(USDC, 7) };
    check(
        buy_from_exchange_and_order(DATATOKEN, OCEAN, &quote, Address::ZERO, &fees),
        &[(OCEAN, DATATOKEN, units(3_006_000_000_000_000_005)), (USDC, DATATOKEN, units(13))],
    );
}

#[test]
fn a_price_of_nothing_needs_no_approval() {
    let free = quote_buy(
        &Exchange::new(Rate::parse("0.9").unwrap(), 0, FeeRate::ZERO, FeeRate::ZERO),
        ONE_DATATOKEN,
        FeeRate::ZERO,
    );
    check(buy_then_start_order(DATATOKEN, OCEAN, EXCHANGE, &free.unwrap(), &OrderFees::default()), &[]);
}

#[test]
fn many_orders_approve_everything_to_the_factory() {
    let factory = Address::repeat_byte(0xFA);
    let fees = OrderFees { publish_market: fee(OCEAN, 5), ..OrderFees::default() };
    let other = Address::repeat_byte(0xD2);
    check(
        start_multiple_orders(factory, [(DATATOKEN, &fees), (DATATOKEN, &fees), (other, &OrderFees::default())]),
        &[(DATATOKEN, factory, BaseUnits(ONE + ONE)), (other, factory, ONE_DATATOKEN), (OCEAN, factory, units(10))],
    );
}

#[test]
fn splits_round_the_community_s_part_down() {
    let (collector, community) = split_datatoken(DEFAULT_COMMUNITY_FEE).unwrap();
    assert_eq!((collector, community), (units(970_000_000_000_000_000), units(30_000_000_000_000_000)));
    let third = FeeRate(U256::from(333_333_333_333_333_333_u64));
    assert_eq!(split_provider_fee(units(10), third), Ok((units(7), units(3))));
    assert_eq!(split_provider_fee(units(10), FeeRate::ZERO), Ok((units(10), units(0))));
    let above = FeeRate(ONE + U256::ONE);
    assert_eq!(split_datatoken(above), Err(Error::CommunityFeeTooHigh(above)));
    assert_eq!(split_provider_fee(BaseUnits(U256::MAX), third), Err(Error::Overflow));
}

/// A recorded transaction.
struct Recorded(Value);

impl Recorded {
    fn new(label: &str) -> Self {
        let fixture = json(include_str!("../fixtures/contracts-2.6.0/orders.json"));
        Self(fixture[label].clone())
    }

    fn to(&self) -> Address {
        self.0["to"].as_str().unwrap().parse().unwrap()
    }

    fn events<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0["logs"].as_array().unwrap().iter().filter(move |log| log["event"] == name)
    }

    fn fee(&self, kind: &str) -> Option<Fee> {
        let name = if kind == "PublishMarketFee" { "PublishMarketFee" } else { "consumeMarketFee" };
        self.events(kind).map(|log| &log["args"]).find(|args| args.get(format!("{name}Token")).is_some()).map(|args| {
            Fee {
                address: address(args, &format!("{name}Address")),
                token: address(args, &format!("{name}Token")),
                amount: amount(args, &format!("{name}Amount")),
            }
        })
    }

    /// What left the buyer's account, without the datatoken itself.
    fn paid(&self, buyer: Address, datatoken: Address) -> BTreeMap<Address, BaseUnits> {
        let mut paid = BTreeMap::<Address, BaseUnits>::new();
        for log in self.events("Transfer") {
            let token = address(log, "address");
            if address(&log["args"], "from") == buyer && token != datatoken {
                let sum = paid.entry(token).or_default();
                *sum = sum.checked_add(amount(&log["args"], "value")).unwrap();
            }
        }
        paid
    }

    /// Who used an approval of the buyer, as far as tokens tell.
    fn spenders(&self, buyer: Address) -> BTreeSet<(Address, Address)> {
        self.events("Approval")
            .filter(|log| address(&log["args"], "owner") == buyer)
            .map(|log| (address(log, "address"), address(&log["args"], "spender")))
            .collect()
    }
}

#[track_caller]
fn address(value: &Value, field: &str) -> Address {
    value[field].as_str().unwrap_or_else(|| panic!("no address `{field}` in {value}")).parse().unwrap()
}

#[track_caller]
fn check_recorded(recorded: &Recorded, datatoken: Address, spending: &Spending) {
    let buyer: Address = "0xA78deb2Fa79463945C247991075E2a0e98Ba7A09".parse().unwrap();
    assert_eq!(total_by_token(spending).unwrap(), recorded.paid(buyer, datatoken));
    for used in recorded.spenders(buyer) {
        assert!(spending.contains_key(&used), "{used:?} was used");
    }
}

#[test]
fn a_recorded_order_of_template_1_took_exactly_the_approved_fees() {
    let recorded = Recorded::new("ERC20Template.startOrder (with consume market fee)");
    let fees = OrderFees {
        publish_market: recorded.fee("PublishMarketFee"),
        consume_market: recorded.fee("ConsumeMarketFee"),
        provider: None,
    };
    assert_eq!(fees.due().count(), 2);
    check_recorded(&recorded, recorded.to(), &start_order(recorded.to(), &fees).unwrap());
    let (collector, community) = split_datatoken(DEFAULT_COMMUNITY_FEE).unwrap();
    let moved: Vec<_> = recorded
        .events("Transfer")
        .filter(|log| address(log, "address") == recorded.to())
        .map(|log| amount(&log["args"], "value"))
        .collect();
    assert_eq!(moved, [collector, community]);
}

#[test]
fn a_recorded_purchase_took_exactly_the_approved_price() {
    let recorded = Recorded::new("FixedRateExchange.buyDT");
    let swapped = recorded.events("Swapped").next().unwrap()["args"].clone();
    let percent = |text| FeeRate::from_percent(text).unwrap();
    let exchange = Exchange::new(Rate::parse("1").unwrap(), 18, percent("0.1"), percent("0.1"));
    let quote = quote_buy(&exchange, amount(&swapped, "datatokenSwappedAmount"), percent("0.1")).unwrap();
    assert_eq!(quote.total, amount(&swapped, "baseTokenSwappedAmount"));
    let base_token = address(recorded.events("Transfer").next().unwrap(), "address");
    let datatoken = address(&swapped, "tokenOutAddress");
    let spending = buy_then_start_order(datatoken, base_token, recorded.to(), &quote, &OrderFees::default()).unwrap();
    check_recorded(&recorded, datatoken, &spending);
}

#[test]
fn a_recorded_purchase_with_order_of_template_2_took_exactly_what_was_approved() {
    let recorded = Recorded::new("ERC20TemplateEnterprise.buyFromFreAndOrder");
    let percent = |text| FeeRate::from_percent(text).unwrap();
    let exchange = Exchange::new(Rate::parse("3").unwrap(), 18, percent("0.1"), percent("0.1"));
    let quote = quote_buy(&exchange, ONE_DATATOKEN, percent("0.2")).unwrap();
    let consume_market = address(&recorded.events("ConsumeMarketFee").next().unwrap()["args"], "to");
    let base_token = address(recorded.events("Transfer").next().unwrap(), "address");
    let fees = OrderFees { publish_market: recorded.fee("PublishMarketFee"), ..OrderFees::default() };
    assert_eq!(fees.due().count(), 1);
    let spending = buy_from_exchange_and_order(recorded.to(), base_token, &quote, consume_market, &fees).unwrap();
    assert_eq!(spending.len(), 2);
    assert_eq!(recorded.spenders("0xA78deb2Fa79463945C247991075E2a0e98Ba7A09".parse().unwrap()).len(), 1);
    check_recorded(&recorded, recorded.to(), &spending);
}

#[test]
fn a_recorded_order_from_a_dispenser_took_only_the_approved_fee() {
    let recorded = Recorded::new("ERC20TemplateEnterprise.buyFromDispenserAndOrder");
    let fees = OrderFees { publish_market: recorded.fee("PublishMarketFee"), ..OrderFees::default() };
    check_recorded(&recorded, recorded.to(), &start_order(recorded.to(), &fees).unwrap());
}

#[test]
fn a_recorded_reuse_took_nothing() {
    let recorded = Recorded::new("ERC20Template.reuseOrder");
    check_recorded(&recorded, recorded.to(), &reuse_order(recorded.to(), None).unwrap());
}

#[test]
fn recorded_orders_through_the_factory_took_exactly_the_approved_datatokens() {
    let recorded = Recorded::new("ERC721Factory.startMultipleTokenOrder");
    let datatoken = address(recorded.events("OrderStarted").next().unwrap(), "address");
    let free = OrderFees::default();
    let spending = start_multiple_orders(recorded.to(), [(datatoken, &free), (datatoken, &free)]).unwrap();
    // Here the datatoken itself is pulled, so none is left out.
    check_recorded(&recorded, Address::ZERO, &spending);
    assert_eq!(number(&recorded.events("OrderStarted").next().unwrap()["args"], "amount"), ONE);
}
