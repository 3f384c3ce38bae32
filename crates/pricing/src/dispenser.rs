//! Whether a dispenser gives datatokens away to somebody (`Dispenser.dispense`).

use ocean_primitives::{Address, BaseUnits, U256};

use crate::error::{Error, Result};

/// A dispenser's state for one datatoken; amounts in base units of the datatoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispenser {
    /// Whether it is switched on.
    pub active: bool,
    /// The most that one call may ask for.
    pub max_tokens: BaseUnits,
    /// Whoever gets the datatokens must hold less than this **before** the call.
    ///
    /// This is no quota: afterwards the balance may be above it, and the same person may name another destination.
    pub max_balance: BaseUnits,
    /// The only address that may ask; zero is everybody. Templates 2 and 4 put their own address here.
    pub allowed_swapper: Address,
    /// What the dispenser itself holds.
    pub balance: BaseUnits,
    /// Whether it mints what it does not hold.
    pub is_minter: bool,
}

impl Dispenser {
    /// A dispenser that is switched on, mints, and serves everybody.
    pub fn new(max_tokens: BaseUnits, max_balance: BaseUnits) -> Self {
        Self {
            active: true,
            max_tokens,
            max_balance,
            allowed_swapper: Address::ZERO,
            balance: BaseUnits::ZERO,
            is_minter: true,
        }
    }
}

/// Whether `dispense(datatoken, amount, destination)` by `caller` succeeds, checked in the contract's order.
///
/// `caller` is whoever calls the dispenser: the buyer, or the datatoken for `buyFromDispenserAndOrder`. The destination is
/// the buyer in both cases.
///
/// # Errors
/// The reason why the contract refuses.
pub fn check(
    dispenser: &Dispenser,
    amount: BaseUnits,
    balance_of_destination: BaseUnits,
    caller: Address,
) -> Result<()> {
    if !dispenser.active {
        return Err(Error::DispenserInactive);
    }
    if amount.is_zero() || amount > dispenser.max_tokens {
        return Err(Error::DispenserAmount { amount, max: dispenser.max_tokens });
    }
    let allowed = dispenser.allowed_swapper;
    if !allowed.is_zero() && allowed != caller {
        return Err(Error::DispenserCaller { allowed, caller });
    }
    let (balance, max): (U256, U256) = (balance_of_destination.0, dispenser.max_balance.0);
    if balance >= max {
        return Err(Error::DispenserBalance { balance, max });
    }
    if amount > dispenser.balance && !dispenser.is_minter {
        return Err(Error::DispenserEmpty { balance: dispenser.balance });
    }
    Ok(())
}
