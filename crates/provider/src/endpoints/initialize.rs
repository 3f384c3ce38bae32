//! `GET /api/services/initialize`

use axum::response::Response;
use ocean_crypto::ProviderFee;
use ocean_ddo::Service;
use ocean_primitives::{B256, U256};
use ocean_provider_api::{
    ApiError, AssetFault,
    initialize::{InitializeRequest, Initialized, InitializedFee, fee_valid_until, provider_data},
};
use ocean_service::access::gates::RbacEvent;
use ocean_storage::InfoOptions;
use serde_json::json as object;

use crate::{
    access::Purpose,
    asset::{Asset, is_compute},
    endpoints::json,
    gates::Wish,
    router::Incoming,
    state::ProviderState,
};

pub(crate) async fn get(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = InitializeRequest::parse(state.dialect(), &request.data)?;
    let asset = state.asset(asked.did.as_ref()).await?;
    // The asset is judged before its service is looked up, as in the peer: an asset that is not sold has no services.
    let found = asset.service(&asked.service_id);
    state.check_asset(&asset, found.as_ref().ok().map(|(_, service)| *service), asked.consumer).await?;
    let (index, service) = found?;
    if is_compute(service) {
        return Err(asset.fault(AssetFault::UseInitializeCompute));
    }
    state.ask_gates(&asset, Wish::new(RbacEvent::Initialize, request, &asked.service_id, object!({}))).await?;
    // Nobody has to give parameters before there is a price; what is given has to be right.
    let user_data = match asked.user_data {
        Some(given) => asset.parameters(service, Some(given))?,
        None => None,
    };
    if let Some(file_index) = asked.file_index {
        let file = asset.file(service, file_index)?;
        let (storage, user_data) = (&state.parts().storage, user_data.as_ref());
        let info = storage.info_for(&file, InfoOptions::default(), user_data).await;
        if !info.valid {
            tracing::debug!(error = ?info.error, "a file is not reachable");
            return Err(asset.fault(AssetFault::FileUnavailable { payload: asked.payload.clone() }));
        }
    }
    if let Some(tx) = asked.transfer_tx {
        match state.order(&asset, (index, service), tx, asked.consumer, Purpose::Reuse).await {
            Ok(order) => return Ok(json(Initialized::ValidOrder(order.order_tx).to_json(state.dialect()))),
            Err(error @ ApiError::Unavailable(_)) => return Err(error),
            // An order that is not or no longer valid: a new fee.
            Err(_) => {}
        }
    }
    let answer = InitializedFee {
        datatoken: service.datatoken_address,
        nonce: state.stored_nonce(asked.consumer).await?,
        fee: fee(state, &asset, service, asked.valid_until),
        compute_address: Some(asked.consumer),
    };
    Ok(json(Initialized::Fee(Box::new(answer)).to_json(state.dialect())))
}

/// The fee for an access service: nothing, but signed, so that the order can be tied to this Provider.
fn fee(state: &ProviderState, asset: &Asset, service: &Service, valid_until: Option<u64>) -> ProviderFee {
    let (dialect, now) = (state.dialect(), state.now());
    let token = state.limits().fee_token.unwrap_or(asset.chain.deployment.ocean);
    let until = fee_valid_until(dialect, service.timeout, valid_until, now);
    let data = provider_data(dialect, service.datatoken_address, service.id.as_str(), now);
    ProviderFee::signed(&asset.chain.key, token, U256::ZERO, until, data)
}

/// Reads an order as it was sent.
pub(crate) fn order_hash(text: &str) -> Option<B256> {
    text.parse().ok()
}
