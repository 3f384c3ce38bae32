//! What several test modules need.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use alloy::{primitives::U256, providers::Provider as _, rpc::types::Filter};
use ocean_contracts_bindings::{
    Contracts, Deployment, connect_with_key,
    events::{Origins, decode},
};
use ocean_primitives::{BaseUnits, ONE};
use ocean_testbed::{LaterRelease, LocalChain, Progress, Tools, ensure_tools};
use serde_json::{Map, Value, json};

pub(crate) async fn tools() -> Tools {
    ensure_tools(&Progress::stderr()).await.expect("the tools")
}

pub(crate) async fn chain() -> LocalChain {
    LocalChain::builder().progress(Progress::stderr()).start().await.expect("a chain")
}

/// Whether a process with this id runs; one that has ended and waits to be reaped does not count.
pub(crate) fn is_running(pid: u32) -> bool {
    match std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")) {
        Ok(stat) => !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X'])),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => {
            // Systems without /proc.
            std::process::Command::new("kill")
                .args(["-0", &pid.to_string()])
                .status()
                .is_ok_and(|status| status.success())
        }
    }
}

/// Waits until the condition holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < deadline, "{what} did not happen within {deadline:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The typed calls of the account with this index.
pub(crate) fn contracts(chain: &LocalChain, index: usize) -> Contracts {
    let account = &chain.accounts()[index];
    let rpc = connect_with_key(chain.rpc_url(), &account.private_key()).expect("a connection");
    Contracts::new(rpc, chain.deployment().clone()).with_sender(account.address)
}

/// Whole tokens with 18 decimals in base units.
pub(crate) fn whole(tokens: u64) -> BaseUnits {
    BaseUnits(U256::from(tokens) * ONE)
}

/// The contract refused, in these words, which are among those that are known.
#[track_caller]
pub(crate) fn check_revert<T: std::fmt::Debug>(result: Result<T, ocean_contracts_bindings::Error>, expected: &str) {
    let error = result.expect_err("a revert");
    assert_eq!(error.revert_reason().as_deref(), Some(expected), "{error}");
    assert!(error.reason().is_some(), "{expected} is not among the typed reasons");
}

/// Every log since the deployment is one that the decoder knows, of a contract that may emit it.
pub(crate) async fn check_logs(chain: &LocalChain) {
    check_logs_of(chain, chain.addresses()).await;
}

/// As [`check_logs`], for a chain with other contracts than its own.
pub(crate) async fn check_logs_of(chain: &LocalChain, addresses: &Map<String, Value>) {
    let chain_id = chain.deployment().chain_id;
    let deployment = Deployment::from_address_json(&json!({ "development": addresses }), chain_id).expect("addresses");
    let deployed = chain.deployed().transactions.last().map_or(0, |step| step.block);
    let filter = Filter::new().from_block(deployed + 1);
    let logs = chain.rpc().get_logs(&filter).await.expect("logs");
    assert!(!logs.is_empty());
    let known = Origins::new(&deployment).accept_all(&logs);
    for (index, log) in logs.iter().enumerate() {
        assert!(known.iter().any(|(known, _)| *known == index), "{:?} of {log:?}", decode(log));
    }
}

/// The folder of a later release of the contracts, or nothing where it is not installed: a skip that `cargo xtask test` counts, and
/// a failure in CI.
pub(crate) async fn later_contracts(release: LaterRelease) -> Option<PathBuf> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    if in_ci {
        return Some(release.ensure(&Progress::stderr()).await.expect("a later release of the contracts"));
    }
    let found = release.find().expect("the cache folder");
    if found.is_none() {
        eprintln!("skipped: the contracts {} are not installed; `cargo xtask setup --all` does it", release.version());
    }
    found
}
