use ocean_primitives::{Address, BaseUnits, FeeRate, Rate, U256};

/// Why a price does not exist, or why a contract would refuse the amounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A product or a sum does not fit 256 bits; the contract panics with 0x11.
    #[error("the amounts do not fit 256 bits")]
    Overflow,
    /// Nothing is to be bought or sold.
    #[error("the datatoken amount is zero")]
    ZeroAmount,
    /// The price of the amount rounds down to nothing, so that datatokens are given away.
    #[error("{amount} base units of the datatoken cost nothing at a rate of {rate}")]
    ZeroPrice {
        /// How many base units of the datatoken.
        amount: BaseUnits,
        /// The exchange's rate.
        rate: Rate,
    },
    /// A fee of the publishing market that is not zero is below 0.01 %.
    #[error("a market fee of {0} is below the minimum of 0.01 %")]
    MarketFeeTooLow(FeeRate),
    /// A fee of the publishing market is above 50 %.
    #[error("a market fee of {0} is above the maximum of 50 %")]
    MarketFeeTooHigh(FeeRate),
    /// A fee of the consuming market that is not zero is below 0.01 %.
    #[error("a consume market fee of {0} is below the minimum of 0.01 %")]
    ConsumeFeeTooLow(FeeRate),
    /// A fee of the consuming market is above 50 %.
    #[error("a consume market fee of {0} is above the maximum of 50 %")]
    ConsumeFeeTooHigh(FeeRate),
    /// The community's part of an amount is more than the amount.
    #[error("a community fee of {0} is above 100 %")]
    CommunityFeeTooHigh(FeeRate),
    /// The rate is below 1e10, the contract's minimum.
    #[error("a rate of {0} is below the minimum of 0.00000001")]
    RateTooLow(Rate),
    /// All fees together exceed what is sold; the contract panics with 0x11.
    #[error("fees of {fees} exceed the gross proceeds of {gross}")]
    FeesExceedProceeds {
        /// The sum of the fees.
        fees: BaseUnits,
        /// What the datatokens are worth before fees.
        gross: BaseUnits,
    },
    /// An enterprise exchange buys nothing back.
    #[error("an enterprise exchange does not buy datatokens back")]
    SellNotAllowed,
    /// The exchange was created with other decimals than the token has, so that its prices are off by a power of ten.
    #[error("the exchange declares {declared} decimals and the token has {actual}")]
    Decimals {
        /// What the exchange's creator declared.
        declared: u8,
        /// What the token answers.
        actual: u8,
    },
    /// A consume market fee is quoted without an address that gets it: the datatoken would keep it for ever.
    #[error("a consume market fee of {0} base units needs an address that gets it")]
    FeeWithoutCollector(BaseUnits),
    /// The quote is for another amount than the one datatoken that an order costs.
    #[error("an order costs one datatoken and the quote is for {0} base units")]
    NotOneDatatoken(BaseUnits),
    /// The dispenser is switched off.
    #[error("the dispenser is not active")]
    DispenserInactive,
    /// More datatokens than one call may ask for.
    #[error("the dispenser gives at most {max} base units at a time, not {amount}")]
    DispenserAmount {
        /// What was asked for.
        amount: BaseUnits,
        /// The most for one call.
        max: BaseUnits,
    },
    /// Only one address may ask this dispenser, for templates 2 and 4 the datatoken itself.
    #[error("only {allowed} may ask this dispenser, not {caller}")]
    DispenserCaller {
        /// Who may ask.
        allowed: Address,
        /// Who asked.
        caller: Address,
    },
    /// Whoever gets the datatokens has as many as the dispenser allows, or more.
    #[error("the destination holds {balance} base units and the dispenser wants fewer than {max}")]
    DispenserBalance {
        /// What the destination holds before the call.
        balance: U256,
        /// The limit, exclusive.
        max: U256,
    },
    /// The dispenser has too few datatokens and may not mint.
    #[error("the dispenser holds {balance} base units and may not mint")]
    DispenserEmpty {
        /// What it holds.
        balance: BaseUnits,
    },
}

impl Error {
    /// The reason the contract gives when it refuses the same, for comparing with a revert. `Panic(0x11)` stands for
    /// Solidity's overflow panic.
    pub fn revert_reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Overflow | Self::FeesExceedProceeds { .. } | Self::CommunityFeeTooHigh(_) => "Panic(0x11)",
            Self::ZeroAmount => "FixedRateExchange: zero datatoken amount",
            Self::MarketFeeTooLow(_) => "SwapFee too low",
            Self::MarketFeeTooHigh(_) => "SwapFee too high",
            Self::ConsumeFeeTooLow(_) => "ConsumeSwapFee too low",
            Self::ConsumeFeeTooHigh(_) => "ConsumeSwapFee too high",
            Self::RateTooLow(_) => "FixedRateExchange: Invalid exchange rate value",
            Self::SellNotAllowed => "sellDT is not allowed for enterprise",
            Self::DispenserInactive => "Dispenser not active",
            Self::DispenserAmount { amount, .. } if amount.is_zero() => "Invalid zero amount",
            Self::DispenserAmount { .. } => "Amount too high",
            Self::DispenserCaller { .. } => "This address is not allowed to request DT",
            Self::DispenserBalance { .. } => "Caller balance too high",
            _ => return None,
        })
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
