//! `cargo xtask up`: a local Ocean network in Barge's place.

use std::{path::PathBuf, time::Duration};

use eyre::{Result, WrapErr as _};
use ocean_testbed::{Network, Ports, Testbed};

use crate::shell;

/// Options of `cargo xtask up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pick free ports instead of 8545, 8030, 5000 and 8001, and write no address file outside the network's own folder.
    #[arg(long)]
    ephemeral: bool,
    /// Mine a block every so many seconds (fractions allowed) instead of one per transaction.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    block_time: Option<Duration>,
    /// Print one JSON object with every URL, key and address on stdout.
    #[arg(long)]
    json: bool,
    /// Port of the chain.
    #[arg(long, default_value_t = 8545)]
    chain_port: u16,
    /// Port of the Provider.
    #[arg(long, default_value_t = 8030)]
    provider_port: u16,
    /// Port of Aquarius.
    #[arg(long, default_value_t = 5000)]
    aquarius_port: u16,
    /// Port of the node.
    #[arg(long, default_value_t = 8001)]
    node_port: u16,
    /// Keep the servers' databases here instead of in a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("`{text}` is not a number of seconds"))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "must be above zero".to_owned())
}

pub(crate) fn run(args: Args) -> Result<()> {
    shell::runtime()?.block_on(up(args))
}

async fn up(args: Args) -> Result<()> {
    let mut builder = Testbed::builder().progress(|line| eprintln!("up: {line}"));
    if !args.ephemeral {
        builder = builder
            .ports(Ports {
                chain: args.chain_port,
                provider: args.provider_port,
                aquarius: args.aquarius_port,
                node: args.node_port,
            })
            .publish_addresses();
    }
    if let Some(block_time) = args.block_time {
        builder = builder.block_time(block_time);
    }
    if let Some(folder) = args.data_dir {
        builder = builder.data_dir(folder);
    }
    let testbed = builder.start().await?;
    let network = testbed.network();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&network)?);
    } else {
        print(&network);
    }
    for phase in &testbed.times().phases {
        eprintln!("up: {:<10} {:>5} ms", phase.name, phase.duration.as_millis());
    }
    eprintln!("up: ready, Ctrl-C stops everything");
    stop_signal().await?;
    eprintln!("up: stopping");
    testbed.stop().await?;
    Ok(())
}

fn print(network: &Network) {
    println!("chain     {}  (chain id {})", network.rpc_url, network.chain_id);
    println!("provider  {}", network.provider_url);
    println!("aquarius  {}", network.aquarius_url);
    println!("node      {}", network.node_url);
    println!("addresses {}", network.address_file.display());
    for (index, account) in network.accounts.iter().enumerate().take(4) {
        println!("account {index} {}  {}", account.address, account.private_key);
    }
}

/// Resolves at Ctrl-C and at SIGTERM.
async fn stop_signal() -> Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .wrap_err("cannot wait for SIGTERM")?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt.wrap_err("cannot wait for Ctrl-C"),
        _ = term.recv() => Ok(()),
    }
}
