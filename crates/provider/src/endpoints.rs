mod auth_token;
mod decrypt;
mod direct_command;
mod download;
mod encrypt;
mod file_info;
mod initialize;
mod nonce;
mod root;

use axum::{http::header, response::Response};
use ocean_primitives::Dialect;
use ocean_provider_api::{
    ApiError, Endpoint,
    direct_command::{logs_refused, no_jobs},
    validate_container,
};

pub(crate) use decrypt::Published;

use crate::{
    router::{Incoming, text},
    state::ProviderState,
};

/// Sends a request to its endpoint.
pub(crate) async fn handle(state: &ProviderState, request: Incoming) -> Result<Response, ApiError> {
    match request.endpoint {
        Endpoint::Root => root::get(state),
        Endpoint::Health => Ok(json("{\"status\":\"ok\"}\n".to_owned())),
        Endpoint::Nonce => nonce::get(state, &request).await,
        Endpoint::Encrypt => encrypt::post(state, &request).await,
        Endpoint::Decrypt => decrypt::post(state, &request).await,
        Endpoint::FileInfo => file_info::post(state, &request).await,
        Endpoint::Initialize => initialize::get(state, &request).await,
        Endpoint::Download => download::get(state, &request).await,
        Endpoint::CreateAuthToken => auth_token::create(state, &request).await,
        Endpoint::DeleteAuthToken => auth_token::delete(state, &request).await,
        Endpoint::DirectCommand => direct_command::post(state, &request),
        // Neither compute jobs nor peers exist here yet; both lists are empty.
        Endpoint::Jobs | Endpoint::Peers => Ok(json(no_jobs(Dialect::OceanNode))),
        Endpoint::Logs => Err(logs_refused()),
        Endpoint::ValidateContainer => validate_container::validate(state.dialect(), &request.data).map(json),
        _ => Err(ApiError::Internal),
    }
}

fn json(body: String) -> Response {
    text(200, "application/json", body)
}

/// The request's `Content-Type`, where it is text.
fn content_type(request: &Incoming) -> Option<&str> {
    request.headers.get(header::CONTENT_TYPE)?.to_str().ok()
}
