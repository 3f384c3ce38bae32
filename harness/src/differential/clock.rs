use std::time::{Duration, Instant};

use alloy::primitives::Address;
use ocean_contracts_bindings::{Contracts, CreateAsset, Price};
use ocean_pricing::{fixed_rate::quote_buy, order::ONE_DATATOKEN};
use ocean_primitives::{FeeRate, ONE, Rate};

use crate::{Error, LocalChain, Progress, Result, accounts};

/// How long a node on this machine takes to answer a quote (`calcBaseInGivenOutDT`), asked so many times in turn. Each answer is
/// compared with ours.
///
/// # Errors
/// When the chain fails, or answers another price.
pub async fn time_quotes(calls: usize, progress: &Progress) -> Result<Vec<Duration>> {
    let timing = "timing the contract's quotes";
    let chain = LocalChain::builder().progress(progress.clone()).start().await?;
    let contracts = Contracts::new(chain.rpc().clone(), chain.deployment().clone()).with_sender(accounts()[0].address);
    let price = Price::FixedRate {
        base_token: chain.deployment().ocean,
        base_decimals: 18,
        rate: Rate(ONE),
        market_fee: FeeRate::ZERO,
        market_fee_collector: Address::ZERO,
        with_mint: true,
    };
    let asset = contracts.create_asset(&CreateAsset::new("Timing", "TIME", price)).await;
    let missing = || Error::component(timing)("the asset has no exchange".to_owned());
    let id = asset.map_err(Error::component(timing))?.exchange.ok_or_else(missing)?;
    let exchange = contracts.exchange(id).await.map_err(Error::component(timing))?;
    let ours = quote_buy(&exchange.pricing, ONE_DATATOKEN, FeeRate::ZERO).map_err(Error::component(timing))?;
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let start = Instant::now();
        let theirs = contracts.contract_quote_buy(id, ONE_DATATOKEN, FeeRate::ZERO).await;
        times.push(start.elapsed());
        if theirs.map_err(Error::component(timing))? != ours {
            return Err(Error::component(timing)("the contract answers another price".to_owned()));
        }
    }
    chain.stop().await;
    Ok(times)
}
