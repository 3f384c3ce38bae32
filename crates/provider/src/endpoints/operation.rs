//! `GET /ready` and `GET /metrics`: for whoever operates the server

use std::time::Duration;

use alloy::providers::Provider as _;
use axum::response::Response;
use futures_util::future::join_all;
use ocean_primitives::Address;
use ocean_provider_api::ApiError;
use serde_json::{Map, json};

use crate::{router::text, state::ProviderState};

/// How long a store or a chain may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// 200 where the stores and every chain answer, else 503; the body says which do not.
pub(crate) async fn ready(state: &ProviderState) -> Result<Response, ApiError> {
    let stores = tokio::time::timeout(DEADLINE, state.parts().nonces.get(Address::ZERO));
    let chains = state.parts().chains.iter().map(|chain| async move {
        let block = tokio::time::timeout(DEADLINE, chain.rpc.get_block_number()).await;
        (chain.id.to_string(), matches!(block, Ok(Ok(_))))
    });
    let (stores, chains) = tokio::join!(stores, join_all(chains));
    let stores = matches!(stores, Ok(Ok(_)));
    let all = stores && chains.iter().all(|(_, answers)| *answers);
    let chains: Map<_, _> = chains.into_iter().map(|(id, answers)| (id, json!(answers))).collect();
    let body = json!({"ready": all, "stores": stores, "chains": chains});
    Ok(text(if all { 200 } else { 503 }, "application/json", format!("{body}\n")))
}

pub(crate) fn metrics(state: &ProviderState) -> Result<Response, ApiError> {
    let free = state.downloads().available_permits();
    let running = state.limits().downloads.saturating_sub(free) as u64;
    let gauges = [
        ("ocean_downloads_running", "Downloads that run now.", running),
        ("ocean_uptime_seconds", "Time since the server started.", state.uptime()),
    ];
    Ok(text(200, "text/plain; version=0.0.4; charset=utf-8", state.metrics().text(&gauges)))
}
