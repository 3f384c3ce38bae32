//! Tests of the command `ocean`, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod checksum;
mod convert;
mod did;
mod diff;
mod envelope;
mod hostile;
mod server;
mod show;
mod streams;
mod url;
mod validate;

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

pub(crate) const ASSET: &str = include_str!("../fixtures/asset.json");
pub(crate) const ASSET_5: &str = include_str!("../fixtures/asset-5.json");
pub(crate) const SERVED: &str = include_str!("../fixtures/served.json");

/// No command takes long, whatever it reads.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with documents, in which commands run.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.file("asset.json", ASSET).file("asset-5.json", ASSET_5).file("served.json", SERVED);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path().join(name), content).unwrap();
        self
    }

    /// `ocean` with these words, which no colour setting of the tester reaches.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocean"));
        command.current_dir(self.path()).args(line.split_whitespace()).stdin(Stdio::null());
        for name in ["NO_COLOR", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm");
        command
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        let started = Instant::now();
        let output = self.command(line).output().unwrap();
        assert!(started.elapsed() < PATIENCE, "`ocean {line}` took {:?}", started.elapsed());
        output
    }

    /// All that a command has to say, in one text.
    pub(crate) fn ocean(&self, line: &str) -> String {
        transcript(&self.run(line))
    }

    /// The same with something on stdin.
    pub(crate) fn ocean_with(&self, line: &str, stdin: &[u8]) -> String {
        let mut child =
            self.command(line).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let stdin = stdin.to_vec();
        // The command may stop reading, and must not be waited for by whoever writes.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        transcript(&output)
    }

    /// Runs a command with `--format json` and reads the only line of its result.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> (i32, serde_json::Value) {
        let output = self.run(&format!("{line} --format json"));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        (output.status.code().unwrap(), serde_json::from_str(&text).unwrap())
    }
}

pub(crate) fn transcript(output: &Output) -> String {
    let mut text = format!("exit {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            writeln!(text, "--- {name}").unwrap();
            text.push_str(std::str::from_utf8(bytes).unwrap());
        }
    }
    text
}

/// The document with one text replaced, which must be there.
#[track_caller]
pub(crate) fn replaced(document: &str, old: &str, new: &str) -> String {
    assert!(document.contains(old), "{old} is not in the document");
    document.replacen(old, new, 1)
}
