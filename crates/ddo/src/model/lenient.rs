//! How typed views read fields that peers write in more than one form.

use ocean_primitives::Address;
use serde::{Deserialize, Deserializer, Serializer, de};
use serde_json::{Map, Value};

/// The unknown members of an object, in their order.
pub(crate) type Extra = Map<String, Value>;

/// A text; null is the empty text, a language value its `@value`, a licence object its `name`.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(optional_text(deserializer)?.unwrap_or_default())
}

/// The same, where null and absent are `None`.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Object(object) => match object.get("@value").or_else(|| object.get("name")) {
            Some(Value::String(text)) => Ok(Some(text.clone())),
            _ => Err(de::Error::custom("an object without text where a text is expected")),
        },
        other => Err(de::Error::custom(format_args!("`{}` where a text is expected", abridged(&other)))),
    }
}

/// A list; null is the empty list, a single value a list of one, as JSON-LD reads it.
pub(crate) fn list<'de, D: Deserializer<'de>, T: de::DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let items = match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        other => vec![other],
    };
    items.into_iter().map(|item| T::deserialize(item).map_err(de::Error::custom)).collect()
}

/// A list of texts, whatever else stands in it left out.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let items: Vec<Value> = list(deserializer)?;
    Ok(items.into_iter().filter_map(|item| if let Value::String(text) = item { Some(text) } else { None }).collect())
}

/// An address in EIP-55 form; its own serialisation is all lower case.
pub(crate) fn checksummed<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(address.to_checksum_buffer(None).as_str())
}

fn abridged(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}
