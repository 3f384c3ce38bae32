use alloy::primitives::{Address, U256};
use ocean_pricing::data_farming::week;
use ocean_primitives::BaseUnits;

use super::DataFarming;
use crate::{
    abi::{IVeFeeDistributor, IVeFeeEstimate},
    contracts::{TxOutcome, find_event},
    error::{Error, Result},
};

/// How many accounts the distributor pays in one call.
const MOST_RECEIVERS: usize = 20;

/// Fees that were claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedFees {
    /// Whose they are.
    pub account: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
    /// Whether there may be more: a call looks at fifty weeks and changes of the lock.
    pub more: bool,
}

impl DataFarming {
    /// Pays an account's fees of all weeks out that the distributor has counted, and for which it knows everybody's power. Anybody
    /// may.
    ///
    /// # Errors
    /// [`Error::NothingToClaim`], on which the contract would succeed and do nothing; it was switched off.
    pub async fn claim_fees(&self, account: Address) -> Result<TxOutcome<ClaimedFees>> {
        let contract = self.addresses.ve_fee_distributor;
        let call = IVeFeeDistributor::claim_1Call { _addr: account };
        if self.contracts.read(contract, &call).await?.is_zero() {
            return Err(Error::NothingToClaim);
        }
        let receipt = self.contracts.transact(contract, &call).await?;
        let claimed = find_event::<IVeFeeDistributor::Claimed>(&receipt, contract, |event| event.recipient == account)?;
        Ok(TxOutcome::with(&receipt, fees(&claimed)))
    }

    /// Claims the fees of several accounts. Accounts without fees are not in the outcome.
    ///
    /// # Errors
    /// More than twenty accounts, or the zero address among them, at which the contract would stop.
    pub async fn claim_fees_of(&self, accounts: &[Address]) -> Result<TxOutcome<Vec<ClaimedFees>>> {
        if accounts.len() > MOST_RECEIVERS || accounts.iter().any(|account| account.is_zero()) {
            return Err(Error::Range("the accounts to claim for"));
        }
        let contract = self.addresses.ve_fee_distributor;
        let mut receivers = [Address::ZERO; MOST_RECEIVERS];
        for (receiver, account) in receivers.iter_mut().zip(accounts) {
            *receiver = *account;
        }
        let receipt =
            self.contracts.transact(contract, &IVeFeeDistributor::claim_manyCall { _receivers: receivers }).await?;
        let own = receipt.logs().iter().filter(|log| log.address() == contract);
        let events = own.filter_map(|log| log.log_decode::<IVeFeeDistributor::Claimed>().ok());
        let paid = events.map(|log| fees(&log.inner.data)).filter(|fees| !fees.amount.is_zero()).collect();
        Ok(TxOutcome::with(&receipt, paid))
    }

    /// What a claim for an account would give, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn claimable_fees(&self, account: Address) -> Result<BaseUnits> {
        let call = IVeFeeEstimate::estimateClaimAccCall { addr: account };
        self.contracts.read(self.addresses.ve_fee_estimate, &call).await.map(BaseUnits)
    }

    /// What is handed out for the week of a time, in base units, as far as it was counted.
    ///
    /// # Errors
    /// The node fails.
    pub async fn fees_of_week(&self, time: u64) -> Result<BaseUnits> {
        let call = IVeFeeDistributor::tokens_per_weekCall { arg0: U256::from(week(time)) };
        self.contracts.read(self.addresses.ve_fee_distributor, &call).await.map(BaseUnits)
    }

    /// Everybody's power at the begin of the week of a time as the distributor counts it, in base units; nothing before it was
    /// counted.
    ///
    /// # Errors
    /// The node fails.
    pub async fn power_of_week(&self, time: u64) -> Result<BaseUnits> {
        let call = IVeFeeDistributor::ve_supplyCall { arg0: U256::from(week(time)) };
        self.contracts.read(self.addresses.ve_fee_distributor, &call).await.map(BaseUnits)
    }

    /// When the distributor counted its tokens last.
    ///
    /// # Errors
    /// The node fails.
    pub async fn last_token_time(&self) -> Result<u64> {
        let call = IVeFeeDistributor::last_token_timeCall {};
        Ok(self.contracts.read(self.addresses.ve_fee_distributor, &call).await?.saturating_to())
    }

    /// Counts the tokens that came since the last count and spreads them over the weeks since then. The outcome is how many, in base
    /// units. Its owner may; everybody may a day after the last time, where the owner allows it.
    ///
    /// # Errors
    /// The sender may not, or not yet. The contract gives no reason.
    pub async fn checkpoint_fees(&self) -> Result<TxOutcome<BaseUnits>> {
        let contract = self.addresses.ve_fee_distributor;
        let counted = |_: &IVeFeeDistributor::CheckpointToken| true;
        let call = IVeFeeDistributor::checkpoint_tokenCall {};
        let outcome = self.contracts.transact_for(contract, &call, contract, counted).await?;
        Ok(outcome.map(|event| BaseUnits(event.tokens)))
    }

    /// Counts everybody's power at the begin of each week until now, at most twenty. The contract emits nothing; claims do the same.
    ///
    /// # Errors
    /// The node fails.
    pub async fn checkpoint_power(&self) -> Result<TxOutcome> {
        let call = IVeFeeDistributor::checkpoint_total_supplyCall {};
        let receipt = self.contracts.transact(self.addresses.ve_fee_distributor, &call).await?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Lets everybody count tokens, or the owner only. Nothing is sent where it is so already; only the owner may.
    ///
    /// # Errors
    /// The sender may not. The contract gives no reason.
    pub async fn allow_checkpoints(&self, everybody: bool) -> Result<Option<TxOutcome>> {
        let contract = self.addresses.ve_fee_distributor;
        if self.contracts.read(contract, &IVeFeeDistributor::can_checkpoint_tokenCall {}).await? == everybody {
            return Ok(None);
        }
        let switched = |event: &IVeFeeDistributor::ToggleAllowCheckpointToken| event.toggle_flag == everybody;
        let call = IVeFeeDistributor::toggle_allow_checkpoint_tokenCall {};
        Ok(Some(self.contracts.transact_for(contract, &call, contract, switched).await?.map(drop)))
    }
}

fn fees(claimed: &IVeFeeDistributor::Claimed) -> ClaimedFees {
    ClaimedFees {
        account: claimed.recipient,
        amount: BaseUnits(claimed.amount),
        more: claimed.claim_epoch < claimed.max_epoch,
    }
}
