//! `validate` in both forms.

use std::sync::Arc;

use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::Dialect;
use serde_json::{Value, json};

use crate::support::{Answer, Asset, Chain, Server, post};

const PATH: &str = "/api/aquarius/assets/ddo/validate";
/// The test key and the document of the published signature vector.
const KEY: &str = "0x1263dc73bef43a9da06149c7e598f52025bf4027f1d6c13896b71e81bb9233fb";
const VECTOR: &str = include_str!("../fixtures/validate_vector.json");

fn server(key: bool) -> Server {
    let dir = Arc::new(tempfile::tempdir().unwrap());
    Server::start_with(Chain::new(), dir, |parts| {
        parts.validator_key = key.then(|| KEY.parse().unwrap());
        parts.validate_unsigned = false;
    })
}

async fn octets(server: &Server, body: &str) -> Answer {
    post(server.router(), PATH, "application/octet-stream", body.to_owned()).await
}

#[tokio::test]
async fn refusals_of_aquarius_form() {
    let server = server(true);
    let answer = post(server.router(), PATH, "application/octet-stream; charset=utf-8", VECTOR).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json(), json!({ "error": "Invalid request content type: should be application/octet-stream" }));
    let answer = octets(&server, "nonsense").await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (400, Some("Invalid payload. The request could not be converted into a dict."))
    );
    let answer = octets(&server, "{}").await;
    assert_eq!((answer.status, answer.json()), (400, json!([{ "message": "no version provided for DDO." }])));
    let answer = octets(&server, &VECTOR.replace("4.5.0", "9.9.9")).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json(), json!({ "error": "Encountered error when validating asset: Can't find schema 9.9.9." }));
    let answer = octets(&server, &VECTOR.replace("did:op:0c", "did:op:1c")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["errors"]["id"], "did is not valid for chain Id and nft address");
}

#[tokio::test]
async fn the_signature_is_the_published_one() {
    let answer = octets(&server(true), VECTOR).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.json(),
        json!({
            "hash": "0xdaca31d0e308e5dae1f24b7d35e8d796e3c458ce9447c8496871d07ebdbd9a86",
            "publicKey": "0xbcE5A3468386C64507D30136685A99cFD5603135",
            "r": ["0x4f43e9fcef5e520c2f41529c0bbb4cdc9c39d2876543b4f0af79d8fa677c08d5"],
            "s": ["0x7d11c80161841b33b8958667b6a1ad4428e6d390020d283fe302cf9f9a6caafe"],
            "v": 28,
        })
    );
    let unsigned = octets(&server(false), VECTOR).await;
    assert_eq!(unsigned.json(), json!({ "hash": "", "publicKey": "", "r": "", "s": "", "v": "" }));
}

fn node_request(key: &PrivateKey, nonce: &str, command: &str) -> Value {
    let address = key.address().to_checksum(None);
    let text = Message::Command { consumer: &address, nonce, command }.text(Dialect::OceanNode);
    json!({
        "ddo": serde_json::from_str::<Value>(VECTOR).unwrap(),
        "publisherAddress": address,
        "nonce": nonce,
        "signature": sign_message(key, Dialect::OceanNode, &text),
    })
}

#[tokio::test]
async fn ocean_nodes_form_checks_signature_and_nonce() {
    let server = server(true);
    let key = PrivateKey::random();
    let refused = |answer: Answer, text: &str| assert_eq!((answer.status, answer.body.as_str()), (401, text));
    let mismatch = "consumer address and nonce signature mismatch";
    refused(server.post(PATH, &node_request(&key, "5", "download")).await, mismatch);
    let mut stolen = node_request(&key, "5", "validateDDO");
    stolen["publisherAddress"] = json!(PrivateKey::random().address().to_checksum(None));
    refused(server.post(PATH, &stolen).await, mismatch);
    let mut nonce = node_request(&key, "5", "validateDDO");
    nonce["nonce"] = json!("five");
    refused(server.post(PATH, &nonce).await, "nonce: five is not a valid nonce");
    let mut half = node_request(&key, "5", "validateDDO");
    half.as_object_mut().unwrap().remove("signature");
    let incomplete =
        "Invalid authentication, you need to provide either a token or an address, signature, message and nonce";
    refused(server.post(PATH, &half).await, incomplete);

    let answer = server.post(PATH, &node_request(&key, "5", "validateDDO")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["hash"], "0xdaca31d0e308e5dae1f24b7d35e8d796e3c458ce9447c8496871d07ebdbd9a86");
    assert_eq!(answer.json()["r"].as_array().unwrap().len(), 1);
    refused(server.post(PATH, &node_request(&key, "5", "validateDDO")).await, "nonce: 5 is not a valid nonce");
    let asked = server.get(&format!("/api/services/nonce?userAddress={}", key.address())).await.json();
    assert_eq!(asked, json!({ "nonce": "5" }));

    let unsigned = server.post(PATH, &json!({ "ddo": serde_json::from_str::<Value>(VECTOR).unwrap() })).await;
    assert_eq!((unsigned.status, unsigned.body.as_str()), (200, ""), "this server signs for nobody it does not know");
    let missing = server.post(PATH, &json!({ "ddo": { "a": 1 } })).await;
    assert_eq!((missing.status, missing.body.as_str()), (400, "Missing DDO version"));
}

#[tokio::test]
async fn what_passes_here_is_what_is_indexed() {
    let asset = Asset::new(1);
    let answer = octets(&server(true), &asset.document("some name")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}
