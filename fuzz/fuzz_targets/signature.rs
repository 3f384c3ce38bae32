//! No signature panics, and none is ours for a text that we did not sign.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ocean_crypto::{PrivateKey, Signature, sign_message, verify_message};
use ocean_primitives::{Address, B256, Dialect};

static KEY: LazyLock<PrivateKey> = LazyLock::new(PrivateKey::random);

fuzz_target!(|data: (&str, [u8; 65])| {
    let (text, bytes) = data;
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        assert!(verify_message(dialect, text, text, KEY.address()).is_err());
        let ours = sign_message(&KEY, dialect, text);
        assert!(verify_message(dialect, text, &ours, KEY.address()).is_ok());
        assert!(verify_message(dialect, text, &ours, Address::ZERO).is_err());
        let (r, s) = (B256::from_slice(&bytes[..32]), B256::from_slice(&bytes[32..64]));
        let given = Signature { r, s, v: bytes[64] };
        assert_eq!(given.to_string().parse(), Ok(given));
        assert!(verify_message(dialect, text, &given.to_string(), KEY.address()).is_err());
    }
});
