//! `POST /api/services/encrypt`

use alloy::hex;
use axum::response::Response;
use ocean_crypto::ecies;
use ocean_provider_api::{
    ApiError,
    encrypt::{EncryptRequest, response_head},
};
use serde_json::json;

use crate::{
    endpoints::content_type,
    router::{Incoming, text},
    state::ProviderState,
};

/// Larger bodies are encrypted off the threads that serve requests.
const LARGE: usize = 64 * 1024;

pub(crate) async fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let Incoming { data, body, auth, .. } = request;
    let asked = EncryptRequest::parse(state.dialect(), data, content_type(request), body, auth)?;
    let chain = state.chain_or_first(asked.chain).ok_or(ApiError::EncryptUnknownChain)?;
    if let Some(authorization) = &asked.authorization {
        let address = authorization.address.to_checksum(None);
        let policy = data.user_data("policyServer");
        state.ask_policy(|| json!({"action": "encrypt", "consumerAddress": address, "policyServer": policy})).await?;
        state.use_nonce(authorization).await?;
    }
    let (key, body) = (chain.key.clone(), body.clone());
    let encrypt = move || hex::encode_prefixed(ecies::encrypt_for_self(&key, &body));
    let ciphertext = if request.body.len() > LARGE {
        tokio::task::spawn_blocking(encrypt).await.map_err(|error| {
            tracing::error!(%error, "encryption failed");
            ApiError::Internal
        })?
    } else {
        encrypt()
    };
    let (status, content_type) = response_head(state.dialect());
    Ok(text(status, content_type, ciphertext))
}
