use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use ocean_aquarius_api::ApiError;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer},
};

use crate::{
    routes::{self, respond},
    state::AquariusState,
};

/// The largest request body.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// All routes of a server of its own: the API, `/`, `/health`, `/spec`, and ocean-node's nonce route, which its clients ask
/// before `validate`.
pub fn router(state: AquariusState) -> Router {
    let own = Router::new()
        .route("/", get(routes::root::root))
        .route("/health", get(routes::root::health))
        .route("/spec", get(routes::root::spec))
        .route("/api/services/nonce", get(routes::nonce::nonce))
        .fallback(not_found)
        .with_state(state.clone());
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request());
    own.merge(api_router(state)).layer(CatchPanicLayer::custom(panicked)).layer(cors)
}

/// Only the routes under `/api/aquarius` and the index queue, for a process that serves others beside them.
pub fn api_router(state: AquariusState) -> Router {
    Router::new()
        .route("/api/aquarius/assets/ddo/{did}", get(routes::ddo::ddo))
        .route("/api/aquarius/assets/ddo/{did}/{force}", get(routes::ddo::forced))
        .route("/api/aquarius/assets/metadata/{did}", get(routes::metadata::metadata))
        .route("/api/aquarius/assets/metadata/{did}/{force}", get(routes::metadata::forced))
        .route("/api/aquarius/assets/names", post(routes::names::names))
        .route("/api/aquarius/assets/query", post(routes::query::query))
        .route("/api/aquarius/assets/metadata/query", post(routes::query::metadata_query))
        .route("/api/aquarius/assets/ddo/validate", post(routes::validate::validate))
        .route("/api/aquarius/assets/triggerCaching", post(routes::trigger::trigger))
        .route("/api/aquarius/chains/list", get(routes::chains::list))
        .route("/api/aquarius/chains/status/{chain}", get(routes::chains::status))
        .route("/api/aquarius/state/ddo", get(routes::state::ddo))
        .route("/api/aquarius/state/retryQueue", get(routes::state::retry_queue))
        .route("/api/aquarius/validation/schema", get(routes::schema::schema))
        .route("/api/services/indexQueue", get(routes::state::index_queue))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

async fn not_found() -> Response {
    let page = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";
    respond::body(404, ocean_aquarius_api::HTML, page)
}

/// A panic in a handler is a bug; the client learns no more than that.
fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    respond::error(ocean_primitives::Dialect::Provider, &ApiError::Internal).into_response()
}
