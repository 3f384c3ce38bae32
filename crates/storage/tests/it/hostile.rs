//! Slow, endless, truncated and lying sources: each ends with a clear error in bounded time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use ocean_ddo::FileObject;
use ocean_storage::{Error, InfoOptions, Phase};
use tokio::{io::AsyncWriteExt as _, time::sleep};

use crate::server::{Server, get, local, patient, read_all, timeouts, with_headers};

/// What a busy machine may add to a deadline.
const SLACK: Duration = Duration::from_secs(1);

/// Opening and reading fails with `expected`, and neither that nor a probe takes longer than its deadlines.
async fn check(server: &Server, expected: Error) {
    let storage = local();
    let started = Instant::now();
    let outcome = match storage.open(&get(server.url("/a.csv")), None, None).await {
        Ok(file) => read_all(file).await.map(drop),
        Err(error) => Err(error),
    };
    assert_eq!(outcome, Err(expected));
    let open = started.elapsed();
    let limit = timeouts().first_byte + timeouts().idle + SLACK;
    assert!(open < limit, "open took {open:?}");

    let started = Instant::now();
    let options = InfoOptions { checksum: true, max_checksum: u64::MAX };
    let info = storage.info(&get(server.url("/a.csv")), options).await;
    let probe = started.elapsed();
    assert!(!info.valid && info.error.is_some(), "{info:?}");
    assert!(probe < timeouts().probe + SLACK, "info took {probe:?}");
}

#[tokio::test]
async fn a_source_that_never_answers() {
    let server = Server::start(|_, connection| {
        Box::pin(async move {
            sleep(Duration::from_secs(30)).await;
            drop(connection);
        })
    })
    .await;
    check(&server, Error::Deadline(Phase::FirstByte)).await;
}

#[tokio::test]
async fn a_source_that_sends_its_headers_drop_by_drop() {
    let server = Server::start(|_, mut connection| {
        Box::pin(async move {
            for byte in "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx".chars() {
                connection.send(&byte.to_string()).await;
                sleep(Duration::from_millis(100)).await;
            }
        })
    })
    .await;
    check(&server, Error::Deadline(Phase::FirstByte)).await;
}

#[tokio::test]
async fn a_source_that_pauses_in_the_body() {
    let server = Server::start(|_, mut connection| {
        Box::pin(async move {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
            sleep(Duration::from_secs(30)).await;
        })
    })
    .await;
    check(&server, Error::Deadline(Phase::Idle)).await;
}

#[tokio::test]
async fn truncated_bodies() {
    for response in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a size\r\n",
    ] {
        check(&Server::fixed(response).await, Error::Truncated).await;
    }
}

#[tokio::test]
async fn answers_that_are_not_http_or_out_of_bounds() {
    let broken = || Error::InvalidResponse("not HTTP, or its headers exceed the bounds");
    let many = "x: y\r\n".repeat(200);
    let long = "y".repeat(2_000_000);
    for response in [
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "\0\u{1}\u{2}garbage\r\n\r\n".to_owned(),
        String::new(),
        format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
        format!("HTTP/1.1 200 OK\r\nx: {long}\r\n\r\n"),
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_owned(),
    ] {
        check(&Server::fixed(response).await, broken()).await;
    }
}

#[tokio::test]
async fn endless_headers_cost_bounded_memory() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let server = Server::start(move |_, mut connection| {
        let count = count.clone();
        Box::pin(async move {
            connection.send("HTTP/1.1 200 OK\r\n").await;
            let line = format!("x: {}\r\n", "y".repeat(10_000));
            while connection.0.write_all(line.as_bytes()).await.is_ok() {
                count.fetch_add(line.len(), Ordering::SeqCst);
            }
        })
    })
    .await;
    let started = Instant::now();
    assert!(local().open(&get(server.url("/")), None, None).await.is_err());
    assert!(started.elapsed() < timeouts().first_byte + SLACK);
    sleep(Duration::from_millis(100)).await;
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent < 16 << 20, "the source could send {sent} bytes of headers");
}

#[tokio::test]
async fn a_status_without_a_file() {
    for status in [201, 204, 300, 304, 400, 401, 403, 404, 410, 500, 503] {
        let server = Server::fixed(format!("HTTP/1.1 {status} X\r\nconnection: close\r\n\r\n")).await;
        check(&server, Error::Status(status)).await;
    }
    assert!(Error::Status(404).is_not_found() && !Error::Status(404).is_retryable());
    assert!(Error::Status(503).is_retryable());
}

#[tokio::test]
async fn a_part_that_nobody_asked_for() {
    let part = "HTTP/1.1 206 Part\r\ncontent-range: bytes 0-0/9\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx";
    let server = Server::fixed(part).await;
    let error = local().open(&get(server.url("/")), None, None).await.unwrap_err();
    assert_eq!(error, Error::InvalidResponse("a part that nobody asked for"));
    assert_eq!(local().info(&get(server.url("/")), InfoOptions::default()).await.error, Some(Error::Status(206)));
}

#[tokio::test]
async fn more_bytes_than_announced_are_cut_off() {
    let server = Server::fixed("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndata and more").await;
    let file = patient().open(&get(server.url("/")), None, None).await.unwrap();
    assert_eq!(read_all(file).await.unwrap(), "data");
}

#[tokio::test]
async fn nobody_listens() {
    let address = Server::fixed("").await.address;
    let error = local().open(&get(format!("http://{address}/")), None, None).await.unwrap_err();
    assert_eq!(error, Error::Connect);
    assert!(error.is_retryable());
}

/// Sends for ever, counting.
async fn endless() -> (Server, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let server = Server::start(move |_, mut connection| {
        let count = count.clone();
        Box::pin(async move {
            connection.send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            let piece = [b'x'; 64 * 1024];
            while connection.0.write_all(&piece).await.is_ok() {
                count.fetch_add(piece.len(), Ordering::SeqCst);
            }
            count.store(usize::MAX, Ordering::SeqCst);
        })
    })
    .await;
    (server, sent)
}

#[tokio::test]
async fn an_endless_body_is_not_hashed_beyond_the_limit() {
    let (server, _) = endless().await;
    let options = InfoOptions { checksum: true, max_checksum: 1 << 20 };
    let info = local().info(&get(server.url("/")), options).await;
    assert!(info.valid && info.checksum.is_none(), "{info:?}");
    // Without a limit worth the name the deadline ends it.
    let started = Instant::now();
    let info = local().info(&get(server.url("/")), InfoOptions { checksum: true, max_checksum: u64::MAX }).await;
    assert_eq!(info.error, Some(Error::Deadline(Phase::Probe)));
    assert!(started.elapsed() < timeouts().probe + SLACK);
}

#[tokio::test]
async fn a_slow_reader_holds_the_source_back_and_leaving_closes_it() {
    let (server, sent) = endless().await;
    let mut file = local().open(&get(server.url("/")), None, None).await.unwrap();
    file.body.next().await.unwrap().unwrap();
    // Longer than the idle deadline: it runs only while somebody waits for bytes.
    sleep(Duration::from_millis(700)).await;
    let before = sent.load(Ordering::SeqCst);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(sent.load(Ordering::SeqCst), before, "the source goes on sending");
    assert!(before < 32 << 20, "{before} bytes are buffered somewhere");
    file.body.next().await.unwrap().unwrap();

    drop(file);
    let waited = Instant::now();
    while sent.load(Ordering::SeqCst) != usize::MAX {
        assert!(waited.elapsed() < Duration::from_secs(5), "the connection stays open");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn no_error_tells_where_the_file_lies() {
    let server = Server::fixed("HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n").await;
    let gone = Server::fixed("").await.address;
    let port = server.address.port();
    let mut checked = 0;
    for url in [
        format!("http://s3cret:s3cret@127.0.0.1:{port}/s3cret?token=s3cret"),
        format!("http://s3cret:s3cret@{gone}/s3cret?token=s3cret"),
        "http://s3cret.invalid/s3cret".to_owned(),
        "s3cret://s3cret@s3cret/".to_owned(),
        "http://[s3cret/".to_owned(),
        format!("http://169.254.169.254:{port}/s3cret"),
    ] {
        for headers in [&[("x-key", "s3cret")][..], &[("s3cret key", "s3cret")], &[("x-key", "s3cret\r\nx: y")]] {
            let file = with_headers(url.clone(), headers);
            let info = local().info(&file, InfoOptions::default()).await;
            let error = local().open(&file, None, None).await.unwrap_err();
            let shown = format!("{info:?} {error} {error:?} {file:?}");
            assert!(!shown.contains("s3cret"), "{shown}");
            assert!(!format!("{info:?} {error} {error:?}").contains("127.0.0.1"), "{shown}");
            checked += 1;
        }
    }
    assert_eq!(checked, 18);
}

#[tokio::test]
async fn unusable_file_objects() {
    let storage = local();
    let ipfs = |hash: &str| FileObject::Ipfs { hash: hash.to_owned() };
    let open = async |file: FileObject| storage.open(&file, None, None).await.unwrap_err();
    assert_eq!(open(ipfs("QmHash")).await, Error::Unsupported("ipfs"));
    assert_eq!(open(FileObject::Arweave { transaction_id: "id".to_owned() }).await, Error::Unsupported("arweave"));
    let many: Vec<(String, String)> = (0..60).map(|index| (format!("x-{index}"), "y".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(open(with_headers("http://127.0.0.1/", &many)).await, Error::InvalidHeader("too many"));
    let range = storage.open(&get("http://127.0.0.1/"), Some("bytes=0-\r\nx: y"), None).await.unwrap_err();
    assert_eq!(range, Error::InvalidHeader("the range"));
}
