use ocean_ddo::{AssetState, Denial, validate::Violation};
use ocean_did::Did;
use ocean_primitives::{Address, B256, BaseUnits, ChainId, ServiceId};

/// What this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done; every message says what to do about it where that is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The builder was not told something it needs, or was told something that makes no sense.
    #[error("ocean client: {0}")]
    Setup(String),

    /// The connection answers for another chain than the addresses are for.
    #[error(
        "the connection is on chain {connected}, the contract addresses are for chain {configured}: use a connection and an address file of the same network"
    )]
    WrongChain {
        /// What the connection answered.
        connected: u64,
        /// What the deployment says.
        configured: ChainId,
    },

    /// A call to the chain failed, or a transaction reverted.
    #[error("{doing}: {source}")]
    Chain {
        /// What was being done.
        doing: &'static str,
        /// What the chain or the connection said.
        #[source]
        source: Box<ocean_contracts_bindings::Error>,
    },

    /// The Provider refused or could not be reached.
    #[error("{doing}: {source}")]
    Provider {
        /// What was being done.
        doing: &'static str,
        /// What the Provider said, its body included.
        #[source]
        source: Box<ocean_provider_client::Error>,
    },

    /// Aquarius refused or could not be reached.
    #[error("{doing}: {source}")]
    Aquarius {
        /// What was being done.
        doing: &'static str,
        /// What Aquarius said, its body included.
        #[source]
        source: Box<ocean_aquarius_client::Error>,
    },

    /// A document could not be built, read or changed.
    #[error("{doing}: {source}")]
    Document {
        /// What was being done.
        doing: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<ocean_ddo::Error>,
    },

    /// A price that the contracts refuse, or that would be a mistake: it rounds to nothing, its fee is out of range, the
    /// exchange counts its token with other decimals than the token has, a dispenser does not serve this account.
    #[error("the price: {0}")]
    Price(#[from] ocean_pricing::Error),

    /// The document breaks the strict rules; nothing was sent to the chain.
    #[error("the document is not valid, nothing was sent: {}", list(.0))]
    NotValid(Vec<Violation>),

    /// The document does not name the data NFT or datatoken it is for; nothing was sent to the chain.
    #[error("the document is for {found}, not for {expected}: edit its metadata or services, not its identity")]
    OtherAsset {
        /// What the document must name.
        expected: String,
        /// What it names.
        found: String,
    },

    /// No indexer that was asked knows this asset.
    #[error("{0} is not known to Aquarius: check the DID and the network, or wait until it is indexed")]
    UnknownAsset(Did),

    /// The asset has no such service.
    #[error("{did} has no service `{service}`; it has: {available}")]
    UnknownService {
        /// The asset.
        did: Did,
        /// The service that was asked for.
        service: ServiceId,
        /// The services it has.
        available: String,
    },

    /// The asset has no service at all, or several where one was to be chosen without a name.
    #[error("{did} has {count} services, name the one to use")]
    WhichService {
        /// The asset.
        did: Did,
        /// How many services it has.
        count: usize,
    },

    /// The document that the indexer serves is not the one whose checksum stands on chain.
    #[error("the served document of {did} has checksum {served}, the chain says {expected}: do not trust this indexer")]
    Checksum {
        /// The asset.
        did: Did,
        /// On chain.
        expected: B256,
        /// Of the served bytes, without the indexer's own fields.
        served: B256,
    },

    /// The publisher's state of the asset forbids ordering.
    #[error("{did} cannot be ordered: its state is {state:?} ({})", *.state as u8)]
    NotOrderable {
        /// The asset.
        did: Did,
        /// Its state on chain.
        state: AssetState,
    },

    /// The asset's allow or deny list refuses this account.
    #[error("{consumer} may not use {did}: {}", why_denied(.denial))]
    AccessDenied {
        /// The asset.
        did: Did,
        /// Who asked.
        consumer: Address,
        /// Which list decided.
        denial: Denial,
    },

    /// Nothing on chain sells or gives away this datatoken, and the account holds none.
    #[error(
        "{datatoken} has neither an active exchange nor a dispenser, and {holder} holds less than one: ask the publisher for one"
    )]
    NotForSale {
        /// The datatoken.
        datatoken: Address,
        /// Who would have spent one.
        holder: Address,
    },

    /// The account cannot pay what was quoted; nothing was sent to the chain.
    #[error("{holder} has {available} base units of {token}, the order needs {needed}")]
    InsufficientFunds {
        /// The token that is short.
        token: Address,
        /// Whose balance.
        holder: Address,
        /// What the quote needs.
        needed: BaseUnits,
        /// What there is.
        available: BaseUnits,
    },

    /// The datatoken, NFT, exchange or dispenser was not made by this deployment's factory or router, so its word proves nothing.
    #[error("{what} {address} was not deployed by this network's Ocean contracts: refusing to pay it")]
    Foreign {
        /// The kind of contract.
        what: &'static str,
        /// Its address.
        address: Address,
    },

    /// A fee was given without somebody to receive it; the contracts would take it from the buyer and keep it.
    #[error("a fee needs the address that receives it")]
    FeeWithoutCollector,

    /// Orders of this datatoken template are not supported.
    #[error("{datatoken} is of datatoken template {template}, orders are supported for 1 and 2")]
    Template {
        /// The datatoken.
        datatoken: Address,
        /// Its `getId()`.
        template: u16,
    },

    /// The Provider answered that nothing is to be paid, although no earlier order was shown to it.
    #[error("the Provider named no fee for a new order: nothing was paid")]
    NoFee,

    /// The Provider's fee is for another datatoken than the service's.
    #[error("the Provider answered with datatoken {answered}, the service has {expected}: nothing was paid")]
    OtherDatatoken {
        /// The service's, from the document.
        expected: Address,
        /// The Provider's.
        answered: Address,
    },
}

impl Error {
    /// Whether the chain reverted the transaction or call.
    pub fn is_revert(&self) -> bool {
        matches!(self, Self::Chain { source, .. } if source.is_revert())
    }

    /// The contract's revert reason, where there is one.
    pub fn revert_reason(&self) -> Option<String> {
        match self {
            Self::Chain { source, .. } => source.revert_reason(),
            _ => None,
        }
    }

    /// Whether the asset is not known (yet).
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::UnknownAsset(_))
    }
}

/// Makers for `map_err` that name what was being done.
impl Error {
    pub(crate) fn chain(doing: &'static str) -> impl FnOnce(ocean_contracts_bindings::Error) -> Self {
        move |source| Self::Chain { doing, source: Box::new(source) }
    }

    pub(crate) fn provider(doing: &'static str) -> impl FnOnce(ocean_provider_client::Error) -> Self {
        move |source| Self::Provider { doing, source: Box::new(source) }
    }

    pub(crate) fn aquarius(doing: &'static str) -> impl FnOnce(ocean_aquarius_client::Error) -> Self {
        move |source| Self::Aquarius { doing, source: Box::new(source) }
    }

    pub(crate) fn document(doing: &'static str) -> impl FnOnce(ocean_ddo::Error) -> Self {
        move |source| Self::Document { doing, source: Box::new(source) }
    }
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(|v| format!("{}: {}", v.pointer, v.message)).collect::<Vec<_>>().join("; ")
}

fn why_denied(denial: &Denial) -> &'static str {
    match denial {
        Denial::InDenyList => "it is on the asset's deny list",
        Denial::NotInAllowList => "it is not on the asset's allow list",
    }
}
