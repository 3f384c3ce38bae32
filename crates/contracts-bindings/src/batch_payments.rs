//! Many payments in one transaction. (`contracts: rewards/BatchPayments.sol`)

use alloy::primitives::{Address, U256};
use ocean_primitives::BaseUnits;

use crate::{
    abi::{IBatchPayments, IErc20},
    contracts::{Contracts, TxOutcome, find_event},
    error::{Error, Result},
};

/// The contract that pays many, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BatchPayments {
    contracts: Contracts,
    address: Address,
}

impl BatchPayments {
    /// The contract at an address.
    pub fn at(contracts: &Contracts, address: Address) -> Self {
        Self { contracts: contracts.clone(), address }
    }

    /// The contract of the connection's deployment.
    ///
    /// # Errors
    /// The network has none.
    pub fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let address = contracts.deployment().extra_address("BatchPayments");
        Ok(Self::at(contracts, address.ok_or(Error::NotDeployed("BatchPayments"))?))
    }

    /// Pays each account its amount of a token, in base units, after an approval of exactly their sum.
    ///
    /// The contract itself emits nothing; the payments are read from the token's events.
    ///
    /// # Errors
    /// The sender has less, or the sum does not fit 256 bits.
    pub async fn send_token(&self, token: Address, payments: &[(Address, BaseUnits)]) -> Result<TxOutcome> {
        self.contracts.approve_exact(token, self.address, sum(payments)?).await?;
        let (list, amounts) = payments.iter().map(|(account, amount)| (*account, amount.0)).unzip();
        let call = IBatchPayments::sendTokenCall { token, list, amounts };
        let receipt = self.contracts.transact(self.address, &call).await?;
        for (account, amount) in payments {
            find_event::<IErc20::Transfer>(&receipt, token, |event| {
                (event.from, event.to, event.value) == (self.address, *account, amount.0)
            })?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    /// Pays each account its amount of ether, in wei, with exactly their sum: of more, the contract would send back only what is
    /// above 23 000 wei.
    ///
    /// There are no events to read. The call reverts where one payment fails, and it is only made where there is code.
    ///
    /// # Errors
    /// An account is a contract that takes no ether, or needs more gas for it than a plain transfer gives.
    pub async fn send_ether(&self, payments: &[(Address, BaseUnits)]) -> Result<TxOutcome> {
        let (list, amounts) = payments.iter().map(|(account, amount)| (*account, amount.0)).unzip();
        let call = IBatchPayments::sendEtherCall { list, amounts };
        let receipt = self.contracts.transact_paying(self.address, &call, sum(payments)?.0).await?;
        Ok(TxOutcome::of(&receipt))
    }
}

fn sum(payments: &[(Address, BaseUnits)]) -> Result<BaseUnits> {
    let sum = payments.iter().try_fold(U256::ZERO, |sum, (_, amount)| sum.checked_add(amount.0));
    sum.map(BaseUnits).ok_or(Error::Range("the sum of the payments"))
}
