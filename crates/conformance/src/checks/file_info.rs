//! `POST /api/services/fileinfo`, in ocean-node `fileInfo`

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::unknown_did;
use crate::{
    http::{Checked, Seen},
    report::Report,
    target::Target,
};

/// Files as such, and those of an asset.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("fileinfo/without-arguments", Some("R9"), without_arguments(target)).await;
    report.case("fileinfo/unknown-type", Some("R9"), unknown_type(target)).await;
    report.case("fileinfo/unknown-asset", None, unknown_asset(target)).await;
    report.case("fileinfo/unknown-service", None, unknown_service(target)).await;
    if !target.is_node() {
        report.case("fileinfo/unsafe-method", None, unsafe_method(target)).await;
        report.case("fileinfo/no-file-name", None, no_file_name(target)).await;
        report.case("fileinfo/headers-as-a-list", None, headers_as_list(target)).await;
        report.case("fileinfo/missing-field-of-a-type", None, missing_field(target)).await;
    }
    report.case("fileinfo/missing-upstream", Some("N3"), missing_upstream(target)).await;
    report.case("fileinfo/nobody-listens", None, nobody_listens(target)).await;
    report.case("fileinfo/url", None, url(target)).await;
    report.case("fileinfo/checksum", None, checksum(target)).await;
    report.case("fileinfo/asset", None, asset(target)).await;
}

async fn ask(target: &Target, body: &Value) -> Checked<Seen> {
    let path = if target.is_node() { "/api/services/fileInfo" } else { "/api/services/fileinfo" };
    target.post(path, body).send().await
}

fn file(url: &str) -> Value {
    json!({"type": "url", "url": url, "method": "GET"})
}

async fn without_arguments(target: &Target) -> Checked {
    ask(target, &json!({})).await?.status(400).map(drop)
}

async fn unknown_type(target: &Target) -> Checked {
    ask(target, &json!({"type": "teapot", "url": target.files.url})).await?.status(400).map(drop)
}

async fn unknown_asset(target: &Target) -> Checked {
    let seen = ask(target, &json!({"did": unknown_did(), "serviceId": "x"})).await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Cannot resolve DID").map(drop)
}

async fn unknown_service(target: &Target) -> Checked {
    let seen = ask(target, &json!({"did": target.files.asset.did, "serviceId": "nope"})).await?;
    seen.status(400)?.contains("Invalid serviceId").map(drop)
}

async fn unsafe_method(target: &Target) -> Checked {
    let mut file = file(&target.files.url);
    file["method"] = json!("PUT");
    ask(target, &file).await?.error("Unsafe method put.").map(drop)
}

async fn no_file_name(target: &Target) -> Checked {
    let text = "Invalid file name format. It was not possible to get the file name.";
    ask(target, &file("./a/b.txt")).await?.error(text).map(drop)
}

async fn headers_as_list(target: &Target) -> Checked {
    let mut file = file(&target.files.url);
    file["headers"] = json!([{"x-key": "1"}]);
    ask(target, &file).await?.error("malformed file object.").map(drop)
}

async fn missing_field(target: &Target) -> Checked {
    for (kind, field) in [("url", "url"), ("ipfs", "hash"), ("arweave", "transactionId")] {
        let text = format!("The {field} field is required when type is {kind}.");
        ask(target, &json!({"type": kind})).await?.invalid(field, &text)?;
    }
    Ok(())
}

fn invalid(target: &Target, seen: &Seen) -> Checked {
    seen.status(200)?;
    if target.is_node() {
        return seen.at("/0/valid", &json!(false)).map(drop);
    }
    seen.exactly("[{\"index\":0,\"type\":\"url\",\"valid\":false}]\n").map(drop)
}

async fn missing_upstream(target: &Target) -> Checked {
    invalid(target, &ask(target, &file(&target.files.missing)).await?)
}

async fn nobody_listens(target: &Target) -> Checked {
    invalid(target, &ask(target, &file("http://127.0.0.1:9/file.txt")).await?)
}

async fn url(target: &Target) -> Checked {
    let seen = ask(target, &file(&target.files.url)).await?;
    seen.status(200)?.at("/0/valid", &json!(true))?.at("/0/type", &json!("url"))?;
    seen.at("/0/contentLength", &json!(target.files.content.len().to_string()))?;
    if !target.is_node() {
        seen.at("/0/index", &json!(0))?.must(seen.text().ends_with("}]\n"), "a line at the end")?;
        let name = target.files.url.rsplit('/').next().unwrap_or_default();
        seen.at("/0/filename", &json!(name))?;
    }
    seen.must(seen.json()?.as_array().is_some_and(|list| list.len() == 1), "one entry").map(drop)
}

async fn checksum(target: &Target) -> Checked {
    let mut file = file(&target.files.url);
    file["checksum"] = json!(true);
    let seen = ask(target, &file).await?;
    seen.status(200)?.at("/0/checksum", &json!(hex::encode(Sha256::digest(&target.files.content))))?;
    if target.is_node() {
        return Ok(());
    }
    seen.at("/0/checksumType", &json!("sha256")).map(drop)
}

/// Both files, and not where they are.
async fn asset(target: &Target) -> Checked {
    let asset = &target.files.asset;
    let seen = ask(target, &json!({"did": asset.did, "serviceId": asset.service.as_str()})).await?;
    seen.status(200)?.at("/0/valid", &json!(true))?.at("/1/valid", &json!(false))?.lacks("http")?;
    seen.must(seen.json()?.as_array().is_some_and(|list| list.len() == 2), "two entries").map(drop)
}
