use ocean_pricing::{
    Error,
    fixed_rate::{Exchange, Kind, MAX_FEE, MIN_FEE, effective_consume_fee, quote_buy, quote_sell},
};
use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, Rate, U256};
use serde_json::Value;

use crate::{amount, json, number};

fn one() -> BaseUnits {
    BaseUnits(ONE)
}

fn exchange(rate: &str, base_decimals: u8) -> Exchange {
    let percent = |text| FeeRate::from_percent(text).unwrap();
    Exchange::new(Rate::parse(rate).unwrap(), base_decimals, percent("0.1"), percent("0.1"))
}

#[track_caller]
fn check_refused(exchange: Exchange, datatokens: BaseUnits, consume_fee: FeeRate, expected: Error) {
    assert_eq!(quote_buy(&exchange, datatokens, consume_fee), Err(expected.clone()));
    assert_eq!(quote_sell(&exchange, datatokens, consume_fee), Err(expected));
}

#[test]
fn refuses_to_trade_nothing() {
    check_refused(exchange("1", 18), BaseUnits::ZERO, FeeRate::ZERO, Error::ZeroAmount);
}

#[test]
fn refuses_consume_fees_outside_the_limits() {
    let (low, high) = (FeeRate(MIN_FEE.0 - U256::ONE), FeeRate(MAX_FEE.0 + U256::ONE));
    check_refused(exchange("1", 18), one(), low, Error::ConsumeFeeTooLow(low));
    check_refused(exchange("1", 18), one(), FeeRate(U256::ONE), Error::ConsumeFeeTooLow(FeeRate(U256::ONE)));
    check_refused(exchange("1", 18), one(), high, Error::ConsumeFeeTooHigh(high));
    check_refused(exchange("1", 18), one(), FeeRate(U256::MAX), Error::ConsumeFeeTooHigh(FeeRate(U256::MAX)));
    for edge in [FeeRate::ZERO, MIN_FEE, MAX_FEE] {
        assert!(quote_buy(&exchange("1", 18), one(), edge).is_ok());
    }
}

#[test]
fn refuses_numbers_on_which_the_contract_panics() {
    check_refused(exchange("1", 18), BaseUnits(U256::MAX), FeeRate::ZERO, Error::Overflow);
    check_refused(exchange("1", 78), one(), FeeRate::ZERO, Error::Overflow);
    check_refused(exchange("1", 255), one(), FeeRate::ZERO, Error::Overflow);
    let mut dear = exchange("1", 18);
    dear.rate = Rate(U256::MAX);
    check_refused(dear, one(), FeeRate::ZERO, Error::Overflow);
    let mut greedy = exchange("1", 18);
    greedy.ocean_fee = FeeRate(U256::MAX);
    check_refused(greedy, one(), FeeRate::ZERO, Error::Overflow);
}

#[test]
fn a_price_of_nothing_is_seen_before_publishing_and_before_buying() {
    // Each of them was given away by the contract.
    for (rate, base_decimals, amount) in
        [("0.9", 0, ONE), ("0.0000005", 6, ONE), ("3", 6, U256::from(100_000_000_000_u64))]
    {
        let exchange = exchange(rate, base_decimals);
        let quote = quote_buy(&exchange, BaseUnits(amount), FeeRate::ZERO).unwrap();
        assert_eq!(quote.total, BaseUnits::ZERO);
        let refused = Error::ZeroPrice { amount: BaseUnits(amount), rate: exchange.rate };
        assert_eq!(quote.require_price(exchange.rate), Err(refused.clone()));
        if amount == ONE {
            assert_eq!(exchange.check(base_decimals, 18), Err(refused));
        }
    }
    let quote = quote_buy(&exchange("0.000001", 6), one(), FeeRate::ZERO).unwrap();
    assert_eq!(quote.require_price(exchange("0.000001", 6).rate), Ok(()));
}

#[test]
fn an_exchange_is_checked_before_it_is_created() {
    assert_eq!(exchange("1", 6).check(6, 18), Ok(()));
    assert_eq!(exchange("1", 18).check(6, 18), Err(Error::Decimals { declared: 18, actual: 6 }));
    assert_eq!(exchange("1", 6).check(6, 6), Err(Error::Decimals { declared: 18, actual: 6 }));
    let mut low = exchange("1", 18);
    low.rate = Rate(U256::from(9_999_999_999_u64));
    assert_eq!(low.check(18, 18), Err(Error::RateTooLow(low.rate)));
    low.rate = Rate(U256::from(10_000_000_000_u64));
    assert_eq!(low.check(18, 18), Ok(()));
    let mut fee = exchange("1", 18);
    fee.market_fee = FeeRate(U256::ONE);
    assert_eq!(fee.check(18, 18), Err(Error::MarketFeeTooLow(fee.market_fee)));
    fee.market_fee = FeeRate::from_percent("51").unwrap();
    assert_eq!(fee.check(18, 18), Err(Error::MarketFeeTooHigh(fee.market_fee)));
}

#[test]
fn wrong_decimals_are_quoted_as_the_contract_quotes_them() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let expected = amount(&fixture["wrongDecimals"], "quote");
    let mut usdc = exchange("1", 18);
    (usdc.market_fee, usdc.ocean_fee) = (FeeRate::ZERO, FeeRate::from_percent("0.2").unwrap());
    assert_eq!(quote_buy(&usdc, one(), FeeRate::ZERO).unwrap().total, expected);
}

#[test]
fn without_a_market_address_no_consume_fee_is_paid() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let (fee, somebody) = (FeeRate::from_percent("10").unwrap(), Address::repeat_byte(1));
    let total = |market| quote_buy(&exchange("1", 18), one(), effective_consume_fee(market, fee)).unwrap().total;
    assert_eq!(total(somebody), amount(&fixture["consumeMarketAddressZero"], "quotedWithFee"));
    assert_eq!(total(Address::ZERO), amount(&fixture["consumeMarketAddressZero"], "paid"));
}

#[track_caller]
fn check_words(words: &Value, base: BaseUnits, ocean: BaseUnits, market: BaseUnits, consume: BaseUnits) {
    assert_eq!(base, amount(words, "baseTokenAmount"), "{words}");
    assert_eq!(ocean, amount(words, "oceanFeeAmount"), "{words}");
    assert_eq!(market, amount(words, "publishMarketFeeAmount"), "{words}");
    assert_eq!(consume, amount(words, "consumeMarketFeeAmount"), "{words}");
}

fn row_exchange(row: &Value, ocean_fee: FeeRate) -> Exchange {
    let decimals = u8::try_from(row["baseDecimals"].as_u64().unwrap()).unwrap();
    Exchange::new(Rate(number(row, "rate")), decimals, FeeRate(number(row, "marketFee")), ocean_fee)
}

#[test]
fn equals_the_contract_in_every_recorded_exchange() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let rows = fixture["cases"].as_array().unwrap();
    assert_eq!(rows.len(), 24);
    let mut sold = 0;
    for row in rows {
        let exchange = row_exchange(row, FeeRate(number(row, "opcFee")));
        let (datatokens, consume_fee) = (amount(row, "dtAmount"), FeeRate(number(row, "consumeMarketFee")));

        let buy = quote_buy(&exchange, datatokens, consume_fee).unwrap();
        check_words(&row["quoteBuy"], buy.total, buy.ocean_fee, buy.market_fee, buy.consume_fee);
        assert_eq!(buy.gross, amount(row, "modelGross"));
        let paid = row["buy"]["buyerBaseDelta"].as_str().unwrap();
        assert_eq!(paid.trim_start_matches('-'), buy.total.to_string());
        assert_eq!(amount(&row["buy"], "consumeMarketDelta"), buy.consume_fee);
        let after = &row["buy"]["after"];
        assert_eq!(amount(after, "btBalance"), buy.gross);
        assert_eq!(amount(after, "marketFeeAvailable"), buy.market_fee);
        assert_eq!(amount(after, "oceanFeeAvailable"), buy.ocean_fee);

        let sell = quote_sell(&exchange, datatokens, consume_fee);
        if row["quoteSell"].get("baseTokenAmount").is_none() {
            assert!(matches!(sell, Err(Error::FeesExceedProceeds { .. })), "{sell:?}");
            assert_eq!(sell.unwrap_err().revert_reason(), Some("Panic(0x11)"));
            continue;
        }
        let sell = sell.unwrap();
        check_words(&row["quoteSell"], sell.proceeds, sell.ocean_fee, sell.market_fee, sell.consume_fee);
        assert_eq!(amount(&row["sell"], "buyerBaseDelta"), sell.proceeds);
        sold += 1;
    }
    assert_eq!(sold, 23);
}

#[test]
fn equals_the_enterprise_contract_in_every_recorded_exchange() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_enterprise_quotes.json"));
    let rows = fixture["cases"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    for row in rows {
        let collector = &row["collector"];
        let mut exchange = row_exchange(row, FeeRate(number(collector, "feePercentage")));
        exchange.kind = Kind::Enterprise { min_fee: amount(collector, "minFee"), max_fee: amount(collector, "maxFee") };
        let (datatokens, consume_fee) = (amount(row, "dtAmount"), FeeRate(number(row, "consumeMarketFee")));
        let buy = quote_buy(&exchange, datatokens, consume_fee).unwrap();
        check_words(&row["quote"], buy.total, buy.ocean_fee, buy.market_fee, buy.consume_fee);
        assert_eq!(amount(row, "buyerPaid"), buy.total);
        assert_eq!(amount(row, "collectorDelta"), buy.ocean_fee);
        let refused = quote_sell(&exchange, datatokens, consume_fee).unwrap_err();
        assert_eq!(refused.revert_reason(), fixture["reverts"]["sellDT"].as_str());
    }
}

#[test]
fn reasons_are_the_contract_s_own() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/fixed_rate_quotes.json"));
    let reverts = &fixture["reverts"];
    for (error, key) in [
        (Error::ZeroAmount, "buy_zero"),
        (Error::RateTooLow(Rate::default()), "create_rate_low"),
        (Error::ConsumeFeeTooLow(FeeRate::ZERO), "buy_consume_fee_low"),
        (Error::ConsumeFeeTooHigh(FeeRate::ZERO), "buy_consume_fee_high"),
        (Error::MarketFeeTooLow(FeeRate::ZERO), "create_mfee_low"),
        (Error::MarketFeeTooHigh(FeeRate::ZERO), "create_mfee_high"),
    ] {
        assert_eq!(error.revert_reason(), reverts[key].as_str(), "{key}");
    }
}
