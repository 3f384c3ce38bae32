//! A local HTTP server for the files that assets point to. It counts, and it can misbehave.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use bytes::Bytes;

use crate::Result;

/// How the server misbehaves for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Waits before it answers.
    Delay(Duration),
    /// Announces the whole length and closes the connection after this many bytes of the body.
    CutAfter(u64),
    /// Answers 302 with this address.
    Redirect(String),
    /// Answers with this status and a short text.
    Status(u16),
    /// Sends zeros without end and without a length.
    Endless,
    /// Sends this many bytes, then waits this long, again and again.
    Trickle(usize, Duration),
    /// Ignores `Range` and answers 200 with everything.
    NoRange,
}

/// One request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// GET, HEAD or POST.
    pub method: String,
    /// The path with the query, as sent.
    pub path: String,
    /// The headers, lower-case names.
    pub headers: Vec<(String, String)>,
}

/// A file server on a free loopback port that ends with this value.
#[derive(Debug)]
pub struct FileServer {
    address: SocketAddr,
}

impl FileServer {
    /// Starts the server.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> Result<Self> {
        todo!()
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves the file at `path` under `/name` and returns its whole URL. The file is read anew for every request.
    pub fn serve_file(&self, name: &str, path: impl Into<PathBuf>) -> String {
        let _ = path.into();
        format!("{}/{name}", self.url())
    }

    /// Serves these bytes under `/name` and returns the whole URL.
    pub fn serve_bytes(&self, name: &str, bytes: impl Into<Bytes>) -> String {
        let _ = bytes.into();
        format!("{}/{name}", self.url())
    }

    /// Misbehaves for `/name` from now on; `None` behaves again.
    pub fn set_fault(&self, name: &str, fault: Option<Fault>) {
        let _ = (name, fault);
    }

    /// How many requests came for `/name`, of every method.
    pub fn requests(&self, name: &str) -> u64 {
        let _ = name;
        todo!()
    }

    /// Every request so far, oldest first, at most the last 10 000.
    pub fn log(&self) -> Vec<RequestRecord> {
        todo!()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        todo!()
    }

    /// How many bytes of bodies were handed to the network.
    pub fn bytes_sent(&self) -> u64 {
        todo!()
    }
}
