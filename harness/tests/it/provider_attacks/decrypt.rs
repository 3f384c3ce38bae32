//! Documents on chain: who gets the clear text, in which form, of which asset (section 6.3, R8, R16), in both dialects.

use std::sync::Arc;

use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{CreateAsset, Price, SetMetadata, connect};
use ocean_crypto::{Flags, Message, ecies, payload, sign_message};
use ocean_primitives::{Address, B256, Bytes, ChainId, Dialect};
use ocean_provider::{HttpDdoSource, Limits, ProviderParts, ProviderState, TokenStore};
use ocean_service::{Chain, Chains, NonceStore};
use ocean_storage::{AddressPolicy, Storage};
use ocean_testbed::Testbed;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::world::{Answer, BUYER, PUBLISHER, World};

/// A document that was published, and everything needed to ask for it.
pub(crate) struct Document {
    pub(crate) nft: Address,
    pub(crate) tx: B256,
    pub(crate) clear: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) flags: u8,
    pub(crate) hash: B256,
}

impl Document {
    pub(crate) fn by_transaction(&self) -> Value {
        json!({"transactionId": self.tx})
    }

    pub(crate) fn itself(&self) -> Value {
        json!({"encryptedDocument": Bytes::from(self.payload.clone()), "flags": self.flags, "documentHash": self.hash})
    }
}

/// Publishes something that need not be an asset's document: the Provider only compares its hash.
pub(crate) async fn publish(world: &World, flags: Flags, clear: &str) -> Document {
    let contracts = world.publisher.contracts();
    let nft = contracts.create_asset(&CreateAsset::new("Document", "DOC", Price::None)).await.unwrap().nft;
    let payload = payload::encode(clear.as_bytes(), flags, &world.testbed.provider_key().public_key()).unwrap();
    let hash = B256::from_slice(&Sha256::digest(clear));
    let metadata = SetMetadata {
        decryptor_url: world.testbed.provider_url().to_owned(),
        flags: Bytes::copy_from_slice(&flags.to_bytes()),
        data: payload.clone().into(),
        hash,
        ..SetMetadata::default()
    };
    let tx = contracts.set_metadata(nft, &metadata).await.unwrap().tx;
    Document { nft, tx, clear: clear.to_owned(), payload, flags: flags.0, hash }
}

/// A signed request; `source` is the part that says where the document is, and what it holds wins.
pub(crate) fn request(world: &World, dialect: Dialect, nft: &str, chain: &Value, source: &Value) -> Value {
    let decrypter = world.address(BUYER).to_checksum(None);
    let nonce = world.next_nonce().to_string();
    let chain_text = chain.as_str().map_or_else(|| chain.to_string(), str::to_owned);
    let transaction_id = source.get("transactionId").and_then(Value::as_str);
    let message = Message::Decrypt {
        transaction_id,
        data_nft: nft,
        decrypter: &decrypter,
        chain_id: Some(&chain_text),
        nonce: &nonce,
    };
    let signature = sign_message(&world.key(BUYER), dialect, &message.text(dialect));
    let mut body = json!({"decrypterAddress": decrypter, "chainId": chain, "dataNftAddress": nft, "nonce": nonce, "signature": signature});
    for (name, value) in source.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

const PATH: &str = "/api/services/decrypt";

async fn send(world: &World, dialect: Dialect, body: &Value) -> Answer {
    match dialect {
        Dialect::OceanNode => world.node_post(PATH, body).await,
        _ => world.post(PATH, body).await,
    }
}

/// Every combination of flags, by transaction and by the document itself; and every state of the asset.
pub(crate) async fn every_form_is_served(dialect: Dialect) {
    let world = World::start().await;
    let (served, chain) = (if dialect == Dialect::OceanNode { 200 } else { 201 }, json!(8996));
    let clear = "{\"id\": \"a document\",  \"with\": \"its own spaces \u{e9}\"}".repeat(50);
    let mut last = None;
    for flags in 0..4 {
        let document = publish(&world, Flags(flags), &clear).await;
        for source in [document.by_transaction(), document.itself()] {
            let nft = document.nft.to_checksum(None);
            let answer = send(&world, dialect, &request(&world, dialect, &nft, &chain, &source)).await;
            assert_eq!((answer.status, answer.text()), (served, document.clear.clone()), "flags {flags}: {source}");
            assert!(answer.header("content-type").unwrap().starts_with("text/plain"), "{:?}", answer.headers);
        }
        let mut wrong = document.itself();
        wrong["documentHash"] = json!(B256::repeat_byte(1));
        let answer =
            send(&world, dialect, &request(&world, dialect, &document.nft.to_checksum(None), &chain, &wrong)).await;
        answer.refused("another hash", 400, "Checksum doesn't match.");
        last = Some(document);
    }
    let document = last.unwrap();
    let nft = document.nft.to_checksum(None);
    let ask = async |source: Value| send(&world, dialect, &request(&world, dialect, &nft, &chain, &source)).await;

    // A part of it, another key's, a bomb, unknown or impossible fields.
    let mut cut = document.itself();
    cut["encryptedDocument"] = json!(Bytes::copy_from_slice(&document.payload[..document.payload.len() - 1]));
    ask(cut).await.refused("cut", 400, "Failed to decrypt.");
    let mut foreign = document.itself();
    foreign["encryptedDocument"] =
        json!(Bytes::from(ecies::encrypt(&world.key(BUYER).public_key(), document.clear.as_bytes())));
    ask(foreign).await.refused("another key", 400, "Failed to decrypt.");
    let bomb = payload::encode(&vec![0_u8; 40 << 20], Flags::LZMA, &world.testbed.provider_key().public_key()).unwrap();
    assert!(bomb.len() < 64 << 10);
    ask(json!({"encryptedDocument": Bytes::from(bomb), "flags": 1, "documentHash": document.hash})).await.refused(
        "bomb",
        400,
        "Failed to decompress",
    );
    for (field, value) in [
        ("flags", json!("x")),
        ("flags", json!(-1)),
        ("flags", json!(256)),
        ("documentHash", json!("0x12")),
        ("encryptedDocument", json!("0xzz")),
    ] {
        let mut bad = document.itself();
        bad[field] = value.clone();
        ask(bad).await.refused(&format!("{field} {value}"), 400, field);
    }
    for tx in [B256::repeat_byte(7), world.asset.metadata_tx, world.asset.creation_tx] {
        ask(json!({"transactionId": tx})).await.refused(
            "no publication of this asset",
            400,
            "Failed to process transaction id.",
        );
    }

    // One chain however it is written, none that is not served; refusals leave the nonce alone.
    for chain in [json!(8996), json!("8996")] {
        for nft in [nft.clone(), nft.to_lowercase()] {
            let answer =
                send(&world, dialect, &request(&world, dialect, &nft, &chain, &document.by_transaction())).await;
            assert_eq!((answer.status, answer.text()), (served, document.clear.clone()), "{chain} {nft}");
        }
    }
    let consumer = world.address(BUYER).to_checksum(None);
    let url = if dialect == Dialect::OceanNode { world.testbed.node_url() } else { world.testbed.provider_url() };
    let stored = async || {
        world
            .send(reqwest::Method::GET, &format!("{url}/api/services/nonce?userAddress={consumer}"), &[], "")
            .await
            .text()
    };
    let before = stored().await;
    for chain in [json!("8996x"), json!(-1), json!(1.5), json!(1), json!("0"), json!("99999999999999999999")] {
        let answer = send(&world, dialect, &request(&world, dialect, &nft, &chain, &document.by_transaction())).await;
        answer.refused(&chain.to_string(), 400, "");
    }
    let stranger = world.address(PUBLISHER).to_checksum(None);
    let foreign = send(&world, dialect, &request(&world, dialect, &stranger, &chain, &document.itself())).await;
    foreign.refused("no data NFT", 400, "Asset not deployed by the data NFT factory.");
    let contracts = world.publisher.contracts();
    for (state, expected) in [
        (1, Some("Asset end of life")),
        (2, Some("Asset deprecated")),
        (3, Some("Asset revoked")),
        (4, None),
        (5, None),
        (0, None),
    ] {
        contracts.set_metadata_state(document.nft, state).await.unwrap();
        for source in [document.by_transaction(), document.itself()] {
            let answer = ask(source).await;
            match expected {
                Some(text) => answer.refused(text, 403, text),
                None => assert_eq!(answer.text(), document.clear, "state {state}"),
            }
        }
        if expected.is_some() {
            assert_eq!(stored().await, before, "a refused request used the nonce up");
        }
    }
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_decrypts_every_form_for_a_signature_only() {
    every_form_is_served(Dialect::Provider).await;
}

/// A Provider in this test over the network's chain and index, with settings of its own.
pub(crate) fn provider(testbed: &Testbed, dialect: Dialect, policy: AddressPolicy, limits: Limits) -> ProviderState {
    provider_with(testbed, dialect, Storage::builder().policy(policy).build().unwrap(), limits)
}

/// The same with a storage of its own.
pub(crate) fn provider_with(testbed: &Testbed, dialect: Dialect, storage: Storage, limits: Limits) -> ProviderState {
    let rpc = connect(testbed.rpc_url()).unwrap();
    let chain = Chain::new(ChainId::DEVELOPMENT, rpc, testbed.deployment().clone(), testbed.provider_key());
    let aquarius = AquariusClient::builder(testbed.aquarius_url()).build().unwrap();
    let (nonces, tokens) = (NonceStore::in_memory().unwrap(), TokenStore::in_memory().unwrap());
    let ddos = Arc::new(HttpDdoSource::new(aquarius));
    let chains = Chains::from_iter([chain]);
    let mut parts = ProviderParts::new(dialect, chains, nonces, tokens, storage, ddos, testbed.clock());
    parts.limits = limits;
    ProviderState::new(parts)
}

/// Serves it on a free port and returns its URL; it ends with the test.
pub(crate) async fn serve(state: ProviderState) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(ocean_service::run::serve(listener, ocean_provider::router(state), std::future::pending()));
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_authorised_decrypters_are_served() {
    let world = World::start().await;
    let document = publish(&world, Flags::ECIES, "secret").await;
    for (allowed, status) in [(PUBLISHER, 403), (BUYER, 201)] {
        let mut limits = Limits::default();
        limits.decrypters = Some(vec![world.address(allowed)]);
        let url =
            serve(provider(&world.testbed, Dialect::Provider, AddressPolicy { allow_private: true }, limits)).await;
        let nft = document.nft.to_checksum(None);
        let body = request(&world, Dialect::Provider, &nft, &json!(8996), &document.by_transaction());
        let answer = world.send(reqwest::Method::POST, &format!("{url}{PATH}"), &[], body.to_string()).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let consumer = world.address(BUYER);
        let nonce = world
            .send(reqwest::Method::GET, &format!("{url}/api/services/nonce?userAddress={consumer}"), &[], "")
            .await;
        if status == 403 {
            answer.refused_exactly("decrypter", 403, "Decrypter not authorized");
            assert_eq!(nonce.text(), "{\"nonce\":\"1\"}\n", "a refused request used the nonce up");
        } else {
            assert_eq!(nonce.json()["nonce"], body["nonce"]);
        }
    }
    world.testbed.stop().await.unwrap();
}
