//! `decrypt`: documents by transaction, and who may have them.

use alloy::{
    primitives::{Address, B256, Bytes, LogData, U256},
    sol_types::SolEvent,
};
use axum::Router;
use ocean_contracts_bindings::abi::IErc721Template;
use ocean_crypto::{Flags, Message, PrivateKey, payload, sign_message};
use ocean_primitives::{ChainId, Dialect};
use ocean_provider::{Limits, LocalDecryptor};
use ocean_service::{Chains, DecryptError, DecryptRequest, Decryptor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Answer, World, send, tx};

const DOCUMENT: &[u8] = br#"{"id":"did:op:1","note":"published"}"#;

fn hash(document: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(document))
}

fn event(world: &World, flags: Flags, hash: B256) -> LogData {
    let data = payload::encode(DOCUMENT, flags, &world.key.public_key()).unwrap();
    let event = IErc721Template::MetadataCreated {
        createdBy: Address::ZERO,
        state: 0,
        decryptorUrl: "http://127.0.0.1:8030".to_owned(),
        flags: Bytes::from(flags.to_bytes().to_vec()),
        data: data.into(),
        metaDataHash: hash,
        timestamp: U256::ZERO,
        blockNumber: U256::ZERO,
    };
    event.encode_log_data()
}

fn body(world: &World, dialect: Dialect, key: &PrivateKey, tx: B256, chain: &Value, nonce: &str) -> Value {
    let (decrypter, nft, tx) = (key.address().to_checksum(None), world.nft.to_checksum(None), tx.to_string());
    let chain_text = chain.as_str().map_or_else(|| chain.to_string(), str::to_owned);
    let message = Message::Decrypt {
        transaction_id: Some(&tx),
        data_nft: &nft,
        decrypter: &decrypter,
        chain_id: Some(&chain_text),
        nonce,
    };
    json!({
        "decrypterAddress": decrypter, "chainId": chain, "transactionId": tx, "dataNftAddress": nft, "nonce": nonce,
        "signature": sign_message(key, dialect, &message.text(dialect)),
    })
}

async fn ask(router: &Router, body: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    send(router, "POST", "/api/services/decrypt", &json, body.to_string()).await
}

#[tokio::test]
async fn a_published_document_is_decrypted_whatever_its_flags() {
    let world = World::new().await;
    for (dialect, status, nonce) in [(Dialect::Provider, 201, 10), (Dialect::OceanNode, 200, 20)] {
        let router = world.router(dialect);
        for flags in 0..4 {
            let flags = Flags(flags);
            world.chain.set_receipt(
                tx("published"),
                Address::ZERO,
                &[(world.nft, event(&world, flags, hash(DOCUMENT)))],
            );
            let nonce = (nonce + flags.0).to_string();
            let body = body(&world, dialect, &world.consumer, tx("published"), &json!(8996), &nonce);
            let answer = ask(&router, &body).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
            assert_eq!(answer.body, DOCUMENT);
        }
    }
}

#[tokio::test]
async fn a_chain_id_is_a_number_in_either_form() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    world.chain.set_receipt(
        tx("published"),
        Address::ZERO,
        &[(world.nft, event(&world, Flags::ECIES, hash(DOCUMENT)))],
    );
    let ask = async |chain: Value, nonce: &str| {
        ask(&router, &body(&world, Dialect::Provider, &world.consumer, tx("published"), &chain, nonce)).await
    };
    for chain in [json!("8996x"), json!(-1), json!(1.5), json!(1), json!("0")] {
        ask(chain, "1").await.refused(400, "Unconfigured chain_id");
    }
    assert_eq!(world.stored(world.consumer.address()).await, None);
    assert_eq!(ask(json!(8996), "1").await.status, 201);
    assert_eq!(ask(json!("8996"), "2").await.status, 201);
}

#[tokio::test]
async fn a_refused_request_leaves_the_nonce_alone() {
    let other = PrivateKey::random();
    let limits = {
        let mut limits = Limits::default();
        limits.decrypters = Some(vec![other.address()]);
        limits
    };
    let world = World::with_limits(limits).await;
    let router = world.router(Dialect::Provider);
    let logs = [(world.nft, event(&world, Flags::ECIES, hash(DOCUMENT)))];
    world.chain.set_receipt(tx("published"), Address::ZERO, &logs);
    let by = |key: &PrivateKey, name: &str| body(&world, Dialect::Provider, key, tx(name), &json!(8996), "1");

    ask(&router, &by(&world.consumer, "published")).await.refused(403, "Decrypter not authorized");
    assert_eq!(world.stored(world.consumer.address()).await, None);

    for (state, text) in [(1, "Asset end of life"), (2, "Asset deprecated"), (3, "Asset revoked")] {
        world.chain.set_nft(world.nft, state);
        ask(&router, &by(&other, "published")).await.refused(403, text);
    }
    world.chain.set_nft(world.nft, 9);
    ask(&router, &by(&other, "published")).await.refused(400, "Invalid MetadataState");
    world.chain.set_nft(world.nft, 4);

    // An event that somebody else's contract has emitted, and a document that is not the one of the event.
    world.chain.set_receipt(tx("foreign"), Address::ZERO, &[(Address::repeat_byte(0x66), logs[0].1.clone())]);
    ask(&router, &by(&other, "foreign")).await.refused(400, "Failed to process transaction id.");
    world.chain.set_receipt(tx("other"), Address::ZERO, &[(world.nft, event(&world, Flags::ECIES, B256::ZERO))]);
    ask(&router, &by(&other, "other")).await.refused(400, "Checksum doesn't match.");
    let mut foreign = by(&other, "published");
    foreign["dataNftAddress"] = json!(Address::repeat_byte(0x66));
    ask(&router, &foreign).await.refused(400, "Asset not deployed by the data NFT factory.");
    assert_eq!(world.stored(other.address()).await, None);

    assert_eq!(ask(&router, &by(&other, "published")).await.status, 201);
    assert_eq!(world.stored(other.address()).await.as_deref(), Some("1"));
    ask(&router, &by(&other, "published")).await.refused(400, "expected nonce (1) > current nonce (1)");
}

#[tokio::test]
async fn a_client_that_counts_in_other_units_learns_where_to_go_on() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    world.chain.set_receipt(
        tx("published"),
        Address::ZERO,
        &[(world.nft, event(&world, Flags::ECIES, hash(DOCUMENT)))],
    );
    let at = async |nonce: &str| {
        ask(&router, &body(&world, Dialect::Provider, &world.consumer, tx("published"), &json!(8996), nonce)).await
    };
    assert_eq!(at("1700000000000").await.status, 201);
    at("1700000001").await.refused(400, "expected nonce (1700000000000) > current nonce (1700000001)");
    assert_eq!(at("1700000000001").await.status, 201);
    assert_eq!(at("1700000000001.5").await.status, 201);
    at("1700000000001.25").await.refused(400, "expected nonce (1700000000001.5)");
}

#[tokio::test]
async fn the_same_process_decrypts_without_a_request() {
    let world = World::new().await;
    let chains: Chains = world.chains();
    let decryptor = LocalDecryptor::new(chains);
    let request = |encrypted: Vec<u8>, document_hash| DecryptRequest {
        chain_id: ChainId::DEVELOPMENT,
        nft: world.nft,
        transaction_id: B256::ZERO,
        decryptor_url: String::new(),
        encrypted: encrypted.into(),
        flags: Flags::ECIES,
        document_hash,
    };
    let sealed = |key: &PrivateKey| payload::encode(DOCUMENT, Flags::ECIES, &key.public_key()).unwrap();
    let ours = sealed(&world.key);
    assert_eq!(decryptor.decrypt(&request(ours.clone(), hash(DOCUMENT))).await.unwrap(), DOCUMENT);
    let wrong = decryptor.decrypt(&request(ours, B256::ZERO)).await;
    assert!(matches!(wrong, Err(DecryptError::Invalid(_))), "{wrong:?}");
    let foreign = decryptor.decrypt(&request(sealed(&PrivateKey::random()), hash(DOCUMENT))).await;
    assert!(matches!(foreign, Err(DecryptError::Refused(_))), "{foreign:?}");
}
