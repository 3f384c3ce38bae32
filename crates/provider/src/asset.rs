use std::sync::Arc;

use ocean_crypto::ecies;
use ocean_ddo::{Ddo, FileObject, FilesObject, RawDdo, Service, ServiceType, rules::complete_parameters};
use ocean_did::Did;
use ocean_primitives::ServiceId;
use ocean_provider_api::{ApiError, AssetFault};
use ocean_service::Chain;
use serde_json::{Map, Value};

use crate::state::ProviderState;

/// An asset whose document is at hand, on a chain that is served.
pub(crate) struct Asset {
    pub(crate) chain: Arc<Chain>,
    pub(crate) ddo: Ddo,
    /// The document as it was published, without what an index adds.
    pub(crate) raw: RawDdo,
}

impl ProviderState {
    /// Resolves a DID.
    pub(crate) async fn asset(&self, did: Option<&Did>) -> Result<Asset, ApiError> {
        let did = did.ok_or(ApiError::CannotResolveDid)?;
        let asked = tokio::time::timeout(self.limits().neighbours, self.parts().ddos.ddo(did)).await;
        let raw = match asked {
            Ok(Ok(raw)) => raw.ok_or(ApiError::CannotResolveDid)?,
            Ok(Err(error)) => {
                tracing::warn!(%error, %did, "a document could not be had");
                return Err(ApiError::Unavailable("the document source"));
            }
            Err(_) => return Err(ApiError::Unavailable("the document source")),
        };
        let ddo = raw.ddo().map_err(|error| {
            tracing::debug!(%error, %did, "a document is not usable");
            ApiError::CannotResolveDid
        })?;
        // A source that answers with another asset's document must not decide what is served under this DID.
        if ddo.id != *did || !did.belongs_to(ddo.nft_address, ddo.chain_id) {
            return Err(ApiError::CannotResolveDid);
        }
        let chain = self.chain(ddo.chain_id).ok_or(ApiError::UnknownChain)?;
        Ok(Asset { chain: Arc::clone(chain), ddo, raw: raw.stripped() })
    }
}

impl Asset {
    /// The service with that id and its place in the document.
    pub(crate) fn service(&self, id: &str) -> Result<(usize, &Service), ApiError> {
        let id: Option<ServiceId> = id.parse().ok();
        id.and_then(|id| self.ddo.service(&id)).ok_or_else(|| self.fault(AssetFault::InvalidServiceId))
    }

    /// The fault, with the name of this asset's chain.
    pub(crate) fn fault(&self, fault: AssetFault) -> ApiError {
        fault.on(self.chain.name.clone())
    }

    /// The consumer's parameters where they are what the service asks for, completed with its defaults. A service that asks for
    /// nothing takes anything: contract calls and queries have parameters of their own.
    pub(crate) fn parameters(&self, service: &Service, given: Option<Value>) -> Result<Option<Value>, ApiError> {
        if service.consumer_parameters.is_empty() {
            return Ok(given);
        }
        let refused = |problem: String| self.fault(AssetFault::ConsumerParameters(problem));
        let given = match given {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(given)) => given,
            Some(_) => return Err(refused("they are not an object".to_owned())),
        };
        let completed = complete_parameters(&service.consumer_parameters, &given).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            refused(problems.join("; ").chars().take(1_000).collect())
        })?;
        Ok(if completed.is_empty() { None } else { Some(Value::Object(completed)) })
    }

    /// The files of a service. They are encrypted for this Provider and name the asset they belong to.
    pub(crate) fn files(&self, service: &Service) -> Result<Vec<FileObject>, ApiError> {
        let refused = || self.fault(AssetFault::FilesObject);
        let ciphertext: ocean_primitives::Bytes = service.files.trim().parse().map_err(|_| refused())?;
        let clear = ecies::decrypt(&self.chain.key, &ciphertext).map_err(|_| refused())?;
        let object = FilesObject::parse(&clear, Some(&self.ddo.version)).map_err(|_| refused())?;
        object.belongs_to(self.ddo.nft_address, service.datatoken_address).map_err(|_| refused())?;
        Ok(object.files)
    }

    /// One file of a service.
    pub(crate) fn file(&self, service: &Service, index: u64) -> Result<FileObject, ApiError> {
        let files = self.files(service)?;
        let file = usize::try_from(index).ok().and_then(|place| files.into_iter().nth(place));
        file.ok_or_else(|| self.fault(AssetFault::NoSuchFileIndex(index)))
    }
}

/// Whether the service is a compute service.
pub(crate) fn is_compute(service: &Service) -> bool {
    service.kind == ServiceType::Compute
}
