use alloy::primitives::{Address, U256};
use ocean_primitives::BaseUnits;

use super::DataFarming;
use crate::{
    abi::{IDfRewards, IDfStrategyV1},
    contracts::{TxOutcome, find_event},
    error::{Error, Result},
};

impl DataFarming {
    /// Puts rewards in a token aside for accounts, in base units, after an approval of exactly their sum. Anybody may who pays.
    ///
    /// # Errors
    /// The zero address, a reward of nothing, or the sender has less.
    pub async fn allocate_rewards(&self, token: Address, rewards: &[(Address, BaseUnits)]) -> Result<TxOutcome> {
        let contract = self.addresses.df_rewards;
        let sum = rewards.iter().try_fold(U256::ZERO, |sum, (_, amount)| sum.checked_add(amount.0));
        let sum = sum.ok_or(Error::Range("the sum of the rewards"))?;
        self.contracts.approve_exact(token, contract, BaseUnits(sum)).await?;
        let call = IDfRewards::allocateCall {
            _tos: rewards.iter().map(|(account, _)| *account).collect(),
            _values: rewards.iter().map(|(_, amount)| amount.0).collect(),
            tokenAddress: token,
        };
        let kept = |event: &IDfRewards::Allocated| {
            event.tokenAddress == token && (&event.tos, &event.values) == (&call._tos, &call._values)
        };
        Ok(self.contracts.transact_for(contract, &call, contract, kept).await?.map(drop))
    }

    /// What an account can claim in a token, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn claimable_rewards(&self, account: Address, token: Address) -> Result<BaseUnits> {
        let call = IDfRewards::claimableCall { _to: account, tokenAddress: token };
        self.contracts.read(self.addresses.df_rewards, &call).await.map(BaseUnits)
    }

    /// What an account can claim in several tokens, in their order, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn claimable_rewards_in(&self, account: Address, tokens: &[Address]) -> Result<Vec<BaseUnits>> {
        let call = IDfStrategyV1::claimablesCall { _to: account, tokenAddresses: tokens.to_vec() };
        let amounts = self.contracts.read(self.addresses.df_strategy, &call).await?;
        Ok(amounts.into_iter().map(BaseUnits).collect())
    }

    /// Pays an account's rewards in a token out to it. Anybody may. The outcome is how much, in base units.
    ///
    /// # Errors
    /// [`Error::NothingToClaim`], on which the contract would succeed and do nothing.
    pub async fn claim_rewards_for(&self, account: Address, token: Address) -> Result<TxOutcome<BaseUnits>> {
        if self.claimable_rewards(account, token).await?.is_zero() {
            return Err(Error::NothingToClaim);
        }
        let contract = self.addresses.df_rewards;
        let call = IDfRewards::claimForCall { _to: account, tokenAddress: token };
        let paid = |event: &IDfRewards::Claimed| event.to == account && event.tokenAddress == token;
        let outcome = self.contracts.transact_for(contract, &call, contract, paid).await?;
        Ok(outcome.map(|event| BaseUnits(event.value)))
    }

    /// Pays the sender's rewards in several tokens out. The outcome is the tokens in which there were some, with their amounts in base
    /// units.
    ///
    /// # Errors
    /// [`Error::NothingToClaim`] where there are rewards in none of them.
    pub async fn claim_rewards(&self, tokens: &[Address]) -> Result<TxOutcome<Vec<(Address, BaseUnits)>>> {
        let sender = self.sender()?;
        let claimable = self.claimable_rewards_in(sender, tokens).await?;
        let due: Vec<(Address, BaseUnits)> =
            tokens.iter().copied().zip(claimable).filter(|(_, amount)| !amount.is_zero()).collect();
        if due.is_empty() {
            return Err(Error::NothingToClaim);
        }
        let call = IDfStrategyV1::claimCall { tokenAddresses: due.iter().map(|(token, _)| *token).collect() };
        let receipt = self.contracts.transact(self.addresses.df_strategy, &call).await?;
        let paid = due.iter().map(|(token, _)| {
            let event = find_event::<IDfRewards::Claimed>(&receipt, self.addresses.df_rewards, |event| {
                event.to == sender && event.tokenAddress == *token
            })?;
            Ok((*token, BaseUnits(event.value)))
        });
        let paid = paid.collect::<Result<_>>()?;
        Ok(TxOutcome::with(&receipt, paid))
    }
}
