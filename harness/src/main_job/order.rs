//! Step 3: the local quote is the contract's and is what is charged, and nothing is approved beyond it.

use std::collections::BTreeMap;

use alloy::{consensus::Transaction as _, providers::Provider as _, rpc::types::Filter, sol_types::SolEvent as _};
use ocean_contracts_bindings::abi::{IErc20, IFixedRateExchange};
use ocean_pricing::order::{ONE_DATATOKEN, Spending};
use ocean_primitives::{Address, BaseUnits};
use ocean_protocol::{Ocean, Order, OrderQuote, Purchase};

use super::{
    publish::{Asset, Assets},
    report::{Doing as _, Findings, Result, StepError, expect_eq},
    world::{World, address, milli, role},
};

/// An asset that somebody has ordered.
#[derive(Debug)]
pub(super) struct Bought {
    pub(super) label: &'static str,
    pub(super) buyer: Ocean,
    pub(super) order: Order,
    quote: OrderQuote,
}

/// One order of each asset.
#[derive(Debug)]
pub(super) struct Orders {
    pub(super) standard: Bought,
    pub(super) enterprise: Bought,
    pub(super) free: Bought,
}

impl Orders {
    pub(super) fn all(&self) -> [&Bought; 3] {
        [&self.standard, &self.enterprise, &self.free]
    }
}

pub(super) async fn run(world: &World<'_>, assets: &Assets, found: &mut Findings) -> Result<Orders> {
    let ocean_token = world.deployment.ocean;
    let markets = [address(role::PUBLISH_MARKET), address(role::CONSUME_MARKET)];
    let balances = async || -> Result<[BaseUnits; 2]> {
        let (publish, consume) = tokio::try_join!(
            world.chain.balance_of(ocean_token, markets[0]),
            world.chain.balance_of(ocean_token, markets[1]),
        )
        .doing("reading the markets' balances")?;
        Ok([publish, consume])
    };
    let before = balances().await?;
    let [first, second, third] = role::BUYERS;
    let (standard, enterprise, free) = tokio::try_join!(
        buy(world, &assets.standard, first),
        buy(world, &assets.enterprise, second),
        buy(world, &assets.free, third),
    )?;
    let orders = Orders { standard, enterprise, free };
    let after = balances().await?;

    let mut due = [milli(500), BaseUnits::ZERO];
    for bought in orders.all() {
        found.spent(bought.order.gas_used);
        found.fact(format!("price of {}", bought.label), price(&bought.quote));
        found.fact(format!("approvals for {}", bought.label), bought.quote.approvals.len());
        if let Purchase::FixedRate { cost, .. } = &bought.quote.purchase {
            due[1] = sum(due[1], cost.consume_fee)?;
        }
        due[1] = sum(due[1], milli(50))?;
    }
    for (index, name) in ["publishing market", "consuming market"].into_iter().enumerate() {
        expect_eq(&format!("fees of the {name}"), Some(due[index]), after[index].checked_sub(before[index]))?;
    }
    Ok(orders)
}

fn price(quote: &OrderQuote) -> String {
    match &quote.purchase {
        Purchase::FixedRate { cost, .. } => format!(
            "{} = {} + ocean {} + market {} + consume market {}",
            cost.total, cost.gross, cost.ocean_fee, cost.market_fee, cost.consume_fee
        ),
        _ => "0".to_owned(),
    }
}

fn sum(a: BaseUnits, b: BaseUnits) -> Result<BaseUnits> {
    a.checked_add(b).ok_or_else(|| StepError::Unexpected {
        expected: "fees of less than 2^256 base units".to_owned(),
        seen: format!("{a} + {b}"),
    })
}

/// Quotes, compares with the contract, orders, and compares with what was charged and approved.
async fn buy(world: &World<'_>, asset: &Asset, account: usize) -> Result<Bought> {
    let label = asset.label;
    let buyer = world.buyer(account).await?;
    let quote = buyer.quote(&asset.published.did, None).await.doing(format!("quoting {label}"))?;
    if let Purchase::FixedRate { exchange, cost, swap_fee, .. } = &quote.purchase {
        let contract = world.chain.contract_quote_buy(*exchange, ONE_DATATOKEN, *swap_fee).await;
        let contract = contract.doing("asking the exchange for its quote")?;
        let parts = (contract.total, contract.ocean_fee, contract.market_fee, contract.consume_fee);
        let ours = (cost.total, cost.ocean_fee, cost.market_fee, cost.consume_fee);
        expect_eq(&format!("quote of {label} as the contract's, total and fees:"), parts, ours)?;
    }
    check_spenders(world, label, &quote)?;

    let totals = quote.totals().doing("adding up the quote")?;
    let before = holdings(world, &totals, buyer.account()).await?;
    let block = world.chain.rpc().get_block_number().await.doing("reading the block number")?;
    let order = buyer.order(&quote).await.doing(format!("ordering {label}"))?;
    let after = holdings(world, &totals, buyer.account()).await?;
    for (token, total) in &totals {
        let charged = before[token].checked_sub(after[token]);
        expect_eq(&format!("base units of {token} charged for {label}"), Some(*total), charged)?;
    }

    let approved = approvals(world, buyer.account(), block + 1).await?;
    let once: BTreeMap<_, _> = quote.approvals.iter().map(|(who, amount)| (*who, vec![*amount])).collect();
    expect_eq(&format!("approvals for {label}, one exact one each:"), once, approved)?;
    for (token, spender) in quote.approvals.keys() {
        let left = world.chain.allowance(*token, buyer.account(), *spender).await.doing("reading an allowance")?;
        expect_eq(&format!("allowance left to {spender} after ordering {label}"), BaseUnits::ZERO, left)?;
    }
    if let Purchase::FixedRate { exchange, cost, .. } = &quote.purchase {
        let call = IFixedRateExchange::getFeesInfoCall { exchangeId: exchange.0 };
        let fees = world.chain.read(world.deployment.fixed_price, &call).await.doing("reading collected fees")?;
        let collected = (BaseUnits(fees.marketFeeAvailable), BaseUnits(fees.oceanFeeAvailable));
        expect_eq(
            &format!("market and ocean fee collected for {label}:"),
            (cost.market_fee, cost.ocean_fee),
            collected,
        )?;
    }
    Ok(Bought { label, buyer, order, quote })
}

/// Who may take what: the price goes to the exchange on template 1 and through the datatoken on template 2.
fn check_spenders(world: &World<'_>, label: &str, quote: &OrderQuote) -> Result<()> {
    let ocean_token = world.deployment.ocean;
    let mut expected = Spending::new();
    let mut add = |spender: Address, amount: BaseUnits| -> Result<()> {
        if !amount.is_zero() {
            let entry = expected.entry((ocean_token, spender)).or_default();
            *entry = sum(*entry, amount)?;
        }
        Ok(())
    };
    match quote.template {
        1 => add(world.deployment.fixed_price, quote.purchase.cost())?,
        _ => add(quote.datatoken, quote.purchase.cost())?,
    }
    add(quote.datatoken, milli(50))?;
    if quote.fees.publish_market.is_some() {
        add(quote.datatoken, milli(500))?;
    }
    expect_eq(&format!("approvals quoted for {label}:"), expected, quote.approvals.clone())
}

async fn holdings(
    world: &World<'_>,
    tokens: &BTreeMap<Address, BaseUnits>,
    account: Address,
) -> Result<BTreeMap<Address, BaseUnits>> {
    let mut balances = BTreeMap::new();
    for token in tokens.keys() {
        let balance = world.chain.balance_of(*token, account).await.doing("reading a balance")?;
        balances.insert(*token, balance);
    }
    Ok(balances)
}

/// The amounts of every `approve` that `owner` sent since a block.
///
/// OCEAN's `transferFrom` emits `Approval` as well, with what is left, so only transactions that went to the token count.
async fn approvals(
    world: &World<'_>,
    owner: Address,
    from_block: u64,
) -> Result<BTreeMap<(Address, Address), Vec<BaseUnits>>> {
    let rpc = world.chain.rpc();
    let filter = Filter::new()
        .event_signature(IErc20::Approval::SIGNATURE_HASH)
        .topic1(owner.into_word())
        .from_block(from_block);
    let logs = rpc.get_logs(&filter).await.doing("reading approvals")?;
    let mut approvals: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for log in logs {
        let Ok(event) = IErc20::Approval::decode_log_data(log.data()) else {
            continue;
        };
        let tx = log.transaction_hash.unwrap_or_default();
        let tx = rpc.get_transaction_by_hash(tx).await.doing("reading an approval's transaction")?;
        if tx.is_some_and(|tx| tx.to() == Some(log.address())) {
            approvals.entry((log.address(), event.spender)).or_default().push(BaseUnits(event.value));
        }
    }
    Ok(approvals)
}
