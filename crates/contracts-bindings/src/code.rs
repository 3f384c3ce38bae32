//! What stands at an address: the code of a contract that is known, or a clone of one.

use alloy::primitives::Address;

/// What stands before and after the address in an EIP-1167 clone.
const CLONE: (&[u8], &[u8]) = (
    &[0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73],
    &[0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d, 0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3],
);

/// The contract that an EIP-1167 clone passes every call on to; none for any other code. Data NFTs, datatokens and access lists
/// are such clones.
pub fn clone_of(code: &[u8]) -> Option<Address> {
    let address = code.strip_prefix(CLONE.0)?.strip_suffix(CLONE.1)?;
    Address::try_from(address).ok()
}
