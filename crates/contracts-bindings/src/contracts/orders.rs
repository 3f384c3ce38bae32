use std::collections::BTreeSet;

use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
    sol_types::SolEvent,
};
use ocean_crypto::ProviderFee;
use ocean_pricing::order::Fee;

use super::{Contracts, TxOutcome, order::order_params};
use crate::{
    abi::{IErc20Template, IErc721Factory, ReuseTokenOrder, TokenOrder},
    error::{Error, Result},
};

/// The most orders of one transaction (`ERC721Factory: Too Many Orders`).
const MOST_ORDERS: usize = 50;

/// One of several orders in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct MultipleOrder {
    /// The datatoken that is spent.
    pub datatoken: Address,
    /// Who may consume.
    pub consumer: Address,
    /// The service, by its index.
    pub service_index: u64,
    /// The Provider's fee.
    pub provider_fee: ProviderFee,
    /// The consuming market's fee.
    pub consume_market_fee: Option<Fee>,
}

/// One of several renewals in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct MultipleReuse {
    /// The datatoken of the order.
    pub datatoken: Address,
    /// The transaction that started the order.
    pub order_tx: B256,
    /// The Provider's fee.
    pub provider_fee: ProviderFee,
}

impl Contracts {
    /// Orders several services in one transaction, at most 50, each with one datatoken of the sender. Datatokens and fees must be
    /// approved to the **factory** (`ocean_pricing::order::start_multiple_orders`), which is the payer in the events.
    ///
    /// # Errors
    /// No order or too many; a datatoken that the factory did not make, which would get the approvals of the others; a Provider's
    /// fee that is not signed by it or no longer valid; a datatoken or an approval is missing.
    pub async fn start_multiple_token_order(
        &self,
        orders: &[MultipleOrder],
    ) -> Result<TxOutcome<Vec<IErc20Template::OrderStarted>>> {
        self.multiple(orders.iter().map(|order| (order.datatoken, &order.provider_fee))).await?;
        let calls = orders.iter().map(|order| {
            let MultipleOrder { datatoken, consumer, service_index, provider_fee, consume_market_fee } = order;
            let params = order_params(*consumer, *service_index, provider_fee, *consume_market_fee)?;
            Ok(TokenOrder {
                tokenAddress: *datatoken,
                consumer: *consumer,
                serviceIndex: params.serviceIndex,
                providerFee: params.providerFee,
                consumeMarketFee: params.consumeMarketFee,
            })
        });
        let call = IErc721Factory::startMultipleTokenOrderCall { orders: calls.collect::<Result<_>>()? };
        let receipt = self.transact(self.deployment().factory, &call).await?;
        let events = in_order(&receipt, orders, |order, emitter, event: &IErc20Template::OrderStarted| {
            emitter == order.datatoken
                && event.consumer == order.consumer
                && event.serviceIndex == U256::from(order.service_index)
        })?;
        Ok(TxOutcome::with(&receipt, events))
    }

    /// Renews several orders in one transaction, at most 50. The fees must be approved to the **factory**.
    ///
    /// # Errors
    /// As [`Contracts::start_multiple_token_order`].
    pub async fn reuse_multiple_token_order(
        &self,
        orders: &[MultipleReuse],
    ) -> Result<TxOutcome<Vec<IErc20Template::OrderReused>>> {
        self.multiple(orders.iter().map(|order| (order.datatoken, &order.provider_fee))).await?;
        let calls = orders.iter().map(|order| ReuseTokenOrder {
            tokenAddress: order.datatoken,
            orderTxId: order.order_tx,
            providerFee: (&order.provider_fee).into(),
        });
        let call = IErc721Factory::reuseMultipleTokenOrderCall { orders: calls.collect() };
        let receipt = self.transact(self.deployment().factory, &call).await?;
        let events = in_order(&receipt, orders, |order, emitter, event: &IErc20Template::OrderReused| {
            emitter == order.datatoken && event.orderTxId == order.order_tx
        })?;
        Ok(TxOutcome::with(&receipt, events))
    }

    async fn multiple(&self, orders: impl ExactSizeIterator<Item = (Address, &ProviderFee)>) -> Result<()> {
        if orders.len() == 0 || orders.len() > MOST_ORDERS {
            return Err(Error::Range("the number of orders"));
        }
        let mut datatokens = BTreeSet::new();
        for (datatoken, fee) in orders {
            self.require_valid(fee).await?;
            datatokens.insert(datatoken);
        }
        for datatoken in datatokens {
            if !self.is_factory_datatoken(datatoken).await? {
                return Err(Error::NotFactory(datatoken));
            }
        }
        Ok(())
    }

    /// Refuses a fee that its receiver did not sign, or that is no longer valid: the contracts would take it, the Provider would
    /// not. A fee without an end is valid.
    pub(super) async fn require_valid(&self, fee: &ProviderFee) -> Result<()> {
        fee.verify()?;
        if fee.valid_until == 0 {
            return Ok(());
        }
        let end = i64::try_from(fee.valid_until).ok().and_then(|end| jiff::Timestamp::from_second(end).ok());
        let valid_until = end.unwrap_or(jiff::Timestamp::MAX);
        if self.now().await? > valid_until {
            return Err(Error::ProviderFeeExpired { valid_until });
        }
        Ok(())
    }
}

/// One event for each order, in the orders' sequence.
fn in_order<O, E: SolEvent>(
    receipt: &TransactionReceipt,
    orders: &[O],
    belongs: impl Fn(&O, Address, &E) -> bool,
) -> Result<Vec<E>> {
    let logs = receipt.logs().iter();
    let mut events = logs.filter_map(|log| Some((log.address(), E::decode_log_data(log.data()).ok()?)));
    orders
        .iter()
        .map(|order| {
            let found = events.find(|(emitter, event)| belongs(order, *emitter, event));
            let missing = Error::EventMissing { event: E::SIGNATURE, tx: receipt.transaction_hash };
            found.map(|(_, event)| event).ok_or(missing)
        })
        .collect()
}
