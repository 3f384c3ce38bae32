//! Prices of a fixed-rate exchange, to the last unit what `FixedRateExchange` charges and pays.
//!
//! ```text
//! gross   = dt * rate * 10^baseDecimals / 10^dtDecimals / 1e18     two divisions, each rounded down
//! fee     = gross * feeRate / 1e18                                 each fee rounded down on its own
//! buying  = gross + ocean fee + market fee + consume fee
//! selling = gross - ocean fee - market fee - consume fee
//! ```
//! (FixedRateExchange.sol:303-307; an integer model of it is compared with the contract's own results in the tests.)

mod swap;

use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, Rate, U256};

pub use self::swap::{Reserves, Swap, buy, sell};
use crate::{
    error::{Error, Result},
    math::{add, bounded, divide, fee, mul, power_of_ten},
};

/// The smallest fee that is not zero: 0.01 %.
pub const MIN_FEE: FeeRate = FeeRate(U256::from_limbs([100_000_000_000_000, 0, 0, 0]));
/// The largest fee: 50 %.
pub const MAX_FEE: FeeRate = FeeRate(U256::from_limbs([500_000_000_000_000_000, 0, 0, 0]));
/// The smallest rate.
pub const MIN_RATE: Rate = Rate(U256::from_limbs([10_000_000_000, 0, 0, 0]));

/// Which contract an exchange belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `FixedRateExchange`.
    #[default]
    Standard,
    /// `FixedRateExchangeEnterprise`: the ocean fee is kept between two bounds, and nothing is bought back.
    Enterprise {
        /// The least fee in base tokens, asked even for a price of nothing.
        min_fee: BaseUnits,
        /// The largest fee in base tokens.
        max_fee: BaseUnits,
    },
}

/// The numbers that an exchange's prices depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// Base tokens for one datatoken.
    pub rate: Rate,
    /// The base token's decimals **as declared by the exchange's creator**; see [`Exchange::check`].
    pub base_decimals: u8,
    /// The datatoken's decimals as declared; every datatoken has 18.
    pub datatoken_decimals: u8,
    /// The fee of the publishing market.
    pub market_fee: FeeRate,
    /// The community's fee: `getOPCFee(baseToken)` of the router for a standard exchange, the percentage of the enterprise
    /// fee collector for an enterprise exchange. It is read by the contract when the swap runs.
    pub ocean_fee: FeeRate,
    /// Which contract.
    pub kind: Kind,
    /// Whether the enterprise fee collector allows the base token; without that an enterprise exchange has no price at all.
    /// A standard exchange does not ask.
    pub base_token_allowed: bool,
}

impl Exchange {
    /// A standard exchange for a datatoken with its 18 decimals.
    pub fn new(rate: Rate, base_decimals: u8, market_fee: FeeRate, ocean_fee: FeeRate) -> Self {
        Self {
            rate,
            base_decimals,
            datatoken_decimals: 18,
            market_fee,
            ocean_fee,
            kind: Kind::Standard,
            base_token_allowed: true,
        }
    }

    /// What must hold before an exchange is created: the contract's limits, decimals that are the tokens' own, and a price
    /// of one datatoken that is not nothing, because the contract would give such datatokens away.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn check(&self, base_token_decimals: u8, datatoken_decimals: u8) -> Result<()> {
        for (declared, actual) in
            [(self.base_decimals, base_token_decimals), (self.datatoken_decimals, datatoken_decimals)]
        {
            if declared != actual {
                return Err(Error::Decimals { declared, actual });
            }
        }
        if self.rate < MIN_RATE {
            return Err(Error::RateTooLow(self.rate));
        }
        check_fee(self.market_fee, Error::MarketFeeTooLow, Error::MarketFeeTooHigh)?;
        let amount = BaseUnits(power_of_ten(datatoken_decimals)?);
        if self.gross(amount)?.is_zero() {
            return Err(Error::ZeroPrice { amount, rate: self.rate });
        }
        Ok(())
    }

    /// What the datatokens are worth before any fee.
    fn gross(&self, datatokens: BaseUnits) -> Result<U256> {
        let scaled = mul(mul(datatokens.0, self.rate.0)?, power_of_ten(self.base_decimals)?)?;
        Ok(divide(divide(scaled, power_of_ten(self.datatoken_decimals)?), ONE))
    }

    fn ocean_fee_on(&self, gross: U256) -> Result<U256> {
        match self.kind {
            Kind::Standard => fee(gross, self.ocean_fee),
            Kind::Enterprise { .. } if !self.base_token_allowed => Err(Error::BaseTokenNotAllowed),
            Kind::Enterprise { min_fee, max_fee } => Ok(bounded(fee(gross, self.ocean_fee)?, min_fee.0, max_fee.0)),
        }
    }
}

/// What a purchase costs, in base units of the base token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuyQuote {
    /// How many base units of the datatoken are bought.
    pub datatokens: BaseUnits,
    /// The price before fees; the seller gets it.
    pub gross: BaseUnits,
    /// The community's part.
    pub ocean_fee: BaseUnits,
    /// The publishing market's part.
    pub market_fee: BaseUnits,
    /// The consuming market's part.
    pub consume_fee: BaseUnits,
    /// Everything together: what is charged, and what to approve and to pass as the maximum (the contract takes exactly
    /// this much as enough).
    pub total: BaseUnits,
}

impl BuyQuote {
    /// The most to pay when the price may rise until the purchase runs: the total and `slippage` of it, rounded down.
    /// The contract refuses whatever is above, and takes exactly this much as enough.
    ///
    /// # Errors
    /// A slippage above 100 %, or a sum above 256 bits.
    pub fn max_base(&self, slippage: FeeRate) -> Result<BaseUnits> {
        Ok(BaseUnits(add(self.total.0, margin(self.total, slippage)?)?))
    }

    /// Refuses a price that rounds down to nothing.
    ///
    /// # Errors
    /// [`Error::ZeroPrice`] when the datatokens would be given away.
    pub fn require_price(&self, rate: Rate) -> Result<()> {
        if self.gross.is_zero() { Err(Error::ZeroPrice { amount: self.datatokens, rate }) } else { Ok(()) }
    }
}

/// What a sale yields, in base units of the base token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SellQuote {
    /// How many base units of the datatoken are sold.
    pub datatokens: BaseUnits,
    /// What they are worth before fees; the exchange must hold this much from earlier sales.
    pub gross: BaseUnits,
    /// The community's part.
    pub ocean_fee: BaseUnits,
    /// The publishing market's part.
    pub market_fee: BaseUnits,
    /// The consuming market's part.
    pub consume_fee: BaseUnits,
    /// What the seller gets.
    pub proceeds: BaseUnits,
}

impl SellQuote {
    /// The least to accept when the proceeds may fall until the sale runs: the proceeds without `slippage` of them, so that
    /// never more than that share is lost. The contract takes exactly this much as enough.
    ///
    /// # Errors
    /// A slippage above 100 %, or a product above 256 bits.
    pub fn min_base(&self, slippage: FeeRate) -> Result<BaseUnits> {
        let margin = margin(self.proceeds, slippage)?;
        self.proceeds.checked_sub(BaseUnits(margin)).ok_or(Error::SlippageTooHigh(slippage))
    }
}

fn margin(amount: BaseUnits, slippage: FeeRate) -> Result<U256> {
    if slippage.0 > ONE { Err(Error::SlippageTooHigh(slippage)) } else { fee(amount.0, slippage) }
}

/// The consume fee that is really charged: none without a market address, whatever rate is passed (`buyDT` and `sellDT`
/// drop it, while the contract's own quote keeps it).
pub fn effective_consume_fee(consume_market: Address, fee: FeeRate) -> FeeRate {
    if consume_market.is_zero() { FeeRate::ZERO } else { fee }
}

/// The price of `datatokens` (base units of the datatoken) with the consuming market's fee.
///
/// Pass [`effective_consume_fee`]. Unlike [`calculate_buy`], this refuses what `buyDT` would refuse of these numbers; what
/// depends on the exchange's state and on the buyer is checked by [`buy`].
///
/// # Errors
/// Nothing to buy, a consume fee outside the contract's limits, a base token that the enterprise fee collector does not allow,
/// or numbers on which the contract panics.
pub fn quote_buy(exchange: &Exchange, datatokens: BaseUnits, consume_fee: FeeRate) -> Result<BuyQuote> {
    check_amounts(datatokens, consume_fee)?;
    calculate_buy(exchange, datatokens, consume_fee)
}

/// What `datatokens` (base units of the datatoken) bring when they are sold back.
///
/// # Errors
/// As [`quote_buy`]; also fees above 100 % together, and every sale to an enterprise exchange.
pub fn quote_sell(exchange: &Exchange, datatokens: BaseUnits, consume_fee: FeeRate) -> Result<SellQuote> {
    if exchange.kind != Kind::Standard {
        return Err(Error::SellNotAllowed);
    }
    check_amounts(datatokens, consume_fee)?;
    calculate_sell(exchange, datatokens, consume_fee)
}

/// What `calcBaseInGivenOutDT` answers for an active exchange: it takes an amount of nothing and every consume fee.
///
/// # Errors
/// Numbers on which the contract panics, or a base token that the enterprise fee collector does not allow.
pub fn calculate_buy(exchange: &Exchange, datatokens: BaseUnits, consume_fee: FeeRate) -> Result<BuyQuote> {
    let parts = parts(exchange, datatokens, consume_fee)?;
    let total = add(add(add(parts.gross, parts.ocean)?, parts.market)?, parts.consume)?;
    Ok(BuyQuote {
        datatokens,
        gross: BaseUnits(parts.gross),
        ocean_fee: BaseUnits(parts.ocean),
        market_fee: BaseUnits(parts.market),
        consume_fee: BaseUnits(parts.consume),
        total: BaseUnits(total),
    })
}

/// What `calcBaseOutGivenInDT` answers for an active exchange, for an enterprise exchange, too, although nothing can be sold to
/// one: it takes an amount of nothing and every consume fee.
///
/// # Errors
/// As [`calculate_buy`]; also fees above 100 % together.
pub fn calculate_sell(exchange: &Exchange, datatokens: BaseUnits, consume_fee: FeeRate) -> Result<SellQuote> {
    let parts = parts(exchange, datatokens, consume_fee)?;
    let fees = add(add(parts.ocean, parts.market)?, parts.consume)?;
    let proceeds = parts
        .gross
        .checked_sub(fees)
        .ok_or(Error::FeesExceedProceeds { fees: BaseUnits(fees), gross: BaseUnits(parts.gross) })?;
    Ok(SellQuote {
        datatokens,
        gross: BaseUnits(parts.gross),
        ocean_fee: BaseUnits(parts.ocean),
        market_fee: BaseUnits(parts.market),
        consume_fee: BaseUnits(parts.consume),
        proceeds: BaseUnits(proceeds),
    })
}

struct Parts {
    gross: U256,
    ocean: U256,
    market: U256,
    consume: U256,
}

fn parts(exchange: &Exchange, datatokens: BaseUnits, consume_fee: FeeRate) -> Result<Parts> {
    let gross = exchange.gross(datatokens)?;
    Ok(Parts {
        gross,
        ocean: exchange.ocean_fee_on(gross)?,
        market: fee(gross, exchange.market_fee)?,
        consume: fee(gross, consume_fee)?,
    })
}

fn check_amounts(datatokens: BaseUnits, consume_fee: FeeRate) -> Result<()> {
    if datatokens.is_zero() {
        return Err(Error::ZeroAmount);
    }
    check_fee(consume_fee, Error::ConsumeFeeTooLow, Error::ConsumeFeeTooHigh)
}

fn check_fee(fee: FeeRate, too_low: fn(FeeRate) -> Error, too_high: fn(FeeRate) -> Error) -> Result<()> {
    match fee {
        FeeRate::ZERO => Ok(()),
        fee if fee < MIN_FEE => Err(too_low(fee)),
        fee if fee > MAX_FEE => Err(too_high(fee)),
        _ => Ok(()),
    }
}
