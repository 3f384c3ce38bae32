use std::cmp::Ordering;

use ocean_aquarius_api::ApiError;
use serde_json::Value;

use crate::query::{eval::order, field::leaves, search::Document, text::date};

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sort {
    pub(super) field: String,
    pub(super) descending: bool,
    missing_first: bool,
}

/// `sort`: a field name, an object of fields, or a list of both.
pub(super) fn parse(value: &Value) -> Result<Vec<Sort>, ApiError> {
    let mut keys = Vec::new();
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for item in items {
                one(item, &mut keys)?;
            }
        }
        other => one(other, &mut keys)?,
    }
    Ok(keys)
}

fn one(value: &Value, keys: &mut Vec<Sort>) -> Result<(), ApiError> {
    match value {
        Value::Null => Ok(()),
        Value::String(field) => {
            let (field, order) =
                field.split_once(':').unwrap_or((field, if field == "_score" { "desc" } else { "asc" }));
            keys.push(Sort { field: field.to_owned(), descending: descending(order)?, missing_first: false });
            Ok(())
        }
        Value::Object(map) => {
            for (field, options) in map {
                let default = if field == "_score" { "desc" } else { "asc" };
                let mut key = Sort { field: field.clone(), descending: descending(default)?, missing_first: false };
                match options {
                    Value::String(order) => key.descending = descending(order)?,
                    Value::Object(options) => {
                        for (name, value) in options {
                            match (name.as_str(), value.as_str()) {
                                ("order", Some(order)) => key.descending = descending(order)?,
                                ("missing", Some("_first")) => key.missing_first = true,
                                ("missing", Some("_last")) | ("unmapped_type", _) => {}
                                ("mode", Some(mode)) if mode == if key.descending { "max" } else { "min" } => {}
                                _ => return Err(ApiError::parsing(format!("[sort] option [{name}] is not supported"))),
                            }
                        }
                    }
                    _ => return Err(ApiError::parsing(format!("[sort] malformed value for field [{field}]"))),
                }
                keys.push(key);
            }
            Ok(())
        }
        _ => Err(ApiError::parsing(
            "malformed sort format, within the sort array, an object, or an actual string are allowed",
        )),
    }
}

pub(super) fn descending(order: &str) -> Result<bool, ApiError> {
    match order.to_ascii_lowercase().as_str() {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(ApiError::parsing(format!("Illegal sort order: {order}"))),
    }
}

/// The value of one key in one document: the smallest of an array when ascending, the largest when descending.
///
/// # Errors
/// Sorting by an analysed text is refused, as Elasticsearch does: only its `.keyword` has an order.
pub(super) fn value(key: &Sort, document: &Document, score: f64) -> Result<Value, ApiError> {
    match key.field.as_str() {
        "_score" => return Ok(Value::from(score)),
        "_doc" => return Ok(Value::from(document.sequence)),
        "_id" => return Ok(Value::from(document.id.clone())),
        _ => {}
    }
    let mut best = Value::Null;
    for leaf in leaves(&document.value, &key.field) {
        let candidate = match leaf.value {
            Value::String(text) if leaf.exact => Value::from(text.clone()),
            Value::String(text) => match date(text) {
                Some(instant) => Value::from(instant.as_millisecond()),
                None => {
                    return Err(text_field(&key.field));
                }
            },
            other => other.clone(),
        };
        let better = match compare(&candidate, &best) {
            _ if best.is_null() => true,
            Ordering::Less => !key.descending,
            Ordering::Greater => key.descending,
            Ordering::Equal => false,
        };
        if better {
            best = candidate;
        }
    }
    Ok(best)
}

/// The refusal of an analysed text where an order or a bucket needs a whole value.
pub(super) fn text_field(field: &str) -> ApiError {
    ApiError::Search {
        kind: "search_phase_execution_exception".to_owned(),
        reason: format!(
            "Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [{field}] in order to load field data by uninverting the inverted index. Note that this can use significant memory."
        ),
    }
}

/// The order of two documents by their sort values; missing values come last unless asked otherwise.
pub(super) fn by_values(keys: &[Sort], left: &[Value], right: &[Value]) -> Ordering {
    for ((key, left), right) in keys.iter().zip(left).zip(right) {
        let order = match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) if key.missing_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if key.missing_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if key.descending => compare(right, left),
            (false, false) => compare(left, right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(_), Value::Number(_)) => order(left, right).unwrap_or(Ordering::Equal),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        _ => 3,
    }
}
