//! What can go wrong while a network is being started or used.

use std::{io, path::PathBuf, time::Duration};

/// The result of a harness call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong while a network is being started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tool that the machine must have is not there; the text says what to install.
    #[error("{tool} is missing: {install}")]
    ToolMissing {
        /// The program that was looked for.
        tool: String,
        /// What to install, in one line.
        install: String,
    },
    /// The installation of the pinned packages failed.
    #[error("installing the pinned packages into {} failed: {reason}", dir.display())]
    Install {
        /// The folder that was being filled.
        dir: PathBuf,
        /// What npm said, or what was found missing or different afterwards.
        reason: String,
    },
    /// This operating system and processor have no Anvil package.
    #[error("there is no anvil package for {platform}; set ANVIL to the path of an anvil binary")]
    Platform {
        /// The operating system and processor.
        platform: String,
    },
    /// A contract's artifact is missing or not as expected.
    #[error("contract artifact {}: {reason}", path.display())]
    Artifact {
        /// The artifact file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The port that was asked for is in use.
    #[error(
        "port {port} is already taken: another network or another program listens there; find it with `ss -ltnp 'sport = :{port}'` (macOS: `lsof -i :{port}`), or choose another port with {flag}"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// The flag or the call that chooses another port.
        flag: String,
    },
    /// A child process ended or did not become ready.
    #[error("{name} {reason}; its output is in {}{tail}", log.display())]
    Child {
        /// The program.
        name: String,
        /// What happened.
        reason: String,
        /// The file that holds everything the program printed.
        log: PathBuf,
        /// The last lines of that file.
        tail: String,
    },
    /// The chain answered a request with an error, or not at all.
    #[error("{method} at {url}: {reason}")]
    Rpc {
        /// The JSON-RPC method.
        method: String,
        /// The address that was asked.
        url: String,
        /// What came back.
        reason: String,
    },
    /// A deployment step failed or its result is not what the plan says.
    #[error("deployment step {step} ({label}): {reason}")]
    Deploy {
        /// The number of the step, from 0.
        step: usize,
        /// The step in words.
        label: String,
        /// What went wrong.
        reason: String,
    },
    /// The contracts on the chain are not wired as they must be.
    #[error("the deployed contracts are not as they must be: {reason}")]
    Unverified {
        /// The first difference.
        reason: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not happen within {} ms", deadline.as_millis())]
    Deadline {
        /// What was waited for.
        what: String,
        /// How long.
        deadline: Duration,
    },
    /// The Solidity compiler refused the source.
    #[error("compiling {source_name}: {reason}")]
    Solc {
        /// The source file's name.
        source_name: String,
        /// The compiler's message.
        reason: String,
    },
    /// The call cannot be carried out here.
    #[error("{what}")]
    Unsupported {
        /// What was asked for and what can be had.
        what: String,
    },
    /// A file or folder could not be read or written.
    #[error("{action} {}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The call does not fit the network it was made on; the text says what would.
    #[error("{0}")]
    Usage(String),
    /// A part of the network failed; the source says how.
    #[error("{what}")]
    Component {
        /// What was being done, and with which part.
        what: String,
        /// The part's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// An [`Error::Io`] maker for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// An [`Error::Component`] maker for `map_err`.
    pub fn component<E>(what: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let what = what.into();
        move |source| Self::Component { what, source: source.into() }
    }

    /// Whether a port that was asked for is in use.
    pub fn is_port_taken(&self) -> bool {
        matches!(self, Self::PortTaken { .. })
    }

    /// Whether a tool has to be installed by hand before the call can work.
    pub fn is_tool_missing(&self) -> bool {
        matches!(self, Self::ToolMissing { .. } | Self::Platform { .. })
    }
}
