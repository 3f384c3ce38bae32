//! Compute-to-Data of a network: algorithms run as processes of this machine, on its own Python and Node.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ocean_compute::{
    environment::{Environment, FeeOffer, FreeTier, Price, ResourcePrice},
    image::ImageMap,
    process::{ProcessBackend, ProcessOptions},
};
use ocean_contracts_bindings::Deployment;
use ocean_primitives::{ChainId, Decimal};
use ocean_provider::ComputeSetup;
use tokio::{runtime::Handle, sync::OnceCell};

use super::Component;

/// What a Provider of the network offers: one environment that costs nothing, and one that costs 2.3 OCEAN a minute, as the
/// Python Provider's test network does.
pub(super) fn provider_environments() -> Vec<Environment> {
    let mut free = environment("ocean-compute", "free");
    free.max_jobs = 4;
    let mut paid = environment("ocean-compute-env2", "paid");
    paid.price_min = Decimal::parse("2.3").ok().map(Price);
    vec![free, paid]
}

/// What a node of the network offers: one environment, 1 OCEAN for a processor and a minute, with a free part.
pub(super) fn node_environments(deployment: &Deployment) -> Vec<Environment> {
    let mut environment = environment("ocean-compute", "free and paid");
    let prices = vec![ResourcePrice { id: "cpu".to_owned(), price: Price(Decimal::from(1)) }];
    let offer = FeeOffer { fee_token: deployment.ocean, prices };
    environment.fees = BTreeMap::from([(ChainId::DEVELOPMENT, vec![offer])]);
    environment.free = Some(FreeTier::default());
    vec![environment]
}

fn environment(id: &str, description: &str) -> Environment {
    let mut environment = Environment::new(id, 4, 4, 4);
    environment.description = description.to_owned();
    environment.max_jobs = 2;
    environment
}

/// The setup, or nothing where this machine makes no sandboxes; the log says why. Blocks shortly.
pub(super) fn setup(folder: &Path, environments: Vec<Environment>, runtime: &Handle) -> Option<ComputeSetup> {
    let mut options = ProcessOptions::default();
    (options.images, options.tied) = (ImageMap::development(), true);
    match runtime.block_on(ProcessBackend::start(options)) {
        Ok(backend) => Some(ComputeSetup::new(folder.join("compute"), environments, Arc::new(backend))),
        Err(error) => {
            tracing::warn!(%error, "the network offers no compute");
            None
        }
    }
}

/// The same for a server in a process of its own: nothing where this machine makes no sandboxes, since the server would not start.
pub(super) async fn settings(component: &Component, environments: &[Environment]) -> Vec<(&'static str, String)> {
    static USABLE: OnceCell<bool> = OnceCell::const_new();
    if *component != Component::Child {
        return Vec::new();
    }
    let usable = USABLE.get_or_init(|| async { ProcessBackend::start(ProcessOptions::default()).await.is_ok() });
    if !*usable.await {
        return Vec::new();
    }
    let environments = serde_json::to_string(environments).unwrap_or_default();
    vec![("COMPUTE_ENVIRONMENTS", environments), ("COMPUTE_DEVELOPMENT_IMAGES", "host".to_owned())]
}
