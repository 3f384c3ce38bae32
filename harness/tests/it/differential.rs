//! Our prices against the deployed contracts: see `ocean_testbed::differential`.

use ocean_testbed::{
    Progress,
    differential::{Settings, compare_prices, compare_terms},
};

/// Each of them is a random exchange with four answers of the contract.
const CASES: usize = 10_000;
/// Each of them is a purchase in a block and, where it succeeds, a sale.
const TRADES: usize = 300;
/// So many locks and claims of an escrow, dispensers, locks of veOCEAN, and epochs.
const TERMS: usize = 1_000;

#[tokio::test]
async fn prices_are_the_contracts_own() {
    let comparison = compare_prices(Settings::new(CASES, TRADES), &Progress::stderr()).await.unwrap();
    eprintln!("{comparison}");
    assert_eq!(comparison.differences, 0, "{comparison}");
    // Neither everything answered nor everything refused: both sides of each limit were seen.
    assert!(comparison.cases > CASES && comparison.calls > 4 * CASES, "{comparison}");
    assert!(comparison.answered > CASES && comparison.refused > CASES, "{comparison}");
    assert!(comparison.transactions > TRADES && comparison.succeeded > TRADES / 2, "{comparison}");
}

#[tokio::test]
async fn the_comparison_finds_a_price_that_is_one_unit_off() {
    let mut settings = Settings::new(50, 0);
    settings.mispriced = true;
    let comparison = compare_prices(settings, &Progress::stderr()).await.unwrap();
    assert!(comparison.differences > 10, "{comparison}");
    let first = comparison.shown.first().unwrap();
    assert_eq!(first.call, "buyDT");
    assert!(first.case.starts_with('{'), "{first:?}");
}

#[tokio::test]
async fn escrows_dispensers_and_clocks_refuse_and_answer_as_the_contracts_do() {
    let comparison = compare_terms(Settings::new(TERMS, 0), &Progress::stderr()).await.unwrap();
    eprintln!("{comparison}");
    assert_eq!(comparison.differences, 0, "{comparison}");
    assert!(comparison.cases == 4 * TERMS && comparison.calls > 10 * TERMS, "{comparison}");
    assert!(comparison.answered > 4 * TERMS && comparison.refused > TERMS, "{comparison}");
}
