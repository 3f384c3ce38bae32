//! Whole networks: several at once, the main job on one, and nothing left of any.

use std::{net::TcpStream, path::PathBuf, time::Duration};

use ocean_protocol::{FileObject, Pricing, PublishAsset};
use ocean_testbed::{Component, FileServer, Ports, Testbed, main_job};

use crate::support::{is_running, wait_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_passes() {
    let testbed = Testbed::builder().start().await.unwrap();
    let mut steps = 0;
    let report = main_job::run(&testbed, &mut |_| steps += 1).await;
    if let Some(failure) = report.failure() {
        panic!("{} failed: {}\n{}", failure.step, failure.reason, testbed.logs());
    }
    assert_eq!(steps, 7);
    testbed.stop().await.unwrap();
}

/// What must be gone after a network.
struct Remains {
    anvil: u32,
    folder: PathBuf,
    ports: Vec<String>,
}

impl Remains {
    fn of(testbed: &Testbed) -> Self {
        let urls = [testbed.rpc_url(), testbed.provider_url(), testbed.aquarius_url(), testbed.node_url()];
        Self {
            anvil: testbed.chain().pid(),
            folder: testbed.folder().to_path_buf(),
            ports: urls.iter().map(|url| url.trim_start_matches("http://").to_owned()).collect(),
        }
    }

    #[track_caller]
    fn assert_gone(&self) {
        wait_until("the end of anvil", Duration::from_secs(5), || !is_running(self.anvil));
        assert!(!self.folder.exists(), "{} is left", self.folder.display());
        for port in &self.ports {
            assert!(TcpStream::connect(port).is_err(), "{port} still listens");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_networks_run_in_one_process_and_leave_nothing() {
    let starts = (0..5).map(|_| tokio::spawn(Testbed::builder().start()));
    let mut networks = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        networks.push(start.await.unwrap().unwrap());
    }
    let files = FileServer::start().await.unwrap();
    let url = files.serve_bytes("data.txt", "the same data on five networks");
    for network in &networks {
        let publisher = network.ocean(1).build().await.unwrap();
        let asset = PublishAsset::new("Five networks", vec![FileObject::url(&url)], Pricing::free());
        let published = publisher.publish(asset).await.unwrap();
        // The chains are equal, so are the addresses; each index knows its own asset, and only a network of its own can say so.
        assert!(publisher.asset(&published.did).await.is_ok());
        let counted = publisher.search(&serde_json::json!({"query": {"match_all": {}}})).await.unwrap();
        assert_eq!(counted.hits.total.value, 1);
    }
    let remains: Vec<_> = networks.iter().map(Remains::of).collect();
    for (network, remains) in networks.into_iter().zip(&remains) {
        network.stop().await.unwrap();
        remains.assert_gone();
    }
}

#[tokio::test]
async fn dropping_a_network_in_the_middle_of_a_test_ends_it() {
    let testbed = Testbed::builder().start().await.unwrap();
    let remains = Remains::of(&testbed);
    drop(testbed);
    remains.assert_gone();
}

#[tokio::test]
async fn a_taken_port_says_what_to_do() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    for (ports, flag) in [
        (Ports { chain: port, ..Ports::default() }, "--chain-port"),
        (Ports { provider: port, ..Ports::default() }, "--provider-port"),
        (Ports { aquarius: port, ..Ports::default() }, "--aquarius-port"),
        (Ports { node: port, ..Ports::default() }, "--node-port"),
    ] {
        let error = Testbed::builder().ports(ports).start().await.unwrap_err();
        assert!(error.is_port_taken(), "{error}");
        let text = error.to_string();
        assert!(text.contains(&port.to_string()) && text.contains(flag) && text.contains("ss -ltnp"), "{text}");
    }
}

#[tokio::test]
async fn moved_time_reaches_the_servers() {
    let testbed = Testbed::builder().start().await.unwrap();
    let before = testbed.clock().now();
    testbed.advance(Duration::from_secs(7 * 24 * 3600)).await.unwrap();
    let moved = testbed.clock().now().duration_since(before).as_secs();
    assert!((604_790..604_900).contains(&moved), "{moved}");
    let (_, chain) = testbed.chain().latest_block().await.unwrap();
    assert!(chain.abs_diff(u64::try_from(testbed.clock().now().as_second()).unwrap()) <= 2);
}

#[tokio::test]
async fn a_failing_main_job_says_where_and_why() {
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let dead = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let testbed = Testbed::builder().provider(Component::External(dead)).start().await.unwrap();
    let mut steps = Vec::new();
    let report = main_job::run(&testbed, &mut |step| steps.push(step.to_string())).await;
    let failure = report.failure().expect("nothing is encrypted without a Provider");
    assert_eq!(failure.step, "publish three assets");
    assert!(!failure.reason.is_empty());
    assert_eq!(steps.len(), 1, "the job stops at the step that fails: {steps:?}");
    assert!(steps[0].contains("FAILED"), "{steps:?}");
}
