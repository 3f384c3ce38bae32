//! The recordings.

use std::{collections::BTreeMap, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

/// One file per area.
pub(super) const AREAS: [&str; 8] =
    ["root", "nonce", "encrypt", "decrypt", "fileinfo", "initialize", "download", "auth"];

#[derive(Debug, Deserialize)]
struct Recording {
    cases: Vec<Exchange>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    pub(super) name: String,
    pub(super) request: Request,
    pub(super) response: Response,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) params: Option<BTreeMap<String, Value>>,
    pub(super) json: Option<Value>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Body,
}

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Body,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Body {
    Text { text: String },
    Base64 { base64: String },
    Long { len: usize },
}

pub(super) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/provider-2.1.6")
}

pub(super) fn read(area: &str) -> Vec<Exchange> {
    let text = std::fs::read_to_string(folder().join(format!("{area}.json"))).unwrap();
    serde_json::from_str::<Recording>(&text).unwrap().cases
}

pub(super) fn exists(area: &str, case: &str) -> bool {
    AREAS.contains(&area) && read(area).iter().any(|exchange| exchange.name == case)
}

impl Body {
    /// The bytes, where they were kept.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text { text } => Some(text.clone().into_bytes()),
            Self::Base64 { base64 } => Some(STANDARD.decode(base64).unwrap()),
            Self::Long { .. } => None,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text { text } => text,
            _ => "",
        }
    }
}

impl Request {
    /// An argument as text, from the query or else from the body.
    pub(super) fn argument(&self, name: &str) -> Option<String> {
        let given = self.params.as_ref().and_then(|params| params.get(name));
        let value = given.or_else(|| self.json.as_ref()?.get(name))?;
        Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
    }
}

impl Response {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// When it was answered.
    pub(super) fn date(&self) -> jiff::Timestamp {
        let zoned = jiff::fmt::rfc2822::parse(self.header("date").unwrap()).unwrap();
        zoned.timestamp()
    }
}
