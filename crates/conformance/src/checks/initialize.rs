//! `GET /api/services/initialize`

use ocean_crypto::{PrivateKey, ProviderFee};
use ocean_primitives::B256;
use serde_json::{Value, json};

use super::unknown_did;
use crate::{
    http::{Call, Checked, same},
    report::Report,
    target::{Target, checksummed},
};

/// Fees, and orders that are still good.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("initialize/without-arguments", None, without_arguments(target)).await;
    report.case("initialize/negative-file", None, negative_file(target)).await;
    report.case("initialize/file-out-of-range", Some("R9"), file_out_of_range(target)).await;
    report.case("initialize/unknown-asset", Some("N7"), unknown_asset(target)).await;
    report.case("initialize/unknown-service", None, unknown_service(target)).await;
    report.case("initialize/missing-upstream", None, missing_upstream(target)).await;
    report.case("initialize/order-of-nobody", None, no_order(target)).await;
    report.case("initialize/order-of-another", None, order_of_another(target)).await;
    report.case("initialize/fee", None, fee(target)).await;
    report.case("initialize/nonce", None, nonce(target)).await;
    report.case("initialize/valid-order", None, valid_order(target)).await;
}

fn call<'a>(target: &'a Target, consumer: &PrivateKey) -> Call<'a> {
    let asset = &target.files.asset;
    let call = target.get("/api/services/initialize").query("documentId", &asset.did);
    let call = call.query("serviceId", &asset.service).query("consumerAddress", checksummed(consumer));
    // ocean.js always names a file.
    if target.is_node() { call.query("fileIndex", 0) } else { call }
}

async fn without_arguments(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).without("consumerAddress").send().await?;
    if target.is_node() {
        return seen.status(400).map(drop);
    }
    seen.invalid("consumerAddress", "The consumerAddress field is required.").map(drop)
}

async fn negative_file(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).query("fileIndex", -1).send().await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    let texts = json!(["The fileIndex must be an integer.", "The fileIndex must be at least 0."]);
    seen.status(400)?.at("/errors/fileIndex", &texts).map(drop)
}

async fn file_out_of_range(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).query("fileIndex", 2).send().await?;
    seen.status(400)?.contains("No such fileIndex 2").map(drop)
}

async fn unknown_asset(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).query("documentId", unknown_did()).send().await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Cannot resolve DID").map(drop)
}

async fn unknown_service(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).query("serviceId", "nope").send().await?;
    seen.status(400)?.contains("Invalid serviceId").map(drop)
}

async fn missing_upstream(target: &Target) -> Checked {
    let seen = call(target, &target.keys.consumer).query("fileIndex", 1).send().await?;
    seen.status(400)?.contains("Asset URL not found, not available or invalid.")?;
    if !target.is_node() {
        seen.contains("Payload was: ImmutableMultiDict([('documentId', '")?;
    }
    seen.lacks("http").map(drop)
}

/// A new fee, whatever was given.
async fn new_fee(target: &Target, consumer: &PrivateKey, tx: B256) -> Checked {
    let seen = call(target, consumer).query("transferTxId", tx).send().await?;
    let answer = seen.status(200)?.json()?;
    seen.must(answer.get("validOrder").is_none() && answer.get("providerFee").is_some(), "a new fee").map(drop)
}

async fn no_order(target: &Target) -> Checked {
    new_fee(target, &target.keys.consumer, B256::repeat_byte(0x11)).await
}

async fn order_of_another(target: &Target) -> Checked {
    new_fee(target, &target.keys.stranger, target.files.asset.order).await
}

/// The fee is the server's own, for this service and datatoken, and verifies.
async fn fee(target: &Target) -> Checked {
    let asset = &target.files.asset;
    let seen = call(target, &target.keys.stranger).send().await?;
    seen.status(200)?.at("/datatoken", &json!(asset.datatoken.to_checksum(None)))?;
    let answer = seen.json()?;
    let fee: ProviderFee =
        serde_json::from_value(answer["providerFee"].clone()).map_err(|error| seen.mismatch(error))?;
    fee.verify().map_err(|error| seen.mismatch(error))?;
    if let Some(server) = &target.keys.server {
        same("the fee's address", &fee.provider_fee_address, &server.address())?;
    }
    let data: Value = serde_json::from_slice(&fee.provider_data).map_err(|error| seen.mismatch(error))?;
    same("dt", &data["dt"].as_str().map(str::to_lowercase), &Some(format!("{:#x}", asset.datatoken)))?;
    same("id", &data["id"], &json!(asset.service.as_str()))?;
    seen.must(fee.v == 27 || fee.v == 28, "v of 27 or 28")?;
    if target.is_node() {
        return seen.at("/computeAddress", &json!(checksummed(&target.keys.stranger))).map(drop);
    }
    seen.at("/providerFee/providerFeeAmount", &json!("0"))?.at("/providerFee/validUntil", &json!(0))?;
    same("environment", &data["environment"], &Value::Null)?;
    same("a timestamp with a fraction", &data["timestamp"].is_f64(), &true)
}

async fn nonce(target: &Target) -> Checked {
    let stored = target.stored_nonce(&checksummed(&target.keys.publisher)).await?;
    let seen = call(target, &target.keys.publisher).send().await?;
    seen.status(200)?.at("/nonce", &json!(stored)).map(drop)
}

async fn valid_order(target: &Target) -> Checked {
    let order = target.files.asset.order;
    let seen = call(target, &target.keys.consumer).query("transferTxId", order).send().await?;
    seen.status(200)?.at("/validOrder", &json!(order)).map(drop)
}
