//! An edit changes what it names and no other byte, and an edit taken back restores every byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_ddo::RawDdo;
use serde_json::Value;

fuzz_target!(|data: &str| {
    // The first line is a JSON pointer, the second a JSON value, the rest a document.
    let mut parts = data.splitn(3, '\n');
    let (Some(pointer), Some(value), Some(text)) = (parts.next(), parts.next(), parts.next()) else { return };
    // White space around the value would go in with it, and stay when the value is replaced.
    let value = value.trim_ascii();
    let Ok(parsed) = serde_json::from_str::<Value>(value) else { return };
    let Ok(raw) = RawDdo::parse(text) else { return };
    let before = raw.value().pointer(pointer).cloned();

    if let Ok(removed) = raw.remove(pointer) {
        assert_eq!(RawDdo::parse(removed.as_bytes()).expect("removing keeps it a document"), removed);
        assert!(before.is_some(), "something was removed that was not there");
    }

    let Ok(edited) = raw.set_text(pointer, value) else { return };
    assert_eq!(RawDdo::parse(edited.as_bytes()).expect("editing keeps it a document"), edited);
    match &before {
        Some(before) if pointer.is_empty() => assert_eq!((edited.as_str(), before), (value, &raw.value())),
        Some(before) => assert!(replaces(raw.as_str(), edited.as_str(), value, before), "{raw} became {edited}"),
        None => assert_eq!(edited.as_str().len() - value.len() - grown(&raw, &edited, value), raw.as_str().len()),
    }
    if pointer.ends_with("/-") && before.is_none() {
        return;
    }
    assert_eq!(edited.value().pointer(pointer), Some(&parsed));
    assert_eq!(edited.set_text(pointer, value).expect("a second time"), edited);
    if before.is_none() {
        assert_eq!(edited.remove(pointer).expect("what was added goes"), raw);
    }
    // Numbers may change their text here, as in JSON.stringify.
    let stringified = raw.set(pointer, &parsed).expect("as the text");
    assert_eq!(stringified.set(pointer, &parsed).expect("a second time"), stringified);
});

/// Whether `edited` is `raw` with `value` in the place of one text that reads as `before`.
fn replaces(raw: &str, edited: &str, value: &str, before: &Value) -> bool {
    let common = raw.bytes().zip(edited.bytes()).take_while(|(one, other)| one == other).count();
    (0..=common).rev().any(|start| {
        let Some(rest) = edited.get(start..).and_then(|edited| edited.strip_prefix(value)) else { return false };
        let Some(old) = raw.get(start..).and_then(|raw| raw.strip_suffix(rest)) else { return false };
        serde_json::from_str::<Value>(old).is_ok_and(|old| old == *before)
    })
}

/// What stands beside an added value: a comma, a key, a colon. Everything else must be the document, at both ends.
fn grown(raw: &RawDdo, edited: &RawDdo, value: &str) -> usize {
    let (raw, edited) = (raw.as_str(), edited.as_str());
    let start = raw.bytes().zip(edited.bytes()).take_while(|(one, other)| one == other).count();
    let end = raw.bytes().rev().zip(edited.bytes().rev()).take_while(|(one, other)| one == other).count();
    assert!(start + end >= raw.len(), "{raw} became {edited}");
    edited.len() - raw.len() - value.len()
}
