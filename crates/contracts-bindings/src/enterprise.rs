//! The Enterprise contracts: a collector that says which tokens count and what they cost, and an exchange that asks it.
//! (`contracts: communityFee/EnterpriseFeeCollector.sol`, `pools/fixedRate/FixedRateExchangeEnterprise.sol`)
//!
//! [`Escrow`](crate::escrow::Escrow) covers the Enterprise form of the escrow.

mod exchange;

use alloy::primitives::Address;
use ocean_primitives::{BaseUnits, FeeRate};

pub use self::exchange::{CreateExchange, EnterpriseExchange};
use crate::{
    abi::{EnterpriseTokenFee, IEnterpriseFeeCollector},
    contracts::{Contracts, TxOutcome},
    error::{Error, Result},
};

/// What the collector asks of amounts in one token: a share, within limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenFee {
    /// Whether the Enterprise contracts take the token at all.
    pub allowed: bool,
    /// The least fee, whatever the amount, in base units.
    pub min: BaseUnits,
    /// The highest fee, whatever the amount, in base units.
    pub max: BaseUnits,
    /// The share between the two.
    pub rate: FeeRate,
}

impl From<EnterpriseTokenFee> for TokenFee {
    fn from(fee: EnterpriseTokenFee) -> Self {
        Self {
            allowed: fee.allowed,
            min: BaseUnits(fee.minFee),
            max: BaseUnits(fee.maxFee),
            rate: FeeRate(fee.feePercentage),
        }
    }
}

/// The fee collector of the Enterprise contracts, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EnterpriseFeeCollector {
    contracts: Contracts,
    address: Address,
}

impl EnterpriseFeeCollector {
    /// The collector at an address.
    pub fn at(contracts: &Contracts, address: Address) -> Self {
        Self { contracts: contracts.clone(), address }
    }

    /// The collector of the connection's deployment.
    ///
    /// # Errors
    /// The network has none.
    pub fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let address = contracts.deployment().enterprise_fee_collector;
        Ok(Self::at(contracts, address.ok_or(Error::NotDeployed("EnterpriseFeeCollector"))?))
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Who may change it.
    ///
    /// # Errors
    /// The node fails.
    pub async fn owner(&self) -> Result<Address> {
        self.contracts.read(self.address, &IEnterpriseFeeCollector::ownerCall {}).await
    }

    /// What it asks for a token; nothing is allowed that it was not told of.
    ///
    /// # Errors
    /// The node fails.
    pub async fn token_fee(&self, token: Address) -> Result<TokenFee> {
        let call = IEnterpriseFeeCollector::getTokenCall { tokenAddress: token };
        self.contracts.read(self.address, &call).await.map(TokenFee::from)
    }

    /// Whether the Enterprise contracts take a token.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_token_allowed(&self, token: Address) -> Result<bool> {
        let call = IEnterpriseFeeCollector::isTokenAllowedCall { tokenAddress: token };
        self.contracts.read(self.address, &call).await
    }

    /// The collector's own answer to what `amount` costs, in base units.
    ///
    /// # Errors
    /// The node fails, or amount times share does not fit 256 bits.
    pub async fn calculate_fee(&self, token: Address, amount: BaseUnits) -> Result<BaseUnits> {
        let call = IEnterpriseFeeCollector::calculateFeeCall { tokenAddress: token, amount: amount.0 };
        self.contracts.read(self.address, &call).await.map(BaseUnits)
    }

    /// Sets what a token costs and whether it is taken; only the owner may.
    ///
    /// # Errors
    /// The least fee is not below the highest, the share is nothing or more than everything, or the sender is not the owner.
    pub async fn update_token(&self, token: Address, fee: &TokenFee) -> Result<TxOutcome> {
        let call = IEnterpriseFeeCollector::updateTokenCall {
            tokenAddress: token,
            minFee: fee.min.0,
            maxFee: fee.max.0,
            feePercentage: fee.rate.0,
            allowed: fee.allowed,
        };
        let set = |event: &IEnterpriseFeeCollector::TokenUpdated| {
            let now = TokenFee {
                allowed: event.allowed,
                min: BaseUnits(event.minFee),
                max: BaseUnits(event.maxFee),
                rate: FeeRate(event.feePercentage),
            };
            event.tokenAddress == token && now == *fee
        };
        Ok(self.contracts.transact_for(self.address, &call, self.address, set).await?.map(drop))
    }

    /// Sends everything that was collected in a token to the account that gets it. Anybody may. The outcome is the amount in
    /// base units.
    ///
    /// # Errors
    /// There is no token at that address.
    pub async fn withdraw_token(&self, token: Address) -> Result<TxOutcome<BaseUnits>> {
        let call = IEnterpriseFeeCollector::withdrawTokenCall { tokenAddress: token };
        let sent = |event: &IEnterpriseFeeCollector::WithdrawToken| event.tokenAddress == token;
        let outcome = self.contracts.transact_for(self.address, &call, self.address, sent).await?;
        Ok(outcome.map(|event| BaseUnits(event.amount)))
    }

    /// Sends the ether that was collected to the account that gets it. Anybody may. The outcome is the amount in wei.
    ///
    /// # Errors
    /// The account refuses ether.
    pub async fn withdraw_eth(&self) -> Result<TxOutcome<BaseUnits>> {
        let sent = |_: &IEnterpriseFeeCollector::WithdrawETH| true;
        let call = IEnterpriseFeeCollector::withdrawETHCall {};
        let outcome = self.contracts.transact_for(self.address, &call, self.address, sent).await?;
        Ok(outcome.map(|event| BaseUnits(event.amount)))
    }

    /// Names the account that gets what is collected; only the owner may.
    ///
    /// # Errors
    /// The zero address, or the sender is not the owner.
    pub async fn change_collector(&self, collector: Address) -> Result<TxOutcome> {
        let call = IEnterpriseFeeCollector::changeCollectorCall { newCollector: collector };
        let changed = |event: &IEnterpriseFeeCollector::CollectorChanged| event.newCollector == collector;
        Ok(self.contracts.transact_for(self.address, &call, self.address, changed).await?.map(drop))
    }
}
