use serde_json::Value;

/// The way Flask prints JSON: keys sorted, no spaces, a line feed at the end.
pub fn jsonify(value: &Value) -> String {
    let mut text = sorted(value).to_string();
    text.push('\n');
    text
}

/// The map type keeps insertion order in this workspace, so sorted keys are a matter of building a new map.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|left, right| left.0.cmp(right.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
