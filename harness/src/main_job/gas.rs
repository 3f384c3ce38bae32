//! The gas of a step, from its blocks and not from what the client says.

use alloy::providers::Provider as _;
use ocean_contracts_bindings::connect;

use super::report::{Doing as _, Result};

const DOING: &str = "adding up the gas of the blocks";

/// The number of the latest block.
pub(super) async fn last_block(rpc_url: &str) -> Result<u64> {
    connect(rpc_url).doing(DOING)?.get_block_number().await.doing(DOING)
}

/// The gas of all blocks after `block`; 0 where the chain did not answer before the step.
pub(super) async fn since(rpc_url: &str, block: Option<u64>) -> Result<u64> {
    let Some(block) = block else { return Ok(0) };
    let rpc = connect(rpc_url).doing(DOING)?;
    let last = rpc.get_block_number().await.doing(DOING)?;
    let mut gas = 0;
    for number in block + 1..=last {
        let block = rpc.get_block_by_number(number.into()).await.doing(DOING)?;
        gas += block.map_or(0, |block| block.header.gas_used);
    }
    Ok(gas)
}
