use std::time::Duration;

use ocean_aquarius_client::SearchResponse;
use ocean_ddo::{Ddo, RawDdo, Service};
use ocean_did::Did;
use ocean_primitives::{B256, ServiceId};

use crate::{
    error::{Error, Result},
    ocean::Ocean,
};

impl Ocean {
    /// The document of an asset as Aquarius serves it, the indexer's own fields included.
    ///
    /// # Errors
    /// Aquarius does not know the asset, or cannot be reached.
    pub async fn asset(&self, did: &Did) -> Result<RawDdo> {
        let found = self.inner.aquarius.ddo(did).await.map_err(Error::aquarius("reading the document"))?;
        found.ok_or_else(|| Error::UnknownAsset(did.clone()))
    }

    /// The document of an asset without the indexer's fields, after comparing its checksum with `expected`, the hash on
    /// chain.
    ///
    /// # Errors
    /// As [`asset`](Self::asset); another document than the one on chain.
    pub async fn verified_asset(&self, did: &Did, expected: B256) -> Result<RawDdo> {
        let document = self.asset(did).await?.stripped();
        let served = document.checksum();
        if served != expected && document.hex_text_checksum() != expected {
            return Err(Error::Checksum { did: did.clone(), expected, served });
        }
        Ok(document)
    }

    /// Waits until Aquarius serves the document of the metadata transaction `tx`, at most the builder's index deadline.
    ///
    /// # Errors
    /// The deadline passed, with the reason that the indexer gives, such as a document that does not match its checksum.
    pub async fn wait_for(&self, did: &Did, tx: B256) -> Result<RawDdo> {
        self.wait_for_within(did, tx, self.inner.index_deadline).await
    }

    /// As [`wait_for`](Self::wait_for), with a deadline of its own.
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for).
    pub async fn wait_for_within(&self, did: &Did, tx: B256, deadline: Duration) -> Result<RawDdo> {
        self.inner.aquarius.wait_for(did, tx, deadline).await.map_err(Error::aquarius("waiting for the indexer"))
    }

    /// Asks Aquarius' query language: `query`, `sort`, `from`, `size`; the answer is Elasticsearch's, documents under
    /// `hits.hits[]._source`.
    ///
    /// # Errors
    /// A query that Aquarius does not understand, or no answer.
    pub async fn search(&self, query: &serde_json::Value) -> Result<SearchResponse> {
        self.inner.aquarius.query(query).await.map_err(Error::aquarius("searching"))
    }
}

/// The service to use: the named one, or the only one.
pub(crate) fn service<'a>(ddo: &'a Ddo, id: Option<&ServiceId>) -> Result<(u64, &'a Service)> {
    let found = match id {
        Some(id) => ddo.service(id).ok_or_else(|| Error::UnknownService {
            did: ddo.id.clone(),
            service: id.clone(),
            available: ddo.services.iter().map(|service| format!("`{}`", service.id)).collect::<Vec<_>>().join(", "),
        })?,
        None => match ddo.services.as_slice() {
            [only] => (0, only),
            services => {
                return Err(Error::WhichService { did: ddo.id.clone(), count: services.len() });
            }
        },
    };
    Ok((found.0 as u64, found.1))
}

#[cfg(test)]
mod tests;
