use ocean_contracts_bindings::order::VerifiedOrder;
use ocean_ddo::{Denial, Service};
use ocean_primitives::{Address, B256};
use ocean_provider_api::{ApiError, AssetFault};
use ocean_service::access::{self, AccessError, Refusal};

use crate::{asset::Asset, state::ProviderState};

/// Whether an order is to be served from, or only to be found still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The file is about to be sent: an expired fee refuses.
    Serve,
    /// `initialize` asks whether a new order is needed.
    Reuse,
}

impl ProviderState {
    /// Whether the consumer may have the asset now: its state on chain and the credentials, of which a denial wins.
    pub(crate) async fn check_asset(
        &self,
        asset: &Asset,
        service: Option<&Service>,
        consumer: Address,
    ) -> Result<(), ApiError> {
        let checked = access::check_asset(&asset.chain, self.dialect(), &asset.ddo, service, consumer);
        self.decided(checked).await
    }

    /// The order of `tx`, if it is one for that service by that consumer.
    pub(crate) async fn order(
        &self,
        asset: &Asset,
        (index, service): (usize, &Service),
        tx: B256,
        consumer: Address,
        purpose: Purpose,
    ) -> Result<VerifiedOrder, ApiError> {
        let (chain, clock, ddo) = (&asset.chain, self.parts().clock.as_ref(), &asset.ddo);
        let index = index as u64;
        match purpose {
            Purpose::Serve => {
                let order = access::authorize_order(chain, clock, ddo, service, index, tx, consumer);
                self.decided(order).await
            }
            Purpose::Reuse => {
                let order = access::find_valid_order(chain, clock, ddo, service, index, tx, consumer);
                self.decided(order).await
            }
        }
    }

    async fn decided<T>(&self, decision: impl Future<Output = Result<T, AccessError>>) -> Result<T, ApiError> {
        match tokio::time::timeout(self.limits().neighbours, decision).await {
            Ok(decided) => decided.map_err(refusal),
            Err(_) => Err(ApiError::Unavailable("the chain")),
        }
    }
}

/// The refusal as the API words it.
fn refusal(error: AccessError) -> ApiError {
    let fault = match error.reason {
        Refusal::Malformed => AssetFault::Disabled,
        Refusal::NotConsumable => AssetFault::NotConsumable,
        Refusal::Denied { did, denial } => {
            AssetFault::Denied { did: did.to_string(), in_deny_list: denial == Denial::InDenyList }
        }
        Refusal::InvalidService => AssetFault::InvalidServiceId,
        Refusal::ComputeService => AssetFault::UseInitializeCompute,
        Refusal::NoSuchFile { index } => AssetFault::NoSuchFileIndex(index),
        Refusal::FilesObject => AssetFault::FilesObject,
        Refusal::Order { tx, reason } => AssetFault::Order { tx: tx.to_string(), reason: reason.to_string() },
        Refusal::Unavailable => return ApiError::Unavailable("the chain"),
        _ => return ApiError::Internal,
    };
    fault.on(error.network)
}
