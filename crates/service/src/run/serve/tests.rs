use std::time::Instant;

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

use super::*;

/// A server with little patience, and what stops it.
async fn start(head: Duration) -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let slow = || async {
        time::sleep(Duration::from_millis(300)).await;
        "slow"
    };
    let router = Router::new().route("/", get(|| async { "here" })).route("/slow", get(slow));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = serve_within(head, listener, router, async { drop(stopped.await) });
    (address, stop, tokio::spawn(served))
}

/// Everything that comes until the server closes the connection, which it does soon.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = time::timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await;
    read.expect("the connection is closed").ok();
    text
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    let (address, _stop, _server) = start(Duration::from_millis(200)).await;
    for begun in ["", "GET / HTT", "GET / HTTP/1.1\r\nHost: x\r\nX-A: "] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert!(!rest(&mut stream).await.contains("here"), "{begun}");
    }
    // Byte by byte, each within the time.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) && stream.write_all(b"G").await.is_ok() {
        time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "a dripping head holds its connection");
    // An answer may take longer than a head.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("slow"));
}

#[tokio::test]
async fn a_stopped_server_ends_what_runs_and_takes_nothing_more() {
    let (address, stop, server) = start(Duration::from_secs(60)).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 512];
    let read = idle.read(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).ends_with("here"));
    let mut running = TcpStream::connect(address).await.unwrap();
    running.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    time::sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    assert!(rest(&mut running).await.ends_with("slow"), "a running request is answered");
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");
    time::timeout(Duration::from_secs(5), server).await.expect("the server ends").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
