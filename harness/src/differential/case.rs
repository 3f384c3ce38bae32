use alloy::primitives::{Address, U256};
use ocean_pricing::{
    Error as PriceError,
    fixed_rate::{BuyQuote, Exchange, Kind, MAX_FEE, MIN_FEE, MIN_RATE, Reserves, SellQuote, Swap, calculate_buy},
};
use ocean_primitives::{BaseUnits, FeeRate, ONE, Rate};
use rand::{Rng, rngs::StdRng, seq::SliceRandom as _};
use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::{Error, Result};

/// An exchange with one purchase and one sale. Every number is as the contract stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) enterprise: bool,
    pub(super) rate: U256,
    pub(super) base_decimals: u8,
    pub(super) datatoken_decimals: u8,
    pub(super) market_fee: U256,
    /// The router's fee, or the percentage of the enterprise fee collector.
    pub(super) ocean_fee: U256,
    pub(super) min_fee: U256,
    pub(super) max_fee: U256,
    pub(super) allowed: bool,
    pub(super) active: bool,
    pub(super) swapper: Swapper,
    pub(super) datatokens: U256,
    pub(super) base_tokens: U256,
    pub(super) mints: bool,
    /// How many datatokens exist.
    pub(super) supply: U256,
    pub(super) amount: U256,
    pub(super) market: bool,
    pub(super) consume_fee: U256,
    pub(super) limit: Limit,
}

/// Whom the exchange serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Swapper {
    Everybody,
    Caller,
    Other,
}

/// The limit that is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Limit {
    /// None: as much as there is, or as little.
    None,
    /// Exactly what the price is.
    Exact,
    /// One unit too strict.
    OneOff,
    /// Some number.
    Given(U256),
}

/// Who takes part.
#[derive(Debug, Clone, Copy)]
pub(super) struct People {
    pub(super) caller: Address,
    pub(super) market: Address,
    pub(super) other: Address,
}

impl Case {
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| error.to_string())
    }

    pub(super) fn from_line(line: &str) -> Result<Self> {
        serde_json::from_str(line).map_err(Error::component(format!("reading the case {line}")))
    }

    /// Half of all numbers are such as people use, the other half comes from the whole range and from its edges.
    pub(super) fn random(random: &mut StdRng) -> Self {
        let enterprise = random.gen_bool(0.4);
        let amount = match random.gen_range(0..20) {
            0 => ONE,
            1..=13 => bits(random, 1..=90),
            _ => any(random),
        };
        let (min_fee, max_fee) = if random.gen_bool(0.9) {
            let (one, other) = (bits(random, 0..=80), bits(random, 0..=80));
            (one.min(other), one.max(other))
        } else {
            (any(random), any(random))
        };
        let mut case = Self {
            enterprise,
            rate: match random.gen_range(0..20) {
                0 => ONE,
                1 => MIN_RATE.0,
                2..=14 => bits(random, 34..=100),
                _ => any(random),
            },
            base_decimals: decimals(random),
            datatoken_decimals: if random.gen_bool(0.6) { 18 } else { decimals(random) },
            market_fee: fee(random),
            ocean_fee: fee(random),
            min_fee,
            max_fee,
            allowed: random.gen_bool(0.95),
            active: random.gen_bool(0.97),
            swapper: match random.gen_range(0..20) {
                0 => Swapper::Caller,
                1 => Swapper::Other,
                _ => Swapper::Everybody,
            },
            datatokens: U256::ZERO,
            base_tokens: U256::ZERO,
            mints: random.gen_bool(0.85),
            supply: U256::ZERO,
            amount,
            market: random.gen_bool(0.6),
            consume_fee: fee(random),
            limit: match random.gen_range(0..10) {
                0..=3 => Limit::None,
                4..=6 => Limit::Exact,
                7..=8 => Limit::OneOff,
                _ => Limit::Given(any(random)),
            },
        };
        case.datatokens = match random.gen_range(0..10) {
            0..=4 => U256::ZERO,
            5..=7 => near(random, amount),
            8 => bits(random, 0..=100),
            _ => any(random),
        };
        case.supply = match random.gen_range(0..10) {
            0..=7 => case.datatokens,
            8 => near(random, U256::MAX - amount),
            _ => any(random),
        };
        let gross = calculate_buy(&case.exchange(), BaseUnits(amount), FeeRate::ZERO).map(|quote| quote.gross.0);
        case.base_tokens = match random.gen_range(0..10) {
            0..=1 => U256::ZERO,
            2..=6 => near(random, gross.unwrap_or_default()),
            7..=8 => bits(random, 0..=200),
            _ => any(random),
        };
        case
    }

    pub(super) fn exchange(&self) -> Exchange {
        let mut exchange =
            Exchange::new(Rate(self.rate), self.base_decimals, FeeRate(self.market_fee), FeeRate(self.ocean_fee));
        exchange.datatoken_decimals = self.datatoken_decimals;
        exchange.base_token_allowed = self.allowed;
        if self.enterprise {
            exchange.kind = Kind::Enterprise { min_fee: BaseUnits(self.min_fee), max_fee: BaseUnits(self.max_fee) };
        }
        exchange
    }

    pub(super) fn reserves(&self, people: &People) -> Reserves {
        let mut reserves = Reserves::minting();
        reserves.active = self.active;
        reserves.allowed_swapper = self.allowed_swapper(people);
        reserves.datatokens = BaseUnits(self.datatokens);
        reserves.base_tokens = BaseUnits(self.base_tokens);
        // A datatoken of template 1 has no other cap than 256 bits.
        reserves.mintable = self.mints.then_some(BaseUnits(U256::MAX - self.supply));
        reserves
    }

    pub(super) fn allowed_swapper(&self, people: &People) -> Address {
        match self.swapper {
            Swapper::Everybody => Address::ZERO,
            Swapper::Caller => people.caller,
            Swapper::Other => people.other,
        }
    }

    /// `price` is what the contract would charge or pay, `none` the limit that refuses nothing, `strict` one unit too strict.
    pub(super) fn swap(&self, people: &People, price: Option<U256>, none: U256, strict: fn(U256) -> U256) -> Swap {
        let limit = match (self.limit, price) {
            (Limit::Given(limit), _) => limit,
            (Limit::Exact, Some(price)) => price,
            (Limit::OneOff, Some(price)) => strict(price),
            (Limit::None | Limit::Exact | Limit::OneOff, _) => none,
        };
        Swap {
            caller: people.caller,
            datatokens: BaseUnits(self.amount),
            limit: BaseUnits(limit),
            consume_market: if self.market { people.market } else { Address::ZERO },
            consume_fee: FeeRate(self.consume_fee),
        }
    }

    /// What the account of the buyer holds: everything that the exchange does not.
    pub(super) fn money(&self) -> U256 {
        U256::MAX - self.base_tokens
    }
}

pub(super) fn bought(quote: &Result<BuyQuote, PriceError>) -> Outcome {
    match quote {
        Ok(quote) => {
            Outcome::Numbers([quote.total, quote.ocean_fee, quote.market_fee, quote.consume_fee].map(|part| part.0))
        }
        Err(error) => refused(error),
    }
}

pub(super) fn sold(quote: &Result<SellQuote, PriceError>) -> Outcome {
    match quote {
        Ok(quote) => {
            Outcome::Numbers([quote.proceeds, quote.ocean_fee, quote.market_fee, quote.consume_fee].map(|part| part.0))
        }
        Err(error) => refused(error),
    }
}

fn refused(error: &PriceError) -> Outcome {
    Outcome::Refused(match error {
        // Without another cap than 256 bits the sum of the supply is what does not fit.
        PriceError::CapExceeded { .. } => "Panic(0x11)".to_owned(),
        error => error.revert_reason().map_or_else(|| error.to_string(), str::to_owned),
    })
}

/// A number of so many bits, each length as likely as any other.
pub(super) fn bits(random: &mut StdRng, range: std::ops::RangeInclusive<usize>) -> U256 {
    match random.gen_range(range) {
        0 => U256::ZERO,
        bits => (U256::from_be_bytes(random.r#gen::<[u8; 32]>()) | U256::ONE << 255) >> (256 - bits),
    }
}

/// Any number, with those at the edges of what the contracts look at.
pub(super) fn any(random: &mut StdRng) -> U256 {
    let edges = [U256::ZERO, U256::ONE, ONE, MIN_RATE.0, MIN_FEE.0, MAX_FEE.0, U256::MAX, U256::MAX >> 1];
    match random.gen_range(0..4) {
        0 => {
            let edge = *edges.choose(random).unwrap_or(&ONE);
            near(random, edge)
        }
        _ => bits(random, 0..=256),
    }
}

/// A number or one of its neighbours.
pub(super) fn near(random: &mut StdRng, number: U256) -> U256 {
    match random.gen_range(0..4) {
        0 => number.saturating_sub(U256::ONE),
        1 => number.saturating_add(U256::ONE),
        _ => number,
    }
}

pub(super) fn fee(random: &mut StdRng) -> U256 {
    let (min, max) = (MIN_FEE.0.to::<u64>(), MAX_FEE.0.to::<u64>());
    match random.gen_range(0..20) {
        0..=5 => U256::ZERO,
        6..=14 => U256::from(random.gen_range(min..=max)),
        15 => near(random, MIN_FEE.0),
        16 => near(random, MAX_FEE.0),
        17 => near(random, ONE),
        _ => any(random),
    }
}

fn decimals(random: &mut StdRng) -> u8 {
    match random.gen_range(0..20) {
        0..=9 => *[0, 2, 6, 8, 18, 24, 30].choose(random).unwrap_or(&18),
        10..=18 => random.gen_range(0..=30),
        _ => *[31, 59, 76, 77, 78, 79, 255].choose(random).unwrap_or(&77),
    }
}
