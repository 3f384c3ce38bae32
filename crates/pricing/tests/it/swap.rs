use ocean_pricing::{
    Error,
    fixed_rate::{Exchange, Kind, Reserves, Swap, buy, calculate_buy, calculate_sell, quote_buy, quote_sell, sell},
};
use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, Rate, U256};

use crate::{amount, json, number};

const BUYER: Address = Address::repeat_byte(1);
const OTHER: Address = Address::repeat_byte(2);

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

fn percent(text: &str) -> FeeRate {
    FeeRate::from_percent(text).unwrap()
}

/// One datatoken for three base tokens, 0.1 % for the community and 1 % for the market.
fn exchange() -> Exchange {
    Exchange::new(Rate::parse("3").unwrap(), 6, percent("1"), percent("0.1"))
}

fn enterprise() -> Exchange {
    let mut exchange = exchange();
    exchange.kind = Kind::Enterprise { min_fee: units(10), max_fee: units(20) };
    exchange
}

fn swap() -> Swap {
    Swap {
        caller: BUYER,
        datatokens: BaseUnits(ONE),
        limit: units(4_000_000),
        consume_market: Address::ZERO,
        consume_fee: FeeRate::ZERO,
    }
}

fn sale() -> Swap {
    Swap { limit: units(1), ..swap() }
}

fn stocked() -> Reserves {
    let mut reserves = Reserves::minting();
    reserves.base_tokens = units(3_000_000);
    reserves
}

#[track_caller]
fn check_buy(exchange: &Exchange, reserves: &Reserves, swap: &Swap, reason: &str) {
    let error = buy(exchange, reserves, swap).unwrap_err();
    assert_eq!(error.revert_reason(), Some(reason), "{error}");
}

#[track_caller]
fn check_sell(exchange: &Exchange, reserves: &Reserves, swap: &Swap, reason: &str) {
    let error = sell(exchange, reserves, swap).unwrap_err();
    assert_eq!(error.revert_reason(), Some(reason), "{error}");
}

#[test]
fn refuses_what_the_contract_refuses() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let reason = |key: &str| fixture["reverts"][key].as_str().unwrap().to_owned();
    let mut off = stocked();
    off.active = false;
    let mut private = stocked();
    private.allowed_swapper = OTHER;
    let mut empty = stocked();
    empty.mintable = None;
    let nothing = Swap { datatokens: BaseUnits::ZERO, ..sale() };
    let low = Swap { consume_fee: FeeRate(U256::ONE), ..sale() };
    let high = Swap { consume_fee: percent("50.1"), ..sale() };
    for check in [check_buy, check_sell] {
        check(&exchange(), &off, &sale(), &reason("unknown_exchange"));
        check(&exchange(), &stocked(), &nothing, &reason("buy_zero"));
        check(&exchange(), &stocked(), &low, &reason("buy_consume_fee_low"));
        check(&exchange(), &stocked(), &high, &reason("buy_consume_fee_high"));
        check(&exchange(), &private, &sale(), "FixedRateExchange: This address is not allowed to swap");
    }
    let total = quote_buy(&exchange(), BaseUnits(ONE), FeeRate::ZERO).unwrap().total;
    let close = Swap { limit: BaseUnits(total.0 - U256::ONE), ..swap() };
    check_buy(&exchange(), &stocked(), &close, &reason("buy_max_one_wei_low"));
    assert_eq!(buy(&exchange(), &stocked(), &Swap { limit: total, ..swap() }).unwrap().total, total);
    check_buy(&exchange(), &empty, &swap(), "FixedRateExchange: No available datatokens");
    let proceeds = quote_sell(&exchange(), BaseUnits(ONE), FeeRate::ZERO).unwrap().proceeds;
    let much = Swap { limit: BaseUnits(proceeds.0 + U256::ONE), ..sale() };
    check_sell(&exchange(), &stocked(), &much, "FixedRateExchange: Too few base tokens");
    assert_eq!(sell(&exchange(), &stocked(), &Swap { limit: proceeds, ..sale() }).unwrap().proceeds, proceeds);
    check_sell(&exchange(), &Reserves::minting(), &sale(), &reason("sell_no_basetokens"));
}

#[test]
fn a_fee_out_of_range_is_refused_even_where_nobody_gets_it() {
    let nobody = Swap { consume_fee: percent("10"), ..swap() };
    assert_eq!(buy(&exchange(), &stocked(), &nobody).unwrap().consume_fee, BaseUnits::ZERO);
    let somebody = Swap { consume_market: OTHER, ..nobody };
    assert_eq!(buy(&exchange(), &stocked(), &somebody).unwrap().consume_fee, units(300_000));
    check_buy(&exchange(), &stocked(), &Swap { consume_fee: FeeRate(U256::ONE), ..nobody }, "ConsumeSwapFee too low");
}

#[test]
fn an_enterprise_exchange_mints_only_what_is_missing() {
    let mut reserves = Reserves::minting();
    reserves.datatokens = BaseUnits(ONE - U256::from(5));
    reserves.mintable = Some(units(5));
    assert!(buy(&enterprise(), &reserves, &swap()).is_ok());
    assert_eq!(
        buy(&exchange(), &reserves, &swap()),
        Err(Error::CapExceeded { minted: BaseUnits(ONE), mintable: units(5) })
    );
    reserves.mintable = Some(units(4));
    assert_eq!(
        buy(&enterprise(), &reserves, &swap()),
        Err(Error::CapExceeded { minted: units(5), mintable: units(4) })
    );
    reserves.datatokens = BaseUnits(ONE);
    reserves.mintable = None;
    assert!(buy(&enterprise(), &reserves, &swap()).is_ok() && buy(&exchange(), &reserves, &swap()).is_ok());
}

#[test]
fn an_enterprise_exchange_wants_an_allowed_token_and_buys_nothing_back() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_enterprise_quotes.json"));
    let reverts = fixture["reverts"].as_object().unwrap();
    assert_eq!(reverts.len(), 2, "{reverts:?}");
    let mut refused = enterprise();
    refused.base_token_allowed = false;
    let error = buy(&refused, &stocked(), &swap()).unwrap_err();
    assert_eq!(error, Error::BaseTokenNotAllowed);
    assert!(reverts.values().any(|reason| reason.as_str() == error.revert_reason()), "{reverts:?}");
    check_sell(&enterprise(), &stocked(), &sale(), reverts["sellDT"].as_str().unwrap());
    // A standard exchange does not ask the collector.
    refused.kind = Kind::Standard;
    assert!(buy(&refused, &stocked(), &swap()).is_ok());
}

#[test]
fn contradicting_bounds_of_an_enterprise_fee_end_at_the_minimum() {
    let mut odd = enterprise();
    odd.kind = Kind::Enterprise { min_fee: units(20), max_fee: units(10) };
    odd.ocean_fee = FeeRate::ZERO;
    assert_eq!(quote_buy(&odd, BaseUnits(ONE), FeeRate::ZERO).unwrap().ocean_fee, units(20));
}

#[test]
fn the_contract_s_own_quote_takes_what_a_purchase_does_not() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let words = fixture["reverts"]["quote_not_validated_consume_fee_2x"].as_str().unwrap();
    let mut same = Exchange::new(Rate::parse("1").unwrap(), 18, percent("0.1"), percent("0.1"));
    let quote = calculate_buy(&same, BaseUnits(ONE), percent("200")).unwrap();
    assert_eq!(words, format!("{},{},{},{}", quote.total, quote.ocean_fee, quote.market_fee, quote.consume_fee));
    assert_eq!(calculate_buy(&same, BaseUnits::ZERO, FeeRate::ZERO).unwrap().total, BaseUnits::ZERO);
    same.kind = Kind::Enterprise { min_fee: BaseUnits::ZERO, max_fee: BaseUnits(U256::MAX) };
    assert!(calculate_sell(&same, BaseUnits(ONE), FeeRate::ZERO).is_ok());
}

#[test]
fn slippage_is_a_part_of_the_amount() {
    let quote = quote_buy(&exchange(), BaseUnits(ONE), FeeRate::ZERO).unwrap();
    assert_eq!(quote.total, units(3_033_000));
    assert_eq!(quote.max_base(FeeRate::ZERO), Ok(quote.total));
    assert_eq!(quote.max_base(percent("1")), Ok(units(3_063_330)));
    assert_eq!(quote.max_base(percent("0.00001")), Ok(quote.total), "a third of a unit is nothing");
    assert_eq!(quote.max_base(percent("100.1")), Err(Error::SlippageTooHigh(percent("100.1"))));
    let quote = quote_sell(&exchange(), BaseUnits(ONE), FeeRate::ZERO).unwrap();
    assert_eq!(quote.proceeds, units(2_967_000));
    assert_eq!(quote.min_base(FeeRate::ZERO), Ok(quote.proceeds));
    assert_eq!(quote.min_base(percent("1")), Ok(units(2_937_330)));
    assert_eq!(quote.min_base(percent("0.00001")), Ok(quote.proceeds));
    assert_eq!(quote.min_base(percent("100")), Ok(BaseUnits::ZERO));
    assert_eq!(quote.min_base(FeeRate(ONE + U256::ONE)), Err(Error::SlippageTooHigh(FeeRate(ONE + U256::ONE))));
}

#[test]
fn every_recorded_purchase_and_sale_is_allowed_with_its_own_reserves() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    for row in fixture["cases"].as_array().unwrap() {
        let decimals = u8::try_from(row["baseDecimals"].as_u64().unwrap()).unwrap();
        let (rate, market, ocean) =
            (Rate(number(row, "rate")), FeeRate(number(row, "marketFee")), FeeRate(number(row, "opcFee")));
        let exchange = Exchange::new(rate, decimals, market, ocean);
        let fee = FeeRate(number(row, "consumeMarketFee"));
        let limit = amount(&row["quoteBuy"], "baseTokenAmount");
        let purchase =
            Swap { caller: BUYER, datatokens: amount(row, "dtAmount"), limit, consume_market: OTHER, consume_fee: fee };
        assert_eq!(buy(&exchange, &Reserves::minting(), &purchase).unwrap().total, limit);
        let mut left = Reserves::minting();
        left.base_tokens = amount(&row["buy"]["after"], "btBalance");
        let sale = Swap { limit: BaseUnits::ZERO, ..purchase };
        let sold = sell(&exchange, &left, &sale).map(|quote| quote.proceeds);
        match row["quoteSell"].get("baseTokenAmount") {
            Some(_) => assert_eq!(sold, Ok(amount(&row["quoteSell"], "baseTokenAmount"))),
            None => assert_eq!(sold.unwrap_err().revert_reason(), Some("Panic(0x11)")),
        }
    }
}
