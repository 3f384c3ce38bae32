//! Auth tokens of both dialects.

use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::Dialect;
use serde_json::json;

use crate::world::{Answer, NOW, World, get, send};

const PROVIDER: Dialect = Dialect::Provider;

fn signature(key: &PrivateKey, nonce: &str) -> (String, String) {
    let address = key.address().to_checksum(None);
    let text = Message::CreateAuthToken { address: &address, nonce }.text(PROVIDER);
    let signature = sign_message(key, PROVIDER, &text);
    (address, signature)
}

fn create(key: &PrivateKey, nonce: &str, expiration: i64) -> String {
    let (address, signature) = signature(key, nonce);
    format!(
        "/api/services/createAuthToken?address={address}&expiration={expiration}&nonce={nonce}&signature={signature}"
    )
}

fn delete(key: &PrivateKey, nonce: &str, token: &str) -> String {
    let (address, signature) = signature(key, nonce);
    format!("/api/services/deleteAuthToken?address={address}&token={token}&nonce={nonce}&signature={signature}")
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn unsigned(path: &str) -> String {
    path.split_once("&signature=").unwrap().0.to_owned()
}

#[tokio::test]
async fn one_signature_makes_at_most_one_token() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let made = get(&router, &create(&world.consumer, "1", NOW + 3600)).await;
    let made = token(&made);
    get(&router, &create(&world.consumer, "1", NOW + 7200)).await.refused(400, "expected nonce (1)");
    // The texts of both routes are the same: the nonce keeps a signature from being used for the other one.
    let answer = send(&router, "DELETE", &delete(&world.consumer, "1", &made), &[], "").await;
    answer.refused(400, "expected nonce (1)");
    let again = get(&router, &create(&world.consumer, "2", NOW + 3600)).await;
    assert_eq!(token(&again), made);
    get(&router, &create(&world.consumer, "3", NOW - 1)).await.refused(400, "Invalid timestamp provided.");
    get(&router, &create(&world.consumer, "3", NOW + 400 * 86_400)).await.refused(400, "Invalid timestamp provided.");
}

#[tokio::test]
async fn a_token_stands_in_for_its_own_address_until_it_is_deleted() {
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let made = token(&get(&router, &create(&world.consumer, "1", NOW + 3600)).await);
    let download =
        async |path: &str, token: &str| send(&router, "GET", &unsigned(path), &[("AuthToken", token)], "").await;
    let missing = "Invalid signature provided. Please check the nonce or documentId.";
    assert_eq!(download(&world.download(PROVIDER, "2"), &made).await.status, 200);
    download(&world.download(PROVIDER, "2"), &made).await.refused(400, "expected nonce (2) > current nonce (2)");
    for wrong in ["", "x", "a.b.c", &made[..made.len() - 2], &made.replace("eyJ0", "eyJ1")] {
        download(&world.download(PROVIDER, "3"), wrong).await.refused(400, missing);
    }
    let stranger = PrivateKey::random();
    let foreign = token(&get(&router, &create(&stranger, "1", NOW + 3600)).await);
    download(&world.download(PROVIDER, "3"), &foreign).await.refused(400, missing);

    let answer = send(&router, "DELETE", &delete(&stranger, "2", &made), &[], "").await;
    answer.refused(400, "Token is invalid.");
    let answer = send(&router, "DELETE", &delete(&world.consumer, "3", &made), &[], "").await;
    assert_eq!(answer.text(), "{\"success\":\"Token has been deactivated.\"}\n");
    download(&world.download(PROVIDER, "4"), &made).await.refused(400, missing);
    let answer = send(&router, "DELETE", &delete(&world.consumer, "4", &made), &[], "").await;
    answer.refused(400, "Token is deleted.");
    assert_eq!(token(&get(&router, &create(&world.consumer, "5", NOW + 3600)).await), made);
    assert_eq!(download(&world.download(PROVIDER, "6"), &made).await.status, 200);
}

#[tokio::test]
async fn a_token_signed_with_the_text_of_the_key_is_not_ours() {
    // What the Python Provider with this key has issued (recorded; the key is derived differently here).
    const RECORDED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTUyMjI2MDAsImFkZHJlc3MiOiIweEE3OGRlYjJGYTc5NDYzOTQ1QzI0Nzk5MTA3NUUyYTBlOThCYTdBMDkifQ.gW9xm_trrL9KC11Kb45LzCNJ1Ko5k8nwhJUrs6aReLw";
    let world = World::new().await;
    let router = world.router(PROVIDER);
    let answer = send(&router, "DELETE", &delete(&world.consumer, "1", RECORDED), &[], "").await;
    answer.refused(400, "Token is invalid.");
}

#[tokio::test]
async fn ocean_js_makes_uses_and_ends_a_token() {
    let world = World::new().await;
    let router = world.router(Dialect::OceanNode);
    let address = world.consumer.address().to_checksum(None);
    let post = async |path: &str, body: serde_json::Value| {
        send(&router, "POST", path, &[("content-type", "application/json")], body.to_string()).await
    };
    let signed = |text: &str| sign_message(&world.consumer, Dialect::OceanNode, text);
    let body = json!({"address": address, "signature": signed(&format!("{address}1createAuthToken")), "nonce": "1"});
    let made = token(&post("/api/services/auth/token", body).await);

    let octets = [("content-type", "application/octet-stream"), ("authorization", made.as_str())];
    let path = format!("/api/services/encrypt?chainId=8996&nonce=2&consumerAddress={address}");
    assert_eq!(send(&router, "POST", &path, &octets, "{}").await.status, 200);

    let end = |signature: String, nonce: &str| json!({"address": address, "signature": signature, "token": made, "nonce": nonce});
    let wrong = sign_message(&PrivateKey::random(), Dialect::OceanNode, &format!("{address}3"));
    post("/api/services/auth/token/invalidate", end(wrong, "3")).await.refused(401, "mismatch");
    let ended = post("/api/services/auth/token/invalidate", end(signed(&format!("{address}3")), "3")).await;
    assert_eq!(ended.text(), r#"{"success":true}"#);
    let path = path.replace("nonce=2", "nonce=4");
    send(&router, "POST", &path, &octets, "{}").await.refused(401, "Invalid authentication");
}
