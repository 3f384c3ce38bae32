//! What several test modules need.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use ocean_testbed::{LocalChain, Progress, Tools, ensure_tools};

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
