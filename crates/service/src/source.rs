use async_trait::async_trait;
use ocean_crypto::Flags;
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::{Address, B256, Bytes, ChainId};

/// Where a server gets documents from: an Aquarius over HTTP, or the index of the same process.
#[async_trait]
pub trait DdoSource: std::fmt::Debug + Send + Sync {
    /// The present document of `did`, or nothing when there is none. It may carry the indexer's fields; [`RawDdo::stripped`] removes them.
    ///
    /// # Errors
    /// The source cannot tell.
    async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>, SourceError>;
}

/// Why a [`DdoSource`] cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It cannot be reached or failed; asking again later may help.
    #[error("the document source is unavailable: {0}")]
    Unavailable(String),
    /// It answered with something that is not a document.
    #[error("the document source answered wrongly: {0}")]
    Invalid(String),
}

/// A document on chain that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptRequest {
    /// The chain of the event.
    pub chain_id: ChainId,
    /// The data NFT that emitted it.
    pub nft: Address,
    /// The transaction of the event.
    pub transaction_id: B256,
    /// The Provider that can decrypt, as the event names it. A stranger wrote it.
    pub decryptor_url: String,
    /// The `data` of the event.
    pub encrypted: Bytes,
    /// What was done to the document.
    pub flags: Flags,
    /// The SHA-256 that the decrypted document must have.
    pub document_hash: B256,
}

/// Who decrypts documents for an indexer: a Provider over HTTP, or the keys of the same process.
#[async_trait]
pub trait Decryptor: std::fmt::Debug + Send + Sync {
    /// The document, whose hash is the one of the request.
    ///
    /// # Errors
    /// [`DecryptError`] says whether asking again can help.
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError>;
}

/// Why a document was not decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// The Provider will not decrypt it for this indexer; asking again does not help.
    #[error("decryption was refused: {0}")]
    Refused(String),
    /// The Provider cannot be reached or failed; asking again later may help.
    #[error("the decryptor is unavailable: {0}")]
    Unavailable(String),
    /// What came back is not the document, or the request can never succeed.
    #[error("the document cannot be decrypted: {0}")]
    Invalid(String),
}

impl DecryptError {
    /// Whether asking again later may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
