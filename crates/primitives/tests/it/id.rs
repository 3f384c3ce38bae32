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
fn exchange_id_matches_the_contract() {
    // FixedRateExchange.generateExchangeId called on chain; origin: the `exchangeIds` of the reference deployment of contracts 2.6.0.
    let id = ExchangeId::derive(
        address!("0x2473f4F7bf40ed9310838edFCA6262C17A59DF64"),
        address!("0x7469Fe17a07d856A42E22B3aAe31c101bDd1f7e3"),
    );
    assert_eq!(id.to_string(), "0xba70450674373b91de2a5fa1f10ce95e2b589a0fa88918f128a7f556f27c64bd");
}

#[test]
fn a_service_id_is_not_empty() {
    assert!(ServiceId::new("").is_err());
    assert!(serde_json::from_str::<ServiceId>("\"\"").is_err());
}
