//! From the table of rules to JSON Schema.

use serde_json::{Map, Value, json};

use crate::{
    Version,
    validate::table::{Column, Field, Form, NONE, Pattern, Row, Shape},
};

/// Makes the JSON Schema of a version from the table of rules; [`json_schema`](super::json_schema) has what this made last.
///
/// `cargo xtask codegen` writes it to `schemas/`, and a test compares the two.
pub fn generate(version: &Version) -> Option<String> {
    let column = Column::of(version)?;
    let mut generator = Generator { column, definitions: Map::new() };
    let mut root = Map::new();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$comment".into(), json!("Made by `cargo xtask codegen` from the table of rules; do not edit."));
    root.insert("title".into(), json!(format!("Ocean Protocol DDO {version}")));
    root.insert("type".into(), json!("object"));
    root.append(&mut generator.object(column.root()));
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("version".into(), json!({ "const": version.as_str() }));
    }
    root.insert("$defs".into(), generator.definitions.into());
    // A map of texts and numbers always has a JSON text.
    let mut text = serde_json::to_string_pretty(&root).ok()?;
    text.push('\n');
    Some(text)
}

struct Generator {
    column: Column,
    /// The shapes below the root, by name.
    definitions: Map<String, Value>,
}

impl Generator {
    /// What the members must be, of whatever is an object; who refers to it says whether there must be one.
    fn object(&mut self, shape: &'static Shape) -> Map<String, Value> {
        let (mut required, mut properties) = (Vec::new(), Map::new());
        for field in shape.fields {
            // The oldest version is known to Aquarius only.
            if self.column == Column::V400 && !field.aquarius {
                continue;
            }
            let Some(row) = field.row(self.column) else { continue };
            if row.min > 0 {
                required.push(field.name);
            }
            properties.insert(field.name.to_owned(), self.member(field, row).into());
        }
        let mut object = Map::new();
        if !required.is_empty() {
            object.insert("required".into(), json!(required));
        }
        object.insert("properties".into(), properties.into());
        object
    }

    /// Null is as good as absent.
    fn member(&mut self, field: &Field, row: &Row) -> Map<String, Value> {
        let optional = row.min == 0;
        match field.form {
            Form::Unchecked => list_limits(row),
            Form::Literal => {
                let mut scalar = keywords(json!({ "type": ["string", "number", "boolean", "array"] }));
                scalar.insert("items".into(), json!({ "type": ["string", "number", "boolean"] }));
                scalar.append(&mut list_limits(row));
                scalar
            }
            form if field.is_single(row) => {
                let value = self.value(form, row);
                if optional { or_null(value) } else { value }
            }
            form => {
                let value = self.value(form, row);
                let mut list = Map::new();
                if let Form::Text(_) = form {
                    // One text is as good as a list of it, which the options of consumer parameters depend on. Keywords for texts say
                    // nothing about lists, and the reverse.
                    list.append(&mut value.clone());
                    list.insert("type".into(), json!(["string", "array"]));
                } else {
                    list.insert("type".into(), json!("array"));
                }
                list.insert("items".into(), value.into());
                list.append(&mut list_limits(row));
                if optional { or_null(list) } else { list }
            }
        }
    }

    fn value(&mut self, form: Form, row: &Row) -> Map<String, Value> {
        match form {
            Form::Text(pattern) => {
                let mut text = keywords(json!({ "type": "string" }));
                if row.shortest > 0 {
                    text.insert("minLength".into(), json!(row.shortest));
                }
                if row.longest != NONE {
                    text.insert("maxLength".into(), json!(row.longest));
                }
                if let Some(regex) = regex(pattern) {
                    text.insert("pattern".into(), json!(regex));
                }
                text
            }
            // Beyond these a number is a floating point one to JavaScript.
            Form::Integer => {
                keywords(json!({ "type": "integer", "exclusiveMinimum": -1e21, "exclusiveMaximum": 1e21 }))
            }
            Form::Boolean => keywords(json!({ "type": "boolean" })),
            Form::Unchecked | Form::Literal => Map::new(),
            Form::Node => keywords(json!({ "type": "object" })),
            Form::ShapeOrStar(shape) if self.column != Column::V400 => {
                let mut either = keywords(json!({ "type": ["object", "string"], "pattern": "^[*]$" }));
                either.append(&mut self.reference(shape));
                either
            }
            Form::Shape(shape) | Form::ShapeOrStar(shape) => {
                let mut object = keywords(json!({ "type": "object" }));
                object.append(&mut self.reference(shape));
                object
            }
        }
    }

    fn reference(&mut self, shape: &'static Shape) -> Map<String, Value> {
        let name = shape.name.strip_suffix("Shape").unwrap_or(shape.name);
        if !self.definitions.contains_key(name) {
            // The place is taken first, so that definitions stand in the order in which they are referred to.
            self.definitions.insert(name.to_owned(), Value::Null);
            let object = self.object(shape);
            self.definitions.insert(name.to_owned(), object.into());
        }
        keywords(json!({ "$ref": format!("#/$defs/{name}") }))
    }
}

fn list_limits(row: &Row) -> Map<String, Value> {
    let mut limits = Map::new();
    if row.min > 0 {
        limits.insert("minItems".into(), json!(row.min));
    }
    if row.max != NONE {
        limits.insert("maxItems".into(), json!(row.max));
    }
    limits
}

fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().cloned().chain(["null".into()]).collect(),
        Some(kind) => json!([kind, "null"]),
        None => return schema,
    };
    schema.insert("type".into(), kinds);
    schema
}

/// The pattern in a form that regular expressions of all languages read alike: `.` leaves out a line feed everywhere, and other line
/// ends in JavaScript only.
fn regex(pattern: Pattern) -> Option<String> {
    match pattern {
        Pattern::Any => None,
        Pattern::Line => Some(r"^[^\n\r\u2028\u2029]*$".to_owned()),
        Pattern::Lines => Some(r"^[^\r\u2028\u2029]*$".to_owned()),
        Pattern::Did(prefix, _) => Some(format!(r"^{prefix}[^\n\r\u2028\u2029]*$")),
    }
}

fn keywords(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
