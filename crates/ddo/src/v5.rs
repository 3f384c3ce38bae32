//! Documents of version 5: a verifiable credential whose subject is the asset.
//!
//! [`Ddo`](crate::Ddo) reads both families alike and loses what only version 5 can say: languages, licence documents, the issuer. The types
//! here have all of it. [`RawDdo::credential`] reads them, [`VerifiableCredential::builder`] makes a new one.
//!
//! ```
//! use ocean_ddo::v5::{LanguageValue, License, Metadata, Service, VerifiableCredential};
//! use ocean_ddo::{AssetType, ServiceType};
//! use ocean_primitives::{ChainId, ServiceId, address};
//!
//! let nft = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
//! let datatoken = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");
//! let at = "2026-01-02T03:04:05Z".parse()?;
//! let mut metadata = Metadata::new(AssetType::Dataset, "Branin", "Jane", at);
//! metadata.description = Some(LanguageValue::new("The Branin function on a grid").language("en"));
//! metadata.license = Some(License::new("CC0"));
//! let access = Service::new(ServiceId::new("0")?, ServiceType::Access, "0x04be", datatoken, "https://node.example", 3600);
//! let credential =
//!     VerifiableCredential::builder(nft, ChainId::new(137)?, metadata).issuer("did:web:example.org").service(access).build()?;
//! assert_eq!(credential.to_raw()?.credential()?, credential);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod subject;
mod values;

use ocean_did::Did;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::v5::{
    builder::CredentialBuilder,
    subject::{CredentialSubject, Event, Metadata, Service},
    values::{LanguageValue, License, Mirror, RemoteObject},
};
use crate::{
    Error, RawDdo, Result, Version,
    model::lenient::{self, Extra},
};

/// A document of version 5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VerifiableCredential {
    /// The JSON-LD context; texts only.
    #[serde(rename = "@context", default, deserialize_with = "lenient::texts")]
    pub context: Vec<String>,
    /// The identifier as the document states it. Compare it with [`Did::belongs_to`] before relying on it.
    pub id: Did,
    /// `5.0.0`.
    pub version: Version,
    /// `VerifiableCredential`. The market of Ocean Enterprise writes an empty list, which no ddo.js accepts.
    #[serde(rename = "type", default, deserialize_with = "lenient::texts")]
    pub kind: Vec<String>,
    /// Who issues the credential.
    #[serde(default, deserialize_with = "lenient::text")]
    pub issuer: String,
    /// The asset.
    pub credential_subject: CredentialSubject,
    /// Documents of other kinds that belong to the asset.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub additional_ddos: Vec<AdditionalDdo>,
    /// The signature, when the credential carries it inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Value>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A document of another kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdditionalDdo {
    /// Which kind.
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: String,
    /// The document: a text by the schema, anything by the types of ddo.js.
    #[serde(default)]
    pub data: Value,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl VerifiableCredential {
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
    /// The typed view of a document of version 5.
    ///
    /// # Errors
    /// [`Error::UnsupportedVersion`] for other versions, [`Error::Form`] when a field that the view needs is absent or has another type.
    pub fn credential(&self) -> Result<VerifiableCredential> {
        match self.version() {
            Some(Version::V5_0_0) => VerifiableCredential::deserialize(self.value()).map_err(Error::Form),
            version => Err(Error::UnsupportedVersion {
                operation: "reading a verifiable credential",
                version: version.map(|version| version.to_string()).unwrap_or_default(),
            }),
        }
    }
}
