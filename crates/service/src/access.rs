//! Who may have what: the state of an asset, its credentials, and whether a transaction pays for a service.
//!
//! Every answer is typed; its display form is the text that clients of the Python Provider know.

mod contract_account;
mod credentials;
mod error;
pub mod gates;

use std::time::Duration;

use alloy::{providers::Provider as _, rpc::types::TransactionReceipt};
use ocean_contracts_bindings::{
    order::{OrderCheck, OrderError, VerifiedOrder, reused_order_txs, verify_order},
    wait_for_receipt,
};
use ocean_ddo::{Access, AssetState, Ddo, Service};
use ocean_primitives::{Address, B256, Clock, Dialect};
use tokio::time::timeout;

pub use self::{
    contract_account::contract_signed,
    error::{AccessError, OrderRefusal, Refusal},
};
use crate::chain::Chain;

/// The most renewed orders of one transaction that are looked at.
const MAX_ORIGINALS: usize = 4;

/// How long the node may take to say that it does not know a transaction; waiting for the receipt has not told.
const ANSWER: Duration = Duration::from_secs(5);

/// Whether `tx` pays for this service: for a download, where an expired provider fee counts.
///
/// The service's contracts are proven with the factory first. Events count only from the service's own datatoken, in the
/// receipt of `tx` and, where it renews an order, in the receipt of that order.
///
/// # Errors
/// [`AccessError`]; [`AccessError::is_unavailable`] when the chain does not answer.
pub async fn authorize_order(
    chain: &Chain,
    clock: &dyn Clock,
    ddo: &Ddo,
    service: &Service,
    index: u64,
    tx: B256,
    consumer: Address,
) -> Result<VerifiedOrder, AccessError> {
    decide(chain, clock, ddo, service, index, tx, consumer, true).await
}

/// Whether `tx` could still be used instead of a new order: as [`authorize_order`], but an expired provider fee does not count,
/// since initializing renews it.
///
/// # Errors
/// As [`authorize_order`].
pub async fn find_valid_order(
    chain: &Chain,
    clock: &dyn Clock,
    ddo: &Ddo,
    service: &Service,
    index: u64,
    tx: B256,
    consumer: Address,
) -> Result<VerifiedOrder, AccessError> {
    decide(chain, clock, ddo, service, index, tx, consumer, false).await
}

#[expect(clippy::too_many_arguments, reason = "the two public functions name them; nobody else calls this")]
async fn decide(
    chain: &Chain,
    clock: &dyn Clock,
    ddo: &Ddo,
    service: &Service,
    index: u64,
    tx: B256,
    consumer: Address,
    fee_expiry: bool,
) -> Result<VerifiedOrder, AccessError> {
    let refused = |reason| AccessError::new(chain, Refusal::Order { tx, reason: Box::new(reason) });
    let datatoken = service.datatoken_address;
    let prove = async {
        if prove(chain, ddo, datatoken).await? { Ok(()) } else { Err(refused(OrderRefusal::ForeignDatatoken)) }
    };
    let find = async { receipt(chain, tx).await?.ok_or_else(|| refused(OrderRefusal::TransactionMissing { tx })) };
    let ((), receipt) = tokio::try_join!(prove, find)?;

    let check = OrderCheck {
        datatoken,
        service_index: index,
        service_id: service.id.clone(),
        consumer,
        provider: chain.key.address(),
        timeout: service.timeout,
        now: clock.now(),
        fee_expiry,
    };
    let mut failure = match verify_order(&receipt, None, &check) {
        Ok(order) => return confirmed(chain, tx, &receipt).await.map(|()| order),
        Err(error) => error,
    };
    // Without the original receipt a renewal is refused for want of it; every other refusal stands.
    if matches!(failure, OrderError::OriginalMissing { .. }) {
        for original in reused_order_txs(&receipt, datatoken).into_iter().take(MAX_ORIGINALS) {
            let Some(original) = self::receipt(chain, original).await? else {
                continue;
            };
            match verify_order(&receipt, Some(&original), &check) {
                Ok(order) => {
                    confirmed(chain, tx, &receipt).await?;
                    return confirmed(chain, tx, &original).await.map(|()| order);
                }
                Err(error) => failure = error,
            }
        }
    }
    Err(refused(OrderRefusal::Order(failure)))
}

/// Whether enough blocks stand on the receipt's, where the chain asks for any.
async fn confirmed(chain: &Chain, tx: B256, receipt: &TransactionReceipt) -> Result<(), AccessError> {
    if chain.confirmations == 0 {
        return Ok(());
    }
    let unavailable = || AccessError::unavailable(chain, &"eth_blockNumber");
    let latest = match timeout(ANSWER, chain.rpc.get_block_number()).await {
        Ok(Ok(latest)) => latest,
        Ok(Err(_)) | Err(_) => return Err(unavailable()),
    };
    let has = receipt.block_number.map_or(0, |block| latest.saturating_sub(block));
    if has >= chain.confirmations {
        return Ok(());
    }
    let reason = OrderRefusal::Unconfirmed { has, wanted: chain.confirmations };
    Err(AccessError::new(chain, Refusal::Order { tx, reason: Box::new(reason) }))
}

async fn prove(chain: &Chain, ddo: &Ddo, datatoken: Address) -> Result<bool, AccessError> {
    if ddo.chain_id != chain.id {
        return Err(AccessError::new(chain, Refusal::Malformed));
    }
    chain.is_factory_pair(ddo.nft_address, datatoken).await.map_err(|error| AccessError::unavailable(chain, &error))
}

/// The receipt, or nothing when the chain does not have it in time.
async fn receipt(chain: &Chain, tx: B256) -> Result<Option<TransactionReceipt>, AccessError> {
    if let Ok(receipt) = wait_for_receipt(&chain.rpc, tx, chain.receipt_wait).await {
        return Ok(Some(receipt));
    }
    // Waiting does not tell an unknown transaction from a node that fails. Only the first is the client's fault.
    match timeout(ANSWER, chain.rpc.get_transaction_receipt(tx)).await {
        Ok(Ok(receipt)) => Ok(receipt),
        Ok(Err(_)) | Err(_) => Err(AccessError::unavailable(chain, &"eth_getTransactionReceipt")),
    }
}

/// Whether the asset may be ordered and downloaded by `consumer` now: made by the factory, in a state that allows orders, and
/// nobody's credentials deny the consumer. The asset's credentials and those of `service` both have to allow it.
///
/// # Errors
/// [`AccessError`]; [`AccessError::is_unavailable`] when the chain does not answer.
pub async fn check_asset(
    chain: &Chain,
    dialect: Dialect,
    ddo: &Ddo,
    service: Option<&Service>,
    consumer: Address,
) -> Result<(), AccessError> {
    let refused = |reason| Err(AccessError::new(chain, reason));
    if ddo.chain_id != chain.id {
        return refused(Refusal::Malformed);
    }
    let unavailable = |error| AccessError::unavailable(chain, &error);
    if !chain.is_factory_nft(ddo.nft_address).await.map_err(unavailable)? {
        return refused(Refusal::Malformed);
    }
    let state = chain.contracts().nft_state(ddo.nft_address).await.map_err(unavailable)?;
    if !AssetState::try_from(state).is_ok_and(AssetState::orderable) {
        return refused(Refusal::NotConsumable);
    }
    let credentials = [ddo.credentials.as_ref(), service.and_then(|service| service.credentials.as_ref())];
    for credentials in credentials.into_iter().flatten() {
        if let Access::Denied(denial) = credentials::check(chain, dialect, credentials, consumer).await? {
            return refused(Refusal::Denied { did: ddo.id.clone(), denial });
        }
    }
    Ok(())
}
