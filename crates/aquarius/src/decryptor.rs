use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ocean_crypto::PrivateKey;
use ocean_provider_client::{DecryptQuery, DecryptSource, Error as ClientError, ProviderClient};
use ocean_service::{DecryptError, DecryptRequest, Decryptor};
use ocean_storage::{AddressPolicy, Guard, Timeouts};

use crate::error::{Error, Result};

/// How long one request to a Provider may take.
const TIMEOUT: Duration = Duration::from_secs(4);
/// The largest decrypted document.
const MAX_DOCUMENT: u64 = 8 * 1024 * 1024;

/// How many Providers are remembered.
const MAX_PROVIDERS: usize = 256;

/// Asks the Provider that an event names. A stranger wrote that URL, so the address guard stands in between.
#[derive(Debug, Clone)]
pub struct HttpDecryptor {
    key: PrivateKey,
    guard: Guard,
    client: reqwest::Client,
    /// Clients know what their Provider's discovery document says, and their nonces.
    providers: Arc<Mutex<BTreeMap<String, ProviderClient>>>,
}

impl HttpDecryptor {
    /// Signs its requests with `key`. Providers in private networks are asked only if the policy allows it.
    ///
    /// # Errors
    /// The HTTP client cannot be set up.
    pub fn new(key: PrivateKey, policy: AddressPolicy) -> Result<Self> {
        let guard = Guard::new(policy);
        let client = guard
            .client(&Timeouts::from_request_timeout(TIMEOUT))
            .map_err(|error| Error::Config(format!("the http client cannot be set up: {error}")))?;
        Ok(Self { key, guard, client, providers: Arc::default() })
    }

    fn provider(&self, url: &str) -> Result<ProviderClient, DecryptError> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = providers.get(url) {
            return Ok(provider.clone());
        }
        let provider = ProviderClient::builder(url)
            .http_client(self.client.clone())
            .timeout(TIMEOUT)
            .stall_timeout(TIMEOUT)
            .max_document(MAX_DOCUMENT)
            .build()
            .map_err(|error| DecryptError::Invalid(error.to_string()))?;
        if providers.len() >= MAX_PROVIDERS {
            providers.clear();
        }
        providers.insert(url.to_owned(), provider.clone());
        Ok(provider)
    }
}

#[async_trait]
impl Decryptor for HttpDecryptor {
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError> {
        let invalid = |reason: String| DecryptError::Invalid(reason);
        let url =
            request.decryptor_url.trim().parse().map_err(|_| invalid("the decryptor url is not a url".to_owned()))?;
        // A name that does not resolve may do so later; an address that is not permitted will stay so.
        self.guard.check(&url).map_err(|error| invalid(format!("the decryptor url is not permitted: {error}")))?;
        let provider = self.provider(url.as_str())?;
        let query = DecryptQuery {
            chain: request.chain_id,
            data_nft: request.nft,
            source: DecryptSource::Transaction(request.transaction_id),
        };
        provider.decrypt(&query, &self.key).await.map_err(|error| {
            // What is remembered of a Provider that failed may be out of date.
            self.providers.lock().unwrap_or_else(PoisonError::into_inner).remove(url.as_str());
            classify(&error)
        })
    }
}

/// 403 is a decision, and a document that has another hash or size keeps it; everything else may be a Provider in trouble, or
/// one that has not seen the block yet.
fn classify(error: &ClientError) -> DecryptError {
    let text = error.to_string();
    let body = error.peer().map(ToString::to_string).unwrap_or_default();
    match error {
        _ if error.status() == Some(403) => DecryptError::Refused(text),
        _ if error.status() == Some(400) && (body.contains("hecksum") || body.contains("did does not match")) => {
            DecryptError::Invalid(text)
        }
        ClientError::TooLarge { .. } | ClientError::Url(_) => DecryptError::Invalid(text),
        _ => DecryptError::Unavailable(text),
    }
}
