use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::model::lenient::{self, Extra};

/// What a compute service allows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ComputeOptions {
    /// Whether code that is no published asset may run.
    #[serde(default)]
    pub allow_raw_algorithm: bool,
    /// Whether a job may reach the network.
    #[serde(default)]
    pub allow_network_access: bool,
    /// Whose algorithms may run: addresses, or `*`.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub publisher_trusted_algorithm_publishers: Vec<String>,
    /// Which algorithms may run.
    #[serde(default)]
    pub publisher_trusted_algorithms: TrustedAlgorithms,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The algorithms that a dataset's publisher lists. What no list or an empty list means differs between the stacks.
#[derive(Debug, Clone, PartialEq)]
pub enum TrustedAlgorithms {
    /// The single entry `"*"`: any. ddo.js allows it, Aquarius refuses it.
    Any,
    /// These.
    List(Vec<TrustedAlgorithm>),
}

impl Default for TrustedAlgorithms {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Serialize for TrustedAlgorithms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => ["*"].serialize(serializer),
            Self::List(list) => list.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TrustedAlgorithms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items: Vec<Value> = lenient::list(deserializer)?;
        if items.iter().any(|item| item == "*") {
            return Ok(Self::Any);
        }
        let list: Result<_, _> = items.into_iter().map(TrustedAlgorithm::deserialize).collect();
        list.map(Self::List).map_err(serde::de::Error::custom)
    }
}

/// An algorithm a dataset's publisher trusts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TrustedAlgorithm {
    /// The algorithm's DID; `*` in ocean-node's reading is any.
    #[serde(default, deserialize_with = "lenient::text")]
    pub did: String,
    /// See [`algorithm::files_checksum`](crate::algorithm::files_checksum).
    #[serde(default, deserialize_with = "lenient::text")]
    pub files_checksum: String,
    /// See [`algorithm::container_section_checksum`](crate::algorithm::container_section_checksum).
    #[serde(default, deserialize_with = "lenient::text")]
    pub container_section_checksum: String,
    /// The algorithm's service; looked at by ocean-node only, and only when present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl TrustedAlgorithm {
    /// Trust in one algorithm with these checksums.
    pub fn new(
        did: impl Into<String>,
        files_checksum: impl Into<String>,
        container_section_checksum: impl Into<String>,
    ) -> Self {
        Self {
            did: did.into(),
            files_checksum: files_checksum.into(),
            container_section_checksum: container_section_checksum.into(),
            service_id: None,
            extra: Extra::new(),
        }
    }
}

/// A question the consumer answers before using a service or running an algorithm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConsumerParameter {
    /// The parameter's name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// `text`, `number`, `boolean` or `select`.
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: String,
    /// What is shown to people.
    #[serde(default, deserialize_with = "lenient::text")]
    pub label: String,
    /// Whether an answer must be given. ocean.py also writes texts such as `"true"`, which keep their form here.
    #[serde(default)]
    pub required: Value,
    /// What is explained to people.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: String,
    /// The value when none is given: a text by the schemas; text, number or boolean by the documentation.
    #[serde(default)]
    pub default: Value,
    /// The choices of a `select`, in any of the five forms in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl ConsumerParameter {
    /// Whether an answer must be given; texts count as ocean.py writes them.
    pub fn is_required(&self) -> bool {
        match &self.required {
            Value::Bool(required) => *required,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}
