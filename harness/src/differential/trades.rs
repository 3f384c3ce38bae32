use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use ocean_contracts_bindings::abi::{IErc20, IFixedRateExchange};
use ocean_pricing::fixed_rate::{Swap, buy, sell};
use ocean_primitives::{BaseUnits, FeeRate};
use serde_json::{Value, json};

use super::{
    Comparison,
    case::Case,
    stage::{Stage, call_object, words},
};
use crate::{Error, Result};

/// More than any trade needs, so that a refused one is in a block, too.
const GAS: u64 = 1_000_000;

/// What the chain shows after a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Books {
    caller: U256,
    caller_datatokens: U256,
    consume_market: U256,
    collector: U256,
    /// Base tokens that the exchange owes to the publisher.
    base_tokens: U256,
    market_fee: U256,
    ocean_fee: U256,
}

/// Buys and then sells in real transactions, and compares status, balances and accrued fees.
pub(super) async fn compare(stage: &Stage, cases: &[Case], comparison: &mut Comparison) -> Result<()> {
    for case in cases {
        stage.results(&stage.writes(case, U256::ZERO).requests()).await?;
        trade(stage, case, comparison).await?;
    }
    Ok(())
}

async fn trade(stage: &Stage, case: &Case, comparison: &mut Comparison) -> Result<()> {
    let people = &stage.people;
    let exchange = case.exchange();
    let mut reserves = case.reserves(people);
    let swap = Swap {
        caller: people.caller,
        datatokens: BaseUnits(case.amount),
        limit: BaseUnits(U256::MAX),
        consume_market: if case.market { people.market } else { Address::ZERO },
        consume_fee: FeeRate(case.consume_fee),
    };
    let Some(before) = books(stage, case).await? else { return Ok(()) };
    let bought = buy(&exchange, &reserves, &swap).ok().filter(|quote| quote.total.0 <= case.money());
    let call = IFixedRateExchange::buyDTCall {
        exchangeId: stage.id.0,
        datatokenAmount: case.amount,
        maxBaseTokenAmount: swap.limit.0,
        consumeMarketAddress: swap.consume_market,
        consumeMarketSwapFeeAmount: case.consume_fee,
    };
    let done = send(stage, case, &call, comparison).await?;
    let Some(after) = books(stage, case).await? else { return Ok(()) };
    let (accrued, sent) = if case.enterprise { (false, true) } else { (true, false) };
    let part = |applies: bool, amount: BaseUnits| if applies { amount.0 } else { U256::ZERO };
    let mut expected = before;
    if let Some(quote) = &bought {
        expected.caller -= quote.total.0;
        expected.caller_datatokens += case.amount;
        expected.consume_market += quote.consume_fee.0;
        expected.collector += part(sent, quote.ocean_fee);
        expected.base_tokens += quote.gross.0;
        expected.market_fee += quote.market_fee.0;
        expected.ocean_fee += part(accrued, quote.ocean_fee);
    }
    settle("buyDT in a block", case, (bought.is_some(), expected), (done, after), comparison);
    if !done || bought.is_none() {
        return Ok(());
    }

    // The exchange has now what the purchase left.
    let from_stock = case.datatokens >= case.amount;
    reserves.base_tokens = BaseUnits(after.base_tokens);
    reserves.datatokens = BaseUnits(match (from_stock, case.enterprise) {
        (true, _) => case.datatokens - case.amount,
        (false, true) => U256::ZERO,
        (false, false) => case.datatokens,
    });
    let swap = Swap { limit: BaseUnits::ZERO, ..swap };
    let sold = sell(&exchange, &reserves, &swap).ok();
    let call = IFixedRateExchange::sellDTCall {
        exchangeId: stage.id.0,
        datatokenAmount: case.amount,
        minBaseTokenAmount: U256::ZERO,
        consumeMarketAddress: swap.consume_market,
        consumeMarketSwapFeeAmount: case.consume_fee,
    };
    let done = send(stage, case, &call, comparison).await?;
    let mut expected = after;
    if let Some(quote) = &sold {
        expected.caller += quote.proceeds.0;
        expected.caller_datatokens -= case.amount;
        expected.consume_market += quote.consume_fee.0;
        expected.base_tokens -= quote.gross.0;
        expected.market_fee += quote.market_fee.0;
        expected.ocean_fee += quote.ocean_fee.0;
    }
    if let Some(after) = books(stage, case).await? {
        settle("sellDT in a block", case, (sold.is_some(), expected), (done, after), comparison);
    }
    Ok(())
}

fn settle(call: &'static str, case: &Case, ours: (bool, Books), theirs: (bool, Books), comparison: &mut Comparison) {
    comparison.calls += 1;
    if ours != theirs {
        comparison.differ(call, || case.line(), &format!("{ours:?}"), &format!("{theirs:?}"));
    } else if theirs.0 {
        comparison.answered += 1;
    } else {
        comparison.refused += 1;
    }
}

/// Whether a real transaction succeeds.
async fn send(stage: &Stage, case: &Case, call: &impl SolCall, comparison: &mut Comparison) -> Result<bool> {
    let mut transaction = call_object(stage.people.caller, stage.exchange_contract(case), call);
    transaction["gas"] = json!(format!("{GAS:#x}"));
    let receipt = stage.results(&[("eth_sendTransactionSync", json!([transaction]))]).await?;
    let succeeded = receipt.first().is_some_and(|receipt| receipt["status"] == "0x1");
    comparison.transactions += 1;
    comparison.succeeded += usize::from(succeeded);
    Ok(succeeded)
}

/// What everybody has; none where the exchange's state is beyond what its own view can add up.
async fn books(stage: &Stage, case: &Case) -> Result<Option<Books>> {
    let contract = stage.exchange_contract(case);
    let request = |to: Address, call: Value| ("eth_call", json!([call, "latest"]), to);
    let balance = |token: Address, account: Address| {
        request(token, call_object(stage.people.caller, token, &IErc20::balanceOfCall { account }))
    };
    let exchange = IFixedRateExchange::getExchangeCall { exchangeId: stage.id.0 };
    let fees = IFixedRateExchange::getFeesInfoCall { exchangeId: stage.id.0 };
    let requests = [
        balance(stage.base.address, stage.people.caller),
        balance(stage.datatoken.address, stage.people.caller),
        balance(stage.base.address, stage.people.market),
        balance(stage.base.address, stage.collector),
        request(contract, call_object(stage.people.caller, contract, &exchange)),
        request(contract, call_object(stage.people.caller, contract, &fees)),
    ];
    let requests = requests.map(|(method, params, _)| (method, params));
    let unreadable = || Error::component("reading balances")("an answer of another length".to_owned());
    if stage.batch(&requests[4..5]).await?.iter().any(|answer| answer.get("error").is_some()) {
        return Ok(None);
    }
    let mut answers = Vec::new();
    for answer in stage.results(&requests).await? {
        answers.push(serde_json::from_value::<Bytes>(answer).map_err(Error::component("reading balances"))?);
    }
    let [caller, caller_datatokens, consume_market, collector, exchange, fees] =
        <[Bytes; 6]>::try_from(answers).map_err(|_| unreadable())?;
    let one = |data: &Bytes| words::<1>(data).map(|[word]| word).ok_or_else(unreadable);
    let exchange = words::<12>(&exchange).ok_or_else(unreadable)?;
    let [.., market_fee, ocean_fee] = words::<5>(&fees).ok_or_else(unreadable)?;
    Ok(Some(Books {
        caller: one(&caller)?,
        caller_datatokens: one(&caller_datatokens)?,
        consume_market: one(&consume_market)?,
        collector: one(&collector)?,
        base_tokens: exchange[10],
        market_fee,
        ocean_fee,
    }))
}
