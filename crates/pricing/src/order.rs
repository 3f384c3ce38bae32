//! What an order costs beside the datatoken, and what must be approved to whom before it.
//!
//! An order is exactly one datatoken. Fees are pulled from whoever sends the transaction, never from the consumer.

mod payments;

use std::collections::BTreeMap;

use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, U256};

pub use self::payments::{Community, OrderParts, Part, Payment, Sale, payments};
use crate::{
    error::{Error, Result},
    fixed_rate::BuyQuote,
    math::fee,
};

/// One datatoken in base units.
pub const ONE_DATATOKEN: BaseUnits = BaseUnits(ONE);

/// The community's part of a template 1 order unless the router was changed (`getOPCConsumeFee`): 0.03 datatokens.
pub const DEFAULT_COMMUNITY_FEE: FeeRate = FeeRate(U256::from_limbs([30_000_000_000_000_000, 0, 0, 0]));

/// A fee of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// Who gets it.
    pub address: Address,
    /// In which token.
    pub token: Address,
    /// How much, in base units.
    pub amount: BaseUnits,
}

impl Fee {
    /// Whether the datatoken pulls it at all: it skips a fee whose address, token or amount is zero.
    pub fn is_due(&self) -> bool {
        !self.amount.is_zero() && !self.token.is_zero() && !self.address.is_zero()
    }
}

/// The fees of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderFees {
    /// Set by the publisher on the datatoken (`getPublishingMarketFee`). It can rise until the order runs; approving
    /// exactly what was quoted is the only cap.
    pub publish_market: Option<Fee>,
    /// Passed by the buyer's market with the order.
    pub consume_market: Option<Fee>,
    /// Asked for by the Provider and signed by it.
    pub provider: Option<Fee>,
}

impl OrderFees {
    /// The fees that are really pulled.
    pub fn due(&self) -> impl Iterator<Item = &Fee> {
        [&self.publish_market, &self.consume_market, &self.provider].into_iter().flatten().filter(|fee| fee.is_due())
    }
}

/// How much of which token whom to approve: `(token, spender) → base units`.
///
/// Approve these amounts exactly and never more: what is left over can be pulled by the spender later.
pub type Spending = BTreeMap<(Address, Address), BaseUnits>;

/// What leaves the caller's account in each token, whoever pulls it: compare it with the balances first.
///
/// # Errors
/// A sum above 256 bits.
pub fn total_by_token(spending: &Spending) -> Result<BTreeMap<Address, BaseUnits>> {
    spending.iter().try_fold(BTreeMap::new(), |mut totals: BTreeMap<Address, BaseUnits>, ((token, _), amount)| {
        let total = totals.entry(*token).or_default();
        *total = total.checked_add(*amount).ok_or(Error::Overflow)?;
        Ok(totals)
    })
}

/// `startOrder` of every template, with the datatoken already in the caller's account: all fees to the datatoken.
///
/// The datatoken itself needs no approval. The same holds for `buyFromDispenserAndOrder` (templates 2 and 4) and for an
/// order after `dispense`.
///
/// # Errors
/// A sum above 256 bits.
pub fn start_order(datatoken: Address, fees: &OrderFees) -> Result<Spending> {
    let mut spending = Spending::new();
    add_fees(&mut spending, datatoken, fees)?;
    Ok(spending)
}

/// `reuseOrder`: only the Provider's fee, to the datatoken.
///
/// # Errors
/// None today; as the other flows.
pub fn reuse_order(datatoken: Address, provider: Option<Fee>) -> Result<Spending> {
    start_order(datatoken, &OrderFees { provider, ..OrderFees::default() })
}

/// Template 1 with a price: `buyDT` on the exchange, then `startOrder`. The price goes to the exchange contract, all fees
/// to the datatoken.
///
/// # Errors
/// A sum above 256 bits.
pub fn buy_then_start_order(
    datatoken: Address,
    base_token: Address,
    exchange_contract: Address,
    quote: &BuyQuote,
    fees: &OrderFees,
) -> Result<Spending> {
    let mut spending = start_order(datatoken, fees)?;
    add(&mut spending, base_token, exchange_contract, quote.total)?;
    Ok(spending)
}

/// Templates 2 and 4 with a price: `buyFromFreAndOrder`, which pulls the price and all fees to the datatoken.
///
/// `consume_market` is the address passed beside the swap's market fee.
///
/// # Errors
/// A quote for another amount than one datatoken; a swap fee without an address that gets it, which the datatoken would
/// pull and keep for ever; a sum above 256 bits.
pub fn buy_from_exchange_and_order(
    datatoken: Address,
    base_token: Address,
    quote: &BuyQuote,
    consume_market: Address,
    fees: &OrderFees,
) -> Result<Spending> {
    if quote.datatokens != ONE_DATATOKEN {
        return Err(Error::NotOneDatatoken(quote.datatokens));
    }
    if !quote.consume_fee.is_zero() && consume_market.is_zero() {
        return Err(Error::FeeWithoutCollector(quote.consume_fee));
    }
    let mut spending = start_order(datatoken, fees)?;
    add(&mut spending, base_token, datatoken, quote.total)?;
    Ok(spending)
}

/// `startMultipleTokenOrder`: one datatoken and all fees of each order, to the factory.
///
/// # Errors
/// A sum above 256 bits.
pub fn start_multiple_orders<'a>(
    factory: Address,
    orders: impl IntoIterator<Item = (Address, &'a OrderFees)>,
) -> Result<Spending> {
    let mut spending = Spending::new();
    for (datatoken, fees) in orders {
        add(&mut spending, datatoken, factory, ONE_DATATOKEN)?;
        add_fees(&mut spending, factory, fees)?;
    }
    Ok(spending)
}

/// How the one datatoken of a template 1 order is divided: `(payment collector, community)`, in base units.
///
/// `community_fee` is `getOPCConsumeFee` of the router. Templates 2, 3 and 4 burn the datatoken instead.
///
/// # Errors
/// A community fee above 100 %.
pub fn split_datatoken(community_fee: FeeRate) -> Result<(BaseUnits, BaseUnits)> {
    let community = BaseUnits(fee(ONE, community_fee)?);
    let collector = ONE_DATATOKEN.checked_sub(community).ok_or(Error::CommunityFeeTooHigh(community_fee))?;
    Ok((collector, community))
}

/// How a Provider's fee is divided: `(Provider, community)`, in base units of the fee's token. `community_fee` is
/// `getOPCProviderFee` of the router, zero by default; the community's part is taken out of the amount and rounded down.
///
/// # Errors
/// A community fee above 100 %, or numbers on which the contract panics.
pub fn split_provider_fee(amount: BaseUnits, community_fee: FeeRate) -> Result<(BaseUnits, BaseUnits)> {
    let community = BaseUnits(fee(amount.0, community_fee)?);
    let provider = amount.checked_sub(community).ok_or(Error::CommunityFeeTooHigh(community_fee))?;
    Ok((provider, community))
}

fn add_fees(spending: &mut Spending, spender: Address, fees: &OrderFees) -> Result<()> {
    fees.due().try_for_each(|fee| add(spending, fee.token, spender, fee.amount))
}

fn add(spending: &mut Spending, token: Address, spender: Address, amount: BaseUnits) -> Result<()> {
    if amount.is_zero() {
        return Ok(());
    }
    let entry = spending.entry((token, spender)).or_default();
    *entry = entry.checked_add(amount).ok_or(Error::Overflow)?;
    Ok(())
}
