//! Orders that would cost more than was quoted, or more than there is.

use alloy::providers::Provider as _;
use ocean_primitives::{BaseUnits, Rate, U256};
use ocean_protocol::{Error, Purchase};

use super::{
    super::{
        publish::Assets,
        report::{Doing as _, Result, StepError, chain, expect, expect_eq},
        world::{World, address, role},
    },
    Refused,
};

pub(super) async fn run(world: &World<'_>, assets: &Assets) -> Result<Vec<Refused>> {
    let (raised, poor) = tokio::try_join!(raised_price(world, assets), too_poor(world, assets))?;
    Ok(vec![raised, poor])
}

/// The publisher raises the price by one unit between quote and order: the order fails and takes nothing.
async fn raised_price(world: &World<'_>, assets: &Assets) -> Result<Refused> {
    let case = "price raised after the quote";
    let buyer = world.buyer(role::LATE_BUYER).await?;
    let quote = buyer.quote(&assets.standard.published.did, None).await.doing("quoting before the price is raised")?;
    let Purchase::FixedRate { exchange, base_token, cost, .. } = &quote.purchase else {
        return Err(StepError::Unexpected {
            expected: "a price to raise".to_owned(),
            seen: format!("{:?}", quote.purchase),
        });
    };
    let publisher = world.publisher.contracts();
    let rate = world.chain.exchange(*exchange).await.doing("reading the price")?.pricing.rate;
    publisher.set_rate(*exchange, Rate(rate.0 + U256::ONE)).await.doing("raising the price")?;
    let before = world.chain.balance_of(*base_token, buyer.account()).await.doing("reading a balance")?;
    let outcome = buyer.order(&quote).await;
    publisher.set_rate(*exchange, rate).await.doing("putting the price back")?;
    let after = world.chain.balance_of(*base_token, buyer.account()).await.doing("reading a balance")?;

    let error = match outcome {
        Err(error) => error,
        Ok(order) => {
            return Err(StepError::Unexpected {
                expected: format!("{case}: an order that fails"),
                seen: format!("{order:?} for {cost:?}"),
            });
        }
    };
    let reason = error.revert_reason().unwrap_or_default();
    let expected = "FixedRateExchange: Too many base tokens";
    expect(&format!("{case}: the revert `{expected}`"), reason == expected, || chain(&error))?;
    expect_eq(&format!("{case}: the buyer's balance,"), before, after)?;
    Ok((case, reason))
}

/// Who has too little is told so before anything is sent.
async fn too_poor(world: &World<'_>, assets: &Assets) -> Result<Refused> {
    let case = "buyer without OCEAN";
    let buyer = world.buyer(role::POOR).await?;
    let quote = buyer.quote(&assets.enterprise.published.did, None).await.doing("quoting for an empty account")?;
    match buyer.order(&quote).await {
        Err(error @ Error::InsufficientFunds { token, available, .. })
            if token == world.deployment.ocean && available == BaseUnits::ZERO =>
        {
            let sent = world.chain.rpc().get_transaction_count(address(role::POOR)).await.doing("counting")?;
            expect_eq(&format!("{case}: transactions sent"), 0, sent)?;
            Ok((case, error.to_string()))
        }
        other => Err(StepError::Unexpected {
            expected: format!("{case}: to be told before anything is sent"),
            seen: format!("{other:?}"),
        }),
    }
}
