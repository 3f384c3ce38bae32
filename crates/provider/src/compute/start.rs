//! `POST /api/services/compute`, `POST /api/services/freeCompute`

use axum::response::Response;
use ocean_compute::{
    image::Image,
    job::{Algorithm, Input, JobSpec, Payment},
};
use ocean_pricing::compute::lock_seconds;
use ocean_primitives::Dialect;
use ocean_provider_api::{
    ApiError,
    compute::{AlgorithmRef, ComputeFault, StartRequest},
};
use serde_json::{Value, json};

use super::{
    Asked, Compute, answers,
    check::{Checked, Plan, allowed, check, custom_data},
    engine_fault, fees,
    initialize::price,
    inputs,
    settlement::Terms,
};
use crate::{access::Purpose, state::ProviderState};

pub(super) async fn post(
    state: &ProviderState,
    compute: &Compute,
    asked: &Asked,
    free: bool,
) -> Result<Response, ComputeFault> {
    let dialect = state.dialect();
    let request = StartRequest::parse(dialect, &asked.data, &asked.auth, free)?;
    let consumer = request.authorization.address;
    let unknown = match dialect {
        Dialect::OceanNode => "Invalid C2D Environment",
        _ => "Compute environment does not exist",
    };
    let environment = compute.environment(&request.environment);
    let environment = environment.ok_or_else(|| ComputeFault::Refused(unknown.to_owned()))?.clone();
    if request.output.is_some() {
        // An output that nobody would write to must not be accepted, let alone be paid for.
        return Err(ComputeFault::code("output", "invalid", "results are kept here; other outputs are not supported"));
    }
    let plan = Box::pin(check(state, consumer, &request.datasets, &request.algorithm)).await?;
    let custom = custom_data(&plan, request.custom_data.clone())?;
    let access = match &environment.free {
        Some(tier) if free => &tier.access,
        _ => &environment.access,
    };
    allowed(state, access, consumer).await?;
    let mut orders = Vec::new();
    for item in plan.datasets.iter().chain(&plan.algorithm) {
        orders.push((item, item.order(state, consumer, Purpose::Serve).await?));
    }

    let now = u64::try_from(state.now().as_second()).unwrap_or_default();
    let mut spec = JobSpec {
        dialect,
        owner: consumer,
        chain_id: plan.datasets.first().or(plan.algorithm.as_ref()).map(|item| item.asset.ddo.chain_id),
        agreement_id: String::new(),
        environment: environment.id.clone(),
        free,
        datasets: plan.datasets.iter().map(input).collect(),
        algorithm: algorithm(&plan, &request, custom),
        max_duration: request.ask.max_duration.unwrap_or(environment.max_job_duration),
        resources: request.ask.resources.clone(),
        network: plan.network && !plan.datasets.is_empty(),
        metadata: request.metadata.clone(),
        payment: None,
        extra: Value::Null,
    };
    match dialect {
        Dialect::OceanNode if free => {
            let longest = environment.free.as_ref().map_or(0, |tier| tier.max_job_duration);
            spec.max_duration = request.ask.max_duration.unwrap_or(longest);
        }
        Dialect::OceanNode => {
            let cost = price(state, &environment, &request.ask).await?;
            let seconds = lock_seconds(cost.seconds, environment.max_queue_wait, compute.claim_timeout);
            let terms = Terms {
                seconds: seconds.map_err(|error| ComputeFault::Refused(error.to_string()))?,
                prices: cost.terms.iter().map(|term| (term.price.to_string(), term.amount.to_string())).collect(),
                decimals: cost.decimals,
                min_seconds: environment.min_job_duration,
            };
            spec.payment = Some(Payment {
                chain_id: Some(cost.chain),
                token: Some(cost.token),
                locked: cost.amount.0.to_string(),
                terms: serde_json::to_value(terms).map_err(|_| ApiError::Internal)?,
                ..Payment::default()
            });
        }
        _ => {
            let (item, order, valid_until) = paying(state, &environment, &orders).await?;
            spec.agreement_id = order;
            if valid_until > 0 {
                spec.max_duration = spec.max_duration.min(valid_until.saturating_sub(now).max(1));
            }
            tracing::debug!(did = %item.asset.ddo.id, "an order pays for a job");
        }
    }
    // What the engine would refuse is refused before the nonce is used up and anything is locked.
    compute.engine.plan(&environment, spec.clone(), None).map_err(engine_fault)?;
    state.use_nonce(&request.authorization).await?;
    let job = compute.engine.submit(spec, None).await.map_err(engine_fault)?;
    Ok(answers::rows(state, compute, &[job], true))
}

/// The item whose order pays for the environment; the last of several, as in the peer. Every order must be for this environment.
async fn paying<'a>(
    state: &ProviderState,
    environment: &ocean_compute::environment::Environment,
    orders: &[(&'a Checked, ocean_contracts_bindings::order::VerifiedOrder)],
) -> Result<(&'a Checked, String, u64), ComputeFault> {
    let mut found = None;
    for (item, order) in orders {
        let fees = fees::paid(item, order).await?;
        let here: Vec<_> =
            fees.iter().filter(|fee| fee.environment.as_deref() == Some(environment.id.as_str())).collect();
        if here.is_empty() {
            let field = format!("{}.serviceId", item.resource);
            return Err(ComputeFault::code(field, "order_invalid", "the order is for another compute environment"));
        }
        let token = fees::fee_token(state, &item.asset.chain);
        for fee in here {
            let needed = fees::required(state, &item.asset.chain, environment, fee.valid_until).await?;
            if fee.amount >= needed && (needed.is_zero() || (fee.token == token && fee.valid_until > 0)) {
                // As it was named, also where it renews another order.
                let tx = item.tx.unwrap_or(order.order_tx);
                found = Some((*item, tx.to_string(), fee.valid_until));
            }
        }
    }
    found.ok_or_else(|| ComputeFault::code("order", "fees_not_paid", "no order pays for the compute environment"))
}

fn input(item: &Checked) -> Input {
    Input {
        did: item.asset.ddo.id.to_string(),
        service_id: item.service().id.as_str().to_owned(),
        transfer_tx: item.tx.map(|tx| tx.to_string()).unwrap_or_default(),
        user_data: item.user_data.clone(),
        document: Some(item.asset.raw.value().to_string()),
        ..Input::default()
    }
}

/// What runs: of a published algorithm the code and the container of its document, whatever the request says.
fn algorithm(plan: &Plan, request: &StartRequest, custom: Option<Value>) -> Algorithm {
    let container = &plan.container;
    let mut image = Image::new(&container.image, &container.tag);
    image.checksum.clone_from(&container.checksum);
    let mut algorithm = Algorithm {
        image,
        entrypoint: container.entrypoint.clone(),
        custom_data: custom,
        environment: request.variables.clone(),
        ..Algorithm::default()
    };
    match (&plan.algorithm, &request.algorithm) {
        (Some(item), _) => {
            algorithm.input = input(item);
            algorithm.input.digests.clone_from(&plan.digests);
        }
        (None, AlgorithmRef::Raw(raw)) => {
            algorithm.raw_code.clone_from(&raw.code);
            algorithm.image.dockerfile.clone_from(&raw.dockerfile);
            algorithm.image.build_files.clone_from(&raw.build_files);
            if let (None, Some(url)) = (&raw.code, &raw.url) {
                algorithm.input.source = json!({inputs::URL: url});
            }
        }
        (None, _) => {}
    }
    algorithm
}
