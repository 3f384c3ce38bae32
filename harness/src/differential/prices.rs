use alloy::{
    primitives::{Address, B256, Bytes, LogData, U256},
    sol_types::SolEvent as _,
};
use ocean_contracts_bindings::abi::{IErc20, IFixedRateExchange};
use ocean_pricing::fixed_rate::{buy, calculate_buy, calculate_sell, effective_consume_fee, sell};
use ocean_primitives::{BaseUnits, FeeRate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Comparison, Outcome,
    case::{Case, bought, sold},
    stage::{Stage, call_object, reason, words},
};
use crate::{Error, Result};

/// What a simulated call did.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Simulated {
    #[serde(default)]
    pub(super) return_data: Bytes,
    #[serde(default)]
    logs: Vec<SimulatedLog>,
    status: String,
}

#[derive(Debug, Deserialize)]
struct SimulatedLog {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

#[derive(Debug, Deserialize)]
pub(super) struct Block {
    pub(super) calls: Vec<Simulated>,
}

/// What `ocean_pricing` says about a case.
struct Expected {
    calculated_buy: Outcome,
    calculated_sell: Outcome,
    buy: Outcome,
    sell: Outcome,
    buy_call: IFixedRateExchange::buyDTCall,
    sell_call: IFixedRateExchange::sellDTCall,
}

impl Expected {
    fn of(case: &Case, stage: &Stage) -> Self {
        let people = &stage.people;
        let (exchange, reserves) = (case.exchange(), case.reserves(people));
        let (amount, fee) = (BaseUnits(case.amount), FeeRate(case.consume_fee));
        let calculated = |outcome: Outcome| match reserves.active {
            true => outcome,
            false => Outcome::Refused("FixedRateExchange: Exchange does not exist!".to_owned()),
        };
        let market = if case.market { people.market } else { Address::ZERO };
        let charged = effective_consume_fee(market, fee);
        let price = calculate_buy(&exchange, amount, charged).ok().map(|quote| quote.total.0);
        let purchase = case.swap(people, price, U256::MAX, |price| price.saturating_sub(U256::ONE));
        let proceeds = calculate_sell(&exchange, amount, charged).ok().map(|quote| quote.proceeds.0);
        let sale = case.swap(people, proceeds, U256::ZERO, |proceeds| proceeds.saturating_add(U256::ONE));
        let mut bought_for = bought(&buy(&exchange, &reserves, &purchase));
        // Money is taken before the stock is looked at, and after everything else.
        let asked = matches!(&bought_for, Outcome::Numbers(_)) || is_late(&bought_for, price, purchase.limit.0);
        if asked && price.is_some_and(|price| price > case.money()) {
            bought_for = Outcome::Refused("ERC20: transfer amount exceeds balance".to_owned());
        }
        if let (true, Outcome::Numbers([total, ..])) = (stage.mispriced, &mut bought_for) {
            *total = total.wrapping_add(U256::ONE);
        }
        Self {
            calculated_buy: calculated(bought(&calculate_buy(&exchange, amount, fee))),
            calculated_sell: calculated(sold(&calculate_sell(&exchange, amount, fee))),
            buy: bought_for,
            sell: sold(&sell(&exchange, &reserves, &sale)),
            buy_call: IFixedRateExchange::buyDTCall {
                exchangeId: stage.id.0,
                datatokenAmount: case.amount,
                maxBaseTokenAmount: purchase.limit.0,
                consumeMarketAddress: market,
                consumeMarketSwapFeeAmount: case.consume_fee,
            },
            sell_call: IFixedRateExchange::sellDTCall {
                exchangeId: stage.id.0,
                datatokenAmount: case.amount,
                minBaseTokenAmount: sale.limit.0,
                consumeMarketAddress: market,
                consumeMarketSwapFeeAmount: case.consume_fee,
            },
        }
    }

    fn request(&self, case: &Case, stage: &Stage) -> (&'static str, Value) {
        let (from, to) = (stage.people.caller, stage.exchange_contract(case));
        let input = IFixedRateExchange::calcBaseInGivenOutDTCall {
            exchangeId: stage.id.0,
            datatokenAmount: case.amount,
            consumeMarketSwapFeeAmount: case.consume_fee,
        };
        let output = IFixedRateExchange::calcBaseOutGivenInDTCall {
            exchangeId: stage.id.0,
            datatokenAmount: case.amount,
            consumeMarketSwapFeeAmount: case.consume_fee,
        };
        let purchase = json!({
            "stateOverrides": stage.writes(case, U256::ZERO).overrides(),
            "calls": [
                call_object(from, to, &input),
                call_object(from, to, &output),
                call_object(from, to, &self.buy_call),
            ],
        });
        let sale = json!({
            "stateOverrides": stage.writes(case, case.amount).overrides(),
            "calls": [call_object(from, to, &self.sell_call)],
        });
        ("eth_simulateV1", json!([{ "blockStateCalls": [purchase, sale] }, "latest"]))
    }
}

/// Whether the purchase is refused for something that the contract looks at after it took the money.
fn is_late(outcome: &Outcome, price: Option<U256>, limit: U256) -> bool {
    let Outcome::Refused(reason) = outcome else { return false };
    let late = reason == "FixedRateExchange: No available datatokens" || reason == "Panic(0x11)";
    late && price.is_some_and(|price| price <= limit)
}

/// Compares all four answers of the contract for each case.
pub(super) async fn compare(stage: &Stage, cases: &[Case], comparison: &mut Comparison) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let expected: Vec<_> = cases.iter().map(|case| Expected::of(case, stage)).collect();
    let requests: Vec<_> = cases.iter().zip(&expected).map(|(case, expected)| expected.request(case, stage)).collect();
    let answers = stage.results(&requests).await?;
    for ((case, expected), answer) in cases.iter().zip(&expected).zip(answers) {
        let blocks: Vec<Block> =
            serde_json::from_value(answer).map_err(Error::component("reading a simulated block"))?;
        let mut calls = blocks.iter().flat_map(|block| &block.calls);
        let mut next = || {
            calls.next().ok_or_else(|| Error::component("reading a simulated block")("a call is missing".to_owned()))
        };
        comparison.cases += 1;
        comparison.agree("calcBaseInGivenOutDT", || case.line(), &expected.calculated_buy, &answered(next()?));
        comparison.agree("calcBaseOutGivenInDT", || case.line(), &expected.calculated_sell, &answered(next()?));
        comparison.agree("buyDT", || case.line(), &expected.buy, &swapped(stage, case, next()?, true));
        comparison.agree("sellDT", || case.line(), &expected.sell, &swapped(stage, case, next()?, false));
    }
    Ok(())
}

pub(super) fn refusal(call: &Simulated) -> Option<Outcome> {
    (call.status != "0x1").then(|| Outcome::Refused(reason(&call.return_data)))
}

fn answered(call: &Simulated) -> Outcome {
    if let Some(refused) = refusal(call) {
        return refused;
    }
    words(&call.return_data)
        .map_or_else(|| Outcome::Refused(format!("an answer of {}", call.return_data)), Outcome::Numbers)
}

/// What the `Swapped` event says, where the transfers of the base token say the same.
fn swapped(stage: &Stage, case: &Case, call: &Simulated, buying: bool) -> Outcome {
    if let Some(refused) = refusal(call) {
        return refused;
    }
    let contract = stage.exchange_contract(case);
    let decode = |log: &SimulatedLog| LogData::new_unchecked(log.topics.clone(), log.data.clone());
    let logs = call.logs.iter().filter(|log| log.address == contract);
    let event = logs.filter_map(|log| IFixedRateExchange::Swapped::decode_log_data(&decode(log)).ok()).next();
    let Some(event) = event else {
        return Outcome::Refused("a success without an event".to_owned());
    };
    let token = if buying { stage.datatoken.address } else { stage.base.address };
    if event.datatokenSwappedAmount != case.amount || event.tokenOutAddress != token {
        return Outcome::Refused(format!("another swap: {event:?}"));
    }
    let moved = |of: Address| {
        let transfers = call.logs.iter().filter(|log| log.address == stage.base.address);
        let transfers = transfers.filter_map(|log| IErc20::Transfer::decode_log_data(&decode(log)).ok());
        transfers.fold((U256::ZERO, U256::ZERO), |(paid, got), transfer| match transfer {
            IErc20::Transfer { from, value, .. } if from == of => (paid.wrapping_add(value), got),
            IErc20::Transfer { to, value, .. } if to == of => (paid, got.wrapping_add(value)),
            _ => (paid, got),
        })
    };
    let total = event.baseTokenSwappedAmount;
    let caller = if buying { (total, U256::ZERO) } else { (U256::ZERO, total) };
    let community = if case.enterprise { event.oceanFeeAmount } else { U256::ZERO };
    if moved(stage.people.caller) != caller
        || moved(stage.people.market).1 != event.consumeMarketFeeAmount
        || moved(stage.collector).1 != community
    {
        return Outcome::Refused(format!("transfers of other amounts than {event:?}"));
    }
    Outcome::Numbers([total, event.oceanFeeAmount, event.marketFeeAmount, event.consumeMarketFeeAmount])
}
