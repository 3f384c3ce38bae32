//! The first command after a clone: the installation, and what is missing for it.
//!
//! The environment decides here, so each case runs in a process of its own: this test program, with one test chosen.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use ocean_testbed::{LocalChain, Progress, ensure_tools};

use crate::support;

/// Does nothing by itself; the other tests run it in other processes and read what it prints.
#[tokio::test]
async fn child() {
    match std::env::var("OCEAN_TEST_TOOLS").as_deref() {
        Ok("install") => match ensure_tools(&Progress::stderr()).await {
            Ok(tools) => eprintln!("anvil={}", tools.anvil.display()),
            Err(error) => eprintln!("error={error}"),
        },
        Ok("start") => {
            let chain = LocalChain::builder().start().await.unwrap();
            eprintln!("block={}", chain.latest_block().await.unwrap().0);
        }
        _ => {}
    }
}

fn command(what: &str, cache: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "tools::child", "--nocapture"]).env("OCEAN_TEST_TOOLS", what).env("OCEAN_CACHE", cache);
    command.env_remove("ANVIL").env_remove("OCEAN_CONTRACTS_DIR").stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn five_processes_at_once_install_once() {
    // The real registry client, into a cache of its own.
    let cache = tempfile::tempdir().unwrap();
    let packages = cache.path().join("packages");
    let children: Vec<_> = (0..5).map(|_| command("install", cache.path()).spawn().unwrap()).collect();
    let mut installations = 0;
    for child in children {
        let text = said(&child.wait_with_output().unwrap());
        assert!(text.contains("anvil=") && !text.contains("error="), "{text}");
        installations += text.matches("installing the pinned packages into").count();
    }
    assert_eq!(installations, 1);
    assert_eq!(fs::read_dir(&packages).unwrap().count(), 2, "the packages and the lock");

    // A folder from which something is gone is filled again, and what a killed process left is removed.
    let dir = fs::read_dir(&packages).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    fs::remove_file(dir.join("node_modules/solc/soljson.js")).unwrap();
    let name = dir.file_name().unwrap().to_str().unwrap();
    fs::create_dir(packages.join(format!("{name}.new-1"))).unwrap();
    said(&command("install", cache.path()).output().unwrap());
    assert!(dir.join("node_modules/solc/soljson.js").is_file());
    assert_eq!(fs::read_dir(&packages).unwrap().count(), 2);
}

#[test]
fn missing_node_is_one_line_with_what_to_install() {
    let cache = tempfile::tempdir().unwrap();
    let text = said(&command("install", cache.path()).env("PATH", cache.path()).output().unwrap());
    let line = text.lines().find_map(|line| line.strip_prefix("error=")).expect(&text);
    assert!(line.starts_with("node is missing: install Node.js 20 or newer with npm"), "{line}");
    assert_eq!(text.lines().skip_while(|text| !text.ends_with(line)).count(), 1, "one line: {text}");
}

#[test]
fn a_failed_installation_leaves_nothing() {
    let cache = tempfile::tempdir().unwrap();
    let output = command("install", cache.path())
        // A registry that does not answer.
        .env("npm_config_registry", "http://127.0.0.1:9/")
        .env("npm_config_fetch_retries", "0")
        .env("npm_config_cache", cache.path().join("npm"))
        .output()
        .unwrap();
    let text = said(&output);
    assert!(text.contains("error=installing the pinned packages into"), "{text}");
    assert!(text.contains("npm install failed"), "{text}");
    let left: Vec<_> = fs::read_dir(cache.path().join("packages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn overrides_need_no_node_and_get_a_snapshot_of_their_own() {
    let tools = support::tools().await;
    let cache = tempfile::tempdir().unwrap();
    let run = |contracts: &Path| {
        let mut command = command("start", cache.path());
        command.env("PATH", cache.path()).env("ANVIL", &tools.anvil).env("OCEAN_CONTRACTS_DIR", contracts);
        command.output().unwrap()
    };
    assert!(said(&run(&tools.contracts_dir)).contains("block=52"));
    assert!(!cache.path().join("packages").exists());
    let missing = run(cache.path());
    let text = String::from_utf8_lossy(&missing.stderr);
    assert!(!missing.status.success());
    assert!(text.contains("OCEAN_CONTRACTS_DIR"), "{text}");
}
