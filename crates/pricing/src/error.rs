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
    /// The enterprise fee collector does not allow the base token.
    #[error("the enterprise fee collector does not allow this base token")]
    BaseTokenNotAllowed,
    /// The exchange is switched off, or there is none.
    #[error("the exchange is not active")]
    ExchangeInactive,
    /// Only one address may swap, for templates 2 and 4 the datatoken itself.
    #[error("only {allowed} may swap at this exchange, not {caller}")]
    SwapperNotAllowed {
        /// Who may swap.
        allowed: Address,
        /// Who asked.
        caller: Address,
    },
    /// The price is above what the buyer would pay.
    #[error("the price of {total} base units is above the limit of {max}")]
    TooExpensive {
        /// The price with all fees.
        total: BaseUnits,
        /// The buyer's limit.
        max: BaseUnits,
    },
    /// The proceeds are below what the seller would take.
    #[error("proceeds of {proceeds} base units are below the limit of {min}")]
    TooCheap {
        /// The proceeds without all fees.
        proceeds: BaseUnits,
        /// The seller's limit.
        min: BaseUnits,
    },
    /// The exchange holds too few datatokens and may not mint.
    #[error("the exchange holds {available} base units of the datatoken and {wanted} are wanted")]
    NoDatatokens {
        /// What was asked for.
        wanted: BaseUnits,
        /// What it holds.
        available: BaseUnits,
    },
    /// The datatoken's cap leaves less to mint than the exchange would have to.
    #[error("{minted} base units would be minted and the cap leaves {mintable}")]
    CapExceeded {
        /// What would be minted.
        minted: BaseUnits,
        /// What the cap leaves.
        mintable: BaseUnits,
    },
    /// The exchange holds too few base tokens to buy datatokens back.
    #[error("the exchange holds {available} base units of the base token and owes {gross}")]
    NoBaseTokens {
        /// What the datatokens are worth before fees.
        gross: BaseUnits,
        /// What it holds.
        available: BaseUnits,
    },
    /// A slippage is a part of the amount, never more than all of it.
    #[error("a slippage of {0} is above 100 %")]
    SlippageTooHigh(FeeRate),
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
    /// An escrow locks nothing for nothing.
    #[error("a lock of nothing")]
    ZeroLock,
    /// The enterprise fee collector does not allow the token of the lock.
    #[error("the enterprise fee collector does not allow this token in the escrow")]
    EscrowTokenNotAllowed,
    /// An enterprise escrow makes no lock that its fee would use up.
    #[error("a lock of {amount} base units is not above the fee of {fee}")]
    LockBelowFee {
        /// The lock.
        amount: BaseUnits,
        /// The fee on it.
        fee: BaseUnits,
    },
    /// The payer has deposited too little that is not locked.
    #[error("a lock of {amount} base units and {available} are available in the escrow")]
    EscrowFunds {
        /// The lock.
        amount: BaseUnits,
        /// What is there.
        available: BaseUnits,
    },
    /// The payer has authorised nothing for this payee and token.
    #[error("the payer has authorised nothing for this payee and token")]
    NotAuthorized,
    /// The lock would hold longer than the payer allows.
    #[error("a lock of {seconds} s and at most {max} s are authorised")]
    LockTooLong {
        /// How long it would hold.
        seconds: u64,
        /// The authorised time.
        max: u64,
    },
    /// All locks of the payee together would hold more than the payer allows.
    #[error("{total} base units would be locked and at most {max} are authorised")]
    LockedTooMuch {
        /// What would be locked.
        total: BaseUnits,
        /// The authorised amount.
        max: BaseUnits,
    },
    /// The payee has as many locks as the payer allows.
    #[error("no more than {max} locks at a time are authorised")]
    TooManyLocks {
        /// The authorised number.
        max: u64,
    },
    /// More is claimed than the lock holds.
    #[error("a claim of {amount} base units and the lock holds {locked}")]
    ClaimTooHigh {
        /// The claim.
        amount: BaseUnits,
        /// The lock.
        locked: BaseUnits,
    },
    /// The fee is more than what is claimed; an enterprise escrow panics with 0x11.
    #[error("a claim of {amount} base units is below the fee of {fee}")]
    ClaimBelowFee {
        /// The claim.
        amount: BaseUnits,
        /// The fee on it.
        fee: BaseUnits,
    },
    /// A feed has epochs of no length, or subscriptions that are not made of whole epochs.
    #[error("subscriptions of {subscription} s are not made of whole epochs of {epoch} s")]
    Epochs {
        /// The length of an epoch.
        epoch: u64,
        /// The length of a subscription.
        subscription: u64,
    },
    /// A lock of veOCEAN would end now or earlier.
    #[error("a lock that ends at {end} is over at {now}")]
    LockInThePast {
        /// When it would end, unix seconds.
        end: u64,
        /// The present.
        now: u64,
    },
    /// A lock of veOCEAN would hold for more than four years.
    #[error("a lock until {end} is longer than four years from {now}")]
    LockAboveFourYears {
        /// When it would end, unix seconds.
        end: u64,
        /// The present.
        now: u64,
    },
    /// A lock of veOCEAN that is over cannot be extended.
    #[error("the lock has ended at {end}, before {now}")]
    LockOver {
        /// When it ended, unix seconds.
        end: u64,
        /// The present.
        now: u64,
    },
    /// A lock of veOCEAN can only become longer.
    #[error("the lock ends at {present} and would end at {end}")]
    LockNotLonger {
        /// When it would end, unix seconds.
        end: u64,
        /// When it ends now.
        present: u64,
    },
    /// More than everything is allocated.
    #[error("{0} hundredths of a percent are above 100 %")]
    AllocationTooHigh(U256),
}

impl Error {
    /// The reason the contract gives when it refuses the same, for comparing with a revert. `Panic(0x11)` stands for
    /// Solidity's overflow panic.
    pub fn revert_reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Overflow
            | Self::FeesExceedProceeds { .. }
            | Self::CommunityFeeTooHigh(_)
            | Self::ClaimBelowFee { .. } => "Panic(0x11)",
            Self::ZeroAmount => "FixedRateExchange: zero datatoken amount",
            Self::MarketFeeTooLow(_) => "SwapFee too low",
            Self::MarketFeeTooHigh(_) => "SwapFee too high",
            Self::ConsumeFeeTooLow(_) => "ConsumeSwapFee too low",
            Self::ConsumeFeeTooHigh(_) => "ConsumeSwapFee too high",
            Self::RateTooLow(_) => "FixedRateExchange: Invalid exchange rate value",
            Self::BaseTokenNotAllowed => "This baseToken is not allowed by enterprise fee collector",
            Self::ExchangeInactive => "FixedRateExchange: Exchange does not exist!",
            Self::SwapperNotAllowed { .. } => "FixedRateExchange: This address is not allowed to swap",
            Self::TooExpensive { .. } => "FixedRateExchange: Too many base tokens",
            Self::TooCheap { .. } => "FixedRateExchange: Too few base tokens",
            Self::NoDatatokens { .. } => "FixedRateExchange: No available datatokens",
            Self::NoBaseTokens { .. } => "FixedRateExchange: Not enough base tokens",
            Self::SellNotAllowed => "sellDT is not allowed for enterprise",
            Self::DispenserInactive => "Dispenser not active",
            Self::DispenserAmount { amount, .. } if amount.is_zero() => "Invalid zero amount",
            Self::DispenserAmount { .. } => "Amount too high",
            Self::DispenserCaller { .. } => "This address is not allowed to request DT",
            Self::DispenserBalance { .. } => "Caller balance too high",
            Self::DispenserEmpty { .. } => "Not enough reserves",
            Self::ZeroLock => "Invalid amount",
            Self::EscrowTokenNotAllowed => "This token is not allowed by enterprise fee collector",
            Self::LockBelowFee { .. } => "Amount must be higher than enterprise fee",
            Self::EscrowFunds { .. } => "Payer does not have enough funds",
            Self::NotAuthorized => "No auth found",
            Self::LockTooLong { .. } => "Expiry too high",
            Self::LockedTooMuch { .. } => "Exceeds maxLockedAmount",
            Self::TooManyLocks { .. } => "Exceeds maxLockCounts",
            Self::ClaimTooHigh { .. } => "Amount too high",
            Self::LockInThePast { .. } => "Can only lock until time in the future",
            Self::LockAboveFourYears { .. } => "Voting lock can be 4 years max",
            Self::LockOver { .. } => "Lock expired",
            Self::LockNotLonger { .. } => "Can only increase lock duration",
            Self::AllocationTooHigh(_) => "Max Allocation",
            _ => return None,
        })
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
