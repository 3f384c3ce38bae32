use jiff::Timestamp;
use ocean_did::Did;
use ocean_primitives::{Address, ChainId, ServiceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AlgorithmMetadata, AssetType, ComputeOptions, ConsumerParameter, Credentials, ServiceType,
    model::{
        credentials,
        lenient::{self, Extra},
        service,
    },
    v5::values::{LanguageValue, License, RemoteObject},
};

/// The asset that a credential is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CredentialSubject {
    /// The identifier of the document once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Did>,
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
    /// The transaction that last wrote the document, when an indexer put it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// All other members, `dataspace` of Ocean Enterprise among them.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The transaction that last wrote a document, as the types of ddo.js have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txid: Option<String>,
    /// Its block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// Its sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The data NFT that emitted the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The block's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datetime: Option<String>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What is said about an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metadata {
    /// When the content was created, ISO 8601.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created: String,
    /// When the content was updated, ISO 8601.
    #[serde(default, deserialize_with = "lenient::text")]
    pub updated: String,
    /// Dataset or algorithm.
    #[serde(rename = "type")]
    pub kind: AssetType,
    /// The title.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// A title with its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_title: Option<LanguageValue>,
    /// What the asset is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LanguageValue>,
    /// The party that holds the copyright.
    #[serde(default, deserialize_with = "lenient::text")]
    pub copyright_holder: String,
    /// Who provides the asset; the schema demands it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub provided_by: String,
    /// Who made the content.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub author: Option<String>,
    /// The licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<License>,
    /// Named URLs; Ocean Enterprise writes an empty map here and moves links to the services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Map<String, Value>>,
    /// Files that come with the asset.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<RemoteObject>,
    /// Keywords: at most 64.
    #[serde(default, deserialize_with = "lenient::texts", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Categories.
    #[serde(default, deserialize_with = "lenient::texts", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Whatever the publisher wants to add; an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<Value>,
    /// How to run the asset, when it is an algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<AlgorithmMetadata>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Metadata {
    /// Metadata with what the schema demands; `at` becomes both dates, in whole seconds.
    pub fn new(kind: AssetType, name: impl Into<String>, provided_by: impl Into<String>, at: Timestamp) -> Self {
        let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self {
            created: at.clone(),
            updated: at,
            kind,
            name: name.into(),
            display_title: None,
            description: None,
            copyright_holder: String::new(),
            provided_by: provided_by.into(),
            author: None,
            license: None,
            links: None,
            attachments: Vec::new(),
            tags: Vec::new(),
            categories: Vec::new(),
            additional_information: None,
            algorithm: None,
            extra: Extra::new(),
        }
    }
}

/// A way to use an asset, paid for with its own datatoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Service {
    /// Its id, unique in the document.
    pub id: ServiceId,
    /// Download or compute.
    #[serde(rename = "type")]
    pub kind: ServiceType,
    /// A title.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A title with its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<LanguageValue>,
    /// An explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LanguageValue>,
    /// The encrypted files object as `0x` and hexadecimal digits.
    #[serde(default, deserialize_with = "lenient::text")]
    pub files: String,
    /// The datatoken that pays for it.
    #[serde(serialize_with = "lenient::checksummed")]
    pub datatoken_address: Address,
    /// The node's base URL. A stranger wrote it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub service_endpoint: String,
    /// How long an order lasts, in seconds; 0 is for ever.
    #[serde(default, deserialize_with = "service::timeout")]
    pub timeout: u64,
    /// The state of the service, of which Ocean Enterprise writes 0. What counts is the data NFT's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Value>,
    /// What a compute service allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeOptions>,
    /// What the consumer is asked.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub consumer_parameters: Vec<ConsumerParameter>,
    /// Who may use this service.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "credentials::optional")]
    pub credentials: Option<Credentials>,
    /// Whatever the publisher wants to add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<Value>,
    /// What the data looks like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_schema: Option<RemoteObject>,
    /// What an algorithm takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<RemoteObject>,
    /// What an algorithm gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<RemoteObject>,
    /// All other members, `links` and `price` of Ocean Enterprise among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Service {
    /// A service with what the schema demands. `timeout` is in seconds, 0 is for ever.
    pub fn new(
        id: ServiceId,
        kind: ServiceType,
        files: impl Into<String>,
        datatoken_address: Address,
        service_endpoint: impl Into<String>,
        timeout: u64,
    ) -> Self {
        Self {
            id,
            kind,
            name: None,
            display_name: None,
            description: None,
            files: files.into(),
            datatoken_address,
            service_endpoint: service_endpoint.into(),
            timeout,
            state: None,
            compute: None,
            consumer_parameters: Vec::new(),
            credentials: None,
            additional_information: None,
            data_schema: None,
            input_schema: None,
            output_schema: None,
            extra: Extra::new(),
        }
    }
}
