//! No ciphertext panics, and no ciphertext that we did not make opens.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ocean_crypto::{PrivateKey, ecies};

static KEY: LazyLock<PrivateKey> = LazyLock::new(PrivateKey::random);

fuzz_target!(|data: &[u8]| {
    assert!(ecies::decrypt(&KEY, data).is_err());
    let ciphertext = ecies::encrypt(&KEY.public_key(), data);
    assert_eq!(ecies::decrypt(&KEY, &ciphertext).as_deref(), Ok(data));
    // The same bytes over the start of a real ciphertext: they reach the cipher.
    let mut changed = ciphertext;
    for (byte, other) in changed.iter_mut().skip(65).zip(data) {
        *byte ^= other;
    }
    if data.iter().take(changed.len() - 65).any(|byte| *byte != 0) {
        assert!(ecies::decrypt(&KEY, &changed).is_err());
    }
});
