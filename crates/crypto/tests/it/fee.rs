use ocean_crypto::{Error, PrivateKey, ProviderFee, Signature};
use ocean_primitives::{Address, B256, Bytes, U256, address};
use proptest::prelude::*;
use serde_json::{Value, json as value};

use crate::{json, key, text};

const ORDER: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn contract() -> Value {
    json(include_str!("../fixtures/contracts-2.6.0/provider_fee_signature.json"))
}

fn sample() -> ProviderFee {
    let key: PrivateKey = "01".repeat(32).parse().unwrap();
    let token = address!("2473f4F7bf40ed9310838edFCA6262C17A59DF64");
    ProviderFee::signed(&key, token, U256::from(5), 1_700_000_000, Bytes::from_static(b"{}"))
}

fn with(change: impl FnOnce(&mut ProviderFee)) -> Result<(), Error> {
    let mut fee = sample();
    change(&mut fee);
    fee.verify()
}

#[test]
fn refuses_changed_fields() {
    type Change = fn(&mut ProviderFee);
    assert_eq!(sample().verify(), Ok(()));
    let changes: [(&str, Change); 7] = [
        ("amount", |fee| fee.provider_fee_amount += U256::ONE),
        ("token", |fee| fee.provider_fee_token = Address::ZERO),
        ("valid until", |fee| fee.valid_until += 1),
        ("data", |fee| fee.provider_data = Bytes::from_static(b"{ }")),
        ("provider", |fee| fee.provider_fee_address = PrivateKey::random().address()),
        ("r", |fee| fee.r = B256::repeat_byte(1)),
        ("parity", |fee| fee.v = 55 - fee.v),
    ];
    for (name, change) in changes {
        let refused = with(change);
        assert!(matches!(refused, Err(Error::FeeSigner { .. } | Error::Unrecoverable)), "{name}: {refused:?}");
    }
}

#[test]
fn refuses_recovery_bytes_that_the_contract_refuses() {
    for v in [0, 1, 2, 26, 29, 255] {
        assert_eq!(with(|fee| fee.v = v), Err(Error::RecoveryByte(v)));
    }
}

#[test]
fn refuses_the_zero_address_that_the_contract_takes_unchecked() {
    let refused = with(|fee| fee.provider_fee_address = Address::ZERO);
    assert!(matches!(refused, Err(Error::FeeSigner { named: Address::ZERO, .. })), "{refused:?}");
}

#[test]
fn a_high_s_passes_as_on_chain() {
    let fee = sample();
    let order: U256 = ORDER.parse().unwrap();
    let high = B256::from(order - U256::from_be_bytes(fee.s.0));
    assert_eq!(with(|fee| (fee.s, fee.v) = (high, 55 - fee.v)), Ok(()));
}

#[track_caller]
fn check_signed(case: &Value, key: &PrivateKey) -> ProviderFee {
    let fee: ProviderFee = serde_json::from_value(case.clone()).unwrap();
    assert_eq!(fee.inner_hash().to_string(), text(case, "_inner"));
    assert_eq!(fee.digest().to_string(), text(case, "_digest"));
    assert_eq!(fee.verify(), Ok(()));
    let again = ProviderFee::signed(
        key,
        fee.provider_fee_token,
        fee.provider_fee_amount,
        fee.valid_until,
        fee.provider_data.clone(),
    );
    assert_eq!(again, fee);
    fee
}

#[test]
fn equals_every_fee_that_the_contract_accepted() {
    let fixture = contract();
    let key = key(&fixture, "privateKey");
    assert_eq!(key.address().to_string(), text(&fixture, "providerAddress"));
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        check_signed(case, &key);
        // The event's numbers are all texts.
        let event: ProviderFee = serde_json::from_value(case["event"].clone()).unwrap();
        assert_eq!(event.verify(), Ok(()));
    }
}

#[test]
fn signs_leading_zeros_that_ocean_node_drops() {
    let fixture = contract();
    let case = &fixture["leadingZero"];
    let fee = check_signed(case, &key(&fixture, "privateKey"));
    assert_eq!(fee.inner_hash()[0], 0);
    let node = &case["oceanNodeStyle"];
    let signature = Signature {
        r: text(node, "r").parse().unwrap(),
        s: text(node, "s").parse().unwrap(),
        v: u8::try_from(node["v"].as_u64().unwrap()).unwrap(),
    };
    let fee = ProviderFee::from_parts(
        fee.provider_fee_address,
        fee.provider_fee_token,
        fee.provider_fee_amount,
        fee.valid_until,
        fee.provider_data,
        signature,
    );
    assert!(matches!(fee.verify(), Err(Error::FeeSigner { .. })), "the contract answers `Invalid provider fee`");
}

#[test]
fn reads_and_writes_every_fee_of_a_python_provider() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/fees.json"));
    let cases = fixture.as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let fee: ProviderFee = serde_json::from_value(case["fee"].clone()).unwrap();
        assert_eq!(fee.verify(), Ok(()), "{}", case["name"]);
        assert_eq!(serde_json::to_string(&fee).unwrap(), case["fee"].to_string(), "{}", case["name"]);
    }
}

#[track_caller]
fn check_field(field: &str, given: Value, expected: bool) {
    let mut fee = serde_json::to_value(sample()).unwrap();
    fee[field] = given.clone();
    let parsed = serde_json::from_value::<ProviderFee>(fee);
    assert_eq!(parsed.is_ok(), expected, "{field} {given}: {parsed:?}");
}

#[test]
fn reads_numbers_as_peers_write_them() {
    for good in [value!(5), value!("5"), value!("0x5"), value!("0x05"), value!(0), value!("0")] {
        check_field("providerFeeAmount", good.clone(), true);
        check_field("validUntil", good, true);
    }
    for good in [value!(27), value!("27"), value!("0x1b")] {
        check_field("v", good, true);
    }
    check_field(
        "providerFeeAmount",
        value!("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
        true,
    );
    for bad in [
        value!(-1),
        value!(1.5),
        value!(""),
        value!("0x"),
        value!("-1"),
        value!("1.5"),
        value!("1e18"),
        value!("5 "),
        value!("0b1"),
        value!("1_000"),
        value!("xyz"),
        value!(null),
        value!([5]),
        value!("115792089237316195423570985008687907853269984665640564039457584007913129639936"),
    ] {
        check_field("providerFeeAmount", bad.clone(), false);
        check_field("validUntil", bad, false);
    }
    check_field("validUntil", value!("18446744073709551616"), false);
    check_field("v", value!(256), false);
    check_field("r", value!("0x12"), false);
    check_field("providerData", value!("0x1"), false);
    check_field("providerFeeAddress", value!("0x12"), false);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn survives_json(amount: [u8; 32], valid_until: u64, data: Vec<u8>, token: [u8; 20]) {
        let key = PrivateKey::random();
        let fee = ProviderFee::signed(&key, token.into(), U256::from_be_bytes(amount), valid_until, data.into());
        let parsed: ProviderFee = serde_json::from_str(&serde_json::to_string(&fee).unwrap()).unwrap();
        prop_assert_eq!(parsed.verify(), Ok(()));
        prop_assert_eq!(parsed, fee);
    }
}
