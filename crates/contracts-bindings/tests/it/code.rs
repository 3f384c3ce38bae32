use alloy::primitives::hex;
use ocean_contracts_bindings::code::{Fingerprint, clone_of, pinned};
use ocean_primitives::Address;
use proptest::{collection::vec, prelude::*};

/// Code with one immutable value, as a package has it.
fn artifact() -> Vec<u8> {
    [&[0x60, 0x80, 0x7f][..], &[0; 32], &[0x50, 0x00]].concat()
}

fn with_metadata(code: &[u8], hash: u8) -> Vec<u8> {
    let cbor = [&hex!("a264697066735822")[..], &[hash; 34], &hex!("64736f6c6343000819")].concat();
    let length = u16::try_from(cbor.len()).unwrap().to_be_bytes();
    [code, &cbor, &length].concat()
}

#[test]
fn immutable_values_and_metadata_make_no_difference() {
    let fingerprint = Fingerprint::of_artifact(&with_metadata(&artifact(), 1));
    assert_eq!((fingerprint.length, fingerprint.immutables.as_slice()), (37, [3].as_slice()));
    let mut deployed = artifact();
    deployed[3..35].fill(7);
    assert!(fingerprint.fits(&with_metadata(&deployed, 2)));
    deployed[36] = 1;
    assert!(!fingerprint.fits(&deployed), "another instruction");
    assert!(!fingerprint.fits(&[]) && !fingerprint.fits(&artifact()[1..]));

    // Vyper: no metadata, and the values behind the code.
    let vyper = Fingerprint::of_artifact(&artifact());
    assert!(vyper.appended && !fingerprint.appended);
    let with = |count: usize| [artifact(), vec![9; count]].concat();
    assert!(vyper.fits(&with(0)) && vyper.fits(&with(32)) && vyper.fits(&with(256)));
    assert!(!vyper.fits(&with(31)) && !vyper.fits(&with(288)));
}

#[test]
fn clones_name_their_template() {
    let template = Address::repeat_byte(0xab);
    let clone =
        [&hex!("363d3d373d3d3d363d73")[..], template.as_slice(), &hex!("5af43d82803e903d91602b57fd5bf3")].concat();
    assert_eq!(clone_of(&clone), Some(template));
    assert_eq!(clone_of(&clone[1..]), None);
    assert_eq!(clone_of(&clone[..44]), None);
    assert_eq!(clone_of(&[clone.as_slice(), &[0]].concat()), None);
    assert_eq!(clone_of(&[]), None);
}

#[test]
fn the_pinned_release_tells_its_contracts_apart() {
    let pinned = pinned();
    assert_eq!(pinned.release, "2.6.0");
    assert_eq!(pinned.contracts.len(), 30);
    let mut hashes: Vec<_> = pinned.contracts.values().map(|known| known.code.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 30);
    assert_eq!(pinned.contracts["ERC20Template.4"].contract, "ERC20Template4");
}

proptest! {
    #[test]
    fn any_code_is_looked_at_without_a_panic(code in vec(any::<u8>(), 0..200)) {
        let fingerprint = Fingerprint::of_artifact(&code);
        prop_assert!(fingerprint.fits(&code));
        for known in pinned().contracts.values() {
            prop_assert!(!known.code.fits(&code));
        }
        let _ = clone_of(&code);
    }
}
