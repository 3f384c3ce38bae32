//! Transactions that look like an order and are none, and an order that has expired.

use std::time::Duration;

use ocean_crypto::ProviderFee;
use ocean_did::Did;
use ocean_pricing::order::ONE_DATATOKEN;
use ocean_primitives::{Address, B256, Bytes, ONE, ServiceId, U256};
use ocean_provider_client::{InitializeQuery, Initialized};

use super::{
    super::{
        order::Orders,
        publish::{Asset, Assets, SHORT_TIMEOUT},
        report::{Doing as _, Result, StepError, expect_eq},
        world::{World, address, key, role},
    },
    Refused,
    requests::{Download, no_valid_order, refused_business, refused_business_if},
};
use crate::{EventForger, ForgedFee};

/// Accounts that nobody else uses.
const FORGER: usize = 12;
const REUSER: usize = 13;
const CHEATER: usize = 14;

pub(super) async fn run(world: &World<'_>, assets: &Assets, bought: &Orders) -> Result<Vec<Refused>> {
    let service = assets.free.service_id()?;
    let forger = async {
        let contract = EventForger::deploy(world.testbed.chain()).await.doing("deploying the forger of events")?;
        tokio::try_join!(
            forged(world, &contract, assets, bought, &service),
            forged_original(world, &contract, assets, bought, &service),
        )
    };
    let ((forged, original), other) = tokio::try_join!(forger, other_provider(world, assets, bought, &service))?;
    Ok(vec![forged, original, other])
}

/// A genuine, signed fee of the Provider, as anybody gets it.
async fn genuine_fee(world: &World<'_>, did: &Did, service: &ServiceId, consumer: Address) -> Result<ProviderFee> {
    let query = InitializeQuery::new(did.clone(), service.clone(), consumer);
    let chain = world.deployment.chain_id;
    match world.provider.initialize(&query, chain).await.doing("asking the Provider for a fee")? {
        Initialized::Fee(answer) => Ok(answer.fee),
        other => {
            Err(StepError::Unexpected { expected: "a fee for a new order".to_owned(), seen: format!("{other:?}") })
        }
    }
}

fn forged_fee(fee: &ProviderFee) -> ForgedFee {
    ForgedFee {
        provider_fee_address: fee.provider_fee_address,
        provider_fee_token: fee.provider_fee_token,
        provider_fee_amount: fee.provider_fee_amount,
        v: fee.v,
        r: fee.r,
        s: fee.s,
        valid_until: fee.valid_until,
        provider_data: fee.provider_data.clone(),
    }
}

/// Every event of an order with a genuine fee, from a contract that is not the datatoken.
async fn forge(
    world: &World<'_>,
    forger: &EventForger,
    asset: &Asset,
    service: &ServiceId,
    account: usize,
) -> Result<(B256, ProviderFee)> {
    let consumer = address(account);
    let fee = genuine_fee(world, &asset.published.did, service, consumer).await?;
    let forged = forger.order_started(world.testbed.chain(), consumer, ONE, 0, forged_fee(&fee)).await;
    Ok((forged.doing("forging the events of an order")?, fee))
}

async fn forged(
    world: &World<'_>,
    forger: &EventForger,
    assets: &Assets,
    bought: &Orders,
    service: &ServiceId,
) -> Result<Refused> {
    let (tx, _) = forge(world, forger, &assets.free, service, FORGER).await?;
    let download = Download::of(&bought.free.order).by(FORGER)?.tx(tx);
    let expected = no_valid_order(tx, &format!("Cannot find the event for the provider fee in tx id {tx}."));
    refused_business(world, "order events of a foreign contract", &download, &expected).await
}

/// The datatoken itself reuses any order one names, so it reuses the forged one; the Provider must look at the original.
async fn forged_original(
    world: &World<'_>,
    forger: &EventForger,
    assets: &Assets,
    bought: &Orders,
    service: &ServiceId,
) -> Result<Refused> {
    let (forged, _) = forge(world, forger, &assets.free, service, REUSER).await?;
    let fee = genuine_fee(world, &assets.free.published.did, service, address(REUSER)).await?;
    let reused = world.contracts_of(REUSER)?.reuse_order(assets.free.published.datatoken, forged, &fee).await;
    let tx = reused.doing("reusing a forged order, which the datatoken allows")?.tx;
    let download = Download::of(&bought.free.order).by(REUSER)?.tx(tx);
    let expected = no_valid_order(tx, &format!("Cannot find the event for the order in tx id {forged}."));
    refused_business(world, "reuse of a forged order", &download, &expected).await
}

/// A real order whose fee somebody else signed and got; the datatoken takes any signature.
async fn other_provider(world: &World<'_>, assets: &Assets, bought: &Orders, service: &ServiceId) -> Result<Refused> {
    let datatoken = assets.free.published.datatoken;
    let consumer = address(CHEATER);
    let contracts = world.contracts_of(CHEATER)?;
    contracts.dispense(datatoken, ONE_DATATOKEN, consumer).await.doing("taking a free datatoken")?;
    let data = format!(r#"{{"environment":null,"timestamp":0,"dt":"{datatoken}","id":"{service}"}}"#);
    let fee = ProviderFee::signed(
        &key(role::OTHER_PROVIDER)?,
        world.deployment.ocean,
        U256::ZERO,
        0,
        Bytes::from(data.into_bytes()),
    );
    let order = contracts.start_order(datatoken, consumer, 0, &fee, None).await;
    let tx = order.doing("ordering with another Provider's fee, which the datatoken allows")?.tx;
    let download = Download::of(&bought.free.order).by(CHEATER)?.tx(tx);
    let expected = no_valid_order(tx, &format!("The provider fee in tx id {tx} is not for this provider."));
    refused_business(world, "fee signature by another provider", &download, &expected).await
}

/// The order that worked before is refused after its time, by moving the chain's clock.
pub(super) async fn expired(world: &World<'_>, bought: &Orders) -> Result<Refused> {
    let order = &bought.enterprise.order;
    let download = Download::of(order).by(role::BUYERS[1])?;
    let path = world.folder.path().join("before expiry.csv");
    let file = bought.enterprise.buyer.download(order, 0, &path).await.doing("downloading before the order expires")?;
    expect_eq("SHA-256 before the order expires", world.data.sha256, file.sha256)?;

    let past = SHORT_TIMEOUT + Duration::from_secs(60);
    world.testbed.advance(past).await.doing("moving the chain's clock")?;
    let start = no_valid_order(order.tx, "The order has expired. current timestamp=");
    let end = format!("service timeout={}", SHORT_TIMEOUT.as_secs());
    let matches = |text: &str| text.starts_with(&start) && text.ends_with(&end);
    refused_business_if(world, "expired service", &download, &format!("{start}..{end}"), matches).await
}
