use std::fmt;

/// Why a file could not be reached or read.
///
/// No message names a URL, a host, a header value or anything else that a file object keeps secret: messages may be sent to strangers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL cannot be requested.
    #[error("invalid URL: {0}")]
    InvalidUrl(&'static str),
    /// The host, or one of the addresses of its name, is not one that may be reached.
    #[error("the address is not allowed")]
    Address,
    /// The name of the host has no address.
    #[error("the host does not resolve")]
    Unresolved,
    /// A header of the file object cannot be sent.
    #[error("invalid header in the file object: {0}")]
    InvalidHeader(&'static str),
    /// The file object lacks something or holds something that cannot be used.
    #[error("invalid file object: {0}")]
    InvalidFile(&'static str),
    /// The file object lacks this.
    #[error("the file object lacks {0}")]
    MissingField(&'static str),
    /// The consumer's parameters lack an input of the contract's function.
    #[error("the consumer's parameters lack an input of the function")]
    MissingParameter,
    /// The function of the contract changes the chain: it is not called.
    #[error("the function is neither view nor pure")]
    NotView,
    /// The contract cannot be called, or its answer is not what its ABI says.
    #[error("the contract call failed: {0}")]
    Contract(&'static str),
    /// The FTP server refused with this code; from 500 on it will do so again.
    #[error("the FTP server answered with code {0}")]
    Ftp(u16),
    /// No way to read this kind of file object is built in or configured.
    #[error("file objects of type {0} are not supported")]
    Unsupported(&'static str),
    /// The chain of redirects was longer than allowed.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// The most that are followed.
        limit: usize,
    },
    /// A redirect without a usable target.
    #[error("invalid redirect")]
    InvalidRedirect,
    /// No connection could be made.
    #[error("cannot connect to the source")]
    Connect,
    /// A phase took too long.
    #[error("the source exceeded the {0} deadline")]
    Deadline(Phase),
    /// The source answered with a status that carries no file.
    #[error("the source answered with status {0}")]
    Status(u16),
    /// The answer is not HTTP, exceeds the bounds of its headers, or contradicts itself.
    #[error("invalid response of the source: {0}")]
    InvalidResponse(&'static str),
    /// The body ended before its announced end.
    #[error("the source cut the body short")]
    Truncated,
    /// The HTTP client could not be set up on this machine.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

impl Error {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect | Self::Deadline(_) | Self::Truncated => true,
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Ftp(code) => *code < 500,
            _ => false,
        }
    }

    /// Whether the source says that there is no such file.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(404 | 410) | Self::Ftp(550))
    }

    /// Whether the address guard refused the request, so that nothing was sent.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Address | Self::Unresolved | Self::InvalidUrl(_))
    }
}

/// A phase of a request that has a deadline of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Until the connection stands.
    Connect,
    /// Until the headers of the answer are there.
    FirstByte,
    /// Between two pieces of the body.
    Idle,
    /// A whole probe.
    Probe,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::FirstByte => "first byte",
            Self::Idle => "idle",
            Self::Probe => "probe",
        })
    }
}

/// The result of reading a file.
pub type Result<T, E = Error> = std::result::Result<T, E>;
