use alloy::{
    primitives::{Address, B256, Bytes, U256},
    rpc::types::TransactionReceipt,
};

use super::{Contracts, TxOutcome, find_event};
use crate::{
    abi::{IErc721Template, MetadataProof},
    error::{Error, Result},
};

/// The token that every data NFT contract consists of.
pub(super) const TOKEN_ID: U256 = U256::ONE;

/// A document to put on chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetMetadata {
    /// The asset's state, 0 for active.
    pub state: u8,
    /// Where an indexer has the document decrypted.
    pub decryptor_url: String,
    /// The Provider's account. It is stored, but no event carries it.
    pub decryptor_address: String,
    /// One byte: bit 0 compressed, bit 1 encrypted.
    pub flags: Bytes,
    /// The document, compressed and encrypted as the flags say.
    pub data: Bytes,
    /// SHA-256 of the document in clear.
    pub hash: B256,
    /// Signatures of validators over `hash`; at most 50.
    pub proofs: Vec<MetadataProof>,
}

impl SetMetadata {
    /// The event of this document.
    pub(super) fn find_in(&self, receipt: &TransactionReceipt, nft: Address) -> Result<()> {
        let created = find_event::<IErc721Template::MetadataCreated>(receipt, nft, |event| {
            event.metaDataHash == self.hash && event.state == self.state
        });
        if created.is_err() {
            find_event::<IErc721Template::MetadataUpdated>(receipt, nft, |event| {
                event.metaDataHash == self.hash && event.state == self.state
            })?;
        }
        Ok(())
    }
}

/// What a data NFT stores about its document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NftMetadata {
    /// Where an indexer has the document decrypted.
    pub decryptor_url: String,
    /// The Provider's account as it was given.
    pub decryptor_address: String,
    /// The asset's state.
    pub state: u8,
    /// Whether there ever was a document.
    pub has_metadata: bool,
}

impl Contracts {
    /// Puts a document on chain, as the first one or in place of the last one.
    ///
    /// # Errors
    /// The sender lacks the metadata role, or a proof is not by its validator.
    pub async fn set_metadata(&self, nft: Address, metadata: &SetMetadata) -> Result<TxOutcome> {
        let call = IErc721Template::setMetaDataCall {
            _metaDataState: metadata.state,
            _metaDataDecryptorUrl: metadata.decryptor_url.clone(),
            _metaDataDecryptorAddress: metadata.decryptor_address.clone(),
            flags: metadata.flags.clone(),
            data: metadata.data.clone(),
            _metaDataHash: metadata.hash,
            _metadataProofs: metadata.proofs.clone(),
        };
        let receipt = self.transact(nft, &call).await?;
        metadata.find_in(&receipt, nft)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Changes only the state of an asset.
    ///
    /// # Errors
    /// The sender lacks the metadata role.
    pub async fn set_metadata_state(&self, nft: Address, state: u8) -> Result<TxOutcome> {
        let receipt = self.transact(nft, &IErc721Template::setMetaDataStateCall { _metaDataState: state }).await?;
        find_event::<IErc721Template::MetadataState>(&receipt, nft, |event| event.state == state)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Changes the data NFT's token URI; only its owner may.
    ///
    /// # Errors
    /// The sender is not the owner.
    pub async fn set_token_uri(&self, nft: Address, token_uri: &str) -> Result<TxOutcome> {
        let call = IErc721Template::setTokenURICall { tokenId: TOKEN_ID, tokenURI: token_uri.to_owned() };
        let receipt = self.transact(nft, &call).await?;
        find_event::<IErc721Template::TokenURIUpdate>(&receipt, nft, |event| event.tokenURI == token_uri)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Gives the data NFT to somebody else, and with it every role and the payment collector of its datatokens.
    ///
    /// # Errors
    /// It is not transferable, or the sender may not transfer it.
    pub async fn transfer_nft(&self, nft: Address, to: Address) -> Result<TxOutcome> {
        let from = self.sender.ok_or(Error::NoSender)?;
        let call = IErc721Template::safeTransferFromCall { from, to, tokenId: TOKEN_ID };
        let receipt = self.transact(nft, &call).await?;
        find_event::<IErc721Template::Transfer>(&receipt, nft, |event| event.to == to && event.tokenId == TOKEN_ID)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// The state of an asset as the chain has it.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn nft_state(&self, nft: Address) -> Result<u8> {
        self.read(nft, &IErc721Template::metaDataStateCall {}).await
    }

    /// What the data NFT stores about its document.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn nft_metadata(&self, nft: Address) -> Result<NftMetadata> {
        let stored = self.read(nft, &IErc721Template::getMetaDataCall {}).await?;
        Ok(NftMetadata {
            decryptor_url: stored.decryptorUrl,
            decryptor_address: stored.decryptorAddress,
            state: stored.state,
            has_metadata: stored.hasMetaData,
        })
    }

    /// Whose the data NFT is.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn nft_owner(&self, nft: Address) -> Result<Address> {
        self.read(nft, &IErc721Template::ownerOfCall { tokenId: TOKEN_ID }).await
    }

    /// The data NFT's token URI.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn nft_token_uri(&self, nft: Address) -> Result<String> {
        self.read(nft, &IErc721Template::tokenURICall { tokenId: TOKEN_ID }).await
    }

    /// Whether the data NFT knows the datatoken as its own. Only meaningful for a data NFT that the factory made.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn is_deployed(&self, nft: Address, datatoken: Address) -> Result<bool> {
        self.read(nft, &IErc721Template::isDeployedCall { datatoken }).await
    }
}
