//! `POST /directCommand`

use axum::response::Response;
use ocean_provider_api::{
    ApiError,
    direct_command::{DirectCommand, status},
};

use crate::{endpoints::json, router::Incoming, state::ProviderState};

pub(crate) fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    match DirectCommand::parse(&request.data)? {
        DirectCommand::Status => Ok(json(status(state.root(), state.uptime()))),
        _ => Err(ApiError::Internal),
    }
}
