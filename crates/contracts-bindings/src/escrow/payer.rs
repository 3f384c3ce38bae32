use std::{collections::BTreeMap, time::Duration};

use alloy::primitives::{Address, U256};
use ocean_crypto::Signature;
use ocean_primitives::BaseUnits;

use super::{Escrow, EscrowAbi};
use crate::{
    abi::{EscrowDeposit, EscrowGrant, EscrowPermit, IEscrow, IEscrowPlain, IEscrowTimed},
    contracts::TxOutcome,
    error::{Error, Result},
};

/// What a payer allows a payee from now on, in place of what it allowed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorize {
    /// In which token.
    pub token: Address,
    /// Who may lock and claim.
    pub payee: Address,
    /// The most that all of the payee's locks together may hold, in base units; it is no limit of one lock.
    pub max_locked_amount: BaseUnits,
    /// The longest lock. Nothing but the payee's claim ends a lock before its time.
    pub max_lock: Duration,
    /// How many locks there may be at once.
    pub max_locks: U256,
}

/// What a payer does in one transaction; escrows from 2.9 on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Tokens and amounts in base units. They are approved first, which takes a transaction per token.
    pub deposits: Vec<(Address, BaseUnits)>,
    /// Deposits with a signed permit in the place of an approval.
    pub permits: Vec<EscrowPermit>,
    /// What payees may do.
    pub authorizations: Vec<Authorize>,
}

impl Escrow {
    /// Puts `amount` base units of `token` into the escrow, and approves exactly that before, where it is not approved yet.
    ///
    /// # Errors
    /// The sender has less, or the Enterprise form does not take the token.
    pub async fn deposit(&self, token: Address, amount: BaseUnits) -> Result<TxOutcome> {
        let payer = self.payer()?;
        self.contracts.approve_exact(token, self.address, amount).await?;
        let call = IEscrow::depositCall { token, amount: amount.0 };
        let receipt = self.contracts.transact(self.address, &call).await?;
        self.deposited(&receipt, payer, &[(token, amount)])?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Puts several tokens into the escrow in one transaction, after one approval for each.
    ///
    /// # Errors
    /// As [`Escrow::deposit`].
    pub async fn deposit_multiple(&self, deposits: &[(Address, BaseUnits)]) -> Result<TxOutcome> {
        let payer = self.payer()?;
        self.approve(deposits).await?;
        let (token, amount) = deposits.iter().map(|(token, amount)| (*token, amount.0)).unzip();
        let receipt = self.contracts.transact(self.address, &IEscrow::depositMultipleCall { token, amount }).await?;
        self.deposited(&receipt, payer, deposits)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Puts tokens into the escrow with a permit that the sender signed for the escrow, in the place of an approval.
    /// `deadline` is what the permit says; datatokens compare it with block numbers.
    ///
    /// # Errors
    /// The permit is not the sender's, has expired or was used, or the token knows no permits.
    pub async fn deposit_with_permit(
        &self,
        token: Address,
        amount: BaseUnits,
        deadline: U256,
        signature: &Signature,
    ) -> Result<TxOutcome> {
        let payer = self.payer()?;
        let (r, s) = (signature.r, signature.s);
        let call = IEscrow::depositWithPermitCall { token, amount: amount.0, deadline, v: signature.v, r, s };
        let receipt = self.contracts.transact(self.address, &call).await?;
        self.deposited(&receipt, payer, &[(token, amount)])?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Takes tokens out, in base units. The contract passes over what is not there without a word, so it is asked before.
    ///
    /// # Errors
    /// [`Error::EscrowFunds`] where the sender has less available than that; nothing was sent then.
    pub async fn withdraw(&self, withdrawals: &[(Address, BaseUnits)]) -> Result<TxOutcome> {
        let payer = self.payer()?;
        for (token, wanted) in sums(withdrawals)? {
            let available = self.funds(payer, token).await?.available;
            if available < wanted {
                return Err(Error::EscrowFunds { token, available, wanted });
            }
        }
        let (token, amount) = withdrawals.iter().map(|(token, amount)| (*token, amount.0)).unzip();
        let receipt = self.contracts.transact(self.address, &IEscrow::withdrawCall { token, amount }).await?;
        for (token, amount) in withdrawals {
            self.find::<IEscrow::Withdraw>(&receipt, |event| {
                event.payer == payer && event.token == *token && event.amount == amount.0
            })?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    /// Allows a payee to lock and claim.
    ///
    /// # Errors
    /// [`Error::LockFreezes`] where the payee could lock for longer than [`Escrow::with_longest_lock`].
    pub async fn authorize(&self, authorize: &Authorize) -> Result<TxOutcome> {
        let call = IEscrow::authorizeCall {
            token: authorize.token,
            payee: authorize.payee,
            maxLockedAmount: authorize.max_locked_amount.0,
            maxLockSeconds: self.check_duration(authorize.max_lock)?,
            maxLockCounts: authorize.max_locks,
        };
        let payer = self.payer()?;
        let receipt = self.contracts.transact(self.address, &call).await?;
        self.authorized(&receipt, payer, authorize)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Allows several payees in one transaction.
    ///
    /// # Errors
    /// As [`Escrow::authorize`].
    pub async fn authorize_multiple(&self, authorizations: &[Authorize]) -> Result<TxOutcome> {
        let payer = self.payer()?;
        let seconds = |authorize: &Authorize| self.check_duration(authorize.max_lock);
        let call = IEscrow::authorizeMultipleCall {
            token: authorizations.iter().map(|authorize| authorize.token).collect(),
            payee: authorizations.iter().map(|authorize| authorize.payee).collect(),
            maxLockedAmount: authorizations.iter().map(|authorize| authorize.max_locked_amount.0).collect(),
            maxLockSeconds: authorizations.iter().map(seconds).collect::<Result<_>>()?,
            maxLockCounts: authorizations.iter().map(|authorize| authorize.max_locks).collect(),
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        for authorize in authorizations {
            self.authorized(&receipt, payer, authorize)?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    /// Takes every right from a payee. What is locked stays locked until it is claimed or expires.
    ///
    /// # Errors
    /// The node fails.
    pub async fn revoke(&self, token: Address, payee: Address) -> Result<TxOutcome> {
        let payer = self.payer()?;
        let call = IEscrow::authorizeCall {
            token,
            payee,
            maxLockedAmount: U256::ZERO,
            maxLockSeconds: U256::ZERO,
            maxLockCounts: U256::ZERO,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let nothing = Authorize {
            token,
            payee,
            max_locked_amount: BaseUnits::ZERO,
            max_lock: Duration::ZERO,
            max_locks: U256::ZERO,
        };
        self.authorized(&receipt, payer, &nothing)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Deposits and allows in one transaction.
    ///
    /// # Errors
    /// The escrow is older than 2.9, and as [`Escrow::deposit`] and [`Escrow::authorize`].
    pub async fn bundle(&self, bundle: &Bundle) -> Result<TxOutcome> {
        self.require("bundle", EscrowAbi::Timed)?;
        let payer = self.payer()?;
        let grants = bundle.authorizations.iter().map(|authorize| {
            Ok(EscrowGrant {
                token: authorize.token,
                payee: authorize.payee,
                maxLockedAmount: authorize.max_locked_amount.0,
                maxLockSeconds: self.check_duration(authorize.max_lock)?,
                maxLockCounts: authorize.max_locks,
            })
        });
        let deposits =
            bundle.deposits.iter().map(|(token, amount)| EscrowDeposit { token: *token, amount: amount.0 }).collect();
        let call = IEscrowTimed::bundleCall {
            deposits,
            permits: bundle.permits.clone(),
            auths: grants.collect::<Result<_>>()?,
        };
        self.approve(&bundle.deposits).await?;
        let receipt = self.contracts.transact(self.address, &call).await?;
        let permits = bundle.permits.iter().map(|permit| (permit.token, BaseUnits(permit.amount)));
        let deposits: Vec<_> = bundle.deposits.iter().copied().chain(permits).collect();
        self.deposited(&receipt, payer, &deposits)?;
        for authorize in &bundle.authorizations {
            self.authorized(&receipt, payer, authorize)?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    fn payer(&self) -> Result<Address> {
        self.contracts.sender().ok_or(Error::NoSender)
    }

    async fn approve(&self, amounts: &[(Address, BaseUnits)]) -> Result<()> {
        for (token, amount) in sums(amounts)? {
            self.contracts.approve_exact(token, self.address, amount).await?;
        }
        Ok(())
    }

    fn deposited(
        &self,
        receipt: &alloy::rpc::types::TransactionReceipt,
        payer: Address,
        deposits: &[(Address, BaseUnits)],
    ) -> Result<()> {
        for (token, amount) in deposits {
            self.find::<IEscrow::Deposit>(receipt, |event| {
                event.payer == payer && event.token == *token && event.amount == amount.0
            })?;
        }
        Ok(())
    }

    fn authorized(
        &self,
        receipt: &alloy::rpc::types::TransactionReceipt,
        payer: Address,
        authorize: &Authorize,
    ) -> Result<()> {
        let numbers = (authorize.max_locked_amount.0, U256::from(authorize.max_lock.as_secs()), authorize.max_locks);
        if self.abi == EscrowAbi::Plain {
            self.find::<IEscrowPlain::Auth>(receipt, |event| {
                event.payer == payer
                    && event.payee == authorize.payee
                    && (event.maxLockedAmount, event.maxLockSeconds, event.maxLockCounts) == numbers
            })?;
        } else {
            self.find::<IEscrowTimed::Auth>(receipt, |event| {
                event.payer == payer
                    && event.payee == authorize.payee
                    && event.token == authorize.token
                    && (event.maxLockedAmount, event.maxLockSeconds, event.maxLockCounts) == numbers
            })?;
        }
        Ok(())
    }
}

/// How much of each token there is in a list.
fn sums(amounts: &[(Address, BaseUnits)]) -> Result<BTreeMap<Address, BaseUnits>> {
    let mut sums = BTreeMap::new();
    for (token, amount) in amounts {
        let sum = sums.entry(*token).or_insert(BaseUnits::ZERO);
        *sum = sum.checked_add(*amount).ok_or(Error::Range("the sum of the amounts"))?;
    }
    Ok(sums)
}
