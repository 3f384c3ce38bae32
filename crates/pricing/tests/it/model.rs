//! Properties that hold for every price.

use ocean_pricing::fixed_rate::{BuyQuote, Exchange, Kind, MAX_FEE, MIN_FEE, MIN_RATE, quote_buy, quote_sell};
use ocean_primitives::{BaseUnits, FeeRate, ONE, Rate, U256};
use proptest::prelude::*;

fn fee() -> impl Strategy<Value = FeeRate> {
    let (min, max) = (u64::try_from(MIN_FEE.0).unwrap(), u64::try_from(MAX_FEE.0).unwrap());
    prop_oneof![Just(FeeRate::ZERO), (min..=max).prop_map(|fee| FeeRate(U256::from(fee)))]
}

fn datatokens() -> impl Strategy<Value = BaseUnits> {
    (1_u128..1 << 80).prop_map(|amount| BaseUnits(U256::from(amount)))
}

prop_compose! {
    fn exchange()(rate in u64::try_from(MIN_RATE.0).unwrap().., decimals in 0_u8..25, market in fee(), ocean in fee()) -> Exchange {
        Exchange::new(Rate(U256::from(rate)), decimals, market, ocean)
    }
}

/// Whether `part` is `rate` of `gross`, rounded down: without a division.
fn is_floor(part: BaseUnits, gross: BaseUnits, rate: FeeRate) -> bool {
    let exact = gross.0 * rate.0;
    part.0 * ONE <= exact && exact < (part.0 + U256::ONE) * ONE
}

fn sum(quote: &BuyQuote) -> U256 {
    quote.gross.0 + quote.ocean_fee.0 + quote.market_fee.0 + quote.consume_fee.0
}

proptest! {
    #[test]
    fn every_part_is_rounded_down_once(exchange in exchange(), amount in datatokens(), consume in fee()) {
        let quote = quote_buy(&exchange, amount, consume).unwrap();
        let exact = amount.0 * exchange.rate.0 * U256::from(10).pow(U256::from(exchange.base_decimals));
        let unit = ONE * ONE;
        prop_assert!(quote.gross.0 * unit <= exact && exact < (quote.gross.0 + U256::ONE) * unit);
        prop_assert!(is_floor(quote.ocean_fee, quote.gross, exchange.ocean_fee));
        prop_assert!(is_floor(quote.market_fee, quote.gross, exchange.market_fee));
        prop_assert!(is_floor(quote.consume_fee, quote.gross, consume));
        prop_assert_eq!(quote.total.0, sum(&quote));
    }

    #[test]
    fn more_never_costs_less(exchange in exchange(), amount in datatokens(), more in datatokens(), consume in fee()) {
        let quote = |amount| quote_buy(&exchange, amount, consume).unwrap().total;
        prop_assert!(quote(BaseUnits(amount.0 + more.0)) >= quote(amount));
    }

    #[test]
    fn selling_back_never_gains(exchange in exchange(), amount in datatokens(), consume in fee()) {
        let buy = quote_buy(&exchange, amount, consume).unwrap();
        if let Ok(sell) = quote_sell(&exchange, amount, consume) {
            prop_assert_eq!(sell.gross, buy.gross);
            prop_assert_eq!(buy.total.0 - buy.gross.0, sell.gross.0 - sell.proceeds.0);
        }
    }

    #[test]
    fn an_enterprise_fee_stays_between_its_bounds(
        mut exchange in exchange(), amount in datatokens(), min in 0_u64.., span in 0_u64..
    ) {
        let (min_fee, max_fee) = (BaseUnits(U256::from(min)), BaseUnits(U256::from(min) + U256::from(span)));
        exchange.kind = Kind::Enterprise { min_fee, max_fee };
        let quote = quote_buy(&exchange, amount, FeeRate::ZERO).unwrap();
        prop_assert!((min_fee..=max_fee).contains(&quote.ocean_fee));
        prop_assert_eq!(quote.total.0, sum(&quote));
    }

    #[test]
    fn no_numbers_panic(rate: [u8; 32], amount: [u8; 32], fee: [u8; 32], ocean: [u8; 32], decimals: u8, datatoken_decimals: u8) {
        let number = U256::from_be_bytes::<32>;
        let mut exchange = Exchange::new(Rate(number(rate)), decimals, FeeRate(number(fee)), FeeRate(number(ocean)));
        exchange.datatoken_decimals = datatoken_decimals;
        let _ = quote_buy(&exchange, BaseUnits(number(amount)), FeeRate::ZERO);
        let _ = quote_sell(&exchange, BaseUnits(number(amount)), FeeRate::ZERO);
        let _ = exchange.check(decimals, datatoken_decimals);
    }
}
