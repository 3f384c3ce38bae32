use std::fmt;

use ocean_contracts_bindings::order::OrderError;
use ocean_ddo::Denial;
use ocean_did::Did;
use ocean_primitives::B256;

use crate::chain::Chain;

/// Why access is refused, or cannot be decided. The display form is the text that the Python Provider answers with:
/// `Provider <network>: <reason>`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessError {
    /// The name of the chain.
    pub network: String,
    /// What is wrong.
    pub reason: Refusal,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The data NFT is not one of the factory's on this chain.
    Malformed,
    /// The state on chain allows no orders.
    NotConsumable,
    /// The credentials do not allow the consumer.
    Denied {
        /// The asset.
        did: Did,
        /// By which list.
        denial: Denial,
    },
    /// The document has no such service.
    InvalidService,
    /// A compute service was asked for where only access services are served.
    ComputeService,
    /// The service has no file with this index.
    NoSuchFile {
        /// The index that was asked for.
        index: u64,
    },
    /// The files of the service do not decrypt, or belong to another asset.
    FilesObject,
    /// The transaction does not pay for the service.
    Order {
        /// The transaction that was named.
        tx: B256,
        /// What is wrong with it.
        reason: Box<OrderRefusal>,
    },
    /// The chain does not answer; the request may succeed later.
    Unavailable,
}

/// Why a transaction does not pay for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderRefusal {
    /// The factory did not make the data NFT or the datatoken of the document, or the two do not belong together.
    ForeignDatatoken,
    /// The chain does not know the transaction, or not yet.
    TransactionMissing {
        /// The transaction.
        tx: B256,
    },
    /// Not enough blocks stand on the one that holds the transaction; the request may succeed later.
    Unconfirmed {
        /// How many do.
        has: u64,
        /// How many are wanted.
        wanted: u64,
    },
    /// The receipt does not show the order.
    Order(OrderError),
}

impl AccessError {
    /// An error of this chain.
    pub fn new(chain: &Chain, reason: Refusal) -> Self {
        Self { network: chain.name.clone(), reason }
    }

    /// `failed` says what did, without the transport's own words: they repeat the node's URL, which may hold an access key.
    pub(crate) fn unavailable(chain: &Chain, failed: &impl fmt::Display) -> Self {
        tracing::warn!(chain = %chain.id, %failed, "the chain does not answer");
        Self::new(chain, Refusal::Unavailable)
    }

    /// Whether nothing was decided, because the chain does not answer.
    pub fn is_unavailable(&self) -> bool {
        self.reason == Refusal::Unavailable
    }

    /// Whether the transaction is what was refused.
    pub fn is_order(&self) -> bool {
        matches!(self.reason, Refusal::Order { .. })
    }
}

impl std::error::Error for AccessError {}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = &self.network;
        write!(f, "Provider {network}: ")?;
        match &self.reason {
            Refusal::Malformed => f.write_str("Asset malformed or disabled."),
            Refusal::NotConsumable => f.write_str("Asset is not consumable."),
            Refusal::Denied { did, denial } => {
                let code = denial.code();
                write!(f, "Error: Access to asset {did} was denied with code: ConsumableCodes.{code}.")
            }
            Refusal::InvalidService => f.write_str("Invalid serviceId."),
            Refusal::ComputeService => f.write_str("Use the initializeCompute endpoint to initialize compute jobs."),
            Refusal::NoSuchFile { index } => write!(f, "No such fileIndex {index}"),
            Refusal::FilesObject => f.write_str("Unable to get dataset files"),
            // The peer names itself twice: once for the refusal and once for its cause.
            Refusal::Order { tx, reason } => {
                write!(f, "Order with tx_id {tx} could not be validated due to error: Provider {network}: {reason}")
            }
            Refusal::Unavailable => f.write_str("The chain does not answer."),
        }
    }
}

impl fmt::Display for OrderRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignDatatoken => f.write_str("The datatoken is not deployed by the data NFT of the asset."),
            Self::TransactionMissing { tx } => write!(f, "Cannot find the transaction with tx id {tx}."),
            Self::Unconfirmed { has, wanted } => write!(f, "The order has {has} of {wanted} confirmations."),
            Self::Order(error) => error.fmt(f),
        }
    }
}
