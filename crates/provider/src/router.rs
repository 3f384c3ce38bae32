use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{FromRequestParts as _, RawPathParams, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, on},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ocean_primitives::{Address, Dialect};
use ocean_provider_api::{
    ApiError, AuthContext, CORS_METHODS, Endpoint, RequestData, Route, UnknownRequest, auth_token,
};
use ocean_service::run::PeerAddress;

use crate::{compute::compute_router, endpoints, state::ProviderState};

/// A request that was read, for one endpoint.
pub(crate) struct Incoming {
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) data: RequestData,
    pub(crate) auth: AuthContext,
    pub(crate) body: Bytes,
    /// The variable parts of the path, decoded.
    pub(crate) path: Vec<(String, String)>,
    /// The body of a request that is not read into memory.
    pub(crate) stream: Mutex<Option<Body>>,
    /// Everything that this process answers, for commands that name one of it.
    pub(crate) commands: Option<Router>,
    /// Whether a contract may still be asked for the signature.
    pub(crate) may_ask_contracts: bool,
}

impl Incoming {
    /// A variable part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(part, _)| part == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// The Provider's whole HTTP surface, unknown paths included.
pub fn router(state: ProviderState) -> Router {
    router_with(state, Router::new())
}

/// The HTTP surface of a process that answers more than a Provider: unknown paths, wrong methods and preflights are answered for
/// `others` too.
pub fn router_with(state: ProviderState, others: Router) -> Router {
    let fallback = state.clone();
    let wrong_method = state.clone();
    let compute = state.parts().compute.clone().map(|compute| compute_router(state.clone(), compute));
    let answering = routes(&state)
        .merge(compute.unwrap_or_default())
        .merge(others)
        .method_not_allowed_fallback(move |request: Request| unknown(wrong_method, request, true))
        .fallback(move |request: Request| unknown(fallback, request, false));
    // A command is answered by whatever its endpoint would answer.
    let commands = answering.clone();
    let direct = ocean_provider_api::routes(state.dialect()).iter();
    direct
        .filter(|route| route.endpoint == Endpoint::DirectCommand)
        .fold(answering, |answering, route| add(answering, &state, route, Some(commands.clone())))
        .layer(middleware::from_fn(cors))
}

/// The endpoints alone, without the one that calls the others.
fn routes(state: &ProviderState) -> Router {
    let routes = ocean_provider_api::routes(state.dialect()).iter();
    let routes = routes.filter(|route| route.endpoint != Endpoint::DirectCommand);
    routes.fold(Router::new(), |router, route| add(router, state, route, None))
}

fn add(router: Router, state: &ProviderState, route: &Route, commands: Option<Router>) -> Router {
    let method: Method = route.method.parse().unwrap_or(Method::GET);
    // Every method of the table has a filter; GET also answers HEAD.
    let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
    let (state, endpoint) = (state.clone(), route.endpoint);
    let handler = move |request: Request| answer(state.clone(), endpoint, request, commands.clone());
    router.route(route.path, on(filter, handler))
}

async fn answer(state: ProviderState, endpoint: Endpoint, request: Request, commands: Option<Router>) -> Response {
    let (method, started) = (request.method().clone(), Instant::now());
    let result = serve(&state, endpoint, request, commands).await;
    let response = result.unwrap_or_else(|error| refuse(state.dialect(), &error));
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    // Neither query nor body: they hold signatures, tokens and file objects.
    tracing::info!(%method, ?endpoint, status, ?elapsed, "request");
    state.metrics().count(endpoint, status, elapsed);
    if !is_operation(endpoint) {
        let level = if status < 500 { "info" } else { "error" };
        state.note(level, "http", format!("{method} {endpoint:?} {status} {} ms", elapsed.as_millis()));
    }
    response
}

/// What operators and their tools ask, which is neither limited nor worth a line.
fn is_operation(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Health | Endpoint::Ready | Endpoint::Metrics)
}

async fn serve(
    state: &ProviderState,
    endpoint: Endpoint,
    request: Request,
    commands: Option<Router>,
) -> Result<Response, ApiError> {
    if !is_operation(endpoint) {
        state.allow_client(request.extensions().get::<PeerAddress>().map(|peer| peer.0.ip()))?;
    }
    let mut incoming = read(state, endpoint, request).await?;
    incoming.commands = commands;
    incoming.may_ask_contracts = incoming.data.is_filled("signature");
    let refused = match endpoints::handle(state, &incoming).await {
        Err(error) if incoming.may_ask_contracts && error.mismatch().is_some() => error,
        answer => return answer,
    };
    // No key has made the signature. The address may be a contract's, which says itself what it has signed (ERC-1271).
    incoming.may_ask_contracts = false;
    let texts = refused.mismatch().unwrap_or_default();
    incoming.auth.contract_signed = state.contract_signed(endpoint, &incoming.data, texts).await?;
    // Nothing was done before the signature was checked: without a contract's word this refuses as before.
    endpoints::handle(state, &incoming).await
}

async fn read(state: &ProviderState, endpoint: Endpoint, request: Request) -> Result<Incoming, ApiError> {
    let limits = state.limits();
    let limit = match endpoint {
        Endpoint::Encrypt | Endpoint::EncryptFile => limits.encrypt_body,
        Endpoint::Decrypt | Endpoint::DirectCommand => limits.decrypt_body,
        _ => limits.body,
    };
    let (mut parts, body) = request.into_parts();
    let path = RawPathParams::from_request_parts(&mut parts, &()).await;
    let path = path.map_err(|_| ApiError::Invalid("Invalid request parameters".to_owned()))?;
    let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (body, stream) = match endpoint {
        Endpoint::UploadFile => (Bytes::new(), Some(body)),
        _ => (read_body(&parts.headers, body, limit, limits.upload).await?, None),
    };
    let data = match endpoint {
        // These bodies are data, not arguments.
        Endpoint::Encrypt | Endpoint::EncryptFile => RequestData::new(parts.uri.query(), &[]),
        Endpoint::UpdateBucket | Endpoint::Logs | Endpoint::Log => RequestData::merged(parts.uri.query(), &body),
        _ => RequestData::new(parts.uri.query(), &body),
    };
    let auth = auth_context(state, endpoint, &data, &parts.headers).await?;
    let (method, headers, stream) = (parts.method, parts.headers, Mutex::new(stream));
    let (commands, may_ask_contracts) = (None, false);
    Ok(Incoming { endpoint, method, headers, data, auth, body, path, stream, commands, may_ask_contracts })
}

pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    time: Duration,
) -> Result<Bytes, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::TooLarge);
    }
    match tokio::time::timeout(time, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(ApiError::TooLarge),
        Ok(Err(_)) | Err(_) => Err(ApiError::BodyBroken),
    }
}

/// What is known about the caller: its stored nonce, and whom its token was issued for.
async fn auth_context(
    state: &ProviderState,
    endpoint: Endpoint,
    data: &RequestData,
    headers: &HeaderMap,
) -> Result<AuthContext, ApiError> {
    let Some(field) = endpoint.address_field() else {
        return Ok(AuthContext::default());
    };
    let mut auth = AuthContext::default();
    if let Some(address) = data.text(field).and_then(|text| text.parse::<Address>().ok()) {
        auth.stored_nonce = state.stored_nonce(address).await?;
    }
    // A token is looked at only where there is no signature: a wrong signature is refused even with a valid token.
    let token = headers.get(auth_token::token_header(state.dialect())).and_then(|value| value.to_str().ok());
    // JavaScript writes `undefined` where it has none.
    let signed = data.filled("signature").is_some_and(|signature| signature != "undefined");
    if let Some(token) = token.filter(|_| !signed) {
        auth.token = state.check_token(token).await.ok();
    }
    Ok(auth)
}

/// The answer to a refusal.
pub(crate) fn refuse(dialect: Dialect, error: &ApiError) -> Response {
    let answer = error.response(dialect);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status.as_u16(), answer.content_type, answer.body)
}

/// An answer with a body that is at hand.
pub(crate) fn text(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn unknown(state: ProviderState, request: Request, path_exists: bool) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body, state.limits().body, state.limits().upload).await.unwrap_or_default();
    let context = RequestData::new(parts.uri.query(), &body).context();
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let unknown = Box::new(UnknownRequest { method, path, context });
    let error = if path_exists { ApiError::MethodNotAllowed(unknown) } else { ApiError::NotFound(unknown) };
    refuse(state.dialect(), &error)
}

/// Any page may use the API; a preflight is answered here, whatever the path, as the peer does.
async fn cors(request: Request, next: Next) -> Response {
    let any = HeaderValue::from_static("*");
    if request.method() == Method::OPTIONS {
        let asked = |name| request.headers().get(name).cloned();
        let mut response = text(200, "text/html; charset=utf-8", Body::empty());
        let headers = response.headers_mut();
        let origin = asked(header::ORIGIN).unwrap_or(any);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(CORS_METHODS));
        if let Some(wanted) = asked(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
        }
        return response;
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}
