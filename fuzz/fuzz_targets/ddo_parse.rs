//! A document stays as it came, and is read as serde_json reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_ddo::{Error, RawDdo, serialise};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let reference = serde_json::from_slice::<Value>(data).ok();
    let raw = match RawDdo::parse(data) {
        Ok(raw) => raw,
        Err(Error::TooLarge { .. } | Error::TooDeep { .. } | Error::TooManyValues { .. }) => return,
        Err(error) => {
            assert!(!reference.is_some_and(|value| value.is_object()), "serde_json reads it, and we say {error}");
            return;
        }
    };
    assert_eq!(raw.as_bytes(), data);
    assert_eq!(raw.clone().into_bytes(), data);
    if let Some(reference) = reference {
        assert_eq!(raw.value(), reference);
    }

    let stripped = raw.stripped();
    assert_eq!(RawDdo::parse(stripped.as_bytes()).expect("stripping keeps it a document"), stripped);
    assert_eq!(stripped.stripped(), stripped);

    // What is published survives being read and written once more by those who will read it.
    for write in [serialise::js_stringify, serialise::py_compact] {
        let Ok(text) = write(raw.as_str()) else { continue };
        if RawDdo::parse(text.as_bytes()).is_ok() {
            assert_eq!(write(&text).expect("a second time"), text);
        }
    }

    if let Ok(ddo) = raw.ddo() {
        if let Ok(written) = ddo.to_raw() {
            let again = written.ddo().expect("what is written is read");
            assert_eq!(again.to_raw().expect("it was written before"), written);
        }
    }
});
