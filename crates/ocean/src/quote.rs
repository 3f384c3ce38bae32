use std::collections::BTreeMap;

use ocean_crypto::ProviderFee;
use ocean_did::Did;
use ocean_pricing::{
    fixed_rate::{BuyQuote, Exchange, effective_consume_fee, quote_buy},
    order::{self, Community, Fee, ONE_DATATOKEN, OrderFees, OrderParts, Payment, Sale, Spending},
};
use ocean_primitives::{Address, BaseUnits, ExchangeId, FeeRate, ServiceId};

use crate::{error::Result, ocean::ConsumeMarket};

/// Where the one datatoken of an order comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purchase {
    /// The account holds one already.
    Held,
    /// It is bought.
    FixedRate {
        /// Which exchange.
        exchange: ExchangeId,
        /// In which contract.
        contract: Address,
        /// What is paid with.
        base_token: Address,
        /// The price and each of its parts, in base units of the base token.
        cost: Box<BuyQuote>,
        /// The part of the price that the buyer's market takes, as a rate.
        swap_fee: FeeRate,
        /// Who gets that part; the zero address without one.
        swap_fee_collector: Address,
        /// Who gets the publishing market's part of the price.
        market_fee_collector: Address,
    },
    /// It is given away.
    Dispenser {
        /// By which contract.
        contract: Address,
    },
}

impl Purchase {
    /// What the datatoken itself costs, fees of the swap included, in base units of [`token`](Self::token).
    pub fn cost(&self) -> BaseUnits {
        match self {
            Self::FixedRate { cost, .. } => cost.total,
            Self::Held | Self::Dispenser { .. } => BaseUnits::ZERO,
        }
    }

    /// The token that is paid, where one is.
    pub fn token(&self) -> Option<Address> {
        match self {
            Self::FixedRate { base_token, .. } => Some(*base_token),
            Self::Held | Self::Dispenser { .. } => None,
        }
    }
}

/// Everything an order will cost, computed locally from the chain's state and the Provider's signed fee.
///
/// Ordering with a quote pays exactly this or fails: prices and fees that rise in between make the order revert.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OrderQuote {
    /// The asset.
    pub did: Did,
    /// The service.
    pub service_id: ServiceId,
    /// Its place in the document, which is what the order transaction names.
    pub service_index: u64,
    /// The datatoken that is spent.
    pub datatoken: Address,
    /// Its template, 1 or 2.
    pub template: u16,
    /// Who pays and who gets access.
    pub consumer: Address,
    /// Where the datatoken comes from.
    pub purchase: Purchase,
    /// The fees of the order besides the datatoken.
    pub fees: OrderFees,
    /// The Provider's fee with its signature, verified.
    pub provider_fee: ProviderFee,
    /// The only approvals that are made: (token, spender) to base units.
    pub approvals: Spending,
    /// Every amount that somebody gets, and who, down to the last unit: the price and its parts, the fees of the order, and the
    /// datatoken. Their sum is [`totals`](Self::totals) and one datatoken.
    pub payments: Vec<Payment>,
}

impl OrderQuote {
    /// What leaves the account, for each token.
    ///
    /// # Errors
    /// A sum above 256 bits.
    pub fn totals(&self) -> Result<BTreeMap<Address, BaseUnits>> {
        Ok(order::total_by_token(&self.approvals)?)
    }
}

/// What was read about a datatoken before a quote.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) datatoken: Address,
    pub(crate) template: u16,
    pub(crate) purchase: Purchase,
    pub(crate) publish_market: Option<Fee>,
    /// Who gets the price and the datatoken.
    pub(crate) payment_collector: Address,
    pub(crate) community: Community,
}

/// What an order comes to.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) fees: OrderFees,
    pub(crate) approvals: Spending,
    pub(crate) payments: Vec<Payment>,
}

/// The fees of an order, what must be approved to whom, and who gets what.
pub(crate) fn bill(terms: &Terms, market: Option<&ConsumeMarket>, provider_fee: &ProviderFee) -> Result<Bill> {
    let fees = OrderFees {
        publish_market: terms.publish_market.filter(Fee::is_due),
        consume_market: market.and_then(ConsumeMarket::fee).filter(Fee::is_due),
        provider: Some(fee_of(provider_fee)).filter(Fee::is_due),
    };
    let approvals = match (&terms.purchase, terms.template) {
        (Purchase::FixedRate { contract, base_token, cost, .. }, 1) => {
            order::buy_then_start_order(terms.datatoken, *base_token, *contract, cost, &fees)?
        }
        (Purchase::FixedRate { base_token, cost, swap_fee_collector, .. }, _) => {
            order::buy_from_exchange_and_order(terms.datatoken, *base_token, cost, *swap_fee_collector, &fees)?
        }
        (Purchase::Held | Purchase::Dispenser { .. }, _) => order::start_order(terms.datatoken, &fees)?,
    };
    let sale = match &terms.purchase {
        Purchase::FixedRate { base_token, cost, swap_fee_collector, market_fee_collector, .. } => Some(Sale {
            base_token: *base_token,
            quote: cost,
            community: terms.community.collector,
            market: *market_fee_collector,
            consume_market: *swap_fee_collector,
        }),
        Purchase::Held | Purchase::Dispenser { .. } => None,
    };
    let payments = order::payments(&OrderParts {
        datatoken: terms.datatoken,
        template: terms.template,
        payment_collector: terms.payment_collector,
        sale,
        fees: &fees,
        community: terms.community,
    })?;
    Ok(Bill { fees, approvals, payments })
}

/// The price of one datatoken at an exchange, through a market or without one.
pub(crate) fn purchase(
    exchange: ExchangeId,
    contract: Address,
    base_token: Address,
    state: &Exchange,
    market_fee_collector: Address,
    market: Option<&ConsumeMarket>,
) -> Result<Purchase> {
    let collector = market.map_or(Address::ZERO, |market| market.collector);
    let swap_fee = effective_consume_fee(collector, market.map_or(FeeRate::ZERO, |market| market.swap_fee));
    let cost = Box::new(quote_buy(state, ONE_DATATOKEN, swap_fee)?);
    Ok(Purchase::FixedRate {
        exchange,
        contract,
        base_token,
        cost,
        swap_fee,
        swap_fee_collector: collector,
        market_fee_collector,
    })
}

/// The payment inside a Provider's signed fee.
pub(crate) fn fee_of(fee: &ProviderFee) -> Fee {
    Fee { address: fee.provider_fee_address, token: fee.provider_fee_token, amount: BaseUnits(fee.provider_fee_amount) }
}

#[cfg(test)]
mod tests;
