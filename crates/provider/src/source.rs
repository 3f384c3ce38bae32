use async_trait::async_trait;
use ocean_aquarius_client::AquariusClient;
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_service::{DdoSource, SourceError};

/// Documents from an Aquarius over HTTP.
#[derive(Debug, Clone)]
pub struct HttpDdoSource {
    aquarius: AquariusClient,
}

impl HttpDdoSource {
    /// Asks that Aquarius.
    pub fn new(aquarius: AquariusClient) -> Self {
        Self { aquarius }
    }
}

#[async_trait]
impl DdoSource for HttpDdoSource {
    async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>, SourceError> {
        self.aquarius.ddo(did).await.map_err(|error| SourceError::Unavailable(error.to_string()))
    }
}
