use ocean_primitives::{Address, BaseUnits, FeeRate};

use super::{BuyQuote, Exchange, Kind, SellQuote, calculate_buy, calculate_sell, check_amounts, effective_consume_fee};
use crate::{
    error::{Error, Result},
    math::add,
};

/// What an exchange has at hand, and whom it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reserves {
    /// Whether it is switched on; an exchange that does not exist is not.
    pub active: bool,
    /// The only address that may swap; zero is everybody. Templates 2 and 4 put their own address here.
    pub allowed_swapper: Address,
    /// The datatokens that it holds.
    pub datatokens: BaseUnits,
    /// The base tokens that earlier buyers left and nobody has collected: what it can buy datatokens back with.
    pub base_tokens: BaseUnits,
    /// How many datatokens it can mint: the cap without the total supply; none where it may not mint.
    pub mintable: Option<BaseUnits>,
}

impl Reserves {
    /// An exchange that is switched on, serves everybody, holds nothing and mints without an end.
    pub fn minting() -> Self {
        Self {
            active: true,
            allowed_swapper: Address::ZERO,
            datatokens: BaseUnits::ZERO,
            base_tokens: BaseUnits::ZERO,
            mintable: Some(BaseUnits(ocean_primitives::U256::MAX)),
        }
    }

    fn check(&self, swap: &Swap) -> Result<()> {
        if !self.active {
            return Err(Error::ExchangeInactive);
        }
        check_amounts(swap.datatokens, swap.consume_fee)?;
        let (allowed, caller) = (self.allowed_swapper, swap.caller);
        if allowed.is_zero() || allowed == caller { Ok(()) } else { Err(Error::SwapperNotAllowed { allowed, caller }) }
    }

    /// A standard exchange that holds too little mints everything, an enterprise exchange only what is missing.
    fn check_stock(&self, kind: Kind, wanted: BaseUnits) -> Result<()> {
        if wanted <= self.datatokens {
            return Ok(());
        }
        let Some(mintable) = self.mintable else {
            return Err(Error::NoDatatokens { wanted, available: self.datatokens });
        };
        let minted = match kind {
            Kind::Standard => wanted,
            Kind::Enterprise { .. } => wanted.checked_sub(self.datatokens).ok_or(Error::Overflow)?,
        };
        if minted > mintable { Err(Error::CapExceeded { minted, mintable }) } else { Ok(()) }
    }
}

/// What a `buyDT` or a `sellDT` is called with, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// Who calls: the buyer, or the datatoken for `buyFromFreAndOrder`.
    pub caller: Address,
    /// How much is bought or sold, in base units of the datatoken.
    pub datatokens: BaseUnits,
    /// The most base tokens to pay, or the least to get; see [`BuyQuote::max_base`] and [`SellQuote::min_base`].
    pub limit: BaseUnits,
    /// Who gets the consuming market's fee; zero is nobody, and then there is no such fee.
    pub consume_market: Address,
    /// The consuming market's fee. It must be within the contract's limits even where nobody gets it.
    pub consume_fee: FeeRate,
}

impl Swap {
    fn fee(&self) -> FeeRate {
        effective_consume_fee(self.consume_market, self.consume_fee)
    }
}

/// Whether a `buyDT` succeeds and what it charges, checked in the contract's order.
///
/// The buyer's money is not looked at: `total` must be in the account and approved.
///
/// # Errors
/// The reason why the contract refuses.
pub fn buy(exchange: &Exchange, reserves: &Reserves, swap: &Swap) -> Result<BuyQuote> {
    reserves.check(swap)?;
    let quote = calculate_buy(exchange, swap.datatokens, swap.fee())?;
    if quote.total > swap.limit {
        return Err(Error::TooExpensive { total: quote.total, max: swap.limit });
    }
    add(reserves.base_tokens.0, quote.gross.0)?;
    reserves.check_stock(exchange.kind, swap.datatokens)?;
    Ok(quote)
}

/// Whether a `sellDT` succeeds and what it pays, checked in the contract's order.
///
/// The seller's datatokens are not looked at: they must be in the account and approved.
///
/// # Errors
/// The reason why the contract refuses; an enterprise exchange always does.
pub fn sell(exchange: &Exchange, reserves: &Reserves, swap: &Swap) -> Result<SellQuote> {
    if reserves.active && exchange.kind != Kind::Standard {
        return Err(Error::SellNotAllowed);
    }
    reserves.check(swap)?;
    let quote = calculate_sell(exchange, swap.datatokens, swap.fee())?;
    if quote.proceeds < swap.limit {
        return Err(Error::TooCheap { proceeds: quote.proceeds, min: swap.limit });
    }
    if quote.gross > reserves.base_tokens {
        return Err(Error::NoBaseTokens { gross: quote.gross, available: reserves.base_tokens });
    }
    add(reserves.datatokens.0, swap.datatokens.0)?;
    Ok(quote)
}
