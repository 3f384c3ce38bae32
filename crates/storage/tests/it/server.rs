//! A scripted HTTP server: it counts connections, keeps what was sent to it, and answers byte for byte what a test wants.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, future::BoxFuture};
use ocean_ddo::{FileObject, HttpMethod};
use ocean_storage::{AddressPolicy, OpenFile, Result, Storage, StorageBuilder, Timeouts};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// One request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A connection that the test may misuse.
pub(crate) struct Connection(pub(crate) TcpStream);

impl Connection {
    pub(crate) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.ok();
    }

    /// A complete answer.
    pub(crate) async fn answer(&mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        self.send(&format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ))
        .await;
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Request>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    pub(crate) async fn start<F>(handler: F) -> Self
    where
        F: Fn(Request, Connection) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        Self::start_at("127.0.0.1:0", handler).await
    }

    pub(crate) async fn start_at<F>(address: &str, handler: F) -> Self
    where
        F: Fn(Request, Connection) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (count, seen, handler) = (connections.clone(), requests.clone(), Arc::new(handler));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, handler) = (seen.clone(), handler.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    if let Some(request) = read(&mut stream).await {
                        seen.lock().unwrap().push(request.clone());
                        handler(request, Connection(stream)).await;
                    }
                });
            }
        });
        Self { address, connections, requests, accepting }
    }

    /// Answers every request with the same bytes.
    pub(crate) async fn fixed(response: impl Into<String>) -> Self {
        let response = response.into();
        Self::start(move |_, mut connection| {
            let response = response.clone();
            Box::pin(async move { connection.send(&response).await })
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let mut request =
        Request { method: words.next()?.to_owned(), target: words.next()?.to_owned(), ..Request::default() };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request.headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length: usize = request.headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + length {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
    request.body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some(request)
}

/// Deadlines short enough for tests and long enough for a busy machine.
pub(crate) fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(500),
        first_byte: Duration::from_millis(500),
        idle: Duration::from_millis(500),
        probe: Duration::from_millis(800),
    }
}

/// As a server on the open internet has it.
pub(crate) fn public() -> StorageBuilder {
    Storage::builder().timeouts(timeouts())
}

/// As a server on a local network has it.
pub(crate) fn local() -> Storage {
    public().policy(AddressPolicy { allow_private: true }).build().unwrap()
}

/// As [`local`], with time for a busy machine: for what must succeed.
pub(crate) fn patient() -> Storage {
    Storage::builder().policy(AddressPolicy { allow_private: true }).build().unwrap()
}

pub(crate) fn get(url: impl Into<String>) -> FileObject {
    with_headers(url, &[])
}

pub(crate) fn with_headers(url: impl Into<String>, headers: &[(&str, &str)]) -> FileObject {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    FileObject::Url { url: url.into(), method: HttpMethod::Get, headers }
}

pub(crate) fn post(url: impl Into<String>) -> FileObject {
    FileObject::Url { url: url.into(), method: HttpMethod::Post, headers: BTreeMap::new() }
}

/// The whole body, or the error that ended it.
pub(crate) async fn read_all(mut file: OpenFile) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = file.body.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(String::from_utf8(bytes).unwrap())
}
