use alloy::primitives::{Address, I256, U256};
use ocean_primitives::BaseUnits;

use super::DataFarming;
use crate::{abi::IVeDelegation, contracts::TxOutcome, error::Result};

/// Voting power to lend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreateBoost {
    /// Who gets it.
    pub receiver: Address,
    /// How much of the power that is not lent yet, in hundredths of a percent.
    pub share: u16,
    /// From when on the lender may take it back.
    pub cancel_time: u64,
    /// When it has fallen to nothing; the begin of that week counts, which must be a week away at least and within the lock. A
    /// boost that nobody ends then turns negative.
    pub expire_time: u64,
    /// A number of the lender's choice, below 2^96 and not used before.
    pub id: u128,
}

/// Lent voting power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Boost {
    /// The token that stands for it: the lender's address and the number that was chosen.
    pub token: U256,
    /// The power at the time of the transaction, in base units.
    pub power: BaseUnits,
}

impl DataFarming {
    /// Lends voting power.
    ///
    /// # Errors
    /// The contract gives no reasons: the sender has no power, lends a boost that has expired, the number is used, or a time does
    /// not fit.
    pub async fn create_boost(&self, boost: &CreateBoost) -> Result<TxOutcome<Boost>> {
        let (sender, contract) = (self.sender()?, self.addresses.ve_delegation);
        let id = U256::from(boost.id);
        let call = IVeDelegation::create_boostCall {
            _delegator: sender,
            _receiver: boost.receiver,
            _percentage: I256::unchecked_from(boost.share),
            _cancel_time: U256::from(boost.cancel_time),
            _expire_time: U256::from(boost.expire_time),
            _id: id,
        };
        let token: U256 = U256::from_be_slice(sender.as_slice()) << 96 | id;
        let lent = |event: &IVeDelegation::DelegateBoost| {
            (event._delegator, event._receiver, event._token_id) == (sender, boost.receiver, token)
        };
        let outcome = self.contracts.transact_for(contract, &call, contract, lent).await?;
        Ok(outcome.map(|event| Boost { token, power: BaseUnits(event._amount) }))
    }

    /// Lends more, or for longer, with a token that exists: `share` is of the power that is not lent when this boost is taken back.
    ///
    /// # Errors
    /// As [`DataFarming::create_boost`]; a boost can only grow.
    pub async fn extend_boost(
        &self,
        token: U256,
        share: u16,
        cancel_time: u64,
        expire_time: u64,
    ) -> Result<TxOutcome<Boost>> {
        let contract = self.addresses.ve_delegation;
        let call = IVeDelegation::extend_boostCall {
            _token_id: token,
            _percentage: I256::unchecked_from(share),
            _expire_time: U256::from(expire_time),
            _cancel_time: U256::from(cancel_time),
        };
        let extended = |event: &IVeDelegation::ExtendBoost| event._token_id == token;
        let outcome = self.contracts.transact_for(contract, &call, contract, extended).await?;
        Ok(outcome.map(|event| Boost { token, power: BaseUnits(event._amount) }))
    }

    /// Ends a boost: the receiver may at any time, the lender from the cancel time on, and everybody once it has expired.
    ///
    /// # Errors
    /// The sender may not yet.
    pub async fn cancel_boost(&self, token: U256) -> Result<TxOutcome> {
        let contract = self.addresses.ve_delegation;
        let ended = |event: &IVeDelegation::BurnBoost| event._token_id == token;
        let call = IVeDelegation::cancel_boostCall { _token_id: token };
        Ok(self.contracts.transact_for(contract, &call, contract, ended).await?.map(drop))
    }

    /// An account's voting power with what it has lent and borrowed, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn adjusted_power(&self, account: Address) -> Result<BaseUnits> {
        let call = IVeDelegation::adjusted_balance_ofCall { _account: account };
        self.contracts.read(self.addresses.ve_delegation, &call).await.map(BaseUnits)
    }

    /// What an account has lent, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn delegated_power(&self, account: Address) -> Result<BaseUnits> {
        let call = IVeDelegation::delegated_boostCall { _account: account };
        self.contracts.read(self.addresses.ve_delegation, &call).await.map(BaseUnits)
    }

    /// What an account has borrowed, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn received_power(&self, account: Address) -> Result<BaseUnits> {
        let call = IVeDelegation::received_boostCall { _account: account };
        self.contracts.read(self.addresses.ve_delegation, &call).await.map(BaseUnits)
    }

    /// What a boost is worth now, in base units; below zero once it has expired and nobody has ended it.
    ///
    /// # Errors
    /// The node fails.
    pub async fn boost_power(&self, token: U256) -> Result<I256> {
        self.contracts.read(self.addresses.ve_delegation, &IVeDelegation::token_boostCall { _token_id: token }).await
    }

    /// When a boost expires; the begin of a week, and zero where there is no such boost.
    ///
    /// # Errors
    /// The node fails.
    pub async fn boost_expiry(&self, token: U256) -> Result<u64> {
        let call = IVeDelegation::token_expiryCall { _token_id: token };
        let expiry: u64 = self.contracts.read(self.addresses.ve_delegation, &call).await?.saturating_to();
        Ok(expiry)
    }
}
