//! `GET /api/services/nonce`

use ocean_crypto::PrivateKey;
use serde_json::json;

use crate::{
    http::Checked,
    report::Report,
    target::{Target, checksummed},
};

const PATH: &str = "/api/services/nonce";

/// Who has which nonce.
pub async fn check(target: &Target, report: &mut Report) {
    if !target.is_node() {
        report.case("nonce/without-address", None, without_address(target)).await;
        report.case("nonce/address-in-the-body", None, in_the_body(target)).await;
    }
    report.case("nonce/unknown-address", None, unknown(target)).await;
    report.case("nonce/is-shared-by-spellings", Some("R7"), spellings(target)).await;
}

async fn without_address(target: &Target) -> Checked {
    target.get(PATH).send().await?.invalid("userAddress", "The userAddress field is required.").map(drop)
}

async fn in_the_body(target: &Target) -> Checked {
    let address = checksummed(&PrivateKey::random());
    let body = json!({"userAddress": address}).to_string();
    let seen = target.get(PATH).header("content-type", "application/json").body(body).send().await?;
    seen.status(200)?.exactly("{\"nonce\":\"1\"}\n").map(drop)
}

/// Asking changes nothing.
async fn unknown(target: &Target) -> Checked {
    let address = checksummed(&PrivateKey::random());
    let body = if target.is_node() { "{\"nonce\":\"0\"}" } else { "{\"nonce\":\"1\"}\n" };
    for _ in 0..2 {
        target.get(PATH).query("userAddress", &address).send().await?.status(200)?.exactly(body)?;
    }
    Ok(())
}

async fn spellings(target: &Target) -> Checked {
    let address = checksummed(&target.keys.consumer);
    let expected = target.stored_nonce(&address).await?;
    let lower = target.get(PATH).query("userAddress", address.to_lowercase()).send().await?;
    lower.at("/nonce", &json!(expected)).map(drop)
}
