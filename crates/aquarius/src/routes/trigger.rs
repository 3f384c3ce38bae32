//! `POST /api/aquarius/assets/triggerCaching` (`aquarius.md`, section 2.6).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::Response,
};
use ocean_aquarius_api::{
    ApiError, JSON,
    trigger::{QUEUED, Request},
};

use crate::{routes::respond, state::AquariusState};

pub(crate) async fn trigger(
    State(state): State<AquariusState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let work = async {
        let request = Request::parse(&respond::json_body(&headers, body)?)?;
        if !state.shared.chains.contains_key(&request.chain_id) {
            return Err(ApiError::InvalidTransaction);
        }
        match state.trigger(request.chain_id, request.transaction_id, request.log_index).await {
            Some(Ok(())) => Ok(respond::body(200, JSON, QUEUED)),
            Some(Err(error)) => {
                tracing::warn!(%error, "a triggered transaction was not indexed");
                Err(ApiError::Trigger("the chain did not answer".to_owned()))
            }
            None => Err(ApiError::Trigger("the indexer is busy".to_owned())),
        }
    };
    respond::either(state.dialect, work.await)
}
