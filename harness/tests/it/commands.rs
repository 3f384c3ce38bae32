//! The commands as a person runs them: `cargo xtask up` as a process of its own.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use ocean_testbed::Network;

use crate::support::{is_running, wait_until};

/// The built `xtask`, one folder above the test program.
fn xtask() -> PathBuf {
    let folder = env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
    let path = folder.join("xtask");
    assert!(path.is_file(), "build it first: `cargo build --workspace --bins`");
    path
}

fn up(home: &Path, arguments: &[&str]) -> Child {
    Command::new(xtask())
        .arg("up")
        .args(arguments)
        .env("OCEAN_HOME", home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the line that says the network is ready, and returns everything on stdout before it.
fn ready(child: &mut Child) -> Network {
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let log: Vec<_> =
        stderr.by_ref().map_while(Result::ok).take_while(|line| !line.contains("ready, Ctrl-C")).collect();
    // Read on, so that the child never waits for a full pipe.
    std::thread::spawn(move || stderr.for_each(drop));
    let stdout = child.stdout.as_mut().unwrap();
    let mut json = String::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.unwrap();
        json.push_str(&line);
        if line == "}" {
            break;
        }
    }
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}\n{}", log.join("\n")))
}

fn anvil_of(child: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{child}/task/{child}/children")).ok()?;
    let tasks = std::fs::read_dir(format!("/proc/{child}/task")).ok()?;
    let all = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    all.chain([children])
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .find_map(|pid| pid.parse().ok())
}

#[test]
fn up_tells_everything_and_stops_on_a_signal() {
    let home = tempfile::tempdir().unwrap();
    let mut child = up(home.path(), &["--ephemeral", "--json"]);
    let network = ready(&mut child);
    assert_eq!(network.chain_id, 8996);
    assert_eq!(network.accounts.len(), 20);
    assert_eq!(network.accounts[0].address, "0xe2DD09d719Da89e5a3D0F2549c7E24566e947260");
    assert!(!home.path().join("ocean-contracts").exists(), "an ephemeral network leaves the shared address file alone");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(&network.address_file).unwrap()).unwrap();
    assert_eq!(file["development"]["ERC721Factory"], network.addresses["ERC721Factory"]);
    let anvil = anvil_of(child.id()).expect("up has a chain as child");
    stop(&mut child);
    wait_until("the end of the chain", Duration::from_secs(5), || !is_running(anvil));
    for url in [&network.rpc_url, &network.provider_url, &network.aquarius_url, &network.node_url] {
        assert!(TcpStream::connect(url.trim_start_matches("http://")).is_err(), "{url} still answers");
    }
    assert!(!network.address_file.exists(), "an ephemeral network leaves no file");
}

#[test]
fn up_publishes_the_addresses_for_others() {
    let home = tempfile::tempdir().unwrap();
    let ports = ["--chain-port", "0", "--provider-port", "0", "--aquarius-port", "0", "--node-port", "0"];
    let mut child = up(home.path(), &[&["--json"], &ports[..]].concat());
    let network = ready(&mut child);
    let artifacts = home.path().join("ocean-contracts/artifacts");
    assert_eq!(network.address_file, artifacts.join("address.json"));
    assert!(artifacts.join("ready").exists());
    stop(&mut child);
    assert!(!artifacts.join("ready").exists(), "a stopped network is not ready");
}

#[test]
fn up_on_a_taken_port_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut child =
        up(home.path(), &["--chain-port", "0", "--provider-port", "0", "--node-port", "0", "--aquarius-port", &port]);
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(text.contains(&port) && text.contains("--aquarius-port") && text.contains("--ephemeral"), "{text}");
    assert!(!home.path().join("ocean-contracts/artifacts/ready").exists());
}

fn stop(child: &mut Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert!(child.wait().unwrap().success(), "Ctrl-C is a normal end");
}
