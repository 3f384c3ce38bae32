//! `GET /api/services/accesslists`, `GET /api/services/accesslists/{chainId}/{contractAddress}` and
//! `GET /api/services/escrow/events`

use std::sync::Arc;

use axum::response::Response;
use ocean_primitives::ChainId;
use ocean_provider_api::{
    ApiError, Unfound,
    chain_records::{
        AccessListRequest, AccessListsRequest, EscrowEventsRequest, access_list, access_lists, escrow_events,
    },
};
use ocean_service::Chain;

use crate::{chain_records, endpoints::json, router::Incoming, state::ProviderState};

pub(crate) async fn lists(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = AccessListsRequest::parse(&request.data)?;
    let mut records = Vec::new();
    for chain in chains(state, asked.chain) {
        records.extend(in_time(state, chain_records::access_lists(chain, asked.wallet)).await?);
    }
    Ok(json(access_lists(&records)))
}

pub(crate) async fn list(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = AccessListRequest::parse(request.part("chainId"), request.part("contractAddress"))?;
    let unfound = ApiError::Unfound(Unfound::AccessList);
    let chain = asked.chain.and_then(|chain| state.chain(chain)).ok_or_else(|| unfound.clone())?;
    let record = in_time(state, chain_records::access_list(chain, asked.contract)).await?;
    Ok(json(access_list(&record.ok_or(unfound)?)))
}

pub(crate) async fn escrow(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = EscrowEventsRequest::parse(&request.data)?;
    let mut records = Vec::new();
    for chain in chains(state, asked.chain) {
        records.extend(in_time(state, chain_records::escrow_events(chain, &asked)).await?);
    }
    let records: Vec<_> = records.into_iter().skip(asked.offset).take(asked.size).collect();
    Ok(json(escrow_events(&records)))
}

/// The chain that is named, or all.
fn chains(state: &ProviderState, id: Option<ChainId>) -> Vec<&Arc<Chain>> {
    state.parts().chains.iter().filter(|chain| id.is_none_or(|id| id == chain.id)).collect()
}

async fn in_time<T>(state: &ProviderState, asked: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    let answer = tokio::time::timeout(state.limits().neighbours, asked).await;
    answer.unwrap_or(Err(ApiError::Unavailable("the chain")))
}
