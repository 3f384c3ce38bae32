use std::fmt;

/// The `version` of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// 4.0.0: a files object is a bare list. Known to Aquarius and Provider only.
    V4_0_0,
    /// 4.1.0: what ocean.py writes; no limits on lengths.
    V4_1_0,
    /// 4.3.0: limits on lengths and counts.
    V4_3_0,
    /// 4.5.0: the newest that Aquarius knows.
    V4_5_0,
    /// 4.7.0: credentials of a service; known to ddo.js and ocean-node only.
    V4_7_0,
    /// 5.0.0: a verifiable credential with `credentialSubject`; known to ddo.js and ocean-node only.
    V5_0_0,
    /// A document of before 4.0.0 that was given up.
    Deprecated,
    /// Anything else.
    Other(String),
}

impl Version {
    /// The text as it stands in a document.
    pub fn as_str(&self) -> &str {
        match self {
            Self::V4_0_0 => "4.0.0",
            Self::V4_1_0 => "4.1.0",
            Self::V4_3_0 => "4.3.0",
            Self::V4_5_0 => "4.5.0",
            Self::V4_7_0 => "4.7.0",
            Self::V5_0_0 => "5.0.0",
            Self::Deprecated => "deprecated",
            Self::Other(text) => text,
        }
    }

    /// Whether documents of this version are flat: metadata and services at the root.
    pub const fn is_v4(&self) -> bool {
        matches!(self, Self::V4_0_0 | Self::V4_1_0 | Self::V4_3_0 | Self::V4_5_0 | Self::V4_7_0)
    }
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        match text {
            "4.0.0" => Self::V4_0_0,
            "4.1.0" => Self::V4_1_0,
            "4.3.0" => Self::V4_3_0,
            "4.5.0" => Self::V4_5_0,
            "4.7.0" => Self::V4_7_0,
            "5.0.0" => Self::V5_0_0,
            "deprecated" => Self::Deprecated,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}
