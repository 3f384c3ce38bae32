//! Who decrypts documents for the node's index: its own key first, another Provider over HTTP where that is not the right one.

use async_trait::async_trait;
use ocean_aquarius::HttpDecryptor;
use ocean_provider::LocalDecryptor;
use ocean_service::{Chains, DecryptError, DecryptRequest, Decryptor};
use ocean_storage::AddressPolicy;

use crate::error::{Error, Result};

#[derive(Debug)]
pub(crate) struct NodeDecryptor {
    local: LocalDecryptor,
    http: HttpDecryptor,
    own_url: Option<String>,
}

impl NodeDecryptor {
    pub(crate) fn new(chains: &Chains, policy: AddressPolicy, own_url: Option<String>) -> Result<Self> {
        let key = chains.iter().next().map(|chain| chain.key.clone());
        let key = key.ok_or_else(|| Error::Config("RPCS names no chain".to_owned()))?;
        Ok(Self {
            local: LocalDecryptor::new(chains.clone()),
            http: HttpDecryptor::new(key, policy).map_err(Error::Decryptor)?,
            own_url,
        })
    }

    fn is_own(&self, url: &str) -> bool {
        self.own_url.as_deref().is_some_and(|own| own.trim_end_matches('/') == url.trim_end_matches('/'))
    }
}

#[async_trait]
impl Decryptor for NodeDecryptor {
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError> {
        match self.local.decrypt(request).await {
            // Encrypted for another key: the Provider that the event names has it, unless that is this node.
            Err(DecryptError::Refused(_)) if !self.is_own(&request.decryptor_url) => self.http.decrypt(request).await,
            result => result,
        }
    }
}
