use std::time::Duration;

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

/// Asks the Provider that an event names. A stranger wrote that URL, so the address guard stands in between.
#[derive(Debug, Clone)]
pub struct HttpDecryptor {
    key: PrivateKey,
    guard: Guard,
    client: reqwest::Client,
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
        Ok(Self { key, guard, client })
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
        let client = ProviderClient::builder(url.as_str())
            .http_client(self.client.clone())
            .timeout(TIMEOUT)
            .stall_timeout(TIMEOUT)
            .max_document(MAX_DOCUMENT)
            .build()
            .map_err(|error| invalid(error.to_string()))?;
        let query = DecryptQuery {
            chain: request.chain_id,
            data_nft: request.nft,
            source: DecryptSource::Transaction(request.transaction_id),
        };
        client.decrypt(&query, &self.key).await.map_err(|error| classify(&error))
    }
}

/// 403 is a decision, a larger document never shrinks; everything else may be a Provider in trouble or one that has not seen
/// the block yet.
fn classify(error: &ClientError) -> DecryptError {
    let text = error.peer().map_or_else(|| error.to_string(), |peer| format!("{error}: {peer}"));
    match error {
        _ if error.status() == Some(403) => DecryptError::Refused(text),
        ClientError::TooLarge { .. } | ClientError::Url(_) => DecryptError::Invalid(text),
        _ => DecryptError::Unavailable(text),
    }
}
