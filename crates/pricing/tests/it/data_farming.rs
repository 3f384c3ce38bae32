use ocean_pricing::{
    Error,
    data_farming::{
        MAX_ALLOCATION, MAX_LOCK, WEEK, claimable_until, extended_end, fee_share, fees_of_week, first_claim_week,
        lock_end, next_week, total_allocation, voting_power, week,
    },
};
use ocean_primitives::{BaseUnits, ONE, U256};
use proptest::prelude::*;

/// Thursday, 1 June 2023, 00:00 UTC.
const THURSDAY: u64 = 1_685_577_600;

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

#[test]
fn refuses_locks_that_the_contract_refuses() {
    let now = THURSDAY + 100;
    let past = lock_end(THURSDAY + WEEK - 1, now).unwrap_err();
    assert_eq!(past, Error::LockInThePast { end: THURSDAY, now });
    assert_eq!(past.revert_reason(), Some("Can only lock until time in the future"));
    assert!(lock_end(THURSDAY, THURSDAY).is_err(), "an end at this moment is no future");
    let long = lock_end(now + MAX_LOCK + WEEK, now).unwrap_err();
    assert_eq!(long.revert_reason(), Some("Voting lock can be 4 years max"));
    assert_eq!(extended_end(now + WEEK, now, now), Err(Error::LockOver { end: now, now }));
    let end = THURSDAY + 2 * WEEK;
    assert_eq!(extended_end(end + WEEK - 1, end, now), Err(Error::LockNotLonger { end, present: end }));
    assert!(extended_end(u64::MAX, end, now).is_err());
    assert_eq!(total_allocation([5_000, 5_001]), Err(Error::AllocationTooHigh(U256::from(10_001))));
    assert!(total_allocation([u64::MAX, u64::MAX]).is_err());
}

#[test]
fn times_at_the_end_of_all_time_do_not_panic() {
    assert_eq!(next_week(u64::MAX), Err(Error::Overflow));
    assert_eq!(first_claim_week(u64::MAX), Err(Error::Overflow));
    assert!(lock_end(u64::MAX, u64::MAX).is_err());
    assert_eq!(fees_of_week(units(1), 2, 1, 1), Err(Error::Overflow));
}

#[test]
fn weeks_begin_on_thursday() {
    for offset in [0, 1, WEEK - 1] {
        assert_eq!(week(THURSDAY + offset), THURSDAY);
        assert_eq!(next_week(THURSDAY + offset), Ok(THURSDAY + WEEK));
        assert_eq!(claimable_until(THURSDAY + offset), THURSDAY);
    }
    assert_eq!(first_claim_week(THURSDAY), Ok(THURSDAY));
    assert_eq!(first_claim_week(THURSDAY + 1), Ok(THURSDAY + WEEK));
}

#[test]
fn locks_end_with_a_week() {
    assert_eq!(lock_end(THURSDAY + 2 * WEEK + 5, THURSDAY + 1), Ok(THURSDAY + 2 * WEEK));
    // Four years are 208 weeks and four days.
    assert_eq!(lock_end(THURSDAY + MAX_LOCK, THURSDAY), Ok(THURSDAY + 208 * WEEK));
    assert_eq!(extended_end(THURSDAY + 3 * WEEK, THURSDAY + 2 * WEEK, THURSDAY), Ok(THURSDAY + 3 * WEEK));
    assert_eq!(total_allocation([2_500, 7_500]), Ok(MAX_ALLOCATION));
}

#[test]
fn power_falls_to_nothing() {
    let amount = BaseUnits(ONE);
    let end = THURSDAY + 208 * WEEK;
    let slope = ONE / U256::from(MAX_LOCK);
    assert_eq!(voting_power(amount, end, THURSDAY), Ok(BaseUnits(slope * U256::from(208 * WEEK))));
    assert_eq!(voting_power(amount, end, end), Ok(units(0)));
    assert_eq!(voting_power(amount, end, end + 1), Ok(units(0)));
    assert_eq!(voting_power(units(MAX_LOCK - 1), end, THURSDAY), Ok(units(0)), "less than one unit per second");
    assert_eq!(voting_power(BaseUnits(U256::ONE << 127), end, THURSDAY), Err(Error::Overflow));
}

#[test]
fn fees_are_shared_by_power_and_spread_by_seconds() {
    assert_eq!(fee_share(units(100), units(1), units(3)), Ok(units(33)));
    assert_eq!(fee_share(units(100), units(1), units(0)), Ok(units(0)));
    let (from, to) = (THURSDAY + WEEK / 2, THURSDAY + 2 * WEEK);
    let of_week = |week| fees_of_week(units(90), from, to, THURSDAY + week * WEEK).unwrap();
    assert_eq!((of_week(0), of_week(1), of_week(2)), (units(30), units(60), units(0)));
    assert_eq!(fees_of_week(units(9), from, from, from), Ok(units(9)));
    assert_eq!(fees_of_week(units(9), from, from, to), Ok(units(0)));
    assert_eq!(fees_of_week(units(9), from, to, THURSDAY - 1), Ok(units(0)));
}

proptest! {
    #[test]
    fn weeks_get_no_more_than_there_is(tokens in 0_u64.., from in THURSDAY..THURSDAY + 5 * WEEK, length in 1..19 * WEEK) {
        let sum = (0..26).fold(U256::ZERO, |sum, index| {
            sum + fees_of_week(units(tokens), from, from + length, THURSDAY + index * WEEK).unwrap().0
        });
        prop_assert!(sum <= U256::from(tokens) && sum + U256::from(26) > U256::from(tokens));
    }

    #[test]
    fn no_times_panic(a: u64, b: u64, c: u64) {
        let _ = (lock_end(a, b), extended_end(a, b, c), voting_power(units(a), b, c), fees_of_week(units(a), b, c, a));
    }
}
