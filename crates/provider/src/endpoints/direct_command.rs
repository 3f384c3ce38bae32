//! `POST /directCommand`

use axum::{
    body::Body,
    http::{Request, header},
    response::Response,
};
use http_body_util::{BodyExt as _, Limited};
use ocean_primitives::Dialect;
use ocean_provider_api::{
    ApiError, auth_token,
    direct_command::{DirectCommand, Forwarded, NodeStatus, status},
};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::{
    endpoints::json,
    router::{Incoming, text},
    state::ProviderState,
};

/// The longest answer of another endpoint of which only one field is passed on.
const LONGEST: usize = 1024 * 1024;

/// Carries a command out: its own endpoint answers it.
pub(crate) async fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    match DirectCommand::parse(&request.data)? {
        DirectCommand::Status { detailed } => {
            let known = known(state, request).await;
            Ok(json(status(state.root(), &known, detailed)))
        }
        DirectCommand::Endpoint(forwarded) => forward(request, *forwarded).await,
        _ => Err(ApiError::Internal),
    }
}

async fn forward(request: &Incoming, forwarded: Forwarded) -> Result<Response, ApiError> {
    let Forwarded { method, path, content_type, body, token, only, .. } = forwarded;
    let mut inner = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, content_type);
    let name = auth_token::token_header(Dialect::OceanNode);
    let sent = request.headers.get(name).and_then(|value| value.to_str().ok().map(str::to_owned));
    if let Some(token) = token.or(sent) {
        inner = inner.header(name, token);
    }
    if let Some(range) = request.headers.get(header::RANGE) {
        inner = inner.header(header::RANGE, range);
    }
    let inner = inner.body(Body::from(body)).map_err(|_| ApiError::Invalid("Invalid request parameters".to_owned()))?;
    let answer = ask(request, inner).await?;
    let Some(field) = only.filter(|_| answer.status().is_success()) else { return Ok(answer) };
    let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| ApiError::Internal)?;
    let value: Value = serde_json::from_slice(&body.to_bytes()).map_err(|_| ApiError::Internal)?;
    let value = value.get(field).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Ok(text(200, "text/plain", value.unwrap_or_default()))
}

async fn ask(request: &Incoming, inner: Request<Body>) -> Result<Response, ApiError> {
    let commands = request.commands.clone().ok_or(ApiError::Internal)?;
    // A router answers everything.
    commands.oneshot(inner).await.map_err(|never| match never {})
}

/// What the node knows of itself: the index of the same process is asked how far it is, where there is one.
async fn known(state: &ProviderState, request: &Incoming) -> NodeStatus {
    let mut blocks = Vec::new();
    for chain in state.parts().chains.iter() {
        let path = format!("/api/aquarius/chains/status/{}", chain.id);
        let Ok(inner) = Request::builder().uri(path).body(Body::empty()) else { continue };
        let Ok(answer) = ask(request, inner).await else { continue };
        if !answer.status().is_success() {
            continue;
        }
        let body = Limited::new(answer.into_body(), LONGEST).collect().await;
        let value: Option<Value> = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
        if let Some(block) = value.as_ref().and_then(|value| value.get("last_block")) {
            blocks.push((chain.id.to_string(), block.to_string()));
        }
    }
    let networks = state.parts().chains.iter().map(|chain| (chain.id.to_string(), chain.name.clone()));
    NodeStatus {
        networks: networks.collect(),
        blocks,
        admins: state.parts().admins.iter().map(|admin| admin.to_checksum(None)).collect(),
        uptime: state.uptime(),
        platform: platform(),
        ..NodeStatus::default()
    }
}

/// The machine, as far as its own files tell.
fn platform() -> Map<String, Value> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory = read("/proc/meminfo");
    let bytes = |name: &str| {
        let line = memory.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or_default() * 1024
    };
    let load = read("/proc/loadavg");
    let load: Vec<f64> = load.split_whitespace().take(3).filter_map(|number| number.parse().ok()).collect();
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let fields = [
        ("cpus", json!(cpus)),
        ("freemem", json!(bytes("MemAvailable"))),
        ("totalmem", json!(bytes("MemTotal"))),
        ("loadavg", json!(load)),
        ("arch", json!(std::env::consts::ARCH)),
        ("machine", json!(std::env::consts::ARCH)),
        ("platform", json!(std::env::consts::OS)),
        ("osType", json!(std::env::consts::OS)),
        ("node", json!("")),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
