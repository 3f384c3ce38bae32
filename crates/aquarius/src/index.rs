//! The documents as they are served, in memory: derived from the database and never ahead of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use ocean_ddo::RawDdo;
use ocean_primitives::{Address, ChainId};

use crate::{
    error::Result,
    indexer::batch::key,
    query::Document,
    record::{AssetRecord, NftRecord, TokenRecord},
    render,
    store::{Space, Store},
};

/// One asset as it is served.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What the search sees; its value is `text` parsed.
    pub(crate) document: Document,
    /// The body of `assets/ddo`.
    pub(crate) text: String,
    /// Whether any JSON parser reads `text`: without half surrogate pairs and numbers beyond a float.
    pub(crate) plain: bool,
    /// The document as it came in.
    pub(crate) raw: RawDdo,
    /// Whether the asset is deprecated or revoked.
    pub(crate) removed: bool,
}

/// All assets by DID.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: RwLock<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    by_did: BTreeMap<String, Arc<Entry>>,
    dids: BTreeMap<(ChainId, Address), String>,
}

impl Index {
    /// The asset with this DID.
    pub(crate) fn get(&self, did: &str) -> Option<Arc<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).by_did.get(did).cloned()
    }

    /// All assets, as of now.
    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).by_did.values().cloned().collect()
    }

    /// Reads these NFTs' assets from the database again.
    pub(crate) fn refresh(&self, store: &Store, chain: ChainId, nfts: &[Address]) -> Result<()> {
        for nft in nfts {
            let entry = load(store, chain, *nft)?;
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            entries.replace((chain, *nft), entry);
        }
        Ok(())
    }

    /// Reads all assets of a chain from the database again.
    pub(crate) fn reload(&self, store: &Store, chain: ChainId) -> Result<()> {
        let assets: Vec<(String, AssetRecord)> = store.records(chain, Space::Asset)?;
        let mut loaded = Vec::with_capacity(assets.len());
        for (_, asset) in assets {
            loaded.push((asset.nft, load(store, chain, asset.nft)?));
        }
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let stale: Vec<_> = entries.dids.keys().filter(|(of, _)| *of == chain).copied().collect();
        for place in stale {
            entries.replace(place, None);
        }
        for (nft, entry) in loaded {
            entries.replace((chain, nft), entry);
        }
        Ok(())
    }
}

impl Entries {
    fn replace(&mut self, place: (ChainId, Address), entry: Option<Entry>) {
        if let Some(did) = self.dids.remove(&place) {
            self.by_did.remove(&did);
        }
        if let Some(entry) = entry {
            self.dids.insert(place, entry.document.id.clone());
            self.by_did.insert(entry.document.id.clone(), Arc::new(entry));
        }
    }
}

fn load(store: &Store, chain: ChainId, nft: Address) -> Result<Option<Entry>> {
    let nft_key = key(nft);
    let Some(asset) = store.record::<AssetRecord>(chain, Space::Asset, &nft_key)? else {
        return Ok(None);
    };
    let Some(bytes) = store.bytes(chain, &(Space::Document, nft_key.clone()))? else {
        return Ok(None);
    };
    let Some(nft) = store.record::<NftRecord>(chain, Space::Nft, &nft_key)? else {
        return Ok(None);
    };
    let Ok(raw) = RawDdo::parse(bytes) else {
        // It was parsed before it was stored, so this is a damaged file; the asset is not served.
        tracing::error!(did = asset.did, "a stored document cannot be read");
        return Ok(None);
    };
    let mut tokens = Vec::new();
    for token in &nft.tokens {
        tokens.extend(store.record::<TokenRecord>(chain, Space::Token, &key(*token))?);
    }
    Ok(Some(render::entry(raw, &asset, &nft, &tokens)))
}
