//! Compute payments: a payer deposits and authorizes, a payee locks and claims.
//!
//! The contract exists in three interfaces, each in a plain and in an Enterprise form, and networks moved from one to the next.
//! [`Escrow::at`] reads from the code at an address which one stands there; the rest is one type for all of them.
//! (`contracts: escrow/Escrow.sol`, `escrow/EnterpriseEscrow.sol`)

mod code;
mod payee;
mod payer;

use std::time::Duration;

use alloy::{
    primitives::{Address, U256},
    providers::Provider as _,
    rpc::types::TransactionReceipt,
    sol_types::SolEvent,
};
use jiff::Timestamp;
use ocean_pricing::{escrow::ClaimFee, fixed_rate::Kind};
use ocean_primitives::{BaseUnits, FeeRate};

pub use self::{
    payee::{Canceled, Claim, ClaimOutcome, Claimed, Jobs, JobsOutcome, LockRequest, Locked, Relocked, Subsidy},
    payer::{Authorize, Bundle},
};
use crate::{
    abi::{
        EscrowAuthorization, EscrowPlainLock, EscrowTimedLock, IEscrow, IEscrowPlain, IEscrowRouter, IEscrowTimed,
        IFactoryRouter,
    },
    contracts::Contracts,
    enterprise::EnterpriseFeeCollector,
    error::{Error, Result},
    time::instant,
};

/// The longest lock that is made or allowed unless [`Escrow::with_longest_lock`] says otherwise: a payer has no way to end a
/// lock before its time.
pub const LONGEST_LOCK: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Which of its interfaces an escrow has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EscrowAbi {
    /// Releases up to 2.8: deposits, authorizations, locks and claims.
    Plain,
    /// Releases 2.9 and 2.10: locks also change, know their start, and much can be done in one transaction.
    Timed,
    /// Releases from 3.0 on: claims name providers of subsidies. The calls of older claims are gone.
    Subsidized,
}

/// What an account has in an escrow, in base units of one token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Funds {
    /// What it can withdraw, and what can be locked.
    pub available: BaseUnits,
    /// What is locked.
    pub locked: BaseUnits,
}

/// What a payer allows one payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// Who may lock.
    pub payee: Address,
    /// The most that all of the payee's locks together may hold, in base units.
    pub max_locked_amount: BaseUnits,
    /// What they hold now, in base units.
    pub locked_amount: BaseUnits,
    /// The longest lock.
    pub max_lock: Duration,
    /// How many locks there may be at once.
    pub max_locks: U256,
    /// How many there are.
    pub locks: U256,
}

impl Authorization {
    /// What the payee may still lock, in base units, whatever the payer has.
    pub fn free_amount(&self) -> BaseUnits {
        if self.locks >= self.max_locks {
            return BaseUnits::ZERO;
        }
        self.max_locked_amount.checked_sub(self.locked_amount).unwrap_or_default()
    }
}

impl From<EscrowAuthorization> for Authorization {
    fn from(auth: EscrowAuthorization) -> Self {
        Self {
            payee: auth.payee,
            max_locked_amount: BaseUnits(auth.maxLockedAmount),
            locked_amount: BaseUnits(auth.currentLockedAmount),
            max_lock: Duration::from_secs(auth.maxLockSeconds.saturating_to()),
            max_locks: auth.maxLockCounts,
            locks: auth.currentLocks,
        }
    }
}

/// A lock as the chain has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EscrowLock {
    /// The job, unique per payer and payee.
    pub job_id: U256,
    /// Who pays.
    pub payer: Address,
    /// Who may claim.
    pub payee: Address,
    /// In which token.
    pub token: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
    /// The last moment for a claim. From the next second on anybody may cancel.
    pub expiry: Timestamp,
    /// When it was made; only escrows from 2.9 on know.
    pub start: Option<Timestamp>,
}

/// An escrow, for one sender. Cheap to clone.
///
/// Each method that sends reads its success from the events: these contracts let several calls succeed that do nothing, such as
/// a withdrawal of more than there is.
#[derive(Debug, Clone)]
pub struct Escrow {
    contracts: Contracts,
    address: Address,
    abi: EscrowAbi,
    enterprise: bool,
    longest_lock: Duration,
}

impl Escrow {
    /// The escrow at an address. Its code says which interface it has.
    ///
    /// # Errors
    /// [`Error::NotAnEscrow`] where other code or none stands there.
    pub async fn at(contracts: &Contracts, address: Address) -> Result<Self> {
        const CALL: &str = "eth_getCode";
        let code = contracts.bounded(CALL, contracts.rpc().get_code_at(address).into_future()).await?;
        let (abi, enterprise) = code::identify(&code).ok_or(Error::NotAnEscrow(address))?;
        Ok(Self { contracts: contracts.clone(), address, abi, enterprise, longest_lock: LONGEST_LOCK })
    }

    /// The escrow of the connection's deployment.
    ///
    /// # Errors
    /// The network has none, and as [`Escrow::at`].
    pub async fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let address = contracts.deployment().escrow.ok_or(Error::NotDeployed("Escrow"))?;
        Self::at(contracts, address).await
    }

    /// The Enterprise escrow of the connection's deployment.
    ///
    /// # Errors
    /// The network has none, and as [`Escrow::at`].
    pub async fn enterprise_of_deployment(contracts: &Contracts) -> Result<Self> {
        let address = contracts.deployment().extra_address("EnterpriseEscrow");
        Self::at(contracts, address.ok_or(Error::NotDeployed("EnterpriseEscrow"))?).await
    }

    /// Makes and allows no longer locks than this; [`LONGEST_LOCK`] unless set.
    #[must_use]
    pub fn with_longest_lock(self, longest: Duration) -> Self {
        Self { longest_lock: longest, ..self }
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Which interface it has.
    pub fn abi(&self) -> EscrowAbi {
        self.abi
    }

    /// Whether it is the Enterprise form: only tokens that the fee collector allows, and its fee instead of the router's.
    pub fn is_enterprise(&self) -> bool {
        self.enterprise
    }

    /// What `account` has of `token`.
    ///
    /// # Errors
    /// The node fails.
    pub async fn funds(&self, account: Address, token: Address) -> Result<Funds> {
        let funds = self.contracts.read(self.address, &IEscrow::getUserFundsCall { payer: account, token }).await?;
        Ok(Funds { available: BaseUnits(funds.available), locked: BaseUnits(funds.locked) })
    }

    /// What the sender has of `token`.
    ///
    /// # Errors
    /// There is no sender, or the node fails.
    pub async fn own_funds(&self, token: Address) -> Result<Funds> {
        self.contracts.sender().ok_or(Error::NoSender)?;
        let funds = self.contracts.read(self.address, &IEscrow::getFundsCall { token }).await?;
        Ok(Funds { available: BaseUnits(funds.available), locked: BaseUnits(funds.locked) })
    }

    /// The tokens that `account` has funds in, as the escrow lists them. Escrows up to 2.10 can miss one whose whole balance was
    /// withdrawn while a lock was open; [`Escrow::funds`] knows better.
    ///
    /// # Errors
    /// The node fails.
    pub async fn tokens_of(&self, account: Address) -> Result<Vec<Address>> {
        self.contracts.read(self.address, &IEscrow::getUserTokensCall { user: account }).await
    }

    /// What `payer` allows in `token`: to one payee, or to everybody.
    ///
    /// # Errors
    /// The payer or the token is the zero address, or the node fails.
    pub async fn authorizations(
        &self,
        token: Address,
        payer: Address,
        payee: Option<Address>,
    ) -> Result<Vec<Authorization>> {
        let call = IEscrow::getAuthorizationsCall { token, payer, payee: payee.unwrap_or_default() };
        Ok(self.contracts.read(self.address, &call).await?.into_iter().map(Authorization::from).collect())
    }

    /// The locks of `payee`, filtered by token and payer. The contract's own filters are of no use: a lock passes where one of
    /// them fits, so all are read and filtered here.
    ///
    /// # Errors
    /// The node fails.
    pub async fn locks(
        &self,
        payee: Address,
        token: Option<Address>,
        payer: Option<Address>,
    ) -> Result<Vec<EscrowLock>> {
        let any = Address::ZERO;
        let locks: Vec<EscrowLock> = match self.abi {
            EscrowAbi::Plain => {
                let call = IEscrowPlain::getLocksCall { token: any, payer: any, payee };
                let locks = self.contracts.read(self.address, &call).await?;
                locks.into_iter().map(|lock| plain_lock(payee, lock)).collect()
            }
            EscrowAbi::Timed | EscrowAbi::Subsidized => {
                let call = IEscrowTimed::getLocksCall { token: any, payer: any, payee };
                let locks = self.contracts.read(self.address, &call).await?;
                locks.into_iter().map(|lock| timed_lock(payee, lock)).collect()
            }
        };
        let fits = |lock: &EscrowLock| {
            token.is_none_or(|token| lock.token == token) && payer.is_none_or(|payer| lock.payer == payer)
        };
        Ok(locks.into_iter().filter(fits).collect())
    }

    /// What claims in `token` cost: the community's share, or what the Enterprise collector asks. With these terms
    /// `ocean_pricing::escrow` says beforehand whether a lock can be made and how a claim is divided. Releases from 3.0 on take
    /// no fee above the claim.
    ///
    /// # Errors
    /// The node fails.
    pub async fn claim_terms(&self, token: Address) -> Result<ClaimFee> {
        if !self.enterprise {
            let router = self.contracts.read(self.address, &IEscrowRouter::factoryRouterCall {}).await?;
            let rate = self.contracts.read(router, &IFactoryRouter::getOPCFeeCall { baseToken: token }).await?;
            return Ok(ClaimFee::standard(FeeRate(rate)));
        }
        let collector = self.contracts.read(self.address, &IEscrow::opcCollectorCall {}).await?;
        if collector.is_zero() {
            return Ok(ClaimFee::standard(FeeRate::ZERO));
        }
        let terms = EnterpriseFeeCollector::at(&self.contracts, collector).token_fee(token).await?;
        let kind = Kind::Enterprise { min_fee: terms.min, max_fee: terms.max };
        Ok(ClaimFee { rate: terms.rate, kind, token_allowed: terms.allowed })
    }

    /// What a claim of `amount` costs the payee, in base units of the token. Subsidies raise the base of the fee by their bonus.
    ///
    /// # Errors
    /// The node fails.
    pub async fn claim_fee(&self, token: Address, amount: BaseUnits) -> Result<BaseUnits> {
        let fee = self.claim_terms(token).await?.on(amount)?;
        Ok(if self.abi == EscrowAbi::Subsidized { fee.min(amount) } else { fee })
    }

    /// The Enterprise collector's smallest fee in `token`, which is also the smallest amount that can be claimed where the
    /// release does not cap the fee; nothing for others.
    ///
    /// # Errors
    /// The node fails.
    pub async fn smallest_claim(&self, token: Address) -> Result<BaseUnits> {
        match self.enterprise && self.abi != EscrowAbi::Subsidized {
            true => self.claim_fee(token, BaseUnits::ZERO).await,
            false => Ok(BaseUnits::ZERO),
        }
    }

    /// Refuses a method that this release does not have.
    fn require(&self, call: &'static str, oldest: EscrowAbi) -> Result<()> {
        if self.abi >= oldest { Ok(()) } else { Err(Error::EscrowRelease { call, address: self.address }) }
    }

    /// Refuses locks that last longer than somebody would want to wait, or not at all.
    fn check_duration(&self, lock: Duration) -> Result<U256> {
        if lock < Duration::from_secs(1) || lock > self.longest_lock {
            return Err(Error::LockFreezes { seconds: lock.as_secs(), longest: self.longest_lock.as_secs() });
        }
        Ok(U256::from(lock.as_secs()))
    }

    fn find<E: SolEvent>(&self, receipt: &TransactionReceipt, condition: impl Fn(&E) -> bool) -> Result<E> {
        crate::contracts::find_event(receipt, self.address, condition)
    }

    /// Every event of one kind that this escrow emitted.
    fn all<'a, E: SolEvent + 'a>(&'a self, receipt: &'a TransactionReceipt) -> impl Iterator<Item = E> + 'a {
        let own = receipt.logs().iter().filter(|log| log.address() == self.address);
        own.filter_map(|log| E::decode_log_data(log.data()).ok())
    }
}

fn plain_lock(payee: Address, lock: EscrowPlainLock) -> EscrowLock {
    EscrowLock {
        job_id: lock.jobId,
        payer: lock.payer,
        payee,
        token: lock.token,
        amount: BaseUnits(lock.amount),
        expiry: instant(lock.expiry),
        start: None,
    }
}

fn timed_lock(payee: Address, lock: EscrowTimedLock) -> EscrowLock {
    EscrowLock {
        job_id: lock.jobId,
        payer: lock.payer,
        payee,
        token: lock.token,
        amount: BaseUnits(lock.amount),
        expiry: instant(lock.expiry),
        start: Some(instant(lock.startTime)),
    }
}
