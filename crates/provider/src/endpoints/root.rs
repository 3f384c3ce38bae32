//! `GET /`

use axum::response::Response;
use ocean_provider_api::ApiError;

use crate::{endpoints::json, state::ProviderState};

pub(crate) fn get(state: &ProviderState) -> Result<Response, ApiError> {
    Ok(json(state.root().to_json(state.dialect())))
}
