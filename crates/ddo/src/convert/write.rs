//! Writes a document from pieces of another one, each as it stands there.

use serde_json::Value;

use crate::{
    json::{Kind, Member, Node},
    serialise,
};

/// An object under construction.
pub(super) struct Object {
    text: String,
}

impl Object {
    pub(super) fn new() -> Self {
        Self { text: "{".to_owned() }
    }

    /// Adds a member whose value is JSON text.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        let mut key = String::new();
        serialise::write_text(name, &mut key);
        self.pair(&key, value);
    }

    /// Adds a member of another document as it stands there.
    pub(super) fn copy(&mut self, text: &str, member: &Member<'_>) {
        self.pair(&["\"", member.key, "\""].concat(), piece(text, &member.value));
    }

    /// Adds a member.
    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.raw(name, &serialise::value(&value.into()));
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn pair(&mut self, key: &str, value: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(key);
        self.text.push(':');
        self.text.push_str(value);
    }
}

/// The text of a value.
pub(super) fn piece<'t>(text: &'t str, node: &Node<'_>) -> &'t str {
    &text[node.start()..node.end()]
}

/// The members of an object that count, the last of equal keys.
pub(super) fn members<'n, 'a>(node: &'n Node<'a>) -> Vec<&'n Member<'a>> {
    match &node.kind {
        Kind::Object(members) => serialise::kept(members),
        _ => Vec::new(),
    }
}

/// The values of a list; one value is a list of one.
pub(super) fn items<'n, 'a>(node: &'n Node<'a>) -> Vec<&'n Node<'a>> {
    match &node.kind {
        Kind::Null => Vec::new(),
        Kind::Array(items) => items.iter().collect(),
        _ => vec![node],
    }
}

/// A list of JSON texts.
pub(super) fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

pub(super) fn is_text(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::String(_))
}

pub(super) fn is_object(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::Object(_))
}
