//! What others need to know to use a running network.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Every URL, key and address of a running network, as `cargo xtask up --json` prints it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Network {
    /// The chain id.
    pub chain_id: u64,
    /// JSON-RPC of the chain over HTTP.
    pub rpc_url: String,
    /// JSON-RPC of the chain over WebSocket.
    pub ws_url: String,
    /// The Provider.
    pub provider_url: String,
    /// Aquarius.
    pub aquarius_url: String,
    /// The node: Provider and Aquarius in one, in ocean-node's dialect.
    pub node_url: String,
    /// `address.json` of this network, with the `development` key.
    pub address_file: PathBuf,
    /// The contract addresses: what stands under `development` in that file.
    pub addresses: Map<String, Value>,
    /// The key that the Provider and the node encrypt and sign with.
    pub provider_account: NetworkAccount,
    /// The unlocked accounts; 0 deployed the contracts, 0 to 9 hold OCEAN.
    pub accounts: Vec<NetworkAccount>,
}

/// A development account. Everybody knows these keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NetworkAccount {
    /// The address in EIP-55 form.
    pub address: String,
    /// The private key, `0x` and 64 hex digits.
    pub private_key: String,
}

impl From<&crate::Account> for NetworkAccount {
    fn from(account: &crate::Account) -> Self {
        Self { address: account.address.to_string(), private_key: account.private_key_hex().to_owned() }
    }
}
