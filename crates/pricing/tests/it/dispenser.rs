use ocean_pricing::{
    Error,
    dispenser::{Dispenser, check},
};
use ocean_primitives::{Address, BaseUnits, U256};

const BUYER: Address = Address::repeat_byte(1);

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

/// At most 2 at a time, for whoever holds fewer than 3.
fn dispenser() -> Dispenser {
    Dispenser::new(units(2), units(3))
}

#[track_caller]
fn check_refused(dispenser: Dispenser, amount: u64, balance: u64, reason: Option<&str>) -> Error {
    let error = check(&dispenser, units(amount), units(balance), BUYER).unwrap_err();
    assert_eq!(error.revert_reason(), reason, "{error}");
    error
}

#[test]
fn refuses_what_the_contract_refuses() {
    // The texts are those of protocol behaviour recorded on chain.
    let mut off = dispenser();
    off.active = false;
    check_refused(off, 1, 0, Some("Dispenser not active"));
    check_refused(dispenser(), 0, 0, Some("Invalid zero amount"));
    check_refused(dispenser(), 3, 0, Some("Amount too high"));
    check_refused(dispenser(), 1, 3, Some("Caller balance too high"));
    check_refused(dispenser(), 1, 4, Some("Caller balance too high"));
    let mut private = dispenser();
    private.allowed_swapper = Address::repeat_byte(2);
    let error = check_refused(private, 1, 0, Some("This address is not allowed to request DT"));
    assert_eq!(error, Error::DispenserCaller { allowed: Address::repeat_byte(2), caller: BUYER });
}

#[test]
fn the_first_reason_is_the_contract_s_first() {
    let mut all = dispenser();
    all.active = false;
    all.allowed_swapper = Address::repeat_byte(2);
    check_refused(all, 9, 9, Some("Dispenser not active"));
    all.active = true;
    check_refused(all, 9, 9, Some("Amount too high"));
    check_refused(all, 1, 9, Some("This address is not allowed to request DT"));
}

#[test]
fn an_empty_dispenser_that_may_not_mint_gives_nothing() {
    let mut stock = dispenser();
    stock.is_minter = false;
    stock.balance = units(1);
    assert_eq!(check(&stock, units(1), units(0), BUYER), Ok(()));
    assert_eq!(check(&stock, units(2), units(0), BUYER), Err(Error::DispenserEmpty { balance: units(1) }));
}

#[test]
fn the_balance_limit_is_no_quota() {
    assert_eq!(check(&dispenser(), units(2), units(0), BUYER), Ok(()));
    assert_eq!(check(&dispenser(), units(2), units(2), BUYER), Ok(()), "2 + 2 with a limit of 3 gives 4 on chain");
}
