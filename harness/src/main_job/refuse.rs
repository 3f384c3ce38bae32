//! Step 6: what must fail fails, with the documented error and for its own reason.

mod documents;
mod money;
mod orders;
mod requests;

use super::{
    order::Orders,
    publish::Assets,
    report::{Findings, Result},
    world::World,
};

pub(super) async fn run(world: &World<'_>, assets: &Assets, bought: &Orders, found: &mut Findings) -> Result<()> {
    // Each case has accounts of its own, so that no two share a nonce; only the last one moves the clock of all.
    let (nonces, orders, documents, money) = tokio::try_join!(
        requests::run(world, bought),
        orders::run(world, assets, bought),
        documents::run(world, assets),
        money::run(world, assets),
    )?;
    for (case, text) in nonces.into_iter().chain(orders).chain(documents).chain(money) {
        found.fact(case, text);
    }
    let (case, text) = orders::expired(world, bought).await?;
    found.fact(case, text);
    Ok(())
}

/// A case and the error that refused it.
type Refused = (&'static str, String);

pub(super) use self::requests::{Download, excerpt};
