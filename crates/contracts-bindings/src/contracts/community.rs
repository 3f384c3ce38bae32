use alloy::primitives::Address;
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate};

use super::{Contracts, TxOutcome, find_event, price::require_receiver};
use crate::{
    abi::{BatchOperation, IErc20, IFactoryRouter, IOpfCommunityFeeCollector},
    error::{Error, Result},
};

/// The most purchases of one batch.
const MOST_PURCHASES: usize = 50;

/// One purchase of [`Contracts::buy_dt_batch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purchase {
    /// From an exchange of the deployment's fixed-rate contract.
    Exchange {
        /// The exchange.
        exchange: ExchangeId,
        /// What it takes.
        base_token: Address,
        /// The most to pay, fees included, in base units of the base token.
        max_base: BaseUnits,
        /// What it sells.
        datatoken: Address,
        /// How much of it, in base units.
        amount: BaseUnits,
        /// Who gets which share on top.
        consume_market: Option<(Address, FeeRate)>,
    },
    /// From the deployment's dispenser.
    Dispenser {
        /// What it gives.
        datatoken: Address,
        /// How much of it, in base units.
        amount: BaseUnits,
    },
}

/// The community's fees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommunityFees {
    /// The share of a swap in a base token that the router approved.
    pub swap_approved: FeeRate,
    /// The share of a swap in any other base token.
    pub swap_other: FeeRate,
    /// The share of the datatoken that an order of template 1 spends.
    pub order: FeeRate,
    /// The share of a Provider's fee.
    pub provider: FeeRate,
}

impl CommunityFees {
    /// These fees.
    pub fn new(swap_approved: FeeRate, swap_other: FeeRate, order: FeeRate, provider: FeeRate) -> Self {
        Self { swap_approved, swap_other, order, provider }
    }
}

impl Contracts {
    /// Buys several datatokens in one transaction, at most 50. Base tokens must be approved to the router.
    ///
    /// # Errors
    /// No purchase or too many; a fee without an address; one of the purchases fails, and then none happens.
    pub async fn buy_dt_batch(&self, purchases: &[Purchase]) -> Result<TxOutcome> {
        if purchases.is_empty() || purchases.len() > MOST_PURCHASES {
            return Err(Error::Range("the number of purchases"));
        }
        let buyer = self.required_sender()?;
        let operations = purchases.iter().map(|purchase| self.operation(purchase)).collect::<Result<Vec<_>>>()?;
        let call = IFactoryRouter::buyDTBatchCall { _operations: operations };
        let receipt = self.transact(self.deployment().router, &call).await?;
        for purchase in purchases {
            let (Purchase::Exchange { datatoken, amount, .. } | Purchase::Dispenser { datatoken, amount }) = *purchase;
            find_event::<IErc20::Transfer>(&receipt, datatoken, |event| event.to == buyer && event.value == amount.0)?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    fn operation(&self, purchase: &Purchase) -> Result<BatchOperation> {
        match *purchase {
            Purchase::Exchange { exchange, base_token, max_base, datatoken, amount, consume_market } => {
                let (market, fee) = consume_market.unwrap_or_default();
                require_receiver(market, fee)?;
                Ok(BatchOperation {
                    exchangeIds: exchange.0,
                    source: self.deployment().fixed_price,
                    operation: 2,
                    tokenIn: base_token,
                    amountsIn: max_base.0,
                    tokenOut: datatoken,
                    amountsOut: amount.0,
                    swapMarketFee: fee.0,
                    marketFeeAddress: market,
                    ..BatchOperation::default()
                })
            }
            Purchase::Dispenser { datatoken, amount } => Ok(BatchOperation {
                source: self.deployment().dispenser,
                operation: 3,
                tokenOut: datatoken,
                amountsOut: amount.0,
                ..BatchOperation::default()
            }),
        }
    }

    /// What the community asks for.
    ///
    /// # Errors
    /// The node fails.
    pub async fn community_fees(&self) -> Result<CommunityFees> {
        let router = self.deployment().router;
        let (swap, order, provider) = tokio::try_join!(
            self.read(router, &IFactoryRouter::getOPCFeesCall {}),
            self.read(router, &IFactoryRouter::getOPCConsumeFeeCall {}),
            self.read(router, &IFactoryRouter::getOPCProviderFeeCall {}),
        )?;
        Ok(CommunityFees {
            swap_approved: FeeRate(swap.swapOceanFee),
            swap_other: FeeRate(swap.swapNonOceanFee),
            order: FeeRate(order),
            provider: FeeRate(provider),
        })
    }

    /// Has the community ask for other fees. The contract knows no upper limit.
    ///
    /// # Errors
    /// The sender does not own the router; a fee of 100 % or more.
    pub async fn set_community_fees(&self, fees: CommunityFees) -> Result<TxOutcome<IFactoryRouter::OPCFeeChanged>> {
        let most = FeeRate(ocean_primitives::ONE);
        if [fees.swap_approved, fees.swap_other, fees.order, fees.provider].iter().any(|fee| *fee >= most) {
            return Err(Error::Range("a community fee"));
        }
        let router = self.deployment().router;
        let call = IFactoryRouter::updateOPCFeeCall {
            _newSwapOceanFee: fees.swap_approved.0,
            _newSwapNonOceanFee: fees.swap_other.0,
            _newConsumeFee: fees.order.0,
            _newProviderFee: fees.provider.0,
        };
        self.transact_for(router, &call, router, |event: &IFactoryRouter::OPCFeeChanged| {
            event.newSwapOceanFee == fees.swap_approved.0 && event.newConsumeFee == fees.order.0
        })
        .await
    }

    /// Has a base token pay the lower swap fee. Nothing is sent where it does already: the contract would say nothing.
    ///
    /// # Errors
    /// The sender does not own the router.
    pub async fn add_approved_token(&self, token: Address) -> Result<Option<TxOutcome>> {
        if self.is_approved_token(token).await? {
            return Ok(None);
        }
        let router = self.deployment().router;
        let call = IFactoryRouter::addApprovedTokenCall { tokenAddress: token };
        let outcome =
            self.transact_for(router, &call, router, |event: &IFactoryRouter::TokenAdded| event.token == token);
        Ok(Some(outcome.await?.map(drop)))
    }

    /// Has a base token pay the higher swap fee. Nothing is sent where it does already.
    ///
    /// # Errors
    /// The sender does not own the router.
    pub async fn remove_approved_token(&self, token: Address) -> Result<Option<TxOutcome>> {
        if !self.is_approved_token(token).await? {
            return Ok(None);
        }
        let router = self.deployment().router;
        let call = IFactoryRouter::removeApprovedTokenCall { tokenAddress: token };
        let outcome =
            self.transact_for(router, &call, router, |event: &IFactoryRouter::TokenRemoved| event.token == token);
        Ok(Some(outcome.await?.map(drop)))
    }

    /// Whether a base token pays the lower swap fee.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_approved_token(&self, token: Address) -> Result<bool> {
        let call = IFactoryRouter::isApprovedTokenCall { tokenAddress: token };
        self.read(self.deployment().router, &call).await
    }

    /// Sends what OPFCommunityFeeCollector holds of a token to its collector. Anybody may.
    ///
    /// # Errors
    /// The network has no such contract, or it holds nothing of that token.
    pub async fn withdraw_community_fees(&self, token: Address) -> Result<TxOutcome<IErc20::Transfer>> {
        let missing = Error::NotDeployed("OPFCommunityFeeCollector");
        let collector = self.deployment().opf_community_fee_collector.ok_or(missing)?;
        let call = IOpfCommunityFeeCollector::withdrawTokenCall { tokenAddress: token };
        self.transact_for(collector, &call, token, |event: &IErc20::Transfer| event.from == collector).await
    }

    /// Sends the community's fees to another account from now on.
    ///
    /// # Errors
    /// The network has no such contract; the sender does not own it; the account is the zero address.
    pub async fn set_community_fee_collector(&self, collector: Address) -> Result<TxOutcome> {
        if collector.is_zero() {
            return Err(Error::FeeWithoutAddress);
        }
        let missing = Error::NotDeployed("OPFCommunityFeeCollector");
        let contract = self.deployment().opf_community_fee_collector.ok_or(missing)?;
        let call = IOpfCommunityFeeCollector::changeCollectorCall { newCollector: collector };
        // No event tells of it, and no method either; the contract is no clone, so it carries the call out or reverts.
        Ok(TxOutcome::of(&self.transact(contract, &call).await?))
    }
}
