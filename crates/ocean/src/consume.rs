use std::path::Path;

use ocean_primitives::B256;
use ocean_provider_client::DownloadQuery;

use crate::{
    error::{Error, Result},
    ocean::Ocean,
    order::Order,
};

/// A downloaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, computed while they arrived.
    pub sha256: B256,
    /// The name that the Provider gives it.
    pub file_name: Option<String>,
}

impl Ocean {
    /// Downloads file number `file_index` (from 0) of an order to `path`, resuming where a connection breaks.
    ///
    /// The bytes go to the file as they arrive and are never held in memory as a whole.
    ///
    /// # Errors
    /// The Provider refuses (with its reason), the file cannot be written, or the connection breaks more often than the
    /// client resumes.
    pub async fn download(&self, order: &Order, file_index: u64, path: impl AsRef<Path>) -> Result<Downloaded> {
        let request = DownloadQuery::new(order.did.clone(), order.service_id.clone(), order.tx).file_index(file_index);
        let file = self
            .inner
            .provider
            .download_to_file(&request, &self.inner.key, path.as_ref())
            .await
            .map_err(Error::provider("downloading"))?;
        Ok(Downloaded { bytes: file.bytes, sha256: file.sha256, file_name: file.file_name })
    }
}
