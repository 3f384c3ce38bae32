//! Settings of the `ocean-provider` command: the Python Provider's environment names, and flags.

mod keys;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use alloy::providers::Provider as _;
use clap::{Parser, ValueEnum};
use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{Deployment, Rpc, connect};
use ocean_primitives::{Address, ChainId, Clock, Dialect};
use ocean_provider_api::persistent_storage::BucketLists;
use ocean_service::{
    Chain, ChainClock, Chains, ClockFollower, DdoSource, NonceStore, StorePlace, Stores, SystemClock,
    access::gates::{GateError, Gates, PolicyServer, RbacServer},
    buckets::{BucketLimits, BucketStore},
};
use ocean_storage::{AddressPolicy, Storage, Timeouts};
use serde_json::Value;

pub use self::keys::Secret;
use crate::{
    compute::{Compute, config::ComputeArgs},
    contract_calls::ChainContracts,
    error::{Error, Result},
    source::HttpDdoSource,
    state::{Limits, ProviderParts, ProviderState},
    tokens::TokenStore,
};

/// How long a chain may take to tell its id.
const CHAIN_DEADLINE: Duration = Duration::from_secs(10);

/// Which protocol family a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectArg {
    /// Python Provider: ocean.py, ocean.js up to 3.x.
    Provider,
    /// ocean-node: ocean.js 8.x, ocean-cli.
    OceanNode,
}

/// What every server with a Provider in it is told: contracts, files, limits and the clock.
#[derive(Debug, Clone, clap::Args)]
pub struct ServingArgs {
    /// File with the contracts' addresses.
    #[arg(long, env = "ADDRESS_FILE")]
    pub address_file: PathBuf,

    /// Whether files may be fetched from loopback and private addresses: for local networks and tests only.
    #[arg(long, env = "ALLOW_NON_PUBLIC_IP", default_value = "false", value_parser = flag, num_args = 0..=1, default_missing_value = "true")]
    pub allow_non_public_ip: bool,

    /// Seconds that a file's source may take to answer.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 10)]
    pub request_timeout: u64,

    /// The largest file in bytes that is hashed for fileinfo.
    #[arg(long, env = "MAX_CHECKSUM_LENGTH", default_value_t = 5 * 1024 * 1024)]
    pub max_checksum_length: u64,

    /// Gateway for ipfs files.
    #[arg(long, env = "IPFS_GATEWAY")]
    pub ipfs_gateway: Option<url::Url>,

    /// HTTP API of an IPFS node; files on IPFS are read through it rather than through a gateway.
    #[arg(long, env = "IPFS_API")]
    pub ipfs_api: Option<url::Url>,

    /// Gateway for arweave files.
    #[arg(long, env = "ARWEAVE_GATEWAY")]
    pub arweave_gateway: Option<url::Url>,

    /// JSON list of the addresses that may decrypt documents; everybody if not set.
    #[arg(long, env = "AUTHORIZED_DECRYPTERS")]
    pub authorized_decrypters: Option<String>,

    /// The token of the Provider's fee; Ocean's of the chain if not set.
    #[arg(long, env = "PROVIDER_FEE_TOKEN")]
    pub fee_token: Option<Address>,

    /// Where nonces and revoked tokens are kept: a `postgres://` URL, which several servers may share, or a folder.
    /// Files in the data directory if not set.
    #[arg(long, env = "STORAGE_URL", hide_env_values = true)]
    pub store: Option<StorePlace>,

    /// How many blocks must stand on the one that holds an order before it is served.
    #[arg(long, env = "ORDER_CONFIRMATIONS", default_value_t = 0)]
    pub order_confirmations: u64,

    /// How many downloads run at once.
    #[arg(long, env = "MAX_DOWNLOADS", default_value_t = Limits::default().downloads)]
    pub max_downloads: usize,

    /// How many requests a client's network address may make in a minute; 0 for any number.
    #[arg(long, env = "MAX_REQ_PER_MINUTE")]
    pub max_requests_per_minute: Option<u32>,

    /// How many signed requests an account may make in a minute; 0 for any number.
    #[arg(long, env = "MAX_ACCOUNT_REQ_PER_MINUTE", default_value_t = 0)]
    pub max_account_requests_per_minute: u32,

    /// Policy server that is asked about every command (ocean-node).
    #[arg(long, env = "POLICY_SERVER_URL", hide_env_values = true)]
    pub policy_server_url: Option<url::Url>,

    /// RBAC server that is asked who may order and download (Python Provider).
    #[arg(long, env = "RBAC_SERVER_URL", hide_env_values = true)]
    pub rbac_server_url: Option<url::Url>,

    /// Tell the RBAC server that this Provider serves a closed group.
    #[arg(long, env = "PRIVATE_PROVIDER", default_value = "false", value_parser = flag, num_args = 0..=1, default_missing_value = "true")]
    pub private_provider: bool,

    /// Opens encrypted keystores that private keys are read from.
    #[arg(long, env = "KEYSTORE_PASSWORD", hide_env_values = true)]
    pub keystore_password: Option<Secret>,

    /// File that holds the password of the keystores.
    #[arg(long, env = "KEYSTORE_PASSWORD_FILE", conflicts_with = "keystore_password")]
    pub keystore_password_file: Option<PathBuf>,

    /// JSON list of the addresses that may read the log (ocean-node).
    #[arg(long, env = "ALLOWED_ADMINS")]
    pub allowed_admins: Option<String>,

    /// ocean-node's JSON object that says where files of users are kept; none are without it.
    #[arg(long, env = "PERSISTENT_STORAGE")]
    pub persistent_storage: Option<String>,

    /// Follow the time of the chain instead of the machine's: for development chains whose time is moved.
    #[arg(long, env = "FOLLOW_CHAIN_CLOCK", default_value = "false", value_parser = flag, num_args = 0..=1, default_missing_value = "true")]
    pub follow_chain_clock: bool,
}

/// Encrypts asset files, checks orders on chain and streams downloads.
#[derive(Parser)]
#[command(name = "ocean-provider", version)]
pub struct ProviderArgs {
    /// Where to listen; port 0 takes a free one, which is then printed.
    #[arg(long, env = "OCEAN_PROVIDER_LISTEN", default_value = "127.0.0.1:8030")]
    pub listen: SocketAddr,

    /// Where nonces and revoked tokens are kept; made if it does not exist.
    #[arg(long, env = "OCEAN_PROVIDER_DATA_DIR", default_value = "ocean-provider-data")]
    pub data_dir: PathBuf,

    /// Which protocol family is spoken.
    #[arg(long, env = "OCEAN_PROVIDER_DIALECT", value_enum, default_value = "provider")]
    pub dialect: DialectArg,

    /// Where the other protocol family is spoken as well, over the same keys, nonces and tokens.
    #[arg(long, env = "OCEAN_PROVIDER_OTHER_LISTEN")]
    pub other_listen: Option<SocketAddr>,

    /// Private key, or a JSON object with one per chain id. `file:<path>` reads it from a file, which may be an encrypted keystore.
    #[arg(long = "private-key", env = "PROVIDER_PRIVATE_KEY", hide_env_values = true)]
    pub private_key: String,

    /// URL of the chain's JSON-RPC, or a JSON object with one per chain id.
    #[arg(long, env = "NETWORK_URL", hide_env_values = true, default_value = "http://127.0.0.1:8545")]
    pub network_url: String,

    /// URL of the Aquarius that documents come from.
    #[arg(long, env = "AQUARIUS_URL", default_value = "http://127.0.0.1:5000")]
    pub aquarius_url: String,

    /// Name of the nonce file inside the data directory.
    #[arg(long, env = "STORAGE_PATH", default_value = "ocean-provider.db")]
    pub storage_path: PathBuf,

    /// Compute-to-Data, in the dialect that is served first.
    #[command(flatten)]
    pub compute: ComputeArgs,

    /// What every server with a Provider in it is told.
    #[command(flatten)]
    pub serving: ServingArgs,
}

impl std::fmt::Debug for ProviderArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderArgs")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// The Python Provider reads `True`, `true`, `1` and their like.
fn flag(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "" | "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// One value for all chains, or one per chain.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PerChain {
    One(String),
    Map(BTreeMap<ChainId, String>),
}

impl PerChain {
    fn parse(name: &'static str, text: &str) -> Result<Self> {
        let text = text.trim();
        let bad = |problem: &str| Error::Setting { name, problem: problem.to_owned() };
        if !text.starts_with('{') {
            return if text.is_empty() { Err(bad("is empty")) } else { Ok(Self::One(text.to_owned())) };
        }
        let entries: BTreeMap<String, Value> =
            serde_json::from_str(text).map_err(|_| bad("is not a json object with one text per chain id"))?;
        let entries = entries.into_iter().map(|(chain, value)| {
            let chain = chain.parse().map_err(|_| bad("has a key that is not a chain id"))?;
            let value = value.as_str().ok_or_else(|| bad("has a value that is not a text"))?;
            Ok((chain, value.to_owned()))
        });
        let entries: BTreeMap<ChainId, String> = entries.collect::<Result<_>>()?;
        if entries.is_empty() { Err(bad("names no chain")) } else { Ok(Self::Map(entries)) }
    }

    fn get(&self, chain: ChainId) -> Option<&str> {
        match self {
            Self::One(value) => Some(value),
            Self::Map(entries) => entries.get(&chain).map(String::as_str),
        }
    }
}

/// A Provider ready to be served; dropping it stops its clock from following the chain.
#[derive(Debug)]
pub struct Configured {
    /// The state for the router.
    pub state: ProviderState,
    /// The state of the other dialect's router, where that is served as well.
    pub other: Option<ProviderState>,
    /// The background task of a clock that follows the chain.
    pub clock: Option<ClockFollower>,
}

/// What the settings say of everything that a combined process shares with its Provider.
#[derive(Debug)]
#[non_exhaustive]
pub struct Surroundings {
    /// The chains, each with the Provider's key there.
    pub chains: Chains,
    /// Which addresses may be asked.
    pub policy: AddressPolicy,
    /// Reads the files.
    pub storage: Storage,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The background task of a clock that follows the chain.
    pub follower: Option<ClockFollower>,
    /// Bounds.
    pub limits: Limits,
    /// Servers of others that have a say.
    pub gates: Gates,
    /// The files that are kept for users.
    pub buckets: Option<BucketStore>,
    /// Who may read the log.
    pub admins: Vec<Address>,
}

impl ServingArgs {
    /// Connects to the chains and makes what every server with a Provider in it needs.
    ///
    /// `network_url` and `private_key` hold one value, or a JSON object with one per chain id.
    ///
    /// # Errors
    /// A setting that cannot be used, or a chain that does not answer.
    pub async fn surroundings(&self, network_url: &str, private_key: &str) -> Result<Surroundings> {
        let chains = self.chains(network_url, private_key).await?;
        let policy = AddressPolicy { allow_private: self.allow_non_public_ip };
        let storage = self.storage(policy, &chains)?;
        let (clock, follower) = self.clock(&chains).await;
        let (limits, gates, buckets) = (self.limits()?, self.gates()?, self.buckets()?);
        let admins = addresses("ALLOWED_ADMINS", self.allowed_admins.as_deref())?.unwrap_or_default();
        Ok(Surroundings { chains, policy, storage, clock, follower, limits, gates, buckets, admins })
    }

    /// The stores that the settings name, if they name any.
    ///
    /// # Errors
    /// They do not open.
    pub async fn stores(&self) -> Result<Option<Stores>> {
        let Some(place) = &self.store else { return Ok(None) };
        Stores::at(place).await.map(Some).map_err(|source| Error::SharedStore(Box::new(source)))
    }

    async fn chains(&self, network_url: &str, private_key: &str) -> Result<Chains> {
        let urls = PerChain::parse("NETWORK_URL", network_url)?;
        let keys = PerChain::parse("PROVIDER_PRIVATE_KEY", private_key)?;
        let urls = match urls {
            PerChain::Map(urls) => urls,
            PerChain::One(url) => BTreeMap::from([(chain_id(&rpc(&url)?).await?, url)]),
        };
        let password = match &self.keystore_password_file {
            None => self.keystore_password.clone(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|source| Error::Path { path: path.clone(), source })?;
                Some(Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        };
        let mut chains = BTreeMap::new();
        for (id, url) in urls {
            let setting = |problem: String| Error::Setting { name: "PROVIDER_PRIVATE_KEY", problem };
            let key = keys.get(id).ok_or_else(|| setting(format!("has no key for chain {id}")))?;
            let key = keys::read("PROVIDER_PRIVATE_KEY", key, password.as_ref())?;
            let deployment = Deployment::from_address_file(&self.address_file, id)
                .map_err(|error| Error::Setting { name: "ADDRESS_FILE", problem: error.to_string() })?;
            let mut chain = Chain::new(id, rpc(&url)?, deployment, key);
            chain.confirmations = self.order_confirmations;
            chains.insert(id, Arc::new(chain));
        }
        Ok(Chains(chains))
    }

    async fn clock(&self, chains: &Chains) -> (Arc<dyn Clock>, Option<ClockFollower>) {
        let first = chains.0.values().next();
        let Some(chain) = first.filter(|_| self.follow_chain_clock) else {
            return (Arc::new(SystemClock), None);
        };
        let clock = ChainClock::new();
        if let Err(error) = clock.refresh(&chain.rpc).await {
            tracing::warn!(%error, "the clock starts with the machine's time");
        }
        let follower = clock.follow(chain.rpc.clone(), Duration::from_millis(250));
        (Arc::new(clock), Some(follower))
    }

    fn storage(&self, policy: AddressPolicy, chains: &Chains) -> Result<Storage> {
        let timeouts = Timeouts::from_request_timeout(Duration::from_secs(self.request_timeout.clamp(1, 600)));
        let contracts = Arc::new(ChainContracts::new(chains.clone()));
        let mut storage = Storage::builder().policy(policy).timeouts(timeouts).contracts(contracts);
        if let Some(api) = &self.ipfs_api {
            storage = storage.ipfs_api(api.clone());
        }
        if let Some(gateway) = &self.ipfs_gateway {
            storage = storage.ipfs_gateway(gateway.clone());
        }
        if let Some(gateway) = &self.arweave_gateway {
            storage = storage.arweave_gateway(gateway.clone());
        }
        storage.build().map_err(|error| Error::Setting { name: "REQUEST_TIMEOUT", problem: error.to_string() })
    }

    fn limits(&self) -> Result<Limits> {
        let decrypters = addresses("AUTHORIZED_DECRYPTERS", self.authorized_decrypters.as_deref())?;
        let unless_zero = |number: u32| Some(number).filter(|number| *number > 0);
        Ok(Limits {
            checksum: self.max_checksum_length,
            decrypters,
            fee_token: self.fee_token,
            downloads: self.max_downloads,
            requests_per_minute: self.max_requests_per_minute.and_then(unless_zero),
            account_requests_per_minute: unless_zero(self.max_account_requests_per_minute),
            ..Limits::default()
        })
    }

    fn gates(&self) -> Result<Gates> {
        let failed = |name| move |error: GateError| Error::Setting { name, problem: error.to_string() };
        let mut gates = Gates::default();
        if let Some(url) = &self.policy_server_url {
            gates.policy = Some(PolicyServer::new(url.clone()).map_err(failed("POLICY_SERVER_URL"))?);
        }
        if let Some(url) = &self.rbac_server_url {
            let server = RbacServer::new(url.clone(), self.private_provider);
            gates.rbac = Some(server.map_err(failed("RBAC_SERVER_URL"))?);
        }
        Ok(gates)
    }

    fn buckets(&self) -> Result<Option<BucketStore>> {
        let name = "PERSISTENT_STORAGE";
        let bad = |problem: &str| Error::Setting { name, problem: problem.to_owned() };
        let Some(text) = self.persistent_storage.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let value: Value = serde_json::from_str(text).map_err(|_| bad("is not a json object"))?;
        if value["enabled"] != true {
            return Ok(None);
        }
        if value["type"].as_str().is_some_and(|kind| kind != "localfs") {
            return Err(bad("has a type other than localfs"));
        }
        let folder = value["options"]["folder"].as_str().ok_or_else(|| bad("lacks options.folder"))?;
        let mut limits = BucketLimits::default();
        if !value["accessLists"].is_null() {
            limits.creators =
                BucketLists::parse(&value["accessLists"]).map_err(|_| bad("has accessLists of another form"))?;
        }
        let store = BucketStore::open(folder, limits)
            .map_err(|source| Error::Store { path: PathBuf::from(folder), source: Box::new(source) })?;
        Ok(Some(store))
    }
}

/// A JSON list of addresses.
fn addresses(name: &'static str, text: Option<&str>) -> Result<Option<Vec<Address>>> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parsed = text.map(|text| {
        let bad = |_| Error::Setting { name, problem: "is not a json list of addresses".to_owned() };
        serde_json::from_str(text).map_err(bad)
    });
    parsed.transpose()
}

impl ProviderArgs {
    /// Connects to the chains, opens the stores and puts everything together.
    ///
    /// # Errors
    /// A setting that cannot be used, a chain that does not answer, a store that does not open.
    pub async fn build(&self) -> Result<Configured> {
        let Surroundings { chains, storage, clock, follower, limits, gates, buckets, admins, .. } =
            self.serving.surroundings(&self.network_url, &self.private_key).await?;
        std::fs::create_dir_all(&self.data_dir)
            .map_err(|source| Error::Path { path: self.data_dir.clone(), source })?;
        let store = |path: &Path, source: Box<dyn std::error::Error + Send + Sync>| Error::Store {
            path: path.to_path_buf(),
            source,
        };
        let Stores { nonces, tokens, .. } = match self.serving.stores().await? {
            Some(shared) => shared,
            None => {
                let nonce_path = self.data_dir.join(&self.storage_path);
                let nonces = NonceStore::open(&nonce_path).map_err(|source| store(&nonce_path, Box::new(source)))?;
                let token_path = self.data_dir.join("revoked-tokens.db");
                let tokens = TokenStore::open(&token_path).map_err(|source| store(&token_path, Box::new(source)))?;
                Stores::new(nonces, tokens)
            }
        };
        let aquarius = AquariusClient::builder(self.aquarius_url.as_str())
            .build()
            .map_err(|error| Error::Setting { name: "AQUARIUS_URL", problem: error.to_string() })?;
        let ddos: Arc<dyn DdoSource> = Arc::new(HttpDdoSource::new(aquarius));
        let compute = self.compute.setup(&self.data_dir.join("compute")).await?;
        let compute = compute.map(|setup| Compute::open(setup, &chains, &storage, &ddos, &clock)).transpose()?;
        let state = |dialect, compute| {
            let (chains, nonces, tokens) = (chains.clone(), nonces.clone(), tokens.clone());
            let (storage, ddos, clock) = (storage.clone(), Arc::clone(&ddos), Arc::clone(&clock));
            let mut parts = ProviderParts::new(dialect, chains, nonces, tokens, storage, ddos, clock);
            (parts.limits, parts.gates) = (limits.clone(), gates.clone());
            (parts.buckets, parts.admins) = (buckets.clone(), admins.clone());
            parts.compute = compute;
            ProviderState::new(parts)
        };
        let (dialect, other) = match self.dialect {
            DialectArg::Provider => (Dialect::Provider, Dialect::OceanNode),
            DialectArg::OceanNode => (Dialect::OceanNode, Dialect::Provider),
        };
        let other = self.other_listen.map(|_| state(other, None));
        Ok(Configured { state: state(dialect, compute), other, clock: follower })
    }
}

fn rpc(url: &str) -> Result<Rpc> {
    // The URL may hold an access key: it is not part of the message.
    connect(url).map_err(|_| Error::Setting { name: "NETWORK_URL", problem: "is not an http url".to_owned() })
}

async fn chain_id(rpc: &Rpc) -> Result<ChainId> {
    let failed = |problem: &str| Error::Chain { name: "NETWORK_URL", problem: problem.to_owned() };
    let asked = tokio::time::timeout(CHAIN_DEADLINE, rpc.get_chain_id()).await;
    let id = asked.map_err(|_| failed("does not answer in time"))?.map_err(|_| failed("does not tell its chain id"))?;
    ChainId::new(id).map_err(|_| failed("tells chain id 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str) {
        assert!(PerChain::parse("NETWORK_URL", text).is_err(), "{text}");
    }

    #[test]
    fn a_setting_is_one_value_or_one_per_chain() {
        for text in ["", "  ", "{", "{}", r#"{"x": "y"}"#, r#"{"8996": 1}"#, r#"{"0": "y"}"#] {
            refused(text);
        }
        let one = PerChain::parse("NETWORK_URL", " http://a ").unwrap();
        assert_eq!(one.get(ChainId::DEVELOPMENT), Some("http://a"));
        let map = PerChain::parse("NETWORK_URL", r#"{"8996": "http://a"}"#).unwrap();
        assert_eq!(map.get(ChainId::DEVELOPMENT), Some("http://a"));
        assert_eq!(map.get(ChainId::new(1).unwrap()), None);
    }

    #[test]
    fn files_are_hashed_unless_it_is_turned_off() {
        let parse = |more: &[&str]| {
            let given = ["ocean-provider", "--private-key", "0x01", "--address-file", "a.json"];
            ProviderArgs::parse_from(given.iter().chain(more)).serving.max_checksum_length
        };
        assert_eq!(parse(&[]), Limits::default().checksum, "both ways to start a Provider agree");
        assert_eq!(parse(&["--max-checksum-length", "0"]), 0);
    }

    #[test]
    fn flags_are_read_as_the_python_provider_reads_them() {
        assert_eq!(flag("True"), Ok(true));
        assert_eq!(flag("0"), Ok(false));
        assert!(flag("maybe").is_err());
    }
}
