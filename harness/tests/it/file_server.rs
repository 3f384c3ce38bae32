//! The file server: what it serves, counts, and how it misbehaves.

use std::time::{Duration, Instant};

use ocean_testbed::{Fault, FileServer};

const TEXT: &str = "0123456789";

async fn get(url: &str, range: Option<&str>) -> (u16, String, reqwest::header::HeaderMap) {
    let mut request = reqwest::Client::new().get(url);
    if let Some(range) = range {
        request = request.header("range", range);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, response.text().await.unwrap(), headers)
}

#[tokio::test]
async fn files_ranges_and_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    std::fs::write(&path, TEXT).unwrap();
    let server = FileServer::start().await.unwrap();
    for url in [server.serve_file("a.csv", &path), server.serve_bytes("b/a.csv", TEXT)] {
        let (status, body, headers) = get(&url, None).await;
        assert_eq!((status, body.as_str()), (200, TEXT));
        assert_eq!(headers["content-length"], "10");
        assert_eq!(headers["content-type"], "text/csv");
        assert_eq!(headers["accept-ranges"], "bytes");
        assert!(headers.contains_key("etag"));
        let (status, body, headers) = get(&url, Some("bytes=7-")).await;
        assert_eq!((status, body.as_str()), (206, "789"));
        assert_eq!(headers["content-range"], "bytes 7-9/10");
        let (status, _, headers) = get(&url, Some("bytes=10-")).await;
        assert_eq!((status, &headers["content-range"]), (416, &"bytes */10".parse().unwrap()));
        let head = reqwest::Client::new().head(&url).send().await.unwrap();
        assert_eq!(head.headers()["content-length"], "10");
        let stale = reqwest::Client::new().get(&url).header("range", "bytes=7-").header("if-range", "\"old\"");
        assert_eq!(stale.send().await.unwrap().text().await.unwrap(), TEXT);
    }
    assert_eq!(server.requests("a.csv"), 5);
    assert_eq!(server.requests("b/a.csv"), 5);
    assert_eq!(server.requests("other"), 0);
    assert_eq!(server.total_requests(), 10);
    assert!(server.connections() >= 2);
    assert_eq!(server.bytes_sent(), 2 * (10 + 3 + 10));
    assert_eq!(server.log()[1].header("range"), Some("bytes=7-"));
    assert_eq!(get(&format!("{}/none", server.url()), None).await.0, 404);
}

#[tokio::test]
async fn faults() {
    let server = FileServer::start().await.unwrap();
    let url = server.serve_bytes("a", TEXT);
    server.set_fault("a", Some(Fault::CutAfter(4)));
    let response = reqwest::get(&url).await.unwrap();
    assert_eq!(response.content_length(), Some(10));
    assert!(response.bytes().await.is_err(), "the connection ends before the announced length");

    server.set_fault("a", Some(Fault::Delay(Duration::from_millis(150))));
    let begun = Instant::now();
    assert_eq!(get(&url, None).await.1, TEXT);
    assert!(begun.elapsed() >= Duration::from_millis(150));

    server.set_fault("a", Some(Fault::Trickle(4, Duration::from_millis(20))));
    let begun = Instant::now();
    assert_eq!(get(&url, None).await.1, TEXT);
    assert!(begun.elapsed() >= Duration::from_millis(60), "three pieces");

    let other = server.serve_bytes("b", "other");
    server.set_fault("a", Some(Fault::Redirect(other)));
    assert_eq!(get(&url, None).await.1, "other");

    server.set_fault("a", Some(Fault::Status(503)));
    assert_eq!(get(&url, None).await.0, 503);

    server.set_fault("a", Some(Fault::NoRange));
    let (status, body, _) = get(&url, Some("bytes=7-")).await;
    assert_eq!((status, body.as_str()), (200, TEXT));

    server.set_fault("a", Some(Fault::Endless));
    let mut response = reqwest::get(&url).await.unwrap();
    assert_eq!(response.content_length(), None);
    let mut read = 0;
    while read < 3_000_000 {
        read += response.chunk().await.unwrap().unwrap().len();
    }
    drop(response);

    server.set_fault("a", None);
    assert_eq!(get(&url, None).await, get(&url, None).await);
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections_and_frees_the_port() {
    let server = FileServer::start().await.unwrap();
    let url = server.serve_bytes("a", TEXT);
    server.set_fault("a", Some(Fault::Endless));
    let mut response = reqwest::get(&url).await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    let address: std::net::SocketAddr = server.url().strip_prefix("http://").unwrap().parse().unwrap();
    drop(server);
    let ended =
        tokio::time::timeout(Duration::from_secs(5), async { while let Ok(Some(_)) = response.chunk().await {} });
    ended.await.expect("the open connection ends");
    assert!(std::net::TcpStream::connect(address).is_err());
}
