//! A document stays as it came, and an edit changes what it names and nothing else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_ddo::RawDdo;
use serde_json::Value;

fuzz_target!(|data: &str| {
    // The first line is a JSON pointer, the second a JSON value, the rest a document.
    let mut parts = data.splitn(3, '\n');
    let (Some(pointer), Some(value), Some(text)) = (parts.next(), parts.next(), parts.next()) else { return };
    let reference = serde_json::from_str::<Value>(text).ok();
    let Ok(raw) = RawDdo::parse(text) else {
        assert!(!reference.is_some_and(|value| value.is_object()), "serde_json reads it");
        return;
    };
    assert_eq!(raw.as_str(), text);
    if let Some(reference) = reference {
        assert_eq!(raw.value(), reference);
    }

    let stripped = raw.stripped();
    assert_eq!(RawDdo::parse(stripped.as_bytes()).expect("stripping keeps it a document"), stripped);
    assert_eq!(stripped.stripped(), stripped);

    if let Ok(ddo) = raw.ddo() {
        if let Ok(written) = ddo.to_raw() {
            let again = written.ddo().expect("what is written is read");
            assert_eq!(again.to_raw().expect("it was written before"), written);
        }
    }

    // White space around the value goes in with it, and stays when the value is replaced.
    let value = value.trim_ascii();
    let Ok(parsed) = serde_json::from_str::<Value>(value) else { return };
    let absent = raw.value().pointer(pointer).is_none();
    let Ok(edited) = raw.set_text(pointer, value) else { return };
    assert_eq!(RawDdo::parse(edited.as_bytes()).expect("editing keeps it a document"), edited);
    if pointer.ends_with("/-") && absent {
        return;
    }
    assert_eq!(edited.value().pointer(pointer), Some(&parsed));
    assert_eq!(edited.set_text(pointer, value).expect("a second time"), edited);
    if absent {
        assert_eq!(edited.remove(pointer).expect("what was added goes"), raw);
    }
    // Numbers may change their text here, as in JSON.stringify.
    let stringified = raw.set(pointer, &parsed).expect("as the text");
    assert_eq!(stringified.set(pointer, &parsed).expect("a second time"), stringified);
});
