use ocean_primitives::{FeeRate, TokenAmount, U256};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, decimals: u8, expected: Option<&str>) {
    assert_eq!(
        TokenAmount::parse(text, decimals).ok().map(|amount| amount.raw.to_string()).as_deref(),
        expected,
        "{text}"
    );
}

#[test]
fn strict() {
    check("1", 18, Some("1000000000000000000"));
    check("0.000001", 6, Some("1"));
    check("0.0000001", 6, None);
    check("1.0", 0, None);
    check("5", 0, Some("5"));
    for text in ["", ".", "1.", ".5", "-1", "+1", "1e18", "1_000", "1,5", "0x1", " 1"] {
        check(text, 18, None);
    }
    check(&U256::MAX.to_string(), 0, Some(&U256::MAX.to_string()));
    check(&format!("{}0", U256::MAX), 0, None);
}

#[test]
fn percent() {
    assert_eq!(FeeRate::from_percent("0.1").unwrap().0.to_string(), "1000000000000000");
    assert_eq!(FeeRate::from_percent("100").unwrap().to_string(), "100 %");
}

proptest! {
    #[test]
    fn text_round_trip(raw: [u8; 32], decimals in 0_u8..=30) {
        let amount = TokenAmount::new(U256::from_be_bytes(raw), decimals);
        prop_assert_eq!(TokenAmount::parse(&amount.to_string(), decimals).unwrap(), amount);
    }
}
