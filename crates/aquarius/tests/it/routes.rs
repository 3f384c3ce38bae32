//! Statuses and texts of every route: refusals first.

use std::sync::Arc;

use ocean_aquarius::{api_router, router};
use ocean_primitives::Dialect;
use serde_json::{Value, json};

use crate::support::{Asset, Chain, Server, get, post};

const API: &str = "/api/aquarius";

async fn with_one_asset() -> (Server, Asset) {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("Branin"))]]);
    server.caught_up().await;
    (server, asset)
}

#[tokio::test]
async fn unknown_assets_are_answered_in_words_that_clients_look_for() {
    let (server, _) = with_one_asset().await;
    let node = router(server.state.with_dialect(Dialect::OceanNode));
    let missing = "{\"error\":\"Asset DID did:op:00 not found in Elasticsearch.\"}\n";
    for (router, path, status, body) in [
        (server.router(), "/assets/ddo/did:op:00", 404, missing),
        (node.clone(), "/assets/ddo/did:op:00", 404, missing),
        (node.clone(), "/assets/metadata/did:op:00/true", 404, missing),
        (
            server.router(),
            "/assets/ddo/nonsense",
            404,
            "{\"error\":\"Asset DID nonsense not found in Elasticsearch.\"}\n",
        ),
        (node.clone(), "/assets/ddo/nonsense", 400, "Missing or invalid required parameter: \"did\""),
        (
            server.router(),
            "/assets/metadata/did:op:00",
            404,
            "{\"error\":\"Error encountered while retrieving metadata: NotFoundError(404, \\\"{'_index': 'aquarius', '_id': 'did:op:00', 'found': False}\\\").\"}\n",
        ),
        (server.router(), "/chains/status/1", 404, "{\"error\":\"Chain 1 is not indexed.\"}\n"),
        (server.router(), "/chains/status/x", 404, "{\"error\":\"Chain x is not indexed.\"}\n"),
        (server.router(), "/state/ddo", 400, "{\"error\":\"You need to specify one of: nft, txId, did\"}\n"),
        (server.router(), "/state/ddo?did=did:op:00", 404, "Not found"),
        (server.router(), "/state/ddo?nft=nonsense", 404, "Not found"),
        (server.router(), "/validation/schema?version=9", 404, "{\"erorr\":\"Schema version not found.\"}\n"),
    ] {
        let answer = get(router, &format!("{API}{path}")).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{path}");
    }
    assert_eq!(get(server.router(), "/nowhere").await.status, 404);
}

/// Python writes both, JSON allows both, and a parser of texts and floats knows neither.
#[tokio::test]
async fn half_a_surrogate_pair_and_a_number_beyond_a_float_are_served_and_found() {
    for odd in [r#""half \ud83c a pair""#, "1e999", "-1e999", r#""\udf0a""#] {
        let asset = Asset::new(1);
        let document = asset.document("Branin").replace("\"MIT\"", &format!("\"MIT\",\"odd\":{odd}"));
        let chain = Chain::new();
        let server = Server::start(Arc::clone(&chain));
        chain.mine(vec![asset.create(), vec![asset.publish(&document)]]);
        server.caught_up().await;
        let served = server.get(&format!("{API}/assets/ddo/{}", asset.did())).await;
        assert_eq!(served.status, 200, "{odd}");
        assert!(served.body.contains(&format!("\"odd\":{odd}")), "byte for byte: {}", served.body);
        let metadata = server.get(&format!("{API}/assets/metadata/{}", asset.did())).await;
        assert_eq!((metadata.status, &metadata.json()["name"]), (200, &json!("Branin")), "{odd}");
        let query = json!({ "query": { "match": { "metadata.name": "branin" } } });
        let found = server.post(&format!("{API}/assets/query"), &query).await.json();
        assert_eq!(found.pointer("/hits/hits/0/_id"), Some(&json!(asset.did().as_str())), "{odd}");
    }
}

/// A float has no room for an amount in wei: whoever edits a hit must not write another amount.
#[tokio::test]
async fn hits_keep_every_digit() {
    let asset = Asset::new(1);
    let odd = r#""odd":[123456789012345678901234567890,1.10,0.1000000000000000055511151231257827,-0,"\/"]"#;
    let document = asset.document("Branin").replace("\"MIT\"", &format!("\"MIT\",{odd}"));
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&document)]]);
    server.caught_up().await;
    let served = server.get(&format!("{API}/assets/ddo/{}", asset.did())).await.body;
    let query = json!({ "query": { "match_all": {} } });
    for path in ["query", "metadata/query"] {
        let found = server.post(&format!("{API}/assets/{path}"), &query).await;
        assert!(found.body.contains(served.trim_end()), "{path}: {}", found.body);
        assert!(found.body.contains(odd), "{path}: {}", found.body);
    }
    let bare = server.post(&format!("{API}/assets/query"), &json!({ "_source": false })).await.json();
    assert_eq!(bare.pointer("/hits/hits/0/_source"), Some(&json!({})));
    let nothing = json!({ "query": { "match_none": {} } });
    let empty = server.post(&format!("{API}/assets/query"), &nothing).await;
    let took = empty.json()["took"].clone();
    let expected = format!(
        r#"{{"_shards":{{"failed":0,"skipped":0,"successful":1,"total":1}},"hits":{{"hits":[],"max_score":null,"total":{{"relation":"eq","value":0}}}},"timed_out":false,"took":{took}}}"#
    );
    assert_eq!(empty.body, expected + "\n");
}

#[tokio::test]
async fn names_refuses_as_documented_and_answers_for_unknown_ones() {
    let (server, asset) = with_one_asset().await;
    for (body, status, error) in [
        (json!([]), 400, "Invalid payload. The request could not be converted into a dict."),
        (json!({}), 400, "`didList` is required in the request payload."),
        (json!({ "didList": [] }), 400, "The requested didList can not be empty."),
        (json!({ "didList": "did:op:00" }), 400, "The didList must be a list."),
        (json!({ "didList": { "a": 1 } }), 400, "The didList must be a list."),
    ] {
        let answer = server.post("/api/aquarius/assets/names", &body).await;
        assert_eq!((answer.status, answer.json()), (status, json!({ "error": error })), "{body}");
    }
    let path = "/api/aquarius/assets/names";
    assert_eq!(post(server.router(), path, "text/plain", "{}").await.status, 415);
    assert_eq!(post(server.router(), path, "application/json", "{").await.status, 400);
    let did = asset.did();
    let answer = server.post(path, &json!({ "didList": [did.as_str(), "did:op:00"] })).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ did.as_str(): "Branin", "did:op:00": "" })));
}

#[tokio::test]
async fn nine_thousand_names_are_one_lookup() {
    let (server, asset) = with_one_asset().await;
    let dids: Vec<String> =
        (0..9042).map(|number| format!("did:op:{number:064x}")).chain([asset.did().to_string()]).collect();
    let answer = server.post("/api/aquarius/assets/names", &json!({ "didList": dids })).await;
    let names = answer.json();
    assert_eq!(names.as_object().unwrap().len(), 9043);
    assert_eq!(names[asset.did().as_str()], "Branin");
}

#[tokio::test]
async fn trigger_caching_refuses_what_it_cannot_read() {
    let (server, _) = with_one_asset().await;
    let path = "/api/aquarius/assets/triggerCaching";
    let tx = format!("0x{}", "1".repeat(64));
    for body in [
        json!({}),
        json!({ "transactionId": tx }),
        json!({ "chain_id": 8996 }),
        json!({ "transactionId": "0x12", "chain_id": 8996 }),
        json!({ "transactionId": tx, "chain_id": 1 }),
    ] {
        let answer = server.post(path, &body).await;
        assert_eq!(
            (answer.status, answer.json()),
            (400, json!({ "error": "Invalid transactionId or chain_id" })),
            "{body}"
        );
    }
    for key in ["chain_id", "chainId"] {
        let answer = server.post(path, &json!({ "transactionId": tx, key: "8996" })).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "Queued"));
        assert_eq!(answer.content_type, "application/json");
    }
}

#[tokio::test]
async fn both_dialects_answer_from_the_same_index() {
    let (server, asset) = with_one_asset().await;
    let node = router(server.state.with_dialect(Dialect::OceanNode));
    let did = asset.did();
    let metadata = get(server.router(), &format!("{API}/assets/metadata/{did}")).await.json();
    assert_eq!(metadata["name"], "Branin");
    let whole = get(node.clone(), &format!("{API}/assets/metadata/{did}")).await.json();
    assert_eq!(whole["metadata"]["name"], "Branin");
    assert_eq!(whole["id"], did.as_str());
    assert_eq!(get(node.clone(), &format!("{API}/assets/ddo/{did}/true")).await.json(), whole);

    let aquarius = get(server.router(), &format!("{API}/state/ddo?did={did}")).await.json();
    assert_eq!(aquarius["chain_id"], 8996);
    assert_eq!((&aquarius["valid"], &aquarius["error"]), (&json!(true), &Value::Null));
    let state = get(node, &format!("{API}/state/ddo?txId={}", aquarius["tx_id"].as_str().unwrap())).await.json();
    assert_eq!((&state["chainId"], &state["error"], &state["did"]), (&json!(8996), &json!(" "), &json!(did.as_str())));
}

#[tokio::test]
async fn service_routes() {
    let (server, _) = with_one_asset().await;
    let root = server.get("/").await;
    assert_eq!(root.body, "{\"plugin\":\"module\",\"software\":\"Aquarius\",\"version\":\"5.1.8\"}\n");
    assert_eq!(server.get("/health").await.body, "Elasticsearch connected");
    assert_eq!(server.get("/spec").await.json()["info"]["connected"], json!(["Elasticsearch connected", 200]));
    assert_eq!(server.get("/api/aquarius/chains/list").await.body, "{\"8996\":true}\n");
    let status = server.get("/api/aquarius/chains/status/8996").await;
    assert_eq!(status.body, "{\"last_block\":1,\"version\":\"5.1.8\"}\n");
    assert_eq!(
        server.get("/api/services/nonce?userAddress=0x0000000000000000000000000000000000000001").await.json(),
        json!({ "nonce": "0" })
    );
    assert_eq!(server.get("/api/aquarius/state/retryQueue").await.json()["hits"]["hits"], json!([]));
    assert_eq!(get(api_router(server.state.clone()), "/").await.status, 404, "the mounted part has no root");
}

#[tokio::test]
async fn searches_refuse_and_answer_in_their_envelopes() {
    let (server, asset) = with_one_asset().await;
    let path = "/api/aquarius/assets/query";
    let not_dict = json!({ "error": "Invalid payload. The request could not be converted into a dict." });
    let answer = server.post(path, &json!([])).await;
    assert_eq!((answer.status, answer.json()), (400, not_dict));
    let answer = server.post(path, &json!({ "foo": 1 })).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.json()["error"],
        "Encountered Elasticsearch Exception: Elasticsearch.search() got an unexpected keyword argument 'foo'"
    );
    let answer = server.post(path, &json!({ "query": { "more_like_this": {} } })).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.json()["error"],
        "Encountered Elasticsearch Exception: BadRequestError(400, 'parsing_exception', 'unknown query [more_like_this]')"
    );
    assert_eq!(post(server.router(), path, "application/json", "{").await.status, 400);
    assert_eq!(post(server.router(), path, "text/plain", "{}").await.status, 415);

    let found = server.post(path, &json!({ "query": { "term": { "_index": "aquarius" } } })).await.json();
    assert_eq!(found["hits"]["total"], json!({ "value": 1, "relation": "eq" }));
    assert_eq!(found["hits"]["hits"][0]["_index"], "aquarius");
    assert_eq!(found["hits"]["hits"][0]["_id"], asset.did().as_str());
    assert_eq!(found["_shards"]["failed"], 0);
    let served = server.ddo(&asset).await;
    assert_eq!(found["hits"]["hits"][0]["_source"], served);

    let path = "/api/aquarius/assets/metadata/query";
    let found = server.post(path, &json!({ "query": { "match_all": {} }, "index": "op_ddo_v4.5.0", "from": 1 })).await;
    assert_eq!(found.json(), json!([[served]]));
    let second_page = server.post(path, &json!({ "query": { "match_all": {} }, "from": 2 })).await;
    assert_eq!(second_page.json(), json!([]));
    let other = server.post(path, &json!({ "query": { "match_all": {} }, "index": "op_ddo_v4.1.0" })).await;
    assert_eq!(other.json(), json!([]));
}

#[tokio::test]
async fn cross_origin_requests_are_allowed() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;
    let (server, _) = with_one_asset().await;
    let request = Request::get("/").header("origin", "https://market.example").body(Body::empty()).unwrap();
    let response = server.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "https://market.example");
}
