//! `POST /api/services/encrypt`

use ocean_crypto::{Message, PrivateKey, command, ecies};
use reqwest::Method;

use super::{MISMATCH, NOT_SIGNED};
use crate::{
    http::{Call, Checked, Seen, same},
    report::Report,
    target::{Target, checksummed},
};

const CLEAR: &[u8] = "files of an asset, 数据".as_bytes();

/// Bytes that ECIES adds: the ephemeral key, the nonce and the tag.
const OVERHEAD: usize = 65 + 16 + 16;

/// Encryption for the server's own key.
pub async fn check(target: &Target, report: &mut Report) {
    if target.is_node() {
        report.case("encrypt/unsigned", None, unsigned(target)).await;
        report.case("encrypt/another-signer", None, another_signer(target)).await;
        report.case("encrypt/replay", None, replay(target)).await;
        report.case("encrypt/refused-leaves-the-nonce", Some("R8"), refused_leaves_nonce(target)).await;
    } else {
        report.case("encrypt/without-chain", None, without_chain(target)).await;
        report.case("encrypt/unknown-chain", None, unknown_chain(target)).await;
        report.case("encrypt/content-type", None, content_type(target)).await;
        report.case("encrypt/empty", None, empty(target)).await;
    }
    report.case("encrypt/opens-with-the-key", None, opens(target)).await;
    report.case("encrypt/is-fresh-every-time", None, fresh(target)).await;
}

fn call<'a>(target: &'a Target, body: &[u8]) -> Call<'a> {
    let call = target.call(Method::POST, "/api/services/encrypt").query("chainId", target.files.asset.chain.get());
    call.header("content-type", "application/octet-stream").body(body)
}

/// The call with what a node wants to see of the stranger.
async fn signed<'a>(target: &'a Target, key: &PrivateKey, body: &[u8]) -> Checked<Call<'a>> {
    let stranger = &target.keys.stranger;
    let (consumer, nonce) = (checksummed(stranger), target.next_nonce(stranger).await?);
    let message = Message::Command { consumer: &consumer, nonce: &nonce, command: command::ENCRYPT };
    let signature = target.sign(key, &message);
    let call = call(target, body).query("nonce", &nonce).query("consumerAddress", &consumer);
    Ok(call.query("signature", signature))
}

async fn encrypted(target: &Target, body: &[u8]) -> Checked<Seen> {
    if target.is_node() {
        return signed(target, &target.keys.stranger, body).await?.send().await;
    }
    call(target, body).send().await
}

fn ciphertext(target: &Target, seen: &Seen) -> Checked<Vec<u8>> {
    seen.status(if target.is_node() { 200 } else { 201 })?;
    let text = seen.text();
    let hex = text.strip_prefix("0x04").and_then(|rest| hex::decode(format!("04{rest}")).ok());
    hex.ok_or_else(|| seen.mismatch("0x04 and hex digits, nothing after them"))
}

async fn unsigned(target: &Target) -> Checked {
    let seen = call(target, CLEAR).query("nonce", "1").query("consumerAddress", checksummed(&target.keys.stranger));
    seen.send().await?.status(401)?.contains(NOT_SIGNED).map(drop)
}

async fn another_signer(target: &Target) -> Checked {
    signed(target, &PrivateKey::random(), CLEAR).await?.send().await?.status(401)?.contains(MISMATCH).map(drop)
}

async fn replay(target: &Target) -> Checked {
    let call = signed(target, &target.keys.stranger, CLEAR).await?;
    call.send().await?.status(200)?;
    call.send().await?.status(401)?.contains("is not a valid nonce").map(drop)
}

async fn refused_leaves_nonce(target: &Target) -> Checked {
    let address = checksummed(&target.keys.stranger);
    let before = target.stored_nonce(&address).await?;
    signed(target, &PrivateKey::random(), CLEAR).await?.send().await?.status(401)?;
    same("the stored nonce", &target.stored_nonce(&address).await?, &before)
}

async fn without_chain(target: &Target) -> Checked {
    call(target, CLEAR).without("chainId").send().await?.error("Missing chainId query parameter.").map(drop)
}

async fn unknown_chain(target: &Target) -> Checked {
    call(target, CLEAR).query("chainId", 424_242).send().await?.error("Failed to encrypt.").map(drop)
}

async fn content_type(target: &Target) -> Checked {
    for kind in ["text/plain", "application/json", "application/octet-stream; charset=utf-8"] {
        let call = target.call(Method::POST, "/api/services/encrypt").query("chainId", target.files.asset.chain.get());
        let seen = call.header("content-type", kind).body(CLEAR).send().await?;
        seen.error("Invalid request content type: should be application/octet-stream")?;
    }
    Ok(())
}

async fn empty(target: &Target) -> Checked {
    let seen = encrypted(target, b"").await?;
    same("length", &ciphertext(target, &seen)?.len(), &OVERHEAD)
}

async fn opens(target: &Target) -> Checked {
    let seen = encrypted(target, CLEAR).await?;
    let ciphertext = ciphertext(target, &seen)?;
    same("length", &ciphertext.len(), &(OVERHEAD + CLEAR.len()))?;
    if !target.is_node() {
        let plain = seen.header_value("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
        seen.must(plain, "content-type text/plain")?;
    }
    let Some(key) = &target.keys.server else { return Ok(()) };
    let opened = ecies::decrypt(key, &ciphertext).map_err(|error| seen.mismatch(error))?;
    same("clear text", &opened, &CLEAR.to_vec())
}

async fn fresh(target: &Target) -> Checked {
    let (one, two) = (encrypted(target, CLEAR).await?, encrypted(target, CLEAR).await?);
    let (one, other) = (ciphertext(target, &one)?, ciphertext(target, &two)?);
    two.must(one[..65] != other[..65], "another ephemeral key").map(drop)
}
