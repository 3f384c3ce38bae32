use alloy::primitives::{Address, B256, Bytes, U256};

use super::{Contracts, SetMetadata, TxOutcome, find_event, metadata::TOKEN_ID};
use crate::{
    abi::{IErc20TemplateSigned, IErc721Template, MetadataAndTokenUri},
    error::Result,
};

impl Contracts {
    /// Puts a document on chain and changes the token URI, in one transaction.
    ///
    /// # Errors
    /// The sender lacks the metadata role or does not own the data NFT, or a proof is not by its validator.
    pub async fn set_metadata_and_token_uri(
        &self,
        nft: Address,
        metadata: &SetMetadata,
        token_uri: &str,
    ) -> Result<TxOutcome> {
        let call = IErc721Template::setMetaDataAndTokenURICall {
            _metaDataAndTokenURI: MetadataAndTokenUri {
                metaDataState: metadata.state,
                metaDataDecryptorUrl: metadata.decryptor_url.clone(),
                metaDataDecryptorAddress: metadata.decryptor_address.clone(),
                flags: metadata.flags.clone(),
                data: metadata.data.clone(),
                metaDataHash: metadata.hash,
                tokenId: TOKEN_ID,
                tokenURI: token_uri.to_owned(),
                metadataProofs: metadata.proofs.clone(),
            },
        };
        let receipt = self.transact(nft, &call).await?;
        metadata.find_in(&receipt, nft)?;
        find_event::<IErc721Template::TokenURIUpdate>(&receipt, nft, |event| event.tokenURI == token_uri)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Writes a value of the data NFT's key-value store (ERC725Y).
    ///
    /// # Errors
    /// The sender may not write the store.
    pub async fn set_data(
        &self,
        nft: Address,
        key: B256,
        value: Bytes,
    ) -> Result<TxOutcome<IErc721Template::DataChanged>> {
        let call = IErc721Template::setNewDataCall { _key: key, _value: value.clone() };
        self.transact_for(nft, &call, nft, |event: &IErc721Template::DataChanged| {
            event.key == key && event.value == value
        })
        .await
    }

    /// A value of the data NFT's key-value store; empty where there is none.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn get_data(&self, nft: Address, key: B256) -> Result<Bytes> {
        self.read(nft, &IErc721Template::getDataCall { _key: key }).await
    }

    /// Writes the value that a datatoken of template 1 or 2 has in the key-value store of its data NFT, under
    /// [`datatoken_key`].
    ///
    /// # Errors
    /// The sender may not decide about the datatoken; its template has no such method.
    pub async fn set_datatoken_data(
        &self,
        datatoken: Address,
        value: Bytes,
    ) -> Result<TxOutcome<IErc721Template::DataChanged>> {
        let nft = self.nft_of(datatoken).await?;
        let call = IErc20TemplateSigned::setDataCall { _value: value.clone() };
        self.transact_for(datatoken, &call, nft, |event: &IErc721Template::DataChanged| {
            event.key == datatoken_key(datatoken) && event.value == value
        })
        .await
    }

    /// Gives the data NFT of `from` to somebody else, for an account that was allowed to; see [`Contracts::transfer_nft`].
    ///
    /// # Errors
    /// It is not transferable, or the sender may not transfer it.
    pub async fn transfer_nft_from(&self, nft: Address, from: Address, to: Address) -> Result<TxOutcome> {
        let call = IErc721Template::transferFromCall { from, to, tokenId: TOKEN_ID };
        let outcome = self.transact_for(nft, &call, nft, |event: &IErc721Template::Transfer| {
            event.from == from && event.to == to && event.tokenId == TOKEN_ID
        });
        Ok(outcome.await?.map(drop))
    }

    /// Allows `to` to transfer the data NFT, once; the zero address takes that back.
    ///
    /// # Errors
    /// The sender does not own it.
    pub async fn approve_nft(&self, nft: Address, to: Address) -> Result<TxOutcome<IErc721Template::Approval>> {
        let call = IErc721Template::approveCall { to, tokenId: TOKEN_ID };
        self.transact_for(nft, &call, nft, |event: &IErc721Template::Approval| {
            event.approved == to && event.tokenId == TOKEN_ID
        })
        .await
    }

    /// Whether the data NFT can change hands.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn is_transferable(&self, nft: Address) -> Result<bool> {
        self.read(nft, &IErc721Template::transferableCall {}).await
    }

    /// The datatokens of a data NFT.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn datatokens_of(&self, nft: Address) -> Result<Vec<Address>> {
        self.read(nft, &IErc721Template::getTokensListCall {}).await
    }

    /// Has the data NFT call another contract with `data` and `value` wei of its own (ERC725X, operation 0).
    ///
    /// The contract swallows a failure of that call and still says that it was executed, so the call is simulated from the data
    /// NFT's address first, and refused where it fails there. It is no proof that it does not fail in its block: look for its
    /// effect.
    ///
    /// # Errors
    /// The sender is not a manager, or the call fails when it is simulated.
    pub async fn execute_call(
        &self,
        nft: Address,
        to: Address,
        value: U256,
        data: Bytes,
    ) -> Result<TxOutcome<IErc721Template::Executed>> {
        self.simulate_raw(nft, to, value, data.clone()).await?;
        let call =
            IErc721Template::executeCallCall { _operation: U256::ZERO, _to: to, _value: value, _data: data.clone() };
        self.transact_for(nft, &call, nft, |event: &IErc721Template::Executed| {
            event._to == to && event._value == value && event._data == data
        })
        .await
    }

    /// The block number until which a permit holds that was given `blocks` from now on: datatokens compare the deadline of a
    /// permit with the number of the block, not with the time.
    ///
    /// # Errors
    /// The node fails.
    pub async fn permit_deadline(&self, blocks: u64) -> Result<U256> {
        Ok(U256::from(self.block_number().await?.saturating_add(blocks)))
    }
}

/// The key under which a datatoken has its value in the key-value store: the hash of its address.
pub fn datatoken_key(datatoken: Address) -> B256 {
    alloy::primitives::keccak256(datatoken)
}
