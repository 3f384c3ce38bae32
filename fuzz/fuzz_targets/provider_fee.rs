//! Whatever is read as a provider fee survives JSON, and none that we did not sign verifies for our address.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ocean_crypto::{PrivateKey, ProviderFee};

static KEY: LazyLock<PrivateKey> = LazyLock::new(PrivateKey::random);

fuzz_target!(|data: &[u8]| {
    let Ok(mut fee) = serde_json::from_slice::<ProviderFee>(data) else { return };
    let text = serde_json::to_string(&fee).expect("no map keys");
    assert_eq!(serde_json::from_str::<ProviderFee>(&text).expect(&text), fee);
    let _ = fee.verify();
    fee.provider_fee_address = KEY.address();
    assert!(fee.verify().is_err());
});
