use std::collections::BTreeSet;

use ocean_did::Did;
use ocean_primitives::{Address, ChainId};
use serde_json::Value;

use crate::{
    Credentials, Ddo, Error, Metadata, Result, Service, Version,
    model::lenient::Extra,
    validate::{Profile, validate},
};

/// Builds a document whose identifier is right and that every indexer accepts.
#[derive(Debug, Clone)]
#[must_use]
pub struct DdoBuilder {
    ddo: Ddo,
}

impl DdoBuilder {
    pub(crate) fn new(nft: Address, chain: ChainId, metadata: Metadata) -> Self {
        Self {
            ddo: Ddo {
                context: vec!["https://w3id.org/did/v1".to_owned()],
                id: Did::op(nft, chain),
                // The newest version that both Aquarius and ocean-node accept.
                version: Version::V4_5_0,
                chain_id: chain,
                nft_address: nft,
                metadata,
                services: Vec::new(),
                credentials: None,
                extra: Extra::new(),
            },
        }
    }

    /// Sets the version; 4.5.0 when not called.
    pub fn version(mut self, version: Version) -> Self {
        self.ddo.version = version;
        self
    }

    /// Adds a service.
    pub fn service(mut self, service: Service) -> Self {
        self.ddo.services.push(service);
        self
    }

    /// Sets who may use the asset.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.ddo.credentials = Some(credentials);
        self
    }

    /// Adds a member at the root that this crate does not know.
    pub fn extra(mut self, name: impl Into<String>, value: Value) -> Self {
        self.ddo.extra.insert(name.into(), value);
        self
    }

    /// The document.
    ///
    /// # Errors
    /// [`Error::UnsupportedVersion`], [`Error::DuplicateService`], or [`Error::Invalid`] with every rule of [`Profile::Strict`] that is broken.
    pub fn build(self) -> Result<Ddo> {
        let ddo = self.ddo;
        let mut ids = BTreeSet::new();
        if let Some(service) = ddo.services.iter().find(|service| !ids.insert(service.id.as_str())) {
            return Err(Error::DuplicateService(service.id.to_string()));
        }
        let raw = ddo.to_raw()?;
        let report = validate(&raw, Profile::Strict);
        if report.is_unsupported() {
            return Err(Error::UnsupportedVersion {
                operation: "building a document",
                version: ddo.version.to_string(),
            });
        }
        if !report.valid {
            return Err(Error::Invalid { id: ddo.id, violations: report.violations });
        }
        Ok(ddo)
    }
}
