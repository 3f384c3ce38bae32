//! `POST /directCommand` (ocean-node)

use ocean_primitives::Dialect;
use serde_json::{Value, json};

use crate::{
    discovery::Root,
    error::ApiError,
    json::json_text,
    peer_id,
    request::RequestData,
    validation::{Rule, Validation},
};

/// A command by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectCommand {
    /// What this node is and serves.
    Status,
}

impl DirectCommand {
    /// Reads the body.
    ///
    /// # Errors
    /// No command, or one that is not served this way.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        match data.filled("command").as_deref() {
            Some("status") => Ok(Self::Status),
            Some(other) => Err(ApiError::UnknownCommand(other.chars().take(100).collect())),
            None => {
                let mut validation = Validation::new("directCommand", &["command"]);
                validation.broken("command", Rule::Required);
                validation.finish().map(|()| Self::Status)
            }
        }
    }
}

/// The node's status: identity, chains and what runs.
pub fn status(root: &Root, uptime_seconds: u64) -> String {
    let id = peer_id(&root.public_key);
    let address = root.chains.first().map(|(_, address)| address.to_checksum(None));
    let chains: Vec<Value> = root.chains.iter().map(|(chain, _)| json!({"chainId": chain.to_string()})).collect();
    let value = json!({
        "id": id,
        "publicKey": format!("0x{}", root.public_key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        "friendlyName": "",
        "address": address,
        "version": env!("CARGO_PKG_VERSION"),
        "http": true,
        // No peer-to-peer transport runs here; ocean-cli only asks whether the flag is set.
        "p2p": true,
        "provider": chains.clone(),
        "indexer": chains,
        "supportedStorage": {"url": true, "arweave": false, "ipfs": false},
        "platform": {"os": std::env::consts::OS, "arch": std::env::consts::ARCH},
        "uptime": uptime_seconds,
        "codeHash": "",
        "allowedAdmins": [],
    });
    json_text(Dialect::OceanNode, &value)
}

/// The list of jobs, and of peers, of a node that has none.
pub fn no_jobs(dialect: Dialect) -> String {
    json_text(dialect, &json!([]))
}

/// The refusal of the log, which is for administrators only; there are none.
pub fn logs_refused() -> ApiError {
    let mut validation = Validation::new("getLogs", &["signature", "nonce", "address"]);
    validation.broken("signature", Rule::Required);
    ApiError::Validation(Box::new(validation))
}
