//! Files objects that a datatoken of template 4 holds on chain.

use ocean_contracts_bindings::FilesRequest;
use ocean_crypto::{Message, Signature, contract, ecies};
use ocean_ddo::{FileObject, FilesObject, Service};
use ocean_primitives::{Address, Bytes, Dialect, U256};
use ocean_provider_api::{ApiError, AssetFault, RequestData};

use crate::asset::Asset;

/// The longest signature in hex that is read.
const MAX_SIGNATURE: usize = 200;

impl Asset {
    /// One file of a service whose files object is on chain. The contract lets the Provider read it for a consumer who has ordered
    /// the service and signed this very download; an auth token does not open it.
    pub(crate) async fn file_on_chain(
        &self,
        dialect: Dialect,
        (service_index, service): (usize, &Service),
        consumer: Address,
        data: &RequestData,
        file_index: u64,
    ) -> Result<FileObject, ApiError> {
        let refused = || self.fault(AssetFault::FilesObject);
        let text = |field| data.text(field).unwrap_or_default();
        let (spelling, document_id, nonce) = (text("consumerAddress"), text("documentId"), text("nonce"));
        let message = Message::Download { consumer: &spelling, document_id: &document_id, nonce: &nonce }.text(dialect);
        let signature = text("signature");
        let signature: Signature = signature
            .get(..signature.len().min(MAX_SIGNATURE))
            .and_then(|text| text.parse().ok())
            .ok_or_else(refused)?;
        let key = &self.chain.key;
        let digest = contract::files_object_provider(U256::from(service_index), &signature.to_bytes());
        // Both signatures together open the files object to anybody: they go to the node and nowhere else.
        let request = FilesRequest::new(
            service_index as u64,
            (key.address(), key.sign_digest(digest)),
            consumer,
            Bytes::from(message.into_bytes()),
            signature,
        );
        let asked = self.chain.contracts().files_object(service.datatoken_address, &request).await;
        let stored = asked.map_err(|error| {
            tracing::debug!(%error, "the contract does not give its files object");
            refused()
        })?;
        let files = self.files_of(&stored, service).ok_or_else(refused)?;
        let file = usize::try_from(file_index).ok().and_then(|place| files.into_iter().nth(place));
        file.ok_or_else(|| self.fault(AssetFault::NoSuchFileIndex(file_index)))
    }

    /// What is stored may be encrypted for this Provider, or clear where the chain keeps it secret.
    fn files_of(&self, stored: &[u8], service: &Service) -> Option<Vec<FileObject>> {
        let decrypted = if stored.first() == Some(&b'{') { None } else { ecies::decrypt(&self.chain.key, stored).ok() };
        let clear = decrypted.as_deref().unwrap_or(stored);
        let object = FilesObject::parse(clear, Some(&self.ddo.version)).ok()?;
        object.belongs_to(self.ddo.nft_address, service.datatoken_address).ok()?;
        Some(object.files)
    }
}
