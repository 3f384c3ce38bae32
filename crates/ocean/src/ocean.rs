use std::{sync::Arc, time::Duration};

use alloy::{
    providers::Provider as _,
    transports::{RpcError, TransportErrorKind},
};
use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{Contracts, Deployment, connect_with_key};
use ocean_crypto::PrivateKey;
use ocean_pricing::order::Fee;
use ocean_primitives::{Address, BaseUnits, ChainId, FeeRate};
use ocean_provider_client::ProviderClient;
use url::Url;

use crate::error::{Error, Result};

/// How long the chain may take to say which one it is.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// One account on one network: a chain, a Provider and an Aquarius.
///
/// Cloning is cheap; clones share connections.
#[derive(Clone)]
pub struct Ocean {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) contracts: Contracts,
    pub(crate) key: PrivateKey,
    pub(crate) chain_id: ChainId,
    pub(crate) provider: ProviderClient,
    pub(crate) aquarius: AquariusClient,
    pub(crate) consume_market: Option<ConsumeMarket>,
    pub(crate) index_deadline: Duration,
}

impl std::fmt::Debug for Ocean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ocean")
            .field("chain_id", &self.inner.chain_id)
            .field("account", &self.account())
            .finish_non_exhaustive()
    }
}

/// The market through which this account buys, and what that market takes.
///
/// The constructor asks for the receiver first: the contracts would take a fee for nobody from the buyer and keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumeMarket {
    pub(crate) collector: Address,
    pub(crate) swap_fee: FeeRate,
    pub(crate) order_fee: Option<(Address, BaseUnits)>,
}

impl ConsumeMarket {
    /// A market that takes `swap_fee` of every price.
    ///
    /// # Errors
    /// The zero address cannot receive a fee.
    pub fn new(collector: Address, swap_fee: FeeRate) -> Result<Self> {
        if collector.is_zero() {
            return Err(Error::FeeWithoutCollector);
        }
        Ok(Self { collector, swap_fee, order_fee: None })
    }

    /// Also takes `amount` base units of `token` for every order.
    #[must_use]
    pub fn order_fee(mut self, token: Address, amount: BaseUnits) -> Self {
        self.order_fee = Some((token, amount));
        self
    }

    pub(crate) fn fee(&self) -> Option<Fee> {
        self.order_fee.map(|(token, amount)| Fee { address: self.collector, token, amount })
    }
}

/// Says how to reach a network, see [`Ocean::builder`].
///
/// `Debug` shows no URL as a whole: paths and user names of hosted endpoints are keys.
#[derive(Clone, Default)]
#[must_use]
pub struct OceanBuilder {
    rpc: Option<String>,
    key: Option<PrivateKey>,
    deployment: Option<Deployment>,
    provider: Option<String>,
    aquarius: Option<String>,
    consume_market: Option<ConsumeMarket>,
    index_deadline: Option<Duration>,
}

impl std::fmt::Debug for OceanBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OceanBuilder")
            .field("rpc", &self.rpc.as_deref().map(host))
            .field("account", &self.key.as_ref().map(PrivateKey::address))
            .field("chain_id", &self.deployment.as_ref().map(|deployment| deployment.chain_id))
            .field("provider", &self.provider.as_deref().map(host))
            .field("aquarius", &self.aquarius.as_deref().map(host))
            .finish_non_exhaustive()
    }
}

impl OceanBuilder {
    /// URL of the Ethereum JSON-RPC endpoint.
    pub fn rpc(mut self, url: impl Into<String>) -> Self {
        self.rpc = Some(url.into());
        self
    }

    /// The key of the account that publishes, pays and signs.
    pub fn key(mut self, key: PrivateKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The addresses of Ocean's contracts on that chain.
    pub fn deployment(mut self, deployment: Deployment) -> Self {
        self.deployment = Some(deployment);
        self
    }

    /// URL of the Provider (or ocean-node) that encrypts what this account publishes and serves what it buys.
    ///
    /// It is written into published documents, so it must be an address that buyers and indexers reach as well.
    pub fn provider(mut self, url: impl Into<String>) -> Self {
        self.provider = Some(url.into());
        self
    }

    /// URL of the Aquarius (or ocean-node) to read documents from; the Provider's, if not given.
    pub fn aquarius(mut self, url: impl Into<String>) -> Self {
        self.aquarius = Some(url.into());
        self
    }

    /// The market that takes its share of what this account buys; none, if not given.
    pub fn consume_market(mut self, market: ConsumeMarket) -> Self {
        self.consume_market = Some(market);
        self
    }

    /// How long to wait for the indexer to show a transaction; 60 s, if not given.
    pub fn index_deadline(mut self, deadline: Duration) -> Self {
        self.index_deadline = Some(deadline);
        self
    }

    /// Connects, and checks that connection and addresses belong to one chain.
    ///
    /// # Errors
    /// Something is missing, a URL does not parse, the chain does not answer, or it is another chain.
    pub async fn build(self) -> Result<Ocean> {
        let missing = |what: &str| Error::Setup(format!("{what} is missing: call `.{what}(..)` before `.build()`"));
        let rpc_url = self.rpc.ok_or_else(|| missing("rpc"))?;
        let key = self.key.ok_or_else(|| missing("key"))?;
        let deployment = self.deployment.ok_or_else(|| missing("deployment"))?;
        let provider_url = self.provider.ok_or_else(|| missing("provider"))?;
        let aquarius_url = self.aquarius.unwrap_or_else(|| provider_url.clone());

        let rpc = connect_with_key(&rpc_url, &key).map_err(Error::chain("connecting to the chain"))?;
        let chain_id = deployment.chain_id;
        let connected = tokio::time::timeout(CONNECT_DEADLINE, rpc.get_chain_id()).await;
        let connected = connected
            .map_err(|_| {
                Error::Setup(format!("the chain at {} does not answer within {CONNECT_DEADLINE:?}", host(&rpc_url)))
            })?
            .map_err(|error| {
                Error::Setup(format!("the chain at {} does not tell its id: {}", host(&rpc_url), reason(&error)))
            })?;
        if connected != chain_id.get() {
            return Err(Error::WrongChain { connected, configured: chain_id });
        }
        let contracts = Contracts::new(rpc, deployment).with_sender(key.address());
        let provider = ProviderClient::builder(&provider_url).build().map_err(Error::provider("the Provider's URL"))?;
        let aquarius =
            AquariusClient::builder(&aquarius_url).build().map_err(Error::aquarius("the URL of Aquarius"))?;
        let inner = Inner {
            contracts,
            key,
            chain_id,
            provider,
            aquarius,
            consume_market: self.consume_market,
            index_deadline: self.index_deadline.unwrap_or(Duration::from_secs(60)),
        };
        Ok(Ocean { inner: Arc::new(inner) })
    }
}

impl Ocean {
    /// Says how to reach a network; `rpc`, `key`, `deployment` and `provider` are needed.
    pub fn builder() -> OceanBuilder {
        OceanBuilder::default()
    }

    /// The account that publishes, pays and signs.
    pub fn account(&self) -> Address {
        self.inner.key.address()
    }

    /// The chain.
    pub fn chain_id(&self) -> ChainId {
        self.inner.chain_id
    }

    /// The contracts, for what this facade has no method for.
    pub fn contracts(&self) -> &Contracts {
        &self.inner.contracts
    }

    /// The Provider's client.
    pub fn provider(&self) -> &ProviderClient {
        &self.inner.provider
    }

    /// Aquarius' client.
    pub fn aquarius(&self) -> &AquariusClient {
        &self.inner.aquarius
    }
}

/// Host and port of a URL, which are no secret.
fn host(url: &str) -> String {
    let parsed = url.parse::<Url>().ok();
    let shown = parsed.and_then(|url| match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => Some(format!("{host}:{port}")),
        _ => None,
    });
    shown.unwrap_or_else(|| "an address that is no URL".to_owned())
}

/// What the node said, or that it said nothing: the transport's own text repeats the URL.
fn reason(error: &RpcError<TransportErrorKind>) -> String {
    match error.as_error_resp() {
        Some(answer) => answer.to_string(),
        None => "no answer, is it running?".to_owned(),
    }
}
