use std::{convert::Infallible, fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::model::{
    compute::ConsumerParameter,
    lenient::{self, Extra},
};

/// What an asset is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AssetType {
    /// `dataset`.
    Dataset,
    /// `algorithm`.
    Algorithm,
    /// Any other text: no schema restricts it.
    Other(String),
}

impl AssetType {
    /// The text as it stands in a document.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Dataset => "dataset",
            Self::Algorithm => "algorithm",
            Self::Other(text) => text,
        }
    }
}

impl FromStr for AssetType {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "dataset" => Self::Dataset,
            "algorithm" => Self::Algorithm,
            other => Self::Other(other.to_owned()),
        })
    }
}

impl fmt::Display for AssetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for AssetType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AssetType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Ok(kind) = lenient::text(deserializer)?.parse();
        Ok(kind)
    }
}

/// What is said about an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metadata {
    /// When the content was created, ISO 8601. ddo.js demands it, any text passes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created: String,
    /// When the content was updated, ISO 8601.
    #[serde(default, deserialize_with = "lenient::text")]
    pub updated: String,
    /// Dataset or algorithm.
    #[serde(rename = "type")]
    pub kind: AssetType,
    /// The title: 4 to 512 UTF-16 units from 4.5.0 on.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// What the asset is: 10 to 7000 UTF-16 units from 4.5.0 on, no carriage return.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: String,
    /// Who made the content.
    #[serde(default, deserialize_with = "lenient::text")]
    pub author: String,
    /// The licence, a short name or a URL.
    #[serde(default, deserialize_with = "lenient::text")]
    pub license: String,
    /// Keywords.
    #[serde(default, deserialize_with = "lenient::texts", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Whatever the publisher wants to add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<Value>,
    /// How to run the asset, when it is an algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<AlgorithmMetadata>,
    /// All other members, `links`, `categories`, `copyrightHolder` and `contentLanguage` among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Metadata {
    /// Metadata with what every version demands; `at` becomes both dates, in whole seconds.
    pub fn new(
        kind: AssetType,
        name: impl Into<String>,
        description: impl Into<String>,
        author: impl Into<String>,
        license: impl Into<String>,
        at: Timestamp,
    ) -> Self {
        let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self {
            created: at.clone(),
            updated: at,
            kind,
            name: name.into(),
            description: description.into(),
            author: author.into(),
            license: license.into(),
            tags: Vec::new(),
            additional_information: None,
            algorithm: None,
            extra: Extra::new(),
        }
    }
}

/// How an algorithm is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AlgorithmMetadata {
    /// The language it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The image it runs in.
    pub container: Container,
    /// What the consumer is asked before it runs.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub consumer_parameters: Vec<ConsumerParameter>,
    /// All other members, `rawcode` among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AlgorithmMetadata {
    /// An algorithm that runs in `container`.
    pub fn new(container: Container) -> Self {
        Self { language: None, version: None, container, consumer_parameters: Vec::new(), extra: Extra::new() }
    }
}

/// The image an algorithm runs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Container {
    /// The command; `$ALGO` stands for the algorithm's file.
    #[serde(default, deserialize_with = "lenient::text")]
    pub entrypoint: String,
    /// The image's name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub image: String,
    /// The image's tag.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tag: String,
    /// The image's digest, `sha256:…`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub checksum: String,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Container {
    /// An image with its command and digest.
    pub fn new(
        entrypoint: impl Into<String>,
        image: impl Into<String>,
        tag: impl Into<String>,
        checksum: impl Into<String>,
    ) -> Self {
        Self {
            entrypoint: entrypoint.into(),
            image: image.into(),
            tag: tag.into(),
            checksum: checksum.into(),
            extra: Extra::new(),
        }
    }
}
