//! `download`: who gets the file, once, and what everybody else gets.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolEvent,
};
use axum::{body::Body, http::Request};
use ocean_contracts_bindings::abi::IErc20Template;
use ocean_crypto::PrivateKey;
use ocean_primitives::Dialect;
use ocean_provider::Limits;
use serde_json::json;
use tower::ServiceExt;

use crate::{
    fake::SMALL,
    world::{World, get, send, tx},
};

const PROVIDER: Dialect = Dialect::Provider;

#[tokio::test]
async fn a_paid_file_comes_whole_with_its_name() {
    let world = World::new().await;
    for dialect in [PROVIDER, Dialect::OceanNode] {
        let router = world.router(dialect);
        let nonce = if dialect == PROVIDER { "5" } else { "6" };
        let answer = get(&router, &world.download(dialect, nonce)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.text(), SMALL);
        assert_eq!(answer.header("content-disposition"), Some("attachment;filename=small.txt"));
        assert_eq!(answer.header("access-control-expose-headers"), Some("Content-Disposition"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert_eq!(answer.header("content-length"), Some("21"));
        assert_eq!(answer.header("etag"), Some("\"v1\""));
        let shown = format!("{:?}", answer.headers);
        assert!(!shown.contains(&world.files_url), "{shown}");
    }
}

#[tokio::test]
async fn a_replayed_request_is_served_once_and_reaches_the_source_once() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let path = world.download(PROVIDER, "5");
    assert_eq!(get(&router, &path).await.status, 200);
    for _ in 0..2 {
        get(&router, &path).await.refused(400, "Invalid signature expected nonce (5) > current nonce (5).");
    }
    assert_eq!(world.files.requests(), 1);

    let path = world.download(PROVIDER, "6");
    let at_once: Vec<_> = (0..200)
        .map(|_| {
            let (router, path) = (router.clone(), path.clone());
            tokio::spawn(async move { get(&router, &path).await })
        })
        .collect();
    let mut served = 0;
    for task in at_once {
        let answer = task.await.unwrap();
        match answer.status.as_u16() {
            200 => served += 1,
            _ => answer.refused(400, "Invalid signature expected nonce (6) > current nonce (6)."),
        }
    }
    assert_eq!((served, world.files.requests()), (1, 2));
}

#[tokio::test]
async fn one_nonce_counts_for_every_spelling_of_an_address() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    assert_eq!(get(&router, &world.download(PROVIDER, "5")).await.status, 200);
    let checksummed = world.consumer.address().to_checksum(None);
    let lower = |nonce| world.download(PROVIDER, nonce).replace(&checksummed, &checksummed.to_lowercase());
    get(&router, &lower("5")).await.refused(400, "expected nonce (5)");
    assert_eq!(get(&router, &lower("6")).await.status, 200);
    for address in [&checksummed, &checksummed.to_lowercase()] {
        let nonce = get(&router, &format!("/api/services/nonce?userAddress={address}")).await;
        assert_eq!(nonce.text(), "{\"nonce\":\"6\"}\n");
    }
}

/// Refused, with the nonce as it was and nothing asked of the file's source.
#[track_caller]
fn check<'a>(world: &'a World, path: String, status: u16, text: &'a str) -> impl Future<Output = ()> + use<'a> {
    let location = std::panic::Location::caller();
    async move {
        let router = world.router(PROVIDER);
        let before = world.stored(world.consumer.address()).await;
        let answer = get(&router, &path).await;
        assert_eq!(answer.status.as_u16(), status, "{location}: {}", answer.text());
        answer.refused(status, text);
        assert!(!answer.text().contains("\"signature\":\"0x"), "{location}: {}", answer.text());
        assert_eq!(
            world.stored(world.consumer.address()).await,
            before,
            "{location}: a refused request used its nonce"
        );
        assert_eq!(world.files.requests(), 0, "{location}");
    }
}

#[tokio::test]
async fn client_errors_are_client_errors_and_leave_the_nonce_alone() {
    let world = World::new().await;
    let (did, order) = (world.did.to_string(), world.order.to_string());
    let path = |did: &str, service: &str, order: &str, index: &str| {
        world.download_by(&world.consumer, PROVIDER, "5", did, service, order, index)
    };
    let unknown = format!("did:op:{}", "0".repeat(64));
    check(&world, path(&unknown, "first", &order, "0"), 400, "Cannot resolve DID").await;
    check(&world, path("hello", "first", &order, "0"), 400, "Cannot resolve DID").await;
    check(&world, path(&did, "nope", &order, "0"), 400, "Provider Ganache: Invalid serviceId.").await;
    check(&world, path(&did, "compute", &order, "0"), 400, "Service with index=compute is not an access service.")
        .await;
    check(&world, path(&did, "first", &order, "2"), 400, "Provider Ganache: No such fileIndex 2").await;
    check(&world, path(&did, "first", &order, "14"), 400, "Provider Ganache: No such fileIndex 14").await;
    for index in ["-1", "-2", "1.5", "x"] {
        check(&world, path(&did, "first", &order, index), 400, "The fileIndex must be an integer.").await;
    }
    check(&world, path(&did, "first", "0x12", "0"), 400, "Order with tx_id 0x12 could not be validated").await;
    check(&world, path(&did, "first", &tx("unknown").to_string(), "0"), 400, "could not be validated due to error")
        .await;

    world.store(world.consumer.address(), "4").await;
    let good = path(&did, "first", &order, "0");
    check(&world, good.replace("nonce=5", "nonce=x"), 400, "The nonce must be a number.").await;
    check(&world, good.replace("nonce=5", "nonce=4"), 400, "expected nonce (4) > current nonce (4)").await;
    check(&world, good.replace("nonce=5&", ""), 400, "The nonce field is required.").await;
    check(&world, good.replace("nonce=5", "nonce=6"), 400, "and nonce 6. Got 0x").await;
    check(&world, good.replace("signature=0x", "signature=zz"), 400, "Got index out of range").await;
    assert_eq!(get(&world.router(PROVIDER), &good).await.status, 200);
}

#[tokio::test]
async fn only_who_ordered_gets_the_file() {
    let world = World::new().await;
    let (did, order) = (world.did.to_string(), world.order.to_string());
    let stranger = PrivateKey::random();
    let path = world.download_by(&stranger, PROVIDER, "5", &did, "first", &order, "0");
    check(&world, path, 400, "sender of order transaction is not the consumer/payer.").await;
    // The order of one service is none for another of the same asset.
    let path = world.download_by(&world.consumer, PROVIDER, "5", &did, "second", &order, "0");
    check(&world, path, 400, "could not be validated due to error: Provider Ganache: ").await;
}

#[tokio::test]
async fn events_count_only_from_the_datatoken() {
    let world = World::new().await;
    let foreign = Address::repeat_byte(0x66);
    let path = || world.download(PROVIDER, "5");
    let refused = "could not be validated due to error: Provider Ganache: ";
    world.set_order(world.order, |logs| logs.iter_mut().for_each(|(emitter, _)| *emitter = foreign));
    check(&world, path(), 400, refused).await;
    world.set_order(world.order, |logs| logs[1].0 = foreign);
    check(&world, path(), 400, refused).await;
    world.set_order(world.order, |logs| logs[0].0 = foreign);
    check(&world, path(), 400, refused).await;
    // Another datatoken of the same NFT is not the service's.
    world.chain.set_datatoken(foreign, world.nft);
    check(&world, path(), 400, refused).await;
    world.set_order(world.order, |logs| {
        let started = IErc20Template::OrderStarted::decode_log_data(&logs[1].1).unwrap();
        let cheap = IErc20Template::OrderStarted { amount: U256::from(1), ..started };
        logs[1].1 = cheap.encode_log_data();
    });
    check(&world, path(), 400, refused).await;
    world.set_order(world.order, |logs| {
        let started = IErc20Template::OrderStarted::decode_log_data(&logs[1].1).unwrap();
        let old = IErc20Template::OrderStarted { timestamp: U256::from(crate::world::NOW - 3700), ..started };
        logs[1].1 = old.encode_log_data();
    });
    check(&world, path(), 400, "The order has expired.").await;
    world.set_order(world.order, |_| {});
    assert_eq!(get(&world.router(PROVIDER), &path()).await.status, 200);
}

#[tokio::test]
async fn state_and_credentials_are_asked_first() {
    let world = World::new().await;
    for state in [1, 2, 3, 4, 9] {
        world.chain.set_nft(world.nft, state);
        check(&world, world.download(PROVIDER, "5"), 400, "Provider Ganache: Asset is not consumable.").await;
    }
    world.chain.set_nft(world.nft, 5);
    let consumer = world.consumer.address().to_checksum(None);
    let list = json!([{"type": "address", "values": [consumer]}]);
    world.publish(|document| document["credentials"] = json!({"deny": list}));
    check(&world, world.download(PROVIDER, "5"), 400, "CREDENTIAL_IN_DENY_LIST").await;
    // A denial wins over an allowance.
    world.publish(|document| document["credentials"] = json!({"allow": list, "deny": list}));
    check(&world, world.download(PROVIDER, "5"), 400, "CREDENTIAL_IN_DENY_LIST").await;
    let others = json!([{"type": "address", "values": [Address::repeat_byte(9)]}]);
    world.publish(|document| document["credentials"] = json!({"allow": others}));
    check(&world, world.download(PROVIDER, "5"), 400, "CREDENTIAL_NOT_IN_ALLOW_LIST").await;
    world.publish(|document| document["services"][0]["credentials"] = json!({"deny": list}));
    check(&world, world.download(PROVIDER, "5"), 400, "CREDENTIAL_IN_DENY_LIST").await;
    world.publish(|_| {});
    assert_eq!(get(&world.router(PROVIDER), &world.download(PROVIDER, "5")).await.status, 200);
}

#[tokio::test]
async fn files_of_another_asset_are_not_served() {
    let world = World::new().await;
    let foreign = world.sealed(Address::repeat_byte(0x99));
    world.publish(|document| document["services"][0]["files"] = json!(foreign));
    check(&world, world.download(PROVIDER, "5"), 400, "Provider Ganache: Unable to get dataset files").await;
    for garbage in ["0x", "0x1234", "hello", "0x04"] {
        world.publish(|document| document["services"][0]["files"] = json!(garbage));
        check(&world, world.download(PROVIDER, "5"), 400, "Provider Ganache: Unable to get dataset files").await;
    }
}

#[tokio::test]
async fn a_document_under_a_foreign_did_is_no_document() {
    let world = World::new().await;
    world.publish(|document| document["nftAddress"] = json!(Address::repeat_byte(0x99).to_checksum(None)));
    check(&world, world.download(PROVIDER, "5"), 400, "Cannot resolve DID").await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_a_client_error() {
    let world = World::new().await;
    let (did, order) = (world.did.to_string(), world.order.to_string());
    let path = world.download_by(&world.consumer, PROVIDER, "5", &did, "first", &order, "1");
    let answer = get(&world.router(PROVIDER), &path).await;
    answer.refused(400, "Provider Ganache: Asset URL not found, not available or invalid.");
}

#[tokio::test]
async fn parts_are_correct_http() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let part = send(&router, "GET", &world.download(PROVIDER, "5"), &[("range", "bytes=6-")], "").await;
    assert_eq!(part.status, 206);
    assert_eq!(part.text(), &SMALL[6..]);
    assert_eq!(part.header("content-range"), Some("bytes 6-20/21"));
    assert_eq!(part.header("content-disposition"), None);
    assert_eq!(part.header("range"), None);
    let beyond = send(&router, "GET", &world.download(PROVIDER, "6"), &[("range", "bytes=99-")], "").await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), Some("bytes */21"));
    assert_eq!(beyond.header("content-disposition"), None);
}

#[tokio::test]
async fn head_answers_as_get_without_the_bytes() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let head = send(&router, "HEAD", &world.download(PROVIDER, "5"), &[], "").await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    let get = get(&router, &world.download(PROVIDER, "6")).await;
    for name in ["content-length", "content-type", "content-disposition", "etag", "accept-ranges"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
        assert!(get.header(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place() {
    let mut limits = Limits::default();
    limits.downloads = 1;
    let world = World::with_limits(limits).await;
    let router = world.router(PROVIDER);
    let request = Request::builder().uri(world.download(PROVIDER, "5")).body(Body::empty()).unwrap();
    let running = router.clone().oneshot(request).await.unwrap();
    assert_eq!(running.status(), 200);
    get(&router, &world.download(PROVIDER, "6")).await.refused(429, "Too many requests");
    assert_eq!(world.stored(world.consumer.address()).await.as_deref(), Some("5"));
    drop(running);
    assert_eq!(get(&router, &world.download(PROVIDER, "6")).await.status, 200);
}
