//! What a JSON value means to a SHACL schema after JSON-LD has turned it into RDF.

use std::{borrow::Cow, collections::HashSet};

use crate::{
    json::{Kind, Member, Node, decode},
    validate::{keywords, table::Pattern},
};

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// How a parser reads numbers and measures texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// `JSON.parse`, jsonld.js, rdf-validate-shacl.
    JavaScript,
    /// `json.loads`, rdflib, pyshacl.
    Python,
}

/// One value of a member.
#[derive(Debug, Clone)]
pub(super) enum Term<'n> {
    Literal {
        text: Cow<'n, str>,
        datatype: Datatype<'n>,
    },
    /// An object; none of its fields count when it is only a name.
    Object(Option<&'n Node<'n>>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Datatype<'n> {
    String,
    Integer,
    Double,
    Boolean,
    Language(Cow<'n, str>),
    Other(Cow<'n, str>),
}

/// A term, and the index of the item it comes from in the member's array.
pub(super) type Item<'n> = (Option<usize>, Term<'n>);

/// The terms of a member.
pub(super) enum Terms<'n> {
    None,
    /// What nearly all members have: a value that is one term, or a list of such. They are read when they are looked at.
    One(&'n Node<'n>),
    List(&'n [Node<'n>]),
    /// Everything else, read already.
    Many(Vec<Item<'n>>),
}

impl<'n> Terms<'n> {
    /// How many there are, equal ones among them.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::List(items) => items.len(),
            Self::Many(terms) => terms.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there are more than `max`. Equal literals are one value, objects never are.
    pub(super) fn exceed(&self, max: usize, reading: Reading) -> bool {
        if self.len() <= max {
            return false;
        }
        // Not more of them are remembered than decide it.
        let (mut objects, mut literals) = (0, HashSet::new());
        self.any(reading, |(_, term)| {
            match term {
                Term::Literal { text, datatype } => drop(literals.insert((text, datatype))),
                Term::Object(_) => objects += 1,
            }
            objects + literals.len() > max
        })
    }

    /// Reads them one by one until one passes.
    fn any(&self, reading: Reading, mut test: impl FnMut(Item<'n>) -> bool) -> bool {
        match self {
            Self::None => false,
            Self::One(node) => test((None, single(node, reading))),
            Self::List(items) => {
                items.iter().enumerate().any(|(index, item)| test((Some(index), single(item, reading))))
            }
            Self::Many(terms) => terms.iter().cloned().any(test),
        }
    }
}

/// The values of a member. Nested arrays are flattened, null and empty lists are nothing.
pub(super) fn terms<'n>(node: &'n Node<'n>, reading: Reading) -> Terms<'n> {
    let mut terms = Vec::new();
    match &node.kind {
        _ if is_absent(node, reading) => return Terms::None,
        _ if is_single(node, reading) => return Terms::One(node),
        Kind::Array(items) if items.iter().all(|item| is_single(item, reading)) => return Terms::List(items),
        Kind::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, Some(index), reading, &mut terms))
        }
        _ => collect(node, None, reading, &mut terms),
    }
    Terms::Many(terms)
}

/// Whether a value is one term, whatever it means: a scalar, or an object that has members and no keyword among them.
fn is_single(node: &Node<'_>, reading: Reading) -> bool {
    match &node.kind {
        Kind::Bool(_) | Kind::String(_) => true,
        Kind::Number(_) => !is_absent(node, reading),
        Kind::Object(members) => is_plain(node, members),
        Kind::Null | Kind::Array(_) => false,
    }
}

/// Whether a value is nothing: null, and to JavaScript a number beyond all numbers, which it writes as null.
pub(super) fn is_absent(node: &Node<'_>, reading: Reading) -> bool {
    match &node.kind {
        Kind::Null => true,
        // Only what is long or has an exponent is so large.
        Kind::Number(text) if reading == Reading::JavaScript && (text.len() > 300 || text.contains(['e', 'E'])) => {
            text.parse().is_ok_and(f64::is_infinite)
        }
        _ => false,
    }
}

/// The term of such a value.
pub(super) fn single<'n>(node: &'n Node<'n>, reading: Reading) -> Term<'n> {
    match node.kind {
        Kind::Object(_) => Term::Object(Some(node)),
        _ => literal(node, None, reading),
    }
}

/// Whether an object has members and none of them is a keyword.
fn is_plain(node: &Node<'_>, members: &[Member<'_>]) -> bool {
    !members.is_empty() && (!node.odd || !members.iter().any(|member| member.odd))
}

fn collect<'n>(node: &'n Node<'n>, index: Option<usize>, reading: Reading, terms: &mut Vec<Item<'n>>) {
    match &node.kind {
        _ if is_absent(node, reading) => {}
        Kind::Array(items) => items.iter().for_each(|item| collect(item, index, reading, terms)),
        Kind::Object(members) if is_plain(node, members) => terms.push((index, Term::Object(Some(node)))),
        Kind::Object(_) => {
            if let Some(value) = node.get("@value").filter(|_| keywords::has(node, "@value")) {
                match scalar(value) {
                    Some(value) if is_absent(value, reading) => {}
                    Some(value) => terms.push((index, value_object(node, value, reading))),
                    None => terms.push((index, Term::Object(None))),
                }
            } else if let Some(set) =
                node.get("@set").filter(|_| keywords::has(node, "@set") && !keywords::has_one_type(node))
            {
                collect(set, index, reading, terms);
            } else if let Some(id) = node.get("@id").and_then(Node::text) {
                // A relative name is dropped, and the object with it.
                if is_absolute(&id) {
                    terms.push((index, Term::Object(Some(node))));
                }
            } else if !(keywords::has(node, "@language") && keywords::counted(node) == 1) {
                // Nothing but a language is nothing.
                terms.push((index, Term::Object(Some(node))));
            }
        }
        _ => terms.push((index, literal(node, None, reading))),
    }
}

/// The one scalar inside; nothing for an empty list.
fn scalar<'n>(node: &'n Node<'n>) -> Option<&'n Node<'n>> {
    match &node.kind {
        Kind::Array(items) => items.first().and_then(scalar),
        _ => Some(node),
    }
}

fn value_object<'n>(object: &'n Node<'n>, value: &'n Node<'n>, reading: Reading) -> Term<'n> {
    if object.get("@type").and_then(Node::text).as_deref() == Some("@json") {
        return Term::Literal { text: "".into(), datatype: Datatype::Other("@json".into()) };
    }
    let named = |key| object.get(key).and_then(|node| scalar(node)).and_then(Node::text);
    match (named("@language"), named("@type")) {
        // Without a language N-Quads writes it as a plain text.
        (Some(language), _) if !language.is_empty() => match value.text() {
            Some(text) => Term::Literal { text, datatype: Datatype::Language(language.to_lowercase().into()) },
            None => literal(value, None, reading),
        },
        (_, declared) => literal(value, declared, reading),
    }
}

fn literal<'n>(node: &'n Node<'n>, declared: Option<Cow<'n, str>>, reading: Reading) -> Term<'n> {
    let (text, natural) = match &node.kind {
        Kind::Bool(bool) => (Cow::Borrowed(if *bool { "true" } else { "false" }), Datatype::Boolean),
        Kind::Number(text) if reading == Reading::Python => {
            let integer = !text.contains(['.', 'e', 'E']);
            (Cow::Borrowed(*text), if integer { Datatype::Integer } else { Datatype::Double })
        }
        // As JavaScript writes it, and exact.
        Kind::Number(text) if text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            (Cow::Borrowed(*text), Datatype::Integer)
        }
        Kind::Number(text) => {
            let float: f64 = text.parse().unwrap_or(f64::INFINITY);
            let written = crate::serialise::js_number(text);
            // jsonld.js looks for a point in the text, and writes what has none without a fraction: 1e-7 is 0.
            match (written.contains('.') || float.abs() >= 1e21, written.contains('e')) {
                (true, _) => (written.into(), Datatype::Double),
                (false, true) => ("0".into(), Datatype::Integer),
                (false, false) => (written.into(), Datatype::Integer),
            }
        }
        Kind::String(raw) => (decode(raw), Datatype::String),
        // JSON-LD has no such values; the check for its errors reports them.
        Kind::Null | Kind::Array(_) | Kind::Object(_) => return Term::Object(None),
    };
    let datatype = match declared {
        None => natural,
        Some(declared) => match declared.strip_prefix(XSD) {
            Some("string") => Datatype::String,
            Some("integer") => Datatype::Integer,
            Some("boolean") => Datatype::Boolean,
            Some("double") => Datatype::Double,
            // Without a language N-Quads writes it as a plain text.
            None if declared == LANG_STRING => Datatype::String,
            _ => Datatype::Other(declared),
        },
    };
    Term::Literal { text, datatype }
}

pub(super) fn is_integer(text: &str, datatype: &Datatype<'_>) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    *datatype == Datatype::Integer && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_boolean(text: &str, datatype: &Datatype<'_>) -> bool {
    *datatype == Datatype::Boolean && matches!(text, "true" | "false" | "1" | "0")
}

pub(super) fn length(text: &str, reading: Reading) -> usize {
    match reading {
        _ if text.is_ascii() => text.len(),
        Reading::JavaScript => text.chars().map(char::len_utf16).sum(),
        Reading::Python => text.chars().count(),
    }
}

pub(super) fn matches(text: &str, pattern: Pattern, reading: Reading) -> bool {
    match (pattern, reading) {
        (Pattern::Any, _) => true,
        (Pattern::Did(prefix, _), _) => {
            text.strip_prefix(prefix).is_some_and(|rest| matches(rest, Pattern::Line, reading))
        }
        (Pattern::Line, Reading::JavaScript) => {
            !has(text, |byte| matches!(byte, b'\n' | b'\r' | SEPARATOR))
                || !text.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
        }
        (Pattern::Lines, Reading::JavaScript) => {
            !has(text, |byte| matches!(byte, b'\r' | SEPARATOR)) || !text.contains(['\r', '\u{2028}', '\u{2029}'])
        }
        // In Python `.` excludes the line feed only, and `$` allows one at the end.
        (Pattern::Line, Reading::Python) => !text.strip_suffix('\n').unwrap_or(text).contains('\n'),
        (Pattern::Lines, Reading::Python) => true,
    }
}

/// Whether a text has such a byte; without a branch for each, so that many are compared at once.
fn has(text: &str, is: impl Fn(u8) -> bool) -> bool {
    text.as_bytes().chunks(64).any(|chunk| chunk.iter().fold(false, |found, &byte| found | is(byte)))
}

/// U+2028 and U+2029 begin with this byte, which most texts do not have.
const SEPARATOR: u8 = 0xe2;

/// A scheme and a colon, as jsonld.js tells absolute IRIs; blank node names count as absolute.
pub(super) fn is_absolute(iri: &str) -> bool {
    iri.split_once(':').is_some_and(|(scheme, rest)| {
        scheme == "_"
            || (scheme.starts_with(|char: char| char.is_ascii_alphabetic())
                && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
                && !rest.contains(char::is_whitespace))
    })
}
