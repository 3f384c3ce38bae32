//! The signature of a metadata validator over a document hash, as `ERC721Template` checks it (`setMetaData` proofs).

use ocean_primitives::{Address, B256};

use crate::{
    digest::personal_digest,
    error::{Error, Result},
    key::{PrivateKey, Signature},
};

/// Signs the hash of a document: `personal_sign` over its 32 bytes.
///
/// This is the form of Aquarius, which the contract accepts; the form of ocean-node signs the hash's hex text and does
/// not verify on chain (`Invalid proof signer`).
pub fn sign_document_hash(key: &PrivateKey, hash: B256) -> Signature {
    key.sign_digest(personal_digest(hash.as_slice()))
}

/// Checks that `validator` signed the hash of a document.
///
/// # Errors
/// Another signer, or a signature that no key can have made. The zero address never passes, although the contract emits
/// `MetadataValidated` for it without any check.
pub fn verify_document_hash(validator: Address, hash: B256, signature: &Signature) -> Result<()> {
    let signer = signature.recover(personal_digest(hash.as_slice()))?;
    if signer == validator { Ok(()) } else { Err(Error::ProofSigner { named: validator, signer }) }
}
