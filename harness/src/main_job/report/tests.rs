use super::*;

fn step(number: usize, gas: u64, failure: Option<&str>) -> StepReport {
    StepReport {
        number,
        name: format!("step {number}"),
        millis: 12,
        gas,
        facts: BTreeMap::from([("tx".to_owned(), format!("0x{} is long", "ab".repeat(32)))]),
        failure: failure.map(str::to_owned),
    }
}

#[test]
fn a_failure_is_told_in_report_table_and_line() {
    let report = Report { steps: vec![step(1, 0, None), step(2, 1_234_567, Some("expected 1, saw 2"))], millis: 30 };
    assert!(!report.passed());
    let failure = report.failure().unwrap();
    assert_eq!((failure.step.as_str(), failure.reason.as_str()), ("step 2", "expected 1, saw 2"));
    let table = report.table();
    assert!(table.contains("1,234,567  FAILED") && table.contains("FAILED: expected 1, saw 2"), "{table}");
    assert_eq!(report.steps[1].to_string(), "2 step 2: FAILED in 12 ms, 1234567 gas: expected 1, saw 2");
}

#[test]
fn a_report_without_a_failure_passes() {
    let report = Report { steps: vec![step(1, 0, None)], millis: 12 };
    assert!(report.passed() && report.failure().is_none());
    assert_eq!(report.steps[0].to_string(), "1 step 1: ok in 12 ms");
    assert!(report.table().contains("tx: 0xababab\u{2026}abab is long"), "{}", report.table());
}

#[test]
fn hashes_are_shortened_and_nothing_else() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shortened(text), expected);
    }
    check("", "");
    check("0x12 did:op:zz 0x", "0x12 did:op:zz 0x");
    check(&format!("tx 0x{}.", "12".repeat(32)), "tx 0x121212\u{2026}1212.");
    check(&format!("did:op:{}", "0f".repeat(32)), "did:op:0f0f0f\u{2026}0f0f");
    check(
        &format!("{} in 0x{}", "9".repeat(70), "c".repeat(40)),
        &format!("{} in 0x{}", "9".repeat(70), "c".repeat(40)),
    );
}

#[test]
fn what_was_expected_and_seen_is_told() {
    assert!(expect_eq("numbers", 1, 1).is_ok());
    assert_eq!(expect_eq("the number", 1, 2).unwrap_err().to_string(), "expected the number 1, saw 2");
    assert_eq!(expect("a door", false, || "a wall".to_owned()).unwrap_err().to_string(), "expected a door, saw a wall");
}

#[test]
fn causes_are_told_once() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer: {source}")]
    struct Outer {
        source: Inner,
    }
    #[derive(Debug, thiserror::Error)]
    #[error("inner")]
    struct Inner {
        source: std::io::Error,
    }
    let error = Outer { source: Inner { source: std::io::Error::other("root") } };
    let told = Err::<(), _>(error).doing("trying").unwrap_err().to_string();
    assert_eq!(told, "trying: outer: inner: root");
}
