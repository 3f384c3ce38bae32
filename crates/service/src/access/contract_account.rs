use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, keccak256},
    sol,
    sol_types::SolCall as _,
};
use ocean_contracts_bindings::Error;

use super::AccessError;
use crate::chain::Chain;

sol! {
    /// ERC-1271: what a contract account answers to.
    interface IContractAccount {
        function isValidSignature(bytes32 hash, bytes signature) external view returns (bytes4 magic);
    }
}

/// The answer of an account that accepts a signature: the selector of the call.
const ACCEPTED: [u8; 4] = IContractAccount::isValidSignatureCall::SELECTOR;

/// The longest signature that is shown to a contract, in bytes: dozens of owners' worth.
const LONGEST: usize = 8 * 1024;

/// Whether the contract at `account` says (ERC-1271) that it has signed `text` with `signature`.
///
/// It is asked for each of the digests that its owners' wallets make of such a text: the hash of the text, that hash signed as a
/// message, and the text signed as a message. An address without a contract has signed nothing this way.
///
/// # Errors
/// [`AccessError::is_unavailable`] when the chain does not answer.
pub async fn contract_signed(
    chain: &Chain,
    account: Address,
    text: &str,
    signature: &[u8],
) -> Result<bool, AccessError> {
    if signature.len() > LONGEST {
        return Ok(false);
    }
    let hash = keccak256(text);
    for digest in [hash, message_digest(hash.as_slice()), message_digest(text.as_bytes())] {
        let call =
            IContractAccount::isValidSignatureCall { hash: digest, signature: Bytes::copy_from_slice(signature) };
        match chain.contracts().read(account, &call).await {
            Ok(magic) if magic == FixedBytes(ACCEPTED) => return Ok(true),
            // No contract, one that does not know the question, or a no.
            Ok(_) | Err(Error::Revert { .. } | Error::Answer { .. }) => {}
            Err(error) => return Err(AccessError::unavailable(chain, &error)),
        }
    }
    Ok(false)
}

/// The digest of EIP-191's personal messages.
fn message_digest(message: &[u8]) -> B256 {
    let prefix = format!("\x19Ethereum Signed Message:\n{}", message.len());
    keccak256([prefix.as_bytes(), message].concat())
}
