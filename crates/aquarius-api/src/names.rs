//! `POST /api/aquarius/assets/names`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::ApiError;

/// The path.
pub const PATH: &str = "/api/aquarius/assets/names";

/// The answer: the name of every DID asked for, empty for an unknown one.
pub type Response = BTreeMap<String, String>;

/// The request body for these DIDs.
pub fn request<'a>(dids: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "didList": dids.into_iter().collect::<Vec<_>>() })
}

/// The DIDs of a request body. Entries that are not text are asked for by their JSON form, and so are unknown.
///
/// # Errors
/// The documented refusals: not an object, no list, not a list, an empty list.
pub fn parse(body: &Value) -> Result<Vec<String>, ApiError> {
    let object = body.as_object().ok_or(ApiError::InvalidPayload)?;
    let list = object.get("didList").ok_or(ApiError::MissingDidList)?;
    let empty = match list {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    if empty {
        return Err(ApiError::EmptyDidList);
    }
    let items = list.as_array().ok_or(ApiError::DidListNotList)?;
    Ok(items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect())
}
