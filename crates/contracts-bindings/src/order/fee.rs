use alloy::primitives::{Address, B256};
use jiff::{SignedDuration, Timestamp};
use ocean_crypto::Signature;
use serde::Deserialize;

use super::{OrderCheck, OrderError};
use crate::abi::IErc20Template::ProviderFee;

/// How long a fee is still good after its end, for clocks that differ and blocks that come late.
const MARGIN: SignedDuration = SignedDuration::from_secs(90);

/// What a Provider puts into its fee, in JSON; everything else in there is its own business.
#[derive(Debug, Deserialize)]
struct ProviderData {
    dt: String,
    id: String,
    /// Unix seconds at which the fee was signed; ocean-node leaves it out.
    #[serde(default)]
    timestamp: Option<f64>,
}

/// A fee that this Provider signed for the service.
#[derive(Debug, Clone, Copy)]
struct OwnFee {
    /// Unix seconds, zero for ever.
    valid_until: u64,
    signed_at: Option<f64>,
}

/// How many events of a transaction stand for something that a fee pays for. Each of them comes with one fee event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events {
    /// Orders of the service.
    pub(super) orders: usize,
    /// Orders of the datatoken's other services.
    pub(super) foreign_orders: usize,
    /// Renewals; they do not tell of which service.
    pub(super) reuses: usize,
}

/// This Provider's fees in a transaction.
#[derive(Debug)]
pub(super) struct Fees {
    own: Vec<OwnFee>,
    /// How many fees this Provider signed for other services of the same datatoken.
    of_other_services: usize,
}

impl Fees {
    /// Sorts all fee events of the datatoken.
    ///
    /// # Errors
    /// None is for the service, by this Provider and signed by it. Of the reasons, the one that came closest.
    pub(super) fn classify(tx: B256, events: &[ProviderFee], check: &OrderCheck) -> Result<Self, OrderError> {
        let mut fees = Self { own: Vec::new(), of_other_services: 0 };
        let (mut of_others, mut badly_signed) = (false, false);
        for event in events {
            let Ok(data) = serde_json::from_slice::<ProviderData>(&event.providerData) else {
                continue;
            };
            if data.dt.parse::<Address>().ok() != Some(check.datatoken) {
                continue;
            }
            let for_service = data.id == check.service_id.as_str();
            let ours = event.providerFeeAddress == check.provider;
            let signed = ours && is_signed(event);
            match (for_service, ours, u64::try_from(event.validUntil)) {
                (true, true, Ok(valid_until)) if signed => {
                    fees.own.push(OwnFee { valid_until, signed_at: data.timestamp });
                }
                (true, true, _) => badly_signed = true,
                (true, false, _) => of_others = true,
                (false, ..) => fees.of_other_services += usize::from(signed),
            }
        }
        match (fees.own.is_empty(), badly_signed, of_others) {
            (false, ..) => Ok(fees),
            (true, true, _) => Err(OrderError::FeeSignature { tx }),
            (true, false, true) => Err(OrderError::FeeOfOtherProvider { tx }),
            (true, false, false) => Err(OrderError::FeeMissing { tx }),
        }
    }

    /// Until when the fees back the orders of the service: as many fees as orders, the longest-lasting ones.
    ///
    /// One fee must not stand for two orders, and which fee belongs to which order is not asked, so that the answer does not
    /// depend on the order of the logs. A renewal does not name its service; those for which there is a fee of another
    /// service, which no order of that service needs, are taken to be renewals of that other service.
    ///
    /// # Errors
    /// Too few fees, or one of those that are needed is expired.
    pub(super) fn backing(
        &self,
        tx: B256,
        events: Events,
        placed: Timestamp,
        check: &OrderCheck,
    ) -> Result<Option<Timestamp>, OrderError> {
        let renewals_elsewhere = self.of_other_services.saturating_sub(events.foreign_orders);
        let needed = (events.orders + events.reuses.saturating_sub(renewals_elsewhere)).max(1);
        let mut ends: Vec<_> = self.own.iter().map(|fee| (fee.valid_until, fee.end(placed))).collect();
        // For ever comes first, then the latest end.
        ends.sort_by_key(|(_, end)| std::cmp::Reverse(end.unwrap_or(Timestamp::MAX)));
        let shared = OrderError::FeeShared { tx, orders: needed, fees: ends.len() };
        let Some(&(valid_until, end)) = ends.get(needed - 1) else {
            return Err(shared);
        };
        let Some(end) = end else { return Ok(None) };
        let signed_end = seconds(valid_until);
        // The contract lets an order begin with a fee that was expired by then.
        if check.fee_expiry && (later(signed_end, MARGIN) < placed || check.now >= later(end, MARGIN)) {
            return Err(OrderError::FeeExpired { tx, valid_until: end });
        }
        Ok(Some(end))
    }
}

impl OwnFee {
    /// What was paid for runs from the order on, not from the moment at which the fee was signed.
    fn end(&self, placed: Timestamp) -> Option<Timestamp> {
        if self.valid_until == 0 {
            return None;
        }
        let delay = self.signed_at.map_or(SignedDuration::ZERO, |signed_at| {
            // A float beyond the range of an integer becomes its end.
            let signed_at = Timestamp::from_second(signed_at as i64).unwrap_or(placed);
            placed.duration_since(signed_at).max(SignedDuration::ZERO)
        });
        Some(later(seconds(self.valid_until), delay))
    }
}

fn is_signed(event: &ProviderFee) -> bool {
    // A Provider signs unix seconds; a larger number is not its own.
    let Ok(valid_until) = u64::try_from(event.validUntil) else {
        return false;
    };
    let signature = Signature { r: event.r, s: event.s, v: event.v };
    ocean_crypto::ProviderFee::from_parts(
        event.providerFeeAddress,
        event.providerFeeToken,
        event.providerFeeAmount,
        valid_until,
        event.providerData.clone(),
        signature,
    )
    .verify()
    .is_ok()
}

fn seconds(unix: u64) -> Timestamp {
    i64::try_from(unix).ok().and_then(|unix| Timestamp::from_second(unix).ok()).unwrap_or(Timestamp::MAX)
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}
