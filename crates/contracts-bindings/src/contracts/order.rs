use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
};
use ocean_crypto::ProviderFee;
use ocean_pricing::order::Fee;
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate};

use super::{Contracts, TxOutcome, find_event, price::require_receiver};
use crate::{
    abi::{
        ConsumeMarketFeeData, FreParams, IErc20Template, IErc20TemplateEnterprise, IFixedRateExchange, OrderParams,
        ProviderFeeData,
    },
    error::{Error, Result},
};

/// The purchase inside [`Contracts::buy_from_fre_and_order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreBuy {
    /// The exchange inside the deployment's fixed-rate contract.
    pub exchange: ExchangeId,
    /// The most to pay for the datatoken, fees included, in base units of the base token.
    pub max_base: BaseUnits,
    /// The consuming market's share of the price.
    pub swap_market_fee: FeeRate,
    /// Who gets it; required where there is a share.
    pub market_fee_address: Address,
}

/// An order that is in a block, read from the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderOutcome {
    /// The transaction. It is what a Provider is shown.
    pub tx: B256,
    /// The number of its block.
    pub block: u64,
    /// What it used of its gas limit.
    pub gas_used: u64,
    /// The time of its block in unix seconds, from which on the service's timeout runs.
    pub timestamp: u64,
    /// What the purchase in the same transaction cost, where there was one, in base units of the base token.
    pub paid: Option<BaseUnits>,
}

impl OrderOutcome {
    fn of(receipt: &TransactionReceipt, timestamp: U256, paid: Option<BaseUnits>) -> Self {
        let TxOutcome { tx, block, gas_used, .. } = TxOutcome::of(receipt);
        Self { tx, block, gas_used, timestamp: timestamp.saturating_to(), paid }
    }
}

impl From<&ProviderFee> for ProviderFeeData {
    fn from(fee: &ProviderFee) -> Self {
        Self {
            providerFeeAddress: fee.provider_fee_address,
            providerFeeToken: fee.provider_fee_token,
            providerFeeAmount: fee.provider_fee_amount,
            v: fee.v,
            r: fee.r,
            s: fee.s,
            validUntil: U256::from(fee.valid_until),
            providerData: fee.provider_data.clone(),
        }
    }
}

impl From<Option<Fee>> for ConsumeMarketFeeData {
    fn from(fee: Option<Fee>) -> Self {
        fee.map_or_else(Self::default, |fee| Self {
            consumeMarketFeeAddress: fee.address,
            consumeMarketFeeToken: fee.token,
            consumeMarketFeeAmount: fee.amount.0,
        })
    }
}

impl Contracts {
    /// Orders a service for `consumer` with a datatoken that the sender has. Fees must be approved to the datatoken.
    ///
    /// # Errors
    /// The Provider's signature does not fit its fee, or the fee is no longer valid (ask the Provider again); a datatoken or an
    /// approval is missing.
    pub async fn start_order(
        &self,
        datatoken: Address,
        consumer: Address,
        service_index: u64,
        fee: &ProviderFee,
        consume_market_fee: Option<Fee>,
    ) -> Result<OrderOutcome> {
        let order = order_params(consumer, service_index, fee, consume_market_fee)?;
        self.require_valid(fee).await?;
        let call = IErc20Template::startOrderCall {
            consumer,
            serviceIndex: order.serviceIndex,
            _providerFee: order.providerFee,
            _consumeMarketFee: order.consumeMarketFee,
        };
        let receipt = self.transact(datatoken, &call).await?;
        started(&receipt, datatoken, consumer, service_index, fee, None)
    }

    /// Renews an order: `order_tx` is the transaction that started it, never one that reused it. Only the Provider's fee is
    /// due, approved to the datatoken.
    ///
    /// # Errors
    /// As [`Contracts::start_order`]. The contract itself does not look at `order_tx`; the Provider does.
    pub async fn reuse_order(&self, datatoken: Address, order_tx: B256, fee: &ProviderFee) -> Result<OrderOutcome> {
        self.require_valid(fee).await?;
        let call = IErc20Template::reuseOrderCall { orderTxId: order_tx, _providerFee: fee.into() };
        let receipt = self.transact(datatoken, &call).await?;
        let reused =
            find_event::<IErc20Template::OrderReused>(&receipt, datatoken, |event| event.orderTxId == order_tx)?;
        charged(&receipt, datatoken, fee)?;
        Ok(OrderOutcome::of(&receipt, reused.timestamp, None))
    }

    /// Buys one datatoken of template 2 from the deployment's fixed-rate contract and orders with it, in one transaction. The
    /// price must be approved to the **datatoken**, and the fees as well.
    ///
    /// # Errors
    /// As [`Contracts::start_order`] and [`Contracts::buy_dt`]; a swap fee without an address, which would be lost.
    pub async fn buy_from_fre_and_order(
        &self,
        datatoken: Address,
        consumer: Address,
        service_index: u64,
        fee: &ProviderFee,
        consume_market_fee: Option<Fee>,
        buy: FreBuy,
    ) -> Result<OrderOutcome> {
        require_receiver(buy.market_fee_address, buy.swap_market_fee)?;
        self.require_valid(fee).await?;
        let contract = self.deployment().fixed_price;
        if !self.is_approved_exchange(contract).await? {
            return Err(Error::NotApproved(contract));
        }
        let call = IErc20TemplateEnterprise::buyFromFreAndOrderCall {
            _orderParams: order_params(consumer, service_index, fee, consume_market_fee)?,
            _freParams: FreParams {
                exchangeContract: contract,
                exchangeId: buy.exchange.0,
                maxBaseTokenAmount: buy.max_base.0,
                swapMarketFee: buy.swap_market_fee.0,
                marketFeeAddress: buy.market_fee_address,
            },
        };
        let receipt = self.transact(datatoken, &call).await?;
        let swapped = find_event::<IFixedRateExchange::Swapped>(&receipt, contract, |event| {
            event.exchangeId == buy.exchange.0 && event.by == datatoken
        })?;
        let paid = Some(BaseUnits(swapped.baseTokenSwappedAmount));
        started(&receipt, datatoken, consumer, service_index, fee, paid)
    }

    /// Takes one free datatoken of template 2 from the deployment's dispenser and orders with it, in one transaction.
    ///
    /// # Errors
    /// As [`Contracts::start_order`] and [`Contracts::dispense`].
    pub async fn buy_from_dispenser_and_order(
        &self,
        datatoken: Address,
        consumer: Address,
        service_index: u64,
        fee: &ProviderFee,
        consume_market_fee: Option<Fee>,
    ) -> Result<OrderOutcome> {
        self.require_valid(fee).await?;
        let dispenser = self.deployment().dispenser;
        if !self.is_approved_dispenser(dispenser).await? {
            return Err(Error::NotApproved(dispenser));
        }
        let call = IErc20TemplateEnterprise::buyFromDispenserAndOrderCall {
            _orderParams: order_params(consumer, service_index, fee, consume_market_fee)?,
            dispenserContract: dispenser,
        };
        let receipt = self.transact(datatoken, &call).await?;
        started(&receipt, datatoken, consumer, service_index, fee, None)
    }
}

pub(super) fn order_params(
    consumer: Address,
    service_index: u64,
    fee: &ProviderFee,
    consume_market_fee: Option<Fee>,
) -> Result<OrderParams> {
    fee.verify()?;
    if consume_market_fee.is_some_and(|fee| !fee.amount.is_zero() && (fee.address.is_zero() || fee.token.is_zero())) {
        return Err(Error::FeeWithoutAddress);
    }
    Ok(OrderParams {
        consumer,
        serviceIndex: U256::from(service_index),
        providerFee: fee.into(),
        consumeMarketFee: consume_market_fee.into(),
    })
}

fn started(
    receipt: &TransactionReceipt,
    datatoken: Address,
    consumer: Address,
    service_index: u64,
    fee: &ProviderFee,
    paid: Option<BaseUnits>,
) -> Result<OrderOutcome> {
    let order = find_event::<IErc20Template::OrderStarted>(receipt, datatoken, |event| {
        event.consumer == consumer && event.serviceIndex == U256::from(service_index)
    })?;
    charged(receipt, datatoken, fee)?;
    Ok(OrderOutcome::of(receipt, order.timestamp, paid))
}

fn charged(receipt: &TransactionReceipt, datatoken: Address, fee: &ProviderFee) -> Result<()> {
    find_event::<IErc20Template::ProviderFee>(receipt, datatoken, |event| {
        event.providerFeeAddress == fee.provider_fee_address
            && event.providerFeeToken == fee.provider_fee_token
            && event.providerFeeAmount == fee.provider_fee_amount
            && event.providerData == fee.provider_data
    })
    .map(drop)
}
