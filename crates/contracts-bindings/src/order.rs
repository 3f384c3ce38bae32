//! Whether a transaction pays for a service: decided from receipts alone, without a chain or a clock.

use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
};
use jiff::Timestamp;
use ocean_primitives::ServiceId;

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
    /// Until when the Provider's fee is good, none for ever.
    pub fee_valid_until: Option<Timestamp>,
}

/// Why a transaction does not pay for a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// No fee event that counts.
    #[error("Cannot find the event for the provider fee in tx id {tx}.")]
    FeeMissing {
        /// The transaction.
        tx: B256,
    },
}

/// Checks an order.
///
/// # Errors
/// What is missing.
pub fn verify_order(
    receipt: &TransactionReceipt,
    original: Option<&TransactionReceipt>,
    check: &OrderCheck,
) -> Result<VerifiedOrder, OrderError> {
    let _ = (receipt, original, check, U256::ZERO);
    todo!()
}

/// Which order a receipt renews, if it renews one of this datatoken.
pub fn reused_order_tx(receipt: &TransactionReceipt, datatoken: Address) -> Option<B256> {
    let _ = (receipt, datatoken);
    todo!()
}
