//! The few JSON-RPC calls that the harness itself makes, with a deadline on each.

use std::time::Duration;

use alloy::{
    primitives::{Address, B256, Bytes, U64},
    providers::{DynProvider, Provider as _, ProviderBuilder},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Error, Result};

/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// The gas limit of every transaction of the harness; the largest one needs 5.43 million.
const GAS: u64 = 8_000_000;

/// A connection to one chain, with the errors of this crate.
#[derive(Debug, Clone)]
pub(crate) struct Rpc {
    provider: DynProvider,
    url: String,
}

/// What the harness reads of a receipt.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) transaction_hash: B256,
    pub(crate) status: U64,
    pub(crate) block_number: U64,
    pub(crate) gas_used: U64,
    pub(crate) contract_address: Option<Address>,
}

/// What the harness reads of a block.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Block {
    pub(crate) number: U64,
    pub(crate) timestamp: U64,
}

impl Rpc {
    pub(crate) fn connect(url: &str) -> Result<Self> {
        let parsed = url.parse().map_err(Error::component(format!("the address {url}")))?;
        // The chain is on this machine: no proxy, and no certificates, which take longer to read than everything else here.
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(DEADLINE)
            .build()
            .map_err(Error::component("making an HTTP client"))?;
        let provider = ProviderBuilder::default().connect_reqwest(client, parsed).erased();
        provider.client().set_poll_interval(Duration::from_millis(5));
        Ok(Self { provider, url: url.to_owned() })
    }

    pub(crate) fn provider(&self) -> &DynProvider {
        &self.provider
    }

    pub(crate) fn error(&self, method: &str, reason: impl std::fmt::Display) -> Error {
        Error::Rpc { method: method.to_owned(), url: self.url.clone(), reason: reason.to_string() }
    }

    pub(crate) async fn request<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T> {
        let value: Value =
            self.provider.raw_request(method.into(), params).await.map_err(|error| self.error(method, error))?;
        serde_json::from_value(value).map_err(|error| self.error(method, error))
    }

    pub(crate) async fn call(&self, to: Address, data: &Bytes) -> Result<Bytes> {
        self.request("eth_call", json!([{ "to": to, "input": data }, "latest"])).await
    }

    pub(crate) async fn latest_block(&self) -> Result<Block> {
        self.request("eth_getBlockByNumber", json!(["latest", false])).await
    }

    pub(crate) async fn nonce(&self, who: Address) -> Result<u64> {
        Ok(self.request::<U64>("eth_getTransactionCount", json!([who, "pending"])).await?.to())
    }

    /// Sends a transaction from an unlocked account and returns its receipt; a failed one is an error too.
    pub(crate) async fn send(
        &self,
        from: Address,
        to: Option<Address>,
        data: &Bytes,
        nonce: Option<u64>,
    ) -> Result<Receipt> {
        let mut transaction = json!({ "from": from, "input": data, "gas": U64::from(GAS) });
        if let Some(to) = to {
            transaction["to"] = json!(to);
        }
        if let Some(nonce) = nonce {
            transaction["nonce"] = json!(U64::from(nonce));
        }
        // One round trip for the transaction and its receipt, on a chain that makes a block per transaction.
        let receipt: Receipt = self.request("eth_sendTransactionSync", json!([transaction])).await?;
        if receipt.status.is_zero() {
            return Err(self.error("eth_sendTransactionSync", self.revert_reason(from, to, data).await));
        }
        Ok(receipt)
    }

    async fn revert_reason(&self, from: Address, to: Option<Address>, data: &Bytes) -> String {
        let call = json!([{ "from": from, "to": to, "input": data }, "latest"]);
        match self.request::<Value>("eth_call", call).await {
            Err(Error::Rpc { reason, .. }) => format!("the transaction failed: {reason}"),
            _ => "the transaction failed".to_owned(),
        }
    }
}
