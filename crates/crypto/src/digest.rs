use ocean_primitives::{B256, keccak256};

/// The digest that `personal_sign` (EIP-191, version `E`) signs for these bytes:
/// `keccak256("\x19Ethereum Signed Message:\n" ‖ decimal length ‖ bytes)`.
///
/// For 32 bytes this is what the contracts call `eth_sign`.
pub fn personal_digest(bytes: &[u8]) -> B256 {
    let mut text = format!("\x19Ethereum Signed Message:\n{}", bytes.len()).into_bytes();
    text.extend_from_slice(bytes);
    keccak256(text)
}
