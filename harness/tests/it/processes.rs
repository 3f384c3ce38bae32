//! Children that end when they must: with their value, with a panic, and with a killed parent.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use ocean_testbed::{ChildProcess, ChildSpec, Error};

use crate::support::{chain, is_running, wait_until};

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

fn number(line: &str) -> Option<u16> {
    line.strip_prefix("ready ")?.parse().ok()
}

/// Does nothing by itself; `a_killed_test_process_leaves_no_chain` runs it in another process and kills that.
#[tokio::test]
async fn starts_a_chain_and_waits_to_be_killed() {
    if std::env::var_os("OCEAN_TEST_VICTIM").is_some() {
        let chains = [chain().await, chain().await];
        for chain in &chains {
            println!("\nchain {} {}", chain.pid(), chain.log_path().parent().unwrap().display());
        }
        std::future::pending::<()>().await;
    }
}

#[test]
fn a_killed_test_process_leaves_no_chain() {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::starts_a_chain_and_waits_to_be_killed", "--nocapture"])
        .env("OCEAN_TEST_VICTIM", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
    let chains: Vec<(u32, PathBuf)> = lines
        .filter_map(|line| {
            let (pid, folder) = line.strip_prefix("chain ")?.split_once(' ')?;
            Some((pid.parse().unwrap(), folder.into()))
        })
        .take(2)
        .collect();
    assert_eq!(chains.len(), 2, "the victim has two chains");
    assert!(chains.iter().all(|(pid, _)| is_running(*pid)));
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until("the end of the chains", Duration::from_secs(5), || !chains.iter().any(|(pid, _)| is_running(*pid)));
    // Nobody was left to remove the logs.
    for (_, folder) in chains {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_child_outlives_the_thread_that_asked_for_it() {
    let (child, ()) = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let spec = ChildSpec::new("sleeper", shell("echo ready 1; exec sleep 60"));
        runtime.block_on(ChildProcess::spawn(spec, |line| number(line).map(|_| ()))).unwrap()
    })
    .join()
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(is_running(child.id()));
    let pid = child.id();
    drop(child);
    assert!(!is_running(pid));
}

#[tokio::test]
async fn a_child_that_ignores_sigterm_is_killed() {
    let script = "trap '' TERM; echo ready 1; while :; do sleep 0.05; done";
    let spec = ChildSpec::new("stubborn", shell(script)).grace(Duration::from_millis(200));
    let (child, _) = ChildProcess::spawn(spec, number).await.unwrap();
    let (pid, begun) = (child.id(), Instant::now());
    drop(child);
    assert!(!is_running(pid));
    assert!(begun.elapsed() >= Duration::from_millis(200), "it had its time of grace");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_child_that_ends_early_shows_why() {
    let spec = ChildSpec::new("short", shell("echo 'no licence' >&2; exit 3"));
    let error = ChildProcess::spawn(spec, number).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("short ended before it was ready (exit status: 3); its output is in "), "{text}");
    assert!(text.ends_with("\n  | no licence"), "{text}");
    let Error::Child { log, .. } = error else { panic!() };
    std::fs::remove_dir_all(log.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_child_that_is_never_ready_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let spec = ChildSpec::new("slow", shell("echo $$; exec sleep 60"))
        .deadline(Duration::from_millis(150))
        .log_dir(dir.path());
    let error = ChildProcess::spawn(spec, number).await.unwrap_err();
    assert!(error.to_string().starts_with("slow was not ready after 150 ms"), "{error}");
    let pid: u32 = std::fs::read_to_string(dir.path().join("slow.log")).unwrap().trim().parse().unwrap();
    assert!(!is_running(pid));
}

#[tokio::test]
async fn readiness_is_a_whole_line_and_not_one_of_an_earlier_child() {
    let dir = tempfile::tempdir().unwrap();
    for expected in [12_u16, 34] {
        let script = format!(
            "echo starting; printf 'ready {}'; sleep 0.05; echo {}; exec sleep 60",
            expected / 10,
            expected % 10
        );
        let spec = ChildSpec::new("server", shell(&script)).log_dir(dir.path());
        let (child, found) = ChildProcess::spawn(spec, number).await.unwrap();
        assert_eq!(found, expected);
        child.stop().await;
    }
}

#[tokio::test]
async fn a_kill_is_immediate_and_keeps_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let spec = ChildSpec::new("server", shell("echo ready 1; exec sleep 60")).log_dir(dir.path());
    let (mut child, _) = ChildProcess::spawn(spec, number).await.unwrap();
    assert!(child.try_wait().is_none());
    child.kill();
    assert!(child.try_wait().is_some_and(|status| !status.success()));
    assert_eq!(child.output(), "ready 1\n");
    drop(child);
    assert!(dir.path().join("server.log").is_file());
}
