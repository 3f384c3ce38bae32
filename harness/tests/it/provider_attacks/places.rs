//! Where files may lie (R3), how long a source may take (R4), how much a request may hold, and what logs tell (R14).

use std::{
    io,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, join_all};
use ocean_primitives::Dialect;
use ocean_protocol::{DocumentForm, FileObject, Pricing, PublishAsset};
use ocean_provider::Limits;
use ocean_service::run::tells_no_secret;
use ocean_storage::AddressPolicy;
use ocean_testbed::Fault;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tracing_subscriber::{Layer as _, filter::filter_fn, layer::SubscriberExt as _};

use super::{
    decrypt::{provider, publish, request, serve},
    world::{BUYER, Download, SECRET_HEADER, SECRET_PATH, SECRET_QUERY, World},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_for_the_public_reaches_nothing_else() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    // A listener that answers nothing: whoever connects is counted.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let url = serve(provider(&world.testbed, Dialect::Provider, AddressPolicy::default(), Limits::default())).await;
    let post = async |body: serde_json::Value| {
        world.send(Method::POST, &format!("{url}/api/services/fileinfo"), &[], body.to_string()).await
    };
    let begun = Instant::now();
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.1",
        "127.255.255.254",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "user:secret@127.0.0.1",
        "127.0.0.1%2F",
        "ip6-localhost",
        "%6c%6f%63%61%6c%68%6f%73%74",
        "\u{ff11}27.0.0.1",
        "name.invalid",
    ] {
        let answer = post(json!({"type": "url", "url": format!("http://{host}:{port}/file")})).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "[{\"index\":0,\"type\":\"url\",\"valid\":false}]\n"),
            "{host}"
        );
    }
    for address in
        ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x", "data:text/plain,x", "http:///x", "http://"]
    {
        let answer = post(json!({"type": "url", "url": address})).await;
        assert!(answer.status == 400 || answer.text().contains("\"valid\":false"), "{address}: {}", answer.text());
        assert!(!answer.text().contains("root:"), "{address}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0, "the target was reached");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());

    // The asset of the network lies on this machine: not offered, not served.
    let before = (world.files.requests(SECRET_PATH), world.files.connections());
    let info = post(json!({"did": world.did(), "serviceId": "first"})).await;
    assert_eq!(info.json()[0], json!({"index": 0, "type": "url", "valid": false}));
    let consumer = world.address(BUYER);
    let path = format!(
        "/api/services/initialize?documentId={}&serviceId=first&consumerAddress={consumer}&fileIndex=0",
        world.did()
    );
    let refused = world.send(Method::GET, &format!("{url}{path}"), &[], "").await;
    refused.refused(
        "initialize",
        400,
        "Asset URL not found, not available or invalid. Payload was: ImmutableMultiDict(",
    );
    let refused = world.send(Method::GET, &format!("{url}{}", world.download(BUYER, order).path()), &[], "").await;
    refused.refused("download", 400, "Provider Ganache: Asset URL not found, not available or invalid.");
    assert_eq!((world.files.requests(SECRET_PATH), world.files.connections()), before);

    // A redirect does not lead there either, and not to where it came from for ever.
    let mut storage = ocean_storage::Storage::builder().policy(AddressPolicy::default());
    storage = storage.resolver(Arc::new(Names)).permit("127.0.0.1".parse().unwrap());
    let storage = storage.build().unwrap();
    let object = |name: &str| FileObject::url(format!("{}/{name}", world.files.url()));
    for (index, target) in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("//2130706434:{port}/"),
    ]
    .iter()
    .enumerate()
    {
        let name = format!("redirect-{index}");
        world.files.set_fault(&name, Some(Fault::Redirect(target.clone())));
        assert!(!storage.info(&object(&name), ocean_storage::InfoOptions::default()).await.valid, "{target}");
        assert!(storage.open(&object(&name), None, None).await.is_err(), "{target}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0, "a redirect reached the target");
    world.files.set_fault("loop", Some(Fault::Redirect("/loop".to_owned())));
    let before = world.files.requests("loop");
    assert!(storage.open(&object("loop"), None, None).await.is_err());
    assert_eq!(world.files.requests("loop") - before, 6, "one request and five redirects");
    world.testbed.stop().await.unwrap();
}

/// Every name is the address of this machine that no rule permits.
#[derive(Debug)]
struct Names;

impl ocean_storage::HostResolver for Names {
    fn resolve<'a: 'c, 'b: 'c, 'c>(&'a self, _: &'b str) -> BoxFuture<'c, io::Result<Vec<IpAddr>>> {
        Box::pin(async { Ok(vec![Ipv6Addr::LOCALHOST.into()]) })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_is_refused_before_it_has_arrived() {
    let world = World::start().await;
    let host = world.testbed.provider_url().trim_start_matches("http://").to_owned();
    for (path, length) in [
        ("encrypt?chainId=8996", 1_u64 << 40),
        ("fileinfo", 2 << 20),
        ("decrypt", 1 << 40),
        ("validateContainer", 2 << 20),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
        let head = format!(
            "POST /api/services/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 1_000];
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut answer)).await.expect(path).unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
    }
    // The same without a length that says it in advance.
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    let head = format!("POST /api/services/fileinfo HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let (mut reader, mut writer) = stream.split();
    let mut answer = vec![0; 1_000];
    let flood = async {
        for _ in 0..64 {
            if writer.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let read = tokio::select! {
        read = tokio::time::timeout(Duration::from_secs(5), reader.read(&mut answer)) => read.expect("an answer").unwrap(),
        () = flood => 0,
    };
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    world.testbed.stop().await.unwrap();
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// On one thread, whose log lines are all caught; the Provider runs on it too, the rest of the network does not.
#[tokio::test]
async fn the_log_of_a_real_download_tells_no_secret() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    let document = publish(&world, ocean_crypto::Flags::ECIES, "MARK-OF-THE-DOCUMENT").await;
    let log = Log::default();
    let writer = log.clone();
    // What the programs write with `RUST_LOG=trace`.
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter_fn(tells_no_secret)));
    // With a single subscriber, log lines that other tests' threads reach first are off for every thread.
    let other = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let caught = tracing::subscriber::set_default(subscriber);
    let url =
        serve(provider(&world.testbed, Dialect::Provider, AddressPolicy { allow_private: true }, Limits::default()))
            .await;
    let download = world.download(BUYER, order);
    let signature = download.signature();
    // The requests themselves are made elsewhere: a client's log is its own business.
    let missing = Download { index: "1".to_owned(), ..world.download(BUYER, order) };
    let body =
        request(&world, Dialect::Provider, &document.nft.to_checksum(None), &json!(8996), &document.by_transaction());
    let info = json!({"type": "url", "url": format!("{}/{SECRET_PATH}?{SECRET_QUERY}", world.files.url()), "headers": {"X-Key": SECRET_HEADER}});
    let requests = vec![
        (Method::GET, download.path(), String::new()),
        (Method::GET, download.path(), String::new()),
        (Method::GET, missing.path(), String::new()),
        (Method::POST, "/api/services/decrypt".to_owned(), body.to_string()),
        (Method::POST, "/api/services/fileinfo".to_owned(), info.to_string()),
        (Method::POST, "/api/services/encrypt?chainId=8996".to_owned(), "MARK-OF-THE-CLEAR-TEXT".to_owned()),
    ];
    let http = world.http.clone();
    let (done, finished) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let statuses = runtime.block_on(async {
            let mut statuses = Vec::new();
            for (method, path, body) in requests {
                let request = http
                    .request(method, format!("{url}{path}"))
                    .header("content-type", "application/octet-stream")
                    .body(body);
                let response = request.send().await.unwrap();
                statuses.push(response.status().as_u16());
                response.bytes().await.unwrap();
            }
            statuses
        });
        done.send(statuses).unwrap();
    });
    assert_eq!(finished.await.unwrap(), [200, 400, 400, 201, 200, 201]);
    drop((caught, other));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("endpoint=Download"), "nothing was logged: {}", &log[..log.len().min(3000)]);
    let ciphertext = alloy::hex::encode(&document.payload[60..100]);
    let secrets = [
        SECRET_PATH,
        SECRET_QUERY,
        SECRET_HEADER,
        "only who has paid",
        "MARK-OF-THE-",
        &signature[2..40],
        &body["signature"].as_str().unwrap()[2..40],
        &ciphertext,
    ];
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line.map(|line| line.chars().take(300).collect::<String>()), None, "{secret}");
    }
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_source_does_not_hold_the_provider() {
    let world = World::start().await;
    let slow = world.files.serve_bytes("slow.csv", "slow");
    world.files.set_fault("slow.csv", Some(Fault::Delay(Duration::from_secs(4))));
    let mut asset = PublishAsset::new("Slow", vec![FileObject::url(&slow)], Pricing::free()).form(DocumentForm::Plain);
    asset.wait = true;
    let asset = world.publisher.publish(asset).await.unwrap();
    let state = provider(&world.testbed, Dialect::Provider, AddressPolicy { allow_private: true }, Limits::default());
    let timeouts = ocean_storage::Timeouts::from_request_timeout(Duration::from_secs(1));
    let storage = ocean_storage::Storage::builder()
        .policy(AddressPolicy { allow_private: true })
        .timeouts(timeouts)
        .build()
        .unwrap();
    drop(state);
    let begun = Instant::now();
    let info = storage.info(&FileObject::url(&slow), ocean_storage::InfoOptions::default()).await;
    assert!(!info.valid && begun.elapsed() < Duration::from_secs(2), "{:?} after {:?}", info, begun.elapsed());
    // Meanwhile others are served, also while many wait for the slow one.
    let asked = json!({"did": asset.did, "serviceId": "0"});
    let waiting = join_all((0..20).map(|_| world.post("/api/services/fileinfo", &asked)));
    let others = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let begun = Instant::now();
        assert_eq!(world.get("/").await.status, 200);
        begun.elapsed()
    };
    let (answers, took) = tokio::join!(waiting, others);
    assert!(took < Duration::from_secs(2), "{took:?}");
    for answer in answers {
        assert_eq!(answer.json()[0]["valid"], true, "{}", answer.text());
    }
    world.testbed.stop().await.unwrap();
}
