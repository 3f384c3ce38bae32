//! `cargo xtask conformance`: the conformance suite against our servers, or against a server elsewhere.

use std::{fs, path::PathBuf};

use clap::ValueEnum;
use eyre::{Result, WrapErr as _, bail, eyre};
use ocean_conformance::{ExpectedFailure, Keys, run as run_suite};
use ocean_contracts_bindings::Deployment;
use ocean_crypto::PrivateKey;
use ocean_primitives::{ChainId, Dialect};
use ocean_testbed::{Conformance, Testbed, accounts};
use serde_json::{Map, Value};

use crate::shell;

/// Options of `cargo xtask conformance`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server; without it a network of its own is started, and its Provider and its node are asked.
    #[arg(long, requires_all = ["dialect", "rpc", "address_file"])]
    url: Option<String>,
    /// Which protocol family the server speaks.
    #[arg(long, value_enum)]
    dialect: Option<DialectArg>,
    /// JSON-RPC of the chain that the server works on: a development chain with this workspace's accounts.
    #[arg(long)]
    rpc: Option<String>,
    /// File with the addresses of the chain's contracts.
    #[arg(long)]
    address_file: Option<PathBuf>,
    /// The chain's id.
    #[arg(long, default_value_t = 8996)]
    chain: u64,
    /// The index that the server reads documents from; the server itself if not set, as with a node.
    #[arg(long)]
    aquarius: Option<String>,
    /// The server's private key, if what it encrypts is to be opened.
    #[arg(long, env = "SERVER_PRIVATE_KEY", hide_env_values = true)]
    server_key: Option<PrivateKey>,
    /// JSON object of known failures: a reason for each name of a case.
    #[arg(long)]
    known: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DialectArg {
    /// The Python Provider.
    Provider,
    /// ocean-node.
    OceanNode,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    shell::runtime()?.block_on(conformance(args))
}

async fn conformance(args: &Args) -> Result<()> {
    let known = known(args)?;
    let Some(url) = &args.url else {
        let testbed = Testbed::builder().progress(|line| eprintln!("conformance: {line}")).start().await?;
        let prepared = Conformance::on(&testbed).await?;
        let provider = check(&prepared, testbed.provider_url(), Dialect::Provider, &known).await;
        let node = check(&prepared, testbed.node_url(), Dialect::OceanNode, &known).await;
        testbed.stop().await?;
        return provider.and(node);
    };
    let missing = || eyre!("--url needs --dialect, --rpc and --address-file");
    let dialect = match args.dialect.ok_or_else(missing)? {
        DialectArg::Provider => Dialect::Provider,
        DialectArg::OceanNode => Dialect::OceanNode,
    };
    let chain = ChainId::new(args.chain)?;
    let deployment = Deployment::from_address_file(args.address_file.as_ref().ok_or_else(missing)?, chain)?;
    let [publisher, consumer, stranger] = [1, 2, 3].map(|index| accounts()[index].private_key());
    let keys = Keys { publisher, consumer, stranger, server: args.server_key.clone() };
    let (rpc, aquarius) = (args.rpc.as_ref().ok_or_else(missing)?, args.aquarius.as_ref().unwrap_or(url));
    let prepared = Conformance::prepare(rpc, &deployment, keys, url, aquarius).await?;
    check(&prepared, url, dialect, &known).await
}

async fn check(prepared: &Conformance, url: &str, dialect: Dialect, known: &[ExpectedFailure]) -> Result<()> {
    let report = run_suite(&prepared.target(url, dialect)?).await?;
    println!("{report}");
    let surprises = report.surprises(known);
    for surprise in &surprises {
        eprintln!("conformance: {surprise}");
    }
    if surprises.is_empty() { Ok(()) } else { bail!("{} surprises from {url}", surprises.len()) }
}

fn known(args: &Args) -> Result<Vec<ExpectedFailure>> {
    let Some(path) = &args.known else { return Ok(Vec::new()) };
    let text = fs::read_to_string(path).wrap_err_with(|| format!("cannot read {}", path.display()))?;
    let known: Map<String, Value> = serde_json::from_str(&text).wrap_err("the known failures are not a JSON object")?;
    let reason = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(known.iter().map(|(case, why)| ExpectedFailure::new(case, reason(why))).collect())
}
