//! What ocean.js 8.6.2 sends to an ocean-node, and what it needs back.

use ocean_crypto::{Message, ecies, sign_message};
use ocean_primitives::Dialect;
use serde_json::json;

use crate::world::{World, get, send};

const NODE: Dialect = Dialect::OceanNode;

fn signed(world: &World, nonce: &str, command: &str) -> (String, String) {
    let consumer = world.consumer.address().to_checksum(None);
    let text = Message::Command { consumer: &consumer, nonce, command }.text(NODE);
    (consumer, sign_message(&world.consumer, NODE, &text))
}

#[tokio::test]
async fn the_root_names_what_ocean_js_looks_up() {
    let world = World::new().await;
    let root = get(&world.router(NODE), "/").await.json();
    for name in [
        "nonce",
        "encrypt",
        "decrypt",
        "fileInfo",
        "initialize",
        "download",
        "generateAuthToken",
        "invalidateAuthToken",
        "directCommand",
        "jobs",
    ] {
        assert!(root["serviceEndpoints"][name][1].is_string(), "{name}");
    }
    assert_eq!(root["chainIds"], json!(["8996"]));
    assert_eq!(root["nodePublicKey"].as_object().unwrap().len(), 33);
    assert_eq!(root["providerAddress"], world.key.address().to_checksum(None));
}

#[tokio::test]
async fn a_nonce_is_zero_at_first_and_asking_stores_nothing() {
    let world = World::new().await;
    let router = world.router(NODE);
    let consumer = world.consumer.address().to_checksum(None);
    let answer = get(&router, &format!("/api/services/nonce?userAddress={consumer}")).await;
    assert_eq!(answer.text(), r#"{"nonce":"0"}"#);
    assert_eq!(get(&router, "/api/services/nonce").await.text(), r#"{"nonce":"0"}"#);
    assert_eq!(world.stored(world.consumer.address()).await, None);
}

#[tokio::test]
async fn encrypt_wants_to_know_who_asks() {
    let world = World::new().await;
    let router = world.router(NODE);
    let octets = [("content-type", "application/octet-stream")];
    let unsigned = "/api/services/encrypt?chainId=8996";
    let text = "Invalid authentication, you need to provide either a token or an address, signature, message and nonce";
    send(&router, "POST", unsigned, &octets, "{}").await.refused(401, text);
    let (consumer, signature) = signed(&world, "1", "encrypt");
    let path = |nonce: &str, signature: &str| {
        format!("{unsigned}&nonce={nonce}&consumerAddress={consumer}&signature={signature}")
    };
    let wrong = send(&router, "POST", &path("2", &signature), &octets, "{}").await;
    wrong.refused(401, "consumer address and nonce signature mismatch");
    let (_, other) = signed(&world, "1", "download");
    send(&router, "POST", &path("1", &other), &octets, "{}").await.refused(401, "mismatch");
    assert_eq!(world.stored(world.consumer.address()).await, None);

    let answer = send(&router, "POST", &path("1", &signature), &octets, r#"{"a":1}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sealed = alloy::primitives::hex::decode(answer.text()).unwrap();
    assert_eq!(ecies::decrypt(&world.key, &sealed).unwrap(), br#"{"a":1}"#);
    let again = send(&router, "POST", &path("1", &signature), &octets, "{}").await;
    again.refused(401, "nonce: 1 is not a valid nonce");
    // A signature over a text that is no nonce could be sent again for ever.
    for nonce in ["abc", "NaN", "-5", "2x"] {
        let (_, signature) = signed(&world, nonce, "encrypt");
        let never = send(&router, "POST", &path(nonce, &signature), &octets, "{}").await;
        never.refused(400, "Parameter : \"nonce\" is not valid");
    }
}

#[tokio::test]
async fn a_replayed_download_is_401() {
    let world = World::new().await;
    let router = world.router(NODE);
    let path = world.download(NODE, "1");
    assert_eq!(get(&router, &path).await.status, 200);
    get(&router, &path).await.refused(401, "nonce: 1 is not a valid nonce");
    assert_eq!(world.files.requests(), 1);
}

#[tokio::test]
async fn an_unknown_asset_is_a_client_error() {
    let world = World::new().await;
    let router = world.router(NODE);
    let consumer = world.consumer.address().to_checksum(None);
    let path =
        format!("/api/services/initialize?documentId=did:op:{}&serviceId=0&consumerAddress={consumer}", "0".repeat(64));
    get(&router, &path).await.refused(404, "Cannot resolve DID");
    let missing = get(&router, "/api/services/initialize").await;
    missing.refused(400, "Missing one ( \"documentId\" ) or more required field(s) for command: \"getFees\".");
}

#[tokio::test]
async fn file_info_of_a_missing_file_is_not_valid() {
    let world = World::new().await;
    let router = world.router(NODE);
    let info = async |name: &str| {
        let body =
            json!({"type": "url", "url": format!("{}/{name}", world.files_url), "method": "get", "checksum": true});
        let json = [("content-type", "application/json")];
        send(&router, "POST", "/api/services/fileInfo", &json, body.to_string()).await.json()
    };
    assert_eq!(info("missing").await, json!([{"valid": false, "type": "url"}]));
    let small = info("small.txt").await;
    assert_eq!(small[0]["valid"], true);
    assert_eq!(small[0]["contentLength"], "21");
    assert_eq!(small[0]["name"], "small.txt");
    assert_eq!(small[0]["checksum"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn what_ocean_js_and_ocean_cli_ask_beside_it_is_answered() {
    let world = World::new().await;
    let router = world.router(NODE);
    assert_eq!(get(&router, "/api/services/jobs/:job").await.text(), "[]");
    assert_eq!(get(&router, "/getP2PPeers").await.text(), "[]");
    let command = async |body: &str| {
        send(&router, "POST", "/directCommand", &[("content-type", "application/json")], body.to_owned()).await
    };
    let status = command(r#"{"command":"status"}"#).await.json();
    assert_eq!(status["address"], world.key.address().to_checksum(None));
    assert_eq!(status["p2p"], true);
    command(r#"{"command":"stopNode"}"#).await.refused(400, "Invalid or unrecognized command: \"stopNode\"");
    command("{}").await.refused(400, "Missing one ( \"command\" )");
    send(&router, "POST", "/logs", &[], "").await.refused(400, "Missing one ( \\\"signature\\\" )");
    let unknown = send(&router, "POST", "/nope", &[], "").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("Cannot POST /nope"));
}
