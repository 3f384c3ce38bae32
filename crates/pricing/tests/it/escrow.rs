use ocean_pricing::{
    Error,
    escrow::{Authorization, ClaimFee, Lock, check_lock, prepare, split_claim},
    fixed_rate::Kind,
};
use ocean_primitives::{BaseUnits, FeeRate, U256};
use proptest::prelude::*;
use serde_json::Value;

use crate::{amount, json, number};

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

fn standard() -> ClaimFee {
    ClaimFee::standard(FeeRate::from_percent("0.1").unwrap())
}

/// 5 % between 0.1 and 1.
fn enterprise() -> ClaimFee {
    let kind = Kind::Enterprise { min_fee: units(100_000_000_000_000_000), max_fee: units(1_000_000_000_000_000_000) };
    ClaimFee { rate: FeeRate::from_percent("5").unwrap(), kind, token_allowed: true }
}

fn authorization() -> Authorization {
    Authorization {
        max_locked_amount: units(5),
        max_lock_seconds: 3_600,
        max_lock_counts: 2,
        ..Authorization::default()
    }
}

fn lock(amount: u64, seconds: u64) -> Lock {
    Lock { amount: units(amount), seconds }
}

fn fixture() -> Value {
    json(include_str!("../fixtures/contracts-2.6.0/escrow.json"))
}

#[track_caller]
fn check(available: u64, authorization: Option<&Authorization>, lock: Lock, reason: &str) {
    let error = check_lock(&standard(), units(available), authorization, &lock).unwrap_err();
    assert_eq!(error.revert_reason(), Some(reason), "{error}");
}

#[test]
fn refuses_what_the_contract_refuses() {
    let fixture = fixture();
    let reason = |key: &str| fixture["reverts"][key].as_str().unwrap();
    let present = authorization();
    check(10, Some(&present), lock(0, 1), reason("amount0"));
    check(10, Some(&present), lock(11, 1), reason("funds"));
    check(10, None, lock(1, 1), fixture["noAuth"].as_str().unwrap());
    check(10, Some(&present), lock(1, 3_601), reason("expiryTooHigh"));
    check(10, Some(&present), lock(6, 1), reason("tooMuch"));
    let locked = Authorization { current_locked_amount: units(3), current_locks: 1, ..present };
    check(10, Some(&locked), lock(3, 1), reason("cumulative"));
    let full = Authorization { current_locks: 2, ..present };
    check(10, Some(&full), lock(1, 1), "Exceeds maxLockCounts");
    assert_eq!(check_lock(&standard(), units(5), Some(&present), &lock(5, 3_600)), Ok(()));
    let claim = split_claim(&standard(), units(5), units(6)).unwrap_err();
    assert_eq!(claim.revert_reason(), Some(reason("claimTooMuch")));
}

#[test]
fn an_enterprise_escrow_refuses_small_locks_and_panics_on_small_claims() {
    let fixture = json(include_str!("../fixtures/contracts-2.6.0/enterprise_escrow.json"));
    let present = Authorization { max_locked_amount: BaseUnits(U256::MAX), ..authorization() };
    let refused = |terms: &ClaimFee, amount| {
        check_lock(terms, BaseUnits(U256::MAX), Some(&present), &lock(amount, 1)).unwrap_err().revert_reason()
    };
    assert_eq!(refused(&enterprise(), 100_000_000_000_000_000), fixture["tooSmall"].as_str());
    let foreign = ClaimFee { token_allowed: false, ..enterprise() };
    assert_eq!(refused(&foreign, 1_000_000_000_000_000_000), fixture["notAllowed"].as_str());
    let above = lock(100_000_000_000_000_001, 1);
    assert_eq!(check_lock(&enterprise(), BaseUnits(U256::MAX), Some(&present), &above), Ok(()));

    let claims = fixture["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 3);
    for row in claims {
        let split = split_claim(&enterprise(), amount(row, "lock"), amount(row, "claim"));
        match row["reverts"].as_str() {
            None => {
                let split = split.unwrap();
                assert_eq!((split.fee, split.payee), (amount(row, "fee"), amount(row, "payeeGot")));
                assert_eq!(split.returned.0, number(row, "lock") - number(row, "claim"));
            }
            Some(reason) => {
                assert_eq!(reason, "Panic due to OVERFLOW(17)");
                assert_eq!(split.unwrap_err().revert_reason(), Some("Panic(0x11)"));
            }
        }
    }
}

/// What a recorded step shows of somebody's funds.
fn funds(step: &Value, who: &str) -> (BaseUnits, BaseUnits) {
    (amount(&step[who], "available"), amount(&step[who], "locked"))
}

#[test]
fn the_recorded_flow_moves_exactly_these_amounts() {
    let fixture = fixture();
    let steps = fixture["steps"].as_array().unwrap();
    let mut present = None;
    let (mut locks, mut claims) = (0, 0);
    for pair in steps.windows(2) {
        let [before, after] = pair else { unreachable!() };
        let events = after["logs"].as_array().unwrap().iter().filter(|log| log.get("event").is_some());
        for log in events {
            let args = &log["args"];
            let ((available, locked), (left, held)) = (funds(before, "payerFunds"), funds(after, "payerFunds"));
            match log["event"].as_str().unwrap().split('(').next().unwrap() {
                "Auth" => present = Some(authorization_of(args)),
                "Lock" => {
                    let lock = Lock { amount: amount(args, "amount"), seconds: number(args, "expiry").to::<u64>() };
                    assert_eq!(check_lock(&standard(), available, present.as_ref(), &lock), Ok(()));
                    assert_eq!((available.0 - left.0, held.0 - locked.0), (lock.amount.0, lock.amount.0));
                    let nothing = prepare(available, present.as_ref(), &lock).unwrap();
                    assert_eq!((nothing.deposit, nothing.authorize), (BaseUnits::ZERO, None));
                    locks += 1;
                }
                "Claimed" if !locked.is_zero() => {
                    let split = split_claim(&standard(), locked, amount(args, "amount")).unwrap();
                    assert_eq!(left.0 - available.0, split.returned.0);
                    let (had, has) = (funds(before, "payeeFunds").0, funds(after, "payeeFunds").0);
                    assert_eq!(has.0 - had.0, split.payee.0);
                    assert_eq!(split.fee, amount(&fixture, "opcCollectorDelta"));
                    claims += 1;
                }
                // Locked and claimed in one step, and withdrawn with what was there before.
                "Withdraw" => {
                    let had = funds(before, "payeeFunds").0;
                    let lock = available.0 - left.0;
                    let split = split_claim(&standard(), BaseUnits(lock), BaseUnits(lock)).unwrap();
                    assert_eq!(amount(args, "amount").0, had.0 + split.payee.0);
                    claims += 1;
                }
                _ => {}
            }
        }
    }
    assert_eq!((locks, claims), (2, 2));
}

fn authorization_of(args: &Value) -> Authorization {
    Authorization {
        max_locked_amount: amount(args, "maxLockedAmount"),
        max_lock_seconds: number(args, "maxLockSeconds").to::<u64>(),
        max_lock_counts: number(args, "maxLockCounts").to::<u64>(),
        ..Authorization::default()
    }
}

#[test]
fn a_preparation_asks_for_what_is_missing_and_takes_nothing_back() {
    let lock = lock(4, 100);
    let fresh = prepare(units(1), None, &lock).unwrap();
    assert_eq!(fresh.deposit, units(3));
    let limits = fresh.authorize.unwrap();
    assert_eq!((limits.max_locked_amount, limits.max_lock_seconds, limits.max_lock_counts), (units(4), 100, 1));
    let busy = Authorization { current_locked_amount: units(3), current_locks: 2, ..authorization() };
    let limits = prepare(units(9), Some(&busy), &lock).unwrap().authorize.unwrap();
    assert_eq!((limits.max_locked_amount, limits.max_lock_seconds, limits.max_lock_counts), (units(7), 3_600, 3));
    assert_eq!(prepare(units(9), None, &Lock { amount: units(0), seconds: 1 }), Err(Error::ZeroLock));
    let odd = Authorization { current_locked_amount: BaseUnits(U256::MAX), ..authorization() };
    assert_eq!(prepare(units(9), Some(&odd), &lock), Err(Error::Overflow));
}

prop_compose! {
    fn any_authorization()(
        max in 0_u64..20, current in 0_u64..20, max_lock_seconds in 0_u64..20, max_lock_counts in 0_u64..4, current_locks in 0_u64..4,
    ) -> Authorization {
        Authorization {
            max_locked_amount: units(max), current_locked_amount: units(current), max_lock_seconds, max_lock_counts, current_locks,
        }
    }
}

proptest! {
    #[test]
    fn a_prepared_lock_is_allowed_and_one_unit_less_is_not(
        available in 0_u64..20, present in prop::option::of(any_authorization()), amount in 1_u64..20, seconds in 0_u64..20,
    ) {
        let lock = lock(amount, seconds);
        let prepared = prepare(units(available), present.as_ref(), &lock).unwrap();
        let mut then = present.unwrap_or_default();
        if let Some(limits) = prepared.authorize {
            then.max_locked_amount = limits.max_locked_amount;
            then.max_lock_seconds = limits.max_lock_seconds;
            then.max_lock_counts = limits.max_lock_counts;
        }
        let funds = units(available).checked_add(prepared.deposit).unwrap();
        prop_assert_eq!(check_lock(&standard(), funds, Some(&then), &lock), Ok(()));
        prop_assert_eq!(prepared.authorize.is_none() && prepared.deposit.is_zero(), check_lock(&standard(), units(available), present.as_ref(), &lock).is_ok());
        if !prepared.deposit.is_zero() {
            let less = funds.checked_sub(units(1)).unwrap();
            prop_assert!(check_lock(&standard(), less, Some(&then), &lock).is_err());
        }
    }

    #[test]
    fn a_claim_adds_up(locked in 1_u64.., part: u64, rate in 0_u64..=1_000_000_000_000_000_000) {
        let claimed = part % locked;
        let split = split_claim(&ClaimFee::standard(FeeRate(U256::from(rate))), units(locked), units(claimed)).unwrap();
        prop_assert_eq!(split.fee.0 + split.payee.0 + split.returned.0, U256::from(locked));
    }
}
