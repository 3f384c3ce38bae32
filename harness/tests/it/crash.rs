//! `kill -9` of a server at work, and a restart on the same folder: nothing is lost, and nothing happens twice.

mod load;

use std::time::Duration;

use ocean_aquarius_client::AquariusClient;
use ocean_crypto::{Message, sign_message};
use ocean_ddo::RawDdo;
use ocean_primitives::{B256, BaseUnits, Dialect, ONE, ServiceId};
use ocean_protocol::{AssetState, FileObject, Order, Pricing, PublishAsset};
use ocean_provider_client::{InitializeQuery, Initialized};
use ocean_testbed::{BraninGrid, Component, Fault, FileServer, Role, Testbed, write_branin_csv};
use serde_json::Value;

const FILE: &str = "branin.csv";
const PUBLISHER: usize = 1;
const BUYER: usize = 2;

/// A file of the usual size on a file server.
async fn data(testbed: &Testbed) -> (FileServer, BraninGrid, String) {
    let path = testbed.folder().join(FILE);
    let grid = write_branin_csv(&path, 1, 5_000_000).unwrap();
    let files = FileServer::start().await.unwrap();
    let url = files.serve_file(FILE, path);
    (files, grid, url)
}

/// A signed download that can be sent again exactly as it is.
fn signed_download(testbed: &Testbed, order: &Order, nonce: u64) -> String {
    let (did, nonce) = (order.did.as_str(), nonce.to_string());
    let text = Message::Download { consumer: &order.consumer.to_string(), document_id: did, nonce: &nonce }
        .text(Dialect::Provider);
    let signature = sign_message(&testbed.key(BUYER), Dialect::Provider, &text);
    format!(
        "{}/api/services/download?documentId={did}&serviceId={}&fileIndex=0&transferTxId={}&consumerAddress={}&nonce={nonce}&signature={signature}",
        testbed.provider_url(),
        order.service_id,
        order.tx,
        order.consumer,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_killed_while_it_streams_loses_nothing() {
    let mut testbed = Testbed::builder().provider(Component::Child).start().await.unwrap();
    let (files, grid, url) = data(&testbed).await;
    let publisher = testbed.ocean(PUBLISHER).build().await.unwrap();
    let asset = PublishAsset::new("Killed while streaming", vec![FileObject::url(&url)], Pricing::free());
    let published = publisher.publish(asset).await.unwrap();
    let buyer = testbed.ocean(BUYER).build().await.unwrap();
    let order = buyer.buy(&published.did, None).await.unwrap();

    files.set_fault(FILE, Some(Fault::Trickle(64 * 1024, Duration::from_millis(20))));
    let request = signed_download(&testbed, &order, 1_000);
    let http = reqwest::Client::new();
    let mut response = http.get(&request).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let first = response.chunk().await.unwrap().unwrap();
    assert!(!first.is_empty());
    testbed.kill(Role::Provider).unwrap();
    let mut rest = first.len();
    let ended = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => rest += bytes.len(),
            other => break other,
        }
    };
    assert!(ended.is_err(), "a cut download must not look complete");
    assert!((rest as u64) < grid.bytes, "the Provider was killed in the middle");

    files.set_fault(FILE, None);
    testbed.restart(Role::Provider).await.unwrap();
    let requests = files.requests(FILE);
    let replayed = http.get(&request).send().await.unwrap();
    assert_eq!(replayed.status(), 400, "the nonce was used before the first byte");
    let body = replayed.text().await.unwrap();
    assert!(body.contains("expected nonce (1000) > current nonce (1000)"), "{body}");
    assert_eq!(files.requests(FILE), requests, "a refused request reaches no file");

    // The order is still good, and so is the client that knows nothing of the crash.
    let path = testbed.folder().join("again.csv");
    let file = buyer.download(&order, 0, &path).await.unwrap();
    assert_eq!((file.bytes, file.sha256), (grid.bytes, grid.sha256));
}

/// What an index says of an asset, without what depends on which process asks.
async fn served(url: &str, order: &Order) -> Value {
    let aquarius = AquariusClient::builder(url).build().unwrap();
    let document: RawDdo = aquarius.ddo(&order.did).await.unwrap().expect("the asset is indexed");
    document.value()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aquarius_killed_while_orders_come_in_loses_nothing() {
    let mut testbed = Testbed::builder().aquarius(Component::Child).start().await.unwrap();
    let (_files, grid, url) = data(&testbed).await;
    let publisher = testbed.ocean(PUBLISHER).build().await.unwrap();
    let first = PublishAsset::new("Before the crash", vec![FileObject::url(&url)], Pricing::free());
    let first = publisher.publish(first).await.unwrap();
    let buyer = testbed.ocean(BUYER).build().await.unwrap();
    let order = buyer.buy(&first.did, None).await.unwrap();
    let service = ServiceId::new("0").unwrap();
    let query = InitializeQuery::new(first.did.clone(), service, buyer.account());
    let answer = buyer.provider().initialize(&query, buyer.chain_id()).await.unwrap();
    let Initialized::Fee(answer) = answer else { panic!("a new order costs a fee") };

    testbed.kill(Role::Aquarius).unwrap();
    // All of this happens while nobody indexes.
    let one = BaseUnits(ONE);
    buyer.contracts().dispense(first.datatoken, one, buyer.account()).await.unwrap();
    buyer.contracts().start_order(first.datatoken, buyer.account(), 0, &answer.fee, None).await.unwrap();
    let second = PublishAsset::new("During the crash", vec![FileObject::url(&url)], Pricing::free()).without_waiting();
    let second = publisher.publish(second).await.unwrap();
    let state = publisher.contracts().set_metadata_state(first.nft, AssetState::Unlisted as u8).await.unwrap();
    testbed.restart(Role::Aquarius).await.unwrap();

    let kept = publisher.wait_for(&second.did, second.metadata_tx).await.unwrap();
    assert_eq!(kept.stripped().checksum(), second.checksum);
    // The block of the state comes last, so everything before it is in the index as well.
    wait_for_block(testbed.aquarius_url(), state.block).await;
    let document = served(testbed.aquarius_url(), &order).await;
    assert_eq!(document["nft"]["state"], 5);
    assert_eq!(document["stats"]["orders"], 2, "one order before the crash and one during it, each counted once");
    // The node's index lived through it all without a crash.
    wait_for_block(testbed.node_url(), state.block).await;
    assert_eq!(document, served(testbed.node_url(), &order).await);

    let file = buyer.download(&order, 0, testbed.folder().join("after.csv")).await.unwrap();
    assert_eq!(file.sha256, grid.sha256);
    let ghost = Order::known(order.did, order.service_id, order.datatoken, order.consumer, B256::ZERO);
    assert!(buyer.download(&ghost, 0, testbed.folder().join("ghost.csv")).await.is_err());
}

async fn wait_for_block(url: &str, block: u64) {
    let status = format!("{url}/api/aquarius/chains/status/8996");
    for _ in 0..500 {
        let answer: Value = reqwest::get(&status).await.unwrap().json().await.unwrap();
        if answer["last_block"].as_u64() >= Some(block) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{url} did not reach block {block} within 5 s");
}
