use std::{fmt, time::Duration};

use alloy::{
    primitives::{Address, B256, Bytes},
    sol_types::{PanicKind, SolInterface as _},
    transports::{RpcError, TransportErrorKind},
};
use jiff::Timestamp;
use ocean_pricing::order::Fee;

use crate::{gas::GasPrice, reason::Reason};

/// Why a contract refused a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revert {
    /// A `require` with a text, exactly as the contract wrote it.
    Message(String),
    /// A check that the compiler inserted, by its code: 0x11 is an overflow, 0x32 an index outside a list.
    Panic(u64),
    /// A custom error, as it was returned.
    Other(Bytes),
    /// No reason at all.
    Empty,
}

impl Revert {
    /// Reads what a reverting call returned.
    pub fn decode(data: &[u8]) -> Self {
        use alloy::sol_types::GenericContractError;
        if data.is_empty() {
            return Self::Empty;
        }
        match GenericContractError::abi_decode(data) {
            Ok(GenericContractError::Revert(revert)) => Self::Message(revert.reason),
            Ok(GenericContractError::Panic(panic)) => Self::Panic(u64::try_from(panic.code).unwrap_or(u64::MAX)),
            Err(_) => Self::Other(Bytes::copy_from_slice(data)),
        }
    }

    /// The reason as a value to branch on, where the contract gave it in words that are known.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Message(text) => Reason::of(text),
            _ => None,
        }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(text) => f.write_str(text),
            Self::Panic(code) => match u32::try_from(*code).ok().and_then(PanicKind::from_number) {
                Some(kind) => write!(f, "panic 0x{code:02x}: {}", kind.as_str()),
                None => write!(f, "panic 0x{code:02x}"),
            },
            Self::Other(data) => write!(f, "custom error {data}"),
            Self::Empty => f.write_str("no reason given"),
        }
    }
}

/// What can go wrong between this crate and a chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A contract refused the call. Nothing was sent unless `tx` names the transaction that failed in its block.
    #[error("`{call}` reverted: {revert}")]
    Revert {
        /// The Solidity signature of what was called.
        call: &'static str,
        /// What the contract said.
        revert: Revert,
        /// The failed transaction; none where the simulation already failed.
        tx: Option<B256>,
    },
    /// The answer is empty or does not decode. Clones answer every unknown method with success and no data, and so does an
    /// address without code, so this usually means a wrong address or a template without that method.
    #[error("`{call}` at {address} returned nothing that it should return")]
    Answer {
        /// The Solidity signature of what was called.
        call: &'static str,
        /// Where it was called.
        address: Address,
    },
    /// The transaction is in a block, but the event that proves its effect is not among its logs.
    #[error("transaction {tx} succeeded without the event `{event}`")]
    EventMissing {
        /// The Solidity signature of the event.
        event: &'static str,
        /// The transaction.
        tx: B256,
    },
    /// The transaction was sent and is in no block yet. It may still be mined.
    #[error("transaction {tx} is not in a block after {} s", waited.as_secs_f64())]
    Deadline {
        /// The transaction.
        tx: B256,
        /// How long this crate waited.
        waited: Duration,
    },
    /// Other transactions of the sender took the nonce each time, so that the transaction is in no block and never will be.
    #[error("`{call}` was replaced by other transactions of the sender")]
    Replaced {
        /// The Solidity signature of what was called.
        call: &'static str,
    },
    /// The node did not answer, or answered with an error that is not a revert.
    #[error("the node failed at `{call}`")]
    Rpc {
        /// What was asked.
        call: &'static str,
        /// The transport's error.
        #[source]
        source: RpcError<TransportErrorKind>,
    },
    /// The address of the node is not a URL that this crate can use. It is not repeated here, since it may hold an access key.
    #[error("the address of the node is not an http or https url")]
    Url,
    /// The HTTP client or the signer could not be set up.
    #[error("the connection could not be set up: {0}")]
    Setup(String),
    /// A transaction was asked of a connection that has no sender.
    #[error("no sender is set, so only reads are possible")]
    NoSender,
    /// The price is one that this crate does not publish: wrong decimals, nothing at all, or outside the contract's limits.
    #[error("the price cannot be published")]
    Price(#[from] ocean_pricing::Error),
    /// The Provider's signature does not fit its fee, or the fee names nobody. The datatoken would refuse it.
    #[error("the provider fee is not signed by its receiver")]
    ProviderFee(#[from] ocean_crypto::Error),
    /// There is no such exchange in the fixed-rate contract.
    #[error("there is no exchange {0}")]
    NoExchange(ocean_primitives::ExchangeId),
    /// The node did not answer in time.
    #[error("the node did not answer `{call}` within {} s", waited.as_secs_f64())]
    Silent {
        /// What was asked.
        call: &'static str,
        /// How long this crate waited.
        waited: Duration,
    },
    /// Gas costs more than the limit of the [`GasStrategy`](crate::GasStrategy). Nothing was sent.
    #[error("gas costs {needed} wei, which is more than the limit of {limit} wei")]
    GasPrice {
        /// What the next block asks for a unit of gas, in wei.
        needed: u128,
        /// The limit, in wei.
        limit: u128,
    },
    /// There is no contract at this address, so that a call would succeed and do nothing. Nothing was sent.
    #[error("there is no contract at {address} for `{call}`")]
    NoContract {
        /// The Solidity signature of what was to be called.
        call: &'static str,
        /// The address.
        address: Address,
    },
    /// The contract is a clone of a template without this method. It would answer with success and do nothing. Nothing was sent.
    #[error("{address} does not know `{call}`: its template has no such method")]
    NoMethod {
        /// The Solidity signature of what was to be called.
        call: &'static str,
        /// The clone.
        address: Address,
    },
    /// The datatoken has a dispenser, or an exchange that mints, and this one would mint as well. The contracts refuse it, or accept
    /// it and then refuse every transfer of the data NFT.
    #[error("{datatoken} has a minting exchange or dispenser already: {minter}")]
    SecondMinter {
        /// The datatoken.
        datatoken: Address,
        /// The exchange or dispenser contract that mints for it.
        minter: Address,
    },
    /// The publishing market asks for more than was quoted, or for another token. Nothing was sent.
    #[error("the publishing market asks for {} of {}, quoted were {} of {}", actual.amount, actual.token, quoted.amount, quoted.token)]
    FeeAboveQuote {
        /// What was quoted.
        quoted: Box<Fee>,
        /// What the datatoken asks for now.
        actual: Box<Fee>,
    },
    /// The Provider's fee is no longer valid: the order would be paid and then refused. Ask the Provider again.
    #[error("the provider fee was valid until {valid_until}")]
    ProviderFeeExpired {
        /// The end that the Provider signed.
        valid_until: Timestamp,
    },
    /// Lists that belong together differ in length. The contracts ignore the difference or panic.
    #[error("{what} have different lengths: {first} and {second}")]
    UnequalLists {
        /// What the lists hold.
        what: &'static str,
        /// The length of the first.
        first: usize,
        /// The length of the second.
        second: usize,
    },
    /// What the transaction did is not what its event says or the caller asked for.
    #[error("transaction {tx} left {what} as it was")]
    Unchanged {
        /// What should have changed.
        what: &'static str,
        /// The transaction.
        tx: B256,
    },
    /// A fee without an address to receive it: the contracts take it and nobody gets it.
    #[error("a market fee needs an address that receives it")]
    FeeWithoutAddress,
    /// The factory did not make this datatoken or data NFT, so it may do anything with what is approved or paid to it.
    #[error("{0} was not made by the factory")]
    NotFactory(Address),
    /// The exchange or dispenser is not one that the router approved, so its tokens may be worthless.
    #[error("{0} is not an exchange or dispenser that the router approved")]
    NotApproved(Address),
    /// The template is not one this crate can publish with.
    #[error("datatoken template {0} is not supported")]
    Template(u16),
    /// A value does not fit the type that the caller or the protocol gives it.
    #[error("{0} is out of range")]
    Range(&'static str),
    /// The network does not have this contract.
    #[error("the network has no {0}")]
    NotDeployed(&'static str),
    /// The code at this address is not one of the escrows that this crate knows.
    #[error("there is no escrow that this crate knows at {0}")]
    NotAnEscrow(Address),
    /// The escrow is of a release without this method.
    #[error("the escrow at {address} is of a release without `{call}`")]
    EscrowRelease {
        /// What was to be done.
        call: &'static str,
        /// The escrow.
        address: Address,
    },
    /// A lock without a length, or one so long that the payer's funds would be out of reach if the payee never claims.
    #[error("a lock of {seconds} s would freeze funds: between 1 s and {longest} s are allowed")]
    LockFreezes {
        /// The length of the lock.
        seconds: u64,
        /// The longest lock that is made or allowed.
        longest: u64,
    },
    /// There is less in the escrow than what was asked for. The contract would succeed and do nothing.
    #[error("{available} base units of {token} are available in the escrow, not {wanted}")]
    EscrowFunds {
        /// The token.
        token: Address,
        /// What is available.
        available: ocean_primitives::BaseUnits,
        /// What was asked for.
        wanted: ocean_primitives::BaseUnits,
    },
    /// The Enterprise collector's fee is more than the claim: the escrow refuses it, and the lock stays until it expires.
    #[error("a claim of {amount} base units is below the fee of {fee}, so that the lock stays until it expires")]
    ClaimBelowFee {
        /// The claim.
        amount: ocean_primitives::BaseUnits,
        /// Its fee.
        fee: ocean_primitives::BaseUnits,
    },
    /// The claim came too late: the transaction succeeded, paid nothing, and gave the lock back to the payer.
    #[error("the lock of job {job_id} had expired: transaction {tx} gave it back to the payer")]
    LockExpired {
        /// The job.
        job_id: alloy::primitives::U256,
        /// The transaction.
        tx: B256,
    },
    /// No lock of those that were asked for has expired. The contract would succeed and do nothing.
    #[error("no such lock has expired")]
    NothingExpired,
    /// The Enterprise contracts do not take this token.
    #[error("the fee collector does not allow the token {0}")]
    TokenNotAllowed(Address),
    /// The sender has predicted for this epoch, and may only change that.
    #[error("there is a prediction for epoch {epoch} already")]
    Predicted {
        /// The epoch.
        epoch: u64,
    },
    /// The sender has not predicted for this epoch.
    #[error("there is no prediction for epoch {epoch} to change")]
    NotPredicted {
        /// The epoch.
        epoch: u64,
    },
    /// The transaction succeeded and paid nothing: the epoch is pending, or was paid out before.
    #[error("there was nothing to pay for epoch {epoch} in transaction {tx}")]
    NothingToPay {
        /// The epoch.
        epoch: u64,
        /// The transaction.
        tx: B256,
    },
    /// What is to be bought costs more than the caller wants to pay. Nothing was sent.
    #[error("the price is {price} base units, more than the limit of {limit}")]
    PriceAbove {
        /// What it costs now.
        price: ocean_primitives::BaseUnits,
        /// What the caller wants to pay at most.
        limit: ocean_primitives::BaseUnits,
    },
    /// Nothing can be claimed. The contract would succeed and do nothing.
    #[error("there is nothing to claim")]
    NothingToClaim,
    /// Neither the address file nor the public networks have that chain.
    #[error("address file: no network has chain id {0}")]
    UnknownNetwork(ocean_primitives::ChainId),
    /// The address file is not what it should be.
    #[error("address file: {0}")]
    AddressFile(String),
    /// The address file could not be read.
    #[error("address file `{path}` could not be read")]
    AddressFileRead {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Whether a contract refused the call.
    pub fn is_revert(&self) -> bool {
        matches!(self, Self::Revert { .. })
    }

    /// What the contract said, where one refused the call.
    pub fn revert_reason(&self) -> Option<String> {
        match self {
            Self::Revert { revert, .. } => Some(revert.to_string()),
            _ => None,
        }
    }

    /// Why a contract refused the call, as a value to branch on.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Revert { revert, .. } => revert.reason(),
            _ => None,
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Rpc { source, .. } => !source.is_local_usage_error(),
            Self::Deadline { .. } | Self::Silent { .. } | Self::GasPrice { .. } | Self::Replaced { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn from_rpc(call: &'static str, source: RpcError<TransportErrorKind>) -> Self {
        let source = without_url(source);
        if let RpcError::LocalUsageError(error) = &source
            && let Some(&GasPrice { needed, limit }) = error.downcast_ref()
        {
            return Self::GasPrice { needed, limit };
        }
        match source.as_error_resp() {
            Some(payload) => match payload.as_revert_data() {
                Some(data) => Self::Revert { call, revert: Revert::decode(&data), tx: None },
                // Anvil and geth answer `execution reverted` with code 3 or -32000 and no data where there is no reason.
                None if payload.message.contains("revert") => Self::Revert { call, revert: Revert::Empty, tx: None },
                None => Self::Rpc { call, source },
            },
            None => Self::Rpc { call, source },
        }
    }
}

/// The same error without the node's address, which may hold an access key.
pub(crate) fn without_url(error: RpcError<TransportErrorKind>) -> RpcError<TransportErrorKind> {
    match error {
        RpcError::Transport(TransportErrorKind::Custom(error)) => {
            let error = match error.downcast::<alloy::transports::http::reqwest::Error>() {
                Ok(http) => Box::new(http.without_url()),
                Err(other) => other,
            };
            RpcError::Transport(TransportErrorKind::Custom(error))
        }
        other => other,
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
