use alloy::{
    primitives::{Address, U256},
    rpc::types::TransactionReceipt,
};
use ocean_pricing::{
    dispenser::Dispenser,
    fixed_rate::{BuyQuote, Exchange},
};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::{Contracts, TxOutcome, find_event};
use crate::{
    abi::{IDispenser, IErc20Template, IFactoryRouter, IFixedRateExchange},
    error::{Error, Result},
};

/// An exchange as the chain has it now; its owner can change most of it at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangeState {
    /// The exchange inside its contract.
    pub id: ExchangeId,
    /// Which contract.
    pub contract: Address,
    /// Who made it.
    pub owner: Address,
    /// What it sells.
    pub datatoken: Address,
    /// What it takes.
    pub base_token: Address,
    /// Whether it sells at all.
    pub active: bool,
    /// How much it can sell, in base units of the datatoken; zero where it is not active.
    pub supply: BaseUnits,
    /// How many datatokens it holds, in base units.
    pub datatoken_balance: BaseUnits,
    /// How many base tokens it holds, in base units: what it can buy datatokens back with.
    pub base_balance: BaseUnits,
    /// Whether it mints what it sells.
    pub with_mint: bool,
    /// The only address that may swap; zero is everybody. Templates 2 and 4 put their own address here.
    pub allowed_swapper: Address,
    /// Who gets the publishing market's share.
    pub market_fee_collector: Address,
    /// The numbers that prices depend on.
    pub pricing: Exchange,
}

/// A dispenser as the chain has it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DispenserState {
    /// Who made it: the factory, where it was made together with the data NFT. Zero means that there is none.
    pub owner: Address,
    /// Whom it gives how much.
    pub terms: Dispenser,
}

/// What a purchase from an exchange, or a sale to it, came to, read from the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SwapOutcome {
    /// The transaction.
    pub outcome: TxOutcome,
    /// What was charged with the fees, or paid out after them, in base units of the base token.
    pub paid: BaseUnits,
    /// What was bought or sold, in base units of the datatoken.
    pub datatokens: BaseUnits,
    /// The community's part of `paid`.
    pub ocean_fee: BaseUnits,
    /// The publishing market's part of `paid`.
    pub market_fee: BaseUnits,
    /// The consuming market's part of `paid`.
    pub consume_fee: BaseUnits,
}

impl SwapOutcome {
    pub(super) fn of(receipt: &TransactionReceipt, swapped: &IFixedRateExchange::Swapped) -> Self {
        Self {
            outcome: TxOutcome::of(receipt),
            paid: BaseUnits(swapped.baseTokenSwappedAmount),
            datatokens: BaseUnits(swapped.datatokenSwappedAmount),
            ocean_fee: BaseUnits(swapped.oceanFeeAmount),
            market_fee: BaseUnits(swapped.marketFeeAmount),
            consume_fee: BaseUnits(swapped.consumeMarketFeeAmount),
        }
    }
}

impl Contracts {
    /// An exchange of the deployment's fixed-rate contract.
    ///
    /// # Errors
    /// There is no such exchange.
    pub async fn exchange(&self, id: ExchangeId) -> Result<ExchangeState> {
        let contract = self.deployment().fixed_price;
        let (state, fees, swapper) = tokio::try_join!(
            self.read(contract, &IFixedRateExchange::getExchangeCall { exchangeId: id.0 }),
            self.read(contract, &IFixedRateExchange::getFeesInfoCall { exchangeId: id.0 }),
            self.read(contract, &IFixedRateExchange::getAllowedSwapperCall { exchangeId: id.0 }),
        )?;
        if state.datatoken.is_zero() {
            return Err(Error::NoExchange(id));
        }
        let decimals = |number: U256| u8::try_from(number).map_err(|_| Error::Range("exchange decimals"));
        let mut pricing = Exchange::new(
            Rate(state.fixedRate),
            decimals(state.btDecimals)?,
            FeeRate(fees.marketFee),
            FeeRate(fees.opcFee),
        );
        pricing.datatoken_decimals = decimals(state.dtDecimals)?;
        Ok(ExchangeState {
            id,
            contract,
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

    /// The contract's own quote for buying `amount` base units of the datatoken. Unlike the purchase it keeps a consume fee
    /// that has no address, and it does not check that fee's limits.
    ///
    /// # Errors
    /// The exchange is not active.
    pub async fn contract_quote_buy(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
        consume_fee: FeeRate,
    ) -> Result<ContractQuote> {
        let call = IFixedRateExchange::calcBaseInGivenOutDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            consumeMarketSwapFeeAmount: consume_fee.0,
        };
        let quote = self.read(self.deployment().fixed_price, &call).await?;
        Ok(ContractQuote {
            total: BaseUnits(quote.baseTokenAmount),
            ocean_fee: BaseUnits(quote.oceanFeeAmount),
            market_fee: BaseUnits(quote.publishMarketFeeAmount),
            consume_fee: BaseUnits(quote.consumeMarketFeeAmount),
        })
    }

    /// The contract's own quote for selling `amount` base units of the datatoken: the total is what the seller would get.
    ///
    /// # Errors
    /// The exchange is not active, or the fees exceed the price.
    pub async fn contract_quote_sell(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
        consume_fee: FeeRate,
    ) -> Result<ContractQuote> {
        let call = IFixedRateExchange::calcBaseOutGivenInDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            consumeMarketSwapFeeAmount: consume_fee.0,
        };
        let quote = self.read(self.deployment().fixed_price, &call).await?;
        Ok(ContractQuote {
            total: BaseUnits(quote.baseTokenAmount),
            ocean_fee: BaseUnits(quote.oceanFeeAmount),
            market_fee: BaseUnits(quote.publishMarketFeeAmount),
            consume_fee: BaseUnits(quote.consumeMarketFeeAmount),
        })
    }

    /// Buys `amount` base units of the datatoken for at most `max_base` base units of the base token, which must be approved
    /// to the exchange contract. `consume_market` is who gets which share on top.
    ///
    /// # Errors
    /// The price is above `max_base`, the exchange is not active or has no supply, or sells only through its datatoken.
    pub async fn buy_dt(
        &self,
        id: ExchangeId,
        amount: BaseUnits,
        max_base: BaseUnits,
        consume_market: Option<(Address, FeeRate)>,
    ) -> Result<SwapOutcome> {
        let contract = self.deployment().fixed_price;
        let (market, fee) = consume_market.unwrap_or_default();
        require_receiver(market, fee)?;
        let call = IFixedRateExchange::buyDTCall {
            exchangeId: id.0,
            datatokenAmount: amount.0,
            maxBaseTokenAmount: max_base.0,
            consumeMarketAddress: market,
            consumeMarketSwapFeeAmount: fee.0,
        };
        let receipt = self.transact(contract, &call).await?;
        let swapped = find_event::<IFixedRateExchange::Swapped>(&receipt, contract, |event| {
            event.exchangeId == id.0 && event.datatokenSwappedAmount == amount.0
        })?;
        Ok(SwapOutcome::of(&receipt, &swapped))
    }

    /// The dispenser of a datatoken, none where there is none.
    ///
    /// # Errors
    /// The node fails.
    pub async fn dispenser(&self, datatoken: Address) -> Result<Option<DispenserState>> {
        let status = self.read(self.deployment().dispenser, &IDispenser::statusCall { datatoken }).await?;
        if status.owner.is_zero() {
            return Ok(None);
        }
        let mut terms = Dispenser::new(BaseUnits(status.maxTokens), BaseUnits(status.maxBalance));
        terms.active = status.active;
        terms.allowed_swapper = status.allowedSwapper;
        terms.balance = BaseUnits(status.balance);
        terms.is_minter = status.isMinter;
        Ok(Some(DispenserState { owner: status.owner, terms }))
    }

    /// Takes `amount` base units of a free datatoken for `destination`.
    ///
    /// # Errors
    /// The dispenser's reasons; a datatoken of template 2 gives only through [`Contracts::buy_from_dispenser_and_order`].
    pub async fn dispense(&self, datatoken: Address, amount: BaseUnits, destination: Address) -> Result<TxOutcome> {
        let contract = self.deployment().dispenser;
        let call = IDispenser::dispenseCall { datatoken, amount: amount.0, destination };
        let receipt = self.transact(contract, &call).await?;
        find_event::<IDispenser::TokensDispensed>(&receipt, contract, |event| {
            event.datatokenAddress == datatoken && event.userAddress == destination && event.amount == amount.0
        })?;
        Ok(TxOutcome::of(&receipt))
    }

    /// The exchanges that a datatoken knows of: contract and id. The contract is not checked by templates 2 and 4, see
    /// [`Contracts::is_approved_exchange`].
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn fixed_rates_of(&self, datatoken: Address) -> Result<Vec<(Address, ExchangeId)>> {
        let rates = self.read(datatoken, &IErc20Template::getFixedRatesCall {}).await?;
        Ok(rates.into_iter().map(|rate| (rate.contractAddress, ExchangeId(rate.id))).collect())
    }

    /// The dispensers that a datatoken knows of. Their origin is not checked by templates 2 and 4.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn dispensers_of(&self, datatoken: Address) -> Result<Vec<Address>> {
        self.read(datatoken, &IErc20Template::getDispensersCall {}).await
    }

    /// Whether the router vouches for a fixed-rate contract.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_approved_exchange(&self, contract: Address) -> Result<bool> {
        self.read(self.deployment().router, &IFactoryRouter::isFixedRateContractCall { _fixedRate: contract }).await
    }

    /// Whether the router vouches for a dispenser contract.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_approved_dispenser(&self, contract: Address) -> Result<bool> {
        self.read(self.deployment().router, &IFactoryRouter::isDispenserContractCall { _dispenser: contract }).await
    }

    /// The community's share of a swap in this base token.
    ///
    /// # Errors
    /// The node fails.
    pub async fn swap_fee(&self, base_token: Address) -> Result<FeeRate> {
        let call = IFactoryRouter::getOPCFeeCall { baseToken: base_token };
        self.read(self.deployment().router, &call).await.map(FeeRate)
    }

    /// The community's share of the datatoken that an order of template 1 spends.
    ///
    /// # Errors
    /// The node fails.
    pub async fn order_fee(&self) -> Result<FeeRate> {
        self.read(self.deployment().router, &IFactoryRouter::getOPCConsumeFeeCall {}).await.map(FeeRate)
    }
}

/// What the exchange contract itself says a purchase costs, in base units of the base token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractQuote {
    /// Everything together.
    pub total: BaseUnits,
    /// The community's part.
    pub ocean_fee: BaseUnits,
    /// The publishing market's part.
    pub market_fee: BaseUnits,
    /// The consuming market's part.
    pub consume_fee: BaseUnits,
}

impl PartialEq<BuyQuote> for ContractQuote {
    fn eq(&self, ours: &BuyQuote) -> bool {
        (self.total, self.ocean_fee, self.market_fee, self.consume_fee)
            == (ours.total, ours.ocean_fee, ours.market_fee, ours.consume_fee)
    }
}

/// Refuses a share that nobody would get.
pub(crate) fn require_receiver(receiver: Address, share: FeeRate) -> Result<()> {
    if share != FeeRate::ZERO && receiver.is_zero() { Err(Error::FeeWithoutAddress) } else { Ok(()) }
}
