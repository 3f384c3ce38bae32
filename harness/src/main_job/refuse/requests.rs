//! Requests that are wrong in themselves: whose order, which nonce, whose signature.

use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::{Address, B256, Dialect, Nonce};
use ocean_protocol::Order;
use ocean_provider_api::download::DownloadRequest;

use super::{
    super::{
        order::Orders,
        report::{Doing as _, Result, StepError, expect, expect_eq},
        world::{World, address, key, role},
    },
    Refused,
};

pub(super) async fn run(world: &World<'_>, bought: &Orders) -> Result<Vec<Refused>> {
    let [first, second, third] = role::BUYERS;
    tokio::try_join!(
        no_order(world, &bought.standard.order, first),
        somebody_else(world, &bought.standard.order),
        replayed(world, &bought.free.order, third),
        other_key(world, &bought.enterprise.order, second),
    )
    .map(|(a, b, c, d)| vec![a, b, c, d])
}

/// A transaction of the asset that is no order.
async fn no_order(world: &World<'_>, order: &Order, account: usize) -> Result<Refused> {
    let tx = order.original_tx;
    let logs_nothing = world
        .contracts_of(account)?
        .transfer(world.deployment.ocean, address(account), ocean_primitives::BaseUnits(ocean_primitives::ONE))
        .await
        .doing("sending OCEAN to oneself")?;
    let fake = Download::of(order).by(account)?.tx(logs_nothing.tx);
    let expected =
        no_valid_order(fake.tx, &format!("Cannot find the event for the provider fee in tx id {}.", fake.tx));
    expect("a transaction other than the order", fake.tx != tx, || tx.to_string())?;
    refused_business(world, "no order", &fake, &expected).await
}

/// An order of the right service by another account.
async fn somebody_else(world: &World<'_>, order: &Order) -> Result<Refused> {
    let download = Download::of(order).by(role::STRANGER)?;
    let expected = no_valid_order(order.tx, "sender of order transaction is not the consumer/payer.");
    refused_business(world, "somebody else's order", &download, &expected).await
}

/// The same signed request twice: the first one is served.
async fn replayed(world: &World<'_>, order: &Order, account: usize) -> Result<Refused> {
    let download = Download::of(order).by(account)?;
    let nonce = next_nonce(world, download.consumer).await?;
    let (status, body) = download.send(world, world.testbed.provider_url(), &nonce).await?;
    expect_eq("status of the first of two equal downloads", 200, status)?;
    expect_eq("bytes of the first of two equal downloads", world.data.bytes, body.len() as u64)?;
    let (status, body) = download.send(world, world.testbed.provider_url(), &nonce).await?;
    let expected = format!("Invalid signature expected nonce ({nonce}) > current nonce ({nonce}).");
    validation_error("replayed nonce", status, &body, |text| text == expected, &expected)
}

/// A request in the buyer's name, signed by somebody else.
async fn other_key(world: &World<'_>, order: &Order, account: usize) -> Result<Refused> {
    let mut download = Download::of(order).by(account)?;
    download.key = key(role::OTHER_PROVIDER)?;
    let nonce = next_nonce(world, download.consumer).await?;
    let (status, body) = download.send(world, world.testbed.provider_url(), &nonce).await?;
    let start = "Invalid signature 0x";
    let end = format!(
        " for ethereum address {}, message {} and nonce {nonce}. Got {:#x}",
        download.consumer,
        order.did,
        address(role::OTHER_PROVIDER)
    );
    let matches = |text: &str| text.starts_with(start) && text.ends_with(&end);
    let refused = validation_error("signature by another key", status, &body, matches, &format!("{start}..{end}"))?;
    let after = world.provider.nonce(download.consumer).await.doing("reading the nonce")?;
    expect("a refused request to leave the nonce alone", after < nonce, || after.to_string())?;
    Ok(refused)
}

/// The parts of a download that the cases vary.
pub(in crate::main_job) struct Download {
    did: String,
    service: String,
    tx: B256,
    pub(in crate::main_job) consumer: Address,
    key: PrivateKey,
    dialect: Dialect,
}

impl Download {
    /// As the order's own consumer would ask; [`DownloadOf::by`] says who asks.
    pub(in crate::main_job) fn of(order: &Order) -> DownloadOf {
        DownloadOf { did: order.did.to_string(), service: order.service_id.to_string(), tx: order.tx }
    }

    /// Shows another transaction.
    pub(in crate::main_job) fn tx(mut self, tx: B256) -> Self {
        self.tx = tx;
        self
    }

    /// Speaks ocean-node's dialect.
    pub(in crate::main_job) fn node(mut self) -> Self {
        self.dialect = Dialect::OceanNode;
        self
    }

    /// Sends the request as it is; no client refuses or repeats anything.
    pub(in crate::main_job) async fn send(
        &self,
        world: &World<'_>,
        url: &str,
        nonce: &Nonce,
    ) -> Result<(u16, Vec<u8>)> {
        let (consumer, nonce) = (self.consumer.to_checksum(None), nonce.to_string());
        let message = Message::Download { consumer: &consumer, document_id: &self.did, nonce: &nonce };
        let signature = sign_message(&self.key, self.dialect, &message.text(self.dialect));
        let query =
            DownloadRequest::query(&self.did, &self.service, self.tx, 0, self.consumer, &nonce, &signature, None);
        let url = format!("{}/api/services/download", url.trim_end_matches('/'));
        let response = world.http.get(url).query(&query).send().await.doing("asking for a download")?;
        let status = response.status().as_u16();
        let body = response.bytes().await.doing("reading the answer to a download")?;
        Ok((status, body.to_vec()))
    }
}

/// A download of which is not yet said who asks.
pub(in crate::main_job) struct DownloadOf {
    did: String,
    service: String,
    tx: B256,
}

impl DownloadOf {
    pub(in crate::main_job) fn by(self, account: usize) -> Result<Download> {
        Ok(Download {
            did: self.did,
            service: self.service,
            tx: self.tx,
            consumer: address(account),
            key: key(account)?,
            dialect: Dialect::Provider,
        })
    }
}

/// The Provider's answer to a download whose transaction is no valid order; the chain is Barge's, so it is called Ganache.
pub(in crate::main_job) fn no_valid_order(tx: B256, reason: &str) -> String {
    format!("Provider Ganache: Order with tx_id {tx} could not be validated due to error: Provider Ganache: {reason}")
}

pub(in crate::main_job) async fn next_nonce(world: &World<'_>, account: Address) -> Result<Nonce> {
    Ok(world.provider.nonce(account).await.doing("reading the nonce")?.next())
}

/// Sends a correctly signed download and expects 400 with `{"error": expected}`.
pub(in crate::main_job) async fn refused_business(
    world: &World<'_>,
    case: &'static str,
    download: &Download,
    expected: &str,
) -> Result<Refused> {
    refused_business_if(world, case, download, expected, |text| text == expected).await
}

/// As [`refused_business`], for texts that carry a time.
pub(in crate::main_job) async fn refused_business_if(
    world: &World<'_>,
    case: &'static str,
    download: &Download,
    expected: &str,
    matches: impl Fn(&str) -> bool,
) -> Result<Refused> {
    let nonce = next_nonce(world, download.consumer).await?;
    let (status, body) = download.send(world, world.testbed.provider_url(), &nonce).await?;
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = json.get("error").and_then(serde_json::Value::as_str).unwrap_or_default();
    let seen = || format!("{status} {}", excerpt(&body));
    expect(&format!("{case}: 400 with the error `{expected}`"), status == 400 && matches(text), seen)?;
    Ok((case, text.to_owned()))
}

/// Expects 400 with the text under `errors.signature`.
fn validation_error(
    case: &'static str,
    status: u16,
    body: &[u8],
    matches: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<Refused> {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = json.pointer("/errors/signature").and_then(serde_json::Value::as_str).unwrap_or_default();
    if status == 400 && matches(text) {
        return Ok((case, text.to_owned()));
    }
    Err(StepError::Unexpected {
        expected: format!("{case}: 400 with errors.signature `{expected}`"),
        seen: format!("{status} {}", excerpt(body)),
    })
}

/// The beginning of a body, for messages.
pub(in crate::main_job) fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(600)]).into_owned()
}
