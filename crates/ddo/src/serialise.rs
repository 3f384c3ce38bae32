//! The two ways in which peers write a document before they hash and publish it.
//!
//! A document that came in is never written again: its bytes are hashed as they are ([`RawDdo::checksum`](crate::RawDdo::checksum)). These
//! functions are for publishing as a peer would, and for finding out what a peer that re-serialises will compute.

mod number;

use std::{collections::HashMap, fmt::Write as _};

use serde_json::Value;

use crate::{
    Result,
    json::{self, Kind, Member, Node},
};

/// The text as `JSON.stringify(JSON.parse(text))` gives it: ocean.js, ocean-node and ddo.js.
///
/// Integer-like keys come first, of duplicate keys the last value stays at the first place, numbers are rounded to 64-bit floats.
///
/// # Errors
/// The text is not JSON, or passes a limit.
pub fn js_stringify(text: &str) -> Result<String> {
    write(text, Style::Js)
}

/// The text as `json.dumps(json.loads(text), separators=(",", ":"))` gives it: ocean.py.
///
/// Everything beyond ASCII is escaped, integers of any size are exact, floats are written as Python's `repr` does.
///
/// # Errors
/// The text is not JSON, or passes a limit.
pub fn py_compact(text: &str) -> Result<String> {
    write(text, Style::Python)
}

/// A value in `JSON.stringify` form.
pub fn value(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// Whether a document keeps its bytes in a peer that parses it and writes it again with `JSON.stringify` before it hashes.
///
/// ocean-node does so on its remote-decrypt path, and fails to index documents that do not.
pub fn survives_js(text: &str) -> bool {
    js_stringify(text).is_ok_and(|again| again == text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Js,
    Python,
}

fn write(text: &str, style: Style) -> Result<String> {
    let node = json::parse(text)?;
    let mut out = String::with_capacity(text.len());
    write_node(&node, style, &mut out);
    Ok(out)
}

fn write_node(node: &Node<'_>, style: Style, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Kind::Number(text) => match style {
            Style::Js => number::js(text, out),
            Style::Python => number::python(text, out),
        },
        Kind::String(raw) => write_string(raw, style, out),
        Kind::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_node(item, style, out);
            }
            out.push(']');
        }
        Kind::Object(members) => {
            out.push('{');
            for (index, member) in ordered(members, style).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(member.key, style, out);
                out.push(':');
                write_node(&member.value, style, out);
            }
            out.push('}');
        }
    }
}

/// The members a parser keeps, in the order of the text: the last of equal keys at the place of the first.
pub(crate) fn kept<'n, 'a>(members: &'n [Member<'a>]) -> Vec<&'n Member<'a>> {
    ordered(members, Style::Python)
}

/// The members a parser keeps, in the order it keeps them in: the last of equal keys at the place of the first.
fn ordered<'n, 'a>(members: &'n [Member<'a>], style: Style) -> Vec<&'n Member<'a>> {
    let mut places: HashMap<Vec<u16>, usize> = HashMap::with_capacity(members.len());
    let mut kept: Vec<&Member<'_>> = Vec::with_capacity(members.len());
    for member in members {
        let place = *places.entry(json::units(member.key).collect()).or_insert(kept.len());
        if place == kept.len() {
            kept.push(member);
        } else {
            kept[place] = member;
        }
    }
    if style == Style::Js {
        // Stable: other keys keep their order behind the integers.
        kept.sort_by_key(|member| array_index(&json::decode(member.key)).unwrap_or(u64::MAX));
    }
    kept
}

/// What JavaScript counts as an array index: the decimal form of 0 to 2^32 − 2.
fn array_index(key: &str) -> Option<u64> {
    let canonical =
        key == "0" || (!key.is_empty() && !key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    if !canonical {
        return None;
    }
    key.parse().ok().filter(|&index| index < u64::from(u32::MAX))
}

fn write_string(raw: &str, style: Style, out: &mut String) {
    out.push('"');
    if style == Style::Js && !raw.contains('\\') {
        // Raw text holds no control characters and no quotes, and JavaScript escapes nothing else.
        out.push_str(raw);
    } else {
        for char in char::decode_utf16(json::units(raw)) {
            match char {
                Ok(char) => write_char(char, style, out),
                Err(lone) => escape(lone.unpaired_surrogate(), out),
            }
        }
    }
    out.push('"');
}

fn write_char(char: char, style: Style, out: &mut String) {
    match char {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\u{1f}' => escape(char as u16, out),
        ' '..='~' => out.push(char),
        _ if style == Style::Js => out.push(char),
        _ => char.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| escape(unit, out)),
    }
}

fn escape(unit: u16, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Value::Number(number) => number::js(&number.to_string(), out),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| array_index(key).unwrap_or(u64::MAX));
            out.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_value(value, out);
            }
            out.push('}');
        }
    }
}

/// The text of a JSON number as JavaScript writes it.
pub(crate) fn js_number(text: &str) -> String {
    let mut out = String::new();
    number::js(text, &mut out);
    out
}

/// A text as a JSON string in JavaScript's form.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    text.chars().for_each(|char| write_char(char, Style::Js, out));
    out.push('"');
}
