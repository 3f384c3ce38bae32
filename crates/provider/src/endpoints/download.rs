//! `GET` and `HEAD /api/services/download`

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt as _;
use ocean_provider_api::{
    ApiError, AssetFault,
    download::{DownloadRequest, content_disposition},
};
use ocean_service::access::gates::RbacEvent;
use ocean_storage::{Error as StorageError, OpenFile};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    access::Purpose, asset::is_compute, endpoints::initialize::order_hash, gates::Wish, router::Incoming,
    state::ProviderState,
};

/// Streams a file. The order is checked from its receipts, then the nonce is used up, and only then is the source asked:
/// a replayed request reaches it no second time.
pub(crate) async fn get(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = DownloadRequest::parse(state.dialect(), &request.data, &request.auth)?;
    let asset = state.asset(asked.did.as_ref()).await?;
    let consumer = asked.consumer;
    let found = asset.service(&asked.service_id);
    state.check_asset(&asset, found.as_ref().ok().map(|(_, service)| *service), consumer).await?;
    let (index, service) = found?;
    if is_compute(service) {
        return Err(asset.fault(AssetFault::NotAccessService { service_id: asked.service_id }));
    }
    let Some(tx) = order_hash(&asked.transfer_tx) else {
        let tx = asked.transfer_tx.chars().take(100).collect();
        return Err(asset.fault(AssetFault::Order { tx, reason: "the transaction id is not one.".to_owned() }));
    };
    let user_data = asset.parameters(service, asked.user_data)?;
    state.order(&asset, (index, service), tx, consumer, Purpose::Serve).await?;
    let file = if service.files.trim().is_empty() {
        let place = (index, service);
        asset.file_on_chain(state.dialect(), place, consumer, &request.data, asked.file_index).await?
    } else {
        asset.file(service, asked.file_index)?
    };
    let more = json!({"fileIndex": asked.file_index, "transferTxId": tx});
    state.ask_gates(&asset, Wish::new(RbacEvent::Access, request, &asked.service_id, more)).await?;
    let permit = state.downloads().clone().try_acquire_owned().map_err(|_| ApiError::TooManyRequests)?;
    if let Some(authorization) = &asked.authorization {
        state.use_nonce(authorization).await?;
    }

    let range = request.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let (storage, user_data) = (&state.parts().storage, user_data.as_ref());
    let opened = if request.method == Method::HEAD {
        storage.head(&file, range, user_data).await
    } else {
        storage.open(&file, range, user_data).await
    };
    let opened = opened.map_err(|error| {
        tracing::debug!(%error, "a file could not be opened");
        asset.fault(match error {
            StorageError::MissingParameter => AssetFault::MissingParameters,
            _ => AssetFault::FileUnavailable { payload: Vec::new() },
        })
    })?;
    Ok(stream(opened, permit))
}

/// The file's bytes as they come; the next piece is read when the client has taken the last one.
fn stream(file: OpenFile, permit: OwnedSemaphorePermit) -> Response {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, file.content_type);
    set(header::CONTENT_LENGTH, file.content_length.map(|length| length.to_string()));
    set(header::CONTENT_RANGE, file.content_range);
    set(header::ETAG, file.etag);
    set(header::ACCEPT_RANGES, file.accept_ranges);
    // The result of a contract call is no file to be saved, as in the Python Provider.
    if file.status == 200 && !file.file_name.is_empty() {
        set(header::CONTENT_DISPOSITION, Some(content_disposition(&file.file_name)));
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, Some("Content-Disposition".to_owned()));
    }
    let pieces = file.body.map(move |piece| {
        // Held until the last piece is sent or the client has gone.
        let _ = &permit;
        piece.inspect_err(|error| tracing::debug!(%error, "a source failed during a download"))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = StatusCode::from_u16(file.status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = headers;
    response
}
