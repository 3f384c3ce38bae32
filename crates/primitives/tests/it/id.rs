use ocean_primitives::{ChainId, ExchangeId, ServiceId, address};

#[track_caller]
fn chain(json: &str, expected: Option<u64>) {
    assert_eq!(serde_json::from_str::<ChainId>(json).ok().map(ChainId::get), expected, "{json}");
}

#[test]
fn chain_ids_as_peers_send_them() {
    chain("8996", Some(8996));
    chain("\"8996\"", Some(8996));
    chain("\"0x2324\"", Some(8996));
    for json in ["0", "-1", "1.5", "\"8996x\"", "\"\"", "\"0x\"", "\"+1\"", "null", "\"18446744073709551616\""] {
        chain(json, None);
    }
}

#[test]
fn exchange_ids_match_the_contract() {
    // FixedRateExchange.generateExchangeId called on chain; origin: the `exchangeIds` of the reference deployment of contracts 2.6.0.
    for (base_token, datatoken, expected) in [
        (
            address!("0x2473f4F7bf40ed9310838edFCA6262C17A59DF64"),
            address!("0x7469Fe17a07d856A42E22B3aAe31c101bDd1f7e3"),
            "0xba70450674373b91de2a5fa1f10ce95e2b589a0fa88918f128a7f556f27c64bd",
        ),
        (
            address!("0x312213d6f6b5FCF9F56B7B8946A6C727Bf4Bc21f"),
            address!("0xAe97013aDA7a301E326588F715b8f2E20dDc9051"),
            "0x5de1f70c496fc2135d0016ec3b7d7ebb1930926b51cce91a6f2605f06d959bbf",
        ),
        (
            address!("0x0000000000000000000000000000000000000000"),
            address!("0x0000000000000000000000000000000000000001"),
            "0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49",
        ),
    ] {
        assert_eq!(ExchangeId::derive(base_token, datatoken).to_string(), expected);
    }
}

#[test]
fn a_service_id_is_not_empty() {
    assert!(ServiceId::new("").is_err());
    assert!(serde_json::from_str::<ServiceId>("\"\"").is_err());
}
