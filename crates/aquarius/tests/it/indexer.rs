//! From logs to documents: what must not count first.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ocean_contracts_bindings::abi::{IErc20Template, IErc721Template};
use ocean_crypto::{Flags, PrivateKey, payload};
use ocean_primitives::{Address, B256, U256};
use ocean_service::DecryptError;
use serde_json::json;

use crate::support::{Asset, CHAIN, Chain, DISPENSER, FIXED_RATE, PUBLISHER, Server, emit, sha256};

const STRANGER: Address = Address::repeat_byte(0x5a);

/// Publishes one asset whose only flaw is in the event, and expects this reason.
#[track_caller]
fn refused(asset: &Asset, event: crate::support::Emitted, reason: &'static str) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    let asset = *asset;
    async move {
        let chain = Chain::new();
        let server = Server::start(Arc::clone(&chain));
        chain.mine(vec![asset.create(), vec![event]]);
        server.caught_up().await;
        let answer = server.get(&format!("/api/aquarius/assets/ddo/{}", asset.did())).await;
        assert_eq!(answer.status, 404, "{} at {caller}", answer.body);
        let state = server.get(&format!("/api/aquarius/state/ddo?nft={}", asset.nft)).await.json();
        assert_eq!(state["valid"], false, "{state} at {caller}");
        let error = state["error"].as_str().unwrap_or_default();
        assert!(error.contains(reason), "`{error}` does not contain `{reason}` at {caller}");
    }
}

#[tokio::test]
async fn tampered_documents_are_refused_with_a_reason() {
    let asset = Asset::new(1);
    let document = asset.document("some name");
    let other = Asset::new(2);
    refused(&asset, asset.publish_as(document.as_bytes(), 0, B256::repeat_byte(7), 0), "hash").await;
    refused(&asset, asset.publish(&other.document("some name")), "did is not valid for chain Id and nft address").await;
    refused(&asset, asset.publish("not json"), "cannot be read").await;
    refused(&asset, asset.publish("[]"), "cannot be read").await;
    refused(&asset, asset.publish("{}"), "no version").await;
    refused(&asset, asset.publish(&document.replace("4.5.0", "9.9.9")), "Can't find schema 9.9.9").await;
    refused(&asset, asset.publish(&document.replace("\"chainId\":8996", "\"chainId\":1")), "did is not valid").await;
    refused(&asset, asset.publish_as(b"no xz", 1, sha256(b"x"), 0), "").await;
    // The hash of the hex text is a convention for plain documents only.
    let encrypted = asset.publish_as(document.as_bytes(), 2, sha256(document.as_bytes()), 0);
    refused(&asset, encrypted, "unavailable").await;
}

#[tokio::test]
async fn strangers_events_do_not_count() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let mut fake_nft = Asset::new(9).create();
    fake_nft.iter_mut().for_each(|event| event.address = STRANGER);
    let mut forged_order = asset.order();
    forged_order.address = STRANGER;
    chain.mine(vec![
        asset.create(),
        vec![asset.publish(&asset.document("real")), asset.exchange(FIXED_RATE, 2_000_000_000_000_000_000)],
        fake_nft,
        vec![Asset::new(9).publish(&Asset::new(9).document("fake"))],
        vec![forged_order, asset.exchange(STRANGER, 1), asset.rate(STRANGER, 1), asset.dispenser(STRANGER)],
    ]);
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["stats"]["orders"], 0);
    assert_eq!(ddo["indexedMetadata"]["stats"][0]["prices"].as_array().unwrap().len(), 1);
    assert_eq!(ddo["indexedMetadata"]["stats"][0]["prices"][0]["price"], "2");
    let answer = server.get(&format!("/api/aquarius/assets/ddo/{}", Asset::new(9).did())).await;
    assert_eq!(answer.status, 404);
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", Asset::new(9).did())).await.json();
    assert_eq!(state["error"], "nft not deployed by our factory");
}

#[tokio::test]
async fn a_published_asset_is_served_in_both_shapes_with_its_own_bytes() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let document = asset.document("Branin");
    let txs = chain.mine(vec![asset.create(), vec![asset.publish(&document)]]);
    server.caught_up().await;
    let answer = server.get(&format!("/api/aquarius/assets/ddo/{}", asset.did())).await;
    assert!(answer.body.starts_with(&document[..document.len() - 1]), "{}", answer.body);
    let ddo = answer.json();
    assert_eq!(ddo["event"]["tx"], json!(txs[1]));
    assert_eq!(ddo["indexedMetadata"]["event"]["txid"], json!(txs[1]));
    assert_eq!(ddo["event"]["from"], json!(PUBLISHER.to_checksum(None)));
    assert_eq!(ddo["nft"]["owner"], json!(PUBLISHER.to_checksum(None)));
    assert_eq!(ddo["nft"]["name"], "Data NFT");
    assert_eq!(ddo["datatokens"][0]["symbol"], "DT");
    assert_eq!(ddo["datatokens"][0]["serviceId"], "access-1");
    // Everything came from the logs: the sender is the only question.
    assert_eq!((chain.asked("nft"), chain.asked("token"), chain.asked("sender")), (0, 0, 1));
}

#[tokio::test]
async fn hex_text_hash_compression_and_encryption_are_understood() {
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let (plain, packed, sealed) = (Asset::new(1), Asset::new(2), Asset::new(3));
    let text = plain.document("in hex");
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let key = PrivateKey::random();
    let packed_text = packed.document("packed");
    let xz = payload::encode(packed_text.as_bytes(), Flags::LZMA, &key.public_key()).unwrap();
    let sealed_text = sealed.document("sealed");
    server.decryptor.answers.lock().unwrap().push(Ok(sealed_text.clone().into_bytes()));
    chain.mine(vec![
        plain.create(),
        packed.create(),
        sealed.create(),
        vec![
            plain.publish_as(text.as_bytes(), 0, sha256(format!("0x{hex}").as_bytes()), 0),
            packed.publish_as(&xz, 1, sha256(packed_text.as_bytes()), 0),
            sealed.publish_as(b"sealed", 2, sha256(sealed_text.as_bytes()), 0),
        ],
    ]);
    server.caught_up().await;
    for (asset, name) in [(plain, "in hex"), (packed, "packed"), (sealed, "sealed")] {
        assert_eq!(server.ddo(&asset).await["metadata"]["name"], name);
    }
    let asked = server.decryptor.asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "only the encrypted document needs a Provider");
    assert_eq!(asked[0].decryptor_url, "http://provider");
}

#[tokio::test]
async fn edits_states_and_transfers_leave_everything_else_alone() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![
        asset.create(),
        vec![asset.publish(&asset.document("first")), asset.exchange(FIXED_RATE, 1_500_000_000_000_000_000)],
        vec![asset.order()],
    ]);
    server.caught_up().await;
    let reuse = IErc20Template::OrderReused {
        orderTxId: B256::ZERO,
        caller: PUBLISHER,
        timestamp: U256::ZERO,
        number: U256::ZERO,
    };
    chain.mine(vec![
        vec![emit(asset.token, reuse)],
        vec![asset.transfer(STRANGER)],
        vec![asset.update(&asset.document("second"))],
    ]);
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["metadata"]["name"], "second");
    assert_eq!(ddo["stats"]["orders"], 2);
    assert_eq!(ddo["nft"]["owner"], json!(STRANGER.to_checksum(None)));
    assert_eq!(ddo["stats"]["price"]["value"].to_string(), "1.5");
    assert_eq!(ddo["event"]["block"], 2);

    chain.mine(vec![vec![asset.state(4), asset.rate(FIXED_RATE, 3_000_000_000_000_000_000)]]);
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["nft"]["state"], 4);
    assert_eq!(ddo["indexedMetadata"]["nft"]["owner"], json!(STRANGER.to_checksum(None)));
    assert_eq!(ddo["indexedMetadata"]["nft"]["name"], "Data NFT");
    assert_eq!(ddo["indexedMetadata"]["stats"][0]["prices"][0]["price"], "3");
    assert_eq!(ddo["metadata"]["name"], "second");

    chain.mine(vec![vec![asset.state(3)]]);
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert!(ddo.get("id").is_none() && ddo.get("metadata").is_none(), "{ddo}");
    assert_eq!(ddo["nft"]["state"], 3);
    let metadata = server.get(&format!("/api/aquarius/assets/metadata/{}", asset.did())).await;
    assert_eq!(metadata.status, 404);

    chain.mine(vec![vec![asset.state(0)]]);
    server.caught_up().await;
    assert_eq!(server.ddo(&asset).await["metadata"]["name"], "second");
}

#[tokio::test]
async fn several_metadata_events_in_one_transaction_are_all_indexed() {
    let (one, two) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let mut transaction = one.create();
    transaction.extend(two.create());
    transaction.extend([one.publish(&one.document("number one")), two.publish(&two.document("number two"))]);
    transaction.push(one.update(&one.document("one again")));
    chain.mine(vec![transaction]);
    server.caught_up().await;
    assert_eq!(server.ddo(&one).await["metadata"]["name"], "one again");
    assert_eq!(server.ddo(&two).await["metadata"]["name"], "number two");
}

#[tokio::test]
async fn a_dispenser_is_a_price_of_zero() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.dispenser(DISPENSER), asset.publish(&asset.document("free"))]]);
    server.caught_up().await;
    let price = &server.ddo(&asset).await["indexedMetadata"]["stats"][0]["prices"][0];
    assert_eq!((price["type"].as_str(), price["price"].as_str()), (Some("dispenser"), Some("0")));
}

#[tokio::test]
async fn an_update_of_an_unknown_asset_is_indexed_and_its_nft_asked_for() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    chain.add_nft(asset.nft);
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![vec![asset.update(&asset.document("late"))]]);
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["nft"]["name"], "Asked");
    assert_eq!(ddo["metadata"]["name"], "late");
}

#[tokio::test]
async fn a_provider_that_is_down_delays_and_does_not_lose() {
    let (asset, other) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let text = asset.document("late");
    server
        .decryptor
        .answers
        .lock()
        .unwrap()
        .extend([Err(DecryptError::Unavailable("down".to_owned())), Ok(text.clone().into_bytes())]);
    chain.mine(vec![
        asset.create(),
        vec![asset.publish_as(b"sealed", 2, sha256(text.as_bytes()), 0)],
        other.create(),
        vec![other.publish(&other.document("other"))],
    ]);
    server.caught_up().await;
    assert_eq!(server.ddo(&other).await["metadata"]["name"], "other", "nobody else waits");
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", asset.did())).await.json();
    assert_eq!(state["valid"], false);
    let queue = server.get("/api/aquarius/state/retryQueue").await.json();
    assert_eq!(queue["hits"]["total"]["value"], 1);
    let queue = server.get("/api/services/indexQueue").await.json();
    assert_eq!(queue["queue"][0]["chainId"], json!(CHAIN));

    let arrived = async {
        let path = format!("/api/aquarius/assets/ddo/{}", asset.did());
        while server.get(&path).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), arrived).await.expect("the retry did not come");
    assert_eq!(server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"], 0);
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", asset.did())).await.json();
    assert_eq!(state["valid"], true);
}

#[tokio::test]
async fn a_decryptor_that_never_answers_holds_up_nobody() {
    let assets: Vec<_> = (1..=6).map(Asset::new).collect();
    let other = Asset::new(9);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let texts: Vec<_> = assets.iter().map(|asset| asset.document("late")).collect();
    server.decryptor.hangs.store(true, Ordering::Relaxed);
    for (asset, text) in assets.iter().zip(&texts) {
        chain.mine(vec![asset.create(), vec![asset.publish_as(b"sealed", 2, sha256(text.as_bytes()), 0)]]);
    }
    chain.mine(vec![other.create(), vec![other.publish(&other.document("other"))]]);
    let begun = std::time::Instant::now();
    server.caught_up().await;
    assert_eq!(server.ddo(&other).await["metadata"]["name"], "other");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", assets[0].did())).await.json();
    assert_eq!((&state["valid"], &state["error"]), (&json!(false), &json!("the decryptor has not answered yet")));
    let queue = server.get("/api/aquarius/state/retryQueue?type=event").await.json();
    assert_eq!(queue["hits"]["total"]["value"], 6);

    // Each gets its own document, and is asked for once.
    let asked = server.decryptor.asked.lock().unwrap().len();
    assert!((1..=6).contains(&asked), "{asked}");
    server.decryptor.answers.lock().unwrap().extend([Ok(texts[0].clone().into_bytes())]);
    server.decryptor.hangs.store(false, Ordering::Relaxed);
    let path = format!("/api/aquarius/assets/ddo/{}", assets[0].did());
    until("the first document", || async { server.get(&path).await.status == 200 }).await;
    // The others got a document that is not theirs: that is final.
    until("an empty queue", || async {
        server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"] == 0
    })
    .await;
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", assets[1].did())).await.json();
    assert_eq!(state["error"], "the document does not have the hash on chain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_counts_when_its_documents_are_served() {
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    server.caught_up().await;
    let assets: Vec<_> = (1..=60).map(Asset::new).collect();
    chain.mine(
        assets.iter().flat_map(|asset| [asset.create(), vec![asset.publish(&asset.document("some name"))]]).collect(),
    );
    let block = chain.head_number();
    while server.state.last_block(CHAIN) < Some(block) {
        tokio::task::yield_now().await;
    }
    for asset in &assets {
        assert_eq!(server.ddo(asset).await["metadata"]["name"], "some name");
    }
}

#[tokio::test]
async fn a_refusal_after_a_failure_ends_the_retries() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let text = asset.document("never");
    server
        .decryptor
        .answers
        .lock()
        .unwrap()
        .extend([Err(DecryptError::Unavailable("down".to_owned())), Err(DecryptError::Refused("not you".to_owned()))]);
    chain.mine(vec![asset.create(), vec![asset.publish_as(b"sealed", 2, sha256(text.as_bytes()), 0)]]);
    server.caught_up().await;
    until("an empty queue", || async {
        server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"] == 0
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.decryptor.asked.lock().unwrap().len(), 2, "nobody asks again after a refusal");
}

#[tokio::test]
async fn a_block_that_cannot_be_read_is_recorded_and_read_in_its_place_later() {
    let (asset, other) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![other.create()]);
    chain.hide([2, 3]);
    chain.mine(vec![
        asset.create(),
        vec![
            asset.exchange(FIXED_RATE, 1_000_000_000_000_000_000),
            asset.publish(&asset.document("first")),
            asset.order(),
        ],
    ]);
    chain.mine(vec![vec![asset.transfer(STRANGER)]]);
    // What comes later is built on what is missing.
    chain.mine(vec![vec![
        asset.rate(FIXED_RATE, 2_000_000_000_000_000_000),
        asset.update(&asset.document("second")),
        asset.order(),
        other.publish(&other.document("other")),
    ]]);
    for _ in 0..400 {
        // Further than forks are undone.
        chain.mine(Vec::new());
    }
    server.caught_up().await;
    assert_eq!(server.ddo(&other).await["metadata"]["name"], "other", "later blocks are indexed");
    let queue = server.get("/api/aquarius/state/retryQueue?type=block").await.json();
    let blocks: Vec<_> = queue["hits"]["hits"].as_array().unwrap().iter().map(|hit| &hit["_source"]).collect();
    assert_eq!(blocks.iter().map(|block| block["block"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3]);
    assert!(blocks[0]["error"].as_str().unwrap().contains("made unreadable"), "{}", blocks[0]);
    assert_eq!(server.get("/api/aquarius/state/retryQueue?type=event").await.json()["hits"]["total"]["value"], 0);

    chain.hide([]);
    until("an empty queue", || async {
        server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"] == 0
    })
    .await;
    server.caught_up().await;
    let fresh = Server::start(Arc::clone(&chain));
    fresh.caught_up().await;
    for asset in [&asset, &other] {
        assert_eq!(server.ddo(asset).await, fresh.ddo(asset).await);
    }
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["stats"]["orders"], 2);
    assert_eq!(ddo["indexedMetadata"]["stats"][0]["prices"][0]["price"], "2");
    assert_eq!(ddo["nft"]["owner"], STRANGER.to_checksum(None));
}

#[tokio::test]
async fn a_refusal_is_final_and_a_trigger_tries_again() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let text = asset.document("late");
    let refusal = DecryptError::Refused("not you".to_owned());
    server.decryptor.answers.lock().unwrap().extend([Err(refusal), Ok(text.clone().into_bytes())]);
    let txs = chain.mine(vec![asset.create(), vec![asset.publish_as(b"sealed", 2, sha256(text.as_bytes()), 0)]]);
    server.caught_up().await;
    assert_eq!(server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"], 0);
    let body = json!({ "transactionId": txs[1], "chainId": 8996 });
    let answer = server.post("/api/aquarius/assets/triggerCaching", &body).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "Queued"));
    assert_eq!(server.ddo(&asset).await["metadata"]["name"], "late");
}

#[tokio::test]
async fn failing_calls_lose_nothing_and_count_nothing_twice() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    for (call, times) in [("logs", 2), ("header", 2), ("sender", 2), ("is_fixed_rate", 1), ("symbol", 1)] {
        chain.fail(call, times);
    }
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![
        asset.create(),
        vec![asset.publish(&asset.document("some name")), asset.exchange(FIXED_RATE, 1), asset.order(), asset.order()],
    ]);
    chain.mine(vec![vec![asset.order()]]);
    server.caught_up().await;
    // What failed too often is in the queue, and comes from there.
    let settled = async {
        while server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["total"]["value"] != 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.expect("the queue does not empty");
    server.caught_up().await;
    let ddo = server.ddo(&asset).await;
    assert_eq!(ddo["stats"]["orders"], 3);
    assert_eq!(ddo["indexedMetadata"]["stats"][0]["prices"][0]["price"], "0.000000000000000001");
    for call in ["logs", "header", "sender", "is_fixed_rate", "symbol"] {
        assert!(chain.asked(call) > 1, "{call} was never asked again");
    }
}

#[tokio::test]
async fn a_call_that_keeps_failing_for_one_log_goes_into_the_queue() {
    let (asset, other) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    chain.fail("is_fixed_rate", 5);
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![
        asset.create(),
        other.create(),
        vec![asset.exchange(FIXED_RATE, 1_000_000_000_000_000_000), asset.publish(&asset.document("some name"))],
        vec![other.publish(&other.document("other"))],
    ]);
    server.caught_up().await;
    assert_eq!(server.ddo(&other).await["metadata"]["name"], "other");
    let priced = async {
        while server.ddo(&asset).await["indexedMetadata"]["stats"][0]["prices"][0]["price"] != "1" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), priced).await.expect("the price did not come");
}

#[tokio::test]
async fn only_allowed_publishers_and_validated_documents() {
    let asset = Asset::new(1);
    let document = asset.document("some name");
    let validated = IErc721Template::MetadataValidated {
        validator: STRANGER,
        metaDataHash: sha256(document.as_bytes()),
        v: 27,
        r: B256::ZERO,
        s: B256::ZERO,
    };
    for (publishers, validators, reason) in [
        (vec![STRANGER], vec![], Some("not allowed")),
        (vec![], vec![PUBLISHER], Some("validator")),
        (vec![PUBLISHER], vec![STRANGER], None),
    ] {
        let chain = Chain::new();
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let server = Server::start_with(Arc::clone(&chain), dir, |parts| {
            parts.allowed.publishers = publishers;
            parts.allowed.validators = validators;
        });
        chain.mine(vec![asset.create(), vec![asset.publish(&document), emit(asset.nft, validated.clone())]]);
        server.caught_up().await;
        let state = server.get(&format!("/api/aquarius/state/ddo?did={}", asset.did())).await.json();
        assert_eq!(state["valid"], reason.is_none(), "{state}");
        let error = state["error"].as_str().unwrap_or_default();
        assert!(error.contains(reason.unwrap_or_default()), "{state}");
    }
}

/// Waits until the condition holds.
#[track_caller]
fn until<F: Future<Output = bool>>(what: &'static str, mut condition: impl FnMut() -> F) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let held = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(15), held).await;
        in_time.unwrap_or_else(|_| panic!("{what} did not come at {caller}"));
    }
}
