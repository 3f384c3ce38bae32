use alloy::primitives::Address;
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::{Contracts, SwapOutcome, TxOutcome, find_event, price::require_receiver};
use crate::{
    abi::{IDispenser, IFixedRateExchange},
    error::{Error, Result},
};

impl Contracts {
    /// Sells `amount` base units of the datatoken back for at least `min_base` base units of the base token. The datatokens must
    /// be approved to the exchange contract, which can only pay what buyers left there and nobody collected.
    ///
    /// # Errors
    /// The proceeds are below `min_base` or more than the exchange has, or it does not sell to everybody.
    pub async fn sell_dt(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
        min_base: BaseUnits,
        consume_market: Option<(Address, FeeRate)>,
    ) -> Result<SwapOutcome> {
        let contract = self.deployment().fixed_price;
        let (market, fee) = consume_market.unwrap_or_default();
        require_receiver(market, fee)?;
        let call = IFixedRateExchange::sellDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            minBaseTokenAmount: min_base.0,
            consumeMarketAddress: market,
            consumeMarketSwapFeeAmount: fee.0,
        };
        let receipt = self.transact(contract, &call).await?;
        let swapped = find_event::<IFixedRateExchange::Swapped>(&receipt, contract, |event| {
            event.exchangeId == id.0 && event.datatokenSwappedAmount == amount.0
        })?;
        Ok(SwapOutcome::of(&receipt, &swapped))
    }

    /// Changes the price of an exchange.
    ///
    /// # Errors
    /// The sender may not, or the rate is below the contract's minimum; the price of one datatoken would round to nothing.
    pub async fn set_rate(&self, id: ExchangeId, rate: Rate) -> Result<TxOutcome> {
        let contract = self.deployment().fixed_price;
        let mut pricing = self.exchange(id).await?.pricing;
        pricing.rate = rate;
        pricing.check(pricing.base_decimals, pricing.datatoken_decimals)?;
        let call = IFixedRateExchange::setRateCall { exchangeId: id.0, newRate: rate.0 };
        let outcome =
            self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::ExchangeRateChanged| {
                event.exchangeId == id.0 && event.newRate == rate.0
            });
        Ok(outcome.await?.map(drop))
    }

    /// Switches an exchange on or off. Nothing is sent where it is so already.
    ///
    /// # Errors
    /// The sender may not.
    pub async fn set_exchange_active(&self, id: ExchangeId, active: bool) -> Result<Option<TxOutcome>> {
        if self.exchange(id).await?.active == active {
            return Ok(None);
        }
        let contract = self.deployment().fixed_price;
        let receipt =
            self.transact(contract, &IFixedRateExchange::toggleExchangeStateCall { exchangeId: id.0 }).await?;
        // Two that toggle at once end where they began: the event says which way it went.
        if active {
            find_event::<IFixedRateExchange::ExchangeActivated>(&receipt, contract, |event| event.exchangeId == id.0)?;
        } else {
            find_event::<IFixedRateExchange::ExchangeDeactivated>(&receipt, contract, |event| {
                event.exchangeId == id.0
            })?;
        }
        Ok(Some(TxOutcome::of(&receipt)))
    }

    /// Has an exchange mint what it sells, or not. The contract may keep the old state and report the new one, where the account
    /// that made the exchange has lost its role: so the state is read back.
    ///
    /// # Errors
    /// The sender may not; another exchange of the contract mints the same datatoken; [`Error::Unchanged`].
    pub async fn set_exchange_mint(&self, id: ExchangeId, with_mint: bool) -> Result<TxOutcome> {
        let contract = self.deployment().fixed_price;
        if with_mint {
            let state = self.exchange(id).await?;
            if !state.with_mint {
                self.no_other_minter(state.datatoken, contract).await?;
            }
        }
        let call = IFixedRateExchange::toggleMintStateCall { exchangeId: id.0, withMint: with_mint };
        let outcome =
            self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::ExchangeMintStateChanged| {
                event.exchangeId == id.0
            });
        let outcome = outcome.await?.map(drop);
        match self.exchange(id).await?.with_mint == with_mint {
            true => Ok(outcome),
            false => Err(Error::Unchanged { what: "whether the exchange mints", tx: outcome.tx }),
        }
    }

    /// Lets one address alone swap; the zero address is everybody.
    ///
    /// # Errors
    /// The sender may not.
    pub async fn set_exchange_allowed_swapper(&self, id: ExchangeId, swapper: Address) -> Result<TxOutcome> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::setAllowedSwapperCall { exchangeId: id.0, newAllowedSwapper: swapper };
        let outcome = self.transact_for(
            contract,
            &call,
            contract,
            |event: &IFixedRateExchange::ExchangeAllowedSwapperChanged| {
                event.exchangeId == id.0 && event.allowedSwapper == swapper
            },
        );
        Ok(outcome.await?.map(drop))
    }

    /// Changes the publishing market's share, which only the account that gets it may.
    ///
    /// # Errors
    /// The sender is not that account, or the share is not 0 and not from 0.01 % to 50 %.
    pub async fn set_exchange_market_fee(
        &self,
        id: ExchangeId,
        fee: FeeRate,
    ) -> Result<TxOutcome<IFixedRateExchange::PublishMarketFeeChanged>> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::updateMarketFeeCall { exchangeId: id.0, _newMarketFee: fee.0 };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::PublishMarketFeeChanged| {
            event.exchangeId == id.0 && event.swapFee == fee.0
        })
        .await
    }

    /// Gives the publishing market's share to another account, which only the present one may.
    ///
    /// # Errors
    /// The sender is not that account; the new one is the zero address, where the share would be lost.
    pub async fn set_exchange_market_fee_collector(
        &self,
        id: ExchangeId,
        collector: Address,
    ) -> Result<TxOutcome<IFixedRateExchange::PublishMarketFeeChanged>> {
        if collector.is_zero() {
            return Err(Error::FeeWithoutAddress);
        }
        let contract = self.deployment().fixed_price;
        let call =
            IFixedRateExchange::updateMarketFeeCollectorCall { exchangeId: id.0, _newMarketCollector: collector };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::PublishMarketFeeChanged| {
            event.exchangeId == id.0 && event.newMarketCollector == collector
        })
        .await
    }

    /// Pays base tokens that an exchange took to the datatoken's payment collector. Anybody may.
    ///
    /// # Errors
    /// The exchange has less.
    pub async fn collect_base_tokens(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
    ) -> Result<TxOutcome<IFixedRateExchange::TokenCollected>> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::collectBTCall { exchangeId: id.0, amount: amount.0 };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::TokenCollected| {
            event.exchangeId == id.0 && event.amount == amount.0
        })
        .await
    }

    /// Pays datatokens that an exchange holds to the datatoken's payment collector. Anybody may.
    ///
    /// # Errors
    /// The exchange has less.
    pub async fn collect_datatokens(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
    ) -> Result<TxOutcome<IFixedRateExchange::TokenCollected>> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::collectDTCall { exchangeId: id.0, amount: amount.0 };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::TokenCollected| {
            event.exchangeId == id.0 && event.amount == amount.0
        })
        .await
    }

    /// Pays the publishing market's share to its account. Anybody may.
    ///
    /// # Errors
    /// There is no such exchange.
    pub async fn collect_market_fee(
        &self,
        id: ExchangeId,
    ) -> Result<TxOutcome<IFixedRateExchange::MarketFeeCollected>> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::collectMarketFeeCall { exchangeId: id.0 };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::MarketFeeCollected| {
            event.exchangeId == id.0
        })
        .await
    }

    /// Pays the community's share to its collector. Anybody may.
    ///
    /// # Errors
    /// There is no such exchange.
    pub async fn collect_ocean_fee(&self, id: ExchangeId) -> Result<TxOutcome<IFixedRateExchange::OceanFeeCollected>> {
        let contract = self.deployment().fixed_price;
        let call = IFixedRateExchange::collectOceanFeeCall { exchangeId: id.0 };
        self.transact_for(contract, &call, contract, |event: &IFixedRateExchange::OceanFeeCollected| {
            event.exchangeId == id.0
        })
        .await
    }

    /// Has a dispenser give, with these limits.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken.
    pub async fn activate_dispenser(
        &self,
        datatoken: Address,
        max_tokens: BaseUnits,
        max_balance: BaseUnits,
    ) -> Result<TxOutcome> {
        let contract = self.deployment().dispenser;
        let call = IDispenser::activateCall { datatoken, maxTokens: max_tokens.0, maxBalance: max_balance.0 };
        let outcome = self.transact_for(contract, &call, contract, |event: &IDispenser::DispenserActivated| {
            event.datatokenAddress == datatoken
        });
        Ok(outcome.await?.map(drop))
    }

    /// Has a dispenser give no more.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken.
    pub async fn deactivate_dispenser(&self, datatoken: Address) -> Result<TxOutcome> {
        let contract = self.deployment().dispenser;
        let call = IDispenser::deactivateCall { datatoken };
        let outcome = self.transact_for(contract, &call, contract, |event: &IDispenser::DispenserDeactivated| {
            event.datatokenAddress == datatoken
        });
        Ok(outcome.await?.map(drop))
    }

    /// Lets one address alone ask a dispenser; the zero address is everybody.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken.
    pub async fn set_dispenser_allowed_swapper(&self, datatoken: Address, swapper: Address) -> Result<TxOutcome> {
        let contract = self.deployment().dispenser;
        let call = IDispenser::setAllowedSwapperCall { datatoken, newAllowedSwapper: swapper };
        let outcome =
            self.transact_for(contract, &call, contract, |event: &IDispenser::DispenserAllowedSwapperChanged| {
                event.datatoken == datatoken && event.newAllowedSwapper == swapper
            });
        Ok(outcome.await?.map(drop))
    }

    /// Pays the datatokens that a dispenser holds to the datatoken's payment collector.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken.
    pub async fn withdraw_from_dispenser(&self, datatoken: Address) -> Result<TxOutcome<IDispenser::OwnerWithdrawed>> {
        let contract = self.deployment().dispenser;
        let call = IDispenser::ownerWithdrawCall { datatoken };
        self.transact_for(contract, &call, contract, |event: &IDispenser::OwnerWithdrawed| event.datatoken == datatoken)
            .await
    }
}
