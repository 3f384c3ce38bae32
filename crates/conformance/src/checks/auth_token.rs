//! `GET createAuthToken` and `DELETE deleteAuthToken`, in ocean-node `POST auth/token` and `auth/token/invalidate`

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::hmac::{Hmac, Mac as _};
use ocean_crypto::{Message, PrivateKey};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{MISMATCH, NOT_SIGNED, UNSIGNED, not_above};
use crate::{
    http::{Call, Checked, Seen, same},
    report::Report,
    target::{Target, checksummed},
};

/// How long the tokens of the checks live, in seconds. The server's clock may be ahead of ours, on a chain whose time was moved.
const LIFETIME: u64 = 30 * 24 * 3_600;

/// Who gets a token, what it opens, and when it no longer does.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("token/another-signer", None, another_signer(target)).await;
    report.case("token/lifetime-in-the-past", None, in_the_past(target)).await;
    report.case("token/lifetime-without-end", Some("R6"), too_long(target)).await;
    if !target.is_node() {
        report.case("token/lifetime-that-is-no-number", None, no_number(target)).await;
        report.case("token/wrong-signature-beside-it", None, wrong_signature(target)).await;
        report.case("token/signature-of-the-other-route", Some("R6"), other_route(target)).await;
    }
    report.case("token/two-for-one-signature", Some("R6"), two_for_one(target)).await;
    report.case("token/that-is-none", None, garbage(target)).await;
    report.case("token/signed-with-the-text-of-the-key", Some("R15"), key_text(target)).await;
    report.case("token/of-another", None, of_another(target)).await;
    report.case("token/end-of-another's", None, end_of_anothers(target)).await;
    report.case("token/low-nonce", Some("R9"), low_nonce(target)).await;
    report.case("token/opens-a-download", None, opens(target)).await;
    if target.is_node() {
        report.case("token/opens-without-a-nonce", None, opens_without_nonce(target)).await;
        report.case("token/opens-encrypt", Some("N1"), opens_encrypt(target)).await;
        report.case("token/end-signed-by-another", Some("N2"), end_by_another_signer(target)).await;
    }
    report.case("token/ends", None, ends(target)).await;
}

fn later() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() + LIFETIME
}

/// The request for a token of `key`, signed by `signer`.
fn create<'a>(target: &'a Target, key: &PrivateKey, signer: &PrivateKey, nonce: &str, until: &Value) -> Call<'a> {
    let address = checksummed(key);
    let signature = target.sign(signer, &Message::CreateAuthToken { address: &address, nonce });
    if target.is_node() {
        let body = json!({"address": address, "nonce": nonce, "signature": signature, "validUntil": until});
        return target.post("/api/services/auth/token", &body);
    }
    let until = until.as_str().map_or_else(|| until.to_string(), ToOwned::to_owned);
    let call = target.get("/api/services/createAuthToken").query("address", address).query("nonce", nonce);
    call.query("signature", signature).query("expiration", until)
}

/// The request to end a token of `key`, signed by `signer`.
fn delete<'a>(target: &'a Target, key: &PrivateKey, signer: &PrivateKey, nonce: &str, token: &str) -> Call<'a> {
    let address = checksummed(key);
    let signature = target.sign(signer, &Message::InvalidateAuthToken { address: &address, nonce });
    if target.is_node() {
        let body = json!({"address": address, "nonce": nonce, "signature": signature, "token": token});
        return target.post("/api/services/auth/token/invalidate", &body);
    }
    let call = target.call(Method::DELETE, "/api/services/deleteAuthToken").query("address", address);
    call.query("nonce", nonce).query("signature", signature).query("token", token)
}

async fn token(target: &Target, key: &PrivateKey) -> Checked<String> {
    let nonce = target.next_nonce(key).await?;
    let seen = create(target, key, key, &nonce, &json!(later())).send().await?;
    let token = seen.status(200)?.json()?["token"].as_str().map(ToOwned::to_owned);
    token.ok_or_else(|| seen.mismatch("a token"))
}

fn header(target: &Target) -> &'static str {
    if target.is_node() { "authorization" } else { "AuthToken" }
}

/// The consumer's download, unsigned, with a token.
async fn download<'a>(target: &'a Target, key: &PrivateKey, token: &str) -> Checked<Call<'a>> {
    let asset = &target.files.asset;
    let call = target.get("/api/services/download").query("documentId", &asset.did).query("serviceId", &asset.service);
    let call = call.query("fileIndex", 0).query("transferTxId", asset.order);
    let call = call.query("consumerAddress", checksummed(key)).query("nonce", target.next_nonce(key).await?);
    Ok(call.header(header(target), token))
}

fn served(target: &Target, seen: &Seen) -> Checked {
    seen.status(200)?.must(seen.body == target.files.content, "the file, byte for byte").map(drop)
}

fn not_opened(target: &Target, seen: &Seen) -> Checked {
    if target.is_node() {
        return seen.status(401)?.contains(NOT_SIGNED).map(drop);
    }
    seen.invalid("signature", UNSIGNED).map(drop)
}

fn another(target: &Target, seen: &Seen, signer: &PrivateKey) -> Checked {
    if target.is_node() {
        return seen.status(401)?.contains(MISMATCH).map(drop);
    }
    seen.status(400)?.contains(&format!("Got {}", checksummed(signer).to_lowercase())).map(drop)
}

async fn another_signer(target: &Target) -> Checked {
    let (key, signer) = (&target.keys.consumer, PrivateKey::random());
    let nonce = target.next_nonce(key).await?;
    another(target, &create(target, key, &signer, &nonce, &json!(later())).send().await?, &signer)
}

async fn until(target: &Target, until: Value) -> Checked<Seen> {
    let key = &target.keys.consumer;
    let nonce = target.next_nonce(key).await?;
    create(target, key, key, &nonce, &until).send().await
}

async fn in_the_past(target: &Target) -> Checked {
    let seen = until(target, json!(1)).await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.invalid("expiration", "Invalid timestamp provided.").map(drop)
}

async fn too_long(target: &Target) -> Checked {
    until(target, json!(later() + 100 * 365 * 24 * 3_600)).await?.client_error().map(drop)
}

async fn no_number(target: &Target) -> Checked {
    until(target, json!("soon")).await?.invalid("expiration", "The expiration must be an integer.").map(drop)
}

fn refused_nonce(target: &Target, seen: &Seen, stored: &str, given: &str) -> Checked {
    if target.is_node() {
        return seen.status(401)?.contains(&format!("nonce: {given} is not a valid nonce")).map(drop);
    }
    seen.unauthorised(&not_above(stored, given)).map(drop)
}

/// Both routes sign the same text.
async fn other_route(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let nonce = target.next_nonce(key).await?;
    let seen = create(target, key, key, &nonce, &json!(later())).send().await?;
    let made = seen.status(200)?.json()?;
    let ended = delete(target, key, key, &nonce, made["token"].as_str().unwrap_or_default()).send().await?;
    refused_nonce(target, &ended, &nonce, &nonce)
}

async fn two_for_one(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let nonce = target.next_nonce(key).await?;
    create(target, key, key, &nonce, &json!(later())).send().await?.status(200)?;
    let again = create(target, key, key, &nonce, &json!(later() + 60)).send().await?;
    refused_nonce(target, &again, &nonce, &nonce)
}

async fn garbage(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let good = token(target, key).await?;
    let cut = &good[..good.len() - 2];
    for token in ["abc", "a.b.c", cut] {
        not_opened(target, &download(target, key, token).await?.send().await?)?;
    }
    let nonce = target.next_nonce(key).await?;
    let seen = delete(target, key, key, &nonce, "abc").send().await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Token is invalid.").map(drop)
}

/// The Python Provider's tokens are signed with the text of its private key.
async fn key_text(target: &Target) -> Checked {
    let (Some(server), consumer) = (&target.keys.server, &target.keys.consumer) else { return Ok(()) };
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let claims = json!({"exp": later(), "address": checksummed(consumer)}).to_string();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let bytes = server.to_bytes();
    for key in [format!("0x{}", hex::encode(bytes.as_slice())), hex::encode(bytes.as_slice())] {
        let Ok(mac) = <Hmac<Sha256> as hkdf::hmac::Mac>::new_from_slice(key.as_bytes()) else { return Ok(()) };
        let signature = mac.chain_update(&signed).finalize().into_bytes();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        not_opened(target, &download(target, consumer, &token).await?.send().await?)?;
    }
    Ok(())
}

async fn of_another(target: &Target) -> Checked {
    let token = token(target, &target.keys.stranger).await?;
    not_opened(target, &download(target, &target.keys.consumer, &token).await?.send().await?)
}

async fn end_of_anothers(target: &Target) -> Checked {
    let (consumer, stranger) = (&target.keys.consumer, &target.keys.stranger);
    let token = token(target, consumer).await?;
    let nonce = target.next_nonce(stranger).await?;
    let seen = delete(target, stranger, stranger, &nonce, &token).send().await?;
    if target.is_node() {
        seen.client_error()?;
    } else {
        seen.error("Token is invalid.")?;
    }
    served(target, &download(target, consumer, &token).await?.send().await?)
}

async fn low_nonce(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let stored = target.stored_nonce(&checksummed(key)).await?;
    let seen = download(target, key, &token).await?.query("nonce", "0").send().await?;
    refused_nonce(target, &seen, &stored, "0")
}

/// A token is looked at only where there is no signature.
async fn wrong_signature(target: &Target) -> Checked {
    if target.is_node() {
        return Ok(());
    }
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let call = download(target, key, &token).await?.query("signature", format!("0x{}", "11".repeat(65)));
    call.send().await?.status(400)?.contains("\"signature\":\"Invalid signature 0x1111").map(drop)
}

async fn opens(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let parts: Vec<_> = token.split('.').collect();
    same("the number of a token's parts", &parts.len(), &3)?;
    let claims: Value =
        URL_SAFE_NO_PAD.decode(parts[1]).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    same("the token's address", &claims["address"], &json!(checksummed(key)))?;
    let call = download(target, key, &token).await?;
    served(target, &call.send().await?)?;
    // A token does not make a nonce good twice.
    call.send().await?.client_error().map(drop)
}

/// ocean.js sends neither nonce nor signature with a token.
async fn opens_without_nonce(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let stored = target.stored_nonce(&checksummed(key)).await?;
    served(target, &download(target, key, &token).await?.without("nonce").send().await?)?;
    same("the stored nonce", &target.stored_nonce(&checksummed(key)).await?, &stored)?;
    let stranger = download(target, &target.keys.stranger, &token).await?.without("nonce");
    stranger.send().await?.client_error().map(drop)
}

async fn opens_encrypt(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let call = target.call(Method::POST, "/api/services/encrypt").query("chainId", target.files.asset.chain.get());
    let call = call.query("consumerAddress", checksummed(key)).query("nonce", target.next_nonce(key).await?);
    let call = call.header("content-type", "application/octet-stream").header(header(target), token).body("clear");
    call.send().await?.status(200)?.contains("0x04").map(drop)
}

async fn end_by_another_signer(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    let nonce = target.next_nonce(key).await?;
    let seen = delete(target, key, &PrivateKey::random(), &nonce, &token).send().await?;
    seen.status(401)?;
    served(target, &download(target, key, &token).await?.send().await?)
}

async fn ends(target: &Target) -> Checked {
    let key = &target.keys.consumer;
    let token = token(target, key).await?;
    served(target, &download(target, key, &token).await?.send().await?)?;
    let nonce = target.next_nonce(key).await?;
    let ended = delete(target, key, key, &nonce, &token).send().await?;
    if target.is_node() {
        ended.status(200)?.at("/success", &json!(true))?;
    } else {
        ended.status(200)?.exactly("{\"success\":\"Token has been deactivated.\"}\n")?;
    }
    not_opened(target, &download(target, key, &token).await?.send().await?)?;
    if target.is_node() {
        return Ok(());
    }
    let nonce = target.next_nonce(key).await?;
    delete(target, key, key, &nonce, &token).send().await?.error("Token is deleted.").map(drop)
}
