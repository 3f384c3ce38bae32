//! The deployment of the contracts: 52 transactions, as data.
//!
//! `deploy/plan.json` holds every step with its arguments, and the questions that a deployed chain must answer. Other plans beside it
//! hold what only some tests need; they are carried out on a chain that has this one.
//! In arguments `$owner` is account 0, `$account1` … another account, `$now` the time of the latest block, and `$Name` the address of a contract deployed before.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use alloy::{
    dyn_abi::{DynSolType, DynSolValue, Specifier as _},
    json_abi::{Function, JsonAbi},
    primitives::{Address, Bytes},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Error, Result, accounts, rpc::Rpc};

/// The deployment as data.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The transactions in their order; the addresses follow from it.
    pub steps: Vec<Step>,
    checks: Vec<Check>,
}

/// One transaction of the plan.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Step {
    /// Creates a contract.
    #[non_exhaustive]
    Deploy {
        /// Its key in `address.json`; a dot separates an inner key.
        deploy: String,
        /// The artifact file below `artifacts/`.
        artifact: String,
        /// The constructor's arguments.
        args: Vec<String>,
        /// Whether this step's block becomes `startBlock`.
        #[serde(default, rename = "startBlock")]
        start_block: bool,
        /// Whether the address stays out of `address.json`.
        #[serde(default)]
        unpublished: bool,
    },
    /// Calls a contract that was deployed before.
    #[non_exhaustive]
    Call {
        /// The contract's name in the plan.
        call: String,
        /// The function.
        function: String,
        /// Its arguments.
        args: Vec<String>,
    },
}

/// A question to the deployed contracts and its answer.
#[derive(Debug, Deserialize)]
struct Check {
    to: String,
    call: String,
    args: Vec<String>,
    returns: Vec<String>,
}

/// What a deployment did. Stored beside a snapshot, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deployed {
    /// What stands under `development` in `address.json`, in upstream's order.
    pub addresses: Map<String, Value>,
    /// Every transaction in its order.
    pub transactions: Vec<DeployedStep>,
}

/// One transaction of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeployedStep {
    /// The step in words.
    pub label: String,
    /// The contract that it created.
    pub address: Option<Address>,
    /// The gas that it used.
    pub gas: u64,
    /// Its block.
    pub block: u64,
}

impl Plan {
    /// The text of the plan.
    pub const TEXT: &'static str = include_str!("deploy/plan.json");

    /// The plan of this build.
    pub fn get() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the text is part of the build and every test that deploys parses it")]
        static PLAN: LazyLock<Plan> =
            LazyLock::new(|| serde_json::from_str(Plan::TEXT).expect("deploy/plan.json is valid"));
        &PLAN
    }

    /// The escrows of a later release, for a chain that has the contracts; see [`LocalChain::deploy`](crate::LocalChain::deploy).
    pub fn escrows() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the text is part of the build and every test that deploys parses it")]
        static PLAN: LazyLock<Plan> = LazyLock::new(|| {
            serde_json::from_str(include_str!("deploy/escrows.json")).expect("deploy/escrows.json is valid")
        });
        &PLAN
    }

    /// A contract that pays subsidies to claims in an escrow of 3.0 or later, for a chain that has one.
    pub fn subsidy() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the text is part of the build and every test that deploys parses it")]
        static PLAN: LazyLock<Plan> = LazyLock::new(|| {
            serde_json::from_str(include_str!("deploy/subsidy.json")).expect("deploy/subsidy.json is valid")
        });
        &PLAN
    }

    /// The artifact files that the plan uses, below the folder of `@oceanprotocol/contracts`, each once.
    pub fn artifact_paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Deploy { artifact, .. } => Some(Path::new("artifacts").join(artifact)),
                Step::Call { .. } => None,
            })
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Step {
    fn label(&self) -> String {
        match self {
            Self::Deploy { deploy, args, .. } => format!("deploy {deploy}({})", args.join(", ")),
            Self::Call { call, function, args } => format!("{call}.{function}({})", args.join(", ")),
        }
    }
}

/// The parts of an artifact file that are used.
#[derive(Debug, Deserialize)]
struct Artifact {
    abi: JsonAbi,
    bytecode: Bytes,
}

/// What the `$` names stand for while a plan is carried out.
#[derive(Debug)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn new(addresses: &Map<String, Value>) -> Self {
        let mut names: BTreeMap<String, String> = accounts()
            .iter()
            .map(|account| (format!("account{}", account.index), account.address.to_string()))
            .collect();
        names.insert("owner".to_owned(), accounts()[0].address.to_string());
        for (key, value) in addresses {
            match value {
                Value::String(address) => {
                    names.insert(key.clone(), address.clone());
                }
                Value::Object(inner) => names.extend(
                    inner
                        .iter()
                        .filter_map(|(inner, value)| Some((format!("{key}.{inner}"), value.as_str()?.to_owned()))),
                ),
                _ => {}
            }
        }
        Self(names)
    }

    /// The text with every `$Name` in it replaced.
    fn resolve(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split('$');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find([',', ']', ' ']).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            out.push_str(self.0.get(name).ok_or_else(|| format!("the plan does not know ${name}"))?);
            out.push_str(rest);
        }
        Ok(out)
    }

    fn address(&self, name: &str) -> Result<Address, String> {
        self.resolve(&format!("${name}"))?.parse().map_err(|_| format!("{name} is not an address"))
    }

    fn values(&self, types: &[DynSolType], texts: &[String]) -> Result<Vec<DynSolValue>, String> {
        if types.len() != texts.len() {
            return Err(format!("the plan has {} arguments, the contract {}", texts.len(), types.len()));
        }
        let value = |(kind, text): (&DynSolType, &String)| {
            let text = self.resolve(text)?;
            // The coercion reads bare words as strings only when they are quoted or simple; take strings as they are.
            match kind {
                DynSolType::String => Ok(DynSolValue::String(text)),
                kind => kind.coerce_str(&text).map_err(|error| format!("{text}: {error}")),
            }
        };
        types.iter().zip(texts).map(value).collect()
    }
}

fn types_of<'a>(params: impl IntoIterator<Item = &'a alloy::json_abi::Param>) -> Result<Vec<DynSolType>, String> {
    params.into_iter().map(|param| param.resolve().map_err(|error| error.to_string())).collect()
}

fn encode(values: Vec<DynSolValue>) -> Vec<u8> {
    DynSolValue::Tuple(values).abi_encode_params()
}

/// Carries out the plan of the contracts on a chain that makes a block per transaction, from the unlocked account 0.
///
/// # Errors
/// With the step that failed, when an artifact is missing or a transaction does not succeed.
pub(crate) async fn deploy(rpc: &Rpc, contracts_dir: &Path) -> Result<Deployed> {
    carry_out(rpc, Plan::get(), contracts_dir, &Map::new()).await
}

/// Carries out any plan, as [`deploy`]. It may name what is `known`.
///
/// # Errors
/// As [`deploy`].
pub(crate) async fn carry_out(
    rpc: &Rpc,
    plan: &'static Plan,
    contracts_dir: &Path,
    known: &Map<String, Value>,
) -> Result<Deployed> {
    let owner = accounts()[0].address;
    let first_nonce = rpc.nonce(owner).await?;
    let now = rpc.latest_block().await?.timestamp;
    let chain_id: alloy::primitives::U64 = rpc.request("eth_chainId", json!([])).await?;
    let mut names = Names::new(known);
    names.0.insert("now".to_owned(), now.to_string());
    let mut abis: BTreeMap<&str, JsonAbi> = BTreeMap::new();
    let mut addresses = Map::new();
    addresses.insert("chainId".to_owned(), json!(chain_id.to::<u64>()));
    let mut transactions = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let failed = |reason: String| Error::Deploy { step: index, label: step.label(), reason };
        let nonce = first_nonce + index as u64;
        let (to, data) = match step {
            Step::Deploy { deploy, artifact, args, .. } => {
                let artifact = read_artifact(&contracts_dir.join("artifacts").join(artifact))?;
                let types = types_of(artifact.abi.constructor.iter().flat_map(|constructor| &constructor.inputs));
                let values = types.and_then(|types| names.values(&types, args)).map_err(failed)?;
                abis.insert(deploy, artifact.abi);
                (None, [artifact.bytecode.as_ref(), &encode(values)].concat())
            }
            Step::Call { call, function, args } => {
                let function = abis
                    .get(call.as_str())
                    .and_then(|abi| abi.function(function)?.first())
                    .ok_or_else(|| failed("the contract has no such function".to_owned()))?;
                let values = types_of(&function.inputs).and_then(|types| names.values(&types, args)).map_err(failed)?;
                let to = names.address(call).map_err(failed)?;
                (Some(to), [function.selector().as_slice(), &encode(values)].concat())
            }
        };
        let receipt = match rpc.send(owner, to, &data.into(), Some(nonce)).await {
            Ok(receipt) => receipt,
            Err(error @ Error::Rpc { .. }) => return Err(failed(error.to_string())),
            Err(error) => return Err(error),
        };
        if let Step::Deploy { deploy, start_block, unpublished, .. } = step {
            let address = receipt.contract_address.ok_or_else(|| failed("no contract was created".to_owned()))?;
            if address != owner.create(nonce) {
                return Err(failed(format!("the contract stands at {address}, not at {}", owner.create(nonce))));
            }
            names.0.insert(deploy.clone(), address.to_string());
            if *start_block {
                addresses.insert("startBlock".to_owned(), json!(receipt.block_number.to::<u64>()));
            }
            if !unpublished {
                publish(&mut addresses, deploy, address);
            }
        }
        transactions.push(DeployedStep {
            label: step.label(),
            address: receipt.contract_address,
            gas: receipt.gas_used.to(),
            block: receipt.block_number.to(),
        });
    }
    Ok(Deployed { addresses, transactions })
}

/// Writes `Name` or, for `Name.1`, the inner key.
fn publish(addresses: &mut Map<String, Value>, name: &str, address: Address) {
    match name.split_once('.') {
        None => {
            addresses.insert(name.to_owned(), json!(address.to_string()));
        }
        Some((outer, inner)) => {
            let entry = addresses.entry(outer).or_insert_with(|| json!({}));
            entry[inner] = json!(address.to_string());
        }
    }
}

fn read_artifact(path: &Path) -> Result<Artifact> {
    let failed = |reason: String| Error::Artifact { path: path.to_owned(), reason };
    let text = fs::read(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))
}

/// Asks the chain whether the contracts are there and know each other.
///
/// # Errors
/// With the first answer that is not as the plan says.
pub(crate) async fn verify(rpc: &Rpc, deployed: &Deployed) -> Result<()> {
    verify_plan(rpc, Plan::get(), &deployed.addresses).await
}

/// Asks the chain what a plan wants to know of these contracts.
///
/// # Errors
/// As [`verify`].
pub(crate) async fn verify_plan(rpc: &Rpc, plan: &Plan, addresses: &Map<String, Value>) -> Result<()> {
    let names = Names::new(addresses);
    let asked = plan.checks.iter().map(|check| verify_one(rpc, &names, check));
    futures_util::future::try_join_all(asked).await?;
    Ok(())
}

async fn verify_one(rpc: &Rpc, names: &Names, check: &Check) -> Result<()> {
    let failed = |reason: String| Error::Unverified { reason: format!("{}.{}: {reason}", check.to, check.call) };
    let function = Function::parse(&check.call).map_err(|error| failed(error.to_string()))?;
    let input = types_of(&function.inputs).and_then(|types| names.values(&types, &check.args)).map_err(failed)?;
    let to = names.address(&check.to).map_err(failed)?;
    let data = [function.selector().as_slice(), &encode(input)].concat();
    let answer = match rpc.call(to, &data.into()).await {
        Ok(answer) => answer,
        Err(Error::Rpc { reason, .. }) => return Err(failed(reason)),
        Err(error) => return Err(error),
    };
    let output = types_of(&function.outputs).and_then(|types| names.values(&types, &check.returns)).map_err(failed)?;
    let expected = encode(output);
    if answer.as_ref() != expected.as_slice() {
        return Err(failed(format!("the answer is {answer}, expected is {}", Bytes::from(expected))));
    }
    Ok(())
}
