//! Who gets what of an order, down to the last unit.

use ocean_primitives::{Address, BaseUnits, FeeRate};

use super::{DEFAULT_COMMUNITY_FEE, Fee, ONE_DATATOKEN, OrderFees, split_datatoken, split_provider_fee};
use crate::{error::Result, fixed_rate::BuyQuote};

/// What a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The price of the datatoken before fees, for the publisher. Template 1 keeps it in the exchange until somebody calls
    /// `collectBT`.
    Price,
    /// The community's part of the swap; a standard exchange keeps it until somebody calls `collectOceanFee`.
    SwapCommunityFee,
    /// The publishing market's part of the swap; the exchange keeps it until somebody calls `collectMarketFee`.
    SwapMarketFee,
    /// The consuming market's part of the swap.
    SwapConsumeFee,
    /// The datatoken itself, for the publisher; templates other than 1 burn it, and then nobody gets it.
    Datatoken,
    /// The community's part of the datatoken, of template 1 only.
    DatatokenCommunityFee,
    /// The publishing market's fee of the order.
    PublishMarketFee,
    /// The consuming market's fee of the order.
    ConsumeMarketFee,
    /// The Provider's fee.
    ProviderFee,
    /// The community's part of the Provider's fee.
    ProviderCommunityFee,
}

/// An amount that somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// What for.
    pub part: Part,
    /// Who gets it; the zero address where it is burnt.
    pub to: Address,
    /// In which token.
    pub token: Address,
    /// How much, in base units of the token; never zero.
    pub amount: BaseUnits,
}

/// The price of the datatoken and who shares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale<'a> {
    /// What is paid with.
    pub base_token: Address,
    /// The price and each of its parts.
    pub quote: &'a BuyQuote,
    /// Who gets the community's part: `getOPCCollector` of the router, for an enterprise exchange its fee collector.
    pub community: Address,
    /// Who gets the publishing market's part.
    pub market: Address,
    /// Who gets the consuming market's part.
    pub consume_market: Address,
}

/// The community's parts of an order, as the router tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Community {
    /// Who gets them (`getOPCCollector`).
    pub collector: Address,
    /// Of the datatoken of a template 1 order (`getOPCConsumeFee`).
    pub order_fee: FeeRate,
    /// Of the Provider's fee (`getOPCProviderFee`).
    pub provider_fee: FeeRate,
}

impl Community {
    /// The shares unless the router was changed: 0.03 of a datatoken and nothing of the Provider's fee.
    pub fn with_default_fees(collector: Address) -> Self {
        Self { collector, order_fee: DEFAULT_COMMUNITY_FEE, provider_fee: FeeRate::ZERO }
    }
}

/// What an order is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderParts<'a> {
    /// The datatoken that is spent.
    pub datatoken: Address,
    /// Its template: 1 passes the datatoken on, all others burn it.
    pub template: u16,
    /// Who gets the price and the datatoken (`getPaymentCollector` of the datatoken).
    pub payment_collector: Address,
    /// The purchase; none where the datatoken is held already or given away.
    pub sale: Option<Sale<'a>>,
    /// The fees of the order.
    pub fees: &'a OrderFees,
    /// The community's parts.
    pub community: Community,
}

/// Every payment of an order, in the order in which the contracts make them. Parts of nothing are left out.
///
/// In each token but the datatoken their sum is what the approvals of [`super::buy_then_start_order`] and its like let through.
///
/// # Errors
/// A community's part above 100 %, or numbers on which the contract panics.
pub fn payments(order: &OrderParts<'_>) -> Result<Vec<Payment>> {
    let mut list = Vec::with_capacity(10);
    let mut pay = |part, to, token, amount: BaseUnits| {
        if !amount.is_zero() {
            list.push(Payment { part, to, token, amount });
        }
    };
    if let Some(Sale { base_token, quote, community, market, consume_market }) = order.sale {
        pay(Part::Price, order.payment_collector, base_token, quote.gross);
        pay(Part::SwapCommunityFee, community, base_token, quote.ocean_fee);
        pay(Part::SwapMarketFee, market, base_token, quote.market_fee);
        pay(Part::SwapConsumeFee, consume_market, base_token, quote.consume_fee);
    }
    let due = |fee: Option<Fee>| fee.filter(Fee::is_due);
    if let Some(fee) = due(order.fees.publish_market) {
        pay(Part::PublishMarketFee, fee.address, fee.token, fee.amount);
    }
    if let Some(fee) = due(order.fees.consume_market) {
        pay(Part::ConsumeMarketFee, fee.address, fee.token, fee.amount);
    }
    if let Some(fee) = due(order.fees.provider) {
        let (provider, community) = split_provider_fee(fee.amount, order.community.provider_fee)?;
        pay(Part::ProviderCommunityFee, order.community.collector, fee.token, community);
        pay(Part::ProviderFee, fee.address, fee.token, provider);
    }
    if order.template == 1 {
        let (collector, community) = split_datatoken(order.community.order_fee)?;
        pay(Part::DatatokenCommunityFee, order.community.collector, order.datatoken, community);
        pay(Part::Datatoken, order.payment_collector, order.datatoken, collector);
    } else {
        pay(Part::Datatoken, Address::ZERO, order.datatoken, ONE_DATATOKEN);
    }
    Ok(list)
}
