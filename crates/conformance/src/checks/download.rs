//! `GET` and `HEAD /api/services/download`

use futures_util::future::join_all;
use ocean_crypto::{Message, PrivateKey, personal_digest};
use ocean_primitives::{B256, keccak256};
use reqwest::Method;

use super::{MISMATCH, NOT_SIGNED, UNSIGNED, not_above, unknown_did};
use crate::{
    http::{Call, Checked, Mismatch, Seen, same},
    report::Report,
    target::{Target, checksummed},
};

/// Who gets the file, how often, and which part of it.
pub async fn check(target: &Target, report: &mut Report) {
    report.case("download/without-arguments", None, without_arguments(target)).await;
    report.case("download/unsigned", None, unsigned(target)).await;
    report.case("download/another-signer", None, another_signer(target)).await;
    report.case("download/signature-over-the-text", None, over_the_text(target)).await;
    report.case("download/order-of-another", None, order_of_another(target)).await;
    report.case("download/order-of-nobody", None, order_of_nobody(target)).await;
    report.case("download/transaction-that-is-no-order", None, no_order(target)).await;
    report.case("download/unknown-asset", None, unknown_asset(target)).await;
    report.case("download/unknown-service", Some("R9"), unknown_service(target)).await;
    report.case("download/file-out-of-range", Some("R9"), file_out_of_range(target)).await;
    report.case("download/negative-file", Some("R10"), negative_file(target)).await;
    report.case("download/missing-upstream", Some("R9"), missing_upstream(target)).await;
    report.case("download/refused-leaves-the-nonce", Some("R8"), refused_leaves_nonce(target)).await;
    report.case("download/nonce-that-is-no-number", Some("R9"), no_number(target)).await;
    report.case("download/three-in-a-row", Some("R5"), three_in_a_row(target)).await;
    report.case("download/six-at-once", Some("R5"), six_at_once(target)).await;
    report.case("download/nonce-under-another-spelling", Some("R7"), spelling(target)).await;
    report.case("download/file", None, file(target)).await;
    report.case("download/lower-case-consumer", None, lower_case(target)).await;
    report.case("download/v-of-27-or-28", None, other_v(target)).await;
    report.case("download/next-nonce-passes", Some("R8"), next_nonce(target)).await;
    report.case("download/length", Some("R10"), length(target)).await;
    report.case("download/range", Some("R10"), range(target)).await;
    report.case("download/range-beyond-the-end", Some("R10"), beyond(target)).await;
    report.case("download/resumed", Some("R10"), resumed(target)).await;
    report.case("download/head", Some("R10"), head(target)).await;
}

/// A download that is put together and signed at the end.
struct Download<'a> {
    target: &'a Target,
    key: &'a PrivateKey,
    consumer: String,
    did: String,
    nonce: String,
    call: Call<'a>,
}

impl<'a> Download<'a> {
    async fn of(target: &'a Target, key: &'a PrivateKey) -> Checked<Self> {
        let asset = &target.files.asset;
        let call = target.get("/api/services/download").query("serviceId", &asset.service).query("fileIndex", 0);
        let call = call.query("transferTxId", asset.order);
        let (consumer, nonce) = (checksummed(key), target.next_nonce(key).await?);
        Ok(Self { target, key, consumer, did: asset.did.to_string(), nonce, call })
    }

    /// Of the consumer, who may have it.
    async fn good(target: &'a Target) -> Checked<Self> {
        Self::of(target, &target.keys.consumer).await
    }

    fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.call = self.call.header(name, value);
        self
    }

    fn text(&self) -> String {
        let message = Message::Download { consumer: &self.consumer, document_id: &self.did, nonce: &self.nonce };
        message.text(self.target.dialect)
    }

    fn unsigned(&self) -> Call<'a> {
        let call = self.call.clone().query("documentId", &self.did).query("consumerAddress", &self.consumer);
        call.query("nonce", &self.nonce)
    }

    fn signed_with(&self, key: &PrivateKey) -> Call<'a> {
        let message = Message::Download { consumer: &self.consumer, document_id: &self.did, nonce: &self.nonce };
        self.unsigned().query("signature", self.target.sign(key, &message))
    }

    fn signed(&self) -> Call<'a> {
        self.signed_with(self.key)
    }

    async fn send(&self) -> Checked<Seen> {
        self.signed().send().await
    }
}

fn served(target: &Target, seen: &Seen) -> Checked {
    seen.status(200)?.must(seen.body == target.files.content, "the file, byte for byte").map(drop)
}

/// A refusal that holds neither the file nor where it is.
fn refused<'s>(target: &Target, seen: &'s Seen, status: u16, text: &str) -> Checked<&'s Seen> {
    let content = String::from_utf8_lossy(&target.files.content).into_owned();
    seen.status(status)?.contains(text)?.lacks("http://")?.lacks(&content)
}

fn refused_nonce(target: &Target, seen: &Seen, stored: &str, given: &str) -> Checked {
    if target.is_node() {
        return refused(target, seen, 401, &format!("nonce: {given} is not a valid nonce")).map(drop);
    }
    seen.unauthorised(&not_above(stored, given)).map(drop)
}

async fn without_arguments(target: &Target) -> Checked {
    let seen = target.get("/api/services/download").send().await?;
    if target.is_node() {
        return seen.status(400).map(drop);
    }
    seen.invalid("documentId", "The documentId field is required.").map(drop)
}

async fn unsigned(target: &Target) -> Checked {
    let seen = Download::good(target).await?.unsigned().send().await?;
    if target.is_node() {
        return refused(target, &seen, 401, NOT_SIGNED).map(drop);
    }
    seen.invalid("signature", UNSIGNED).map(drop)
}

async fn another_signer(target: &Target) -> Checked {
    let download = Download::good(target).await?;
    let stranger = PrivateKey::random();
    let seen = download.signed_with(&stranger).send().await?;
    if target.is_node() {
        return refused(target, &seen, 401, MISMATCH).map(drop);
    }
    refused(target, &seen, 400, &format!("Got {}", checksummed(&stranger).to_lowercase())).map(drop)
}

/// A wallet that signs the text itself, and not the bytes of its hash.
async fn over_the_text(target: &Target) -> Checked {
    let download = Download::good(target).await?;
    let signature = download.key.sign_digest(personal_digest(download.text().as_bytes()));
    let seen = download.unsigned().query("signature", signature).send().await?;
    if target.is_node() {
        return refused(target, &seen, 401, MISMATCH).map(drop);
    }
    refused(target, &seen, 400, "Got 0x").map(drop)
}

fn order_text(tx: B256) -> String {
    format!("Order with tx_id {tx} could not be validated due to error: ")
}

async fn order_of_another(target: &Target) -> Checked {
    let seen = Download::of(target, &target.keys.stranger).await?.send().await?;
    let order = target.files.asset.order;
    refused(target, &seen, 400, &order_text(order))?
        .contains("sender of order transaction is not the consumer/payer.")?;
    Ok(())
}

async fn order_of_nobody(target: &Target) -> Checked {
    let tx = B256::repeat_byte(0x11);
    let seen = Download::good(target).await?.query("transferTxId", tx).send().await?;
    refused(target, &seen, 400, &order_text(tx)).map(drop)
}

async fn no_order(target: &Target) -> Checked {
    let tx = target.files.asset.published;
    let seen = Download::good(target).await?.query("transferTxId", tx).send().await?;
    let text = format!("Cannot find the event for the provider fee in tx id {tx}.");
    refused(target, &seen, 400, &order_text(tx))?.contains(&text).map(drop)
}

async fn unknown_asset(target: &Target) -> Checked {
    let mut download = Download::good(target).await?;
    download.did = unknown_did();
    let seen = download.send().await?;
    if target.is_node() {
        return seen.client_error().map(drop);
    }
    seen.error("Cannot resolve DID").map(drop)
}

async fn unknown_service(target: &Target) -> Checked {
    let seen = Download::good(target).await?.query("serviceId", "nope").send().await?;
    refused(target, &seen, 400, "Invalid serviceId").map(drop)
}

async fn file_out_of_range(target: &Target) -> Checked {
    for index in [2, 14] {
        let seen = Download::good(target).await?.query("fileIndex", index).send().await?;
        refused(target, &seen, 400, &format!("No such fileIndex {index}"))?;
    }
    Ok(())
}

async fn negative_file(target: &Target) -> Checked {
    for index in [-1, -2] {
        let seen = Download::good(target).await?.query("fileIndex", index).send().await?;
        refused(target, &seen, 400, "fileIndex")?;
    }
    Ok(())
}

async fn missing_upstream(target: &Target) -> Checked {
    let seen = Download::good(target).await?.query("fileIndex", 1).send().await?;
    seen.client_error()?.lacks("http://")?.lacks("signature").map(drop)
}

async fn refused_leaves_nonce(target: &Target) -> Checked {
    let address = checksummed(&target.keys.consumer);
    let before = target.stored_nonce(&address).await?;
    another_signer(target).await?;
    unknown_asset(target).await?;
    unknown_service(target).await?;
    order_of_nobody(target).await?;
    file_out_of_range(target).await?;
    same("the stored nonce", &target.stored_nonce(&address).await?, &before)
}

async fn no_number(target: &Target) -> Checked {
    for nonce in ["abc", "", "-1", "1e999999999", "0x10"] {
        let mut download = Download::good(target).await?;
        download.nonce = nonce.to_owned();
        download.send().await?.client_error()?;
    }
    Ok(())
}

async fn three_in_a_row(target: &Target) -> Checked {
    let download = Download::good(target).await?;
    served(target, &download.send().await?)?;
    for _ in 0..2 {
        refused_nonce(target, &download.send().await?, &download.nonce, &download.nonce)?;
    }
    Ok(())
}

async fn six_at_once(target: &Target) -> Checked {
    let call = Download::good(target).await?.signed();
    let answers: Vec<Seen> = join_all((0..6).map(|_| call.send())).await.into_iter().collect::<Result<_, _>>()?;
    let statuses: Vec<_> = answers.iter().map(|seen| seen.status).collect();
    let good = statuses.iter().filter(|status| **status == 200).count();
    if good == 1 { Ok(()) } else { Err(Mismatch::new("status 200 once", format!("{statuses:?}"))) }
}

/// What was used up in one spelling is used up in the other.
async fn spelling(target: &Target) -> Checked {
    let good = Download::good(target).await?;
    served(target, &good.send().await?)?;
    let mut lower = Download::good(target).await?;
    lower.consumer = lower.consumer.to_lowercase();
    lower.nonce.clone_from(&good.nonce);
    refused_nonce(target, &lower.send().await?, &good.nonce, &good.nonce)
}

async fn file(target: &Target) -> Checked {
    let seen = Download::good(target).await?.send().await?;
    served(target, &seen)?;
    let name = target.files.url.rsplit('/').next().unwrap_or_default();
    seen.header("content-disposition", Some(&format!("attachment;filename={name}")))?;
    if target.is_node() {
        return Ok(());
    }
    seen.header("access-control-expose-headers", Some("Content-Disposition")).map(drop)
}

async fn lower_case(target: &Target) -> Checked {
    let mut download = Download::good(target).await?;
    download.consumer = download.consumer.to_lowercase();
    served(target, &download.send().await?)
}

async fn other_v(target: &Target) -> Checked {
    let download = Download::good(target).await?;
    let digest = personal_digest(keccak256(download.text()).as_slice());
    let mut signature = download.key.sign_digest(digest).to_bytes();
    if signature[64] < 27 {
        signature[64] += 27;
    } else {
        signature[64] -= 27;
    }
    let signature = format!("0x{}", hex::encode(signature));
    served(target, &download.unsigned().query("signature", signature).send().await?)
}

/// Clients that count in another unit go on from what the refusal names.
async fn next_nonce(target: &Target) -> Checked {
    let mut high = Download::good(target).await?;
    high.nonce = format!("{}000", high.nonce);
    served(target, &high.send().await?)?;
    let low = Download { nonce: "1".to_owned(), ..Download::good(target).await? };
    refused_nonce(target, &low.send().await?, &high.nonce, "1")?;
    let next = Download::good(target).await?;
    same("the next nonce", &next.nonce.len(), &high.nonce.len())?;
    served(target, &next.send().await?)
}

async fn length(target: &Target) -> Checked {
    let seen = Download::good(target).await?.send().await?;
    seen.header("content-length", Some(&target.files.content.len().to_string())).map(drop)
}

async fn range(target: &Target) -> Checked {
    let content = &target.files.content;
    let end = content.len();
    for (asked, first, last) in [("bytes=0-9", 0, 10), ("bytes=-5", end - 5, end), ("bytes=5-", 5, end)] {
        let seen = Download::good(target).await?.header("range", asked).send().await?;
        seen.status(206)?.must(seen.body == content[first..last], format!("bytes {first} to {last}"))?;
        seen.header("content-range", Some(&format!("bytes {first}-{}/{end}", last - 1)))?;
        seen.header("content-disposition", None)?;
    }
    Ok(())
}

async fn beyond(target: &Target) -> Checked {
    let end = target.files.content.len();
    let seen = Download::good(target).await?.header("range", &format!("bytes={end}-")).send().await?;
    seen.status(416)?.header("content-range", Some(&format!("bytes */{end}"))).map(drop)
}

/// Two halves make the whole.
async fn resumed(target: &Target) -> Checked {
    let content = &target.files.content;
    let half = content.len() / 2;
    let first = Download::good(target).await?.header("range", &format!("bytes=0-{}", half - 1)).send().await?;
    let rest = Download::good(target).await?.header("range", &format!("bytes={half}-")).send().await?;
    let whole = [first.status(206)?.body.as_slice(), rest.status(206)?.body.as_slice()].concat();
    same("both halves", &(whole == *content), &true)
}

async fn head(target: &Target) -> Checked {
    let seen = Download::good(target).await?.signed().method(Method::HEAD).send().await?;
    let get = Download::good(target).await?.send().await?;
    seen.status(200)?.must(seen.body.is_empty(), "no body")?;
    for name in ["content-length", "content-type", "content-disposition"] {
        seen.header(name, get.header_value(name))?;
    }
    Ok(())
}
