use ocean_did::Did;
use ocean_primitives::{Address, ChainId};
use serde::{Deserialize, Serialize};

use crate::{
    Ddo, Error, RawDdo, Result, Version,
    model::lenient::{self, Extra},
    v5::VerifiableCredential,
};

/// A document of any version, in the view that has all of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyDdo {
    /// Version 4.x, or one that says no version.
    V4(Box<Ddo>),
    /// Version 5.0.0.
    V5(Box<VerifiableCredential>),
    /// What is left of a document that was given up.
    Deprecated(DeprecatedDdo),
}

/// What is left of a document that was given up: which asset it was. No schema of ddo.js can be read for it, so that it is valid to nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeprecatedDdo {
    /// The identifier as the document states it.
    pub id: Did,
    /// `deprecated`.
    pub version: Version,
    /// The chain of the data NFT.
    pub chain_id: ChainId,
    /// The data NFT.
    #[serde(serialize_with = "lenient::checksummed")]
    pub nft_address: Address,
    /// All other members, `indexedMetadata` among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl DeprecatedDdo {
    /// The remains of the asset of `nft` on `chain`.
    pub fn new(nft: Address, chain: ChainId) -> Self {
        let version = Version::Deprecated;
        Self { id: Did::op(nft, chain), version, chain_id: chain, nft_address: nft, extra: Extra::new() }
    }

    /// The document in `JSON.stringify` form.
    ///
    /// # Errors
    /// Errors about limits.
    pub fn to_raw(&self) -> Result<RawDdo> {
        let value = serde_json::to_value(self).map_err(Error::Form)?;
        RawDdo::parse(crate::serialise::value(&value))
    }
}

impl RawDdo {
    /// The typed view that the document's version has.
    ///
    /// # Errors
    /// [`Error::Form`] when a field that the view needs is absent or has another type, [`Error::UnsupportedVersion`] for an unknown version.
    pub fn read(&self) -> Result<AnyDdo> {
        match self.version() {
            Some(Version::V5_0_0) => self.credential().map(|credential| AnyDdo::V5(Box::new(credential))),
            Some(Version::Deprecated) => {
                DeprecatedDdo::deserialize(self.value()).map(AnyDdo::Deprecated).map_err(Error::Form)
            }
            Some(Version::Other(version)) if !version.starts_with('4') => {
                Err(Error::UnsupportedVersion { operation: "reading a document", version })
            }
            _ => self.ddo().map(|ddo| AnyDdo::V4(Box::new(ddo))),
        }
    }
}
