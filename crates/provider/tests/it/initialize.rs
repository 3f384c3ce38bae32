//! `initialize`: fees that verify, and orders that are still good.

use ocean_primitives::Dialect;
use ocean_provider_api::initialize::Initialized;
use serde_json::{Value, json};

use crate::world::{NOW, World, get, tx};

fn path(world: &World, more: &str) -> String {
    let consumer = world.consumer.address().to_checksum(None);
    format!("/api/services/initialize?documentId={}&serviceId=first&consumerAddress={consumer}{more}", world.did)
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    let whole = path(&world, "");
    let refused = async |path: &str, text: &str| get(&router, path).await.refused(400, text);
    refused(&whole.replace("first", "nope"), "Provider Ganache: Invalid serviceId.").await;
    refused(
        &whole.replace("first", "compute"),
        "Provider Ganache: Use the initializeCompute endpoint to initialize compute jobs.",
    )
    .await;
    refused(&whole.replace("did:op:", "did:op:0"), "Cannot resolve DID").await;
    refused(&path(&world, "&fileIndex=2"), "No such fileIndex 2").await;
    refused(&path(&world, "&fileIndex=-1"), "The fileIndex must be at least 0.").await;
    refused(
        &path(&world, "&fileIndex=1"),
        "Asset URL not found, not available or invalid. Payload was: ImmutableMultiDict([('documentId', 'did:op:",
    )
    .await;
    world.chain.set_nft(world.nft, 4);
    refused(&whole, "Provider Ganache: Asset is not consumable.").await;
    world.chain.set_nft(world.nft, 0);
    world.publish(|document| document["services"][0]["files"] = json!("0x12"));
    refused(&path(&world, "&fileIndex=0"), "Unable to get dataset files").await;
}

#[tokio::test]
async fn the_fee_verifies_and_names_the_service() {
    let world = World::new().await;
    world.store(world.consumer.address(), "41").await;
    for (dialect, until) in [(Dialect::Provider, 0), (Dialect::OceanNode, NOW as u64 + 3600)] {
        let router = world.router(dialect);
        let answer = get(&router, &path(&world, "&fileIndex=0")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let Initialized::Fee(fee) = Initialized::parse(&answer.body).unwrap() else { panic!("{}", answer.text()) };
        assert_eq!(fee.fee.provider_fee_address, world.key.address());
        assert_eq!(fee.fee.valid_until, until);
        assert_eq!(fee.datatoken, world.datatoken);
        assert_eq!(fee.nonce.unwrap().to_string(), "41");
        let data: Value = serde_json::from_slice(&fee.fee.provider_data).unwrap();
        assert_eq!((&data["dt"], &data["id"]), (&json!(world.datatoken.to_checksum(None)), &json!("first")));
    }
    assert_eq!(world.files.requests(), 2);
}

#[tokio::test]
async fn an_order_that_is_still_good_costs_nothing() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    let order = world.order.to_string();
    let answer = get(&router, &path(&world, &format!("&transferTxId={order}"))).await;
    assert_eq!(answer.text(), format!("{{\"validOrder\":\"{order}\"}}\n"));
    // Somebody else's contract says the same: a new fee is asked for.
    world.set_order(tx("forged"), |logs| logs.iter_mut().for_each(|(emitter, _)| *emitter = world.nft));
    for order in [tx("forged").to_string(), "0x12".to_owned(), "hello".to_owned()] {
        let answer = get(&router, &path(&world, &format!("&transferTxId={order}"))).await;
        assert!(answer.json().get("providerFee").is_some(), "{}", answer.text());
        assert!(answer.json().get("validOrder").is_none(), "{}", answer.text());
    }
}

#[tokio::test]
async fn whoever_is_denied_cannot_even_ask() {
    let world = World::new().await;
    let consumer = world.consumer.address().to_checksum(None);
    world.publish(|document| {
        document["credentials"] = json!({"deny": [{"type": "address", "values": [consumer.to_lowercase()]}]});
    });
    let text = format!("Error: Access to asset {} was denied", world.did);
    get(&world.router(Dialect::Provider), &path(&world, "")).await.refused(400, &text);
    get(&world.router(Dialect::OceanNode), &path(&world, "")).await.refused(403, &text);
}
