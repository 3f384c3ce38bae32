use ocean_did::Did;
use ocean_primitives::{Address, ChainId, Dialect, ServiceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Access, Credentials, DdoBuilder, Error, Metadata, RawDdo, Result, Service, Version,
    model::{
        credentials,
        lenient::{self, Extra},
    },
};

/// A typed view of a document.
///
/// It reads what matters and keeps the rest in `extra`. It is a view: hash, store and pass on the [`RawDdo`], and edit through
/// [`RawDdo::set`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ddo {
    /// The JSON-LD context; texts only.
    #[serde(rename = "@context", default, deserialize_with = "lenient::texts")]
    pub context: Vec<String>,
    /// The identifier as the document states it. Compare it with [`Did::belongs_to`] before relying on it.
    pub id: Did,
    /// The version of the document's form.
    pub version: Version,
    /// The chain of the data NFT.
    pub chain_id: ChainId,
    /// The data NFT.
    #[serde(serialize_with = "lenient::checksummed")]
    pub nft_address: Address,
    /// What is said about the asset.
    pub metadata: Metadata,
    /// The ways to use it.
    #[serde(default, deserialize_with = "lenient::list")]
    pub services: Vec<Service>,
    /// Who may use the asset, whichever the service.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "credentials::optional")]
    pub credentials: Option<Credentials>,
    /// All other members, those of an indexer among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Ddo {
    /// Begins a document for a new asset.
    pub fn builder(nft: Address, chain: ChainId, metadata: Metadata) -> DdoBuilder {
        DdoBuilder::new(nft, chain, metadata)
    }

    /// The first service with that id, and its index, which orders name it by.
    pub fn service(&self, id: &ServiceId) -> Option<(usize, &Service)> {
        self.services.iter().enumerate().find(|(_, service)| service.id == *id)
    }

    /// Whether `address` may use `service`: the asset's credentials and the service's both have to admit it.
    ///
    /// See [`Credentials::check_address`].
    pub fn check_access(&self, service: &Service, address: Address, dialect: Dialect) -> Access {
        [&self.credentials, &service.credentials]
            .into_iter()
            .flatten()
            .map(|credentials| credentials.check_address(address, dialect))
            .find(|access| !access.is_allowed())
            .unwrap_or(Access::Allowed)
    }

    /// The document in `JSON.stringify` form, which every indexer hashes to the same value.
    ///
    /// # Errors
    /// [`Error::UnsupportedVersion`] for documents that are not of version 4, and errors about limits.
    pub fn to_raw(&self) -> Result<RawDdo> {
        if matches!(self.version, Version::V5_0_0 | Version::Deprecated) {
            return Err(Error::UnsupportedVersion {
                operation: "writing a document",
                version: self.version.to_string(),
            });
        }
        let value = serde_json::to_value(self).map_err(Error::Form)?;
        RawDdo::parse(crate::serialise::value(&value))
    }

    /// The view of a parsed document. In version 5 the members of `credentialSubject` take their places at the root.
    pub(crate) fn from_value(mut value: Value) -> Result<Self> {
        if let Some(root) = value.as_object_mut()
            && root.get("version").and_then(Value::as_str).is_some_and(|version| version.starts_with('5'))
            && let Some(Value::Object(subject)) = root.remove("credentialSubject")
        {
            root.extend(subject.into_iter().filter(|(name, _)| name != "id"));
        }
        Self::deserialize(value).map_err(Error::Form)
    }
}
