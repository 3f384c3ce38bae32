use ocean_pricing::{
    Error,
    compute::{Resource, billed_minutes, environment_fee, lock_seconds, resources_cost},
};
use ocean_primitives::{BaseUnits, Decimal};
use proptest::prelude::*;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[track_caller]
fn check_fee(price: &str, seconds: u64, decimals: u8, expected: &str) {
    assert_eq!(environment_fee(decimal(price), seconds, decimals).unwrap().to_string(), expected);
}

#[track_caller]
fn check_cost(resources: &[(&str, &str)], minutes: u64, decimals: u8, expected: &str) {
    let resources: Vec<_> =
        resources.iter().map(|(price, amount)| Resource { price: decimal(price), amount: decimal(amount) }).collect();
    assert_eq!(resources_cost(&resources, minutes, decimals).unwrap().to_string(), expected);
}

#[test]
fn refuses_what_does_not_fit() {
    let most = Decimal::parse_json("1e77").unwrap();
    assert_eq!(environment_fee(most, 60, 18), Err(Error::Overflow));
    assert_eq!(environment_fee(decimal("1"), 60, 78), Err(Error::Overflow));
    let dear = Resource { price: most, amount: decimal("2") };
    assert_eq!(resources_cost(&[dear], 1, 18), Err(Error::Overflow));
    let fine = Resource { price: Decimal::parse_json("1e-77").unwrap(), amount: Decimal::parse_json("1e-77").unwrap() };
    assert_eq!(resources_cost(&[fine], 1, 18), Err(Error::Overflow));
    assert_eq!(lock_seconds(u64::MAX, 0, 1), Err(Error::Overflow));
}

#[test]
fn the_whole_time_is_paid_in_the_old_stack() {
    // A recorded environment and time of the Python Provider, which says 137961666666666640000 because it calculates in floats.
    check_fee("2.3", 3_599, 18, "137961666666666666666");
    check_fee("1", 60, 18, "1000000000000000000");
    check_fee("1", 59, 0, "0");
    check_fee("0", DAY, 18, "0");
    check_fee("2", DAY, 6, "2880000000");
    check_fee("2", 25 * HOUR, 6, "3000000000");
    check_fee("2", 30 * DAY, 6, "86400000000");
    check_fee("0.0000001", 60, 6, "0");
    check_fee("0.0000001", 600, 6, "1");
    check_fee("1000000000000000000000", HOUR, 18, "60000000000000000000000000000000000000000");
}

#[test]
fn minutes_begin_whole_and_have_a_least_number() {
    for (seconds, min, minutes) in
        [(0, 0, 0), (1, 0, 1), (60, 0, 1), (61, 0, 2), (5, 60, 1), (5, 61, 2), (3_600, 60, 60)]
    {
        assert_eq!(billed_minutes(seconds, min), minutes, "{seconds} {min}");
    }
    assert_eq!(billed_minutes(u64::MAX, 0), u64::MAX / 60 + 1);
}

#[test]
fn resources_are_summed_before_they_are_rounded() {
    check_cost(&[], 10, 18, "0");
    check_cost(&[("1", "4")], 15, 18, "60000000000000000000");
    check_cost(&[("1", "4"), ("0.1", "8"), ("0", "100")], 2, 6, "9600000");
    check_cost(&[("0.0000001", "4"), ("0.0000001", "1")], 1, 6, "1");
    check_cost(&[("0.0000001", "4")], 1, 6, "0");
    check_cost(&[("2.5", "1")], 1, 0, "3");
    check_cost(&[("0.1", "0.5"), ("1", "1")], 3, 2, "315");
}

#[test]
fn a_lock_holds_for_the_run_the_queue_and_the_claim() {
    assert_eq!(lock_seconds(900, 300, HOUR), Ok(4_800));
}

proptest! {
    #[test]
    fn more_time_never_costs_less(price in 0_u64.., seconds in 0..400 * DAY, more in 0..400 * DAY, scale in 0_i32..20, decimals in prop::sample::select(vec![0_u8, 6, 18])) {
        let price = Decimal::parse_json(&format!("{price}e-{scale}")).unwrap();
        let fee = |seconds| environment_fee(price, seconds, decimals).unwrap();
        prop_assert!(fee(seconds + more) >= fee(seconds));
        let cost = |seconds| resources_cost(&[Resource { price, amount: Decimal::from(3) }], billed_minutes(seconds, 60), decimals).unwrap();
        prop_assert!(cost(seconds + more) >= cost(seconds));
        // Whole minutes, at least one, are never cheaper than the seconds; the one is rounded to the nearest and the other down.
        let one = Resource { price, amount: Decimal::from(1) };
        prop_assert!(resources_cost(&[one], billed_minutes(seconds, 60), decimals).unwrap() >= fee(seconds));
    }

    #[test]
    fn a_higher_price_never_costs_less(price in 0_u32.., more in 0_u32.., seconds in 0..400 * DAY, scale in 0_i32..20, decimals in prop::sample::select(vec![0_u8, 6, 18])) {
        let fee = |price: u64| environment_fee(Decimal::parse_json(&format!("{price}e-{scale}")).unwrap(), seconds, decimals).unwrap();
        prop_assert!(fee(u64::from(price) + u64::from(more)) >= fee(u64::from(price)));
    }

    #[test]
    fn no_numbers_panic(digits: [u8; 32], amount: [u8; 32], seconds: u64, decimals: u8) {
        let number = |bytes| decimal(&ocean_primitives::U256::from_be_bytes::<32>(bytes).to_string());
        let _ = environment_fee(number(digits), seconds, decimals);
        let _ = resources_cost(&[Resource { price: number(digits), amount: number(amount) }], seconds, decimals);
    }

    #[test]
    fn the_cost_is_the_nearest_unit(price in 0_u32.., amount in 0_u32.., minutes in 0_u64..100_000, scale in 0_u8..20, decimals in 0_u8..10) {
        let price_decimal = Decimal::parse_json(&format!("{price}e-{scale}")).unwrap();
        let cost = resources_cost(&[Resource { price: price_decimal, amount: Decimal::from(u64::from(amount)) }], minutes, decimals).unwrap();
        let power = |exponent: u8| 10_u128.pow(u32::from(exponent));
        let numbers = ocean_primitives::U256::from(price) * ocean_primitives::U256::from(amount) * ocean_primitives::U256::from(minutes);
        let exact = numbers * ocean_primitives::U256::from(power(decimals));
        let unit = ocean_primitives::U256::from(power(scale));
        let distance = |cost: BaseUnits| (cost.0 * unit).abs_diff(exact);
        prop_assert!(distance(cost) + distance(cost) <= unit);
    }
}
