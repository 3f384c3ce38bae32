//! `POST /logs` and `POST /log/{id}`

use axum::response::Response;
use ocean_provider_api::{
    ApiError, Unfound,
    logs::{LogsRequest, entries, entry as one, not_an_admin, refusal},
};

use crate::{
    endpoints::json,
    router::{Incoming, text},
    state::ProviderState,
};

/// What the node has noted, for its administrators.
pub(crate) async fn list(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    or_refusal(request, async {
        let asked = authorized(state, request).await?;
        let found = state.noted(|entry| asked.wants(entry));
        let page: Vec<_> =
            found.into_iter().skip((asked.page - 1).saturating_mul(asked.most)).take(asked.most).collect();
        Ok(json(entries(&page)))
    })
    .await
}

/// One entry of it.
pub(crate) async fn entry(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    or_refusal(request, async {
        authorized(state, request).await?;
        let id = request.part("id").parse::<u64>().ok();
        let found = state.noted(|entry| Some(entry.id) == id);
        found.first().map(|found| json(one(found))).ok_or(ApiError::Unfound(Unfound::LogEntry))
    })
    .await
}

async fn authorized(state: &ProviderState, request: &Incoming) -> Result<LogsRequest, ApiError> {
    let asked = LogsRequest::parse(&request.data, &request.auth)?;
    if !state.parts().admins.contains(&asked.authorization.address) {
        return Err(not_an_admin());
    }
    state.use_nonce(&asked.authorization).await?;
    Ok(asked)
}

/// These routes refuse in JSON. A signature that may be a contract's is left to the caller, which asks the contract.
async fn or_refusal(
    request: &Incoming,
    answer: impl Future<Output = Result<Response, ApiError>>,
) -> Result<Response, ApiError> {
    match answer.await {
        Err(error) if error.mismatch().is_none() || !request.may_ask_contracts => {
            let refusal = refusal(&error);
            Ok(text(refusal.status, refusal.content_type, refusal.body))
        }
        answer => answer,
    }
}
