//! What a stranger's URL must not reach. Every case counts the connections that the target saw.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use ocean_ddo::FileObject;
use ocean_storage::{AddressClass, AddressPolicy, Error, Guard, HostResolver, InfoOptions, Storage, classify};
use serde_json::json;

use crate::{
    objects,
    server::{Server, get, local, post, public, read_all},
};

/// Spellings of this machine, with the port left out.
pub(crate) const LOOPBACK: [&str; 36] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "0x000000007f.0.0.01",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "user@127.0.0.1",
    "example.com:80@127.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "0.0.0.0",
    "0",
    "0x0",
    "0.1",
    "[::]",
    "localhost",
];

/// Other places inside: private, shared, link-local, multicast and reserved ranges, and IPv6 forms that carry them.
const INSIDE: [&str; 50] = [
    "10.0.0.1",
    "10.255.255.255",
    "0x0a000001",
    "167772161",
    "012.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::169.254.169.254]",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.255.255",
    "0xc0a80001",
    "3232235521",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "0xffffffff",
    "4294967295",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[100::1]",
];

/// A server that must not hear anything, on every local address that the machine has.
pub(crate) async fn target() -> Server {
    Server::start_at("0.0.0.0:0", |_, mut connection| {
        Box::pin(async move { connection.answer("200 OK", "", "inside").await })
    })
    .await
}

#[track_caller]
fn assert_refused(what: &str, error: &Error) {
    assert!(error.is_refused(), "{what}: {error:?}");
}

/// Every way to reach `url` is refused.
async fn check_refused(storage: &Storage, url: &str) {
    let file = get(url);
    let info = storage.info(&file, InfoOptions { checksum: true, max_checksum: 1 << 20 }).await;
    assert!(!info.valid, "{url}");
    assert_refused(url, &info.error.unwrap());
    assert_refused(url, &storage.info(&file, InfoOptions::default()).await.error.unwrap());
    assert_refused(url, &storage.open(&file, None, None).await.unwrap_err());
    assert_refused(url, &storage.head(&file, Some("bytes=0-1"), None).await.unwrap_err());
}

#[tokio::test]
async fn no_spelling_of_an_inner_address_is_reached() {
    let target = target().await;
    let storage = public().build().unwrap();
    let mut urls = Vec::new();
    for host in LOOPBACK.into_iter().chain(INSIDE) {
        urls.push(format!("http://{host}:{}/", target.address.port()));
        urls.push(format!("HTTP:\\\\{host}:{}\\x", target.address.port()));
        urls.push(format!("https://{host}:{}/a.csv?b=c#d", target.address.port()));
    }
    assert!(urls.len() >= 200, "{}", urls.len());
    for url in urls {
        check_refused(&storage, &url).await;
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn no_kind_of_file_reaches_an_inner_address() {
    let target = target().await;
    let storage = public().build().unwrap();
    let mut checked = 0;
    for host in LOOPBACK.into_iter().chain(INSIDE) {
        let place = format!("{host}:{}", target.address.port());
        let url = format!("http://{place}");
        let key = json!({"accountKey": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI="});
        for file in [
            objects::s3(&url, json!({})),
            objects::s3(&place, json!({"forcePathStyle": true})),
            objects::azure(&url, json!({})),
            objects::azure(&url, key),
            objects::gcs(&url, json!({})),
            FileObject::Ftp { url: format!("ftp://{place}/a.csv") },
            FileObject::Graphql { url: format!("{url}/graphql"), query: "{a}".to_owned(), headers: BTreeMap::new() },
            post(format!("{url}/a")),
        ] {
            let error = storage.open(&file, None, None).await.unwrap_err();
            // Some spellings are no host of a URL, and so no host of an endpoint.
            assert!(error.is_refused(), "{} at {host}: {error:?}", file.kind());
            let info = storage.info(&file, InfoOptions { checksum: true, max_checksum: 1 << 20 }).await;
            assert!(!info.valid && info.error.is_some_and(|error| error.is_refused()), "{} at {host}", file.kind());
            checked += 1;
        }
    }
    assert!(checked >= 600, "{checked}");
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_for_every_kind_of_file() {
    let target = target().await;
    let port = target.address.port();
    let url = format!("http://name.test:{port}");
    for file in [
        objects::s3(&url, json!({})),
        objects::azure(&url, json!({})),
        objects::gcs(&url, json!({})),
        FileObject::Ftp { url: format!("ftp://name.test:{port}/a.csv") },
    ] {
        for answer in [&["127.0.0.1"][..], &["93.184.216.34", "127.0.0.1"], &["::ffff:127.0.0.1"], &["169.254.169.254"]]
        {
            let storage = public().resolver(Script::new(&[answer])).build().unwrap();
            let error = storage.open(&file, None, None).await.unwrap_err();
            assert_eq!(error, Error::Address, "{} {answer:?}", file.kind());
        }
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn other_schemes_and_broken_urls_are_refused() {
    let storage = local();
    for url in [
        "",
        "./a/b.txt",
        "//127.0.0.1/",
        "http://",
        "http:///",
        "http://[::1",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://0x1ffffffff/",
        "http://a b/",
        "http://exa\u{0}mple/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "unix:/var/run/docker.sock",
        "ws://127.0.0.1/",
    ] {
        check_refused(&storage, url).await;
    }
    check_refused(&storage, &format!("http://127.0.0.1/{}", "a".repeat(10_000))).await;
}

/// Answers from a list, one entry per resolution, the last one again and again.
#[derive(Debug)]
struct Script {
    answers: Mutex<Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().map(|addresses| addresses.to_vec()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl HostResolver for Script {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if host == "missing.test" {
            return Err(io::Error::other("no such host"));
        }
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Ok(answer.iter().map(|address| address.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn names_are_refused_for_what_they_resolve_to() {
    let target = target().await;
    let answers: [&[&str]; 10] = [
        &["127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["0.0.0.0"],
        &["fd00::1"],
        &["93.184.216.34", "127.0.0.1"],
        &["127.0.0.1", "93.184.216.34"],
        &[],
    ];
    for answer in answers {
        let storage = public().resolver(Script::new(&[answer])).build().unwrap();
        let url = format!("http://name.test:{}/", target.address.port());
        let error = storage.open(&get(url), None, None).await.unwrap_err();
        let expected = if answer.is_empty() { Error::Unresolved } else { Error::Address };
        assert_eq!(error, expected, "{answer:?}");
    }
    let storage = public().resolver(Script::new(&[&["93.184.216.34"]])).build().unwrap();
    let error = storage.open(&get("http://missing.test/"), None, None).await.unwrap_err();
    assert_eq!(error, Error::Unresolved);
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_name_of_the_hosts_file_is_refused() {
    let target = target().await;
    let storage = public().build().unwrap();
    for host in ["localhost", "LOCALHOST", "localhost."] {
        check_refused(&storage, &format!("http://{host}:{}/", target.address.port())).await;
    }
    check_refused(&storage, "http://does-not-exist.invalid/").await;
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_changes_after_the_check_reaches_nothing() {
    let outside = Server::start_at("127.0.0.2:0", |_, mut connection| {
        Box::pin(async move { connection.answer("200 OK", "", "outside").await })
    })
    .await;
    let resolver = Script::new(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let storage = public().permit("127.0.0.2".parse().unwrap()).resolver(resolver.clone()).build().unwrap();
    let url = format!("http://rebind.test:{}/", outside.address.port());

    // There is one resolution per connection: no second answer for an attacker to change.
    let file = storage.open(&get(&url), None, None).await.unwrap();
    assert_eq!(read_all(file).await.unwrap(), "outside");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);

    // The next connection resolves anew, and what it gets is what is checked.
    let port = outside.address.port();
    let inside = Server::start_at(&format!("127.0.0.1:{port}"), |_, mut connection| {
        Box::pin(async move { connection.answer("200 OK", "", "inside").await })
    })
    .await;
    let error = storage.open(&get(&url), None, None).await.unwrap_err();
    assert_eq!(error, Error::Address);
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 2);
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn private_addresses_are_reached_when_allowed_and_forbidden_ones_never() {
    let target = target().await;
    let storage = local();
    let file = storage.open(&get(format!("http://127.0.0.1:{}/", target.address.port())), None, None).await.unwrap();
    assert_eq!(read_all(file).await.unwrap(), "inside");
    assert_eq!(target.connections(), 1);
    for host in ["0.0.0.0", "[::]", "169.254.169.254", "[fe80::1]", "224.0.0.1", "255.255.255.255", "[::ffff:0.0.0.0]"]
    {
        check_refused(&storage, &format!("http://{host}:{}/", target.address.port())).await;
    }
    assert_eq!(target.connections(), 1);
}

#[test]
fn a_permitted_address_permits_no_other() {
    let guard = Guard::new(AddressPolicy::default()).permit("10.1.2.3".parse().unwrap());
    let check = |url: &str| guard.check(&url.parse().unwrap());
    assert_eq!(check("http://10.1.2.3/"), Ok(()));
    assert_eq!(check("http://10.1.2.4/"), Err(Error::Address));
    assert_eq!(check("http://93.184.216.34/"), Ok(()));
    assert_eq!(check("http://name.example/"), Ok(()), "names are checked when they are connected to");
}

#[test]
fn addresses_have_their_class() {
    use AddressClass::{Forbidden, Private, Public};
    #[track_caller]
    fn check(expected: AddressClass, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(classify(address.parse().unwrap()), expected, "{address}");
        }
    }
    check(Public, &["1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0"]);
    check(Public, &["126.255.255.255", "128.0.0.0", "169.253.0.1", "169.255.0.1", "172.15.0.8", "172.32.0.0"]);
    check(
        Public,
        &["192.0.1.0", "192.0.3.0", "192.167.0.1", "192.169.0.0", "198.17.0.1", "198.20.0.0", "223.255.255.255"],
    );
    check(Public, &["2606:4700::1111", "2a00:1450:4001::", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"]);
    check(Private, &["10.0.0.0", "127.0.0.1", "192.168.1.1", "172.16.0.0", "172.31.255.255", "100.64.0.0", "::1"]);
    check(Private, &["fc00::", "fdff::1", "::ffff:10.0.0.1", "2001:db8::", "2001:1ff::1", "fec0::"]);
    check(Forbidden, &["0.0.0.0", "0.255.255.255", "169.254.169.254", "224.0.0.1", "240.0.0.0", "255.255.255.255"]);
    check(Forbidden, &["::", "fe80::1", "ff02::1", "1::1", "4000::1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"]);
}

#[test]
fn every_ipv4_prefix_agrees_in_its_ipv6_forms() {
    for high in 0..=u16::MAX {
        let [a, b] = high.to_be_bytes();
        let address = Ipv4Addr::new(a, b, 1, 1);
        let class = classify(IpAddr::V4(address));
        assert_eq!(classify(IpAddr::V6(address.to_ipv6_mapped())), class, "{address}");
        let nat64: IpAddr = format!("64:ff9b::{address}").parse().unwrap();
        assert_eq!(classify(nat64), class, "{address}");
    }
}
