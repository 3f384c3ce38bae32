//! Typed calls over a connection: simulated first, sent, waited for, and believed only when the events are there.

mod asset;
mod community;
mod create;
mod datatoken;
mod exchange;
mod files;
mod metadata;
mod method;
mod nft;
mod order;
mod orders;
mod price;
mod roles;
mod token;

use std::{sync::Arc, time::Duration};

use alloy::{
    consensus::Transaction as _,
    eips::BlockNumberOrTag,
    network::TransactionResponse as _,
    primitives::{Address, B256, Bytes, U256},
    providers::Provider as _,
    rpc::types::{TransactionInput, TransactionReceipt, TransactionRequest},
    sol_types::{SolCall, SolEvent},
    transports::{RpcError, TransportErrorKind},
};
use jiff::Timestamp;
use ocean_primitives::Clock;

use self::method::Methods;
pub(crate) use self::price::require_receiver;
pub use self::{
    asset::{CreateAsset, Price},
    community::{CommunityFees, Purchase},
    create::{CreatedAsset, DatatokenTemplate, NewDatatoken, NewDispenser, NewFixedRate, NewNft},
    datatoken::FilesRequest,
    metadata::{NftMetadata, SetMetadata},
    nft::datatoken_key,
    order::{FreBuy, OrderOutcome},
    orders::{MultipleOrder, MultipleReuse},
    price::{ContractQuote, DispenserState, ExchangeState, SwapOutcome},
    roles::{DatatokenRole, NftRole},
};
use crate::{
    connect::{Rpc, nonce_of},
    deployment::Deployment,
    error::{Error, Result, Revert, without_url},
    gas::GasStrategy,
};

/// How long a transaction is waited for unless the caller says otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
/// How often a transaction is sent again whose nonce another one took.
const SEND_ATTEMPTS: usize = 4;
/// The longest pause between two looks for a receipt.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// A transaction that is in a block and did what it should, which is read from the event `E` among its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxOutcome<E = ()> {
    /// The transaction.
    pub tx: B256,
    /// The number of its block.
    pub block: u64,
    /// What it used of its gas limit.
    pub gas_used: u64,
    /// The event that proves the effect, decoded.
    pub event: E,
}

impl TxOutcome {
    pub(crate) fn of(receipt: &TransactionReceipt) -> Self {
        Self {
            tx: receipt.transaction_hash,
            block: receipt.block_number.unwrap_or_default(),
            gas_used: receipt.gas_used,
            event: (),
        }
    }
}

impl<E> TxOutcome<E> {
    /// The outcome of `receipt` with something read from its events.
    pub(crate) fn with(receipt: &TransactionReceipt, event: E) -> Self {
        TxOutcome::of(receipt).map(|()| event)
    }

    /// The same transaction with something else read from its events.
    pub fn map<T>(self, change: impl FnOnce(E) -> T) -> TxOutcome<T> {
        TxOutcome { tx: self.tx, block: self.block, gas_used: self.gas_used, event: change(self.event) }
    }
}

/// The contracts of one network, for one sender.
///
/// Cheap to clone. Each method that sends simulates its call first, so that a refusal costs nothing and comes with the
/// contract's reason; then it estimates gas with a margin, prices it by EIP-1559, sends, waits for the receipt and looks for
/// the event that proves the effect, since clones answer a call they do not know with success.
#[derive(Debug, Clone)]
pub struct Contracts {
    rpc: Rpc,
    deployment: Arc<Deployment>,
    sender: Option<Address>,
    deadline: Duration,
    gas: GasStrategy,
    clock: Option<Arc<dyn Clock>>,
    methods: Arc<Methods>,
}

impl Contracts {
    /// For reading; see [`Contracts::with_sender`] for the rest.
    pub fn new(rpc: Rpc, deployment: Deployment) -> Self {
        Self {
            rpc,
            deployment: Arc::new(deployment),
            sender: None,
            deadline: DEFAULT_DEADLINE,
            gas: GasStrategy::default(),
            clock: None,
            methods: Arc::default(),
        }
    }

    /// Sends from `sender`: the account of the key that the connection was made with, or one that the node itself can sign for.
    #[must_use]
    pub fn with_sender(self, sender: Address) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// How long each transaction is waited for before [`Error::Deadline`]; 60 s unless set.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// What transactions offer for their gas.
    #[must_use]
    pub fn with_gas(self, gas: GasStrategy) -> Self {
        Self { gas, ..self }
    }

    /// Takes the time from this clock where something may have expired; without one it is the time of the latest block.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// The connection.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Where the contracts are.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Who sends.
    pub fn sender(&self) -> Option<Address> {
        self.sender
    }

    /// The present moment: of the clock, or of the latest block where no clock was given.
    ///
    /// # Errors
    /// The node fails.
    pub async fn now(&self) -> Result<Timestamp> {
        if let Some(clock) = &self.clock {
            return Ok(clock.now());
        }
        const CALL: &str = "eth_getBlockByNumber";
        let block = self.bounded(CALL, self.rpc.get_block_by_number(BlockNumberOrTag::Latest).into_future()).await?;
        let seconds = block.map_or(0, |block| block.header.timestamp);
        i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or(Error::Range("the time of the latest block"))
    }

    /// The number of the latest block.
    pub(crate) async fn block_number(&self) -> Result<u64> {
        self.bounded("eth_blockNumber", self.rpc.get_block_number().into_future()).await
    }

    fn required_sender(&self) -> Result<Address> {
        self.sender.ok_or(Error::NoSender)
    }

    /// Fails where a call from `from` would fail.
    async fn simulate_raw(&self, from: Address, to: Address, value: U256, data: Bytes) -> Result<()> {
        let tx = TransactionRequest {
            from: Some(from),
            to: Some(to.into()),
            value: Some(value),
            input: TransactionInput::new(data),
            ..TransactionRequest::default()
        };
        self.bounded("eth_call", self.rpc.call(tx).into_future()).await.map(drop)
    }

    /// Calls a method without sending anything.
    ///
    /// # Errors
    /// [`Error::Revert`], or [`Error::Answer`] where nothing at `to` knows the method.
    pub fn read<'a, C: SolCall>(
        &'a self,
        to: Address,
        call: &C,
    ) -> impl Future<Output = Result<C::Return>> + Send + use<'a, C> {
        let tx = request(self.sender, to, call);
        async move {
            let output = self.bounded(C::SIGNATURE, self.rpc.call(tx).into_future()).await?;
            C::abi_decode_returns(&output).map_err(|_| Error::Answer { call: C::SIGNATURE, address: to })
        }
    }

    /// Simulates a call, sends it and waits until it is in a block. What it did is for the caller to read from the logs.
    ///
    /// # Errors
    /// [`Error::Revert`] from the simulation or from the block, [`Error::Answer`] where nothing at `to` knows the method and
    /// it should return something, [`Error::Deadline`] when it was sent and no block has it yet.
    pub async fn transact<C: SolCall>(&self, to: Address, call: &C) -> Result<TransactionReceipt> {
        Box::pin(self.transact_paying(to, call, U256::ZERO)).await
    }

    /// [`Contracts::transact`] with ether: `value` is in wei.
    ///
    /// # Errors
    /// As [`Contracts::transact`], and where the sender has less.
    pub async fn transact_paying<C: SolCall>(&self, to: Address, call: &C, value: U256) -> Result<TransactionReceipt> {
        let from = self.sender.ok_or(Error::NoSender)?;
        let mut tx = request(Some(from), to, call);
        tx.value = (!value.is_zero()).then_some(value);
        let mut fees = TransactionRequest::default();
        let (output, gas, (), ()) = self
            .within(C::SIGNATURE, async {
                tokio::try_join!(
                    async { self.rpc.call(tx.clone()).await.map_err(|error| Error::from_rpc(C::SIGNATURE, error)) },
                    async {
                        self.rpc.estimate_gas(tx.clone()).await.map_err(|error| Error::from_rpc(C::SIGNATURE, error))
                    },
                    async {
                        let priced = self.gas.price(&self.rpc, &mut fees).await;
                        priced.map_err(|error| Error::from_rpc(C::SIGNATURE, error))
                    },
                    self.methods.require(&self.rpc, to, C::SELECTOR, C::SIGNATURE),
                )
            })
            .await?;
        C::abi_decode_returns(&output).map_err(|_| Error::Answer { call: C::SIGNATURE, address: to })?;
        tx.gas = Some(self.gas.limit(gas));
        tx.gas_price = fees.gas_price;
        tx.max_fee_per_gas = fees.max_fee_per_gas;
        tx.max_priority_fee_per_gas = fees.max_priority_fee_per_gas;

        let mut landed = None;
        for _ in 0..SEND_ATTEMPTS {
            let pending = self.bounded(C::SIGNATURE, self.rpc.send_transaction(tx.clone())).await?;
            landed = Box::pin(self.landed(*pending.tx_hash())).await?;
            if landed.is_some() {
                break;
            }
            tracing::debug!(tx = %pending.tx_hash(), "another transaction took the nonce, sending again");
        }
        let receipt = landed.ok_or(Error::Replaced { call: C::SIGNATURE })?;
        if receipt.status() {
            return Ok(receipt);
        }
        // Something changed between the simulation and the block. Asked at that block, the node usually still knows what.
        let at = receipt.block_number.unwrap_or_default();
        let revert = match self.bounded(C::SIGNATURE, async { self.rpc.call(tx).block(at.into()).await }).await {
            Err(Error::Revert { revert, .. }) => revert,
            _ => Revert::Empty,
        };
        Err(Error::Revert { call: C::SIGNATURE, revert, tx: Some(receipt.transaction_hash) })
    }

    /// [`Contracts::transact`], and then the event of `emitter` that fulfils `condition`: the proof that the call did something.
    ///
    /// # Errors
    /// As [`Contracts::transact`]; [`Error::EventMissing`] where the transaction succeeded without that event.
    pub async fn transact_for<C: SolCall, E: SolEvent>(
        &self,
        to: Address,
        call: &C,
        emitter: Address,
        condition: impl Fn(&E) -> bool,
    ) -> Result<TxOutcome<E>> {
        let receipt = self.transact(to, call).await?;
        let event = find_event(&receipt, emitter, condition)?;
        Ok(TxOutcome::with(&receipt, event))
    }

    /// Waits for a transaction; none where it can never be in a block, because another one of the same sender, which the node liked
    /// better, has its nonce. That happens where two connections that do not know of each other send with one key.
    async fn landed(&self, tx: B256) -> Result<Option<TransactionReceipt>> {
        let replaced = async {
            let mut nonce = nonce_of(tx).zip(self.sender);
            loop {
                // Nothing here is urgent: a receipt ends the wait.
                match self.rpc.get_transaction_by_hash(tx).await {
                    Ok(Some(known)) => nonce = Some((known.nonce(), known.from())),
                    Ok(None) => {
                        if let Some((nonce, from)) = nonce
                            && self.rpc.get_transaction_count(from).await.is_ok_and(|used| used > nonce)
                            && matches!(self.rpc.get_transaction_receipt(tx).await, Ok(None))
                        {
                            return;
                        }
                    }
                    Err(_) => {}
                }
                tokio::time::sleep(MAX_PAUSE).await;
            }
        };
        tokio::select! {
            biased;
            receipt = wait_for_receipt(&self.rpc, tx, self.deadline) => receipt.map(Some),
            () = replaced => Ok(None),
        }
    }

    pub(crate) fn bounded<T>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<T, RpcError<TransportErrorKind>>>,
    ) -> impl Future<Output = Result<T>> {
        self.within(call, async move { answer.await.map_err(|error| Error::from_rpc(call, error)) })
    }

    pub(crate) fn within<T>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T>> {
        // Boxed, because every caller's future would hold alloy's: unoptimised builds copy them at each level of the stack.
        let answer = Box::pin(answer);
        async move {
            match tokio::time::timeout(self.deadline, answer).await {
                Ok(answer) => answer,
                Err(_) => Err(Error::Silent { call, waited: self.deadline }),
            }
        }
    }
}

fn request<C: SolCall>(from: Option<Address>, to: Address, call: &C) -> TransactionRequest {
    TransactionRequest {
        from,
        to: Some(to.into()),
        input: TransactionInput::new(call.abi_encode().into()),
        ..TransactionRequest::default()
    }
}

/// Waits until a transaction is in a block, whatever its status there.
///
/// The first look is immediate; then the pauses grow up to the connection's poll interval, 10 ms for a node on this machine
/// and at most a second otherwise.
///
/// # Errors
/// [`Error::Deadline`]. A node that fails in between is asked again until then.
pub async fn wait_for_receipt(rpc: &Rpc, tx: B256, deadline: Duration) -> Result<TransactionReceipt> {
    let longest = rpc.client().poll_interval().min(MAX_PAUSE);
    let mut pause = Duration::from_millis(1);
    let wait = async {
        loop {
            match rpc.get_transaction_receipt(tx).await {
                Ok(Some(receipt)) => return receipt,
                Ok(None) => {}
                Err(error) => {
                    let error = without_url(error);
                    tracing::debug!(%tx, %error, "the node did not answer, asking again");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    };
    tokio::time::timeout(deadline, wait).await.map_err(|_| Error::Deadline { tx, waited: deadline })
}

/// The first event of one kind and one emitter that fulfils a condition.
pub(crate) fn find_event<E: SolEvent>(
    receipt: &TransactionReceipt,
    emitter: Address,
    condition: impl Fn(&E) -> bool,
) -> Result<E> {
    let logs = receipt.logs().iter().filter(|log| log.address() == emitter);
    let mut events = logs.filter_map(|log| E::decode_log_data(log.data()).ok());
    events.find(condition).ok_or(Error::EventMissing { event: E::SIGNATURE, tx: receipt.transaction_hash })
}
