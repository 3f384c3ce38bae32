use alloy::primitives::{Address, U256};
use ocean_pricing::data_farming::{extended_end, lock_end};
use ocean_primitives::BaseUnits;

use super::DataFarming;
use crate::{
    abi::IVeOcean,
    contracts::TxOutcome,
    error::{Error, Result},
};

/// An account's locked OCEAN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OceanLock {
    /// How much, in base units.
    pub amount: BaseUnits,
    /// From when on it can be withdrawn; the begin of a week.
    pub end: u64,
}

impl DataFarming {
    /// Locks OCEAN until the week of `unlock` begins, which may be almost a week earlier than asked for; approves exactly the
    /// amount before. The outcome is the lock.
    ///
    /// # Errors
    /// The end would be in the past or more than four years away; the sender has a lock, has less OCEAN, or is a contract that is
    /// not allowed to lock.
    pub async fn create_lock(&self, amount: BaseUnits, unlock: u64) -> Result<TxOutcome<OceanLock>> {
        lock_end(unlock, self.now().await?)?;
        self.approve(amount).await?;
        let call = IVeOcean::create_lockCall { _value: amount.0, _unlock_time: U256::from(unlock) };
        self.deposit(&call, amount).await
    }

    /// Adds OCEAN to the sender's lock; approves exactly the amount before.
    ///
    /// # Errors
    /// There is no lock, or it has ended.
    pub async fn increase_amount(&self, amount: BaseUnits) -> Result<TxOutcome<OceanLock>> {
        self.approve(amount).await?;
        self.deposit(&IVeOcean::increase_amountCall { _value: amount.0 }, amount).await
    }

    /// Lets the sender's lock last until the week of `unlock` begins.
    ///
    /// # Errors
    /// There is no lock, it has ended, or the new end is not later or more than four years away.
    pub async fn increase_unlock_time(&self, unlock: u64) -> Result<TxOutcome<OceanLock>> {
        let (lock, now) = tokio::try_join!(self.lock(self.sender()?), self.now())?;
        extended_end(unlock, lock.end, now)?;
        let call = IVeOcean::increase_unlock_timeCall { _unlock_time: U256::from(unlock) };
        self.deposit(&call, BaseUnits::ZERO).await
    }

    /// Takes the sender's OCEAN back after the end of the lock. The outcome is how much, in base units.
    ///
    /// # Errors
    /// The lock has not ended; [`Error::NothingToClaim`] where there is none.
    pub async fn withdraw(&self) -> Result<TxOutcome<BaseUnits>> {
        let sender = self.sender()?;
        if self.lock(sender).await?.amount.is_zero() {
            return Err(Error::NothingToClaim);
        }
        let ve = self.addresses.ve_ocean;
        let taken = |event: &IVeOcean::Withdraw| event.provider == sender;
        let outcome = self.contracts.transact_for(ve, &IVeOcean::withdrawCall {}, ve, taken).await?;
        Ok(outcome.map(|event| BaseUnits(event.value)))
    }

    /// What an account has locked; nothing where there is no lock.
    ///
    /// # Errors
    /// The node fails.
    pub async fn lock(&self, account: Address) -> Result<OceanLock> {
        let locked = self.contracts.read(self.addresses.ve_ocean, &IVeOcean::lockedCall { arg0: account }).await?;
        let amount = U256::try_from(locked.amount).map_err(|_| Error::Range("a locked amount"))?;
        Ok(OceanLock { amount: BaseUnits(amount), end: locked.end.saturating_to() })
    }

    /// An account's voting power at a time from its last change on.
    ///
    /// # Errors
    /// The time lies before the last change by far, or the node fails.
    pub async fn voting_power(&self, account: Address, time: u64) -> Result<BaseUnits> {
        let call = IVeOcean::balanceOf_1Call { addr: account, _t: U256::from(time) };
        self.contracts.read(self.addresses.ve_ocean, &call).await.map(BaseUnits)
    }

    /// Everybody's voting power at a time from the last change on.
    ///
    /// # Errors
    /// The node fails.
    pub async fn total_voting_power(&self, time: u64) -> Result<BaseUnits> {
        let call = IVeOcean::totalSupply_1Call { t: U256::from(time) };
        self.contracts.read(self.addresses.ve_ocean, &call).await.map(BaseUnits)
    }

    async fn approve(&self, amount: BaseUnits) -> Result<()> {
        let ocean = self.contracts.read(self.addresses.ve_ocean, &IVeOcean::tokenCall {}).await?;
        self.contracts.approve_exact(ocean, self.addresses.ve_ocean, amount).await.map(drop)
    }

    async fn deposit<C: alloy::sol_types::SolCall>(&self, call: &C, amount: BaseUnits) -> Result<TxOutcome<OceanLock>> {
        let (sender, ve) = (self.sender()?, self.addresses.ve_ocean);
        let added = |event: &IVeOcean::Deposit| event.provider == sender && event.value == amount.0;
        let outcome = self.contracts.transact_for(ve, call, ve, added).await?;
        let lock = self.lock(sender).await?;
        Ok(outcome.map(|event| OceanLock { end: event.locktime.saturating_to(), ..lock }))
    }
}
