//! A JSON reader that keeps the text: every value knows where it stands, strings and numbers stay as written.

mod parse;
mod text;

pub(crate) use crate::json::{
    parse::parse,
    text::{decode, key_is, units},
};

/// A token of a JSON pointer (RFC 6901) as the name or index it stands for.
pub(crate) fn unescape(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// An index into an array of `len` items, where `len` itself and `-` mean its end.
pub(crate) fn index(token: &str, len: usize) -> Option<usize> {
    if token == "-" {
        return Some(len);
    }
    let canonical = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    token.parse().ok().filter(|&at| canonical && at <= len)
}

/// A value and the bytes it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    start: u32,
    end: u32,
    /// An array or object: whether a key in it, however deep, is more than a plain name: a keyword of JSON-LD, an IRI, or written with
    /// escapes. A string: whether it has escapes or more than ASCII; one that has not is as long as it is written, and one line.
    pub(crate) odd: bool,
    pub(crate) kind: Kind<'a>,
}

/// What a value is. Texts are without quotes and still escaped.
#[derive(Debug, Clone)]
pub(crate) enum Kind<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(&'a str),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    start: u32,
    /// The key, without quotes and still escaped.
    pub(crate) key: &'a str,
    /// Whether the key is more than a plain name.
    pub(crate) odd: bool,
    pub(crate) value: Node<'a>,
}

impl<'a> Member<'a> {
    /// Offset of the key's opening quote.
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    /// Whether both have the same name.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.key == other.key
            || (self.odd && key_is(self.key, &decode(other.key)))
            || (other.odd && key_is(other.key, self.key))
    }

    /// Another name and value in its place.
    pub(crate) fn with(&self, key: &'a str, value: Node<'a>) -> Self {
        Self { start: self.start, key, odd: true, value }
    }
}

impl<'a> Node<'a> {
    /// Offset of the first byte.
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    /// Offset behind the last byte.
    pub(crate) fn end(&self) -> usize {
        self.end as usize
    }

    /// Another value in its place, of which nothing is known.
    pub(crate) fn with(&self, kind: Kind<'a>) -> Self {
        Self { start: self.start, end: self.end, odd: true, kind }
    }

    /// An object in its place.
    pub(crate) fn object<const N: usize>(&self, members: [(&'a str, Self); N]) -> Self {
        let member = |(key, value)| Member { start: self.start, key, odd: true, value };
        self.with(Kind::Object(members.map(member).into()))
    }

    /// The member `name`; the last one when there are several, as `JSON.parse` and `json.loads` choose.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'a>> {
        match &self.kind {
            Kind::Object(members) => {
                // Only an odd key can be written with escapes.
                let is = |member: &&Member<'_>| member.key == name || (member.odd && key_is(member.key, name));
                members.iter().rev().find(is).map(|member| &member.value)
            }
            _ => None,
        }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<std::borrow::Cow<'a, str>> {
        match self.kind {
            Kind::String(raw) => Some(decode(raw)),
            _ => None,
        }
    }

    /// The value for serde_json: duplicate keys as `JSON.parse` has them, lone surrogates as U+FFFD, numbers beyond f64 as null.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(bool) => Value::Bool(*bool),
            Kind::Number(text) => serde_json::from_str::<serde_json::Number>(text).map_or(Value::Null, Value::Number),
            Kind::String(raw) => Value::String(decode(raw).into_owned()),
            Kind::Array(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Kind::Object(members) => Value::Object(
                members.iter().map(|member| (decode(member.key).into_owned(), member.value.to_value())).collect(),
            ),
        }
    }
}
