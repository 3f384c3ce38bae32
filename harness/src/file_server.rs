//! A local HTTP server for the files that assets point to. It counts, and it can misbehave.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, SeekFrom},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
    serve::ListenerExt as _,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncSeekExt as _},
    net::TcpListener,
    sync::oneshot,
};
use tokio_util::io::ReaderStream;

use crate::{Error, Result};

/// How many requests are remembered.
const LOG_LIMIT: usize = 10_000;
/// The size of the pieces in which bodies are sent.
const CHUNK: usize = 64 * 1024;

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
    /// Sends this many bytes, then waits this long, again and again until the file is sent.
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
    /// The headers, with lower-case names; bytes that are not text are replaced.
    pub headers: Vec<(String, String)>,
}

impl RequestRecord {
    /// The first header of this name, which must be lower-case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A file server on a free loopback port. It runs in a thread of its own and ends, with every open connection, when this value is dropped.
///
/// It answers GET, HEAD and POST with `Content-Length`, `Content-Type`, `ETag` and `Accept-Ranges`, and understands a `Range` of one span and `If-Range`.
#[derive(Debug)]
pub struct FileServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<Inner>,
    connections: AtomicU64,
    bytes_sent: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<String, Content>,
    faults: BTreeMap<String, Fault>,
    requests: BTreeMap<String, u64>,
    log: VecDeque<RequestRecord>,
}

#[derive(Debug, Clone)]
enum Content {
    Path(PathBuf),
    Bytes(Bytes),
}

impl FileServer {
    /// Starts the server.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> Result<Self> {
        Self::start_at(Ipv4Addr::LOCALHOST.into()).await
    }

    /// Starts the server on a free port of another address of this machine, for example 127.0.0.2.
    ///
    /// # Errors
    /// When no port can be opened there.
    pub async fn start_at(address: IpAddr) -> Result<Self> {
        let failed = || Error::io("opening a port on", address.to_string());
        let listener = std::net::TcpListener::bind((address, 0)).map_err(failed())?;
        listener.set_nonblocking(true).map_err(failed())?;
        let address = listener.local_addr().map_err(failed())?;
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed())?;
        let for_thread = Arc::clone(&shared);
        // A runtime of its own: ending it ends the open connections, too.
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = serve(listener, for_thread) => {
                        if let Err(error) = result {
                            tracing::error!(%error, "the file server has ended");
                        }
                    }
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://<address>:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves the file at `path` under `/name` and returns its whole URL. The file is read anew for every request.
    pub fn serve_file(&self, name: &str, path: impl Into<PathBuf>) -> String {
        self.serve(name, Content::Path(path.into()))
    }

    /// Serves these bytes under `/name` and returns the whole URL.
    pub fn serve_bytes(&self, name: &str, bytes: impl Into<Bytes>) -> String {
        self.serve(name, Content::Bytes(bytes.into()))
    }

    fn serve(&self, name: &str, content: Content) -> String {
        let name = name.trim_start_matches('/');
        self.shared.lock().files.insert(name.to_owned(), content);
        format!("{}/{name}", self.url())
    }

    /// Misbehaves for `/name` from now on; `None` behaves again. The file need not exist.
    pub fn set_fault(&self, name: &str, fault: Option<Fault>) {
        let mut state = self.shared.lock();
        match fault {
            Some(fault) => state.faults.insert(name.to_owned(), fault),
            None => state.faults.remove(name),
        };
    }

    /// How many requests came for `/name`, of every method.
    pub fn requests(&self, name: &str) -> u64 {
        self.shared.lock().requests.get(name).copied().unwrap_or_default()
    }

    /// How many requests came for any path.
    pub fn total_requests(&self) -> u64 {
        self.shared.lock().requests.values().sum()
    }

    /// Every request so far, oldest first, at most the last 10 000.
    pub fn log(&self) -> Vec<RequestRecord> {
        self.shared.lock().log.iter().cloned().collect()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// How many bytes of bodies were handed to the network.
    pub fn bytes_sent(&self) -> u64 {
        self.shared.bytes_sent.load(Ordering::Relaxed)
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let counted = Arc::clone(&shared);
    let listener = TcpListener::from_std(listener)?.tap_io(move |stream| {
        counted.connections.fetch_add(1, Ordering::Relaxed);
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().fallback(answer).with_state(shared)).await
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let name = parts.uri.path().trim_start_matches('/').to_owned();
    let (content, fault) = {
        let mut state = shared.lock();
        *state.requests.entry(name.clone()).or_default() += 1;
        if state.log.len() == LOG_LIMIT {
            state.log.pop_front();
        }
        state.log.push_back(RequestRecord {
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
        });
        (state.files.get(&name).cloned(), state.faults.get(&name).cloned())
    };
    match fault {
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        Some(Fault::Redirect(to)) => return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, "as the test wants it\n").into_response();
        }
        Some(Fault::Endless) => {
            let zeros = stream::repeat(Bytes::from_static(&[0; CHUNK])).map(Ok);
            return ([(header::CONTENT_TYPE, "application/octet-stream")], body(zeros, &shared)).into_response();
        }
        _ => {}
    }
    let Some(content) = content else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    if ![Method::GET, Method::HEAD, Method::POST].contains(&parts.method) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match send(&name, content, fault, &parts.method, &parts.headers, &shared).await {
        Ok(response) => response,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{name}: {error}\n")).into_response(),
    }
}

async fn send(
    name: &str,
    content: Content,
    fault: Option<Fault>,
    method: &Method,
    headers: &HeaderMap,
    shared: &Arc<Shared>,
) -> io::Result<Response> {
    let (length, etag) = match &content {
        Content::Bytes(bytes) => (bytes.len() as u64, hex::encode(&Sha256::digest(bytes)[..8])),
        Content::Path(path) => {
            let meta = tokio::fs::metadata(path).await?;
            let modified = meta.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            (meta.len(), format!("{:x}-{:x}", meta.len(), modified.as_nanos()))
        }
    };
    let etag = format!("\"{etag}\"");
    let same = headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == etag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| same && fault != Some(Fault::NoRange));
    let range = match range.and_then(|value| value.to_str().ok()).map(|value| parse_range(value, length)) {
        None | Some(Span::Ignored) => None,
        Some(Span::Satisfiable(range)) => Some(range),
        Some(Span::Unsatisfiable) => {
            let size = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, size).into_response());
        }
    };
    let mut response = Response::builder()
        .status(if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(header::ACCEPT_RANGES, if fault == Some(Fault::NoRange) { "none" } else { "bytes" })
        .header(header::CONTENT_TYPE, content_type(name))
        .header(header::ETAG, etag);
    if let Some(range) = &range {
        response = response
            .header(header::CONTENT_RANGE, format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1)));
    }
    let range = range.unwrap_or(0..length);
    response = response.header(header::CONTENT_LENGTH, range.end - range.start);
    if method == Method::HEAD {
        return response.body(Body::empty()).map_err(io::Error::other);
    }
    let sent = match fault {
        Some(Fault::CutAfter(bytes)) => range.start..range.end.min(range.start.saturating_add(bytes)),
        _ => range.clone(),
    };
    let chunk = match fault {
        Some(Fault::Trickle(bytes, _)) => bytes.max(1),
        _ => CHUNK,
    };
    let pieces = read(content, sent.clone(), chunk).await?;
    let pause = match fault {
        Some(Fault::Trickle(_, pause)) => pause,
        _ => Duration::ZERO,
    };
    let pieces = pieces.then(move |piece| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        piece
    });
    // An error in the body makes the server close the connection before the announced length.
    // What came before is handed to the network only when the body lets the connection wait once.
    let cut = stream::iter((sent.end < range.end).then_some(())).then(|()| async {
        tokio::task::yield_now().await;
        Err(io::Error::other("cut, as the test wants it"))
    });
    response.body(body(pieces.chain(cut), shared)).map_err(io::Error::other)
}

/// The bytes of a range in pieces, without holding a file in memory.
async fn read(
    content: Content,
    range: Range<u64>,
    chunk: usize,
) -> io::Result<stream::BoxStream<'static, io::Result<Bytes>>> {
    match content {
        Content::Bytes(bytes) => {
            let whole = bytes.slice(range.start as usize..range.end as usize);
            let pieces = stream::unfold(whole, move |mut rest| async move {
                let piece = rest.split_to(rest.len().min(chunk));
                (!piece.is_empty()).then_some((Ok(piece), rest))
            });
            Ok(pieces.boxed())
        }
        Content::Path(path) => {
            let mut file = tokio::fs::File::open(path).await?;
            file.seek(SeekFrom::Start(range.start)).await?;
            Ok(ReaderStream::with_capacity(file.take(range.end - range.start), chunk).boxed())
        }
    }
}

fn body(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static, shared: &Arc<Shared>) -> Body {
    let shared = Arc::clone(shared);
    Body::from_stream(pieces.inspect(move |piece| {
        if let Ok(piece) = piece {
            shared.bytes_sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
    }))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// What a `Range` header asks for (RFC 9110, section 14.2).
#[derive(Debug, PartialEq, Eq)]
enum Span {
    /// Not understood, or several spans: the whole file is the answer.
    Ignored,
    Satisfiable(Range<u64>),
    Unsatisfiable,
}

fn parse_range(value: &str, length: u64) -> Span {
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return Span::Ignored;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), _) if last.is_empty() => first..length,
        (_, Ok(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return Span::Ignored,
    };
    if range.start < range.end { Span::Satisfiable(range) } else { Span::Unsatisfiable }
}

#[cfg(test)]
mod tests;
