//! Servers as child processes: which program, and with which settings.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{ChildProcess, ChildSpec, Error, Result};

/// What a server prints once it answers.
const READY: &str = "listening on ";

/// How to start a server as a child process, again and again on the same port.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) program: &'static str,
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) data_dir: PathBuf,
    pub(super) log_dir: PathBuf,
}

impl Launch {
    /// Starts the program on `port`, 0 for any free one, and returns it with its URL.
    pub(super) async fn spawn(&self, port: u16) -> Result<(ChildProcess, String)> {
        let mut command = Command::new(find(self.program)?);
        command
            .args(["--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(&self.data_dir)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        let spec = ChildSpec::new(self.program, command).log_dir(&self.log_dir);
        ChildProcess::spawn(spec, |line| line.split_once(READY).map(|(_, url)| url.trim().to_owned())).await
    }
}

/// The program beside the running one, where cargo puts it, or in `OCEAN_BIN_DIR`.
fn find(program: &str) -> Result<PathBuf> {
    let running = env::current_exe().ok();
    // Tests run from `deps/`, one folder below the programs.
    let beside = running.iter().flat_map(|path| path.ancestors().skip(1).take(2)).map(Path::to_path_buf);
    let folders: Vec<_> = env::var_os("OCEAN_BIN_DIR").map(PathBuf::from).into_iter().chain(beside).collect();
    folders.iter().map(|folder| folder.join(program)).find(|path| path.is_file()).ok_or_else(|| Error::ToolMissing {
        tool: program.to_owned(),
        install: format!("build it with `cargo build --package {program}`, or name its folder in OCEAN_BIN_DIR"),
    })
}
