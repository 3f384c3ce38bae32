#![allow(clippy::unwrap_used, reason = "tests")]

use alloy::sol_types::SolCall as _;
use proptest::prelude::*;

use super::{EscrowAbi, constants, identify};
use crate::abi::{IEscrow, IEscrowClaims, IEscrowRouter, IEscrowSubsidized, IEscrowTimed};

/// Code that compares calls with these selectors.
fn code(selectors: &[[u8; 4]]) -> Vec<u8> {
    selectors
        .iter()
        .flat_map(|selector| [0x80, 0x63].iter().chain(selector).chain(&[0x14]).copied().collect::<Vec<_>>())
        .collect()
}

const COMMON: [[u8; 4]; 5] = [
    IEscrow::depositCall::SELECTOR,
    IEscrow::authorizeCall::SELECTOR,
    IEscrow::createLockCall::SELECTOR,
    IEscrow::getUserFundsCall::SELECTOR,
    IEscrow::opcCollectorCall::SELECTOR,
];

#[track_caller]
fn check(own: &[[u8; 4]], expected: Option<(EscrowAbi, bool)>) {
    let all = [&COMMON, own].concat();
    assert_eq!(identify(&code(&all)), expected);
    // Without any one of the common selectors it is something else.
    for missing in 0..COMMON.len() {
        let mut some = all.clone();
        some.remove(missing);
        assert_eq!(identify(&code(&some)), None);
    }
}

#[test]
fn each_release_has_its_selectors() {
    let (old, new) = (IEscrowClaims::claimLockCall::SELECTOR, IEscrowSubsidized::claimLockCall::SELECTOR);
    let (relock, router) = (IEscrowTimed::reLockCall::SELECTOR, IEscrowRouter::factoryRouterCall::SELECTOR);
    check(&[old, router], Some((EscrowAbi::Plain, false)));
    check(&[old], Some((EscrowAbi::Plain, true)));
    check(&[old, relock, router], Some((EscrowAbi::Timed, false)));
    check(&[new, relock], Some((EscrowAbi::Subsidized, true)));
    // Nothing that is known.
    check(&[], None);
    check(&[relock, router], None);
    check(&[old, new, relock, router], None);
    check(&[new, router], None);
}

#[test]
fn what_is_data_of_another_instruction_is_no_selector() {
    let selectors = [&COMMON[..], &[IEscrowClaims::claimLockCall::SELECTOR]].concat();
    assert!(identify(&code(&selectors)).is_some());
    // The same bytes inside longer constants.
    let hidden: Vec<u8> =
        selectors.iter().flat_map(|selector| [&[0x7f, 0x63], &selector[..], &[0; 27]].concat()).collect();
    assert_eq!(identify(&hidden), None);
    assert!(constants(&hidden).is_empty());
    assert_eq!(constants(&[0x60, 7, 0x62, 1, 2, 3, 0x63, 1]).into_iter().collect::<Vec<_>>(), [7, 0x01_02_03]);
}

proptest! {
    #[test]
    fn code_of_any_kind_is_read_without_panic(code in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(identify(&code), None);
    }
}
