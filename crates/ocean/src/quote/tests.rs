use ocean_crypto::PrivateKey;
use ocean_primitives::{Bytes, ONE, Rate, U256};

use super::*;

const DATATOKEN: Address = Address::repeat_byte(0xd7);
const EXCHANGE: Address = Address::repeat_byte(0xf1);
const BASE: Address = Address::repeat_byte(0xba);
const OTHER: Address = Address::repeat_byte(0x07);
const MARKET: Address = Address::repeat_byte(0xa1);
const PUBLISHER: Address = Address::repeat_byte(0x70);
const COMMUNITY: Address = Address::repeat_byte(0xc0);

fn units(units: u64) -> BaseUnits {
    BaseUnits(U256::from(units))
}

fn provider_fee(token: Address, amount: u64) -> ProviderFee {
    let key: PrivateKey = "0x1f990f8b013fc5c7955e0f8746f11ded231721b9cf3f99ff06cdc03492b28090".parse().unwrap();
    ProviderFee::signed(&key, token, U256::from(amount), 0, Bytes::new())
}

fn market(swap_fee: u64, order_fee: u64) -> ConsumeMarket {
    ConsumeMarket::new(MARKET, FeeRate(U256::from(swap_fee))).unwrap().order_fee(BASE, units(order_fee))
}

/// One datatoken for 1000 base units, 0.1 % of it for the community.
fn bought(market: Option<&ConsumeMarket>) -> Purchase {
    let state = Exchange::new(Rate(ONE), 3, FeeRate::ZERO, FeeRate(U256::from(1_000_000_000_000_000_u64)));
    purchase(ExchangeId::derive(BASE, DATATOKEN), EXCHANGE, BASE, &state, OTHER, market).unwrap()
}

#[track_caller]
fn check(
    template: u16,
    purchase: Purchase,
    publish_fee: Option<(Address, u64)>,
    market: Option<&ConsumeMarket>,
    provider: (Address, u64),
    expected: &[(Address, Address, u64)],
) {
    let publish_market = publish_fee.map(|(token, amount)| Fee { address: OTHER, token, amount: units(amount) });
    let community = Community::with_default_fees(COMMUNITY);
    let payment_collector = PUBLISHER;
    let terms = Terms { datatoken: DATATOKEN, template, purchase, publish_market, payment_collector, community };
    let Bill { approvals, payments, .. } = bill(&terms, market, &provider_fee(provider.0, provider.1)).unwrap();
    let expected: Spending =
        expected.iter().map(|(token, spender, amount)| ((*token, *spender), units(*amount))).collect();
    assert_eq!(approvals, expected);
    // Somebody gets everything that leaves the account, and the datatoken.
    let mut got = std::collections::BTreeMap::<Address, BaseUnits>::new();
    for payment in payments {
        let sum = got.entry(payment.token).or_default();
        *sum = sum.checked_add(payment.amount).unwrap();
    }
    assert_eq!(got.remove(&DATATOKEN), Some(ONE_DATATOKEN));
    assert_eq!(got, order::total_by_token(&approvals).unwrap());
}

#[test]
fn nothing_is_approved_where_nothing_is_pulled() {
    check(1, Purchase::Held, None, None, (BASE, 0), &[]);
    check(1, Purchase::Held, Some((Address::ZERO, 5)), None, (Address::ZERO, 5), &[]);
    check(2, Purchase::Dispenser { contract: OTHER }, None, None, (BASE, 0), &[]);
}

#[test]
fn template_1_pays_the_exchange_and_template_2_the_datatoken() {
    check(1, bought(None), None, None, (BASE, 0), &[(BASE, EXCHANGE, 1001)]);
    check(2, bought(None), None, None, (BASE, 0), &[(BASE, DATATOKEN, 1001)]);
}

#[test]
fn fees_go_to_the_datatoken_once_for_each_token() {
    let market = market(10_000_000_000_000_000, 3);
    check(
        1,
        bought(Some(&market)),
        Some((OTHER, 5)),
        Some(&market),
        (OTHER, 7),
        &[(BASE, EXCHANGE, 1011), (OTHER, DATATOKEN, 12), (BASE, DATATOKEN, 3)],
    );
    check(2, bought(Some(&market)), Some((BASE, 5)), Some(&market), (BASE, 7), &[(BASE, DATATOKEN, 1011 + 5 + 3 + 7)]);
}

#[test]
fn a_market_names_a_receiver() {
    assert!(matches!(ConsumeMarket::new(Address::ZERO, FeeRate::ZERO), Err(crate::Error::FeeWithoutCollector)));
}

#[test]
fn a_swap_fee_out_of_range_has_no_quote() {
    let state = Exchange::new(Rate(ONE), 3, FeeRate::ZERO, FeeRate::ZERO);
    for fee in [1, 99_999_999_999_999, 500_000_000_000_000_001] {
        let quote = purchase(ExchangeId::derive(BASE, DATATOKEN), EXCHANGE, BASE, &state, OTHER, Some(&market(fee, 0)));
        assert!(matches!(quote, Err(crate::Error::Price(_))), "{fee}: {quote:?}");
    }
}
