//! `POST /api/services/initializeCompute`

use axum::response::Response;
use ocean_compute::environment::Environment;
use ocean_ddo::AssetType;
use ocean_pricing::compute::{Resource, billed_minutes, lock_seconds, resources_cost};
use ocean_primitives::{Address, BaseUnits, ChainId, Decimal, Dialect, U256};
use ocean_provider_api::{
    compute::{Ask, ComputeFault, InitializeComputeRequest},
    initialize::fee_valid_until,
    json_text,
};
use serde_json::{Map, Value, json};

use super::{
    Asked, Compute, chain_of,
    check::{Checked, allowed, check},
    fees,
};
use crate::{access::Purpose, endpoints::json as answer, state::ProviderState};

pub(super) async fn post(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = InitializeComputeRequest::parse(state.dialect(), &asked.data)?;
    match state.dialect() {
        Dialect::OceanNode => node(state, compute, &request).await,
        _ => provider(state, compute, &request).await,
    }
}

/// Old stack: a signed fee per item, of which one pays for the environment.
async fn provider(
    state: &ProviderState,
    compute: &Compute,
    request: &InitializeComputeRequest,
) -> Result<Response, ComputeFault> {
    let now = u64::try_from(state.now().as_second()).unwrap_or_default();
    let until = request.valid_until.filter(|until| *until > now);
    let until = until.ok_or_else(|| ComputeFault::Refused("The validUntil value is not correct.".to_owned()))?;
    let environment = compute.environment(&request.environment);
    let environment =
        environment.ok_or_else(|| ComputeFault::Refused("Compute environment does not exist".to_owned()))?;
    let plan = Box::pin(check(state, request.consumer, &request.datasets, &request.algorithm)).await;
    let plan = plan.map_err(|fault| match fault {
        ComputeFault::Code { code: "not_algo", reason, .. } => ComputeFault::Refused(reason),
        fault => fault,
    })?;
    allowed(state, &environment.access, request.consumer).await?;

    let items: Vec<&Checked> = plan.datasets.iter().chain(&plan.algorithm).collect();
    let mut found = Vec::with_capacity(items.len());
    for item in &items {
        let order = match item.tx {
            None => None,
            Some(_) => match item.order(state, request.consumer, Purpose::Reuse).await {
                Ok(order) => Some(order),
                Err(fault) if fault.is_unavailable() => return Err(fault),
                // An order that is not or no longer valid: a new fee.
                Err(_) => None,
            },
        };
        let needed = fees::required(state, &item.asset.chain, environment, until).await?;
        let mut pays = false;
        if let Some(order) = &order {
            let token = fees::fee_token(state, &item.asset.chain);
            pays = fees::paid(item, order).await?.iter().any(|fee| {
                fee.environment.as_deref() == Some(environment.id.as_str())
                    && fee.amount >= needed
                    && (needed.is_zero() || fee.token == token)
                    && (fee.valid_until == 0 || fee.valid_until >= until)
            });
        }
        found.push((order, pays, needed));
    }
    let paying = found.iter().position(|(_, pays, _)| *pays);
    let answers: Vec<Value> = items
        .iter()
        .zip(&found)
        .enumerate()
        .map(|(place, (item, (order, pays, needed)))| {
            let valid = order.as_ref().map(|order| order.reused_by.unwrap_or(order.order_tx).to_string());
            let charged = paying.is_none() && place == 0;
            if let Some(tx) = &valid
                && (*pays || !charged)
            {
                return json!({"validOrder": tx});
            }
            let amount = if charged { *needed } else { U256::ZERO };
            let fee = fees::signed(state, item, &environment.id, amount, until);
            let mut answer = Map::new();
            answer.insert("datatoken".to_owned(), json!(item.service().datatoken_address.to_checksum(None)));
            answer.insert("providerFee".to_owned(), serde_json::to_value(fee).unwrap_or_default());
            answer.extend(valid.map(|tx| ("validOrder".to_owned(), json!(tx))));
            Value::Object(answer)
        })
        .collect();
    let mut body = json!({"datasets": &answers[..plan.datasets.len()]});
    if let Some(algorithm) = answers.get(plan.datasets.len()) {
        body["algorithm"] = algorithm.clone();
    }
    Ok(answer(json_text(state.dialect(), &body)))
}

/// New stack: which orders are missing, and what has to be in the escrow.
async fn node(
    state: &ProviderState,
    compute: &Compute,
    request: &InitializeComputeRequest,
) -> Result<Response, ComputeFault> {
    let environment = compute.environment(&request.environment);
    let environment = environment.ok_or_else(|| ComputeFault::Refused("Invalid C2D Environment".to_owned()))?;
    let plan = Box::pin(check(state, request.consumer, &request.datasets, &request.algorithm)).await?;
    allowed(state, &environment.access, request.consumer).await?;
    let cost = price(state, environment, &request.ask).await?;
    let seconds = lock_seconds(cost.seconds, environment.max_queue_wait, compute.claim_timeout);
    let seconds = seconds.map_err(|error| ComputeFault::Refused(error.to_string()))?;
    let chain = chain_of(state, Some(cost.chain))?;
    let escrow =
        chain.deployment.escrow.ok_or_else(|| ComputeFault::Refused("there is no escrow on that chain".to_owned()))?;
    let mut body = Map::new();
    let mut items = Vec::new();
    for item in plan.datasets.iter().chain(&plan.algorithm) {
        let is_algorithm = item.asset.ddo.metadata.kind == AssetType::Algorithm && item.resource == "algorithm";
        let mut told = Map::new();
        let order = match item.tx {
            None => None,
            Some(_) => match item.order(state, request.consumer, Purpose::Reuse).await {
                Ok(order) => Some(order),
                Err(fault) if fault.is_unavailable() => return Err(fault),
                Err(_) => None,
            },
        };
        let valid = order.map(|order| order.reused_by.unwrap_or(order.order_tx).to_string());
        told.insert("datatoken".to_owned(), json!(item.service().datatoken_address.to_checksum(None)));
        told.insert("did".to_owned(), json!(item.asset.ddo.id));
        told.insert("serviceId".to_owned(), json!(item.service().id.as_str()));
        told.insert("chainId".to_owned(), json!(item.asset.ddo.chain_id.get()));
        told.insert("consumerAddress".to_owned(), json!(item.asset.chain.key.address().to_checksum(None)));
        if valid.is_none() {
            let until = fee_valid_until(Dialect::OceanNode, item.service().timeout, None, state.now());
            let fee = fees::signed(state, item, &environment.id, U256::ZERO, until);
            told.insert("providerFee".to_owned(), serde_json::to_value(fee).unwrap_or_default());
        }
        told.insert("validOrder".to_owned(), valid.map_or(json!(false), |tx| json!(tx)));
        if is_algorithm {
            body.insert("algorithm".to_owned(), Value::Object(told));
        } else {
            items.push(Value::Object(told));
        }
    }
    body.insert("datasets".to_owned(), Value::Array(items));
    body.insert(
        "payment".to_owned(),
        json!({
            "escrowAddress": escrow.to_checksum(None),
            "payee": chain.key.address().to_checksum(None),
            "chainId": cost.chain.get(),
            "minLockSeconds": seconds,
            "token": cost.token.to_checksum(None),
            "amount": cost.amount.0.to_string(),
        }),
    );
    Ok(answer(json_text(state.dialect(), &Value::Object(body))))
}

/// What a paid job of the new stack may cost at most.
pub(super) struct Cost {
    pub(super) chain: ChainId,
    pub(super) token: Address,
    pub(super) amount: BaseUnits,
    pub(super) seconds: u64,
    /// Price and amount of each resource, for the minutes really used.
    pub(super) terms: Vec<Resource>,
    pub(super) decimals: u8,
}

/// The price of what is asked for.
pub(super) async fn price(state: &ProviderState, environment: &Environment, ask: &Ask) -> Result<Cost, ComputeFault> {
    let refused = |text: &str| ComputeFault::Refused(text.to_owned());
    let (chain_id, token) = ask.payment.ok_or_else(|| refused("payment lacks chainId or token"))?;
    let seconds = ask.max_duration.unwrap_or(environment.max_job_duration);
    if seconds == 0 || seconds > environment.max_job_duration {
        return Err(ComputeFault::Refused(format!(
            "maxJobDuration {seconds} is more than the {} s of this environment",
            environment.max_job_duration
        )));
    }
    let offer = environment.fees.get(&chain_id).and_then(|offers| offers.iter().find(|offer| offer.fee_token == token));
    let offer = offer.ok_or_else(|| refused("the environment has no fees for this chain and token"))?;
    let granted = environment.grant(false, &ask.resources).map_err(super::engine_fault)?;
    let terms: Vec<Resource> = granted
        .iter()
        .map(|(id, amount)| {
            let price = offer.prices.iter().find(|price| price.id == *id).map(|price| price.price.0);
            Resource { price: price.unwrap_or(Decimal::from(0)), amount: Decimal::from(*amount) }
        })
        .collect();
    let decimals = fees::decimals(chain_of(state, Some(chain_id))?, token).await?;
    let minutes = billed_minutes(seconds, environment.min_job_duration);
    let amount = resources_cost(&terms, minutes, decimals).map_err(|error| ComputeFault::Refused(error.to_string()))?;
    Ok(Cost { chain: chain_id, token, amount, seconds, terms, decimals })
}
