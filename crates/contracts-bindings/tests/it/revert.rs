use alloy::{
    primitives::{U256, hex},
    sol_types::{Panic, Revert as RevertText, SolError as _},
};
use ocean_contracts_bindings::Revert;

#[track_caller]
fn check(data: &[u8], expected: Revert, text: &str) {
    let revert = Revert::decode(data);
    assert_eq!(revert, expected);
    assert_eq!(revert.to_string(), text);
}

#[test]
fn what_a_contract_returns_becomes_its_reason() {
    let text = "ERC721Template: NOT METADATA_ROLE";
    check(&RevertText::from(text).abi_encode(), Revert::Message(text.to_owned()), text);
    let panic = Panic { code: U256::from(0x11) }.abi_encode();
    check(&panic, Revert::Panic(0x11), "panic 0x11: arithmetic underflow or overflow");
    check(&Panic { code: U256::MAX }.abi_encode(), Revert::Panic(u64::MAX), "panic 0xffffffffffffffff");
    check(&[], Revert::Empty, "no reason given");
}

#[test]
fn what_is_no_known_error_is_kept_as_it_is() {
    let custom = hex!("deadbeef00000001");
    check(&custom, Revert::Other(custom.into()), "custom error 0xdeadbeef00000001");
    // The selector of `Error(string)` with a text that is cut off.
    let cut = &RevertText::from("reason").abi_encode()[..40];
    check(cut, Revert::Other(cut.to_vec().into()), &format!("custom error 0x{}", hex::encode(cut)));
}
