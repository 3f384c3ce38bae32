//! `GET /api/services/createAuthToken`, `DELETE /api/services/deleteAuthToken` and their ocean-node forms

use axum::response::Response;
use ocean_provider_api::{
    ApiError, TokenFault,
    auth_token::{CreateAuthTokenRequest, DeleteAuthTokenRequest, created, deleted},
};

use crate::{endpoints::json, router::Incoming, state::ProviderState};

/// Issues a token; its nonce is used up, so that one signature makes at most one.
pub(crate) async fn create(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let (dialect, now) = (state.dialect(), state.now());
    let asked = CreateAuthTokenRequest::parse(dialect, &request.data, &request.auth, now)?;
    let token = state.issue_token(&asked)?;
    state.use_nonce(&asked.authorization).await?;
    state.restore_token(&token).await?;
    Ok(json(created(dialect, &token)))
}

/// Makes a token void. An address ends only its own tokens.
pub(crate) async fn delete(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = DeleteAuthTokenRequest::parse(state.dialect(), &request.data, &request.auth)?;
    let owner = state.check_token(&asked.token).await.map_err(ApiError::Token)?;
    if owner != asked.authorization.address {
        return Err(ApiError::Token(TokenFault::Invalid));
    }
    state.use_nonce(&asked.authorization).await?;
    state.revoke_token(&asked.token).await?;
    Ok(json(deleted(state.dialect())))
}
