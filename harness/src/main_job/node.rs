//! Step 7: the same order and download through the node, in ocean-node's dialect.

use ocean_primitives::{Dialect, Nonce};

use super::{
    publish::Assets,
    refuse::{Download, excerpt},
    report::{Doing as _, Findings, Result, expect, expect_eq},
    world::{World, role},
};

pub(super) async fn run(world: &World<'_>, assets: &Assets, found: &mut Findings) -> Result<()> {
    let did = &assets.standard.published.did;
    let buyer = world.node_buyer(role::NODE_BUYER).await?;
    let dialect = buyer.provider().dialect().await.doing("asking the node what it is")?;
    expect_eq("dialect of the node", Dialect::OceanNode, dialect)?;

    let quote = buyer.quote(did, None).await.doing("quoting through the node")?;
    let order = buyer.order(&quote).await.doing("ordering through the node")?;
    found.spent(order.gas_used);
    let path = world.folder.path().join("node.csv");
    let file = buyer.download(&order, 0, &path).await.doing("downloading through the node")?;
    expect_eq("SHA-256 of the node's download", world.data.sha256, file.sha256)?;
    expect_eq("size of the node's download", world.data.bytes, file.bytes)?;
    found.fact("download", format!("{} bytes by order {}", file.bytes, order.tx));

    let stored = buyer.provider().nonce(buyer.account()).await.doing("asking the node for the nonce")?;
    expect("the node to have stored the download's nonce", stored > Nonce::zero(), || stored.to_string())?;
    let replay = Download::of(&order).by(role::NODE_BUYER)?.node();
    let (status, body) = replay.send(world, world.testbed.node_url(), &stored).await?;
    // Ours goes on after the documented text, to name the nonce that it has.
    let expected = format!("nonce: {stored} is not a valid nonce");
    let refused = status == 401 && body.starts_with(expected.as_bytes());
    expect(&format!("a replay at the node: 401 `{expected}`"), refused, || format!("{status} {}", excerpt(&body)))?;
    found.fact("replayed nonce", excerpt(&body));
    Ok(())
}
