//! Steps 1 and 2: three assets, and how fast and how truly they are served.

use std::time::{Duration, Instant};

use alloy::providers::Provider as _;
use ocean_contracts_bindings::events::Event;
use ocean_ddo::{Credentials, RawDdo};
use ocean_primitives::{B256, Bytes, FeeRate, Rate, ServiceId};
use ocean_protocol::{AssetState, DocumentForm, MarketFee, Pricing, PublishAsset, PublishedAsset, Template};

use super::{
    blocks::BlockWatch,
    report::{Doing as _, Findings, Result, StepError, expect, expect_eq, millis},
    world::{INDEX_DEADLINE, World, address, milli, role},
};

/// An asset must be served this soon after its block.
const SERVED_WITHIN: Duration = Duration::from_millis(200);
/// How often an asset is published before it counts as too slow.
const ATTEMPTS: usize = 3;
/// How long the orders of the asset on template 2 give access.
pub(super) const SHORT_TIMEOUT: Duration = Duration::from_secs(3600);
/// How often Aquarius is asked while an asset is waited for.
const POLL: Duration = Duration::from_millis(4);

/// A published asset and its first sight at Aquarius.
#[derive(Debug)]
pub(super) struct Asset {
    /// For messages.
    pub(super) label: &'static str,
    pub(super) published: PublishedAsset,
    served: RawDdo,
    /// From its block to its first sight, for each time that it was published.
    latencies: Vec<Duration>,
}

/// The three assets.
#[derive(Debug)]
pub(super) struct Assets {
    /// Template 1, fixed rate, market fee, encrypted document, one account denied.
    pub(super) standard: Asset,
    /// Template 2, fixed rate, encrypted document, orders that expire.
    pub(super) enterprise: Asset,
    /// Template 1, free, plain document.
    pub(super) free: Asset,
}

impl Asset {
    /// The id of its only service.
    pub(super) fn service_id(&self) -> Result<ServiceId> {
        let ddo = self.published.document.ddo().doing("reading the published document")?;
        let service = ddo.services.into_iter().next();
        service.map(|service| service.id).ok_or_else(|| StepError::Unexpected {
            expected: format!("a service of {}", self.label),
            seen: "none".to_owned(),
        })
    }
}

impl Assets {
    pub(super) fn all(&self) -> [&Asset; 3] {
        [&self.standard, &self.enterprise, &self.free]
    }
}

pub(super) async fn run(world: &World<'_>, found: &mut Findings) -> Result<Assets> {
    let ocean_token = world.deployment.ocean;
    let market = address(role::PUBLISH_MARKET);
    let rate = |text: &str| Rate::parse(text).doing("reading a price");
    // 1/3 of a percent, so that the fees of an odd price do not divide evenly.
    let market_fee = FeeRate::from_percent("0.3333333333333333").doing("reading a fee")?;

    let priced = Pricing::with_market_fee(ocean_token, rate("2.718281828459045235")?, market_fee, market);
    let mut standard = PublishAsset::new("Branin grid", world.file_objects(), priced)
        .credentials(Credentials::deny_addresses([address(role::DENIED)]))
        .without_waiting();
    standard.market_fee = Some(MarketFee { collector: market, token: ocean_token, amount: milli(500) });
    let enterprise = PublishAsset::new(
        "Branin grid, by the hour",
        world.file_objects(),
        Pricing::fixed_rate(ocean_token, rate("1.000000000000000007")?),
    )
    .template(Template::Enterprise)
    .timeout(SHORT_TIMEOUT)
    .without_waiting();
    let free = PublishAsset::new("Branin grid, free", world.file_objects(), Pricing::free())
        .form(DocumentForm::Plain)
        .without_waiting();

    let sent = transactions(world).await?;
    let blocks = BlockWatch::start(world.testbed.rpc_url())?;
    // One after the other: how soon each is served is measured, and the others' encryption must not be measured with it.
    let standard = publish(world, &blocks, "fixed rate", standard).await?;
    let enterprise = publish(world, &blocks, "template 2", enterprise).await?;
    let free = publish(world, &blocks, "free", free).await?;
    let assets = Assets { standard, enterprise, free };
    let again: usize = assets.all().iter().map(|asset| asset.latencies.len() - 1).sum();
    let expected = 6 + again as u64;
    expect_eq("transactions for three assets, two each:", expected, transactions(world).await? - sent)?;
    for asset in assets.all() {
        found.spent(asset.published.gas_used);
        found.fact(format!("did of {}", asset.label), &asset.published.did);
        expect(
            "a document that does not name the file's URL",
            !asset.published.document.as_str().contains(&world.data_url),
            || asset.published.document.as_str().to_owned(),
        )?;
    }
    found.fact("transactions", format!("{expected}: NFT, datatoken and price in one, document in another"));
    found.fact("file", format!("{} bytes, sha256 {}", world.data.bytes, world.data.sha256));
    Ok(assets)
}

/// Publishes and times how soon Aquarius serves the document.
///
/// A machine that is busy with something else delays everything, a slow indexer is slow every time: what misses the limit is
/// published and timed again, and every time is told.
async fn publish(world: &World<'_>, blocks: &BlockWatch, label: &'static str, asset: PublishAsset) -> Result<Asset> {
    let form = asset.form;
    let mut published = world.publisher.publish(asset).await.doing(format!("publishing {label}"))?;
    let mut latencies = Vec::new();
    loop {
        let served = first_sight(world, label, &published).await?;
        let served_at = Instant::now();
        let mined_at = blocks.made(published.metadata_block).await?;
        let latency = served_at.saturating_duration_since(mined_at);
        latencies.push(latency);
        if latency <= SERVED_WITHIN || latencies.len() == ATTEMPTS {
            return Ok(Asset { label, published, served, latencies });
        }
        let (did, document) = (&published.did, &published.document);
        let again = world.publisher.publish_document(did, published.nft, document, form, AssetState::Active).await;
        let again = again.doing(format!("publishing {label} again"))?;
        published.metadata_tx = again.tx;
        published.metadata_block = again.block;
        published.gas_used += again.gas_used;
    }
}

/// Asks Aquarius until it serves what the metadata transaction wrote.
async fn first_sight(world: &World<'_>, label: &str, published: &PublishedAsset) -> Result<RawDdo> {
    let deadline = Instant::now() + INDEX_DEADLINE;
    let tx = published.metadata_tx.to_string();
    loop {
        let served = world.aquarius.ddo(&published.did).await.doing("asking Aquarius")?;
        if let Some(served) = served
            && served.value().pointer("/event/tx").and_then(serde_json::Value::as_str) == Some(tx.as_str())
        {
            return Ok(served);
        }
        if Instant::now() > deadline {
            return Err(StepError::Unexpected {
                expected: format!("{label} served by Aquarius as transaction {tx} wrote it"),
                seen: format!("not after {INDEX_DEADLINE:?}"),
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn transactions(world: &World<'_>) -> Result<u64> {
    let rpc = world.chain.rpc();
    rpc.get_transaction_count(address(role::PUBLISHER)).await.doing("counting transactions")
}

pub(super) async fn check_served(world: &World<'_>, assets: &Assets, found: &mut Findings) -> Result<()> {
    for asset in assets.all() {
        let published = &asset.published;
        let times: Vec<_> = asset.latencies.iter().map(|latency| format!("{} ms", millis(*latency))).collect();
        found.fact(format!("{} served after", asset.label), times.join(", again after "));
        expect(
            &format!("{} served within {SERVED_WITHIN:?} of its block", asset.label),
            asset.latencies.last().is_some_and(|latency| *latency <= SERVED_WITHIN),
            || format!("{:?} in {ATTEMPTS} tries", asset.latencies),
        )?;

        let (hash, _) = on_chain(world, published.metadata_tx).await?;
        let verified = world.publisher.verified_asset(&published.did, hash).await;
        let document = verified.doing(format!("checking {} against the chain", asset.label))?;
        expect_eq(&format!("checksum of {}", asset.label), hash, document.checksum())?;
        expect_eq(&format!("document of {}", asset.label), published.document.as_str(), document.as_str())?;
        let value = asset.served.value();
        for pointer in ["/event/tx", "/indexedMetadata/event/txid"] {
            let tx = value.pointer(pointer).and_then(serde_json::Value::as_str);
            expect_eq(&format!("{pointer} of {}", asset.label), Some(published.metadata_tx.to_string().as_str()), tx)?;
        }
    }
    Ok(())
}

/// Hash and flags of a document from the transaction that published it.
pub(super) async fn on_chain(world: &World<'_>, tx: B256) -> Result<(B256, Bytes)> {
    let receipt = world.chain.rpc().get_transaction_receipt(tx).await.doing("reading the document's transaction")?;
    let logs = receipt.iter().flat_map(|receipt| receipt.logs());
    let event = logs.filter_map(|log| Event::decode(log.data())).find_map(|event| match event {
        Event::MetadataCreated(created) => Some((created.metaDataHash, created.flags)),
        Event::MetadataUpdated(updated) => Some((updated.metaDataHash, updated.flags)),
        _ => None,
    });
    event
        .ok_or_else(|| StepError::Unexpected { expected: format!("a metadata event in {tx}"), seen: "none".to_owned() })
}
