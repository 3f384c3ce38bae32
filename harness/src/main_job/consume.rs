//! Step 4: what is downloaded is the original, for the order and for its reuse.

use super::{
    order::{Bought, Orders},
    report::{Doing as _, Findings, Result, expect, expect_eq},
    world::{DATA_NAME, World},
};

pub(super) async fn run(world: &World<'_>, orders: &Orders, found: &mut Findings) -> Result<()> {
    let [standard, enterprise, free] = orders.all();
    let before = world.files.requests(DATA_NAME);
    let gas = tokio::try_join!(consume(world, standard), consume(world, enterprise), consume(world, free))?;
    found.spent(gas.0 + gas.1 + gas.2);
    found.fact("downloads", format!("6 of {} bytes, all equal to the original", world.data.bytes));
    found.fact("requests at the file server", world.files.requests(DATA_NAME) - before);
    Ok(())
}

/// Downloads, reuses, downloads again; returns the gas of the reuse.
async fn consume(world: &World<'_>, bought: &Bought) -> Result<u64> {
    let (label, order) = (bought.label, &bought.order);
    download(world, bought, order, "order").await?;
    let reused = bought.buyer.reuse(order).await.doing(format!("reusing the order of {label}"))?;
    expect("a reuse to be another transaction than the order", reused.tx != order.tx, || reused.tx.to_string())?;
    expect_eq("the order that the reuse names", order.tx, reused.original_tx)?;
    download(world, bought, &reused, "reuse").await?;
    Ok(reused.gas_used)
}

async fn download(world: &World<'_>, bought: &Bought, order: &ocean_protocol::Order, what: &str) -> Result<()> {
    let path = world.folder.path().join(format!("{} {what}.csv", bought.label));
    let file =
        bought.buyer.download(order, 0, &path).await.doing(format!("downloading {} by its {what}", bought.label))?;
    expect_eq(&format!("size of {} by its {what}", bought.label), world.data.bytes, file.bytes)?;
    expect_eq(&format!("SHA-256 of {} by its {what}", bought.label), world.data.sha256, file.sha256)?;
    // The hash was computed while the bytes arrived; the file itself must hold as many.
    let size = tokio::fs::metadata(&path).await.doing("looking at the downloaded file")?.len();
    expect_eq("size of the downloaded file", world.data.bytes, size)?;
    tokio::fs::remove_file(&path).await.doing("removing the downloaded file")
}
