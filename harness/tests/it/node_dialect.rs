//! The node on a real chain, asked the way ocean.js and ocean-cli ask: discovery, signatures, nonces, texts, and whom it refuses.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use ocean_contracts_bindings::order::reused_order_tx;
use ocean_crypto::{Message, PrivateKey, ecies, sign_message};
use ocean_primitives::{Bytes, Dialect, keccak256};
use ocean_testbed::{Component, Role, Testbed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::provider_attacks::{
    decrypt::every_form_is_served,
    world::{Answer, BUYER, Download, SECRET_PATH, STRANGER, TIMEOUT, World, personal_digest},
};

const DIALECT: Dialect = Dialect::OceanNode;
const MISMATCH: &str = "consumer address and nonce signature mismatch";
const NOT_SIGNED: &str =
    "Invalid authentication, you need to provide either a token or an address, signature, message and nonce";

/// Computed with ethers: texts whose hash does and does not begin with zero bytes, and their three signatures each.
const VECTORS: &str =
    include_str!("../../../crates/crypto/tests/fixtures/ocean-node-3.2.0/node_request_signature.json");

fn download(world: &World, account: usize, tx: impl ToString) -> Download {
    Download { dialect: DIALECT, tx: tx.to_string(), ..world.download(account, ocean_primitives::B256::ZERO) }
}

fn signed(key: &PrivateKey, consumer: &str, nonce: &str, command: &str) -> String {
    sign_message(key, DIALECT, &Message::Command { consumer, nonce, command }.text(DIALECT))
}

async fn encrypt(world: &World, consumer: &str, nonce: &str, signature: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!(
        "{}/api/services/encrypt?chainId=8996&nonce={nonce}&consumerAddress={consumer}&signature={signature}",
        world.testbed.node_url()
    );
    world.send(Method::POST, &url, &[&[("content-type", "application/octet-stream")], headers].concat(), "clear").await
}

/// Plain text, as the node refuses.
#[track_caller]
fn refused(answer: &Answer, case: &str, status: u16, text: &str) {
    answer.refused(case, status, text);
    assert!(answer.text().starts_with(text), "{case}: `{}`", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_path_of_the_discovery_document_answers() {
    let world = World::start().await;
    let root = world.node_get("/").await.json();
    assert_eq!(root["chainIds"], json!(["8996"]));
    assert_eq!(root["providerAddress"], world.testbed.provider_key().address().to_checksum(None));
    let key: Vec<u8> = (0..33).map(|place| root["nodePublicKey"][place.to_string()].as_u64().unwrap() as u8).collect();
    assert_eq!(key, world.testbed.provider_key().public_key().to_compressed());
    assert!(root["nodePublicKey"].get("33").is_none() && root.get("providerAddresses").is_none());
    assert_eq!(root["nodeId"], "16Uiu2HAmRkJeRYRghP3ETQCpdz8NsQzQE9RpSST7i5YNgWqH4dVE");
    assert_eq!((&root["software"], &root["version"]), (&json!("Ocean-Node"), &json!("0.0.1")));

    let endpoints = root["serviceEndpoints"].as_object().unwrap();
    // What ocean.js looks up for what is served; compute, persistent storage and policy servers are not yet.
    for (name, method, path) in [
        ("nonce", "GET", "/api/services/nonce"),
        ("encrypt", "POST", "/api/services/encrypt"),
        ("decrypt", "POST", "/api/services/decrypt"),
        ("fileInfo", "POST", "/api/services/fileInfo"),
        ("initialize", "GET", "/api/services/initialize"),
        ("download", "GET", "/api/services/download"),
        ("generateAuthToken", "POST", "/api/services/auth/token"),
        ("invalidateAuthToken", "POST", "/api/services/auth/token/invalidate"),
        ("directCommand", "POST", "/directCommand"),
        ("getP2PPeers", "GET", "/getP2PPeers"),
        ("getDDO", "GET", "/api/aquarius/assets/ddo/:did/:force?"),
        ("getDDOMetadata", "GET", "/api/aquarius/assets/metadata/:did/:force?"),
        ("ddoMetadataQuery", "POST", "/api/aquarius/assets/metadata/query"),
        ("getDDOState", "GET", "/api/aquarius/state/ddo"),
        ("validateDDO", "POST", "/api/aquarius/assets/ddo/validate"),
        ("jobs", "GET", "/api/services/jobs/:job"),
        ("indexQueue", "GET", "/api/services/indexQueue"),
    ] {
        assert_eq!(endpoints.get(name), Some(&json!([method, path])), "{name}");
    }
    for (name, entry) in endpoints {
        let (method, path) = (entry[0].as_str().unwrap(), entry[1].as_str().unwrap());
        // As ocean.js calls it: parameters filled in, optional ones left out or given; the job is asked for literally.
        let filled = path.replace(":did", world.did().as_str()).replace(":chain", "8996");
        let mut paths = vec![filled.replace("/:force?", "")];
        if filled.contains("/:force?") {
            paths.push(filled.replace("/:force?", "/true"));
        }
        for path in paths {
            let path = if path.ends_with("/state/ddo") { format!("{path}?did={}", world.did()) } else { path };
            let url = format!("{}{path}", world.testbed.node_url());
            let method: Method = method.parse().unwrap();
            let answer = world.send(method, &url, &[("content-type", "application/json")], "{}").await;
            assert!(
                answer.status != 404 && answer.status != 405 && answer.status < 500,
                "{name} {path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    let jobs = world.node_get("/api/services/jobs/:job").await;
    assert_eq!((jobs.status, jobs.text().as_str()), (200, "[]"));
    let status = world.node_post("/directCommand", &json!({"command": "status"})).await.json();
    assert_eq!((&status["p2p"], &status["http"], &status["id"]), (&json!(true), &json!(true), &root["nodeId"]));
    assert!(world.node_get("/getP2PPeers").await.json().is_array());
    assert_eq!(world.node_post("/logs", &json!({})).await.status, 400);
    for path in ["/api/services/nothing", "/<script>"] {
        let answer = world.node_get(path).await;
        answer.refused(path, 404, "Cannot GET /");
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
    }
    // A request without arguments says which are missing, and is nobody's fault but the client's.
    for (path, text) in [
        ("/api/services/decrypt", "Missing one ( \""),
        ("/api/services/auth/token", "Missing one ( \""),
        ("/directCommand", "Missing one ( \"command\" )"),
    ] {
        refused(&world.node_post(path, &json!({})).await, path, 400, text);
    }
    for path in ["/api/services/download", "/api/services/initialize"] {
        refused(&world.node_get(path).await, path, 400, "Missing one ( \"");
    }
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_a_signature_that_clients_make_is_accepted_once() {
    let world = World::start().await;
    let node = format!("{}/api/services/nonce?userAddress=", world.testbed.node_url());
    let stored = async |address: &str| world.send(Method::GET, &format!("{node}{address}"), &[], "").await.text();

    // The vectors name three nonces; each can be used once, so each is tried with one form, and with all forms again.
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let consumer = vectors["address"].as_str().unwrap();
    assert_eq!(stored(consumer).await, "{\"nonce\":\"0\"}");
    let forms = ["sig_over_32_bytes", "sig_over_toBeArray_ocean_js", "sig_over_ascii_hex_string"];
    let mut zeros = 0;
    for (index, case) in vectors["cases"].as_array().unwrap().iter().enumerate() {
        let text = case["message"].as_str().unwrap();
        let nonce = text.strip_prefix(consumer).unwrap().strip_suffix("encrypt").unwrap();
        zeros += usize::from(case["signedBytesLenInToBeArray"] == 31);
        let answer = encrypt(&world, consumer, nonce, case[forms[index % 3]].as_str().unwrap(), &[]).await;
        assert_eq!(answer.status, 200, "{text} {}: {}", forms[index % 3], answer.text());
        let ciphertext: Bytes = answer.text().parse().unwrap();
        assert_eq!(ecies::decrypt(&world.testbed.provider_key(), &ciphertext).unwrap(), b"clear");
        for form in forms {
            let answer = encrypt(&world, consumer, nonce, case[form].as_str().unwrap(), &[]).await;
            refused(&answer, form, 401, &format!("nonce: {nonce} is not a valid nonce"));
        }
    }
    assert_eq!(zeros, 2, "vectors with a leading zero byte");

    // All forms for hashes with and without leading zeros, by a key of ours.
    let key = PrivateKey::random();
    let consumer = key.address().to_checksum(None);
    let mut last = 0_u64;
    let mut next = |zero: bool| {
        loop {
            last += 1;
            let hash = keccak256(format!("{consumer}{last}encrypt"));
            if (hash[0] == 0) == zero {
                return (last.to_string(), hash);
            }
        }
    };
    for zero in [false, true] {
        for form in ["32 bytes", "stripped", "hex"] {
            let (nonce, hash) = next(zero);
            let stripped: Vec<u8> = hash.iter().copied().skip_while(|byte| *byte == 0).collect();
            let digest = match form {
                "32 bytes" => personal_digest(hash.as_slice()),
                "stripped" => personal_digest(&stripped),
                _ => personal_digest(hash.to_string().as_bytes()),
            };
            let signature = key.sign_digest(digest).to_string();
            // Neither another key's, nor of another text, nor with another nonce.
            let other = PrivateKey::random().sign_digest(digest).to_string();
            refused(&encrypt(&world, &consumer, &nonce, &other, &[]).await, form, 401, MISMATCH);
            let later = format!("{nonce}0");
            refused(&encrypt(&world, &consumer, &later, &signature, &[]).await, form, 401, MISMATCH);
            let answer = encrypt(&world, &consumer, &nonce, &signature, &[]).await;
            assert_eq!(answer.status, 200, "{form}, leading zero {zero}: {}", answer.text());
            assert_eq!(stored(&consumer).await, format!("{{\"nonce\":\"{nonce}\"}}"));
        }
    }
    let (nonce, hash) = next(false);
    for digest in [
        hash,
        personal_digest(format!("{consumer}{nonce}encrypt").as_bytes()),
        personal_digest(&hash.to_string().as_bytes()[2..]),
    ] {
        let answer = encrypt(&world, &consumer, &nonce, &key.sign_digest(digest).to_string(), &[]).await;
        refused(&answer, "a form that nobody sends", 401, MISMATCH);
    }
    for (signature, status) in [("", 401), ("0x", 401), ("0x1234", 401), ("zz", 401)] {
        assert_eq!(encrypt(&world, &consumer, &nonce, signature, &[]).await.status, status, "{signature}");
    }
    for (nonce, text) in [("", ""), ("abc", ""), ("NaN", ""), ("-5", "")] {
        let answer = encrypt(&world, &consumer, nonce, &signed(&key, &consumer, nonce, "encrypt"), &[]).await;
        assert!(
            (400..402).contains(&answer.status) && answer.text().contains(text),
            "{nonce}: {} {}",
            answer.status,
            answer.text()
        );
    }

    // The same signed request at once: one answer. Another command's signature is none.
    let (nonce, _) = next(false);
    let signature = signed(&key, &consumer, &nonce, "encrypt");
    let answers: Vec<_> = stream::iter(0..6)
        .map(|_| encrypt(&world, &consumer, &nonce, &signature, &[]))
        .buffer_unordered(6)
        .collect()
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        refused(answer, "at once", 401, &format!("nonce: {nonce} is not a valid nonce"));
    }
    let (nonce, _) = next(false);
    for command in ["download", "decryptDDO", "createAuthToken", ""] {
        let answer = encrypt(&world, &consumer, &nonce, &signed(&key, &consumer, &nonce, command), &[]).await;
        refused(&answer, command, 401, MISMATCH);
    }
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_tokens_and_files_the_way_ocean_js_asks() {
    let world = World::start().await;
    let (order, strangers) = (world.order(BUYER, "first").await, world.order(STRANGER, "second").await);
    let (node, consumer) = (world.testbed.node_url().to_owned(), world.address(BUYER).to_checksum(None));
    let get = async |path: String, headers: &[(&str, &str)]| {
        world.send(Method::GET, &format!("{node}{path}"), headers, "").await
    };

    let good = download(&world, BUYER, order);
    let answer = get(good.path(), &[]).await;
    assert_eq!((answer.status, answer.text()), (200, world.content.clone()));
    assert_eq!(answer.header("content-disposition"), Some("attachment;filename=data.csv"));
    assert_eq!(answer.header("content-length"), Some(world.content.len().to_string().as_str()));
    let before = world.files.requests(SECRET_PATH);
    refused(&get(good.path(), &[]).await, "replay", 401, &format!("nonce: {} is not a valid nonce", good.nonce));
    let six: Vec<_> = {
        let path = download(&world, BUYER, order).path();
        stream::iter(0..6).map(|_| get(path.clone(), &[])).buffer_unordered(6).collect().await
    };
    assert_eq!(six.iter().filter(|answer| answer.status == 200).count(), 1, "six at once");
    assert_eq!(world.files.requests(SECRET_PATH), before + 1);
    let lower =
        Download { consumer: consumer.to_lowercase(), nonce: good.nonce.clone(), ..download(&world, BUYER, order) };
    refused(
        &get(lower.path(), &[]).await,
        "another spelling",
        401,
        &format!("nonce: {} is not a valid nonce", good.nonce),
    );
    refused(&get(download(&world, BUYER, order).unsigned(), &[]).await, "unsigned", 401, NOT_SIGNED);
    let wrong = Download { key: world.key(STRANGER), ..download(&world, BUYER, order) };
    refused(&get(wrong.path(), &[]).await, "another key", 401, MISMATCH);
    let provider_form = Download { dialect: Dialect::Provider, ..download(&world, BUYER, order) };
    refused(&get(provider_form.path(), &[]).await, "the Provider's text", 401, MISMATCH);
    let part = get(download(&world, BUYER, order).path(), &[("range", "bytes=5-8")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &world.content.as_bytes()[5..9]));

    // Who has not paid, for what, and what there is not.
    let failed = |tx: &dyn ToString, reason: &str| {
        format!("Order with tx_id {} could not be validated due to error: {reason}", tx.to_string())
    };
    let sender = "sender of order transaction is not the consumer/payer.";
    refused(&get(download(&world, STRANGER, order).path(), &[]).await, "another's order", 400, &failed(&order, sender));
    let fee = format!("Cannot find the event for the provider fee in tx id {strangers}.");
    refused(
        &get(download(&world, STRANGER, strangers).path(), &[]).await,
        "another service",
        400,
        &failed(&strangers, &fee),
    );
    let change = |change: &dyn Fn(&mut Download)| {
        let mut download = download(&world, BUYER, order);
        change(&mut download);
        download.path()
    };
    let unknown = format!("did:op:{}", "ab".repeat(32));
    for (case, path, status, text) in [
        ("service", change(&|d| d.service = "third".to_owned()), 400, "Invalid serviceId"),
        ("file", change(&|d| d.index = "2".to_owned()), 400, "No such fileIndex 2"),
        ("negative", change(&|d| d.index = "-1".to_owned()), 400, "Parameter : \"fileIndex\" is not valid"),
        ("did", change(&|d| d.did.clone_from(&unknown)), 404, "Cannot resolve DID"),
        (
            "compute",
            change(&|d| d.service = "compute".to_owned()),
            400,
            "Not allowed to download this asset of type compute",
        ),
        ("upstream", change(&|d| d.index = "1".to_owned()), 400, "Asset URL not found, not available or invalid."),
        ("no order", change(&|d| d.tx.clear()), 400, "Missing one ( \"transferTxId\" )"),
    ] {
        refused(&get(path, &[]).await, case, status, text);
    }
    let mut denies = download(&world, STRANGER, order);
    denies.service = "denies".to_owned();
    refused(&get(denies.path(), &[]).await, "denied", 403, "Error: Access to asset did:op:");
    let initialize = |service: &str, account: usize, more: &str| {
        let account = world.address(account);
        format!(
            "/api/services/initialize?documentId={}&serviceId={service}&fileIndex=0&consumerAddress={account}{more}",
            world.did()
        )
    };
    refused(&get(initialize("denies", STRANGER, ""), &[]).await, "denied", 403, "Error: Access to asset did:op:");
    refused(&get(initialize("compute", BUYER, ""), &[]).await, "compute", 400, "Use the initializeCompute endpoint");
    let no_did = get(initialize("first", BUYER, "").replace(world.did().as_str(), &unknown), &[]).await;
    refused(&no_did, "unknown DID", 404, "Cannot resolve DID");

    // The fee ends when the order's time does, as an instant.
    let now = world.testbed.clock().now().as_second() as u64;
    let answer = get(initialize("first", BUYER, ""), &[]).await.json();
    let until = answer["providerFee"]["validUntil"].as_u64().unwrap();
    assert!((now + TIMEOUT..now + TIMEOUT + 60).contains(&until), "{until} at {now}");
    assert_eq!(answer["computeAddress"], consumer);
    let fee: ocean_crypto::ProviderFee = serde_json::from_value(answer["providerFee"].clone()).unwrap();
    fee.verify().unwrap();
    let buyer = world.client(BUYER).await;
    let reused = buyer.contracts().reuse_order(world.asset.datatoken, order, &fee).await.unwrap().tx;
    let receipt = ocean_contracts_bindings::wait_for_receipt(buyer.contracts().rpc(), reused, Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(reused_order_tx(&receipt, world.asset.datatoken), Some(order));
    assert_eq!(get(download(&world, BUYER, reused).path(), &[]).await.status, 200);
    let valid = get(initialize("first", BUYER, &format!("&transferTxId={order}")), &[]).await;
    assert_eq!(valid.text(), format!("{{\"validOrder\":\"{order}\"}}"));

    // Tokens: raw in `Authorization`, for their own address, until they are ended by it.
    let token = async |account: usize, nonce: String, more: Value| {
        let address = world.address(account).to_checksum(None);
        let signature = signed(&world.key(account), &address, &nonce, "createAuthToken");
        let mut body = json!({"address": address, "nonce": nonce, "signature": signature});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        world.node_post("/api/services/auth/token", &body).await
    };
    let nonce = world.next_nonce().to_string();
    let made = token(BUYER, nonce.clone(), json!({})).await;
    let jwt = made.json()["token"].as_str().unwrap().to_owned();
    refused(
        &token(BUYER, nonce.clone(), json!({})).await,
        "token replay",
        401,
        &format!("nonce: {nonce} is not a valid nonce"),
    );
    for until in [now - 10, now + 367 * 86_400] {
        let answer = token(BUYER, world.next_nonce().to_string(), json!({"validUntil": until})).await;
        refused(&answer, "lifetime", 400, "Parameter : \"validUntil\" is not valid");
    }
    let answer = get(download(&world, BUYER, order).unsigned(), &[("authorization", &jwt)]).await;
    assert_eq!((answer.status, answer.text()), (200, world.content.clone()));
    refused(
        &get(download(&world, STRANGER, strangers).unsigned(), &[("authorization", &jwt)]).await,
        "another's token",
        401,
        NOT_SIGNED,
    );
    refused(
        &get(download(&world, BUYER, order).unsigned(), &[("AuthToken", &jwt)]).await,
        "the Provider's header",
        401,
        NOT_SIGNED,
    );
    let nonce = world.next_nonce().to_string();
    let answer = encrypt(&world, &consumer, &nonce, "", &[("authorization", &jwt)]).await;
    assert_eq!(answer.status, 200, "a token on encrypt: {}", answer.text());
    refused(&encrypt(&world, &consumer, &nonce, "", &[("authorization", &jwt)]).await, "its replay", 401, "nonce: ");
    let invalidate = async |account: usize, command: &str, key: usize| {
        let (address, nonce) = (world.address(account).to_checksum(None), world.next_nonce().to_string());
        let signature = signed(&world.key(key), &address, &nonce, command);
        let body = json!({"address": address, "nonce": nonce, "signature": signature, "token": jwt});
        world.node_post("/api/services/auth/token/invalidate", &body).await
    };
    refused(&invalidate(BUYER, "", STRANGER).await, "wrong signature", 401, MISMATCH);
    let answer = invalidate(STRANGER, "", STRANGER).await;
    assert_eq!((answer.status, answer.text().as_str()), (401, "{\"error\":\"Token is invalid.\"}"), "another's token");
    assert_eq!(get(download(&world, BUYER, order).unsigned(), &[("authorization", &jwt)]).await.status, 200);
    let answer = invalidate(BUYER, "", BUYER).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "{\"success\":true}"));
    refused(
        &get(download(&world, BUYER, order).unsigned(), &[("authorization", &jwt)]).await,
        "ended",
        401,
        NOT_SIGNED,
    );
    assert_eq!(invalidate(BUYER, "invalidateAuthToken", BUYER).await.json(), json!({"error": "Token is deleted."}));

    // Files.
    let info = world
        .node_post("/api/services/fileInfo", &json!({"did": world.did(), "serviceId": "first", "checksum": true}))
        .await
        .json();
    assert_eq!(
        (&info[0]["valid"], &info[0]["contentLength"], &info[0]["name"]),
        (&json!(true), &json!(world.content.len().to_string()), &json!("data.csv"))
    );
    assert_eq!(info[1]["valid"], false, "a file that answers 404");
    let missing = json!({"type": "url", "url": format!("{}/missing", world.files.url()), "method": "GET"});
    assert_eq!(world.node_post("/api/services/fileInfo", &missing).await.json()[0]["valid"], false);
    for bad in [json!({}), json!({"type": "url"}), json!({"type": "teapot"}), json!({"did": unknown, "serviceId": "x"})]
    {
        let answer = world.node_post("/api/services/fileInfo", &bad).await;
        assert!((400..500).contains(&answer.status), "{bad}: {} {}", answer.status, answer.text());
    }

    // Later, the fee is over (with its margin), and then the order.
    world.testbed.advance(Duration::from_secs(TIMEOUT + 60)).await.unwrap();
    refused(
        &get(download(&world, BUYER, order).path(), &[]).await,
        "expired",
        400,
        &failed(&order, "The order has expired."),
    );
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_remembers_nonces_tokens_and_assets_over_a_crash() {
    let mut world = World::on(Testbed::builder().node(Component::Child)).await;
    let order = world.order(BUYER, "first").await;
    let consumer = world.address(BUYER).to_checksum(None);
    let key = world.key(BUYER);
    let served = download(&world, BUYER, order);
    // The node's own index may need a moment for the asset.
    for _ in 0..500 {
        if world.node_get(&format!("/api/aquarius/assets/ddo/{}", world.did())).await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.node_get(&served.path()).await.status, 200);
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let nonce = world.next_nonce().to_string();
        let signature = signed(&key, &consumer, &nonce, "createAuthToken");
        let body = json!({"address": consumer, "nonce": nonce, "signature": signature});
        let made = world.node_post("/api/services/auth/token", &body).await;
        tokens.push(made.json()["token"].as_str().unwrap().to_owned());
    }
    let nonce = world.next_nonce().to_string();
    let signature = signed(&key, &consumer, &nonce, "");
    let body = json!({"address": consumer, "nonce": nonce, "signature": signature, "token": tokens[0]});
    assert_eq!(world.node_post("/api/services/auth/token/invalidate", &body).await.text(), "{\"success\":true}");

    world.testbed.kill(Role::Node).unwrap();
    world.testbed.restart(Role::Node).await.unwrap();
    let before = world.files.requests(SECRET_PATH);
    let replay = world.node_get(&served.path()).await;
    refused(&replay, "replay", 401, &format!("nonce: {} is not a valid nonce", served.nonce));
    let by_token = async |token: &str| {
        let url = format!("{}{}", world.testbed.node_url(), download(&world, BUYER, order).unsigned());
        world.send(Method::GET, &url, &[("authorization", token)], "").await
    };
    refused(&by_token(&tokens[0]).await, "an ended token", 401, NOT_SIGNED);
    assert_eq!(world.files.requests(SECRET_PATH), before);
    let answer = by_token(&tokens[1]).await;
    assert_eq!((answer.status, answer.text()), (200, world.content.clone()));
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_decrypts_every_form_for_a_signature_only() {
    every_form_is_served(DIALECT).await;
}
