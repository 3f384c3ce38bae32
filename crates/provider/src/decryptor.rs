use async_trait::async_trait;
use ocean_provider_api::ApiError;
use ocean_service::{Chains, DecryptError, DecryptRequest, Decryptor};

use crate::endpoints::Published;

/// The largest clear document in bytes.
const LIMIT: usize = 25 * 1024 * 1024;

/// Decrypts documents with the keys of this process, for an indexer that runs beside the Provider.
#[derive(Debug, Clone)]
pub struct LocalDecryptor {
    chains: Chains,
}

impl LocalDecryptor {
    /// A decryptor with each chain's key.
    pub fn new(chains: Chains) -> Self {
        Self { chains }
    }
}

#[async_trait]
impl Decryptor for LocalDecryptor {
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError> {
        let chain = self.chains.0.get(&request.chain_id);
        let chain = chain.ok_or_else(|| DecryptError::Refused(format!("chain {} is not served", request.chain_id)))?;
        let key = chain.key.clone();
        let DecryptRequest { encrypted, flags, document_hash, .. } = request;
        let document = Published { payload: encrypted.clone(), flags: *flags, hash: *document_hash };
        let opened = tokio::task::spawn_blocking(move || document.open(&key, LIMIT)).await;
        match opened {
            Ok(Ok(clear)) => Ok(clear),
            // Encrypted for somebody else, or broken: no second try changes that.
            Ok(Err(error @ ApiError::Decrypt)) => Err(DecryptError::Refused(error.to_string())),
            Ok(Err(error)) => Err(DecryptError::Invalid(error.to_string())),
            Err(error) => Err(DecryptError::Unavailable(error.to_string())),
        }
    }
}
