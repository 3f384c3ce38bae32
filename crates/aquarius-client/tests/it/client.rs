//! What goes out, and what is made of any peer's answer.

use ocean_aquarius_client::{AquariusClient, DdoStateQuery, Error, Validated};
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::{B256, ChainId};
use serde_json::json;

use crate::Peer;

const DDO: &str = "/api/aquarius/assets/ddo/did:op:12";

fn did() -> Did {
    Did::parse("did:op:12").unwrap()
}

#[test]
fn addresses_that_are_no_base_urls_are_refused() {
    for url in ["", "nonsense", "ftp://host", "http://", "127.0.0.1:5000"] {
        assert!(matches!(AquariusClient::builder(url).build(), Err(Error::Url)), "{url}");
    }
}

#[tokio::test]
async fn only_a_404_that_says_so_is_an_unknown_asset() {
    for (status, body, unknown) in [
        (404, "{\"error\":\"Asset DID did:op:12 not found in Elasticsearch.\"}", true),
        (404, "DDO not found", true),
        (404, "no such route", false),
        (502, "DDO not found", false),
        (200, "not a document", false),
        (200, "[]", false),
    ] {
        let peer = Peer::default();
        peer.answer(DDO, status, body);
        let answer = peer.start().await.ddo(&did()).await;
        match answer {
            Ok(None) => assert!(unknown, "{status} {body}"),
            Ok(Some(document)) => panic!("{document:?} from {body}"),
            Err(error) => assert!(!unknown, "{error} from {status} {body}"),
        }
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_peers_words() {
    let peer = Peer::default();
    peer.answer("/api/aquarius/assets/query", 500, "{\"error\":\"Encountered Elasticsearch Exception\"}");
    let error = peer.start().await.query(&json!({})).await.unwrap_err();
    assert_eq!(error.status(), Some(500));
    assert!(error.to_string().contains("Encountered Elasticsearch Exception"), "{error}");
}

#[tokio::test]
async fn an_answer_larger_than_allowed_is_not_read() {
    let peer = Peer::default();
    peer.answer(DDO, 200, format!("{{\"a\":\"{}\"}}", "x".repeat(100_000)));
    let client = peer.start().await;
    let small = AquariusClient::builder(client.url().as_str()).max_answer(1000).build().unwrap();
    assert!(matches!(small.ddo(&did()).await, Err(Error::TooLarge { limit: 1000, .. })));
    assert!(client.ddo(&did()).await.unwrap().is_some());
}

#[tokio::test]
async fn documents_come_byte_for_byte() {
    let peer = Peer::default();
    let text = "{ \"z\": 1.0,  \"a\":\"\\u00e9\" }";
    peer.answer(DDO, 200, text);
    let document = peer.start().await.ddo(&did()).await.unwrap().unwrap();
    assert_eq!(document.as_str(), text);
}

#[tokio::test]
async fn validate_sends_the_bytes_and_reads_every_peers_verdict() {
    let word = |digit: char| format!("0x{}", digit.to_string().repeat(64));
    let signed = |r: serde_json::Value, s: serde_json::Value, v: serde_json::Value| {
        json!({ "hash": word('1'), "publicKey": "0xbcE5A3468386C64507D30136685A99cFD5603135", "r": r, "s": s, "v": v })
            .to_string()
    };
    for (body, expected) in [
        (signed(json!([word('2')]), json!([word('3')]), json!(28)), Some(28)),
        (signed(json!(word('2')), json!(word('3')), json!("0x1b")), Some(27)),
        (json!({ "hash": "", "publicKey": "", "r": "", "s": "", "v": "" }).to_string(), None),
        (String::new(), None),
    ] {
        let peer = Peer::default();
        peer.answer("/api/aquarius/assets/ddo/validate", 200, body);
        let document = RawDdo::parse("{ \"id\":1 }").unwrap();
        match (peer.start().await.validate(&document).await.unwrap(), expected) {
            (Validated::Signed(signed), Some(v)) => assert_eq!((signed.v, signed.r), (v, word('2').parse().unwrap())),
            (Validated::Unsigned, None) => {}
            (other, expected) => panic!("{other:?} instead of {expected:?}"),
        }
        let asked = &peer.asked()[0];
        assert_eq!((asked.content_type.as_str(), asked.body.as_str()), ("application/octet-stream", "{ \"id\":1 }"));
    }
}

#[tokio::test]
async fn both_peers_states_are_read() {
    let nft = "0x688fAA33811EECE6e393d02E13FF9887f4a5bB79";
    let aquarius =
        json!({ "chain_id": 8996, "did": "did:op:12", "error": "bad", "nft": nft, "tx_id": "0x01", "valid": false });
    let node =
        json!({ "id": "x", "chainId": 8996, "did": "did:op:12", "nft": nft, "txId": " ", "valid": true, "error": " " });
    for (status, body, expected) in [
        (200, aquarius.to_string(), Some((false, "bad"))),
        (200, node.to_string(), Some((true, ""))),
        (404, "Not found".to_owned(), None),
        (500, "{\"error\":\"Encountered error : list index out of range.\"}".to_owned(), None),
    ] {
        let peer = Peer::default();
        peer.answer("/api/aquarius/state/ddo", status, body);
        let state = peer.start().await.state(&DdoStateQuery::did("did:op:12")).await.unwrap();
        assert_eq!(state.as_ref().map(|state| (state.valid, state.error.as_str())), expected);
        assert_eq!(peer.asked()[0].line, "GET /api/aquarius/state/ddo?did=did%3Aop%3A12");
    }
}

#[tokio::test]
async fn searches_of_every_back_end_are_one_list() {
    for body in [
        json!([[{ "id": 1 }], [{ "id": 2 }]]),
        json!([{ "found": 2, "hits": [{ "document": { "id": 1 } }, { "document": { "id": 2 } }] }, { "found": 0, "hits": [] }]),
    ] {
        let peer = Peer::default();
        peer.answer("/api/aquarius/assets/metadata/query", 200, body.to_string());
        let found = peer.start().await.metadata_query(&json!({})).await.unwrap();
        assert_eq!(found, [json!({ "id": 1 }), json!({ "id": 2 })]);
    }
}

#[tokio::test]
async fn names_chains_metadata_and_triggers() {
    let peer = Peer::default();
    peer.answer("/api/aquarius/assets/names", 200, "{\"did:op:12\":\"Branin\"}");
    peer.answer("/api/aquarius/chains/list", 200, "{\"8996\":true,\"1\":false}");
    peer.answer("/api/aquarius/chains/status/8996", 200, "{\"last_block\":7,\"version\":\"5.1.8\"}");
    peer.answer("/api/aquarius/assets/metadata/did:op:12", 200, "{\"name\":\"a\"}");
    peer.answer("/api/aquarius/assets/metadata/did:op:12", 200, "{\"id\":\"did:op:12\",\"metadata\":{\"name\":\"a\"}}");
    peer.answer("/api/aquarius/assets/triggerCaching", 200, "Queued");
    let client = peer.start().await;
    let other = Did::parse("did:op:13").unwrap();
    let names = client.names(&[did(), other.clone()]).await.unwrap();
    assert_eq!((names[&did()].as_str(), names[&other].as_str()), ("Branin", ""));
    let chain = ChainId::DEVELOPMENT;
    assert_eq!(client.chains().await.unwrap(), [chain]);
    assert_eq!(client.chain_status(chain).await.unwrap().last_block, 7);
    for _ in 0..2 {
        assert_eq!(client.metadata(&did()).await.unwrap(), json!({ "name": "a" }));
    }
    client.trigger(chain, B256::ZERO).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&peer.asked().last().unwrap().body).unwrap();
    assert_eq!(body, json!({ "transactionId": B256::ZERO, "chain_id": 8996 }));
}
