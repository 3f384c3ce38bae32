//! Settings of the `ocean-node` command: ocean-node's environment names, and flags.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use clap::Parser;
use ocean_provider::config::ServingArgs;
use serde::Deserialize;

use crate::{
    Node, NodeParts,
    error::{Error, Result},
};

/// How many requests ocean-node serves a client in a minute by default.
const REQUESTS_PER_MINUTE: u32 = 30;

/// Provider and Aquarius in one process, with ocean-node's HTTP surface.
#[derive(Parser)]
#[command(name = "ocean-node", version)]
pub struct NodeArgs {
    /// Where to listen; port 0 takes a free one, which is then printed.
    #[arg(long, env = "OCEAN_NODE_LISTEN", default_value = "127.0.0.1:8001")]
    pub listen: SocketAddr,

    /// Where nonces, tokens and the index are kept; made if it does not exist.
    #[arg(long, env = "OCEAN_NODE_DATA_DIR", default_value = "ocean-node-data")]
    pub data_dir: PathBuf,

    /// The node's private key.
    #[arg(long, env = "PRIVATE_KEY", hide_env_values = true)]
    pub private_key: String,

    /// URL of the chain's JSON-RPC, or ocean-node's JSON object of `{"rpc": URL}` by chain id.
    #[arg(long, env = "RPCS", hide_env_values = true, default_value = "http://127.0.0.1:8545")]
    pub rpcs: String,

    /// The URL that clients reach this node at, where it is not the listening address.
    #[arg(long, env = "OCEAN_NODE_URL")]
    pub own_url: Option<String>,

    /// Compute-to-Data.
    #[command(flatten)]
    pub compute: ocean_provider::compute::config::ComputeArgs,

    /// What every server with a Provider in it is told.
    #[command(flatten)]
    pub serving: ServingArgs,
}

impl std::fmt::Debug for NodeArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeArgs")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// One entry of ocean-node's `RPCS`; its other keys do not matter here.
#[derive(Deserialize)]
struct RpcEntry {
    rpc: String,
}

impl NodeArgs {
    /// Connects to the chains, opens the databases and starts to follow the chains.
    ///
    /// # Errors
    /// A setting that cannot be used, a chain that does not answer, a database that does not open.
    pub async fn start(&self, address: SocketAddr) -> Result<Node> {
        let network_url = network_url(&self.rpcs)?;
        let parts = self.serving.surroundings(&network_url, &self.private_key).await.map_err(Error::Provider)?;
        let stores = self.serving.stores().await.map_err(Error::Provider)?;
        let mut node = NodeParts::new(parts.chains, &self.data_dir, parts.storage, parts.clock);
        (node.policy, node.limits) = (parts.policy, parts.limits);
        // As many requests as the peer allows, unless the operator says otherwise.
        if self.serving.max_requests_per_minute.is_none() {
            node.limits.requests_per_minute = Some(REQUESTS_PER_MINUTE);
        }
        node.own_url = Some(self.own_url.clone().unwrap_or_else(|| format!("http://{address}")));
        (node.gates, node.buckets, node.admins) = (parts.gates, parts.buckets, parts.admins);
        (node.stores, node.follower) = (stores, parts.follower);
        node.compute = self.compute.setup(&self.data_dir.join("compute")).await.map_err(Error::Provider)?;
        Node::start(node)
    }
}

/// ocean-node's `RPCS` as the Provider's `NETWORK_URL`.
fn network_url(rpcs: &str) -> Result<String> {
    if !rpcs.trim_start().starts_with('{') {
        return Ok(rpcs.to_owned());
    }
    let bad = |_| Error::Config("RPCS is neither a URL nor a JSON object of {\"rpc\": URL} by chain id".to_owned());
    let entries: BTreeMap<String, RpcEntry> = serde_json::from_str(rpcs).map_err(bad)?;
    let urls: BTreeMap<_, _> = entries.into_iter().map(|(chain, entry)| (chain, entry.rpc)).collect();
    serde_json::to_string(&urls).map_err(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpcs_are_read_as_ocean_node_writes_them() {
        let rpcs = r#"{"8996": {"rpc": "http://127.0.0.1:8545", "chainId": 8996, "network": "development", "chunkSize": 100}}"#;
        assert_eq!(network_url(rpcs).unwrap(), r#"{"8996":"http://127.0.0.1:8545"}"#);
        assert_eq!(network_url("http://a").unwrap(), "http://a");
        for bad in ["{", "{\"8996\": \"http://a\"}", "{\"8996\": {}}"] {
            assert!(network_url(bad).is_err(), "{bad}");
        }
    }
}
