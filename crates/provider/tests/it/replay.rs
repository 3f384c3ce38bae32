//! Recorded exchanges of the Python Provider 2.1.6 that depend neither on a chain nor on the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use axum::Router;
use ocean_crypto::ecies;
use ocean_primitives::{Address, Dialect, Nonce};
use serde::Deserialize;
use serde_json::Value;

use crate::world::{Answer, World, send};

#[derive(Deserialize)]
struct Case {
    name: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// What is answered otherwise than recorded, and by which requirement.
const DIFFERENCES: &[(&str, &str, u16, &str)] = &[
    ("decrypt", "same_nonce_again", 400, "Invalid signature expected nonce"), // R5
    ("decrypt", "missing_nonce", 400, "The nonce field is required."),        // R9
    ("decrypt", "nft_lowercase", 201, "\"@context\""),                        // R9
    ("fileinfo", "type_missing", 400, "Validation error"),                    // R9
    ("fileinfo", "empty", 400, "Validation error"),                           // R9
    ("fileinfo", "smartcontract_noabi", 400, "malformed file object."),       // R9
];

/// The addresses that sign the recorded requests.
const SIGNERS: [&str; 2] = ["0xA78deb2Fa79463945C247991075E2a0e98Ba7A09", "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"];

fn load(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/provider-2.1.6").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A world in which the recorded data NFTs exist, and the nonce stands just below the request's own.
async fn prepare(case: &Case) -> World {
    let world = World::new().await;
    for nft in [
        "0x613849130D489Ae7CEC220c613f680E5DC560cc7",
        "0x6DAa6Ca6941901c25713127814a1905B8BaA8682",
        "0xb38b5A1A0B7c48099a8C53dD179726bf8A416538",
    ] {
        let state = case.name.strip_prefix("state_").and_then(|rest| rest[..1].parse().ok()).unwrap_or(0);
        world.chain.set_nft(nft.parse().unwrap(), state);
    }
    let stored = match case.name.as_str() {
        // The answer names what was stored.
        "lower_nonce" => Some("1795218964082".to_owned()),
        "same_nonce_again" => nonce_of(case),
        "missing_nonce" => Some("5".to_owned()),
        _ => None,
    };
    if let Some(stored) = stored {
        let stored: Nonce = stored.parse().unwrap();
        for signer in SIGNERS {
            world.nonces.advance(signer.parse::<Address>().unwrap(), &stored).await.unwrap();
        }
    }
    world
}

fn nonce_of(case: &Case) -> Option<String> {
    let body: Value = serde_json::from_str(&case.request.body).ok()?;
    Some(body["nonce"].as_str()?.to_owned())
}

async fn ask(router: &Router, request: &Request) -> Answer {
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    send(router, &request.method, &request.path, &headers, request.body.clone()).await
}

fn check(file: &str, case: &Case, answer: &Answer, world: &World) {
    let at = format!("{file}/{}", case.name);
    let (status, text) = (answer.status.as_u16(), answer.text());
    if let Some((_, _, expected, part)) = DIFFERENCES.iter().find(|(f, name, ..)| *f == file && *name == case.name) {
        assert_eq!(status, *expected, "{at}: {text}");
        assert!(text.contains(part), "{at}: {text}");
        assert_ne!(case.response.status, *expected, "{at} is no difference any more");
        return;
    }
    assert_eq!(status, case.response.status, "{at}: {text}");
    for (name, value) in &case.response.headers {
        assert_eq!(answer.header(name), Some(value.as_str()), "{at}: {name}");
    }
    if file == "encrypt" && status == 201 {
        // Random: what must agree is what it decrypts to.
        let open = |text: &str| ecies::decrypt(&world.key, &alloy::primitives::hex::decode(text).unwrap()).unwrap();
        assert_eq!(open(text), open(&case.response.body), "{at}");
        assert_eq!(open(text), case.request.body.as_bytes(), "{at}");
    } else if case.name == "root" {
        let (ours, theirs) = (answer.json(), serde_json::from_str::<Value>(&case.response.body).unwrap());
        for field in ["chainIds", "providerAddresses", "software", "version"] {
            assert_eq!(ours[field], theirs[field], "{at}: {field}");
        }
        // Only what is served is named; what is named stands where the peer has it.
        for (name, endpoint) in ours["serviceEndpoints"].as_object().unwrap() {
            assert_eq!(endpoint, &theirs["serviceEndpoints"][name], "{at}: {name}");
        }
    } else {
        assert_eq!(text, case.response.body, "{at}");
    }
}

#[tokio::test]
async fn recorded_exchanges_replay() {
    let files = ["auth", "container", "decrypt", "download", "encrypt", "fileinfo", "initialize", "nonce", "root"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/provider-2.1.6");
    let there: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(there, files.iter().map(|file| format!("{file}.json")).collect(), "a fixture is never read");
    let mut replayed = 0;
    for file in files {
        for case in load(&format!("{file}.json")) {
            let world = prepare(&case).await;
            let answer = ask(&world.router(Dialect::Provider), &case.request).await;
            check(file, &case, &answer, &world);
            replayed += 1;
        }
    }
    assert_eq!(replayed, 60);
}
