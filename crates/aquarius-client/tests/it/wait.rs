//! Waiting for an asset, and learning why it does not come.

use std::time::Duration;

use ocean_aquarius_client::Error;
use ocean_did::Did;
use ocean_primitives::B256;
use serde_json::json;

use crate::Peer;

const DDO: &str = "/api/aquarius/assets/ddo/did:op:12";
const STATE: &str = "/api/aquarius/state/ddo";
const QUEUE: &str = "/api/aquarius/state/retryQueue";
const TX: B256 = B256::repeat_byte(1);
const MISSING: &str = "{\"error\":\"Asset DID did:op:12 not found in Elasticsearch.\"}";

fn did() -> Did {
    Did::parse("did:op:12").unwrap()
}

fn state(tx: B256, error: &str) -> String {
    json!({ "chain_id": 8996, "did": "did:op:12", "error": error, "nft": "0x688fAA33811EECE6e393d02E13FF9887f4a5bB79", "tx_id": tx, "valid": error.is_empty() })
        .to_string()
}

fn queue(entries: u64) -> String {
    json!({ "hits": { "total": { "value": entries, "relation": "eq" }, "max_score": null, "hits": [] } }).to_string()
}

#[tokio::test]
async fn a_rejected_transaction_ends_the_wait_early() {
    let peer = Peer::default();
    peer.answer(DDO, 404, MISSING);
    peer.answer(STATE, 200, state(TX, "the document does not have the hash on chain"));
    peer.answer(QUEUE, 200, queue(0));
    let error = peer.start().await.wait_for(&did(), TX, Duration::from_secs(20)).await.unwrap_err();
    assert!(matches!(&error, Error::Rejected { reason, .. } if reason.contains("hash on chain")), "{error}");
}

#[tokio::test]
async fn the_deadline_tells_the_reason() {
    for (state_body, entries, reason) in [
        (state(TX, "the decryptor is unavailable"), 1, "the decryptor is unavailable"),
        (state(B256::ZERO, "an earlier failure"), 0, "an earlier failure"),
        (state(B256::ZERO, ""), 0, "the index holds transaction"),
    ] {
        let peer = Peer::default();
        peer.answer(DDO, 404, MISSING);
        peer.answer(STATE, 200, state_body);
        peer.answer(QUEUE, 200, queue(entries));
        let error = peer.start().await.wait_for(&did(), TX, Duration::from_millis(700)).await.unwrap_err();
        assert!(matches!(error, Error::NotIndexed { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_comes_up_late_is_waited_for() {
    let peer = Peer::default();
    peer.answer(DDO, 503, "starting");
    peer.answer(DDO, 404, MISSING);
    peer.answer(DDO, 200, json!({ "event": { "tx": B256::ZERO } }).to_string());
    peer.answer(DDO, 200, json!({ "indexedMetadata": { "event": { "txid": TX } } }).to_string());
    let document = peer.start().await.wait_for(&did(), TX, Duration::from_secs(10)).await.unwrap();
    assert!(document.as_str().contains("txid"));
    assert_eq!(peer.asked().iter().filter(|asked| asked.line.ends_with(DDO)).count(), 4);
}

#[tokio::test]
async fn the_old_shape_is_understood_as_well() {
    let peer = Peer::default();
    peer.answer(DDO, 200, json!({ "event": { "tx": TX } }).to_string());
    peer.start().await.wait_for(&did(), TX, Duration::from_secs(1)).await.unwrap();
}
