use ocean_primitives::{Decimal, U256};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: Option<(u64, u8)>) {
    let expected = expected.map(|(digits, scale)| (U256::from(digits), scale));
    assert_eq!(Decimal::parse_json(text).ok().map(|number| (number.digits(), number.scale())), expected, "{text}");
}

#[test]
fn refuses_what_is_no_plain_number() {
    for text in
        ["", ".", "1.", ".5", "-1", "+1", "1_000", "1,5", "0x1", " 1", "1 ", "NaN", "inf", "1e", "1e+", "1e1.5", "e5"]
    {
        check(text, None);
    }
    for text in ["1e2", "1E2", "1e-2", "0e0"] {
        assert!(Decimal::parse(text).is_err(), "{text}");
    }
}

#[test]
fn refuses_numbers_that_do_not_fit() {
    for text in ["1e78", "1e-78", "1e99999", "1e-99999", "0e99999", "1e999999999999999999999"] {
        check(text, None);
    }
    assert!(Decimal::parse(&format!("{}0", U256::MAX)).is_err());
    assert!(Decimal::parse(&format!("0.{}1", "0".repeat(77))).is_err());
    assert!(Decimal::parse_json("1e77").is_ok() && Decimal::parse_json("1e-77").is_ok());
    assert_eq!(Decimal::parse(&U256::MAX.to_string()).unwrap().digits(), U256::MAX);
}

#[test]
fn keeps_every_digit() {
    check("0", Some((0, 0)));
    check("0.000", Some((0, 0)));
    check("2.3", Some((23, 1)));
    check("2.30", Some((23, 1)));
    check("100", Some((100, 0)));
    check("1e-07", Some((1, 7)));
    check("1.50e3", Some((1500, 0)));
    check("1.5E+0", Some((15, 1)));
    check("12.5e-1", Some((125, 2)));
    check("000.5", Some((5, 1)));
    assert_eq!(Decimal::parse("7").unwrap(), Decimal::from(7));
    assert_eq!(Decimal::parse_json("1e-07").unwrap().to_string(), "0.0000001");
}

proptest! {
    #[test]
    fn text_round_trip(digits: [u8; 32], scale in 0_usize..=77) {
        let padded = format!("{:0>width$}", U256::from_be_bytes(digits).to_string(), width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
        let number = Decimal::parse(&text).unwrap();
        prop_assert_eq!(Decimal::parse(&number.to_string()).unwrap(), number);
        prop_assert_eq!(Decimal::parse_json(&format!("{text}e0")).unwrap(), number);
    }

    #[test]
    fn no_text_panics(text in "[0-9.eE+-]{0,90}") {
        let _ = Decimal::parse_json(&text);
    }
}
