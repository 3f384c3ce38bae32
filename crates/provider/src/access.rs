use alloy::providers::Provider as _;
use ocean_contracts_bindings::order::VerifiedOrder;
use ocean_ddo::{Denial, Service};
use ocean_primitives::{Address, B256, Bytes, ChainId};
use ocean_provider_api::{ApiError, AssetFault, Endpoint, RequestData};
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

    /// Those of the texts that the contract at the request's address says it has signed.
    ///
    /// The chain that the request names is asked. Where it names none, every chain is: a contract at that address on one chain must
    /// not speak for another one at the same address elsewhere, so that all that are there have to agree.
    pub(crate) async fn contract_signed(
        &self,
        endpoint: Endpoint,
        data: &RequestData,
        texts: &[String],
    ) -> Result<Vec<String>, ApiError> {
        let address = endpoint.address_field().and_then(|field| data.text(field)?.parse::<Address>().ok());
        let signature: Option<Bytes> = data.text("signature").and_then(|text| text.parse().ok());
        let (Some(address), Some(signature)) = (address, signature) else { return Ok(Vec::new()) };
        let named: Option<ChainId> = data.text("chainId").and_then(|text| text.parse().ok());
        let chains = self.parts().chains.iter().filter(|chain| named.is_none_or(|named| named == chain.id));
        let asked = async {
            let mut speaking = Vec::new();
            for chain in chains {
                let code = chain.rpc.get_code_at(address).await.map_err(|_| ApiError::Unavailable("the chain"))?;
                if !code.is_empty() {
                    speaking.push(chain);
                }
            }
            let mut signed = Vec::new();
            for text in texts.iter().filter(|_| !speaking.is_empty()) {
                let mut all = true;
                for chain in &speaking {
                    let said = access::contract_signed(chain, address, text, &signature).await;
                    all &= said.map_err(refusal)?;
                }
                signed.extend(all.then(|| text.clone()));
            }
            Ok(signed)
        };
        let asked = tokio::time::timeout(self.limits().neighbours, asked).await;
        asked.unwrap_or(Err(ApiError::Unavailable("the chain")))
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
