use std::fmt;

use alloy::primitives::B256;
use jiff::Timestamp;

/// Why a transaction does not pay for a service. The display form is the `<text>` of the Provider's answer
/// `Order with tx_id <tx> could not be validated due to error: <text>`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderError {
    /// The transaction failed in its block.
    Failed {
        /// The transaction.
        tx: B256,
    },
    /// The datatoken emitted no provider fee for this service.
    FeeMissing {
        /// The transaction.
        tx: B256,
    },
    /// The fee goes to somebody else.
    FeeOfOtherProvider {
        /// The transaction.
        tx: B256,
    },
    /// The fee names this Provider, who did not sign these values.
    FeeSignature {
        /// The transaction.
        tx: B256,
    },
    /// The fee is no longer good, or was none any more when the order was made.
    FeeExpired {
        /// The transaction.
        tx: B256,
        /// Until when it was good.
        valid_until: Timestamp,
    },
    /// The transaction holds more orders of the service than fees of this Provider for it.
    FeeShared {
        /// The transaction.
        tx: B256,
        /// How many orders need a fee.
        orders: usize,
        /// How many fees there are.
        fees: usize,
    },
    /// The datatoken emitted no order.
    OrderMissing {
        /// The transaction.
        tx: B256,
    },
    /// The datatoken emitted an order, of another service.
    OtherService {
        /// The transaction.
        tx: B256,
        /// The service that was asked for.
        service_index: u64,
    },
    /// Less than one datatoken was spent.
    Amount {
        /// The transaction.
        tx: B256,
    },
    /// The transaction renews an order whose receipt is not at hand.
    OriginalMissing {
        /// The transaction that renews.
        tx: B256,
        /// The order that it renews.
        order_tx: B256,
    },
    /// The order lasted long enough.
    Expired {
        /// The present moment.
        now: Timestamp,
        /// When the order was started or renewed.
        started_at: Timestamp,
        /// How long an order lasts, in seconds.
        timeout: u64,
    },
    /// The order is somebody else's.
    Sender,
}

impl std::error::Error for OrderError {}

impl OrderError {
    /// Whether the order was good once and is too old now.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::FeeExpired { .. })
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { tx } => write!(f, "Transaction {tx} failed."),
            Self::FeeMissing { tx } => write!(f, "Cannot find the event for the provider fee in tx id {tx}."),
            Self::FeeOfOtherProvider { tx } => write!(f, "The provider fee in tx id {tx} is not for this provider."),
            Self::FeeSignature { tx } => write!(f, "The provider fee in tx id {tx} is not signed by this provider."),
            Self::FeeExpired { tx, valid_until } => {
                write!(f, "The provider fee in tx id {tx} has expired. valid until={}", valid_until.as_second())
            }
            Self::FeeShared { tx, orders, fees } => {
                write!(f, "The {orders} orders in tx id {tx} need as many provider fees, but there are {fees}.")
            }
            Self::OrderMissing { tx } => write!(f, "Cannot find the event for the order in tx id {tx}."),
            Self::OtherService { tx, service_index } => {
                write!(f, "The order in tx id {tx} is not for the service with index {service_index}.")
            }
            Self::Amount { tx } => write!(f, "The order in tx id {tx} is for less than one datatoken."),
            Self::OriginalMissing { tx, order_tx } => {
                write!(f, "Cannot find the order {order_tx} that tx id {tx} uses again.")
            }
            // Peers print a floating-point number of seconds for now and the difference.
            Self::Expired { now, started_at, timeout } => write!(
                f,
                "The order has expired. current timestamp={} order timestamp={} timestamp delta={} service timeout={timeout}",
                Seconds(now.as_microsecond()),
                started_at.as_second(),
                Seconds(now.as_microsecond() - started_at.as_microsecond()),
            ),
            Self::Sender => f.write_str("sender of order transaction is not the consumer/payer."),
        }
    }
}

/// Microseconds, shown as seconds with at least one decimal.
struct Seconds(i64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let fraction = format!("{:06}", micros % 1_000_000);
        let fraction = match fraction.trim_end_matches('0') {
            "" => "0",
            fraction => fraction,
        };
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{fraction}", micros / 1_000_000)
    }
}
