//! The checksums by which a dataset's publisher names the algorithms it trusts. All stacks use the same formulas.

use sha2::{Digest as _, Sha256};

use crate::Container;

/// `hex(sha256(entrypoint ++ checksum))` of an algorithm's container, lower case, without `0x`.
///
/// Image and tag are **not** covered: an algorithm keeps this checksum when they change.
pub fn container_section_checksum(container: &Container) -> String {
    hex(&Sha256::new().chain_update(&container.entrypoint).chain_update(&container.checksum).finalize())
}

/// The lower-case hexadecimal SHA-256 of each file's content, in order, joined without a separator.
pub fn files_checksum(digests: impl IntoIterator<Item = [u8; 32]>) -> String {
    digests.into_iter().map(|digest| hex(&digest)).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
