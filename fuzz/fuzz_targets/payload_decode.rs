//! No payload panics or exceeds its limit, and what was decoded survives being encoded again.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ocean_crypto::{Flags, PrivateKey, payload};

const LIMIT: usize = 1 << 16;

static KEY: LazyLock<PrivateKey> = LazyLock::new(PrivateKey::random);

fuzz_target!(|data: &[u8]| {
    let Some((flags, payload)) = data.split_first() else { return };
    let flags = Flags(*flags);
    let Ok(document) = payload::decode(payload, flags, Some(&KEY), LIMIT) else { return };
    assert!(document.len() <= LIMIT);
    if flags.0 < 4 && document.len() < 1 << 10 {
        let again = payload::encode(&document, flags, &KEY.public_key()).expect("known flags");
        assert_eq!(payload::decode(&again, flags, Some(&KEY), LIMIT), Ok(document));
    }
});
