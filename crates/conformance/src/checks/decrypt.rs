//! `POST /api/services/decrypt`

use ocean_crypto::{Message, PrivateKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{MISMATCH, NOT_SIGNED, UNSIGNED, not_above};
use crate::{
    http::{Checked, Mismatch, Seen, same},
    report::Report,
    target::{Target, checksummed},
};

const PATH: &str = "/api/services/decrypt";

/// Documents, by the transaction that published them and as such.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("decrypt/without-arguments", None, without_arguments(target)).await;
    report.case("decrypt/unsigned", None, unsigned(target)).await;
    report.case("decrypt/another-signer", None, another_signer(target)).await;
    report.case("decrypt/nft-of-nobody", None, foreign_nft(target)).await;
    report.case("decrypt/unknown-chain", Some("R9"), unknown_chain(target)).await;
    report.case("decrypt/chain-that-is-no-number", Some("R16"), no_chain(target)).await;
    report.case("decrypt/transaction-without-document", None, wrong_transaction(target)).await;
    report.case("decrypt/hash-of-something-else", None, wrong_hash(target)).await;
    report.case("decrypt/refused-leaves-the-nonce", Some("R8"), refused_leaves_nonce(target)).await;
    report.case("decrypt/nonce-not-above", Some("R5"), low_nonce(target)).await;
    report.case("decrypt/replay", Some("R5"), replay(target)).await;
    report.case("decrypt/by-transaction", None, by_transaction(target)).await;
    report.case("decrypt/as-such", None, as_such(target)).await;
    report.case("decrypt/lower-case-nft", Some("R9"), lower_case(target)).await;
    report.case("decrypt/chain-as-text", Some("R16"), chain_as_text(target)).await;
    report.case("decrypt/state-of-the-asset", None, states(target)).await;
}

/// A request that is put together and signed at the end.
struct Request {
    nft: String,
    chain: Value,
    by: Value,
    nonce: String,
}

impl Request {
    async fn new(target: &Target) -> Checked<Self> {
        let asset = &target.files.asset;
        Ok(Self {
            nft: asset.nft.to_checksum(None),
            chain: json!(asset.chain.get()),
            by: json!({"transactionId": asset.published}),
            nonce: target.next_nonce(&target.keys.publisher).await?,
        })
    }

    fn body(&self, target: &Target, key: &PrivateKey) -> Value {
        let decrypter = checksummed(&target.keys.publisher);
        let chain = match &self.chain {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let message = Message::Decrypt {
            transaction_id: self.by["transactionId"].as_str(),
            data_nft: &self.nft,
            decrypter: &decrypter,
            chain_id: Some(&chain),
            nonce: &self.nonce,
        };
        let mut body = json!({
            "decrypterAddress": decrypter, "dataNftAddress": self.nft, "chainId": self.chain, "nonce": self.nonce,
            "signature": target.sign(key, &message),
        });
        for (name, value) in self.by.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    }

    async fn send(&self, target: &Target) -> Checked<Seen> {
        target.post(PATH, &self.body(target, &target.keys.publisher)).send().await
    }
}

fn served(target: &Target) -> u16 {
    if target.is_node() { 200 } else { 201 }
}

fn is_the_document(target: &Target, seen: &Seen) -> Checked {
    seen.status(served(target))?;
    seen.must(seen.body == target.files.asset.document, "the document, byte for byte").map(drop)
}

fn itself(document: &[u8]) -> Value {
    let hash = format!("0x{}", hex::encode(Sha256::digest(document)));
    json!({"encryptedDocument": format!("0x{}", hex::encode(document)), "flags": 0, "documentHash": hash})
}

async fn without_arguments(target: &Target) -> Checked {
    let seen = target.post(PATH, &json!({})).send().await?;
    if target.is_node() {
        return seen.status(400).map(drop);
    }
    for field in ["decrypterAddress", "chainId", "dataNftAddress"] {
        seen.invalid(field, &format!("The {field} field is required."))?;
    }
    Ok(())
}

async fn unsigned(target: &Target) -> Checked {
    let mut body = Request::new(target).await?.body(target, &target.keys.publisher);
    body["signature"] = json!("");
    let seen = target.post(PATH, &body).send().await?;
    if target.is_node() {
        // An empty signature is a missing field to ocean-node.
        return seen.client_error()?.must(seen.status == 400 || seen.text().contains(NOT_SIGNED), NOT_SIGNED).map(drop);
    }
    seen.invalid("signature", UNSIGNED).map(drop)
}

async fn another_signer(target: &Target) -> Checked {
    let stranger = PrivateKey::random();
    let body = Request::new(target).await?.body(target, &stranger);
    let seen = target.post(PATH, &body).send().await?;
    if target.is_node() {
        return seen.status(401)?.contains(MISMATCH).map(drop);
    }
    seen.status(400)?.contains(&format!("Got {}", checksummed(&stranger).to_lowercase())).map(drop)
}

async fn foreign_nft(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.nft = checksummed(&PrivateKey::random());
    let seen = request.send(target).await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Asset not deployed by the data NFT factory.").map(drop)
}

async fn unknown_chain(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.chain = json!(424_242);
    request.send(target).await?.client_error()?.lacks("signature").map(drop)
}

async fn no_chain(target: &Target) -> Checked {
    for chain in [json!("8996x"), json!(-1), json!(1.5)] {
        let mut request = Request::new(target).await?;
        request.chain = chain;
        request.send(target).await?.status(400)?;
    }
    Ok(())
}

async fn wrong_transaction(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.by = json!({"transactionId": target.files.asset.order});
    let seen = request.send(target).await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Failed to process transaction id.").map(drop)
}

async fn wrong_hash(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.by = itself(b"{}");
    request.by["documentHash"] = itself(b"[]")["documentHash"].clone();
    let seen = request.send(target).await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Checksum doesn't match.").map(drop)
}

async fn refused_leaves_nonce(target: &Target) -> Checked {
    let address = checksummed(&target.keys.publisher);
    let before = target.stored_nonce(&address).await?;
    unknown_chain(target).await?;
    foreign_nft(target).await?;
    wrong_hash(target).await?;
    same("the stored nonce", &target.stored_nonce(&address).await?, &before)
}

fn refused_nonce(target: &Target, seen: &Seen, stored: &str, given: &str) -> Checked {
    if target.is_node() {
        return seen.status(401)?.contains(&format!("nonce: {given} is not a valid nonce")).map(drop);
    }
    seen.unauthorised(&not_above(stored, given)).map(drop)
}

async fn low_nonce(target: &Target) -> Checked {
    Request::new(target).await?.send(target).await?.status(served(target))?;
    let stored = target.stored_nonce(&checksummed(&target.keys.publisher)).await?;
    let mut request = Request::new(target).await?;
    request.nonce = "0".to_owned();
    refused_nonce(target, &request.send(target).await?, &stored, "0")
}

async fn replay(target: &Target) -> Checked {
    let request = Request::new(target).await?;
    request.send(target).await?.status(served(target))?;
    refused_nonce(target, &request.send(target).await?, &request.nonce, &request.nonce)
}

async fn by_transaction(target: &Target) -> Checked {
    let seen = Request::new(target).await?.send(target).await?;
    is_the_document(target, &seen)
}

async fn as_such(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.by = itself(&target.files.asset.document);
    let seen = request.send(target).await?;
    is_the_document(target, &seen)
}

/// Served or refused, but never a fault of the server.
async fn lower_case(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.nft = request.nft.to_lowercase();
    let seen = request.send(target).await?;
    seen.must(seen.status == served(target) || (400..500).contains(&seen.status), "an answer below 500").map(drop)
}

async fn chain_as_text(target: &Target) -> Checked {
    let mut request = Request::new(target).await?;
    request.chain = json!(target.files.asset.chain.get().to_string());
    let seen = request.send(target).await?;
    is_the_document(target, &seen)
}

/// Every state is set on chain, and put back.
async fn states(target: &Target) -> Checked {
    let contracts = target.publisher()?;
    let nft = target.files.asset.nft;
    let failed = |error| Mismatch::new("a change of the asset's state", error);
    let before = contracts.nft_state(nft).await.map_err(failed)?;
    let refusals = [(1, "Asset end of life"), (2, "Asset deprecated"), (3, "Asset revoked")];
    let mut outcome = Ok(());
    for state in 1..=5_u8 {
        contracts.set_metadata_state(nft, state).await.map_err(failed)?;
        let seen = Request::new(target).await?.send(target).await?;
        let checked = match refusals.iter().find(|(refused, _)| *refused == state) {
            Some((_, text)) if target.is_node() => seen.status(403)?.contains(text).map(drop),
            Some((_, text)) => seen.status(403).and_then(|seen| seen.at("/error", &json!(text))).map(drop),
            None => is_the_document(target, &seen),
        };
        outcome = outcome.and(checked);
        if outcome.is_err() {
            break;
        }
    }
    contracts.set_metadata_state(nft, before).await.map_err(failed)?;
    outcome
}
