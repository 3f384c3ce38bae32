use std::time::{Duration, Instant};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, on},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ocean_primitives::{Address, Dialect};
use ocean_provider_api::{ApiError, AuthContext, CORS_METHODS, Endpoint, RequestData, UnknownRequest, auth_token};

use crate::{endpoints, state::ProviderState};

/// A request that was read, for one endpoint.
pub(crate) struct Incoming {
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) data: RequestData,
    pub(crate) auth: AuthContext,
    pub(crate) body: Bytes,
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
    routes(state)
        .merge(others)
        .method_not_allowed_fallback(move |request: Request| unknown(wrong_method, request, true))
        .fallback(move |request: Request| unknown(fallback, request, false))
        .layer(middleware::from_fn(cors))
}

/// The endpoints alone.
fn routes(state: ProviderState) -> Router {
    let mut router = Router::new();
    for route in ocean_provider_api::routes(state.dialect()) {
        let method: Method = route.method.parse().unwrap_or(Method::GET);
        // Every method of the table has a filter; GET also answers HEAD.
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let endpoint = route.endpoint;
        let handler = move |State(state): State<ProviderState>, request: Request| answer(state, endpoint, request);
        router = router.route(route.path, on(filter, handler));
    }
    router.with_state(state)
}

async fn answer(state: ProviderState, endpoint: Endpoint, request: Request) -> Response {
    let (method, started) = (request.method().clone(), Instant::now());
    let result = match read(&state, endpoint, request).await {
        Ok(incoming) => endpoints::handle(&state, incoming).await,
        Err(error) => Err(error),
    };
    let response = result.unwrap_or_else(|error| refuse(state.dialect(), &error));
    // Neither query nor body: they hold signatures, tokens and file objects.
    tracing::info!(%method, ?endpoint, status = response.status().as_u16(), elapsed = ?started.elapsed(), "request");
    response
}

async fn read(state: &ProviderState, endpoint: Endpoint, request: Request) -> Result<Incoming, ApiError> {
    let limits = state.limits();
    let limit = match endpoint {
        Endpoint::Encrypt => limits.encrypt_body,
        Endpoint::Decrypt => limits.decrypt_body,
        _ => limits.body,
    };
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body, limit, limits.upload).await?;
    // The body of `encrypt` is data, not arguments.
    let arguments: &[u8] = if endpoint == Endpoint::Encrypt { &[] } else { &body };
    let data = RequestData::new(parts.uri.query(), arguments);
    let auth = auth_context(state, endpoint, &data, &parts.headers).await?;
    Ok(Incoming { endpoint, method: parts.method, headers: parts.headers, data, auth, body })
}

async fn read_body(headers: &HeaderMap, body: Body, limit: usize, time: Duration) -> Result<Bytes, ApiError> {
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
    if let Some(token) = token.filter(|_| !data.is_filled("signature")) {
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
