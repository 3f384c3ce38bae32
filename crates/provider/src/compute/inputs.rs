//! The files of assets for jobs: through the storage of this process where this Provider's key opens them, else from the
//! Provider that serves them, as any consumer would have them.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use ocean_compute::{
    input::{InputError, InputFile, InputSource},
    job::Input,
};
use ocean_crypto::ecies;
use ocean_ddo::{FileObject, FilesObject};
use ocean_did::Did;
use ocean_primitives::{Bytes, ServiceId};
use ocean_service::{Chains, DdoSource};
use ocean_storage::Storage;

/// The member of [`Input::source`] that holds the URL of code that came with a request.
pub(super) const URL: &str = "url";

/// Where jobs get the files of assets from.
#[derive(Debug)]
pub(super) struct AssetInputs {
    pub(super) chains: Chains,
    pub(super) storage: Storage,
    pub(super) ddos: Arc<dyn DdoSource>,
}

impl AssetInputs {
    /// The file objects of an asset's service.
    async fn files(&self, input: &Input) -> Result<Vec<FileObject>, InputError> {
        if let Some(url) = input.source.get(URL).and_then(serde_json::Value::as_str) {
            return Ok(vec![FileObject::url(url)]);
        }
        let failed = |what: &str| InputError(format!("{what} of {} cannot be had", input.did));
        let did = Did::parse(&input.did).map_err(|_| failed("the document"))?;
        let raw =
            self.ddos.ddo(&did).await.map_err(|_| failed("the document"))?.ok_or_else(|| failed("the document"))?;
        let ddo = raw.ddo().map_err(|_| failed("the document"))?;
        if ddo.id != did || !did.belongs_to(ddo.nft_address, ddo.chain_id) {
            return Err(failed("the document"));
        }
        let id: ServiceId = input.service_id.parse().map_err(|_| failed("the service"))?;
        let (_, service) = ddo.service(&id).ok_or_else(|| failed("the service"))?;
        let chain = self.chains.0.get(&ddo.chain_id).ok_or_else(|| failed("the chain"))?;
        let ciphertext: Bytes = service.files.trim().parse().map_err(|_| failed("the list of files"))?;
        let clear = ecies::decrypt(&chain.key, &ciphertext).map_err(|_| failed("the list of files"))?;
        let object = FilesObject::parse(&clear, Some(&ddo.version)).map_err(|_| failed("the list of files"))?;
        object.belongs_to(ddo.nft_address, service.datatoken_address).map_err(|_| failed("the list of files"))?;
        Ok(object.files)
    }
}

#[async_trait]
impl InputSource for AssetInputs {
    async fn count(&self, input: &Input) -> Result<usize, InputError> {
        Ok(self.files(input).await?.len())
    }

    async fn open(&self, input: &Input, index: usize) -> Result<InputFile, InputError> {
        let missing = || InputError(format!("file {index} of {} cannot be had", input.did));
        let files = self.files(input).await?;
        let file = files.get(index).ok_or_else(missing)?;
        let opened = self.storage.open(file, None, input.user_data.as_ref()).await.map_err(|error| {
            tracing::debug!(%error, did = %input.did, index, "an input could not be opened");
            missing()
        })?;
        let did = input.did.clone();
        let broken = move |error| {
            tracing::debug!(%error, %did, index, "an input broke off");
            InputError(format!("file {index} of {did} broke off"))
        };
        let body = opened.body.map(move |piece| piece.map_err(&broken)).boxed();
        Ok(InputFile { name: Some(opened.file_name), length: opened.content_length, body })
    }
}
