//! Settings of the `ocean-provider` command: the Python Provider's environment names, and flags.

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
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, ChainId, Clock, Dialect};
use ocean_service::{Chain, ChainClock, Chains, ClockFollower, NonceStore, StorePlace, Stores, SystemClock};
use ocean_storage::{AddressPolicy, Storage, Timeouts};
use serde_json::Value;

use crate::{
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

    /// Private key, or a JSON object with one per chain id.
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
        let storage = self.storage(policy)?;
        let (clock, follower) = self.clock(&chains).await;
        Ok(Surroundings { chains, policy, storage, clock, follower, limits: self.limits()? })
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
        let mut chains = BTreeMap::new();
        for (id, url) in urls {
            let setting = |problem: String| Error::Setting { name: "PROVIDER_PRIVATE_KEY", problem };
            let key = keys.get(id).ok_or_else(|| setting(format!("has no key for chain {id}")))?;
            let key: PrivateKey = key.trim().parse().map_err(|_| setting("is not a private key".to_owned()))?;
            let deployment = Deployment::from_address_file(&self.address_file, id)
                .map_err(|error| Error::Setting { name: "ADDRESS_FILE", problem: error.to_string() })?;
            chains.insert(id, Arc::new(Chain::new(id, rpc(&url)?, deployment, key)));
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

    fn storage(&self, policy: AddressPolicy) -> Result<Storage> {
        let timeouts = Timeouts::from_request_timeout(Duration::from_secs(self.request_timeout.clamp(1, 600)));
        let mut storage = Storage::builder().policy(policy).timeouts(timeouts);
        if let Some(gateway) = &self.ipfs_gateway {
            storage = storage.ipfs_gateway(gateway.clone());
        }
        if let Some(gateway) = &self.arweave_gateway {
            storage = storage.arweave_gateway(gateway.clone());
        }
        storage.build().map_err(|error| Error::Setting { name: "REQUEST_TIMEOUT", problem: error.to_string() })
    }

    fn limits(&self) -> Result<Limits> {
        let decrypters = self.authorized_decrypters.as_deref().filter(|text| !text.trim().is_empty()).map(|text| {
            serde_json::from_str(text).map_err(|_| Error::Setting {
                name: "AUTHORIZED_DECRYPTERS",
                problem: "is not a json list of addresses".to_owned(),
            })
        });
        Ok(Limits {
            checksum: self.max_checksum_length,
            decrypters: decrypters.transpose()?,
            fee_token: self.fee_token,
            ..Limits::default()
        })
    }
}

impl ProviderArgs {
    /// Connects to the chains, opens the stores and puts everything together.
    ///
    /// # Errors
    /// A setting that cannot be used, a chain that does not answer, a store that does not open.
    pub async fn build(&self) -> Result<Configured> {
        let Surroundings { chains, storage, clock, follower, limits, .. } =
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
        let dialect = match self.dialect {
            DialectArg::Provider => Dialect::Provider,
            DialectArg::OceanNode => Dialect::OceanNode,
        };
        let ddos = Arc::new(HttpDdoSource::new(aquarius));
        let mut parts = ProviderParts::new(dialect, chains, nonces, tokens, storage, ddos, clock);
        parts.limits = limits;
        Ok(Configured { state: ProviderState::new(parts), clock: follower })
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
