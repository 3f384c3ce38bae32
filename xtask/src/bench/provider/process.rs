//! The Provider as its own optimised process, and what the system knows about processes.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use eyre::{OptionExt as _, Result, WrapErr as _};
use ocean_testbed::{ChildProcess, ChildSpec, PROVIDER_ACCOUNT, Testbed};

use crate::shell;

/// Ticks per second of the times in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Builds the server as it is released, and says where it is.
pub(super) fn build() -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--release", "--locked", "--package", "ocean-provider"]))?;
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(shell::root()).no_deps().exec()?;
    Ok(metadata.target_directory.join("release/ocean-provider").into_std_path_buf())
}

/// A Provider on the network, with a folder of its own.
pub(super) struct Server {
    pub(super) child: ChildProcess,
    pub(super) url: String,
    pub(super) address: SocketAddr,
}

impl Server {
    pub(super) async fn start(program: &Path, testbed: &Testbed) -> Result<Self> {
        let network = testbed.network();
        let mut command = Command::new(program);
        command
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(testbed.folder().join("bench-provider"))
            .env("NETWORK_URL", &network.rpc_url)
            .env("AQUARIUS_URL", &network.aquarius_url)
            .env("PROVIDER_PRIVATE_KEY", testbed.accounts()[PROVIDER_ACCOUNT].private_key_hex())
            .env("ADDRESS_FILE", &network.address_file)
            .env("ALLOW_NON_PUBLIC_IP", "true")
            .env("FOLLOW_CHAIN_CLOCK", "true");
        let spec = ChildSpec::new("ocean-provider", command).deadline(Duration::from_secs(60));
        let ready = |line: &str| line.split_once("listening on ").map(|(_, url)| url.trim().to_owned());
        let (child, url) = ChildProcess::spawn(spec, ready).await?;
        let address = url.strip_prefix("http://").and_then(|address| address.parse().ok());
        let address = address.ok_or_eyre("the Provider tells no address")?;
        Ok(Self { child, url, address })
    }

    /// CPU time so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        cpu(self.child.id())
    }

    /// The most memory that was ever in use, in bytes.
    pub(super) fn peak(&self) -> Result<u64> {
        memory(self.child.id(), "VmHWM:")
    }

    /// The memory in use, in bytes.
    pub(super) fn memory(&self) -> Result<u64> {
        memory(self.child.id(), "VmRSS:")
    }
}

/// User and system time of a process, all its threads together.
pub(super) fn cpu(pid: u32) -> Result<Duration> {
    let fields = stat(pid)?;
    let ticks: u64 = fields[11..13].iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_secs_f64(ticks as f64 / TICKS))
}

/// The processes that `parent` has started.
pub(super) fn children(parent: u32) -> Result<Vec<u32>> {
    let pids = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // A process that has just ended has no parent to compare.
    Ok(pids.filter(|pid| stat(*pid).is_ok_and(|fields| fields[1] == parent.to_string())).collect())
}

/// What follows the name in `/proc/<pid>/stat`: the state, the parent, and so on.
fn stat(pid: u32) -> Result<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).wrap_err("this benchmark reads /proc of Linux")?;
    let (_, rest) = text.rsplit_once(')').ok_or_eyre("/proc has another form")?;
    let fields: Vec<_> = rest.split_whitespace().map(str::to_owned).collect();
    eyre::ensure!(fields.len() > 20, "/proc has another form");
    Ok(fields)
}

fn memory(pid: u32, field: &str) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).wrap_err("this benchmark reads /proc of Linux")?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)).ok_or_eyre("/proc has another form")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}
