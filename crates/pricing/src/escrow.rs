//! What an escrow lock needs before it can be made, and how a claim is divided (`Escrow`, `EnterpriseEscrow`).

use ocean_primitives::{BaseUnits, FeeRate};

use crate::{
    error::{Error, Result},
    fixed_rate::Kind,
    math::{add, bounded, fee},
};

/// The fee that the escrow takes out of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimFee {
    /// The community's part: `getOPCFee(token)` of the router, for an enterprise escrow the percentage of the fee collector.
    pub rate: FeeRate,
    /// Which contract: an enterprise escrow keeps the fee between two bounds.
    pub kind: Kind,
    /// Whether the enterprise fee collector allows the token; a standard escrow does not ask.
    pub token_allowed: bool,
}

impl ClaimFee {
    /// The fee of a standard escrow.
    pub fn standard(rate: FeeRate) -> Self {
        Self { rate, kind: Kind::Standard, token_allowed: true }
    }

    /// The fee on an amount, in base units of the token.
    ///
    /// # Errors
    /// A product above 256 bits; the contract panics.
    pub fn on(&self, amount: BaseUnits) -> Result<BaseUnits> {
        let share = fee(amount.0, self.rate)?;
        Ok(BaseUnits(match self.kind {
            Kind::Standard => share,
            Kind::Enterprise { min_fee, max_fee } => bounded(share, min_fee.0, max_fee.0),
        }))
    }
}

/// What a payer allows one payee (`getAuthorizations`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Authorization {
    /// The most that all locks of this payee together may hold.
    pub max_locked_amount: BaseUnits,
    /// What they hold now.
    pub current_locked_amount: BaseUnits,
    /// The longest lock, in seconds.
    pub max_lock_seconds: u64,
    /// The most locks at a time.
    pub max_lock_counts: u64,
    /// How many there are now.
    pub current_locks: u64,
}

/// A lock that a payee wants to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// How much, in base units of the token.
    pub amount: BaseUnits,
    /// For how long, in seconds; the contract takes a duration and keeps a time.
    pub seconds: u64,
}

/// What a payer must do before a lock can be made. Nothing of it is too much: each number is the least that is enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preparation {
    /// What to deposit, in base units of the token; zero where enough is there.
    pub deposit: BaseUnits,
    /// What to authorise, none where the present authorisation is enough. `authorize` replaces all three limits and counts
    /// present locks against them.
    pub authorize: Option<Limits>,
}

/// The limits that `authorize` sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most that all locks together may hold, in base units of the token.
    pub max_locked_amount: BaseUnits,
    /// The longest lock, in seconds.
    pub max_lock_seconds: u64,
    /// The most locks at a time.
    pub max_lock_counts: u64,
}

/// Whether `createLock` succeeds, checked in the contract's order; `available` is what the payer has deposited and not locked.
///
/// A job id of zero or in use, and a payer who is the payee, are refused too and not looked at here.
///
/// # Errors
/// The reason why the contract refuses.
pub fn check_lock(
    terms: &ClaimFee,
    available: BaseUnits,
    authorization: Option<&Authorization>,
    lock: &Lock,
) -> Result<()> {
    if lock.amount.is_zero() {
        return Err(Error::ZeroLock);
    }
    if available < lock.amount {
        return Err(Error::EscrowFunds { amount: lock.amount, available });
    }
    let Some(authorization) = authorization else {
        return Err(Error::NotAuthorized);
    };
    if lock.seconds > authorization.max_lock_seconds {
        return Err(Error::LockTooLong { seconds: lock.seconds, max: authorization.max_lock_seconds });
    }
    let total = add(authorization.current_locked_amount.0, lock.amount.0)?;
    if total > authorization.max_locked_amount.0 {
        return Err(Error::LockedTooMuch { total: BaseUnits(total), max: authorization.max_locked_amount });
    }
    if authorization.current_locks >= authorization.max_lock_counts {
        return Err(Error::TooManyLocks { max: authorization.max_lock_counts });
    }
    // An enterprise escrow adds its own conditions to the end.
    if let Kind::Enterprise { .. } = terms.kind {
        if !terms.token_allowed {
            return Err(Error::EscrowTokenNotAllowed);
        }
        let fee = terms.on(lock.amount)?;
        if fee >= lock.amount {
            return Err(Error::LockBelowFee { amount: lock.amount, fee });
        }
    }
    Ok(())
}

/// What is missing for a lock: the least deposit, and the limits that leave room for it beside the present locks. Limits that are
/// wide enough already stay as they are.
///
/// # Errors
/// A lock of nothing, or sums that do not fit.
pub fn prepare(available: BaseUnits, authorization: Option<&Authorization>, lock: &Lock) -> Result<Preparation> {
    if lock.amount.is_zero() {
        return Err(Error::ZeroLock);
    }
    let present = authorization.copied().unwrap_or_default();
    let amount = BaseUnits(add(present.current_locked_amount.0, lock.amount.0)?);
    let count = present.current_locks.checked_add(1).ok_or(Error::Overflow)?;
    let enough = authorization.is_some()
        && present.max_locked_amount >= amount
        && present.max_lock_seconds >= lock.seconds
        && present.max_lock_counts >= count;
    Ok(Preparation {
        deposit: lock.amount.checked_sub(available).unwrap_or(BaseUnits::ZERO),
        authorize: (!enough).then(|| Limits {
            max_locked_amount: present.max_locked_amount.max(amount),
            max_lock_seconds: present.max_lock_seconds.max(lock.seconds),
            max_lock_counts: present.max_lock_counts.max(count),
        }),
    })
}

/// How a claim is divided, in base units of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The community's part.
    pub fee: BaseUnits,
    /// What the payee gets, inside the escrow.
    pub payee: BaseUnits,
    /// What goes back to the payer's available funds.
    pub returned: BaseUnits,
}

/// How claiming `amount` of a lock of `locked` is divided. A claim after the lock's end pays nothing, whatever the amount.
///
/// # Errors
/// More than the lock holds; less than the fee, on which an enterprise escrow panics; a product above 256 bits.
pub fn split_claim(terms: &ClaimFee, locked: BaseUnits, amount: BaseUnits) -> Result<Claim> {
    let returned = locked.checked_sub(amount).ok_or(Error::ClaimTooHigh { amount, locked })?;
    let fee = terms.on(amount)?;
    let payee = amount.checked_sub(fee).ok_or(Error::ClaimBelowFee { amount, fee })?;
    Ok(Claim { fee, payee, returned })
}
