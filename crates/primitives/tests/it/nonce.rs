use ocean_primitives::Nonce;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    assert_eq!(text.parse::<Nonce>().ok().map(|nonce| nonce.to_string()).as_deref(), expected, "{text}");
}

#[test]
fn canonical_text() {
    check("1", Some("1"));
    check("007", Some("7"));
    check("1.50", Some("1.5"));
    check("1.0", Some("1"));
    check("1.7e9", Some("1700000000"));
    check("25e-1", Some("2.5"));
    check("5e-3", Some("0.005"));
    check("0", Some("0"));
}

#[test]
fn refused() {
    for text in
        ["", "-1", "+1", "nan", "inf", "1,5", "0x10", "1e999999999999", "1e-999999999", " 1", "1.2.3", "1e", ".5"]
    {
        check(text, None);
    }
    check(&"9".repeat(129), None);
    // Short to write, too long to be written out and read again.
    check(&format!("1.{}e-100", "1".repeat(100)), None);
}

#[test]
fn order_is_numeric() {
    let sorted =
        ["0", "0.5", "1", "1.5", "9", "10", "1700000000", "1700000000.25", "1700000000000", "1700000000000000000000"];
    for pair in sorted.windows(2) {
        assert!(pair[0].parse::<Nonce>().unwrap() < pair[1].parse::<Nonce>().unwrap(), "{pair:?}");
    }
}

#[test]
fn next_is_above() {
    assert_eq!("9.5".parse::<Nonce>().unwrap().next().to_string(), "10");
    assert_eq!("999".parse::<Nonce>().unwrap().next().to_string(), "1000");
    assert_eq!(Nonce::zero().next().to_string(), "1");
}

proptest! {
    #[test]
    fn agrees_with_integers(a: u64, b: u64) {
        prop_assert_eq!(Nonce::from(a).cmp(&b.to_string().parse().unwrap()), a.cmp(&b));
    }

    #[test]
    fn round_trip(whole: u64, fraction in "[0-9]{0,20}") {
        let nonce: Nonce = format!("{whole}.{fraction}").parse().unwrap();
        prop_assert_eq!(&nonce.to_string().parse::<Nonce>().unwrap(), &nonce);
        prop_assert!(nonce < nonce.next());
    }

    #[test]
    fn never_panics(text in ".{0,140}") {
        let _ = text.parse::<Nonce>();
    }
}
