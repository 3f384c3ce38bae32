//! `POST /api/services/PolicyServerPassthrough` and `POST /api/services/initializePSVerification`

use axum::response::Response;
use ocean_did::Did;
use ocean_provider_api::{
    ApiError, Unfound,
    policy_server::{PolicyInitialize, PolicyPassthrough},
};
use serde_json::{Value, json};

use crate::{
    router::{Incoming, text},
    state::ProviderState,
};

/// Sends on what only the policy server understands, with the document of the asset that it names.
pub(crate) async fn passthrough(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = PolicyPassthrough::parse(&request.data)?;
    let mut command = asked.request;
    let document = match &asked.did {
        Some(did) => document(state, did).await?,
        None => None,
    };
    command.insert("ddo".to_owned(), document.unwrap_or_default());
    answer(state, &Value::Object(command)).await
}

/// Begins the verification of a consumer for a service of an asset.
pub(crate) async fn initialize(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = PolicyInitialize::parse(&request.data)?;
    let document = match &asked.did {
        Some(did) => document(state, did).await?,
        None => None,
    };
    let command = json!({
        "action": "initiate", "documentId": asked.document_id, "serviceId": asked.service_id,
        "ddo": document.ok_or(ApiError::Unfound(Unfound::Document))?, "consumerAddress": asked.consumer,
        "policyServer": asked.policy_server,
    });
    answer(state, &command).await
}

async fn document(state: &ProviderState, did: &Did) -> Result<Option<Value>, ApiError> {
    match state.asset(Some(did)).await {
        Ok(asset) => Ok(Some(asset.raw.value())),
        Err(error @ ApiError::Unavailable(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

async fn answer(state: &ProviderState, command: &Value) -> Result<Response, ApiError> {
    match state.policy(command).await? {
        Some(answer) if answer.allows() => Ok(text(200, "application/json", answer.body)),
        Some(answer) => Err(crate::gates::denied(answer)),
        // As the peer without a policy server.
        None => Err(ApiError::Policy { status: 404, text: "Policy server is not configured".to_owned() }),
    }
}
