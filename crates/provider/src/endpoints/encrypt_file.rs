//! `POST /api/services/encryptFile`

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use futures_util::StreamExt as _;
use ocean_crypto::{PrivateKey, ecies, sealed};
use ocean_ddo::FileObject;
use ocean_provider_api::{
    ApiError, FileFault,
    encrypt_file::{EncryptFileRequest, EncryptMethod, EncryptSubject},
    peer_id,
};
use serde_json::{Value, json};

use crate::{
    endpoints::content_type,
    router::{Incoming, text},
    state::ProviderState,
};

/// Encrypts a file for this node, so that only it reads the file again. Both forms need the whole file at once, so that it is
/// bounded as other bodies are.
pub(crate) async fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = EncryptFileRequest::parse(&request.data, content_type(request), &request.body, &request.auth)?;
    let file = match &asked.subject {
        EncryptSubject::File(object) => Some(object),
        _ => None,
    };
    let policy = request.data.user_data("policyServer");
    let address = asked.caller.address.to_checksum(None);
    state
        .ask_policy(|| {
            json!({"action": "encryptFile", "consumerAddress": address, "policyServer": policy, "files": file.is_some()})
        })
        .await?;
    state.use_up(&asked.caller).await?;
    let clear = match file {
        Some(object) => fetch(state, object).await?,
        None => request.body.to_vec(),
    };
    let key = state.chain_or_first(None).ok_or(ApiError::Internal)?.key.clone();
    let method = asked.method;
    let encrypted = tokio::task::spawn_blocking(move || encrypt(&key, method, &clear)).await.map_err(|error| {
        tracing::error!(%error, "encryption failed");
        ApiError::Internal
    })?;
    let mut response = text(200, "application/octet-stream", Body::from(encrypted));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    set("x-encrypted-by", &peer_id(&state.root().public_key));
    set("x-encrypted-method", method.name());
    Ok(response)
}

fn encrypt(key: &PrivateKey, method: EncryptMethod, clear: &[u8]) -> Vec<u8> {
    match method {
        EncryptMethod::Aes => sealed::seal(key, clear),
        EncryptMethod::Ecies => ecies::encrypt(&key.public_key(), clear),
    }
}

/// The bytes of the file, as many as a body may have.
async fn fetch(state: &ProviderState, object: &Value) -> Result<Vec<u8>, ApiError> {
    let unavailable = || ApiError::Invalid("Cannot fetch files".to_owned());
    let file: FileObject = serde_json::from_value(object.clone()).map_err(|_| ApiError::File(FileFault::Malformed))?;
    let mut opened = state.parts().storage.open(&file, None, None).await.map_err(|error| {
        tracing::debug!(%error, "a file could not be opened");
        unavailable()
    })?;
    let mut clear = Vec::new();
    while let Some(piece) = opened.body.next().await {
        let piece = piece.map_err(|_| unavailable())?;
        if clear.len() + piece.len() > state.limits().encrypt_body {
            return Err(ApiError::TooLarge);
        }
        clear.extend_from_slice(&piece);
    }
    Ok(clear)
}
