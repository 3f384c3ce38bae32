//! `GET /`, unknown paths and methods, and what a node tells of itself.

use ocean_crypto::PrivateKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::unknown_did;
use crate::{
    http::{Checked, same},
    report::Report,
    target::{Target, checksummed},
};

/// What the Python Provider names, for what is covered here.
const PROVIDER: [(&str, &str, &str); 9] = [
    ("nonce", "GET", "/api/services/nonce"),
    ("encrypt", "POST", "/api/services/encrypt"),
    ("decrypt", "POST", "/api/services/decrypt"),
    ("fileinfo", "POST", "/api/services/fileinfo"),
    ("initialize", "GET", "/api/services/initialize"),
    ("download", "GET", "/api/services/download"),
    ("create_auth_token", "GET", "/api/services/createAuthToken"),
    ("delete_auth_token", "DELETE", "/api/services/deleteAuthToken"),
    ("validateContainer", "POST", "/api/services/validateContainer"),
];

/// What ocean.js looks up, for what is covered here.
const NODE: [(&str, &str, &str); 10] = [
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
];

/// The discovery document, what is at no path, and cross-origin headers.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("discovery/unknown-path", None, unknown_path(target)).await;
    if !target.is_node() {
        report.case("discovery/wrong-method", None, wrong_method(target)).await;
        report.case("discovery/malformed-json-counts-as-none", None, malformed(target)).await;
        report.case("discovery/preflight", None, preflight(target)).await;
    }
    report.case("discovery/root", None, root(target)).await;
    report.case("discovery/endpoints", None, endpoints(target)).await;
    report.case("discovery/any-origin", None, origin(target)).await;
    if target.is_node() {
        report.case("discovery/logs-without-signature", None, logs(target)).await;
        report.case("discovery/unknown-command", None, unknown_command(target)).await;
        report.case("discovery/status", None, status(target)).await;
        report.case("discovery/jobs-of-the-literal-path", Some("N6"), jobs(target)).await;
        report.case("discovery/peers", None, peers(target)).await;
    }
}

async fn unknown_path(target: &Target) -> Checked {
    let seen = target.post("/nope", &json!({"a": 1})).send().await?;
    seen.status(404)?;
    if target.is_node() {
        return Ok(());
    }
    let text = "404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.";
    seen.exactly(&format!("{}\n", json!({"context": {"a": 1}, "error": text}))).map(drop)
}

async fn wrong_method(target: &Target) -> Checked {
    let seen = target.call(Method::POST, "/api/services/nonce").query("userAddress", "0x1").send().await?;
    let text = "405 Method Not Allowed: The method is not allowed for the requested URL.";
    let body = json!({"context": {"userAddress": "0x1"}, "error": text});
    seen.status(405)?.exactly(&format!("{body}\n")).map(drop)
}

async fn malformed(target: &Target) -> Checked {
    let broken = target.post("/api/services/decrypt", &Value::Null).body("{").send().await?;
    broken.status(400)?.at("/errors/decrypterAddress", &json!(["The decrypterAddress field is required."])).map(drop)
}

async fn preflight(target: &Target) -> Checked {
    let asked = target.call(Method::OPTIONS, "/api/services/encrypt").header("origin", "https://market.example");
    let seen = asked.header("access-control-request-method", "POST").send().await?;
    seen.status(200)?.header("access-control-allow-origin", Some("https://market.example"))?;
    seen.header("access-control-allow-methods", Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")).map(drop)
}

async fn root(target: &Target) -> Checked {
    let seen = target.get("/").send().await?;
    let chain = target.files.asset.chain.get();
    seen.status(200)?;
    if target.is_node() {
        seen.at("/software", &json!("Ocean-Node"))?;
        let root = seen.json()?;
        let chains = root["chainIds"].as_array().is_some_and(|ids| ids.contains(&json!(chain.to_string())));
        let key = root["nodePublicKey"].as_object().is_some_and(|key| key.len() == 33);
        seen.must(chains && key, format!("chainIds with \"{chain}\" and a nodePublicKey of 33 bytes"))?;
        return known_server(target, &root["providerAddress"]);
    }
    seen.at("/software", &json!("Provider"))?.header("content-type", Some("application/json"))?;
    let root = seen.json()?;
    let chains = root["chainIds"].as_array().is_some_and(|ids| ids.contains(&json!(chain)));
    seen.must(chains, format!("chainIds with {chain}"))?;
    known_server(target, &root["providerAddresses"][chain.to_string()])
}

fn known_server(target: &Target, address: &Value) -> Checked {
    match target.keys.server.as_ref().map(PrivateKey::address) {
        Some(_) => {
            same("the address", address, &json!(target.keys.server.as_ref().map(checksummed).unwrap_or_default()))
        }
        None => same("an address", &address.is_string(), &true),
    }
}

async fn endpoints(target: &Target) -> Checked {
    let seen = target.get("/").send().await?;
    let wanted: &[(&str, &str, &str)] = if target.is_node() { &NODE } else { &PROVIDER };
    for (name, method, path) in wanted {
        seen.at(&format!("/serviceEndpoints/{name}"), &json!([method, path]))?;
    }
    Ok(())
}

async fn origin(target: &Target) -> Checked {
    for path in ["/".to_owned(), format!("/api/services/initialize?documentId={}", unknown_did())] {
        let seen = target.get(&path).header("origin", "https://market.example").send().await?;
        let allowed = seen.header_value("access-control-allow-origin");
        seen.must(matches!(allowed, Some("*" | "https://market.example")), "access-control-allow-origin")?;
    }
    Ok(())
}

async fn logs(target: &Target) -> Checked {
    target.post("/logs", &json!({})).send().await?.status(400).map(drop)
}

async fn unknown_command(target: &Target) -> Checked {
    target.post("/directCommand", &json!({"command": "nope"})).send().await?.client_error().map(drop)
}

async fn status(target: &Target) -> Checked {
    let seen = target.post("/directCommand", &json!({"command": "status"})).send().await?;
    seen.status(200)?.at("/p2p", &json!(true))?.at("/http", &json!(true)).map(drop)
}

async fn jobs(target: &Target) -> Checked {
    target.get("/api/services/jobs/:job").send().await?.status(200).map(drop)
}

async fn peers(target: &Target) -> Checked {
    let seen = target.get("/getP2PPeers").send().await?;
    seen.status(200)?.must(seen.json()?.is_array(), "a list").map(drop)
}
