//! A contract that emits look-alike Ocean events, for tests that must refuse them.

use std::{fs, time::Duration};

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol,
    sol_types::SolCall as _,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{Error, LocalChain, Pins, Progress, Result, accounts, ensure_tools, tools};

const SOURCE: &str = include_str!("../assets/EventForger.sol");
const SOURCE_NAME: &str = "EventForger.sol";
/// The compiler needs about a second; a busy machine several.
const COMPILE_DEADLINE: Duration = Duration::from_secs(120);
/// Runs the compiler of npm `solc` without the package's own wrapper, so that nothing but this one file is executed.
const COMPILE: &str = "const compiler = require(process.argv[1]); \
     const compile = compiler.cwrap('solidity_compile', 'string', ['string', 'number', 'number']); \
     process.stdout.write(compile(require('fs').readFileSync(process.argv[2], 'utf8'), 0, 0));";

mod abi {
    use super::sol;

    sol! {
        struct Fee {
            address providerFeeAddress;
            address providerFeeToken;
            uint256 providerFeeAmount;
            uint8 v;
            bytes32 r;
            bytes32 s;
            uint256 validUntil;
            bytes providerData;
        }
        function forgeOrder(address consumer, address payer, uint256 amount, uint256 serviceIndex, Fee fee) external;
        function forgeReuse(bytes32 orderTxId, address caller, Fee fee) external;
        function forgeLog(bytes32[] topics, bytes data) external;
    }
}

/// The deployed fixture contract of `contracts/src/EventForger.sol`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EventForger {
    /// Where it stands.
    pub address: Address,
}

/// The fields of a `ProviderFee` event, for [`EventForger`]. A genuine signed fee may be copied into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgedFee {
    /// Who is said to have signed the fee.
    pub provider_fee_address: Address,
    /// The token of the fee.
    pub provider_fee_token: Address,
    /// The amount in base units.
    pub provider_fee_amount: U256,
    /// The signature's recovery value, 27 or 28.
    pub v: u8,
    /// The signature's first half.
    pub r: B256,
    /// The signature's second half.
    pub s: B256,
    /// Until when the fee holds, unix seconds.
    pub valid_until: u64,
    /// What the provider signed in addition.
    pub provider_data: Bytes,
}

impl From<ForgedFee> for abi::Fee {
    fn from(fee: ForgedFee) -> Self {
        Self {
            providerFeeAddress: fee.provider_fee_address,
            providerFeeToken: fee.provider_fee_token,
            providerFeeAmount: fee.provider_fee_amount,
            v: fee.v,
            r: fee.r,
            s: fee.s,
            validUntil: U256::from(fee.valid_until),
            providerData: fee.provider_data,
        }
    }
}

impl EventForger {
    /// Compiles the contract unless the cache has it, and deploys it from account 9.
    ///
    /// # Errors
    /// When the compiler or the chain refuses.
    pub async fn deploy(chain: &LocalChain) -> Result<Self> {
        let code = compiled().await?;
        let receipt = chain.raw().send(accounts()[9].address, None, &code, None).await?;
        let address = receipt
            .contract_address
            .ok_or_else(|| chain.raw().error("eth_sendTransactionSync", "no contract was created"))?;
        Ok(Self { address })
    }

    /// Emits `ProviderFee` and `OrderStarted`, sent by `consumer`, who must be one of the chain's accounts. Returns the transaction.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn order_started(
        &self,
        chain: &LocalChain,
        consumer: Address,
        amount: U256,
        service_index: u64,
        fee: ForgedFee,
    ) -> Result<B256> {
        let call = abi::forgeOrderCall {
            consumer,
            payer: consumer,
            amount,
            serviceIndex: U256::from(service_index),
            fee: fee.into(),
        };
        self.send(chain, consumer, call.abi_encode()).await
    }

    /// Emits `OrderReused` and `ProviderFee`, sent by `caller`, who must be one of the chain's accounts. Returns the transaction.
    ///
    /// # Errors
    /// When the chain refuses.
    pub async fn order_reused(
        &self,
        chain: &LocalChain,
        caller: Address,
        order_tx: B256,
        fee: ForgedFee,
    ) -> Result<B256> {
        let call = abi::forgeReuseCall { orderTxId: order_tx, caller, fee: fee.into() };
        self.send(chain, caller, call.abi_encode()).await
    }

    /// Emits any log at all, sent by `sender`, who must be one of the chain's accounts. Returns the transaction.
    ///
    /// # Errors
    /// When the chain refuses, for example more than four topics.
    pub async fn log(
        &self,
        chain: &LocalChain,
        sender: Address,
        topics: Vec<B256>,
        data: impl Into<Bytes>,
    ) -> Result<B256> {
        let call = abi::forgeLogCall { topics, data: data.into() };
        self.send(chain, sender, call.abi_encode()).await
    }

    async fn send(&self, chain: &LocalChain, from: Address, data: Vec<u8>) -> Result<B256> {
        Ok(chain.raw().send(from, Some(self.address), &data.into(), None).await?.transaction_hash)
    }
}

/// The compiler's answer, as far as it is used.
#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    errors: Vec<Message>,
    #[serde(default)]
    contracts: Value,
}

#[derive(Deserialize)]
struct Message {
    severity: String,
    #[serde(rename = "formattedMessage")]
    text: String,
}

/// The creation code, from the cache or the compiler.
async fn compiled() -> Result<Bytes> {
    let cache_dir = ensure_tools(&Progress::silent()).await?.cache_dir;
    let dir = cache_dir.join("fixtures");
    let mut key = Sha256::new();
    key.update(Pins::TEXT);
    key.update(SOURCE);
    let path = dir.join(format!("{}.hex", hex::encode(&key.finalize()[..16])));
    if let Ok(text) = fs::read_to_string(&path)
        && let Ok(code) = text.parse()
    {
        return Ok(code);
    }
    let code = compile(&tools::ensure_solc(&cache_dir, &Progress::silent()).await?.join("soljson.js")).await?;
    fs::create_dir_all(&dir).map_err(Error::io("creating", &dir))?;
    let fresh = tempfile::NamedTempFile::new_in(&dir).map_err(Error::io("creating a file in", &dir))?;
    fs::write(fresh.path(), code.to_string()).map_err(Error::io("writing", fresh.path()))?;
    fresh.persist(&path).map_err(|error| Error::io("renaming to", &path)(error.error))?;
    Ok(code)
}

async fn compile(compiler: &std::path::Path) -> Result<Bytes> {
    let failed = |reason: String| Error::Solc { source_name: SOURCE_NAME.to_owned(), reason };
    let input = json!({
        "language": "Solidity",
        "sources": { SOURCE_NAME: { "content": SOURCE } },
        "settings": {
            "optimizer": { "enabled": true, "runs": 200 },
            "outputSelection": { "*": { "*": ["evm.bytecode.object"] } },
        },
    });
    let file = tempfile::NamedTempFile::new().map_err(Error::io("creating a file in", std::env::temp_dir()))?;
    fs::write(file.path(), input.to_string()).map_err(Error::io("writing", file.path()))?;
    let mut node = Command::new("node");
    node.arg("-e").arg(COMPILE).arg(compiler).arg(file.path());
    let output = tools::run(node, "node", COMPILE_DEADLINE).await?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let output: Output = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    if let Some(error) = output.errors.into_iter().find(|message| message.severity == "error") {
        return Err(failed(error.text));
    }
    let code = &output.contracts[SOURCE_NAME]["EventForger"]["evm"]["bytecode"]["object"];
    code.as_str()
        .filter(|code| !code.is_empty())
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| failed("the compiler gave no code".to_owned()))
}
