use std::time::Duration;

use jiff::Timestamp;
use ocean_contracts_bindings::{SetMetadata, events::Event, wait_for_receipt};
use ocean_crypto::Flags;
use ocean_ddo::{AssetState, RawDdo, validate};
use ocean_did::Did;
use ocean_primitives::{Address, B256, Bytes};

use crate::{
    error::{Error, Result},
    ocean::Ocean,
    publish::DocumentForm,
};

/// A document that was written to the chain.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Published {
    /// The transaction.
    pub tx: B256,
    /// Its block.
    pub block: u64,
    /// Its gas.
    pub gas_used: u64,
    /// Exactly the bytes that were published.
    pub document: RawDdo,
    /// SHA-256 of these bytes, as written on chain.
    pub checksum: B256,
}

/// A transaction that changed an asset's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateChange {
    /// The transaction.
    pub tx: B256,
    /// Its block.
    pub block: u64,
    /// Its gas.
    pub gas_used: u64,
}

impl Ocean {
    /// Changes an asset's document and waits until the new one is served.
    ///
    /// `edit` gets the published document without the indexer's fields and returns the changed one; bytes it does not touch
    /// stay as they are. `metadata.updated` is set to the present. Form (plain or encrypted) and state stay what they were.
    ///
    /// # Errors
    /// The asset is unknown; `edit` fails; the changed document breaks the strict rules or names another asset (nothing was
    /// sent then); a revert, for example because the account may not update metadata; the indexer does not follow in time.
    pub async fn edit_metadata<F>(&self, did: &Did, edit: F) -> Result<Published>
    where
        F: FnOnce(RawDdo) -> Result<RawDdo, ocean_ddo::Error>,
    {
        let served = self.asset(did).await?;
        let nft = served.ddo().map_err(Error::document("reading the document"))?.nft_address;
        let form = self.published_form(&served, nft).await?;
        let changed = edit(served.stripped()).map_err(Error::document("editing the document"))?;
        let updated = serde_json::Value::String(stamp(Timestamp::now()));
        let changed = changed.set("/metadata/updated", &updated).map_err(Error::document("editing the document"))?;
        let state = self.inner.contracts.nft_state(nft).await.map_err(Error::chain("reading the asset's state"))?;
        let state = AssetState::try_from(state).map_err(Error::document("reading the asset's state"))?;
        let published = self.publish_document(did, nft, &changed, form, state).await?;
        self.wait_for(did, published.tx).await?;
        Ok(published)
    }

    /// Sets the state of an asset on its NFT, for example [`AssetState::OrderingDisabled`].
    ///
    /// # Errors
    /// A revert, for example because the account may not update metadata.
    pub async fn set_state(&self, did: &Did, state: AssetState) -> Result<StateChange> {
        let nft = self.asset(did).await?.ddo().map_err(Error::document("reading the document"))?.nft_address;
        let outcome = self
            .inner
            .contracts
            .set_metadata_state(nft, state as u8)
            .await
            .map_err(Error::chain("setting the asset's state"))?;
        Ok(StateChange { tx: outcome.tx, block: outcome.block, gas_used: outcome.gas_used })
    }

    /// Validates a document, writes it to its data NFT, and does not wait for any indexer.
    ///
    /// # Errors
    /// The document breaks the strict rules or names another asset (nothing was sent then), the Provider does not encrypt
    /// it, or a revert.
    pub async fn publish_document(
        &self,
        did: &Did,
        nft: Address,
        document: &RawDdo,
        form: DocumentForm,
        state: AssetState,
    ) -> Result<Published> {
        let ddo = document.ddo().map_err(Error::document("reading the document"))?;
        if ddo.id != *did || ddo.nft_address != nft || ddo.chain_id != self.inner.chain_id {
            let expected = format!("{did} with data NFT {nft} on chain {}", self.inner.chain_id);
            let found = format!("{} with data NFT {} on chain {}", ddo.id, ddo.nft_address, ddo.chain_id);
            return Err(Error::OtherAsset { expected, found });
        }
        let report = validate::validate(document, validate::Profile::Strict);
        if !report.valid {
            return Err(Error::NotValid(report.violations));
        }
        let data = match form {
            DocumentForm::Plain => Bytes::copy_from_slice(document.as_bytes()),
            DocumentForm::Encrypted => self.encrypt(document.as_bytes(), "encrypting the document").await?,
        };
        let checksum = document.checksum();
        let decryptor = self.provider_address().await?;
        let metadata = SetMetadata {
            state: state as u8,
            decryptor_url: self.provider_url(),
            decryptor_address: decryptor.map(|address| address.to_checksum(None)).unwrap_or_default(),
            flags: Bytes::copy_from_slice(&form.flags().to_bytes()),
            data,
            hash: checksum,
            proofs: Vec::new(),
        };
        let outcome =
            self.inner.contracts.set_metadata(nft, &metadata).await.map_err(Error::chain("publishing the document"))?;
        Ok(Published {
            tx: outcome.tx,
            block: outcome.block,
            gas_used: outcome.gas_used,
            document: document.clone(),
            checksum,
        })
    }

    pub(crate) async fn encrypt(&self, clear: &[u8], doing: &'static str) -> Result<Bytes> {
        let (provider, key) = (&self.inner.provider, &self.inner.key);
        provider.encrypt(clear.to_vec(), self.inner.chain_id, key).await.map_err(Error::provider(doing))
    }

    /// The Provider's URL as it is written into documents and transactions: without a slash at the end, to which clients add
    /// a path.
    pub(crate) fn provider_url(&self) -> String {
        self.inner.provider.url().as_str().trim_end_matches('/').to_owned()
    }

    async fn provider_address(&self) -> Result<Option<Address>> {
        let address = self.inner.provider.address(self.inner.chain_id).await;
        address.map_err(Error::provider("asking the Provider who it is"))
    }

    /// How the served document was written on chain, from its own transaction.
    async fn published_form(&self, served: &RawDdo, nft: Address) -> Result<DocumentForm> {
        let value = served.value();
        let text = |pointer: &str| value.pointer(pointer).and_then(serde_json::Value::as_str).map(str::to_owned);
        let tx = text("/event/tx").or_else(|| text("/indexedMetadata/event/txid"));
        let Some(tx) = tx.and_then(|tx| tx.parse::<B256>().ok()) else {
            return Ok(DocumentForm::default());
        };
        let rpc = self.inner.contracts.rpc();
        let receipt = wait_for_receipt(rpc, tx, Duration::from_secs(10)).await;
        let receipt = receipt.map_err(Error::chain("reading the document's transaction"))?;
        let logs = receipt.logs().iter().filter(|log| log.address() == nft);
        let flags = logs.filter_map(|log| Event::decode(log.data())).find_map(|event| match event {
            Event::MetadataCreated(created) => Some(created.flags),
            Event::MetadataUpdated(updated) => Some(updated.flags),
            _ => None,
        });
        let flags = flags.and_then(|flags| Flags::from_bytes(&flags).ok());
        Ok(match flags {
            Some(flags) if !flags.is_encrypted() => DocumentForm::Plain,
            _ => DocumentForm::Encrypted,
        })
    }
}

/// The time as documents carry it: UTC, whole seconds, `Z`.
fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
