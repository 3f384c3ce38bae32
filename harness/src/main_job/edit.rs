//! Step 5: an edited document is served and its orders still count; a state forbids orders and another one allows them.

use std::time::{Duration, Instant};

use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_protocol::{AssetState, Error};
use ocean_provider_client::InitializeQuery;
use serde_json::{Value, json};

use super::{
    publish::{Assets, on_chain},
    report::{Doing as _, Findings, Result, StepError, expect, expect_eq},
    world::{INDEX_DEADLINE, World, role},
};

const DESCRIPTION: &str = "Branin function on a grid, \u{e9}dit\u{e9}";

pub(super) async fn run(world: &World<'_>, assets: &Assets, found: &mut Findings) -> Result<()> {
    let did = &assets.standard.published.did;
    let before = world.publisher.asset(did).await.doing("reading the document")?;
    let orders = order_count(&before)?;
    expect("at least one order counted before the edit", orders >= 1, || orders.to_string())?;

    let edited = world
        .publisher
        .edit_metadata(did, |document| document.set("/metadata/description", &json!(DESCRIPTION)))
        .await
        .doing("editing the metadata")?;
    found.spent(edited.gas_used);
    let after = world.publisher.asset(did).await.doing("reading the edited document")?;
    let text = |document: &RawDdo, pointer: &str| document.value().pointer(pointer).cloned();
    expect_eq("description", Some(json!(DESCRIPTION)), text(&after, "/metadata/description"))?;
    expect_eq("created, unchanged by the edit", text(&before, "/metadata/created"), text(&after, "/metadata/created"))?;
    let (hash, flags) = on_chain(world, edited.tx).await?;
    let (_, first_flags) = on_chain(world, assets.standard.published.metadata_tx).await?;
    expect_eq("flags of the edited document, as of the first", first_flags, flags)?;
    expect_eq("checksum of the edited document", hash, after.stripped().checksum())?;
    expect("another checksum than before", hash != assets.standard.published.checksum, || hash.to_string())?;
    expect_eq("orders counted after the edit", orders, order_count(&after)?)?;
    found.fact("orders counted", format!("{orders} before and after the edit"));

    search(world, did).await?;

    let disabled = world.publisher.set_state(did, AssetState::OrderingDisabled).await.doing("setting state 4")?;
    let buyer = world.buyer(role::LATE_BUYER).await?;
    match buyer.quote(did, None).await {
        Err(Error::NotOrderable { state: AssetState::OrderingDisabled, .. }) => {}
        other => return Err(unexpected("quoting to fail for state 4", &other)),
    }
    let service = assets.standard.service_id()?;
    let query = InitializeQuery::new(did.clone(), service, buyer.account());
    let refusal = match world.provider.initialize(&query, buyer.chain_id()).await {
        Err(error) => error,
        Ok(answer) => {
            return Err(unexpected("initialize to be refused in state 4", &Ok::<_, Error>(answer)));
        }
    };
    let body = refusal.peer().map(ToString::to_string).unwrap_or_default();
    expect(
        "initialize in state 4 refused as `Asset is not consumable.`",
        body.contains("Asset is not consumable."),
        || body.clone(),
    )?;
    expect_eq("status of the refusal", Some(400), refusal.status())?;
    served_state(world, did, 4).await?;

    let enabled = world.publisher.set_state(did, AssetState::Active).await.doing("setting state 0")?;
    served_state(world, did, 0).await?;
    let order = buyer.buy(did, None).await.doing("ordering after state 0 is back")?;
    found.spent(disabled.gas_used + enabled.gas_used + order.gas_used);
    found.fact("state 4", body);
    found.fact("state 0", format!("ordered in {}", order.tx));
    Ok(())
}

/// Finds the edited asset, and only that one, by a word of its new description.
async fn search(world: &World<'_>, did: &Did) -> Result<()> {
    let query = json!({"query": {"match": {"metadata.description": "\u{e9}dit\u{e9}"}}});
    let found = world.publisher.search(&query).await.doing("searching for the edited asset")?;
    let ids: Vec<_> = found.hits.hits.iter().map(|hit| hit.id.as_str()).collect();
    expect_eq("assets found by a word of the new description", vec![did.as_str()], ids)
}

fn unexpected<T: std::fmt::Debug>(expected: &str, seen: &Result<T, Error>) -> StepError {
    StepError::Unexpected { expected: expected.to_owned(), seen: format!("{seen:?}") }
}

/// How many orders of the first service the document counts, in the shape of ocean-node and in that of Aquarius.
fn order_count(document: &RawDdo) -> Result<u64> {
    let value = document.value();
    let count = |pointer: &str| value.pointer(pointer).and_then(Value::as_u64);
    let (new, old) = (count("/indexedMetadata/stats/0/orders"), count("/stats/orders"));
    expect_eq("the same order count in both shapes of the document", new, old)?;
    new.ok_or_else(|| StepError::Unexpected {
        expected: "an order count in the document".to_owned(),
        seen: value.pointer("/indexedMetadata/stats").map_or("no stats".to_owned(), Value::to_string),
    })
}

/// Waits until Aquarius shows the state.
async fn served_state(world: &World<'_>, did: &Did, state: u64) -> Result<()> {
    let deadline = Instant::now() + INDEX_DEADLINE;
    loop {
        let value = world.publisher.asset(did).await.doing("reading the document")?.value();
        let seen = value.pointer("/nft/state").and_then(Value::as_u64);
        if seen == Some(state) || Instant::now() > deadline {
            return expect_eq("state of the asset at Aquarius", Some(state), seen);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
