//! `GET /api/services/nonce`

use axum::response::Response;
use ocean_provider_api::{
    ApiError,
    nonce::{NonceRequest, response},
};

use crate::{endpoints::json, router::Incoming, state::ProviderState};

/// Reads only: asking for a nonce stores nothing, whatever is asked.
pub(crate) async fn get(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = NonceRequest::parse(state.dialect(), &request.data)?;
    let stored = match asked.address {
        Some(address) => state.stored_nonce(address).await?,
        None => None,
    };
    Ok(json(response(state.dialect(), stored.as_ref())))
}
