use std::time::Duration;

use alloy::{
    primitives::{Address, Bytes, U256},
    rpc::types::TransactionReceipt,
};
use ocean_primitives::BaseUnits;
use sha2::{Digest as _, Sha256};

use super::{Escrow, EscrowAbi, EscrowLock};
use crate::{
    abi::{
        EscrowCancel, EscrowClaim, EscrowLockRequest, EscrowSubsidizedClaim, IEscrow, IEscrowClaims, IEscrowJobs,
        IEscrowSubsidized, IEscrowTimed,
    },
    contracts::TxOutcome,
    error::{Error, Result},
};

/// A lock to make, or to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockRequest {
    /// The job; see [`Escrow::job_id`].
    pub job_id: U256,
    /// In which token.
    pub token: Address,
    /// Who pays.
    pub payer: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
    /// For how long, from the block on that has it.
    pub duration: Duration,
}

/// A lock that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Locked {
    /// The job.
    pub job_id: U256,
    /// Who pays.
    pub payer: Address,
    /// In which token.
    pub token: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
    /// For how long, from its block on.
    pub duration: Duration,
}

/// A lock that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relocked {
    /// The job.
    pub job_id: U256,
    /// Who pays.
    pub payer: Address,
    /// In which token.
    pub token: Address,
    /// How much it held before, in base units.
    pub old_amount: BaseUnits,
    /// How much it holds now, in base units.
    pub amount: BaseUnits,
    /// For how long, from the block of the change on.
    pub duration: Duration,
}

/// What a payee takes of a lock; the rest goes back to the payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job_id: U256,
    /// In which token the lock is.
    pub token: Address,
    /// Who pays.
    pub payer: Address,
    /// How much, in base units; at most what is locked.
    pub amount: BaseUnits,
    /// Anything that shows what was done; it is in the event and is not checked.
    pub proof: Bytes,
    /// The kind of the job for the contracts in `subsidies`; zero where there are none.
    pub job_type: U256,
    /// Contracts that may pay a part of the amount to the payer, or more to the payee; escrows from 3.0 on.
    pub subsidies: Vec<Address>,
}

impl Claim {
    /// A claim without a proof and without subsidies.
    pub fn new(job_id: U256, token: Address, payer: Address, amount: BaseUnits) -> Self {
        Self { job_id, token, payer, amount, proof: Bytes::new(), job_type: U256::ZERO, subsidies: Vec::new() }
    }
}

/// A claim that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claimed {
    /// The job.
    pub job_id: U256,
    /// Who pays.
    pub payer: Address,
    /// In which token.
    pub token: Address,
    /// How much was claimed, before the fee, in base units.
    pub amount: BaseUnits,
    /// What the payee gave as a proof.
    pub proof: Bytes,
}

/// A lock that came to its end unclaimed; its whole amount is the payer's again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Canceled {
    /// The job.
    pub job_id: U256,
    /// Who had locked.
    pub payee: Address,
    /// Whose the amount is again.
    pub payer: Address,
    /// In which token.
    pub token: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
}

/// What somebody else paid for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subsidy {
    /// The job.
    pub job_id: U256,
    /// The contract that paid.
    pub provider: Address,
    /// What went to the payer, in base units.
    pub subsidy: BaseUnits,
    /// What went to the payee on top of the claim, in base units.
    pub bonus: BaseUnits,
}

/// What a claim of one or more locks did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimOutcome {
    /// The claims that were paid, in the order of the request.
    pub claimed: Vec<Claimed>,
    /// The locks that had expired: their claims paid nothing.
    pub canceled: Vec<Canceled>,
    /// What others paid.
    pub subsidies: Vec<Subsidy>,
    /// What left the escrow for the payee: tokens and amounts in base units.
    pub withdrawn: Vec<(Address, BaseUnits)>,
}

/// What a payee does in one transaction; escrows from 2.9 on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jobs {
    /// Claims.
    pub claims: Vec<Claim>,
    /// Locks whose time is over: job, token, payer and payee of each.
    pub cancels: Vec<EscrowCancel>,
    /// Locks to make.
    pub locks: Vec<LockRequest>,
    /// Locks to change.
    pub relocks: Vec<LockRequest>,
}

/// What [`Escrow::bundle_jobs`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobsOutcome {
    /// Claims, and locks that had expired.
    pub claims: ClaimOutcome,
    /// Locks that were made.
    pub locked: Vec<Locked>,
    /// Locks that were changed.
    pub relocked: Vec<Relocked>,
}

impl Escrow {
    /// The number that nodes give a job in the escrow: SHA-256 of its id (`ocean-node: src/utils/crypt.ts`).
    pub fn job_id(job: &str) -> U256 {
        U256::from_be_bytes(Sha256::digest(job).into())
    }

    /// Locks a payer's funds for the sender.
    ///
    /// # Errors
    /// [`Error::LockFreezes`] for a lock without a length or longer than [`Escrow::with_longest_lock`]; then the contract's
    /// reasons: no authorization, too much, too long, too many, too little in the escrow, or a job that has a lock.
    pub async fn create_lock(&self, lock: &LockRequest) -> Result<TxOutcome<Locked>> {
        let call = IEscrow::createLockCall {
            jobId: lock.job_id,
            token: lock.token,
            payer: lock.payer,
            amount: lock.amount.0,
            expiry: self.check_duration(lock.duration)?,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let locked = self.locked(&receipt, lock)?;
        Ok(TxOutcome::with(&receipt, locked))
    }

    /// Makes several locks in one transaction; either all or none.
    ///
    /// # Errors
    /// As [`Escrow::create_lock`].
    pub async fn create_locks(&self, locks: &[LockRequest]) -> Result<TxOutcome<Vec<Locked>>> {
        let call = IEscrow::createLocksCall {
            jobId: locks.iter().map(|lock| lock.job_id).collect(),
            token: locks.iter().map(|lock| lock.token).collect(),
            payer: locks.iter().map(|lock| lock.payer).collect(),
            amount: locks.iter().map(|lock| lock.amount.0).collect(),
            expiry: locks.iter().map(|lock| self.check_duration(lock.duration)).collect::<Result<_>>()?,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let locked = locks.iter().map(|lock| self.locked(&receipt, lock)).collect::<Result<_>>()?;
        Ok(TxOutcome::with(&receipt, locked))
    }

    /// Changes amount and end of a lock that has not expired; its whole time, from its start on, must stay within what the
    /// payer allows.
    ///
    /// # Errors
    /// The escrow is older than 2.9, there is no such lock, it has expired, and as [`Escrow::create_lock`].
    pub async fn re_lock(&self, lock: &LockRequest) -> Result<TxOutcome<Relocked>> {
        self.require("reLock", EscrowAbi::Timed)?;
        let call = IEscrowTimed::reLockCall {
            jobId: lock.job_id,
            token: lock.token,
            payer: lock.payer,
            amount: lock.amount.0,
            expiry: self.check_duration(lock.duration)?,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let relocked = self.relocked(&receipt, lock)?;
        Ok(TxOutcome::with(&receipt, relocked))
    }

    /// Changes several locks in one transaction; either all or none.
    ///
    /// # Errors
    /// As [`Escrow::re_lock`].
    pub async fn re_locks(&self, locks: &[LockRequest]) -> Result<TxOutcome<Vec<Relocked>>> {
        self.require("reLocks", EscrowAbi::Timed)?;
        let call = IEscrowTimed::reLocksCall {
            jobId: locks.iter().map(|lock| lock.job_id).collect(),
            token: locks.iter().map(|lock| lock.token).collect(),
            payer: locks.iter().map(|lock| lock.payer).collect(),
            amount: locks.iter().map(|lock| lock.amount.0).collect(),
            expiry: locks.iter().map(|lock| self.check_duration(lock.duration)).collect::<Result<_>>()?,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let relocked = locks.iter().map(|lock| self.relocked(&receipt, lock)).collect::<Result<_>>()?;
        Ok(TxOutcome::with(&receipt, relocked))
    }

    /// Takes the sender's share of a lock; it stays in the escrow as the sender's funds, less the fee.
    ///
    /// # Errors
    /// [`Error::ClaimBelowFee`] where the Enterprise collector's fee is more than the claim, which older releases refuse;
    /// [`Error::LockExpired`] where the claim came too late: the transaction succeeded and gave everything back to the payer.
    pub async fn claim_lock(&self, claim: &Claim) -> Result<TxOutcome<ClaimOutcome>> {
        self.check_claims(std::slice::from_ref(claim)).await?;
        let Claim { job_id, token, payer, amount, proof, job_type, subsidies } = claim.clone();
        let receipt = if self.abi == EscrowAbi::Subsidized {
            let call = IEscrowSubsidized::claimLockCall {
                jobId: job_id,
                token,
                payer,
                amount: amount.0,
                proof,
                jobType: job_type,
                subsidyProviders: subsidies,
            };
            self.contracts.transact(self.address, &call).await?
        } else {
            let call = IEscrowClaims::claimLockCall { jobId: job_id, token, payer, amount: amount.0, proof };
            self.contracts.transact(self.address, &call).await?
        };
        self.claimed_one(&receipt, claim)
    }

    /// As [`Escrow::claim_lock`], and takes everything that the sender has available in that token out of the escrow.
    ///
    /// # Errors
    /// As [`Escrow::claim_lock`].
    pub async fn claim_lock_and_withdraw(&self, claim: &Claim) -> Result<TxOutcome<ClaimOutcome>> {
        self.check_claims(std::slice::from_ref(claim)).await?;
        let Claim { job_id, token, payer, amount, proof, job_type, subsidies } = claim.clone();
        let receipt = if self.abi == EscrowAbi::Subsidized {
            let call = IEscrowSubsidized::claimLockAndWithdrawCall {
                jobId: job_id,
                token,
                payer,
                amount: amount.0,
                proof,
                jobType: job_type,
                subsidyProviders: subsidies,
            };
            self.contracts.transact(self.address, &call).await?
        } else {
            let call = IEscrowClaims::claimLockAndWithdrawCall { jobId: job_id, token, payer, amount: amount.0, proof };
            self.contracts.transact(self.address, &call).await?
        };
        let outcome = self.claimed_one(&receipt, claim)?;
        self.find::<IEscrow::Withdraw>(&receipt, |event| event.token == claim.token)?;
        Ok(outcome)
    }

    /// Takes the sender's shares of several locks. Those that had expired are among `canceled` of the outcome.
    ///
    /// # Errors
    /// [`Error::ClaimBelowFee`], and the contract's reasons: either all or none.
    pub async fn claim_locks(&self, claims: &[Claim]) -> Result<TxOutcome<ClaimOutcome>> {
        self.check_claims(claims).await?;
        let lists = Lists::of(claims);
        let receipt = if self.abi == EscrowAbi::Subsidized {
            let call = IEscrowSubsidized::claimLocksCall {
                jobId: lists.job_id,
                token: lists.token,
                payer: lists.payer,
                amount: lists.amount,
                proof: lists.proof,
                jobType: claims.iter().map(|claim| claim.job_type).collect(),
                subsidyProviders: claims.iter().map(|claim| claim.subsidies.clone()).collect(),
            };
            self.contracts.transact(self.address, &call).await?
        } else {
            let call = IEscrowClaims::claimLocksCall {
                jobId: lists.job_id,
                token: lists.token,
                payer: lists.payer,
                amount: lists.amount,
                proof: lists.proof,
            };
            self.contracts.transact(self.address, &call).await?
        };
        let outcome = self.claimed(&receipt, claims)?;
        Ok(TxOutcome::with(&receipt, outcome))
    }

    /// As [`Escrow::claim_locks`], and takes everything that the sender has available in those tokens out of the escrow.
    ///
    /// # Errors
    /// As [`Escrow::claim_locks`].
    pub async fn claim_locks_and_withdraw(&self, claims: &[Claim]) -> Result<TxOutcome<ClaimOutcome>> {
        self.check_claims(claims).await?;
        let lists = Lists::of(claims);
        let receipt = if self.abi == EscrowAbi::Subsidized {
            let call = IEscrowSubsidized::claimLocksAndWithdrawCall {
                jobId: lists.job_id,
                token: lists.token,
                payer: lists.payer,
                amount: lists.amount,
                proof: lists.proof,
                jobType: claims.iter().map(|claim| claim.job_type).collect(),
                subsidyProviders: claims.iter().map(|claim| claim.subsidies.clone()).collect(),
            };
            self.contracts.transact(self.address, &call).await?
        } else {
            let call = IEscrowClaims::claimLocksAndWithdrawCall {
                jobId: lists.job_id,
                token: lists.token,
                payer: lists.payer,
                amount: lists.amount,
                proof: lists.proof,
            };
            self.contracts.transact(self.address, &call).await?
        };
        let outcome = self.claimed(&receipt, claims)?;
        Ok(TxOutcome::with(&receipt, outcome))
    }

    /// Gives expired locks of `payee` back to their payers: all of them, or those of one payer. Anybody may do it.
    ///
    /// # Errors
    /// [`Error::NothingExpired`] where there are none; the contract would succeed and do nothing.
    pub async fn cancel_expired_locks(
        &self,
        payee: Address,
        payer: Option<Address>,
    ) -> Result<TxOutcome<Vec<Canceled>>> {
        let now = self.contracts.now().await?;
        let locks = self.locks(payee, None, payer).await?;
        let expired: Vec<EscrowLock> = locks.into_iter().filter(|lock| lock.expiry < now).collect();
        self.cancel(&expired).await
    }

    /// Gives one expired lock back to its payer. Anybody may do it.
    ///
    /// # Errors
    /// [`Error::NothingExpired`] where there is no such lock, or its time is not over.
    pub async fn cancel_expired_lock(
        &self,
        payee: Address,
        payer: Address,
        job_id: U256,
    ) -> Result<TxOutcome<Canceled>> {
        let now = self.contracts.now().await?;
        let locks = self.locks(payee, None, Some(payer)).await?;
        let lock = locks.into_iter().find(|lock| lock.job_id == job_id && lock.expiry < now);
        let lock = lock.ok_or(Error::NothingExpired)?;
        let call =
            IEscrow::cancelExpiredLockCall { jobId: job_id, token: lock.token, payer: lock.payer, payee: lock.payee };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let canceled = self.canceled(&receipt).into_iter().find(|canceled| canceled.job_id == job_id);
        let canceled = canceled.ok_or(missing::<IEscrow::Canceled>(&receipt))?;
        Ok(TxOutcome::with(&receipt, canceled))
    }

    /// Does everything that is due for several jobs in one transaction; either all or nothing.
    ///
    /// # Errors
    /// The escrow is older than 2.9, and as the single methods.
    pub async fn bundle_jobs(&self, jobs: &Jobs) -> Result<TxOutcome<JobsOutcome>> {
        self.require("bundleJobs", EscrowAbi::Timed)?;
        self.check_claims(&jobs.claims).await?;
        let requests = |locks: &[LockRequest]| -> Result<Vec<EscrowLockRequest>> {
            let request = |lock: &LockRequest| {
                Ok(EscrowLockRequest {
                    jobId: lock.job_id,
                    token: lock.token,
                    payer: lock.payer,
                    amount: lock.amount.0,
                    expiry: self.check_duration(lock.duration)?,
                })
            };
            locks.iter().map(request).collect()
        };
        let (locks, relocks, cancels) = (requests(&jobs.locks)?, requests(&jobs.relocks)?, jobs.cancels.clone());
        let receipt = if self.abi == EscrowAbi::Subsidized {
            let claims = jobs.claims.iter().map(|claim| EscrowSubsidizedClaim {
                jobId: claim.job_id,
                token: claim.token,
                payer: claim.payer,
                amount: claim.amount.0,
                proof: claim.proof.clone(),
                jobType: claim.job_type,
                subsidyProviders: claim.subsidies.clone(),
            });
            let claims = claims.collect();
            let call = IEscrowSubsidized::bundleJobsCall { claims, cancels, newLocks: locks, reLockOps: relocks };
            self.contracts.transact(self.address, &call).await?
        } else {
            let claims = jobs.claims.iter().map(|claim| EscrowClaim {
                jobId: claim.job_id,
                token: claim.token,
                payer: claim.payer,
                amount: claim.amount.0,
                proof: claim.proof.clone(),
            });
            let claims = claims.collect();
            let call = IEscrowJobs::bundleJobsCall { claims, cancels, newLocks: locks, reLockOps: relocks };
            self.contracts.transact(self.address, &call).await?
        };
        let outcome = JobsOutcome {
            claims: self.claimed(&receipt, &jobs.claims)?,
            locked: jobs.locks.iter().map(|lock| self.locked(&receipt, lock)).collect::<Result<_>>()?,
            relocked: jobs.relocks.iter().map(|lock| self.relocked(&receipt, lock)).collect::<Result<_>>()?,
        };
        Ok(TxOutcome::with(&receipt, outcome))
    }

    async fn cancel(&self, locks: &[EscrowLock]) -> Result<TxOutcome<Vec<Canceled>>> {
        if locks.is_empty() {
            return Err(Error::NothingExpired);
        }
        let call = IEscrow::cancelExpiredLocksCall {
            jobId: locks.iter().map(|lock| lock.job_id).collect(),
            token: locks.iter().map(|lock| lock.token).collect(),
            payer: locks.iter().map(|lock| lock.payer).collect(),
            payee: locks.iter().map(|lock| lock.payee).collect(),
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let canceled = self.canceled(&receipt);
        if canceled.is_empty() {
            return Err(missing::<IEscrow::Canceled>(&receipt));
        }
        Ok(TxOutcome::with(&receipt, canceled))
    }

    /// Refuses claims that this release cannot carry out.
    async fn check_claims(&self, claims: &[Claim]) -> Result<()> {
        if claims.iter().any(|claim| !claim.subsidies.is_empty()) {
            self.require("claimLock with subsidies", EscrowAbi::Subsidized)?;
        }
        if !self.enterprise || self.abi == EscrowAbi::Subsidized {
            return Ok(());
        }
        for claim in claims {
            let fee = self.claim_fee(claim.token, claim.amount).await?;
            if fee > claim.amount {
                return Err(Error::ClaimBelowFee { amount: claim.amount, fee });
            }
        }
        Ok(())
    }

    fn locked(&self, receipt: &TransactionReceipt, lock: &LockRequest) -> Result<Locked> {
        let payee = receipt.from;
        self.find::<IEscrow::Lock>(receipt, |event| {
            (event.payer, event.payee, event.jobId, event.token) == (lock.payer, payee, lock.job_id, lock.token)
                && (event.amount, event.expiry) == (lock.amount.0, U256::from(lock.duration.as_secs()))
        })?;
        let LockRequest { job_id, token, payer, amount, duration } = *lock;
        Ok(Locked { job_id, payer, token, amount, duration: Duration::from_secs(duration.as_secs()) })
    }

    fn relocked(&self, receipt: &TransactionReceipt, lock: &LockRequest) -> Result<Relocked> {
        let payee = receipt.from;
        let event = self.find::<IEscrowTimed::ReLock>(receipt, |event| {
            (event.payer, event.payee, event.jobId, event.token) == (lock.payer, payee, lock.job_id, lock.token)
                && (event.newAmount, event.newExpiry) == (lock.amount.0, U256::from(lock.duration.as_secs()))
        })?;
        let LockRequest { job_id, token, payer, amount, duration } = *lock;
        let duration = Duration::from_secs(duration.as_secs());
        Ok(Relocked { job_id, payer, token, old_amount: BaseUnits(event.oldAmount), amount, duration })
    }

    fn claimed_one(&self, receipt: &TransactionReceipt, claim: &Claim) -> Result<TxOutcome<ClaimOutcome>> {
        let outcome = self.claimed(receipt, std::slice::from_ref(claim))?;
        if outcome.claimed.is_empty() {
            return Err(Error::LockExpired { job_id: claim.job_id, tx: receipt.transaction_hash });
        }
        Ok(TxOutcome::with(receipt, outcome))
    }

    /// What the events say about these claims: each was paid, or its lock had expired.
    fn claimed(&self, receipt: &TransactionReceipt, claims: &[Claim]) -> Result<ClaimOutcome> {
        let canceled = self.canceled(receipt);
        let mut claimed = Vec::new();
        for claim in claims {
            let paid = self.find::<IEscrow::Claimed>(receipt, |event| {
                (event.jobId, event.payer, event.token) == (claim.job_id, claim.payer, claim.token)
                    && event.payee == receipt.from
                    && event.amount == claim.amount.0
            });
            match paid {
                Ok(event) => claimed.push(Claimed {
                    job_id: event.jobId,
                    payer: event.payer,
                    token: event.token,
                    amount: BaseUnits(event.amount),
                    proof: event.proof,
                }),
                Err(_) if canceled.iter().any(|canceled| canceled.job_id == claim.job_id) => {}
                Err(error) => return Err(error),
            }
        }
        let subsidies = self.all::<IEscrowSubsidized::Subsidized>(receipt).map(|event| Subsidy {
            job_id: event.jobId,
            provider: event.provider,
            subsidy: BaseUnits(event.subsidyAmount),
            bonus: BaseUnits(event.bonusAmount),
        });
        let withdrawn = self.all::<IEscrow::Withdraw>(receipt).map(|event| (event.token, BaseUnits(event.amount)));
        Ok(ClaimOutcome { claimed, canceled, subsidies: subsidies.collect(), withdrawn: withdrawn.collect() })
    }

    fn canceled(&self, receipt: &TransactionReceipt) -> Vec<Canceled> {
        let canceled = self.all::<IEscrow::Canceled>(receipt).map(|event| Canceled {
            job_id: event.jobId,
            payee: event.payee,
            payer: event.payer,
            token: event.token,
            amount: BaseUnits(event.amount),
        });
        canceled.collect()
    }
}

/// Claims as the lists that the contracts take.
struct Lists {
    job_id: Vec<U256>,
    token: Vec<Address>,
    payer: Vec<Address>,
    amount: Vec<U256>,
    proof: Vec<Bytes>,
}

impl Lists {
    fn of(claims: &[Claim]) -> Self {
        Self {
            job_id: claims.iter().map(|claim| claim.job_id).collect(),
            token: claims.iter().map(|claim| claim.token).collect(),
            payer: claims.iter().map(|claim| claim.payer).collect(),
            amount: claims.iter().map(|claim| claim.amount.0).collect(),
            proof: claims.iter().map(|claim| claim.proof.clone()).collect(),
        }
    }
}

fn missing<E: alloy::sol_types::SolEvent>(receipt: &TransactionReceipt) -> Error {
    Error::EventMissing { event: E::SIGNATURE, tx: receipt.transaction_hash }
}
