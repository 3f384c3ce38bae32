//! Nonces, signatures, tokens and arguments (R5 to R10), and what refusals say.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::{Dialect, keccak256};
use ocean_testbed::{Component, Fault, Role, Testbed};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::world::{Answer, BUYER, Download, SECRET_PATH, STRANGER, World, base64url, personal_digest};

const NOT_SIGNED: &str =
    "{\"errors\":{\"signature\":[\"Invalid signature provided. Please check the nonce or documentId.\"]}";

fn token_text(address: &str, nonce: &str) -> String {
    Message::CreateAuthToken { address, nonce }.text(Dialect::Provider)
}

/// The path of a token's creation.
fn create_token(world: &World, account: usize, nonce: &str, expiration: u64) -> String {
    let address = world.address(account).to_checksum(None);
    let signature = sign_message(&world.key(account), Dialect::Provider, &token_text(&address, nonce));
    format!(
        "/api/services/createAuthToken?address={address}&expiration={expiration}&nonce={nonce}&signature={signature}"
    )
}

fn delete_token(world: &World, account: usize, nonce: &str, token: &str) -> String {
    create_token(world, account, nonce, 0)
        .replace("/createAuthToken?", "/deleteAuthToken?")
        .replace("&expiration=0", &format!("&token={token}"))
}

fn now(world: &World) -> u64 {
    world.testbed.clock().now().as_second() as u64
}

/// Of a request that was sent several times at once, exactly one was served.
#[track_caller]
fn once(case: &str, answers: &[Answer]) {
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{case}: {statuses:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(case, 400, "Invalid signature expected nonce (");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_acts_once_however_it_is_written_and_after_a_restart() {
    let mut world = World::on(Testbed::builder().provider(Component::Child)).await;
    let order = world.order(BUYER, "first").await;
    let checksummed = world.address(BUYER).to_checksum(None);

    // Three times in a row, six times at once.
    let download = world.download(BUYER, order);
    world.served("the first of three", &download).await;
    let before = world.files.requests(SECRET_PATH);
    let text = format!("Invalid signature expected nonce ({0}) > current nonce ({0}).", download.nonce);
    for _ in 0..2 {
        world.get(&download.path()).await.refused_signature("replay", &text);
    }
    let at_once = world.download(BUYER, order).path();
    let answers: Vec<_> = stream::iter(0..6).map(|_| world.get(&at_once)).buffer_unordered(6).collect().await;
    once("six at once", &answers);
    assert_eq!(world.files.requests(SECRET_PATH), before + 1, "a replay reached the source");

    // Equal numbers in other spellings are equal; what is above in any spelling is accepted.
    let stored = world.stored(&checksummed).await;
    for spelling in [format!("{stored}.0"), format!("0{stored}"), format!("{stored}e0"), "1".to_owned(), "0".to_owned()]
    {
        let download = Download { nonce: spelling.clone(), ..world.download(BUYER, order) };
        let text = format!("Invalid signature expected nonce ({stored}) > current nonce ({spelling}).");
        world.get(&download.path()).await.refused_signature(&spelling, &text);
    }
    let fraction = Download { nonce: format!("{stored}.25"), ..world.download(BUYER, order) };
    world.served("a fraction above", &fraction).await;
    let text = format!("Invalid signature expected nonce ({stored}.25) > current nonce ({stored}.25).");
    world.get(&fraction.path()).await.refused_signature("its replay", &text);

    // One nonce per address, however it is written; each spelling is signed as it is sent.
    for consumer in
        [checksummed.to_lowercase(), checksummed[2..].to_owned(), format!("0x{}", checksummed[2..].to_uppercase())]
    {
        let stored = world.stored(&checksummed).await;
        assert_eq!(world.stored(&consumer).await, stored, "{consumer}");
        let low = Download { nonce: stored.clone(), consumer: consumer.clone(), ..world.download(BUYER, order) };
        let text = format!("Invalid signature expected nonce ({stored}) > current nonce ({stored}).");
        world.get(&low.path()).await.refused_signature(&consumer, &text);
        let good = Download { consumer: consumer.clone(), ..world.download(BUYER, order) };
        world.served(&consumer, &good).await;
        assert_eq!(world.stored(&checksummed).await, good.nonce);
    }

    // Clients count in other units: the refusal says from where to go on.
    let millis = Download { nonce: "1795219087855".to_owned(), ..world.download(BUYER, order) };
    world.served("milliseconds", &millis).await;
    let seconds = Download { nonce: "1795219088".to_owned(), ..world.download(BUYER, order) };
    let text = "Invalid signature expected nonce (1795219087855) > current nonce (1795219088).";
    world.get(&seconds.path()).await.refused_signature("seconds after milliseconds", text);
    let next = Download { nonce: "1795219087856".to_owned(), ..world.download(BUYER, order) };
    world.served("stored + 1", &next).await;

    // Tokens: made, ended, and the nonces of both, all kept over a restart.
    let expiration = now(&world) + 1_000;
    let create = |world: &World, nonce| create_token(world, STRANGER, nonce, expiration);
    let kept = world.get(&create(&world, "1")).await.json()["token"].as_str().unwrap().to_owned();
    let ended = world.get(&create_token(&world, STRANGER, "2", expiration + 1)).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let url = format!("{}{}", world.testbed.provider_url(), delete_token(&world, STRANGER, "3", &ended));
    let deleted = world.send(Method::DELETE, &url, &[], "").await;
    assert_eq!((deleted.status, deleted.text().as_str()), (200, "{\"success\":\"Token has been deactivated.\"}\n"));
    world.testbed.kill(Role::Provider).unwrap();
    world.testbed.restart(Role::Provider).await.unwrap();
    let before = world.files.requests(SECRET_PATH);
    for path in [&at_once, &next.path()] {
        world.get(path).await.refused(
            "replay after a restart",
            400,
            "Invalid signature expected nonce (1795219087856)",
        );
    }
    assert_eq!(world.files.requests(SECRET_PATH), before);
    world
        .get(&create(&world, "2"))
        .await
        .refused_signature("token after a restart", "Invalid signature expected nonce (3) > current nonce (2).");
    let url = |nonce: &str, token: &str| {
        format!("{}{}", world.testbed.provider_url(), delete_token(&world, STRANGER, nonce, token))
    };
    world.send(Method::DELETE, &url("4", &ended), &[], "").await.refused_exactly(
        "ended token",
        400,
        "Token is deleted.",
    );
    let deleted = world.send(Method::DELETE, &url("4", &kept), &[], "").await;
    assert_eq!(deleted.status, 200, "a refused deletion left the nonce alone: {}", deleted.text());
    world.testbed.stop().await.unwrap();
}

/// HMAC-SHA256, to forge tokens with.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::digest([block.map(|byte| byte ^ 0x36).as_slice(), message].concat());
    Sha256::digest([block.map(|byte| byte ^ 0x5c).as_slice(), &inner].concat()).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_request_makes_one_token_and_a_token_opens_only_its_own_address() {
    let world = World::start().await;
    let (order, strangers) = (world.order(BUYER, "first").await, world.order(STRANGER, "first").await);
    let (provider, soon) = (world.testbed.provider_url().to_owned(), now(&world) + 1_000);
    let address = world.address(BUYER).to_checksum(None);

    // One signature, one token; it is for nothing else, and for no life without end.
    let made = world.get(&create_token(&world, BUYER, "10", soon)).await;
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(made.text(), format!("{{\"token\":\"{token}\"}}\n"));
    let text = "Invalid signature expected nonce (10) > current nonce (10).";
    world.get(&create_token(&world, BUYER, "10", soon + 5)).await.refused_signature("second token", text);
    let delete = async |path: String| world.send(Method::DELETE, &format!("{provider}{path}"), &[], "").await;
    delete(delete_token(&world, BUYER, "10", &token)).await.refused_signature("a create used for a delete", text);
    for expiration in [soon + 367 * 86_400, soon - 1_001, 0] {
        let refused = world.get(&create_token(&world, BUYER, "11", expiration)).await;
        refused.refused("lifetime", 400, "{\"errors\":{\"expiration\":[\"Invalid timestamp provided.\"]}");
    }
    let text = create_token(&world, BUYER, "11", soon).replace(&format!("expiration={soon}"), "expiration=soon");
    world.get(&text).await.refused(
        "lifetime",
        400,
        "{\"errors\":{\"expiration\":[\"The expiration must be an integer.\"]}",
    );
    let unsigned = create_token(&world, BUYER, "11", soon);
    let (unsigned, _) = unsigned.split_once("&signature").unwrap();
    let with_token = |path: &str, token: &str| (format!("{provider}{path}"), token.to_owned());
    let get = async |(url, token): (String, String)| world.send(Method::GET, &url, &[("AuthToken", &token)], "").await;
    get(with_token(unsigned, &token)).await.refused("a token for a token", 400, NOT_SIGNED);
    assert_eq!(world.stored(&address).await, "10", "refusals leave the nonce alone");

    // What the token stands for.
    let answer = get(with_token(&world.download(BUYER, order).unsigned(), &token)).await;
    assert_eq!((answer.status, answer.text()), (200, world.content.clone()));
    let stored = world.stored(&address).await;
    let low = Download { nonce: "9".to_owned(), ..world.download(BUYER, order) };
    let text = format!("Invalid signature expected nonce ({stored}) > current nonce (9).");
    get(with_token(&low.unsigned(), &token)).await.refused_signature("low nonce with a token", &text);
    let theirs = world.download(STRANGER, strangers);
    get(with_token(&theirs.unsigned(), &token)).await.refused("another's token", 400, NOT_SIGNED);
    let wrong = Download { key: world.key(STRANGER), ..world.download(BUYER, order) };
    get(with_token(&wrong.path(), &token)).await.refused("a wrong signature with a token", 400, "Got 0x");
    let empty = format!("{}&signature=", world.download(BUYER, order).unsigned());
    assert_eq!(get(with_token(&empty, &token)).await.status, 200, "an empty signature is none");

    // Forged tokens.
    let (header, claims) = (
        base64url(br#"{"typ":"JWT","alg":"HS256"}"#),
        base64url(format!(r#"{{"exp":{soon},"address":"{address}"}}"#).as_bytes()),
    );
    let own_key = world.testbed.accounts()[ocean_testbed::PROVIDER_ACCOUNT].private_key_hex();
    let raw_key = world.testbed.provider_key().to_bytes();
    for (case, key) in [
        ("the key's text", own_key.as_bytes()),
        ("its digits", &own_key.as_bytes()[2..]),
        ("its bytes", raw_key.as_slice()),
        ("nothing", b""),
    ] {
        let signed = format!("{header}.{claims}");
        let forged = format!("{signed}.{}", base64url(&hmac(key, signed.as_bytes())));
        get(with_token(&world.download(BUYER, order).unsigned(), &forged)).await.refused(case, 400, NOT_SIGNED);
        delete(delete_token(&world, BUYER, &world.next_nonce().to_string(), &forged)).await.refused_exactly(
            case,
            400,
            "Token is invalid.",
        );
    }
    let none = format!("{}.{claims}.", base64url(br#"{"typ":"JWT","alg":"none"}"#));
    let signature = token.rsplit('.').next().unwrap();
    let longer = base64url(format!(r#"{{"exp":{},"address":"{address}"}}"#, soon + 9).as_bytes());
    for forged in [
        none,
        format!("{header}.{longer}.{signature}"),
        format!("{token}."),
        token[..token.len() - 2].to_owned(),
        String::new(),
        "..".to_owned(),
    ] {
        get(with_token(&world.download(BUYER, order).unsigned(), &forged)).await.refused(&forged, 400, NOT_SIGNED);
    }

    // Its end.
    delete(delete_token(&world, STRANGER, "5", &token)).await.refused_exactly(
        "another's token",
        400,
        "Token is invalid.",
    );
    delete(delete_token(&world, STRANGER, "5", "garbage")).await.refused_exactly("no token", 400, "Token is invalid.");
    let at_once: Vec<_> = stream::iter([world.next_nonce(), world.next_nonce()])
        .map(|nonce| delete(delete_token(&world, BUYER, &nonce.to_string(), &token)))
        .buffered(1)
        .collect()
        .await;
    assert_eq!(at_once[0].text(), "{\"success\":\"Token has been deactivated.\"}\n");
    at_once[1].refused_exactly("deleted twice", 400, "Token is deleted.");
    get(with_token(&world.download(BUYER, order).unsigned(), &token)).await.refused("deleted", 400, NOT_SIGNED);
    let nonce = world.next_nonce().to_string();
    assert_eq!(world.get(&create_token(&world, BUYER, &nonce, soon)).await.text(), made.text(), "the same token again");
    assert_eq!(
        get(with_token(&world.download(BUYER, order).unsigned(), &token)).await.status,
        200,
        "and it is good again"
    );
    world.testbed.advance(Duration::from_secs(1_100)).await.unwrap();
    get(with_token(&world.download(BUYER, order).unsigned(), &token)).await.refused("expired", 400, NOT_SIGNED);
    let nonce = world.next_nonce().to_string();
    delete(delete_token(&world, BUYER, &nonce, &token)).await.refused_exactly("expired", 400, "Token is expired.");
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_say_what_is_wrong_and_nothing_else() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    world.served("a first nonce", &world.download(BUYER, order)).await;
    let consumer = world.address(BUYER).to_checksum(None);
    let stored = world.stored(&consumer).await;
    let good = || world.download(BUYER, order);
    let field = |name: &str, text: &str| {
        format!("{{\"errors\":{{\"{name}\":[\"{text}\"]}},\"message\":\"Validation error\",\"success\":false}}\n")
    };

    // Signatures: by another key, over the text itself, of another text, cut, endless, none.
    let message = format!("message {}", world.did());
    for (case, key) in [("another key", world.key(STRANGER)), ("a fresh key", PrivateKey::random())] {
        let download = Download { key: key.clone(), ..good() };
        let got = format!("Got {:#x}", key.address());
        let answer = world.get(&download.path()).await;
        answer.refused(case, 400, &got);
        let text = answer.json()["errors"]["signature"].as_str().unwrap().to_owned();
        let expected = format!(" for ethereum address {consumer}, {message} and nonce {}. {got}", download.nonce);
        assert!(text.starts_with("Invalid signature 0x") && text.ends_with(&expected), "{case}: {text}");
    }
    let download = good();
    let text = format!("{}{}", download.did, download.nonce);
    let over_text = download.key.sign_digest(personal_digest(text.as_bytes()));
    let over_hash = download.key.sign_digest(keccak256(&text));
    let over_hex = download.key.sign_digest(personal_digest(keccak256(&text).to_string().as_bytes()));
    let node = Message::Download { consumer: &consumer, document_id: &download.did, nonce: &download.nonce }
        .text(Dialect::OceanNode);
    let node = sign_message(&download.key, Dialect::OceanNode, &node);
    for (case, signature) in [
        ("over the text", over_text.to_string()),
        ("without a prefix", over_hash.to_string()),
        ("over the hex of the hash", over_hex.to_string()),
        ("of the node's text", node),
        ("cut", download.signature()[..130].to_owned()),
        ("too long", format!("{}00", download.signature())),
        ("garbage", "0x1234".to_owned()),
        ("zeros", format!("0x{}", "00".repeat(65))),
        ("no number", "signature".repeat(20)),
    ] {
        let answer = world.get(&format!("{}&signature={signature}", download.unsigned())).await;
        answer.refused(case, 400, " for ethereum address ");
        assert!(answer.json()["errors"]["signature"].is_string(), "{case}");
    }
    let raw = download.signature();
    assert!(raw.ends_with("1b") || raw.ends_with("1c"));
    for (case, path) in [("none", download.unsigned()), ("empty", format!("{}&signature=", download.unsigned()))] {
        world.get(&path).await.refused(case, 400, NOT_SIGNED);
    }

    // Arguments.
    let with = |change: &dyn Fn(&mut Download)| {
        let mut download = good();
        change(&mut download);
        download.path()
    };
    let network = |text: &str| format!("{}\n", json!({"error": format!("Provider Ganache: {text}")}));
    let unknown_did = format!("did:op:{}", "ab".repeat(32));
    for (case, path, expected) in [
        ("unknown service", with(&|d| d.service = "third".to_owned()), network("Invalid serviceId.")),
        ("file index", with(&|d| d.index = "2".to_owned()), network("No such fileIndex 2")),
        (
            "file index",
            with(&|d| d.index = "18446744073709551615".to_owned()),
            network("No such fileIndex 18446744073709551615"),
        ),
        ("negative", with(&|d| d.index = "-1".to_owned()), "The fileIndex must be at least 0.".to_owned()),
        ("negative", with(&|d| d.index = "-2".to_owned()), "The fileIndex must be at least 0.".to_owned()),
        ("not whole", with(&|d| d.index = "0.5".to_owned()), field("fileIndex", "The fileIndex must be an integer.")),
        ("no index", with(&|d| d.index.clear()), "\"fileIndex\":[".to_owned()),
        ("unknown did", with(&|d| d.did.clone_from(&unknown_did)), "{\"error\":\"Cannot resolve DID\"}\n".to_owned()),
        ("no did", with(&|d| d.did = "nothing".to_owned()), "{\"error\":\"Cannot resolve DID\"}\n".to_owned()),
        ("empty did", with(&|d| d.did.clear()), field("documentId", "The documentId field is required.")),
        ("nonce", with(&|d| d.nonce = "abc".to_owned()), field("nonce", "The nonce must be a number.")),
        ("negative nonce", with(&|d| d.nonce = "-1".to_owned()), field("nonce", "The nonce must be a number.")),
        ("endless nonce", with(&|d| d.nonce = "9".repeat(500)), field("nonce", "The nonce must be a number.")),
        ("no nonce", with(&|d| d.nonce.clear()), "The nonce field is required.".to_owned()),
        ("no order", with(&|d| d.tx.clear()), field("transferTxId", "The transferTxId field is required.")),
        (
            "compute",
            with(&|d| d.service = "compute".to_owned()),
            network("Service with index=compute is not an access service."),
        ),
    ] {
        let answer = world.get(&path).await;
        answer.refused(&format!("{case} {path}"), 400, &expected);
        if expected.ends_with('\n') {
            assert_eq!(answer.text(), expected, "{case}");
        }
    }
    for tx in ["0x1234", "nothing", &format!("0x{}", "zz".repeat(32)), "http://127.0.0.1/"] {
        world.get(&with(&|d| d.tx = tx.to_owned())).await.refused(tx, 400, "Provider Ganache: Order with tx_id ");
    }
    let missing = world.get(&with(&|d| d.index = "1".to_owned())).await;
    missing.refused("missing upstream", 400, "Asset URL not found, not available or invalid.");
    // The file's source was asked, so the nonce is used up; nothing else before used one.
    assert!(world.stored(&consumer).await > stored);

    // initialize, fileinfo, encrypt, validateContainer and what does not exist.
    let initialize = |more: &str| {
        format!("/api/services/initialize?documentId={}&serviceId=first&consumerAddress={consumer}{more}", world.did())
    };
    for (path, expected) in [
        (initialize("&fileIndex=2"), network("No such fileIndex 2")),
        (
            initialize("&fileIndex=-1"),
            field("fileIndex", "The fileIndex must be an integer.\",\"The fileIndex must be at least 0."),
        ),
        (initialize("").replace("=first", "=third"), network("Invalid serviceId.")),
        (
            initialize("").replace("=first", "=compute"),
            network("Use the initializeCompute endpoint to initialize compute jobs."),
        ),
        (initialize("").replace(world.did().as_str(), &unknown_did), "{\"error\":\"Cannot resolve DID\"}\n".to_owned()),
        (initialize("").replace(&consumer, ""), field("consumerAddress", "The consumerAddress field is required.")),
        (initialize("").replace(&consumer, "0x12"), field("consumerAddress", "The consumerAddress format is invalid.")),
    ] {
        let answer = world.get(&path).await;
        answer.refused(&path, 400, "");
        assert_eq!(answer.text(), expected, "{path}");
    }
    let unreachable = world.get(&initialize("&fileIndex=1&signature=0xSECRET&token=SECRET&url=SECRET")).await;
    unreachable.refused(
        "unreachable",
        400,
        "Asset URL not found, not available or invalid. Payload was: ImmutableMultiDict([('documentId', 'did:op:",
    );
    assert!(!unreachable.text().contains("SECRET"), "{}", unreachable.text());
    let did = world.did().as_str();
    for (body, expected) in [
        (json!({}), "\"message\":\"Validation error\""),
        (json!({"url": "http://x"}), "\"type\":["),
        (json!({"type": "teapot", "url": "http://x"}), "The selected type is invalid."),
        (json!({"type": "url"}), "The url field is required when type is url."),
        (json!({"type": "url", "url": "http://x/y", "method": "DELETE"}), "{\"error\":\"Unsafe method delete.\"}"),
        (json!({"type": "url", "url": "./x"}), "Invalid file name format. It was not possible to get the file name."),
        (json!({"type": "url", "url": "http://x/y", "headers": ["a"]}), "{\"error\":\"malformed file object.\"}"),
        (json!({"type": "graphql", "url": "http://x/y"}), "{\"error\":\"missing graphql query\"}"),
        (json!({"type": "smartcontract", "address": consumer, "chainId": 8996}), "{\"error\":\""),
        (
            json!({"type": "smartcontract", "address": consumer, "chainId": 8996, "abi": {"name": "x", "stateMutability": "payable"}}),
            "only view or pure functions are allowed",
        ),
        (json!({"did": did, "serviceId": "third"}), "{\"error\":\"Provider Ganache: Invalid serviceId.\"}"),
        (json!({"did": unknown_did, "serviceId": "first"}), "{\"error\":\"Cannot resolve DID\"}"),
        (json!({"did": "did:other", "serviceId": "first"}), "The did format is invalid."),
    ] {
        world.post("/api/services/fileinfo", &body).await.refused(&body.to_string(), 400, expected);
    }
    let info = world.post("/api/services/fileinfo", &json!({"did": did, "serviceId": "first"})).await;
    assert_eq!(info.json()[0]["valid"], true, "{}", info.text());
    assert_eq!(info.json()[1], json!({"index": 1, "type": "url", "valid": false}));
    let provider = world.testbed.provider_url().to_owned();
    for (query, kind, expected) in [
        ("", "application/octet-stream", "Missing chainId query parameter."),
        ("?chainId=1", "application/octet-stream", "Failed to encrypt."),
        ("?chainId=8996x", "application/octet-stream", "Failed to encrypt."),
        ("?chainId=8996", "text/plain", "Invalid request content type: should be application/octet-stream"),
        (
            "?chainId=8996",
            "application/octet-stream; charset=utf-8",
            "Invalid request content type: should be application/octet-stream",
        ),
    ] {
        let url = format!("{provider}/api/services/encrypt{query}");
        world.send(Method::POST, &url, &[("content-type", kind)], "x").await.refused_exactly(query, 400, expected);
    }
    let url = format!("{provider}/api/services/validateContainer");
    world.send(Method::POST, &url, &[], "").await.refused_exactly(
        "no container",
        400,
        "missing_entrypoint_image_checksum",
    );
    let nested = json!({"file": {"type": "url", "url": "SECRET", "headers": {"a": "SECRET"}}, "signature": "SECRET", "a": [{"token": "SECRET"}], "shown": 1});
    for path in ["/api/services/checkURL", "/nothing"] {
        let answer = world.post(path, &nested).await;
        answer.refused(path, 404, "{\"context\":{");
        assert!(!answer.text().contains("SECRET") && answer.text().contains("\"shown\":1"), "{}", answer.text());
        assert_eq!(
            answer.json()["error"],
            "404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."
        );
    }
    let wrong = world.get("/api/services/encrypt?signature=SECRET").await;
    assert_eq!(
        (wrong.status, wrong.text()),
        (
            405,
            "{\"context\":{},\"error\":\"405 Method Not Allowed: The method is not allowed for the requested URL.\"}\n"
                .to_owned()
        )
    );
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_is_correct_http() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    let provider = world.testbed.provider_url().to_owned();
    let ask = async |method: Method, headers: &[(&str, &str)]| {
        world.send(method, &format!("{provider}{}", world.download(BUYER, order).path()), headers, "").await
    };
    let whole = ask(Method::GET, &[]).await;
    let length = world.content.len();
    assert_eq!(whole.header("content-length"), Some(length.to_string().as_str()));
    assert_eq!(whole.header("content-disposition"), Some("attachment;filename=data.csv"));
    assert_eq!(whole.header("access-control-allow-origin"), Some("*"));
    let head = ask(Method::HEAD, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let told = |answer: &Answer| {
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        headers.sort_by(|a, b| a.0.cmp(&b.0));
        headers
    };
    assert_eq!(told(&head), told(&whole));

    for (range, first, last) in [
        ("bytes=0-9", 0, 9),
        ("bytes=-5", length - 5, length - 1),
        ("bytes=1000-", 1_000, length - 1),
        ("bytes=0-99999999", 0, length - 1),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let part = ask(method.clone(), &[("range", range)]).await;
            assert_eq!(part.status, 206, "{method} {range}: {}", part.text());
            assert_eq!(
                part.header("content-range"),
                Some(format!("bytes {first}-{last}/{length}").as_str()),
                "{method} {range}"
            );
            assert_eq!(
                part.header("content-length"),
                Some((last - first + 1).to_string().as_str()),
                "{method} {range}"
            );
            assert_eq!(part.header("content-disposition"), None, "{method} {range}");
            let expected = if method == Method::GET { &world.content.as_bytes()[first..=last] } else { &[] };
            assert_eq!(part.body, expected, "{method} {range}");
        }
    }
    let beyond = ask(Method::GET, &[("range", "bytes=9999999-")]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(format!("bytes */{length}").as_str())));

    // Cut in the middle: what came is not taken for the file, and a Range gets the rest.
    world.files.set_fault(SECRET_PATH, Some(Fault::CutAfter(70_000)));
    let url = format!("{provider}{}", world.download(BUYER, order).path());
    let mut response = world.http.get(&url).send().await.unwrap();
    let mut came = Vec::new();
    let cut = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => came.extend_from_slice(&bytes),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(cut && came.len() < length, "a cut download looks complete: {} of {length} bytes", came.len());
    world.files.set_fault(SECRET_PATH, None);
    let rest = ask(Method::GET, &[("range", &format!("bytes={}-", came.len()))]).await;
    assert_eq!(rest.header("content-range"), Some(format!("bytes {}-{}/{length}", came.len(), length - 1).as_str()));
    came.extend(&rest.body);
    assert_eq!(Sha256::digest(&came), Sha256::digest(&world.content));

    // The source sees the publisher's headers and the Range, and nothing of the client's.
    ask(Method::GET, &[("range", "bytes=0-1"), ("cookie", "SECRET"), ("authorization", "SECRET"), ("x-key", "mine")])
        .await;
    let log = world.files.log();
    let seen = log.last().unwrap();
    assert_eq!((seen.header("range"), seen.header("x-key")), (Some("bytes=0-1"), Some("MARK-OF-THE-HEADER")));
    assert!(!seen.headers.iter().any(|(_, value)| value.contains("SECRET")), "{seen:?}");
    let userdata = format!("{}&userdata={}", world.download(BUYER, order).unsigned(), "%7B%22a%22%3A%22b%26c%22%7D");
    let signed = userdata.split("nonce=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let signature = Download { nonce: signed, ..world.download(BUYER, order) }.signature();
    assert_eq!(world.get(&format!("{userdata}&signature={signature}")).await.status, 200);
    let log = world.files.log();
    assert!(log.last().unwrap().path.ends_with("?key=MARK-OF-THE-URL&a=b%26c"), "{:?}", log.last());
    // Probes ask the way a download will.
    let parameters = "%7B%22p%22%3A7%7D";
    let consumer = world.address(BUYER);
    let asked = format!(
        "/api/services/initialize?documentId={}&serviceId=first&consumerAddress={consumer}&fileIndex=0&userdata={parameters}",
        world.did()
    );
    assert_eq!(world.get(&asked).await.status, 200);
    assert!(world.files.log().last().unwrap().path.ends_with("&p=7"), "{:?}", world.files.log().last());
    let file = json!({"type": "url", "url": format!("{}/{SECRET_PATH}", world.files.url()), "userdata": {"q": "x"}});
    assert_eq!(world.post("/api/services/fileinfo", &file).await.json()[0]["valid"], true);
    assert!(world.files.log().last().unwrap().path.ends_with("?q=x"), "{:?}", world.files.log().last());
    world.testbed.stop().await.unwrap();
}
