//! `GET /spec` and `GET /api/docs`: the routes of [`routes`](crate::routes) as an OpenAPI document.
//!
//! Paths and methods come from the one table that the server is built from, and every endpoint has to be described here for this
//! crate to compile, so that the document cannot leave anything out.

mod answers;
mod operations;

use ocean_primitives::Dialect;
use serde_json::{Map, Value, json};

use self::operations::{Body, Operation, operation};
use crate::{json::json_text, routes::routes};

/// The document.
pub fn document(dialect: Dialect) -> String {
    json_text(dialect, &value(dialect))
}

fn value(dialect: Dialect) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes(dialect) {
        let described = describe(dialect, route.path, &operation(dialect, route.endpoint));
        let path = paths.entry(route.path.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        path[route.method.to_ascii_lowercase()] = described;
    }
    let (title, about) = match dialect {
        Dialect::OceanNode => ("Ocean Node", "What ocean.js 8.x and ocean-cli ask an ocean-node."),
        _ => ("Ocean Provider", "What ocean.py, ocean.js up to 3.x and nautilus ask a Provider."),
    };
    json!({
        "openapi": "3.0.3",
        "info": {"title": title, "description": about, "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"schemas": answers::schemas(dialect)},
    })
}

fn describe(dialect: Dialect, path: &str, operation: &Operation) -> Value {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')));
    let in_path = in_path.map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}),
    );
    let in_query = operation.query.iter().map(
        |field| json!({"name": field.name, "in": "query", "required": field.required, "schema": field.kind.schema()}),
    );
    let mut responses = Map::new();
    for (status, shape) in operation.answers {
        responses.insert(status.to_string(), shape.response());
    }
    for status in operation.refusals {
        responses.entry(status.to_string()).or_insert_with(|| answers::refusal(dialect, *status));
    }
    let mut described = json!({
        "summary": operation.summary,
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": responses,
    });
    let body = match operation.body {
        Body::None => return described,
        Body::Json(fields) => {
            let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
            let properties: Map<String, Value> =
                fields.iter().map(|field| (field.name.to_owned(), field.kind.schema())).collect();
            let mut schema = json!({"type": "object", "properties": properties});
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            json!({"required": true, "content": {"application/json": {"schema": schema}}})
        }
        Body::Bytes => {
            let schema = json!({"type": "string", "format": "binary"});
            json!({"required": true, "content": {"application/octet-stream": {"schema": schema}}})
        }
    };
    described["requestBody"] = body;
    described
}

/// The document as a page that needs nothing from anywhere else.
pub fn page(dialect: Dialect) -> String {
    let document = value(dialect);
    let title = document["info"]["title"].as_str().unwrap_or_default();
    let rows = routes(dialect).iter().map(|route| {
        let operation = operation(dialect, route.endpoint);
        let fields = match operation.body {
            Body::Json(fields) => fields,
            Body::None | Body::Bytes => &[],
        };
        let fields = operation
            .query
            .iter()
            .chain(fields)
            .map(|field| if field.required { format!("<b>{}</b>", field.name) } else { field.name.to_owned() });
        format!(
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            route.method,
            route.path,
            operation.summary,
            fields.collect::<Vec<_>>().join(", ")
        )
    });
    let rows: String = rows.collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<p>The same for programs: <a href=\"/spec\">/spec</a>. Required fields are bold.</p>\n<table>{rows}</table>\n</body>\n</html>\n"
    )
}
