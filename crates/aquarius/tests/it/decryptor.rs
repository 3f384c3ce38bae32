//! Asking the Provider that an event names: a stranger wrote that URL.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::get};
use ocean_aquarius::HttpDecryptor;
use ocean_crypto::{Flags, PrivateKey};
use ocean_primitives::{Address, B256};
use ocean_service::{DecryptError, DecryptRequest, Decryptor as _};
use ocean_storage::AddressPolicy;
use serde_json::{Value, json};

use crate::support::CHAIN;

fn request(url: &str) -> DecryptRequest {
    DecryptRequest {
        chain_id: CHAIN,
        nft: Address::repeat_byte(1),
        transaction_id: B256::repeat_byte(2),
        decryptor_url: url.to_owned(),
        encrypted: vec![1, 2].into(),
        flags: Flags::ECIES,
        document_hash: B256::repeat_byte(3),
    }
}

async fn decrypt(url: &str, allow_private: bool) -> Result<Vec<u8>, DecryptError> {
    let decryptor = HttpDecryptor::new(PrivateKey::random(), AddressPolicy { allow_private }).unwrap();
    decryptor.decrypt(&request(url)).await
}

/// A Provider that answers each decrypt call with this.
async fn provider(status: u16, body: &'static str) -> (String, Arc<Mutex<Vec<Value>>>) {
    let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
    let root = json!({
        "software": "Provider",
        "version": "2.1.6",
        "chainIds": [8996],
        "providerAddresses": { "8996": Address::repeat_byte(9).to_checksum(None) },
        "serviceEndpoints": { "decrypt": ["POST", "/api/services/decrypt"], "nonce": ["GET", "/api/services/nonce"] },
    });
    let router = Router::new()
        .route("/", get(move || async move { Json(root) }))
        .route("/api/services/nonce", get(|| async { Json(json!({ "nonce": 1 })) }))
        .route(
            "/api/services/decrypt",
            axum::routing::post(
                move |State(asked): State<Arc<Mutex<Vec<Value>>>>, Json(call): Json<Value>| async move {
                    asked.lock().unwrap().push(call);
                    (axum::http::StatusCode::from_u16(status).unwrap(), body)
                },
            ),
        )
        .with_state(Arc::clone(&asked));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

#[tokio::test]
async fn addresses_behind_the_guard_are_not_asked() {
    let (url, asked) = provider(201, "{}").await;
    for url in [
        url.as_str(),
        "http://169.254.169.254/",
        "http://[::1]:1/",
        "http://2130706433/",
        "ftp://example.com",
        "nonsense",
        "",
    ] {
        let error = decrypt(url, false).await.unwrap_err();
        assert!(matches!(error, DecryptError::Invalid(_)), "{url}: {error}");
    }
    assert!(asked.lock().unwrap().is_empty());
    // Not even a policy for private networks opens the metadata service of a cloud.
    assert!(matches!(decrypt("http://169.254.169.254/", true).await, Err(DecryptError::Invalid(_))));
}

#[tokio::test]
async fn answers_are_sorted_into_final_ones_and_others() {
    for (status, body, is_final) in [
        (403, "Decrypter not authorized.", true),
        (400, "Checksum doesn't match.", true),
        (400, "Provider could not fetch the transaction", false),
        (500, "trouble", false),
        (503, "starting", false),
    ] {
        let (url, _) = provider(status, body).await;
        let error = decrypt(&url, true).await.unwrap_err();
        assert_eq!(!error.is_retryable(), is_final, "{status} {body}: {error}");
        assert!(error.to_string().contains(body), "{error}");
    }
    let nobody = decrypt("http://127.0.0.1:1", true).await.unwrap_err();
    assert!(nobody.is_retryable(), "{nobody}");
}

#[tokio::test]
async fn the_document_comes_and_the_call_names_the_transaction() {
    let (url, asked) = provider(201, "{\"a\":1.0}").await;
    assert_eq!(decrypt(&format!("{url}/"), true).await.unwrap(), b"{\"a\":1.0}");
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0]["transactionId"], json!(B256::repeat_byte(2)));
    assert_eq!(asked[0]["dataNftAddress"], json!(Address::repeat_byte(1).to_checksum(None)));
}
