//! Where strangers want a Provider to go: hundreds of places, in every kind of file object, through the Provider's own endpoint.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ocean_primitives::Dialect;
use ocean_provider::Limits;
use ocean_storage::{AddressPolicy, HostResolver, Storage, Timeouts};
use ocean_testbed::{Fault, FileServer, Testbed};
use serde_json::{Value, json};

use crate::provider_attacks::decrypt::{provider_with, serve};

/// Hosts that are this machine, or another inside, in the spellings that URLs allow.
const HOSTS: [&str; 40] = [
    "localhost",
    "LocalHost.",
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
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
    "2852039166",
    "[::ffff:a9fe:a9fe]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "10.0.0.1",
    "0xa000001",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "inside.test",
    "mixed.test",
    "missing.test",
];

/// Names of a hostile DNS. `turning.test` is outside when it is asked first and inside ever after.
#[derive(Debug, Default)]
struct Names {
    asked: Mutex<u32>,
}

/// What counts as outside here: an address of this machine that the test permits by name.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

#[async_trait]
impl HostResolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let inside = IpAddr::from(Ipv4Addr::LOCALHOST);
        match host.trim_end_matches('.') {
            "inside.test" | "localhost" => Ok(vec![inside]),
            "mixed.test" => Ok(vec![OUTSIDE.into(), IpAddr::from(Ipv6Addr::LOCALHOST)]),
            "turning.test" => {
                let mut asked = self.asked.lock().unwrap();
                *asked += 1;
                Ok(vec![if *asked == 1 { OUTSIDE.into() } else { inside }])
            }
            _ => Err(io::Error::other("no such name")),
        }
    }
}

/// Counts who connects, on every address of this machine.
async fn target() -> (u16, Arc<AtomicU64>) {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

fn objects(host: &str, port: u16) -> Vec<Value> {
    let place = format!("http://{host}:{port}");
    let keys = json!({"bucket": "bucket", "objectKey": "key", "accessKeyId": "id", "secretAccessKey": "MARK"});
    let s3 = |endpoint: &str| {
        let mut access = keys.clone();
        access["endpoint"] = json!(endpoint);
        json!({"type": "s3", "s3Access": access})
    };
    vec![
        json!({"type": "url", "url": format!("{place}/MARK"), "method": "get"}),
        json!({"type": "url", "url": format!("https://me:MARK@{host}:{port}/"), "method": "post", "headers": {"x": "MARK"}}),
        json!({"type": "graphql", "url": place, "query": "{MARK}"}),
        json!({"type": "ftp", "url": format!("ftp://me:MARK@{host}:{port}/file")}),
        s3(&place),
        s3(&format!("{host}:{port}")),
        json!({"type": "azure", "azureAccess": {"account": "a", "container": "c", "blob": "MARK", "endpoint": place}}),
        json!({"type": "gcs", "gcsAccess": {"bucket": "b", "objectKey": "MARK", "endpoint": place}}),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_for_the_public_goes_to_none_of_hundreds_of_places() {
    let testbed = Testbed::builder().start().await.unwrap();
    let (port, connections) = target().await;
    let names = Arc::new(Names::default());
    let timeouts = Timeouts::from_request_timeout(Duration::from_secs(2));
    let builder = Storage::builder().policy(AddressPolicy::default()).resolver(names.clone()).permit(OUTSIDE.into());
    let storage = builder.timeouts(timeouts).build().unwrap();
    let url = serve(provider_with(&testbed, Dialect::Provider, storage, Limits::default())).await;
    let (url, http) = (format!("{url}/api/services/fileinfo"), reqwest::Client::new());
    let ask = async |body: &Value| {
        let response = http.post(&url).json(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let begun = Instant::now();
    let mut checked = 0;
    for host in HOSTS {
        for object in objects(host, port) {
            let (status, text) = ask(&object).await;
            let refused = status == 200 && text.contains("\"valid\":false") || status == 400;
            assert!(refused, "{object}: {status} {text}");
            assert!(!text.contains("MARK"), "{text}");
            checked += 1;
        }
    }
    assert!(checked >= 200, "{checked}");

    // The same places as targets of redirects from a server outside.
    let outside = FileServer::start_at(OUTSIDE.into()).await.unwrap();
    for (index, host) in HOSTS.into_iter().enumerate() {
        // What a header cannot carry no redirect can say.
        if !host.is_ascii() {
            continue;
        }
        let name = format!("redirect-{index}");
        outside.set_fault(&name, Some(Fault::Redirect(format!("http://{host}:{port}/"))));
        for object in objects("outside.test", 1).into_iter().take(1) {
            let mut object = object;
            object["url"] = json!(format!("{}/{name}", outside.url()));
            let (status, text) = ask(&object).await;
            assert_eq!((status, text.contains("\"valid\":false")), (200, true), "{host}: {text}");
            assert!(outside.requests(&name) > 0, "{host}: the redirect was not asked for");
            checked += 1;
        }
    }

    // A name that is outside for the check and inside for the connection: there is one answer for both.
    let served = outside.serve_bytes("data.csv", "outside");
    let turning = served.replace("127.0.0.2", "turning.test");
    let object = json!({"type": "url", "url": turning, "method": "get"});
    let (_, text) = ask(&object).await;
    assert!(text.contains("\"valid\":true"), "{text}");
    assert_eq!(*names.asked.lock().unwrap(), 1);
    // The next connection asks again, and what it learns is what is checked.
    outside.set_fault("data.csv", Some(Fault::Status(503)));
    let mut inside = object.clone();
    inside["url"] = json!(format!("http://turning.test:{port}/"));
    let (_, text) = ask(&inside).await;
    assert!(text.contains("\"valid\":false"), "{text}");
    assert_eq!(*names.asked.lock().unwrap(), 2);

    assert_eq!(connections.load(Ordering::SeqCst), 0, "{checked} places were tried, and one was reached");
    assert!(begun.elapsed() < Duration::from_secs(60), "{checked} places took {:?}", begun.elapsed());
    testbed.stop().await.unwrap();
}
