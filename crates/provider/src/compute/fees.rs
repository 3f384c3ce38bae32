//! What an order paid for compute in the old stack: its provider fee, read from the receipts.

use std::time::Duration;

use alloy::{primitives::Log, providers::Provider as _, sol_types::SolEvent as _};
use jiff::Timestamp;
use ocean_compute::environment::Environment;
use ocean_contracts_bindings::{
    abi::{IErc20, IErc20Template},
    order::VerifiedOrder,
};
use ocean_crypto::ProviderFee;
use ocean_pricing::compute::environment_fee;
use ocean_primitives::{Address, B256, Bytes, U256};
use ocean_provider_api::{ApiError, compute::ComputeFault};
use ocean_service::Chain;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::check::Checked;
use crate::state::ProviderState;

/// How long the chain may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A provider fee that came with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaidFee {
    pub(super) amount: U256,
    pub(super) token: Address,
    /// Unix seconds; zero for ever.
    pub(super) valid_until: u64,
    pub(super) environment: Option<String>,
}

/// The fees of this Provider for the item in the transaction that started or renewed its order.
pub(super) async fn paid(checked: &Checked, order: &VerifiedOrder) -> Result<Vec<PaidFee>, ComputeFault> {
    let (chain, service) = (&checked.asset.chain, checked.service());
    let tx: B256 = order.reused_by.unwrap_or(order.order_tx);
    let unavailable = || ComputeFault::Api(ApiError::Unavailable("the chain"));
    let receipt = timeout(ANSWER, chain.rpc.get_transaction_receipt(tx)).await;
    let receipt = receipt.map_err(|_| unavailable())?.map_err(|_| unavailable())?.ok_or_else(unavailable)?;
    let datatoken = service.datatoken_address;
    let events = receipt.logs().iter().filter(|log| log.address() == datatoken);
    let events = events.filter_map(|log| {
        let log = Log { address: log.address(), data: log.data().clone() };
        IErc20Template::ProviderFee::decode_log(&log).ok()
    });
    let own = events.filter(|event| event.providerFeeAddress == chain.key.address());
    Ok(own
        .filter_map(|event| {
            let data: Value = serde_json::from_slice(&event.providerData).ok()?;
            let same = data["dt"].as_str()?.parse::<Address>().ok()? == datatoken
                && data["id"].as_str()? == service.id.as_str();
            same.then(|| PaidFee {
                amount: event.providerFeeAmount,
                token: event.providerFeeToken,
                valid_until: u64::try_from(event.validUntil).unwrap_or(u64::MAX),
                environment: data["environment"].as_str().map(str::to_owned),
            })
        })
        .collect())
}

/// The token that fees are asked in.
pub(super) fn fee_token(state: &ProviderState, chain: &Chain) -> Address {
    state.limits().fee_token.unwrap_or(chain.deployment.ocean)
}

/// The decimals of a token; whoever asks nothing needs none.
pub(super) async fn decimals(chain: &Chain, token: Address) -> Result<u8, ComputeFault> {
    let read = timeout(ANSWER, chain.contracts().read(token, &IErc20::decimalsCall {})).await;
    read.ok().and_then(Result::ok).ok_or(ComputeFault::Api(ApiError::Unavailable("the chain")))
}

/// What the environment costs from now until `valid_until`, in base units of the fee token.
pub(super) async fn required(
    state: &ProviderState,
    chain: &Chain,
    environment: &Environment,
    valid_until: u64,
) -> Result<U256, ComputeFault> {
    let Some(price) = environment.price_min.filter(|price| !price.0.is_zero()) else { return Ok(U256::ZERO) };
    let token = fee_token(state, chain);
    if token.is_zero() {
        return Ok(U256::ZERO);
    }
    let now = u64::try_from(state.now().as_second()).unwrap_or_default();
    let fee = environment_fee(price.0, valid_until.saturating_sub(now), decimals(chain, token).await?);
    fee.map(|fee| fee.0).map_err(|error| ComputeFault::Refused(error.to_string()))
}

/// A signed fee for the use of an environment.
pub(super) fn signed(
    state: &ProviderState,
    checked: &Checked,
    environment: &str,
    amount: U256,
    valid_until: u64,
) -> ProviderFee {
    let (chain, service) = (&checked.asset.chain, checked.service());
    let data = data(environment, service.datatoken_address, service.id.as_str(), state.now());
    ProviderFee::signed(&chain.key, fee_token(state, chain), amount, valid_until, data)
}

/// What ties a fee to a datatoken, a service and an environment.
fn data(environment: &str, datatoken: Address, service_id: &str, now: Timestamp) -> Bytes {
    let (environment, id, datatoken) = (json!(environment), json!(service_id), datatoken.to_checksum(None));
    let (seconds, micros) = (now.as_second(), now.subsec_microsecond());
    let text =
        format!(r#"{{"environment":{environment},"timestamp":{seconds}.{micros:06},"dt":"{datatoken}","id":{id}}}"#);
    Bytes::from(text.into_bytes())
}
