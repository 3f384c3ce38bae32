//! JSON whose numbers, escapes and duplicate keys are what they are told to be.

use std::fmt::Write as _;

use serde_json::Value;

/// A value; scalars are JSON text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Scalar(String),
    Array(Vec<Tree>),
    /// Keys are as they mean, not as they are written.
    Object(Vec<(String, Tree)>),
}

/// The way to a value: which item or member to take at each step.
pub(super) type Way = Vec<usize>;

impl Tree {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect())
            }
            scalar => Self::Scalar(scalar.to_string()),
        }
    }

    /// JSON text; a scalar stays as it is written.
    pub(super) fn parse(text: &str) -> Self {
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Array(_) | Value::Object(_))) => Self::of(&value),
            _ => Self::Scalar(text.to_owned()),
        }
    }

    pub(super) fn string(text: &str) -> Self {
        Self::Scalar(Value::from(text).to_string())
    }

    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Scalar(text) if text.starts_with('"') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The ways to all values below this one.
    pub(super) fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        self.walk(&mut Vec::new(), &mut ways);
        ways
    }

    fn walk(&self, way: &mut Way, ways: &mut Vec<Way>) {
        for (index, value) in self.values().into_iter().enumerate() {
            way.push(index);
            ways.push(way.clone());
            value.walk(way, ways);
            way.pop();
        }
    }

    fn values(&self) -> Vec<&Self> {
        match self {
            Self::Scalar(_) => Vec::new(),
            Self::Array(items) => items.iter().collect(),
            Self::Object(members) => members.iter().map(|(_, value)| value).collect(),
        }
    }

    /// What a way leads to; a way that leads nowhere ends where it stops.
    pub(super) fn at(&mut self, way: &[usize]) -> &mut Self {
        let Some((&step, rest)) = way.split_first() else { return self };
        let here = self.values().len() <= step;
        if here {
            return self;
        }
        match self {
            Self::Array(items) => items[step].at(rest),
            Self::Object(members) => members[step].1.at(rest),
            Self::Scalar(_) => self,
        }
    }

    /// The names and indices on a way, as a JSON pointer without escapes.
    pub(super) fn pointer(&self, way: &[usize]) -> String {
        let Some((&step, rest)) = way.split_first() else { return String::new() };
        match self {
            Self::Array(items) if step < items.len() => format!("/{step}{}", items[step].pointer(rest)),
            Self::Object(members) if step < members.len() => {
                format!("/{}{}", members[step].0, members[step].1.pointer(rest))
            }
            _ => "?".to_owned(),
        }
    }

    /// One line of JSON.
    pub(super) fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write_to(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{comma}{}:", Value::from(key.as_str()));
                    value.write_to(out);
                }
                out.push('}');
            }
        }
    }
}
