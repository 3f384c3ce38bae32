//! For operators and tools: readiness, counters, the OpenAPI documents, and ocean-node's commands, log and peers.

use std::collections::BTreeSet;

use ocean_crypto::{PrivateKey, ecies, sealed, sign_message};
use ocean_primitives::Dialect;
use ocean_provider_api::{Endpoint, routes};
use serde_json::{Value, json};

use crate::world::{Answer, World, get, send};

const DIALECTS: [Dialect; 2] = [Dialect::Provider, Dialect::OceanNode];

#[tokio::test]
async fn readiness_is_that_of_the_neighbours() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let ready = get(&world.router(dialect), "/ready").await;
        assert_eq!(ready.status, 200);
        assert_eq!(ready.json(), json!({"ready": true, "stores": true, "chains": {"8996": true}}));
        let router = world.router_with(dialect, |parts| parts.chains = world.unreachable());
        let unready = get(&router, "/ready").await;
        assert_eq!(unready.status, 503);
        assert_eq!(unready.json(), json!({"ready": false, "stores": true, "chains": {"8996": false}}));
        assert_eq!(get(&router, "/health").await.status, 200);
    }
}

#[tokio::test]
async fn requests_are_counted_by_endpoint_and_status() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    get(&router, "/api/services/nonce").await;
    get(&router, "/api/services/nonce").await;
    get(&router, "/").await;
    let text = get(&router, "/metrics").await;
    assert_eq!(text.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = text.text();
    for line in [
        "# TYPE ocean_requests_total counter",
        "ocean_requests_total{endpoint=\"Nonce\",status=\"400\"} 2",
        "ocean_requests_total{endpoint=\"Root\",status=\"200\"} 1",
        "# TYPE ocean_request_seconds histogram",
        "ocean_request_seconds_bucket{endpoint=\"Nonce\",le=\"+Inf\"} 2",
        "ocean_request_seconds_count{endpoint=\"Nonce\"} 2",
        "ocean_downloads_running 0",
    ] {
        assert!(text.lines().any(|had| had == line), "{line} is not in\n{text}");
    }
}

/// The operations of a document: method and path.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let each = paths
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    each.collect()
}

#[tokio::test]
async fn the_openapi_document_is_what_is_served() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let router = world.router(dialect);
        let document = get(&router, "/spec").await.json();
        assert_eq!(document["openapi"], "3.0.3");
        let served: BTreeSet<_> =
            routes(dialect).iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
        assert_eq!(operations(&document), served);
        // Every reference leads somewhere.
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        for (_, rest) in text.match_indices("#/components/schemas/").map(|(at, found)| text.split_at(at + found.len()))
        {
            let name = rest.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        let page = get(&router, "/api/docs").await;
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(routes(dialect).iter().all(|route| page.text().contains(route.path)));
    }
}

/// Leaves out each required field in turn: the server must mind, or the document claims too much.
#[tokio::test]
async fn what_the_document_requires_is_required() {
    let world = World::new().await;
    let mut tried = 0;
    for dialect in DIALECTS {
        let router = world.router(dialect);
        let document = get(&router, "/spec").await.json();
        for (method, path) in operations(&document) {
            let operation = &document["paths"][&path][method.to_lowercase()];
            let none = Vec::new();
            let query = operation["parameters"].as_array().unwrap_or(&none).iter();
            let query = query.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
            let body = operation["requestBody"]["content"]["application/json"]["schema"]["required"].as_array();
            if query.count() == 0 && body.is_none() {
                continue;
            }
            let answer = send(&router, &method, &path, &[("content-type", "application/json")], "{}").await;
            let status = answer.status.as_u16();
            assert!((400..500).contains(&status) && status != 404, "{method} {path}: {status} {}", answer.text());
            let declared = operation["responses"].as_object().unwrap();
            assert!(declared.contains_key(&status.to_string()), "{method} {path}: {status} is not in the document");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

async fn command(router: &axum::Router, body: &Value) -> Answer {
    send(router, "POST", "/directCommand", &[("content-type", "application/json")], body.to_string()).await
}

#[tokio::test]
async fn a_command_answers_as_its_endpoint() {
    let world = World::new().await;
    let router = world.router(Dialect::OceanNode);
    let consumer = world.consumer.address().to_checksum(None);
    let signed = |nonce: &str, command: &str| {
        sign_message(&world.consumer, Dialect::OceanNode, &format!("{consumer}{nonce}{command}"))
    };
    assert_eq!(command(&router, &json!({"command": "nonce", "address": consumer})).await.text(), "0");
    let fees = json!({"command": "getFees", "ddoId": world.did, "serviceId": "first", "consumerAddress": consumer});
    assert!(command(&router, &fees).await.json()["providerFee"].is_object());
    let sealed = command(
        &router,
        &json!({"command": "encrypt", "blob": "a & b", "encoding": "string", "consumerAddress": consumer, "nonce": "1",
            "signature": signed("1", "encrypt")}),
    )
    .await;
    let sealed = alloy::primitives::hex::decode(sealed.text()).unwrap();
    assert_eq!(ecies::decrypt(&world.key, &sealed).unwrap(), b"a & b");
    let download = json!({
        "command": "download", "fileIndex": 0, "documentId": world.did, "serviceId": "first",
        "transferTxId": world.order, "nonce": "2", "consumerAddress": consumer, "signature": signed("2", "download"),
    });
    let file = command(&router, &download).await;
    assert_eq!((file.status.as_u16(), file.text()), (200, crate::fake::SMALL));
    assert_eq!(file.header("content-disposition"), Some("attachment;filename=small.txt"));
    command(&router, &download).await.refused(401, "is not a valid nonce");
    let info = json!({"command": "fileInfo", "type": "url", "url": format!("{}/small.txt", world.files_url)});
    assert_eq!(command(&router, &info).await.json()[0]["valid"], true);
    for (asked, status) in [
        (json!({"command": "getP2PPeers"}), 200),
        (json!({"command": "getP2PPeer", "peerId": "16U"}), 404),
        (json!({"command": "findPeer"}), 400),
        (json!({"command": "getP2PNetworkStats"}), 400),
        (json!({"command": "jobs"}), 200),
        (json!({"command": "getAccessList", "chainId": 8996, "contractAddress": consumer}), 404),
        (json!({"command": "getAccessList", "chainId": 8996}), 400),
        (json!({"command": "persistentStorageListFiles", "bucketId": "../.."}), 401),
        (json!({"command": "encrypt", "blob": "x", "encoding": "base58"}), 400),
        (json!({"command": "directCommand"}), 400),
        (json!({"command": ["status"]}), 400),
    ] {
        let answer = command(&router, &asked).await;
        assert_eq!(answer.status.as_u16(), status, "{asked}: {}", answer.text());
    }
    let status = command(&router, &json!({"command": "detailedStatus"})).await.json();
    assert_eq!(status["provider"], json!([{"chainId": "8996", "network": "Ganache"}]));
    assert!(status["platform"]["cpus"].as_u64().unwrap() > 0);
    assert!(status["platform"]["totalmem"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_file_is_encrypted_for_the_node_alone() {
    let world = World::new().await;
    let router = world.router(Dialect::OceanNode);
    let consumer = world.consumer.address().to_checksum(None);
    let path = |nonce: &str, method: &str| {
        let text = format!("{consumer}{nonce}encryptFile");
        let signature = sign_message(&world.consumer, Dialect::OceanNode, &text);
        format!("/api/services/encryptFile?consumerAddress={consumer}&nonce={nonce}&signature={signature}{method}")
    };
    let octets = [("content-type", "application/octet-stream")];
    let unsigned = "/api/services/encryptFile";
    send(&router, "POST", unsigned, &octets, "x").await.refused(401, "Invalid authentication");
    send(&router, "POST", &path("1", ""), &octets, "").await.refused(400, "Missing required body");
    send(&router, "POST", &path("1", "&encryptMethod=rot13"), &octets, "x").await.refused(400, "must be one of");
    assert_eq!(world.stored(world.consumer.address()).await, None);

    let aes = send(&router, "POST", &path("1", ""), &octets, "a file").await;
    assert_eq!(aes.header("x-encrypted-method"), Some("AES"));
    assert_eq!(aes.header("x-encrypted-by"), Some("16Uiu2HAmRkJeRYRghP3ETQCpdz8NsQzQE9RpSST7i5YNgWqH4dVE"));
    assert_eq!(sealed::open(&world.key, &aes.body).unwrap(), b"a file");
    let ecies = send(&router, "POST", &path("2", "&encryptMethod=ecies"), &octets, "a file").await;
    assert_eq!(ecies.header("x-encrypted-method"), Some("ECIES"));
    assert_eq!(ecies::decrypt(&world.key, &ecies.body).unwrap(), b"a file");
    // A file object is fetched, once, under the same guard as every other.
    let object = json!({"type": "url", "url": format!("{}/small.txt", world.files_url), "method": "get"}).to_string();
    let json = [("content-type", "application/json")];
    let fetched = send(&router, "POST", &path("3", ""), &json, object.clone()).await;
    assert_eq!(sealed::open(&world.key, &fetched.body).unwrap(), crate::fake::SMALL.as_bytes());
    assert_eq!(world.files.requests(), 1);
    send(&world.guarded_router(Dialect::OceanNode), "POST", &path("4", ""), &json, object)
        .await
        .refused(400, "Cannot fetch files");
    send(&router, "POST", &path("5", ""), &json, "[]").await.refused(400, "Missing data to encrypt");
}

#[tokio::test]
async fn the_log_is_for_administrators() {
    let world = World::new().await;
    let admin = PrivateKey::random();
    let router = world.router_with(Dialect::OceanNode, |parts| parts.admins = vec![admin.address()]);
    let ask = async |key: &PrivateKey, nonce: &str, path: &str| {
        let address = key.address().to_checksum(None);
        let signature = sign_message(key, Dialect::OceanNode, &format!("{address}{nonce}getLogs"));
        let body = json!({"address": address, "nonce": nonce, "signature": signature}).to_string();
        send(&router, "POST", path, &[("content-type", "application/json")], body).await
    };
    get(&router, &world.download(Dialect::OceanNode, "5")).await;
    let stranger = ask(&world.consumer, "6", "/logs").await;
    stranger.refused(403, "The address is not on the list of allowed admins");
    assert_eq!(stranger.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(stranger.json()["error"].is_string());
    assert_eq!(world.stored(world.consumer.address()).await.as_deref(), Some("5"));

    let log = ask(&admin, "1", "/logs?maxLogs=100&moduleName=HTTP&level=info").await;
    assert_eq!(log.status, 200, "{}", log.text());
    let entry = log
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["message"].as_str().unwrap().contains("Download"))
        .cloned();
    let entry = entry.unwrap();
    assert!(entry["message"].as_str().unwrap().starts_with("GET Download 200 "), "{entry}");
    assert!(!log.text().contains("0x"), "an argument of a request is in the log: {}", log.text());
    ask(&admin, "1", "/logs").await.refused(401, "is not a valid nonce");
    let one = ask(&admin, "2", &format!("/log/{}", entry["id"].as_str().unwrap())).await;
    assert_eq!(one.json()["message"], entry["message"]);
    ask(&admin, "3", "/log/999999").await.refused(404, "Not found");
    assert_eq!(ask(&admin, "4", "/logs?level=error").await.text(), "[]");
    assert_eq!(ask(&admin, "5", "/logs?maxLogs=1&page=2").await.json().as_array().unwrap().len(), 1);
}

#[test]
fn every_endpoint_of_the_nodes_clients_is_named() {
    let named: BTreeSet<_> = routes(Dialect::OceanNode).iter().filter_map(|route| route.name).collect();
    for name in [
        "encryptFile",
        "logs",
        "log",
        "getP2PPeer",
        "PolicyServerPassthrough",
        "initializePSVerification",
        "/api/services/persistentStorage/buckets",
        "/api/services/persistentStorage/buckets_GET",
        "/api/services/accesslists",
        "/api/services/escrow/events",
    ] {
        assert!(named.contains(name), "{name}");
    }
    assert_eq!(Endpoint::UploadFile.address_field(), Some("consumerAddress"));
}
