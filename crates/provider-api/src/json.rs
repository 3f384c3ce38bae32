use ocean_primitives::Dialect;
use serde_json::{Map, Value};

/// A JSON answer as the peer of `dialect` writes it.
///
/// Provider: keys sorted at every level, compact, one newline at the end.
/// ocean-node: compact, keys as they come, no newline.
pub fn json_text(dialect: Dialect, value: &Value) -> String {
    match dialect {
        Dialect::OceanNode => value.to_string(),
        _ => format!("{}\n", sorted(value)),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
