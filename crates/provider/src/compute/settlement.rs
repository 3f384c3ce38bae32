//! The escrow of the new stack: what a job may cost is locked before it waits, and claimed for the minutes it used.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy::signers::local::PrivateKeySigner;
use async_trait::async_trait;
use ocean_compute::{
    engine::{SettleError, Settlement},
    job::{Job, Payment},
};
use ocean_contracts_bindings::{
    Contracts, Error as ChainError,
    escrow::{Claim, Escrow, LockRequest},
    sign_with,
};
use ocean_pricing::compute::{Resource, billed_minutes, resources_cost};
use ocean_primitives::{Address, BaseUnits, Bytes, ChainId, Clock, Decimal, U256};
use ocean_service::Chains;
use serde::{Deserialize, Serialize};

/// What a job costs, as it is kept with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Terms {
    /// How long the lock holds.
    pub(super) seconds: u64,
    /// Price and amount of each resource, as decimal text.
    pub(super) prices: Vec<(String, String)>,
    /// Of the token.
    pub(super) decimals: u8,
    /// The shortest time that is charged.
    pub(super) min_seconds: u64,
}

/// Locks and claims with the keys of the chains.
#[derive(Debug)]
pub(super) struct EscrowSettlement {
    signing: BTreeMap<ChainId, (Contracts, Address)>,
    clock: Arc<dyn Clock>,
}

impl EscrowSettlement {
    pub(super) fn new(chains: Chains, clock: Arc<dyn Clock>) -> Self {
        let signing = chains.iter().filter_map(|chain| {
            let signer = PrivateKeySigner::from_slice(&*chain.key.to_bytes()).ok()?;
            let address = chain.key.address();
            let contracts = Contracts::new(sign_with(&chain.rpc, signer), chain.deployment.clone());
            Some((chain.id, (contracts.with_sender(address).with_deadline(Duration::from_secs(60)), address)))
        });
        Self { signing: signing.collect(), clock }
    }

    async fn escrow(&self, payment: &Payment) -> Result<(Escrow, Address), SettleError> {
        let found = payment.chain_id.and_then(|id| self.signing.get(&id));
        let (contracts, address) = found.ok_or_else(|| failed("the chain of the payment is not served"))?;
        Ok((Escrow::of_deployment(contracts).await.map_err(|error| chain(&error))?, *address))
    }
}

fn failed(text: impl Into<String>) -> SettleError {
    SettleError { text: text.into() }
}

/// What the chain refused, for the owner of the job; the words of a connection are for the log only.
fn chain(error: &ChainError) -> SettleError {
    tracing::warn!(%error, "the escrow");
    failed(format!("the escrow: {error}"))
}

struct Due {
    token: Address,
    locked: BaseUnits,
    terms: Terms,
}

fn due(payment: &Payment) -> Result<Due, SettleError> {
    let broken = || failed("the terms of the payment cannot be read");
    Ok(Due {
        token: payment.token.ok_or_else(broken)?,
        locked: BaseUnits(U256::from_str_radix(&payment.locked, 10).map_err(|_| broken())?),
        terms: serde_json::from_value(payment.terms.clone()).map_err(|_| broken())?,
    })
}

/// What the minutes cost that a job used; nothing when its algorithm never began.
fn cost(job: &Job, due: &Due) -> Result<BaseUnits, SettleError> {
    if job.started.is_none() || job.exit.is_none() {
        return Ok(BaseUnits::ZERO);
    }
    let decimal = |text: &str| Decimal::parse(text).map_err(|_| failed("the terms of the payment cannot be read"));
    let prices = due
        .terms
        .prices
        .iter()
        .map(|(price, amount)| Ok(Resource { price: decimal(price)?, amount: decimal(amount)? }));
    let prices = prices.collect::<Result<Vec<_>, SettleError>>()?;
    let seconds = job.seconds_used().min(job.spec.max_duration);
    let minutes = billed_minutes(seconds, due.terms.min_seconds);
    let cost = resources_cost(&prices, minutes, due.terms.decimals).map_err(|error| failed(error.to_string()))?;
    Ok(cost.min(due.locked))
}

#[async_trait]
impl Settlement for EscrowSettlement {
    async fn lock(&self, job: &Job) -> Result<Payment, SettleError> {
        let payment = job.spec.payment.clone().ok_or_else(|| failed("there is nothing to pay"))?;
        let due = due(&payment)?;
        if due.locked.is_zero() {
            return Ok(payment);
        }
        let (escrow, _) = self.escrow(&payment).await?;
        let lock = LockRequest {
            job_id: Escrow::job_id(job.id.as_str()),
            token: due.token,
            payer: job.spec.owner,
            amount: due.locked,
            duration: Duration::from_secs(due.terms.seconds),
        };
        let locked = escrow.create_lock(&lock).await.map_err(|error| chain(&error))?;
        Ok(Payment { lock_tx: locked.tx.to_string(), ..payment })
    }

    async fn settle(&self, job: &Job) -> Result<Payment, SettleError> {
        let payment = job.spec.payment.clone().ok_or_else(|| failed("there is nothing to pay"))?;
        let due = due(&payment)?;
        if due.locked.is_zero() {
            return Ok(payment);
        }
        let (escrow, payee) = self.escrow(&payment).await?;
        let number = Escrow::job_id(job.id.as_str());
        let locks = escrow.locks(payee, Some(due.token), Some(job.spec.owner)).await.map_err(|error| chain(&error))?;
        let Some(lock) = locks.into_iter().find(|lock| lock.job_id == number) else {
            // It never stood, or a crash came between the claim and its being written down.
            return Ok(payment);
        };
        if lock.expiry < self.clock.now() {
            let canceled = escrow.cancel_expired_lock(payee, job.spec.owner, number).await;
            let canceled = canceled.map_err(|error| chain(&error))?;
            return Ok(Payment { cancel_tx: canceled.tx.to_string(), cost: "0".to_owned(), ..payment });
        }
        let amount = cost(job, &due)?.min(lock.amount);
        let mut claim = Claim::new(number, due.token, job.spec.owner, amount);
        let proof =
            serde_json::json!({"jobId": job.id, "environment": job.spec.environment, "seconds": job.seconds_used()});
        claim.proof = Bytes::from(proof.to_string().into_bytes());
        let claimed = escrow.claim_lock(&claim).await.map_err(|error| chain(&error))?;
        Ok(Payment { claim_tx: claimed.tx.to_string(), cost: amount.0.to_string(), ..payment })
    }
}
