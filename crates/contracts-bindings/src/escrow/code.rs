//! Which contract a piece of code is, from the selectors that it compares calls with.

use std::collections::BTreeSet;

use alloy::sol_types::SolCall;

use super::EscrowAbi;
use crate::abi::{IEscrow, IEscrowClaims, IEscrowRouter, IEscrowSubsidized, IEscrowTimed};

const PUSH1: u8 = 0x60;
const PUSH4: u8 = 0x63;
const PUSH32: u8 = 0x7f;

/// The interface of an escrow's code, and whether it is the Enterprise form; none for other code.
pub(super) fn identify(code: &[u8]) -> Option<(EscrowAbi, bool)> {
    let constants = constants(code);
    let knows = |selector: [u8; 4]| constants.contains(&u32::from_be_bytes(selector));
    let escrow = [
        IEscrow::depositCall::SELECTOR,
        IEscrow::authorizeCall::SELECTOR,
        IEscrow::createLockCall::SELECTOR,
        IEscrow::getUserFundsCall::SELECTOR,
        IEscrow::opcCollectorCall::SELECTOR,
    ];
    if !escrow.into_iter().all(knows) {
        return None;
    }
    let claims = (knows(IEscrowClaims::claimLockCall::SELECTOR), knows(IEscrowSubsidized::claimLockCall::SELECTOR));
    let abi = match (claims, knows(IEscrowTimed::reLockCall::SELECTOR)) {
        ((true, false), false) => EscrowAbi::Plain,
        ((true, false), true) => EscrowAbi::Timed,
        ((false, true), true) => EscrowAbi::Subsidized,
        _ => return None,
    };
    Some((abi, !knows(IEscrowRouter::factoryRouterCall::SELECTOR)))
}

/// The constants of up to four bytes that the code puts on its stack: selectors are among them, with leading zeros left out.
fn constants(code: &[u8]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut rest = code;
    while let Some((&instruction, tail)) = rest.split_first() {
        let width = match instruction {
            PUSH1..=PUSH32 => usize::from(instruction - PUSH1) + 1,
            _ => 0,
        };
        let (constant, tail) = tail.split_at(width.min(tail.len()));
        if matches!(instruction, PUSH1..=PUSH4) && constant.len() == width {
            found.insert(constant.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)));
        }
        rest = tail;
    }
    found
}

#[cfg(test)]
mod tests;
