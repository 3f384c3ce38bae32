use std::collections::BTreeMap;

use ocean_primitives::{Address, ChainId};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    store::{BlockRef, Commit, Key, Space, Store},
};

/// Changes that are not in the database yet, on top of what is.
///
/// It notes the value before each first change under the block it is made at, so that the database can undo it.
pub(crate) struct Batch<'a> {
    store: &'a Store,
    chain: ChainId,
    block: u64,
    commit: Commit,
}

impl<'a> Batch<'a> {
    /// An empty batch whose changes count as made at `block`.
    pub(crate) fn new(store: &'a Store, chain: ChainId, block: u64) -> Self {
        Self { store, chain, block, commit: Commit::default() }
    }

    /// Later changes count as made at `block`.
    pub(crate) fn at(&mut self, block: u64) {
        self.block = block;
    }

    /// The chain.
    pub(crate) fn chain(&self) -> ChainId {
        self.chain
    }

    pub(crate) fn bytes(&self, space: Space, key: &str) -> Result<Option<Vec<u8>>> {
        let key: Key = (space, key.to_owned());
        match self.commit.records.get(&key) {
            Some(value) => Ok(value.clone()),
            None => self.store.bytes(self.chain, &key),
        }
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, space: Space, key: &str) -> Result<Option<T>> {
        let bytes = self.bytes(space, key)?;
        let decoded = bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose();
        decoded.map_err(|source| Error::Record { key: key.to_owned(), source })
    }

    pub(crate) fn put<T: Serialize>(&mut self, space: Space, key: &str, value: &T) -> Result<()> {
        let bytes = serde_json::to_vec(value).map_err(|source| Error::Record { key: key.to_owned(), source })?;
        self.put_bytes(space, key, Some(bytes))
    }

    pub(crate) fn remove(&mut self, space: Space, key: &str) -> Result<()> {
        self.put_bytes(space, key, None)
    }

    pub(crate) fn put_bytes(&mut self, space: Space, key: &str, value: Option<Vec<u8>>) -> Result<()> {
        let old = self.bytes(space, key)?;
        if old == value {
            return Ok(());
        }
        let key: Key = (space, key.to_owned());
        self.commit.journal.entry((self.block, key.clone())).or_insert(old);
        self.commit.records.insert(key, value);
        Ok(())
    }

    /// The keys of NFTs whose served document may have changed.
    pub(crate) fn touched(&self) -> Result<Vec<Address>> {
        let mut nfts = Vec::new();
        for (space, key) in self.commit.records.keys() {
            let nft = match space {
                Space::Nft | Space::Asset | Space::Document => key.parse().ok(),
                Space::Token => self.get::<crate::record::TokenRecord>(Space::Token, key)?.map(|token| token.nft),
                Space::Exchange | Space::State | Space::Retry | Space::Block => None,
            };
            nfts.extend(nft);
        }
        nfts.sort_unstable();
        nfts.dedup();
        Ok(nfts)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commit.records.is_empty()
    }

    /// The changes as one transaction, with the cursor moved to `cursor` if given.
    pub(crate) fn finish(mut self, cursor: Option<BlockRef>, ring: Vec<BlockRef>, keep_from: u64) -> Commit {
        self.commit.cursor = cursor;
        self.commit.ring = ring;
        self.commit.keep_from = keep_from;
        std::mem::take(&mut self.commit)
    }
}

/// The key of a record that belongs to an address.
pub(crate) fn key(address: Address) -> String {
    format!("{address:#x}")
}

/// A map that forgets its oldest entries: the answer of a contract that cannot change is asked for once.
#[derive(Debug)]
pub(crate) struct Memory<K, V> {
    entries: BTreeMap<K, V>,
    limit: usize,
}

impl<K: Ord + Clone, V: Clone> Memory<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: BTreeMap::new(), limit }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.entries.get(key).cloned()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.entries.len() >= self.limit {
            self.entries.clear();
        }
        self.entries.insert(key, value);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
