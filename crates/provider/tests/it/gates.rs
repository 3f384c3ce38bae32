//! Who has a say besides the asset itself: a policy server, an RBAC server, contracts that sign, confirmations, parameters, rates.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, body::Body, extract::State, http::Request, routing::post};
use ocean_crypto::{personal_digest, verify_message};
use ocean_primitives::{Address, Dialect, keccak256};
use ocean_provider::Limits;
use ocean_service::{
    access::gates::{PolicyServer, RbacServer},
    run::PeerAddress,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::world::{World, get, send};

/// A server that answers as it is told and remembers what it was asked.
#[derive(Clone, Default)]
struct Judge {
    asked: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Judge {
    async fn serve(&self) -> reqwest_url::Url {
        async fn judge(State(judge): State<Judge>, Json(question): Json<Value>) -> (axum::http::StatusCode, String) {
            judge.asked.lock().unwrap().push(question);
            let (status, text) = judge.answer.lock().unwrap().clone();
            (axum::http::StatusCode::from_u16(status).unwrap(), text)
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(judge)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url.parse().unwrap()
    }

    fn says(&self, status: u16, text: &str) {
        *self.answer.lock().unwrap() = (status, text.to_owned());
    }

    fn last(&self) -> Value {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

/// The type of the URLs that both servers take.
mod reqwest_url {
    pub(super) use url::Url;
}

fn initialize(world: &World) -> String {
    let consumer = world.consumer.address().to_checksum(None);
    format!("/api/services/initialize?documentId={}&serviceId=first&consumerAddress={consumer}", world.did)
}

#[tokio::test]
async fn a_policy_server_decides_about_every_command() {
    let (world, judge) = (World::new().await, Judge::default());
    let url = judge.serve().await;
    let router = world.router_with(Dialect::OceanNode, |parts| {
        parts.gates.policy = Some(PolicyServer::new(url).unwrap());
    });
    for (said, status) in [(403, 403), (401, 401), (302, 403), (500, 403), (204, 403)] {
        judge.says(said, "no, says the policy");
        let answer = get(&router, &initialize(&world)).await;
        let text = if said == 204 { "Denied by the policy server" } else { "no, says the policy" };
        answer.refused(status, text);
        let answer = get(&router, &world.download(Dialect::OceanNode, "5")).await;
        answer.refused(status, text);
    }
    let asked = judge.last();
    assert_eq!(asked["action"], "download");
    assert_eq!((&asked["documentId"], &asked["serviceId"]), (&json!(world.did), &json!("first")));
    assert_eq!(asked["ddo"]["id"], json!(world.did));
    assert_eq!((&asked["fileIndex"], &asked["transferTxId"]), (&json!(0), &json!(world.order)));
    assert_eq!(asked["consumerAddress"], world.consumer.address().to_checksum(None));
    assert_eq!(world.stored(world.consumer.address()).await, None, "a denied download leaves the nonce alone");
    assert_eq!(world.files.requests(), 0);

    judge.says(200, "");
    let with_data = initialize(&world) + "&policyServer=%7B%22sessionId%22%3A%22abc%22%7D";
    assert_eq!(get(&router, &with_data).await.status, 200);
    assert_eq!(judge.last()["policyServer"], json!({"sessionId": "abc"}));
    assert_eq!(get(&router, &world.download(Dialect::OceanNode, "5")).await.status, 200);

    // What only the policy server understands goes to it and back, with the document of the asset.
    judge.says(200, r#"{"ok":1}"#);
    let post = async |path: &str, body: Value| {
        send(&router, "POST", path, &[("content-type", "application/json")], body.to_string()).await
    };
    let passed = post(
        "/api/services/PolicyServerPassthrough",
        json!({"policyServerPassthrough": {"action": "own", "documentId": world.did, "x": [1]}}),
    )
    .await;
    assert_eq!((passed.status.as_u16(), passed.text()), (200, r#"{"ok":1}"#));
    assert_eq!((&judge.last()["x"], &judge.last()["ddo"]["id"]), (&json!([1]), &json!(world.did)));
    let consumer = world.consumer.address();
    let begin = |did: &str| json!({"documentId": did, "serviceId": "first", "consumerAddress": consumer, "policyServer": {"a": 1}});
    assert_eq!(post("/api/services/initializePSVerification", begin(world.did.as_str())).await.status, 200);
    assert_eq!(judge.last()["action"], "initiate");
    post("/api/services/initializePSVerification", begin("did:op:1")).await.refused(404, "Not found");
    for (path, text) in [
        ("/api/services/PolicyServerPassthrough", "missing policyServerPassthrough field!"),
        ("/api/services/initializePSVerification", "missing policyServer field!"),
    ] {
        post(path, json!({})).await.refused(400, text);
    }
}

#[tokio::test]
async fn a_server_that_decides_and_does_not_answer_allows_nothing() {
    let world = World::new().await;
    // Nobody listens there.
    let nowhere: reqwest_url::Url = "http://127.0.0.1:9/".parse().unwrap();
    let router = world.router_with(Dialect::OceanNode, |parts| {
        parts.gates.policy = Some(PolicyServer::new(nowhere.clone()).unwrap());
    });
    get(&router, &world.download(Dialect::OceanNode, "5")).await.refused(503, "the policy server is not available");
    let router = world.router_with(Dialect::Provider, |parts| {
        parts.gates.rbac = Some(RbacServer::new(nowhere.clone(), false).unwrap());
    });
    get(&router, &world.download(Dialect::Provider, "5")).await.refused(503, "the RBAC server is not available");
    assert_eq!((world.stored(world.consumer.address()).await, world.files.requests()), (None, 0));
}

#[tokio::test]
async fn an_rbac_server_decides_who_may_order_and_download() {
    let (world, judge) = (World::new().await, Judge::default());
    let url = judge.serve().await;
    let router = world.router_with(Dialect::Provider, |parts| {
        parts.gates.rbac = Some(RbacServer::new(url, true).unwrap());
    });
    let refused = r#"{"errors":[{"RBAC":"RBAC Validation failed!"}],"message":"Validation error","success":false}"#;
    for (status, falsy) in
        [(200, "false"), (200, "null"), (200, "0"), (200, "\"\""), (200, "[]"), (200, "{}"), (403, "true")]
    {
        judge.says(status, falsy);
        get(&router, &initialize(&world)).await.refused(400, refused);
        get(&router, &world.download(Dialect::Provider, "5")).await.refused(400, refused);
    }
    assert_eq!((world.stored(world.consumer.address()).await, world.files.requests()), (None, 0));
    let asked = judge.last();
    let consumer = world.consumer.address().to_checksum(None);
    assert_eq!((&asked["eventType"], &asked["component"]), (&json!("access"), &json!("provider")));
    assert_eq!(asked["providerAccess"], "private");
    assert_eq!(asked["credentials"], json!({"type": "address", "value": consumer}));
    assert_eq!(asked["dids"], json!([{"did": world.did, "serviceId": "first"}]));
    // Signed with the Provider's key over the text that Python makes.
    let text = format!(r#"access{{"type": "address", "value": "{consumer}"}}"#);
    verify_message(Dialect::Provider, &text, asked["signature"].as_str().unwrap(), world.key.address()).unwrap();

    judge.says(200, "not json");
    get(&router, &initialize(&world)).await.refused(503, "the RBAC server is not available");
    judge.says(200, "true");
    assert_eq!(get(&router, &initialize(&world)).await.status, 200);
    assert_eq!(judge.last()["eventType"], "initialize");
    assert_eq!(get(&router, &world.download(Dialect::Provider, "5")).await.status, 200);
}

#[tokio::test]
async fn a_contract_says_itself_what_it_has_signed() {
    let world = World::new().await;
    let router = world.router(Dialect::OceanNode);
    let account = Address::repeat_byte(0xac);
    let consumer = account.to_checksum(None);
    let path = |nonce: &str, signature: &str| {
        format!("/api/services/encrypt?chainId=8996&nonce={nonce}&consumerAddress={consumer}&signature={signature}")
    };
    let octets = [("content-type", "application/octet-stream")];
    let ask = async |nonce: &str, signature: &str| send(&router, "POST", &path(nonce, signature), &octets, "x").await;
    // No contract, no key that has signed.
    let owners = format!("0x{}", "ab".repeat(130));
    ask("1", &owners).await.refused(401, "mismatch");
    let text = |nonce: &str| format!("{consumer}{nonce}encrypt");
    let hash = keccak256(text("1"));
    world.chain.set_account(account, hash, &[0xab; 130]);
    ask("1", &format!("0x{}", "ac".repeat(130))).await.refused(401, "mismatch");
    ask("2", &owners).await.refused(401, "mismatch");
    let huge = format!("0x{}", "ab".repeat(9 * 1024));
    ask("1", &huge).await.refused(401, "mismatch");
    assert_eq!(world.stored(account).await, None);
    assert_eq!(ask("1", &owners).await.status, 200);
    ask("1", &owners).await.refused(401, "is not a valid nonce");
    // The other two digests that wallets make of the text.
    world.chain.set_account(account, personal_digest(keccak256(text("2")).as_slice()), &[1; 70]);
    assert_eq!(ask("2", &format!("0x{}", "01".repeat(70))).await.status, 200);
    world.chain.set_account(account, personal_digest(text("3").as_bytes()), &[2; 70]);
    assert_eq!(ask("3", &format!("0x{}", "02".repeat(70))).await.status, 200);
    // A signature over another command is none.
    world.chain.set_account(account, keccak256(format!("{consumer}4download")), &[3; 70]);
    ask("4", &format!("0x{}", "03".repeat(70))).await.refused(401, "mismatch");
    // A chain that is not served has no contracts.
    let elsewhere = path("5", &owners).replace("8996", "1");
    send(&router, "POST", &elsewhere, &octets, "x").await.refused(401, "mismatch");
}

#[tokio::test]
async fn parameters_that_the_service_does_not_ask_for_are_refused() {
    let world = World::new().await;
    world.publish(|document| {
        document["services"][0]["consumerParameters"] = json!([
            {"name": "country", "type": "text", "label": "Country", "required": true, "description": "", "default": ""},
            {"name": "years", "type": "number", "label": "Years", "required": false, "description": "", "default": 3},
        ]);
    });
    let router = world.router(Dialect::Provider);
    let with = |nonce: &str, data: &str| {
        let encoded: String = data.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("{}&userdata={encoded}", world.download(Dialect::Provider, nonce))
    };
    for (data, problem) in [
        ("{}", "`country` is required"),
        ("[]", "they are not an object"),
        (r#"{"country":5}"#, "`country` must be a text"),
        (r#"{"country":"PT","years":"many"}"#, "`years` must be a number"),
        (r#"{"country":"PT","admin":true}"#, "`admin` is not asked for"),
    ] {
        let answer = get(&router, &with("5", data)).await;
        answer.refused(400, "Provider Ganache: Invalid consumer parameters: ");
        assert!(answer.text().contains(problem), "{data}: {}", answer.text());
    }
    get(&router, &world.download(Dialect::Provider, "5")).await.refused(400, "`country` is required");
    assert_eq!((world.stored(world.consumer.address()).await, world.files.requests()), (None, 0));
    assert_eq!(get(&router, &with("5", r#"{"country":"PT"}"#)).await.status, 200);
    let asking = format!("{}&userdata=%7B%22years%22%3A1%7D", initialize(&world));
    get(&router, &asking).await.refused(400, "`country` is required");
    assert_eq!(get(&router, &initialize(&world)).await.status, 200, "there are no parameters before there is a price");
}

#[tokio::test]
async fn an_order_is_served_when_enough_blocks_stand_on_it() {
    let world = World::new().await;
    let router = world.router_with(Dialect::Provider, |parts| parts.chains = world.confirmed(3));
    for (block, has) in [(1, 0), (2, 1), (3, 2)] {
        world.chain.set_block(block);
        let text =
            format!("could not be validated due to error: Provider Ganache: The order has {has} of 3 confirmations.");
        get(&router, &world.download(Dialect::Provider, "5")).await.refused(400, &text);
        let path = format!("{}&transferTxId={}", initialize(&world), world.order);
        assert!(get(&router, &path).await.json().get("validOrder").is_none());
    }
    assert_eq!(world.stored(world.consumer.address()).await, None);
    world.chain.set_block(4);
    assert_eq!(get(&router, &world.download(Dialect::Provider, "5")).await.status, 200);
}

#[tokio::test]
async fn nobody_may_ask_more_often_than_is_allowed() {
    let mut limits = Limits::default();
    (limits.requests_per_minute, limits.account_requests_per_minute) = (Some(4), Some(2));
    let world = World::with_limits(limits).await;
    let router = world.router(Dialect::Provider);
    let from = async |address: &str, path: &str| {
        let peer = PeerAddress(format!("{address}:4000").parse().unwrap());
        let request = Request::builder().uri(path).extension(peer).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    for _ in 0..4 {
        assert_eq!(from("192.0.2.1", "/").await, 200);
    }
    assert_eq!(from("192.0.2.1", "/").await, 429);
    assert_eq!(from("[::ffff:192.0.2.1]", "/").await, 429, "the same client");
    assert_eq!(from("192.0.2.2", "/").await, 200);
    for host in ["[2001:db8::1]", "[2001:db8::2]", "[2001:db8::3:4]", "[2001:db8:0:0:5::]"] {
        assert_eq!(from(host, "/").await, 200);
    }
    assert_eq!(from("[2001:db8::6]", "/").await, 429, "one network is one client");
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(from("192.0.2.1", path).await, 200, "{path}");
    }
    // An account has a limit of its own, wherever it asks from, and is refused before its nonce is used up.
    assert_eq!(get(&router, &world.download(Dialect::Provider, "5")).await.status, 200);
    assert_eq!(get(&router, &world.download(Dialect::Provider, "6")).await.status, 200);
    get(&router, &world.download(Dialect::Provider, "7")).await.refused(429, "Too many requests");
    assert_eq!(world.stored(world.consumer.address()).await.as_deref(), Some("6"));
}
