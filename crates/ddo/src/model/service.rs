use std::fmt;

use ocean_primitives::{Address, ServiceId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::model::{
    compute::{ComputeOptions, ConsumerParameter},
    credentials::{self, Credentials},
    lenient::{self, Extra},
};

/// What a service gives to whoever ordered it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ServiceType {
    /// `access`: download.
    Access,
    /// `compute`: run algorithms on it.
    Compute,
    /// Any other text, `wss` among them.
    Other(String),
}

impl ServiceType {
    /// The text as it stands in a document.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Access => "access",
            Self::Compute => "compute",
            Self::Other(text) => text,
        }
    }
}

impl From<String> for ServiceType {
    fn from(text: String) -> Self {
        match text.as_str() {
            "access" => Self::Access,
            "compute" => Self::Compute,
            _ => Self::Other(text),
        }
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ServiceType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ServiceType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::text(deserializer).map(Self::from)
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
    /// The encrypted files object as `0x` and hexadecimal digits; empty for a confidential backend.
    #[serde(default, deserialize_with = "lenient::text")]
    pub files: String,
    /// The datatoken that pays for it.
    #[serde(serialize_with = "lenient::checksummed")]
    pub datatoken_address: Address,
    /// The Provider's base URL. A stranger wrote it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub service_endpoint: String,
    /// How long an order lasts, in seconds; 0 is for ever.
    ///
    /// The schemas also accept negative numbers. They read as 1: an order of such a service is over, and must not last for ever.
    #[serde(default, deserialize_with = "timeout")]
    pub timeout: u64,
    /// A title.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An explanation.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a compute service allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeOptions>,
    /// What the consumer is asked.
    #[serde(default, deserialize_with = "lenient::list", skip_serializing_if = "Vec::is_empty")]
    pub consumer_parameters: Vec<ConsumerParameter>,
    /// Who may use this service; in the schemas from 4.7.0 on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "credentials::optional")]
    pub credentials: Option<Credentials>,
    /// Whatever the publisher wants to add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<Value>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Service {
    /// A service with what every version demands. `timeout` is in seconds, 0 is for ever.
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
            files: files.into(),
            datatoken_address,
            service_endpoint: service_endpoint.into(),
            timeout,
            name: None,
            description: None,
            compute: None,
            consumer_parameters: Vec::new(),
            credentials: None,
            additional_information: None,
            extra: Extra::new(),
        }
    }
}

/// A negative duration is long over: it must not become 0, which means for ever.
pub(crate) fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    match (number.as_u64(), number.as_f64()) {
        (Some(seconds), _) => Ok(seconds),
        (None, Some(seconds)) if seconds < 0.0 => Ok(1),
        (None, Some(seconds)) if seconds.fract() == 0.0 && seconds < 1e21 => Ok(seconds as u64),
        _ => Err(serde::de::Error::custom("a timeout is a whole number of seconds")),
    }
}
