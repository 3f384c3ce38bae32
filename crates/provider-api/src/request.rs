use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The arguments of a request: those of the query if there are any, else the JSON body.
///
/// That is the peer's rule for every method, `GET` with a body included (provider: ocean_provider/utils/util.py).
/// Malformed JSON and JSON that is not an object count as no arguments at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestData {
    fields: Map<String, Value>,
    present: bool,
}

impl RequestData {
    /// Reads the query (without `?`) and the body.
    pub fn new(query: Option<&str>, body: &[u8]) -> Self {
        let fields = query_fields(query.unwrap_or_default());
        if !fields.is_empty() {
            return Self { fields, present: true };
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Self { fields, present: true },
            _ => Self { fields: Map::new(), present: !body.is_empty() },
        }
    }

    /// Arguments that are already taken apart.
    pub fn from_fields(fields: Map<String, Value>) -> Self {
        Self { fields, present: true }
    }

    /// The arguments of the query and those of the body together; the query's win. For ocean-node's routes that read both.
    pub fn merged(query: Option<&str>, body: &[u8]) -> Self {
        let mut all = Self::new(None, body);
        for (name, value) in query_fields(query.unwrap_or_default()) {
            all.fields.insert(name, value);
            all.present = true;
        }
        all
    }

    /// The field as it was given; `null` counts as absent.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The field's text exactly as it was sent: a string itself, anything else as its JSON.
    ///
    /// Signed messages are built from this, so nothing is trimmed, padded or changed in case.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.value(name).map(|value| match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        })
    }

    /// The field's text where it is present and not empty.
    pub fn filled(&self, name: &str) -> Option<Cow<'_, str>> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Whether the field is there and neither empty text, an empty list nor an empty object.
    pub fn is_filled(&self, name: &str) -> bool {
        match self.value(name) {
            None => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(_) => true,
        }
    }

    /// Every field, for endpoints that take a whole object.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// `userdata` as JSON: an object given as such or as text; text that is not JSON is ignored, as the peer does.
    pub fn user_data(&self, name: &str) -> Option<Value> {
        match self.value(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    /// What the error bodies of the provider dialect echo as `context`: the arguments, or `null` where none were sent.
    ///
    /// A value that is a secret or grants something never comes back, however deep it lies (signature, token, file object).
    pub fn context(&self) -> Value {
        if !self.present {
            return Value::Null;
        }
        Value::Object(shown(&self.fields))
    }

    /// Every top-level argument that may be echoed, with its text.
    pub(crate) fn echo(&self) -> Vec<(String, String)> {
        let fields = shown(&self.fields);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// Fields that are secrets or parts of file objects.
const HIDDEN: [&str; 10] =
    ["signature", "token", "url", "headers", "hash", "transactionId", "encryptedDocument", "files", "file", "query"];

fn shown(fields: &Map<String, Value>) -> Map<String, Value> {
    fn inside(value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(shown(fields)),
            Value::Array(items) => Value::Array(items.iter().map(inside).collect()),
            other => other.clone(),
        }
    }
    let shown = fields.iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str()));
    shown.map(|(name, value)| (name.clone(), inside(value))).collect()
}

/// `application/x-www-form-urlencoded` pairs; the first of several values with one name wins, as in the peer.
fn query_fields(query: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.entry(decode(name)).or_insert_with(|| Value::String(decode(value)));
    }
    fields
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
