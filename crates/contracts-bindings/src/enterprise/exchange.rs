use alloy::primitives::{Address, U256};
use ocean_pricing::fixed_rate::{Exchange, Kind};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::EnterpriseFeeCollector;
use crate::{
    abi::{IErc20, IErc20Template, IFixedRateExchange, IFixedRateExchangeEnterprise},
    contracts::{ContractQuote, Contracts, ExchangeState, TxOutcome, require_receiver},
    error::{Error, Result},
};

/// What `getId` of the contract answers.
const ID: u8 = 3;
/// The decimals of every datatoken.
const DATATOKEN_DECIMALS: u8 = 18;

/// An exchange to make for a datatoken that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreateExchange {
    /// What it sells.
    pub datatoken: Address,
    /// What it takes.
    pub base_token: Address,
    /// The base token's decimals; compared with what the token itself says.
    pub base_decimals: u8,
    /// Base tokens for one datatoken.
    pub rate: Rate,
    /// Who may change it, beside those who may change the datatoken.
    pub owner: Address,
    /// The publishing market's share of each purchase.
    pub market_fee: FeeRate,
    /// Who gets it; required where there is a fee.
    pub market_fee_collector: Address,
    /// Whether the exchange mints what it sells.
    pub with_mint: bool,
}

/// FixedRateExchangeEnterprise, for one sender. Cheap to clone.
///
/// It sells as FixedRateExchange does, but only for tokens that the fee collector allows, and for the collector's fee, which it
/// pays at once. It does not buy back. The ids of its exchanges are those of FixedRateExchange for the same pair: always name the
/// contract with the id.
#[derive(Debug, Clone)]
pub struct EnterpriseExchange {
    contracts: Contracts,
    address: Address,
}

impl EnterpriseExchange {
    /// The contract at an address.
    ///
    /// # Errors
    /// [`Error::Answer`] where another contract stands there.
    pub async fn at(contracts: &Contracts, address: Address) -> Result<Self> {
        let call = IFixedRateExchangeEnterprise::getIdCall {};
        match contracts.read(address, &call).await? {
            ID => Ok(Self { contracts: contracts.clone(), address }),
            _ => Err(Error::NotApproved(address)),
        }
    }

    /// The contract of the connection's deployment.
    ///
    /// # Errors
    /// The network has none, and as [`EnterpriseExchange::at`].
    pub async fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let address =
            contracts.deployment().fixed_price_enterprise.ok_or(Error::NotDeployed("FixedPriceEnterprise"))?;
        Self::at(contracts, address).await
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The collector that says which tokens it takes and what they cost.
    ///
    /// # Errors
    /// The node fails.
    pub async fn collector(&self) -> Result<EnterpriseFeeCollector> {
        let address =
            self.contracts.read(self.address, &IFixedRateExchangeEnterprise::enterpriseFeeCollectorCall {}).await?;
        Ok(EnterpriseFeeCollector::at(&self.contracts, address))
    }

    /// Makes an exchange. The sender needs the role to make datatokens in the data NFT.
    ///
    /// # Errors
    /// The collector does not allow the base token, its decimals are others, the price is nothing, a fee without an address.
    pub async fn create(&self, exchange: &CreateExchange) -> Result<TxOutcome<ExchangeId>> {
        let CreateExchange { datatoken, base_token, base_decimals, rate, owner, market_fee, .. } = *exchange;
        require_receiver(exchange.market_fee_collector, market_fee)?;
        let collector = self.collector().await?;
        if !collector.is_token_allowed(base_token).await? {
            return Err(Error::TokenNotAllowed(base_token));
        }
        let decimals = self.contracts.read(base_token, &IErc20::decimalsCall {}).await?;
        Exchange::new(rate, base_decimals, market_fee, FeeRate::ZERO).check(decimals, DATATOKEN_DECIMALS)?;
        let call = IErc20Template::createFixedRateCall {
            fixedPriceAddress: self.address,
            addresses: vec![base_token, owner, exchange.market_fee_collector, Address::ZERO],
            uints: vec![
                U256::from(base_decimals),
                U256::from(DATATOKEN_DECIMALS),
                rate.0,
                market_fee.0,
                U256::from(u8::from(exchange.with_mint)),
            ],
        };
        let made = |event: &IFixedRateExchange::ExchangeCreated| {
            event.datatoken == datatoken && event.baseToken == base_token && event.fixedRate == rate.0
        };
        let outcome = self.contracts.transact_for(datatoken, &call, self.address, made).await?;
        Ok(outcome.map(|event| ExchangeId(event.exchangeId)))
    }

    /// An exchange as the chain has it now, with the collector's terms in `pricing`: what the contract itself reports as the
    /// community's fee is the router's, which it does not charge.
    ///
    /// # Errors
    /// There is no such exchange.
    pub async fn exchange(&self, id: ExchangeId) -> Result<ExchangeState> {
        let (state, fees, swapper, collector) = tokio::try_join!(
            self.contracts.read(self.address, &IFixedRateExchange::getExchangeCall { exchangeId: id.0 }),
            self.contracts.read(self.address, &IFixedRateExchange::getFeesInfoCall { exchangeId: id.0 }),
            self.contracts.read(self.address, &IFixedRateExchange::getAllowedSwapperCall { exchangeId: id.0 }),
            self.collector(),
        )?;
        if state.datatoken.is_zero() {
            return Err(Error::NoExchange(id));
        }
        let terms = collector.token_fee(state.baseToken).await?;
        let decimals = |number: U256| u8::try_from(number).map_err(|_| Error::Range("exchange decimals"));
        let mut pricing =
            Exchange::new(Rate(state.fixedRate), decimals(state.btDecimals)?, FeeRate(fees.marketFee), terms.rate);
        pricing.datatoken_decimals = decimals(state.dtDecimals)?;
        pricing.kind = Kind::Enterprise { min_fee: terms.min, max_fee: terms.max };
        pricing.base_token_allowed = terms.allowed;
        Ok(ExchangeState {
            id,
            contract: self.address,
            owner: state.exchangeOwner,
            datatoken: state.datatoken,
            base_token: state.baseToken,
            active: state.active,
            supply: BaseUnits(state.dtSupply),
            datatoken_balance: BaseUnits(state.dtBalance),
            base_balance: BaseUnits(state.btBalance),
            with_mint: state.withMint,
            allowed_swapper: swapper,
            market_fee_collector: fees.marketFeeCollector,
            pricing,
        })
    }

    /// The contract's own quote for buying `amount` base units of the datatoken.
    ///
    /// # Errors
    /// The exchange is not active, or the collector does not allow the base token.
    pub async fn quote_buy(&self, id: ExchangeId, amount: BaseUnits, consume_fee: FeeRate) -> Result<ContractQuote> {
        let call = IFixedRateExchangeEnterprise::calcBaseInGivenOutDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            consumeMarketSwapFeeAmount: consume_fee.0,
        };
        let quote = self.contracts.read(self.address, &call).await?;
        Ok(ContractQuote {
            total: BaseUnits(quote.baseTokenAmount),
            ocean_fee: BaseUnits(quote.oceanFeeAmount),
            market_fee: BaseUnits(quote.publishMarketFeeAmount),
            consume_fee: BaseUnits(quote.consumeMarketFeeAmount),
        })
    }

    /// Buys `amount` base units of the datatoken for at most `max_base` base units of the base token, and approves exactly that
    /// before. `consume_market` is who gets which share on top.
    ///
    /// # Errors
    /// The price is above `max_base`, the exchange is not active or has no supply, or sells only through its datatoken.
    pub async fn buy_dt(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
        max_base: BaseUnits,
        consume_market: Option<(Address, FeeRate)>,
    ) -> Result<TxOutcome<IFixedRateExchange::Swapped>> {
        let (market, fee) = consume_market.unwrap_or_default();
        require_receiver(market, fee)?;
        let base_token = self.exchange(id).await?.base_token;
        self.contracts.approve_exact(base_token, self.address, max_base).await?;
        let call = IFixedRateExchange::buyDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            maxBaseTokenAmount: max_base.0,
            consumeMarketAddress: market,
            consumeMarketSwapFeeAmount: fee.0,
        };
        let swapped =
            |event: &IFixedRateExchange::Swapped| event.exchangeId == id.0 && event.datatokenSwappedAmount == amount.0;
        self.contracts.transact_for(self.address, &call, self.address, swapped).await
    }

    /// Sends `amount` base units of what buyers paid to the datatoken's payment collector. Anybody may.
    ///
    /// # Errors
    /// The exchange holds less.
    pub async fn collect_bt(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
    ) -> Result<TxOutcome<IFixedRateExchange::TokenCollected>> {
        let call = IFixedRateExchange::collectBTCall { exchangeId: id.0, amount: amount.0 };
        let collected =
            |event: &IFixedRateExchange::TokenCollected| event.exchangeId == id.0 && event.amount == amount.0;
        self.contracts.transact_for(self.address, &call, self.address, collected).await
    }

    /// Sends the publishing market's share to its collector. Anybody may.
    ///
    /// # Errors
    /// The node fails.
    pub async fn collect_market_fee(
        &self,
        id: ExchangeId,
    ) -> Result<TxOutcome<IFixedRateExchange::MarketFeeCollected>> {
        let call = IFixedRateExchange::collectMarketFeeCall { exchangeId: id.0 };
        let collected = |event: &IFixedRateExchange::MarketFeeCollected| event.exchangeId == id.0;
        self.contracts.transact_for(self.address, &call, self.address, collected).await
    }

    /// How many exchanges there are.
    ///
    /// # Errors
    /// The node fails.
    pub async fn count(&self) -> Result<u64> {
        let call = IFixedRateExchangeEnterprise::getNumberOfExchangesCall {};
        Ok(self.contracts.read(self.address, &call).await?.saturating_to())
    }

    /// The ids of exchanges by the order in which they were made, from `start` on and up to `end`, which is not among them.
    ///
    /// # Errors
    /// There are not as many.
    pub async fn exchanges_in_range(&self, start: u64, end: u64) -> Result<Vec<ExchangeId>> {
        let call = IFixedRateExchangeEnterprise::getExchangesInRangeCall {
            startIndex: U256::from(start),
            endIndex: U256::from(end),
        };
        Ok(self.contracts.read(self.address, &call).await?.into_iter().map(ExchangeId).collect())
    }
}
