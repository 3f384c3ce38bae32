use alloy::primitives::{Address, Bytes};

use super::{
    Contracts, TxOutcome,
    datatoken::{FilesRequest, service},
};
use crate::{
    abi::IErc20Template4,
    error::{Error, Result},
};

impl Contracts {
    /// The files object of a datatoken of template 4, for a Provider that its lists admit and a consumer who ordered the service.
    ///
    /// # Errors
    /// A signature is somebody else's, the Provider is not admitted, or the consumer did not order that service.
    pub async fn files_object(&self, datatoken: Address, request: &FilesRequest) -> Result<Bytes> {
        let call = IErc20Template4::getFilesObjectCall {
            serviceId: service(request.service_index),
            providerAddress: request.provider,
            providerSignature: request.provider_signature.to_bytes().into(),
            consumerData: request.consumer_data.clone(),
            consumerSignature: request.consumer_signature.to_bytes().into(),
            consumerAddress: request.consumer,
        };
        self.read(datatoken, &call).await
    }

    /// Changes the files object of a datatoken of template 4. No event tells of it, and nobody but an admitted Provider can read
    /// it back: that the template knows the method is checked before it is sent.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken; its template has no files object.
    pub async fn set_files_object(&self, datatoken: Address, files_object: Bytes) -> Result<TxOutcome> {
        let receipt =
            self.transact(datatoken, &IErc20Template4::setFilesObjectCall { filesObject: files_object }).await?;
        Ok(TxOutcome::of(&receipt))
    }

    /// The access list of Providers that may read the files object; none where everybody may.
    ///
    /// # Errors
    /// The datatoken is not of template 4.
    pub async fn allow_list(&self, datatoken: Address) -> Result<Option<Address>> {
        let list = self.read(datatoken, &IErc20Template4::getAllowListContractCall {}).await?;
        Ok((!list.is_zero()).then_some(list))
    }

    /// The access list of Providers that may not read the files object.
    ///
    /// # Errors
    /// The datatoken is not of template 4.
    pub async fn deny_list(&self, datatoken: Address) -> Result<Option<Address>> {
        let list = self.read(datatoken, &IErc20Template4::getDenyListContractCall {}).await?;
        Ok((!list.is_zero()).then_some(list))
    }

    /// Admits only the Providers on an access list, which must come from the factory and be bound to its holders. A holder can
    /// leave a list at any time.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken, or the list is not such a list.
    pub async fn set_allow_list(&self, datatoken: Address, list: Option<Address>) -> Result<TxOutcome> {
        let call = IErc20Template4::setAllowListContractCall { contractAddress: list.unwrap_or_default() };
        let outcome = TxOutcome::of(&self.transact(datatoken, &call).await?);
        // No event tells of it.
        match self.allow_list(datatoken).await? == list {
            true => Ok(outcome),
            false => Err(Error::Unchanged { what: "the allow list", tx: outcome.tx }),
        }
    }

    /// Turns the Providers on an access list away. A holder can leave a list at any time, so this excludes nobody for good.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken, or the list is not such a list.
    pub async fn set_deny_list(&self, datatoken: Address, list: Option<Address>) -> Result<TxOutcome> {
        let call = IErc20Template4::setDenyListContractCall { contractAddress: list.unwrap_or_default() };
        let outcome = TxOutcome::of(&self.transact(datatoken, &call).await?);
        match self.deny_list(datatoken).await? == list {
            true => Ok(outcome),
            false => Err(Error::Unchanged { what: "the deny list", tx: outcome.tx }),
        }
    }
}
