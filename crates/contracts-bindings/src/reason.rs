//! What the contracts say when they refuse, as values to branch on.

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident($($text:literal),+);)*) => {
        /// Why a contract refused, where it said so in words that are known. Several contracts say the same thing differently.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The reason behind a contract's exact words.
            pub fn of(text: &str) -> Option<Self> {
                match text {
                    $($($text)|+ => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Every text that stands for this reason, exactly as a contract writes it.
            pub fn texts(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($text),+],)*
                }
            }
        }
    };
}

reasons! {
    /// The sender is not a manager of the data NFT.
    NotManager("ERC721RolesAddress: NOT MANAGER");
    /// The sender may not remove this role from that account: it is neither a manager nor the account itself.
    NotRemovable(
        "ERC721RolesAddress: Not enough permissions to remove from ERC20List",
        "ERC721RolesAddress: Not enough permissions to remove from metadata list",
        "ERC721RolesAddress: Not enough permissions to remove from 725StoreList"
    );
    /// The sender may not change the document.
    NotMetadataUpdater("ERC721Template: NOT METADATA_ROLE");
    /// The sender may not make datatokens, or decide about them.
    NotDeployer("ERC721Template: NOT ERC20DEPLOYER_ROLE", "ERC20Template: NOT DEPLOYER ROLE", "NOT DEPLOYER");
    /// The sender may not write the key-value store.
    NotStoreUpdater("ERC721Template: NOT STORE UPDATER");
    /// The sender does not own the data NFT.
    NotNftOwner("ERC721Template: not NFTOwner", "ERC20Template: not NFTOwner", "not NFTOwner");
    /// The sender is neither the owner of the token nor approved for it.
    NotOwnerNorApproved("ERC721: transfer caller is not owner nor approved", "ERC721: approve caller is not owner nor approved for all");
    /// The sender may not make datatokens out of nothing.
    NotMinter("ERC20Template: NOT MINTER", "NOT MINTER");
    /// The sender may not decide who is paid.
    NotPaymentManager("ERC20Template: NOT PAYMENT MANAGER or OWNER", "NOT PAYMENT MANAGER or OWNER");
    /// The sender is not the publishing market of the datatoken.
    NotPublishMarket("ERC20Template: not publishMarketFeeAddress", "not publishMarketFeeAddress");
    /// The sender does not own the contract.
    NotContractOwner("Ownable: caller is not the owner");
    /// The sender does not own the router.
    NotRouterOwner("OceanRouter: NOT OWNER");
    /// The sender may not decide about the exchange.
    NotExchangeOwner("FixedRateExchange: invalid exchange owner");
    /// The sender may not decide about the dispenser.
    NotDispenserOwner("Invalid owner");
    /// The sender does not get the exchange's market fee.
    NotMarketFeeCollector("not marketFeeCollector");
    /// The account, exchange or dispenser mints already; a second one on the same datatoken would block its transfer.
    AlreadyMinter("ERC20Roles:  ALREADY A MINTER");
    /// The account manages payments already.
    AlreadyPaymentManager("ERC20Roles:  ALREADY A FEE MANAGER");
    /// The data NFT cannot change hands.
    NotTransferable("ERC721Template: Is non transferable");
    /// The method is for the data NFT's own contracts.
    OnlyNft("ERC20Template: NOT 721 Contract", "ERC721Factory: ONLY ERC721 INSTANCE FROM ERC721FACTORY", "ERC721Template: NOT ERC20 Contract");
    /// The method is for the router.
    OnlyRouter("FixedRateExchange: only router", "Dispenser: only router");
    /// The clone was made and set up before.
    AlreadyInitialized("ERC721Template: token instance already initialized", "ERC20Template: token instance already initialized");
    /// More proofs than a document may carry.
    TooManyProofs("Too Many Proofs");
    /// A validator did not sign the document's hash.
    InvalidProof("Invalid proof signer");
    /// Two lists differ in length, or are too long.
    InvalidArraySize("Invalid array size", "Invalid addresses length");
    /// ERC725X takes the operations 0, 2 and 3.
    WrongOperation("Wrong operation type");

    /// A datatoken needs a cap.
    ZeroCap("ERC20Factory: zero cap is not allowed", "DatatokenTemplate: Invalid cap value");
    /// More datatokens than the cap allows.
    CapExceeded("DatatokenTemplate: cap exceeded");
    /// There is no template with that number.
    NoTemplate(
        "ERC20Factory: Template index doesnt exist",
        "ERC721DTFactory: Template index doesnt exist",
        "ERC20DTFactory: Template index doesnt exist"
    );
    /// The template with that number is switched off.
    TemplateNotActive(
        "ERC20Factory: ERC721Token Template disabled",
        "ERC721DTFactory: ERC721Token Template disabled"
    );
    /// An owner is needed.
    ZeroOwner("ERC721DTFactory: address(0) cannot be owner", "Ownable: new owner is the zero address", "Invalid new router owner");
    /// Template 4 needs the factory of access lists.
    NoAccessListFactory("accessListFactory");
    /// The access list was not made by the factory, or can be transferred.
    InvalidAccessList("IAL");
    /// A fee's address is zero.
    ZeroFeeAddress("Invalid _publishMarketFeeAddress address", "_publishMarketFeeAddress ");
    /// A fee's token is zero.
    ZeroFeeToken("Invalid _publishMarketFeeToken address", "_publishMarketFeeToken ");

    /// The sender has no datatoken to order with.
    NoDatatoken("Not enough datatokens to start Order");
    /// The fee is not signed by the account that it names.
    InvalidProviderFee("Invalid provider fee");
    /// More orders than one transaction may hold.
    TooManyOrders("ERC721Factory: Too Many Orders");
    /// The Provider may not be its own consumer.
    ProviderIsConsumer("Provider cannot be the consumer");
    /// The Provider's signature is somebody else's.
    ProviderSignature("Provider signature check failed", "Provider signature");
    /// The consumer's signature is somebody else's.
    ConsumerSignature("Consumer signature check failed", "Consumer signature");
    /// The Provider is not on the datatoken's allow list.
    ProviderNotAllowed("Provider not allowed");
    /// The Provider is on the datatoken's deny list.
    ProviderDenied("Provider denied");
    /// The consumer did not order that service.
    NoConsumerOrder("no consumer order");
    /// The exchange did not give a datatoken.
    ExchangeGaveNothing("Unable to buy DT from FixedRate");
    /// The exchange does not sell enough.
    ExchangeWithoutSupply("This FixedRate is not providing enough DT");
    /// The dispenser did not give a datatoken.
    DispenserGaveNothing("Unable to get DT from Dispenser");

    /// The approval is too small.
    InsufficientAllowance("ERC20: insufficient allowance", "ERC20: decreased allowance below zero");
    /// The balance is too small.
    InsufficientBalance("ERC20: transfer amount exceeds balance", "ERC20: burn amount exceeds balance");
    /// The receiver is the zero address.
    ZeroReceiver("ERC20: transfer to the zero address", "ERC20: mint to the zero address", "ERC721: transfer to the zero address");
    /// Less arrived than was sent: the token keeps a fee for itself.
    TransferTooLow("Transfer amount is too low");
    /// The token's transfer failed or said so.
    TransferFailed("SafeERC20: low-level call failed", "SafeERC20: ERC20 operation did not succeed");
    /// The block that was given as a deadline has passed.
    PermitExpired("ERC20DT: EXPIRED");
    /// The permit is not signed by the owner of the tokens.
    PermitSignature("ERC20DT: INVALID_SIGNATURE");

    /// There is no such exchange, or it does not sell.
    NoExchange("FixedRateExchange: Exchange does not exist!");
    /// There is an exchange for these two tokens already.
    ExchangeExists("FixedRateExchange: Exchange already exists!");
    /// Another address alone may swap.
    SwapperNotAllowed("FixedRateExchange: This address is not allowed to swap");
    /// Nothing to swap.
    ZeroAmount("FixedRateExchange: zero datatoken amount", "Invalid zero amount");
    /// The price is above what the buyer allows.
    TooManyBaseTokens("FixedRateExchange: Too many base tokens");
    /// The price is below what the seller allows.
    TooFewBaseTokens("FixedRateExchange: Too few base tokens");
    /// The exchange cannot pay that much.
    NotEnoughBaseTokens("FixedRateExchange: Not enough base tokens");
    /// The exchange holds too few datatokens and does not mint.
    NoDatatokensAvailable("FixedRateExchange: No available datatokens");
    /// The rate is below 1e10.
    InvalidRate("FixedRateExchange: Invalid exchange rate value");
    /// The base token is zero or no contract.
    InvalidBaseToken("FixedRateExchange: Invalid baseToken,  zero address", "FixedRateExchange: Invalid baseToken, looks EOA");
    /// The datatoken is its own base token.
    InvalidDatatoken("FixedRateExchange: Invalid datatoken,  equals baseToken");
    /// The market's share is below 0.01 %.
    MarketFeeTooLow("SwapFee too low");
    /// The market's share is above 50 %.
    MarketFeeTooHigh("SwapFee too high");
    /// The consuming market's share is below 0.01 %.
    ConsumeFeeTooLow("ConsumeSwapFee too low");
    /// The consuming market's share is above 50 %.
    ConsumeFeeTooHigh("ConsumeSwapFee too high");
    /// The router does not know that exchange contract.
    ExchangeNotApproved("FACTORY ROUTER: Invalid FixedPriceContract");
    /// The router does not know that dispenser contract.
    DispenserNotApproved("FACTORY ROUTER: Invalid DispenserContract");
    /// More operations than one transaction may hold.
    TooManyOperations("FactoryRouter: Too Many Operations");

    /// The dispenser does not give.
    DispenserNotActive("Dispenser not active");
    /// More than one call may ask for.
    AmountTooHigh("Amount too high");
    /// The receiver has enough already.
    BalanceTooHigh("Caller balance too high");
    /// Another address alone may ask the dispenser.
    RequesterNotAllowed("This address is not allowed to request DT");
    /// The dispenser has too few datatokens and does not mint.
    NotEnoughReserves("Not enough reserves");
    /// The datatoken has a dispenser of another owner.
    DispenserExists("Datatoken already created");

    /// A lock of somebody who never allowed any.
    NoAuthorization("No auth found");
    /// A lock that is longer than allowed.
    ExpiryTooHigh("Expiry too high");
    /// A lock beyond the sum that is allowed.
    ExceedsMaxLockedAmount("Exceeds maxLockedAmount");
    /// One more lock than allowed.
    ExceedsMaxLockCounts("Exceeds maxLockCounts");
    /// A lock beyond what the payer deposited.
    PayerFunds("Payer does not have enough funds");
    /// A lock without a job.
    InvalidJob("Invalid jobId");
    /// A lock of nothing.
    InvalidAmount("Invalid amount");
    /// A lock of one's own funds.
    PayerIsPayee("Payeer cannot be payee", "Payer cannot be payee");
    /// A second lock of one job.
    JobExists("JobId already exists");
    /// No such lock.
    LockNotFound("Lock not found");
    /// The Enterprise fee is as large as the amount.
    AmountBelowFee("Amount must be higher than enterprise fee");
    /// The fee collector does not allow the token.
    TokenNotAllowed(
        "This token is not allowed by enterprise fee collector",
        "This baseToken is not allowed by enterprise fee collector"
    );
    /// Enterprise exchanges do not buy back.
    SellNotAllowed("sellDT is not allowed for enterprise");
    /// A membership that cannot change hands.
    SoulBound("Token not transferable");

    /// A lock whose time is over.
    LockExpired("Lock expired");
    /// A list that is not as long as the others.
    UnequalLists("Invalid input", "Arrays must have same length", "Lengths must match", "All input arrays must have the same length", "Chain array size missmatch", "Nft array size missmatch");
    /// The least fee is not below the highest.
    FeeLimits("OPFCommunityFeeCollector: minFee should be less than maxFee");
    /// The share is nothing, or more than everything.
    FeeShare("OPFCommunityFeeCollector: feePercentage should be greater than 0 and less than or equal to 1e18");
    /// No contract can be at the zero address.
    ZeroToken("OPFCommunityFeeCollector: invalid token contract address", "Invalid token address", "Invalid token");
    /// Nobody is at the zero address.
    ZeroCollector("OPFCommunityFeeCollector: invalid collector address", "FeeCollector cannot be zero", "Address invalid");
    /// The factory of access lists did not make this list.
    NotAccessList("Not deployed by factory");

    /// A time that names no epoch.
    InvalidEpoch("invalid epoch");
    /// A prediction for an epoch that is too near.
    TooLateToPredict("too late to submit");
    /// The feed takes no predictions.
    FeedPaused("paused");
    /// The epoch has its true value, or is cancelled.
    EpochSettled("already settled");
    /// The epoch has not begun.
    TooEarlyToSettle("too early to submit");
    /// The account predicted nothing for the epoch.
    NotPredicted("not submitted");
    /// The reader has no subscription that holds now.
    NoSubscription("No subscription");
    /// Predictions for the epoch are still taken.
    PredictionsOpen("predictions not closed");
    /// The reader did not sign the authorization.
    InvalidAuthorization("Invalid auth");
    /// The time of the reader's authorization is over.
    AuthorizationExpired("Expired");
    /// A prediction that only its predictoor may read before the epoch begins.
    NotYourPrediction("Not auth");

    /// The account has locked OCEAN already, which must be withdrawn first when its time is over.
    HasOceanLock("Withdraw old tokens first");
    /// A lock of OCEAN until a time that is over.
    UnlockInPast("Can only lock until time in the future");
    /// A lock of OCEAN for more than four years.
    LockAboveFourYears("Voting lock can be 4 years max");
    /// The account has locked nothing.
    NoOceanLock("No existing lock found", "Nothing is locked");
    /// The lock of OCEAN has ended.
    OceanLockEnded("Cannot add to expired lock. Withdraw");
    /// The new end is not later.
    OnlyLonger("Can only increase lock duration");
    /// The lock of OCEAN has not ended.
    OceanLocked("The lock didn't expire");
    /// A contract may lock OCEAN only where the smart-wallet checker knows it.
    SmartWallet("Smart contract depositors not allowed");
    /// More voting power is allocated than there is.
    MaxAllocation("Max Allocation");
    /// More allocations than one call may set.
    TooManyAllocations("Too Many Operations");
    /// The boost is not the sender's to end yet.
    BoostNotAllowed("Not allowed!");
    /// A reward of nothing.
    ZeroReward("Value invalid");
    /// Only contracts that are known may claim in the name of others.
    NotStrategy("Caller must be a strategy");
    /// What is put aside for others stays.
    RewardsPutAside("Cannot withdraw allocated token");
}
