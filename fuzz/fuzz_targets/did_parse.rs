//! Whatever is read as a DID is written as it was, and what we would create is a part of what we read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_did::Did;

fuzz_target!(|text: &str| {
    let Ok(did) = Did::parse(text) else { return };
    assert_eq!(did.as_str(), text);
    assert_eq!(Did::parse(&did.to_string()).as_ref(), Ok(&did));
    assert!(!text.chars().any(|char| char.is_whitespace() || char.is_control()));
    if did.validate_strict().is_ok() {
        let hash = text.strip_prefix("did:ope:").or_else(|| text.strip_prefix("did:op:")).expect("one of two methods");
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
});
