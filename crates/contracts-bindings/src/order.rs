//! Whether a transaction pays for a service: decided from receipts alone, without a chain or a clock.
//!
//! Anybody can emit an event that looks like an order, put several orders into one transaction, renew an order of somebody
//! else, or use a Provider's signature twice. So an event counts only if the service's own datatoken emitted it, every fee
//! event of the transaction is looked at, and each order of the service in a transaction needs a fee of its own. Nothing here
//! depends on the order of the logs.

mod error;
mod fee;

use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
    sol_types::SolEvent,
};
use jiff::{SignedDuration, Timestamp};
use ocean_primitives::{ONE, ServiceId};

pub use self::error::OrderError;
use crate::abi::IErc20Template::{OrderReused, OrderStarted, ProviderFee};

/// What an order must be for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCheck {
    /// The datatoken of the service, from the document. That the factory made it is checked on chain, not here.
    pub datatoken: Address,
    /// The service's place in the document.
    pub service_index: u64,
    /// The service's id, which the Provider put into the data of its fee.
    pub service_id: ServiceId,
    /// Who asks for the data.
    pub consumer: Address,
    /// The account that signs this Provider's fees.
    pub provider: Address,
    /// How long an order lasts, in seconds; zero is for ever.
    pub timeout: u64,
    /// The present moment.
    pub now: Timestamp,
    /// Whether an expired fee refuses the order. Only the question whether an order can be used again leaves it out.
    pub fee_expiry: bool,
}

/// An order that fulfils an [`OrderCheck`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedOrder {
    /// The transaction that started the order.
    pub order_tx: B256,
    /// The transaction that renewed it, where one did.
    pub reused_by: Option<B256>,
    /// Since when the timeout runs.
    pub started_at: Timestamp,
    /// Until when the Provider's fee is good, before the margin of 90 s; none is for ever.
    pub fee_valid_until: Option<Timestamp>,
}

/// Checks whether the transaction of `receipt` is an order that fulfils `check`.
///
/// Where it renews an order, `original` is the receipt of the order that [`reused_order_tx`] names; by itself a renewal
/// proves nothing, since the contract does not look at what it renews.
///
/// # Errors
/// The first thing that is wrong, with the text that clients of the Provider know.
pub fn verify_order(
    receipt: &TransactionReceipt,
    original: Option<&TransactionReceipt>,
    check: &OrderCheck,
) -> Result<VerifiedOrder, OrderError> {
    let tx = receipt.transaction_hash;
    if !receipt.status() {
        return Err(OrderError::Failed { tx });
    }
    let orders = events::<OrderStarted>(receipt, check.datatoken);
    let reuses = events::<OrderReused>(receipt, check.datatoken);
    let fees = fee::Fees::classify(tx, &events::<ProviderFee>(receipt, check.datatoken), check)?;

    let (started, at) = match own_order(tx, &orders, check) {
        Ok(order) => (Started { order_tx: tx, reused_by: None }, order.timestamp),
        Err(error) if reuses.is_empty() => return Err(error),
        Err(_) => renewed(tx, &reuses, original, check)?,
    };
    let started_at = timestamp(at);

    let here = |order: &&OrderStarted| order.serviceIndex == U256::from(check.service_index);
    let fee_valid_until = fees.backing(
        tx,
        fee::Events {
            orders: orders.iter().filter(here).count(),
            foreign_orders: orders.iter().filter(|order| !here(order)).count(),
            reuses: reuses.len(),
        },
        started_at,
        check,
    )?;

    let timeout = SignedDuration::from_secs(i64::try_from(check.timeout).unwrap_or(i64::MAX));
    if check.timeout != 0 && check.now.duration_since(started_at) > timeout {
        return Err(OrderError::Expired { now: check.now, started_at, timeout: check.timeout });
    }
    Ok(VerifiedOrder { order_tx: started.order_tx, reused_by: started.reused_by, started_at, fee_valid_until })
}

/// Which order of this datatoken a receipt renews, if it renews one: the receipt of that transaction is the `original` of
/// [`verify_order`]. Of several, this is the first one; see [`reused_order_txs`].
pub fn reused_order_tx(receipt: &TransactionReceipt, datatoken: Address) -> Option<B256> {
    reused_order_txs(receipt, datatoken).first().copied()
}

/// All orders of this datatoken that a receipt renews, each once, in the order of the logs.
pub fn reused_order_txs(receipt: &TransactionReceipt, datatoken: Address) -> Vec<B256> {
    let mut found = Vec::new();
    for reuse in events::<OrderReused>(receipt, datatoken) {
        if !found.contains(&reuse.orderTxId) {
            found.push(reuse.orderTxId);
        }
    }
    found
}

struct Started {
    order_tx: B256,
    reused_by: Option<B256>,
}

/// Every event of one kind that the datatoken itself emitted.
fn events<E: SolEvent>(receipt: &TransactionReceipt, datatoken: Address) -> Vec<E> {
    let logs = receipt.logs().iter().filter(|log| log.address() == datatoken && !log.removed);
    logs.filter_map(|log| E::decode_log_data(log.data()).ok()).collect()
}

/// An order of the service, of at least one datatoken, by or for the consumer.
///
/// The payer counts as well as the consumer, as with the peers. In a transaction with several orders the payer is the
/// factory, which asks nobody for data.
fn own_order<'a>(tx: B256, orders: &'a [OrderStarted], check: &OrderCheck) -> Result<&'a OrderStarted, OrderError> {
    if orders.is_empty() {
        return Err(OrderError::OrderMissing { tx });
    }
    let mut candidates: Vec<_> =
        orders.iter().filter(|order| order.serviceIndex == U256::from(check.service_index)).collect();
    if candidates.is_empty() {
        return Err(OrderError::OtherService { tx, service_index: check.service_index });
    }
    candidates.retain(|order| order.amount >= ONE);
    if candidates.is_empty() {
        return Err(OrderError::Amount { tx });
    }
    let mut candidates = candidates.into_iter();
    candidates.find(|order| order.consumer == check.consumer || order.payer == check.consumer).ok_or(OrderError::Sender)
}

/// The order that is renewed, and when it was renewed.
fn renewed(
    tx: B256,
    reuses: &[OrderReused],
    original: Option<&TransactionReceipt>,
    check: &OrderCheck,
) -> Result<(Started, U256), OrderError> {
    let missing = || OrderError::OriginalMissing {
        tx,
        order_tx: reuses.iter().map(|reuse| reuse.orderTxId).min().unwrap_or_default(),
    };
    let original = original.ok_or_else(missing)?;
    let order_tx = original.transaction_hash;
    let reuse = reuses.iter().find(|reuse| reuse.orderTxId == order_tx).ok_or_else(missing)?;
    if !original.status() {
        return Err(OrderError::Failed { tx: order_tx });
    }
    own_order(order_tx, &events::<OrderStarted>(original, check.datatoken), check)?;
    Ok((Started { order_tx, reused_by: Some(tx) }, reuse.timestamp))
}

/// The time in an event; what lies beyond the calendar is its end.
fn timestamp(seconds: U256) -> Timestamp {
    i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(Timestamp::MAX)
}
