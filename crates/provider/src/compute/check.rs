//! Who may run what on which data: the assets of a job, their orders, and the trust between them. Free jobs are checked as paid
//! ones are.

use ocean_contracts_bindings::order::VerifiedOrder;
use ocean_ddo::{
    AssetType, Container, Service, ServiceType,
    algorithm::{container_section_checksum, files_checksum},
    rules::{Candidate, PublishedAlgorithm, TrustRefusal, complete_parameters, may_run},
};
use ocean_did::Did;
use ocean_primitives::{Address, B256, Dialect};
use ocean_provider_api::{
    ApiError,
    compute::{AlgorithmRef, AssetRef, ComputeFault},
};
use ocean_storage::InfoOptions;
use serde_json::{Map, Value};

use super::{chain_of, shortened};
use crate::{access::Purpose, asset::Asset, asset::is_compute, state::ProviderState};

/// An asset of a job whose document, state and credentials let the consumer use it.
pub(super) struct Checked {
    pub(super) asset: Asset,
    /// The service's place in the document.
    pub(super) index: usize,
    /// What the errors call it.
    pub(super) resource: String,
    pub(super) tx: Option<B256>,
    pub(super) user_data: Option<Value>,
}

impl Checked {
    pub(super) fn service(&self) -> &Service {
        &self.asset.ddo.services[self.index]
    }

    /// Its order, if the one that was named is one.
    pub(super) async fn order(
        &self,
        state: &ProviderState,
        consumer: Address,
        purpose: Purpose,
    ) -> Result<VerifiedOrder, ComputeFault> {
        let invalid =
            |reason: String| ComputeFault::code(format!("{}.serviceId", self.resource), "order_invalid", reason);
        let did = &self.asset.ddo.id;
        let tx = self.tx.ok_or_else(|| invalid(format!("{did} is not ordered: transferTxId is missing")))?;
        let place = (self.index, self.service());
        match Box::pin(state.order(&self.asset, place, tx, consumer, purpose)).await {
            Ok(order) => Ok(order),
            Err(error @ ApiError::Unavailable(_)) => Err(error.into()),
            Err(error) => Err(invalid(error.response(Dialect::OceanNode).body)),
        }
    }
}

/// A job whose parts may be put together.
pub(super) struct Plan {
    pub(super) datasets: Vec<Checked>,
    /// The published algorithm, if it is one.
    pub(super) algorithm: Option<Checked>,
    /// The SHA-256 of each file of the algorithm, where it was read.
    pub(super) digests: Option<Vec<String>>,
    /// What it runs in.
    pub(super) container: Container,
    /// Whether every dataset lets it reach the network.
    pub(super) network: bool,
}

/// Checks everything but orders.
pub(super) async fn check(
    state: &ProviderState,
    consumer: Address,
    datasets: &[AssetRef],
    algorithm: &AlgorithmRef,
) -> Result<Plan, ComputeFault> {
    let dialect = state.dialect();
    if datasets.is_empty() && dialect != Dialect::OceanNode {
        return Err(ComputeFault::code("dataset.documentId", "missing", "there is no dataset"));
    }
    let mut checked = Vec::with_capacity(datasets.len());
    for (place, dataset) in datasets.iter().enumerate() {
        let resource = if place == 0 { "dataset".to_owned() } else { format!("datasets[{place}]") };
        let found = Box::pin(resolve(state, consumer, dataset, resource)).await?;
        let kind = &found.service().kind;
        let field = format!("{}.serviceId", found.resource);
        if place == 0 && *kind != ServiceType::Compute {
            let reason = format!("service {} of {} is no compute service", dataset.service_id, dataset.document_id);
            return Err(ComputeFault::code(field, "main_service_compute", shortened(&reason)));
        }
        if !matches!(kind, ServiceType::Compute | ServiceType::Access) {
            return Err(ComputeFault::code(field, "service_not_access_compute", "the service is of another kind"));
        }
        checked.push(found);
    }
    let (published, digests, container) = match algorithm {
        AlgorithmRef::Published(reference) => {
            let found = Box::pin(resolve(state, consumer, reference, "algorithm".to_owned())).await?;
            let metadata = &found.asset.ddo.metadata;
            let (AssetType::Algorithm, Some(described)) = (&metadata.kind, &metadata.algorithm) else {
                return Err(ComputeFault::code("algorithm", "not_algo", "DID is not a valid algorithm"));
            };
            let container = described.container.clone();
            let digests = digests(state, &found).await?;
            (Some(found), digests, container)
        }
        AlgorithmRef::Raw(raw) => {
            let part = &raw.container;
            (None, None, Container::new(&part.entrypoint, &part.image, &part.tag, &part.checksum))
        }
        _ => return Err(ComputeFault::Api(ApiError::Internal)),
    };
    let mut network = true;
    let trusted = match &published {
        Some(found) => {
            let mut trusted = PublishedAlgorithm::new(
                found.asset.ddo.id.to_string(),
                found.service().id.as_str(),
                found.asset.ddo.nft_address,
            );
            let by_publisher = checked.iter().filter_map(|found| found.service().compute.as_ref());
            if by_publisher.clone().any(|compute| !compute.publisher_trusted_algorithm_publishers.is_empty()) {
                let owner = found.asset.chain.contracts().nft_owner(found.asset.ddo.nft_address).await;
                trusted.owner = Some(owner.map_err(|_| ApiError::Unavailable("the chain"))?);
            }
            trusted.container_section_checksum = container_section_checksum(&container);
            let read = digests.iter().flatten().filter_map(|digest| hex::decode(digest).ok()?.try_into().ok());
            trusted.files_checksum = files_checksum(read);
            Some(trusted)
        }
        None => None,
    };
    for found in checked.iter().filter(|found| is_compute(found.service())) {
        let compute = found.service().compute.as_ref();
        let candidate = trusted.as_ref().map_or(Candidate::Raw, Candidate::Published);
        may_run(compute, candidate, dialect).map_err(|refusal| untrusted(&found.asset.ddo.id, &refusal))?;
        network &= compute.is_some_and(|compute| compute.allow_network_access);
    }
    Ok(Plan { datasets: checked, algorithm: published, digests, container, network })
}

fn untrusted(did: &Did, refusal: &TrustRefusal) -> ComputeFault {
    ComputeFault::code("dataset", refusal.code(), format!("the algorithm may not run on {did}: {refusal}"))
}

async fn resolve(
    state: &ProviderState,
    consumer: Address,
    reference: &AssetRef,
    resource: String,
) -> Result<Checked, ComputeFault> {
    let is_algorithm = resource == "algorithm";
    let did_field = if is_algorithm { resource.clone() } else { format!("{resource}.documentId") };
    let service_field = format!("{resource}.serviceId");
    let named = shortened(&reference.document_id);
    if reference.document_id.is_empty() {
        return Err(ComputeFault::code(did_field, "missing", "documentId is missing"));
    }
    if reference.service_id.is_empty() {
        return Err(ComputeFault::code(service_field, "missing", format!("serviceId of {named} is missing")));
    }
    let did = Did::parse(&reference.document_id).ok();
    let asset = match state.asset(did.as_ref()).await {
        Ok(asset) => asset,
        Err(ApiError::CannotResolveDid) => {
            return Err(ComputeFault::code(did_field, "did_not_found", format!("there is no document {named}")));
        }
        Err(error) => return Err(error.into()),
    };
    let Ok((index, service)) = asset.service(&reference.service_id) else {
        return Err(ComputeFault::code(service_field, "not_found", format!("{named} has no such service")));
    };
    state.check_asset(&asset, Some(service), consumer).await?;
    let user_data = match &reference.user_data {
        None => None,
        given => asset.parameters(service, given.clone())?,
    };
    let tx = reference.transfer_tx.as_ref().and_then(|text| text.parse().ok());
    Ok(Checked { index, resource, tx, user_data, asset })
}

/// The SHA-256 of each file; nothing where one is too large to be read beforehand.
async fn digests(state: &ProviderState, algorithm: &Checked) -> Result<Option<Vec<String>>, ComputeFault> {
    let options = InfoOptions { checksum: true, max_checksum: state.limits().checksum };
    let mut digests = Vec::new();
    for file in algorithm.asset.files(algorithm.service())? {
        let info = state.parts().storage.info_for(&file, options, algorithm.user_data.as_ref()).await;
        if !info.valid {
            tracing::debug!(error = ?info.error, "a file of an algorithm is not reachable");
            let reason = "a file of the algorithm cannot be read";
            return Err(ComputeFault::code("algorithm", "file_unavailable", reason));
        }
        digests.push(info.checksum);
    }
    Ok(digests.into_iter().collect())
}

/// The consumer's parameters for the algorithm, completed with its defaults where it is a published one.
pub(super) fn custom_data(plan: &Plan, given: Option<Value>) -> Result<Option<Value>, ComputeFault> {
    let described = plan.algorithm.as_ref().and_then(|found| found.asset.ddo.metadata.algorithm.as_ref());
    let Some(described) = described.filter(|described| !described.consumer_parameters.is_empty()) else {
        return Ok(given);
    };
    let fields = match given {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(ComputeFault::Refused("algocustomdata is not an object".to_owned())),
    };
    let completed = complete_parameters(&described.consumer_parameters, &fields).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        ComputeFault::Refused(format!("algocustomdata: {}", shortened(&problems.join("; "))))
    })?;
    Ok(Some(Value::Object(completed)))
}

/// Whether an account may use a part of an environment: both lists count, and being on one of them is enough.
pub(super) async fn allowed(
    state: &ProviderState,
    access: &ocean_compute::environment::Access,
    consumer: Address,
) -> Result<(), ComputeFault> {
    if !access.is_restricted() || access.addresses.contains(&consumer) {
        return Ok(());
    }
    for (chain, lists) in access.access_lists.iter().flatten() {
        let Ok(chain) = chain_of(state, Some(*chain)) else { continue };
        for list in lists {
            let list = ocean_contracts_bindings::access_list::AccessList::at(chain.contracts(), *list);
            let contains = list.contains(consumer).await;
            if contains.map_err(|_| ApiError::Unavailable("the chain"))? {
                return Ok(());
            }
        }
    }
    Err(ComputeFault::Forbidden("the consumer may not use this compute environment".to_owned()))
}
