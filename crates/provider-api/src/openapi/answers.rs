//! The shapes of answers.

use ocean_primitives::Dialect;
use serde_json::{Value, json};

/// The shape of an answer.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Root,
    Nonce,
    Files,
    Initialized,
    Token,
    Success,
    Object,
    List,
    Text,
    Html,
    Bytes,
    Any,
}

impl Shape {
    pub(super) fn response(self) -> Value {
        let named = |name: &str| json!({"schema": {"$ref": format!("#/components/schemas/{name}")}});
        let text = json!({"schema": {"type": "string"}});
        let (kind, content) = match self {
            Self::Root => ("application/json", named("Root")),
            Self::Nonce => ("application/json", named("Nonce")),
            Self::Files => ("application/json", named("Files")),
            Self::Initialized => ("application/json", named("Initialized")),
            Self::Token => ("application/json", named("Token")),
            Self::Success => ("application/json", named("Success")),
            Self::Object => ("application/json", json!({"schema": {"type": "object"}})),
            Self::List => ("application/json", json!({"schema": {"type": "array"}})),
            Self::Text => ("text/plain", text),
            Self::Html => ("text/html", text),
            Self::Bytes => ("application/octet-stream", text),
            Self::Any => ("*/*", json!({"schema": {}})),
        };
        json!({"description": "What was asked for.", "content": {kind: content}})
    }
}

/// What a refusal looks like: JSON for the Provider's clients, text for ocean-node's, which read some of them as JSON all the same.
pub(super) fn refusal(dialect: Dialect, status: u16) -> Value {
    let description = match status {
        400 => "Something is wrong with the arguments.",
        401 => "Nobody has signed for this.",
        403 => "This is not allowed.",
        404 => "There is no such thing.",
        405 => "Not with this method.",
        413 => "The body is too large.",
        429 => "Too many requests.",
        503 => "The chain or another neighbour does not answer.",
        _ => "Refused.",
    };
    let content = match dialect {
        Dialect::OceanNode => json!({
            "text/html": {"schema": {"type": "string"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}},
        }),
        _ => json!({"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}),
    };
    json!({"description": description, "content": content})
}

/// The schemas that the responses name.
pub(super) fn schemas(dialect: Dialect) -> Value {
    let address = json!({"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"});
    let hex = json!({"type": "string", "pattern": "^0x[0-9a-fA-F]*$"});
    let decimal = json!({"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"});
    let node = dialect == Dialect::OceanNode;
    let root = if node {
        json!({
            "type": "object",
            "required": ["nodeId", "chainIds", "providerAddress", "nodePublicKey", "serviceEndpoints", "software", "version"],
            "properties": {
                "chainIds": {"type": "array", "items": {"type": "string"}}, "providerAddress": address,
                "nodePublicKey": {"type": "object"}, "serviceEndpoints": {"$ref": "#/components/schemas/Endpoints"},
            },
        })
    } else {
        json!({
            "type": "object",
            "required": ["chainIds", "providerAddresses", "serviceEndpoints", "software", "version"],
            "properties": {
                "chainIds": {"type": "array", "items": {"type": "integer"}},
                "providerAddresses": {"type": "object", "additionalProperties": address},
                "serviceEndpoints": {"$ref": "#/components/schemas/Endpoints"},
            },
        })
    };
    let success = if node { json!({"type": "boolean"}) } else { json!({"type": "string"}) };
    let fee = json!({
        "type": "object",
        "required": ["providerFeeAddress", "providerFeeToken", "providerFeeAmount", "providerData", "v", "r", "s", "validUntil"],
        "properties": {
            "providerFeeAddress": address, "providerFeeToken": address, "providerFeeAmount": decimal,
            "providerData": hex, "r": hex, "s": hex, "v": {"type": "integer", "enum": [27, 28]},
            "validUntil": {"type": "integer", "minimum": 0},
        },
    });
    json!({
        "Root": root,
        "Endpoints": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string"}},
        },
        "Nonce": {"type": "object", "required": ["nonce"], "properties": {"nonce": decimal}},
        "Files": {
            "type": "array",
            "items": {
                "type": "object", "required": ["valid", "type"],
                "properties": {"valid": {"type": "boolean"}, "type": {"type": "string"}},
            },
        },
        "Initialized": {
            "oneOf": [
                {"type": "object", "required": ["validOrder"], "properties": {"validOrder": hex}},
                {
                    "type": "object", "required": ["datatoken", "nonce", "providerFee"],
                    "properties": {"datatoken": address, "providerFee": fee},
                },
            ],
        },
        "Token": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}},
        "Success": {"type": "object", "required": ["success"], "properties": {"success": success}},
        "Refusal": {
            "type": "object",
            "properties": {"context": {}, "error": {}, "errors": {}, "message": {"type": "string"}},
        },
    })
}
