use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::model::lenient::{self, Extra};

/// A text with its language and direction, as JSON-LD writes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LanguageValue {
    /// The text.
    #[serde(rename = "@value")]
    pub value: String,
    /// A BCP 47 tag. The market of Ocean Enterprise writes the empty text.
    #[serde(rename = "@language", skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `ltr` or `rtl`. The market of Ocean Enterprise writes the empty text, which ddo.js 0.3.0 refuses.
    #[serde(rename = "@direction", skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl LanguageValue {
    /// A text written from left to right, in a language that is not said.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), language: None, direction: Some("ltr".to_owned()), extra: Extra::new() }
    }

    /// Says the language, as a BCP 47 tag.
    #[must_use]
    pub fn language(mut self, tag: impl Into<String>) -> Self {
        self.language = Some(tag.into());
        self
    }

    /// Says that the text is written from right to left.
    #[must_use]
    pub fn right_to_left(mut self) -> Self {
        self.direction = Some("rtl".to_owned());
        self
    }
}

/// A bare text is one without language and direction.
impl<'de> Deserialize<'de> for LanguageValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            #[serde(rename = "@value")]
            value: String,
            #[serde(rename = "@language", default)]
            language: Option<String>,
            #[serde(rename = "@direction", default)]
            direction: Option<String>,
            #[serde(flatten)]
            extra: Extra,
        }
        match Value::deserialize(deserializer)? {
            Value::String(value) => Ok(Self { value, language: None, direction: None, extra: Extra::new() }),
            object => {
                let Written { value, language, direction, extra } =
                    Written::deserialize(object).map_err(de::Error::custom)?;
                Ok(Self { value, language, direction, extra })
            }
        }
    }
}

/// A licence and where its text is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct License {
    /// A short name or a URL.
    pub name: String,
    /// Its documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub license_documents: Vec<RemoteObject>,
    /// A policy in the Open Digital Rights Language; its form is not settled.
    #[serde(rename = "ODRL", skip_serializing_if = "Option::is_none")]
    pub odrl: Option<Value>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl License {
    /// A licence by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), license_documents: Vec::new(), odrl: None, extra: Extra::new() }
    }
}

/// A bare text is the name.
impl<'de> Deserialize<'de> for License {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Written {
            #[serde(default, deserialize_with = "lenient::text")]
            name: String,
            #[serde(default, deserialize_with = "lenient::list")]
            license_documents: Vec<RemoteObject>,
            #[serde(rename = "ODRL", default)]
            odrl: Option<Value>,
            #[serde(flatten)]
            extra: Extra,
        }
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Self::new(name)),
            object => {
                let Written { name, license_documents, odrl, extra } =
                    Written::deserialize(object).map_err(de::Error::custom)?;
                Ok(Self { name, license_documents, odrl, extra })
            }
        }
    }
}

/// A file that is not sold: a licence's text, a schema, an attachment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RemoteObject {
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// Its media type.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "lenient::text")]
    pub file_type: String,
    /// The SHA-256 of its content in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "lenient::text")]
    pub sha256: String,
    /// Where it is; each place holds the same content.
    #[serde(default, deserialize_with = "lenient::list")]
    pub mirrors: Vec<Mirror>,
    /// All other members, `displayName`, `description` and `additionalInformation` among them.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RemoteObject {
    /// A file by its name.
    pub fn new(name: impl Into<String>, file_type: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            file_type: file_type.into(),
            sha256: sha256.into(),
            mirrors: Vec::new(),
            extra: Extra::new(),
        }
    }
}

/// One place of a [`RemoteObject`]. A stranger wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Mirror {
    /// `url`, `ipfs` or another word.
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: String,
    /// The method of a `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where a `url` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The CID of an `ipfs` file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Sent with the request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Value>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Mirror {
    /// A file behind a GET request.
    pub fn url(url: impl Into<String>) -> Self {
        Self {
            kind: "url".to_owned(),
            method: Some("get".to_owned()),
            url: Some(url.into()),
            hash: None,
            headers: BTreeMap::new(),
            extra: Extra::new(),
        }
    }
}
