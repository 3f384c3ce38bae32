//! Settings of the stand-alone server: the environment names of Aquarius where it has one, and flags.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use ocean_contracts_bindings::{Deployment, Rpc, connect};
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, ChainId};
use ocean_service::NonceStore;
use ocean_storage::AddressPolicy;

use crate::{
    decryptor::HttpDecryptor,
    error::{Error, Result},
    indexer::Allowed,
    state::{AquariusParts, IndexedChain},
};

/// How long start-up waits for a chain to tell its id.
const CHAIN_DEADLINE: Duration = Duration::from_secs(30);

/// Aquarius: follows the chain, serves and searches documents.
#[derive(Debug, Clone, Parser)]
#[command(name = "ocean-aquarius", version)]
pub struct AquariusArgs {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, env = "AQUARIUS_LISTEN", default_value = "127.0.0.1:5000")]
    pub listen: SocketAddr,
    /// Where the database lies.
    #[arg(long, env = "AQUARIUS_DATA_DIR", default_value = "aquarius-data")]
    pub data_dir: PathBuf,
    /// The chains: one URL, or a JSON object from chain id to URL.
    #[arg(long, env = "EVENTS_RPC", hide_env_values = true)]
    pub events_rpc: Option<String>,
    /// The same under the Provider's name, used if `EVENTS_RPC` is not set.
    #[arg(long, env = "NETWORK_URL", hide_env_values = true)]
    pub network_url: Option<String>,
    /// The file with the contracts' addresses.
    #[arg(long, env = "ADDRESS_FILE")]
    pub address_file: Option<PathBuf>,
    /// Signs `validate` and the requests to Providers; without one verdicts are unsigned and a key is made up for requests.
    #[arg(long, env = "PRIVATE_KEY", hide_env_values = true)]
    pub private_key: Option<PrivateKey>,
    /// Ask Providers in private networks as well.
    #[arg(long, env = "ALLOW_NON_PUBLIC_IP", num_args = 0..=1, default_missing_value = "true", default_value = "false", value_parser = flag)]
    pub allow_private: bool,
    /// How often to ask for new blocks, in seconds; by default 0.02 on a development chain and 2 elsewhere.
    #[arg(long, env = "EVENTS_MONITOR_SLEEP_TIME")]
    pub poll: Option<f64>,
    /// Index only what these addresses publish: a JSON list.
    #[arg(long, env = "ALLOWED_PUBLISHERS", default_value = "")]
    pub allowed_publishers: String,
    /// Index only what one of these validators has signed: a JSON list.
    #[arg(long, env = "ALLOWED_VALIDATORS", default_value = "")]
    pub allowed_validators: String,
}

impl AquariusArgs {
    /// Connects to the chains and puts the server's parts together.
    ///
    /// # Errors
    /// A setting is missing or malformed, or a chain does not answer.
    pub async fn into_parts(self) -> Result<AquariusParts> {
        let bad = |text: String| Error::Config(text);
        let rpcs = self.events_rpc.as_ref().or(self.network_url.as_ref());
        let rpcs = rpcs.ok_or_else(|| bad("no chain: set EVENTS_RPC or --events-rpc to its url".to_owned()))?;
        let file = self.address_file.as_ref();
        let file = file.ok_or_else(|| bad("no contracts: set ADDRESS_FILE or --address-file".to_owned()))?;
        let mut chains = Vec::new();
        for url in rpc_urls(rpcs)? {
            let rpc = connect(&url).map_err(|error| bad(format!("the chain's url cannot be used: {error}")))?;
            let id = chain_id(&rpc).await?;
            let deployment = Deployment::from_address_file(file, id).map_err(|error| bad(error.to_string()))?;
            let mut chain = IndexedChain::new(rpc, deployment);
            if let Some(seconds) = self.poll {
                let interval = Duration::try_from_secs_f64(seconds).ok().filter(|interval| !interval.is_zero());
                let interval = interval.ok_or_else(|| bad(format!("{seconds} is not a usable polling interval")))?;
                chain = chain.with_poll_interval(interval);
            }
            chains.push(chain);
        }
        std::fs::create_dir_all(&self.data_dir)
            .map_err(|source| Error::DataDir { path: self.data_dir.clone(), source })?;
        let nonces =
            NonceStore::open(self.data_dir.join("nonces.sqlite")).map_err(|error| Error::Nonces(Box::new(error)))?;
        let policy = AddressPolicy { allow_private: self.allow_private };
        let key = self.private_key.clone().unwrap_or_else(PrivateKey::random);
        let decryptor = Arc::new(HttpDecryptor::new(key, policy)?);
        let mut parts = AquariusParts::new(self.data_dir, chains, decryptor, nonces);
        parts.validator_key = self.private_key;
        parts.allowed = Allowed {
            publishers: addresses("ALLOWED_PUBLISHERS", &self.allowed_publishers)?,
            validators: addresses("ALLOWED_VALIDATORS", &self.allowed_validators)?,
        };
        Ok(parts)
    }
}

/// The id of the chain, waiting for a node that is still starting.
async fn chain_id(rpc: &Rpc) -> Result<ChainId> {
    use alloy::providers::Provider as _;
    let bad = |text: &str| Error::Config(text.to_owned());
    let asked = async {
        loop {
            match rpc.get_chain_id().await {
                Ok(id) => return ChainId::new(id),
                // The error may name the URL, and with it an access key.
                Err(_) => tracing::info!("waiting for the chain"),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let answer =
        tokio::time::timeout(CHAIN_DEADLINE, asked).await.map_err(|_| bad("the chain does not tell its id"))?;
    answer.map_err(|error| Error::Config(error.to_string()))
}

/// One URL, or the values of a JSON object.
fn rpc_urls(text: &str) -> Result<Vec<String>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok(vec![text.to_owned()]);
    }
    let map: BTreeMap<String, String> = serde_json::from_str(text)
        .map_err(|_| Error::Config("EVENTS_RPC is neither a url nor a JSON object from chain id to url".to_owned()))?;
    Ok(map.into_values().collect())
}

/// A malformed list is an error: taking it for an empty one would allow everybody.
fn addresses(name: &str, text: &str) -> Result<Vec<Address>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text)
        .map_err(|error| Error::Config(format!("{name} is not a JSON list of addresses: {error}")))
}

/// The spellings of yes and no that environment variables come in.
fn flag(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        other => Err(format!("{other} is neither true nor false")),
    }
}
