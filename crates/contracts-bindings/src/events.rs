//! The contracts' events as one type, from raw logs.
//!
//! Decoding does not ask who emitted a log, and anybody can emit one that looks like these. [`Event::source`] says which
//! contract the event belongs to: a log counts only if its address is that contract of the deployment, was made by the
//! factory (`NftCreated`, `TokenCreated`, or [`Contracts::is_factory_nft`](crate::Contracts::is_factory_nft)), or is approved
//! by the router.

mod origins;

use std::sync::LazyLock;

use alloy::{
    primitives::{B256, LogData},
    rpc::types::Log,
    sol_types::{SolEvent, TopicList},
};

use crate::abi::{
    IAccessList, IAccessListFactory, IDfRewards, IDispenser, IEnterpriseFeeCollector, IErc20Template, IErc20Template3,
    IErc20TemplatePools, IErc721Factory, IErc721Template, IEscrow, IEscrowPlain, IEscrowSubsidized, IEscrowTimed,
    IFactoryRouter, IFixedRateExchange, IVeAllocate, IVeDelegation, IVeFeeDistributor, IVeOcean,
};

pub use self::origins::{Origin, Origins};
/// Which contract an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// ERC721Factory of the deployment.
    Factory,
    /// ERC721Factory or AccessListFactory of the deployment.
    AnyFactory,
    /// A data NFT that the factory made.
    Nft,
    /// Any ERC-721 token: a data NFT or an access list that its factory made, or veDelegation of the deployment.
    AnyNft,
    /// A datatoken that the factory made.
    Datatoken,
    /// A data NFT or a datatoken that the factory made: the same event exists in both.
    NftOrDatatoken,
    /// A fixed-rate exchange contract that the router approved.
    Exchange,
    /// A dispenser contract that the router approved.
    Dispenser,
    /// FactoryRouter of the deployment.
    Router,
    /// Any ERC-20 token.
    Token,
    /// Several of the deployment's contracts.
    Ownable,
    /// A datatoken of template 3 that the factory made.
    Feed,
    /// An escrow of the network, in its plain or in its Enterprise form.
    Escrow,
    /// EnterpriseFeeCollector of the deployment.
    EnterpriseFeeCollector,
    /// AccessListFactory of the deployment.
    AccessListFactory,
    /// An access list that the factory of access lists made.
    AccessList,
    /// veOCEAN of the deployment.
    VeOcean,
    /// veAllocate of the deployment.
    VeAllocate,
    /// veDelegation of the deployment.
    VeDelegation,
    /// veFeeDistributor of the deployment.
    VeFeeDistributor,
    /// DFRewards of the deployment.
    DfRewards,
}

/// First topic, number of topics, and what reads such a log.
type Decoder = (B256, usize, fn(&LogData) -> Option<Event>);

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($event:path) from $source:ident;)*) => {
        /// An event of the contracts. The fields have Solidity's names.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($event),)*
        }

        impl Event {
            /// Reads topics and data of a log; none where they are not exactly one of these events.
            pub fn decode(log: &LogData) -> Option<Self> {
                // Transfer and Approval of ERC-20 and ERC-721 differ only in the number of topics.
                let key = (*log.topics().first()?, log.topics().len());
                let index = DECODERS.binary_search_by(|decoder| (decoder.0, decoder.1).cmp(&key)).ok()?;
                DECODERS.get(index)?.2(log)
            }

            /// Which contract must have emitted the log for it to count.
            pub fn source(&self) -> Source {
                match self {
                    $(Self::$variant(_) => Source::$source,)*
                }
            }

            /// The Solidity signature.
            pub fn signature(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$event>::SIGNATURE,)*
                }
            }
        }

        /// How to read a log with this first topic and this number of topics, in order.
        static DECODERS: LazyLock<Vec<Decoder>> = LazyLock::new(|| {
            let mut decoders: Vec<Decoder> = vec![$((
                <$event>::SIGNATURE_HASH,
                <<$event as SolEvent>::TopicList as TopicList>::COUNT,
                |log| <$event>::decode_log_data(log).ok().map(Event::$variant),
            ),)*];
            decoders.sort_unstable_by_key(|decoder| (decoder.0, decoder.1));
            decoders
        });

        /// The first topic of every event that [`decode`] reads, each once, for filters.
        pub fn topics() -> Vec<B256> {
            let mut topics = vec![$(<$event>::SIGNATURE_HASH,)*];
            topics.sort_unstable();
            topics.dedup();
            topics
        }
    };
}

events! {
    /// A data NFT is made.
    NftCreated(IErc721Factory::NFTCreated) from Factory;
    /// A datatoken is made. The data NFT that it belongs to is not named: ask the datatoken.
    TokenCreated(IErc721Factory::TokenCreated) from Factory;
    /// A factory cloned a contract.
    InstanceDeployed(IErc721Factory::InstanceDeployed) from AnyFactory;
    /// A data NFT template is registered.
    NftTemplateAdded(IErc721Factory::Template721Added) from Factory;
    /// A datatoken template is registered.
    TokenTemplateAdded(IErc721Factory::Template20Added) from Factory;
    /// One of the deployment's own contracts changes hands.
    OwnershipTransferred(IErc721Factory::OwnershipTransferred) from Ownable;

    /// The first document of an asset. `createdBy` is the factory where everything was made in one call.
    MetadataCreated(IErc721Template::MetadataCreated) from Nft;
    /// Another document of an asset.
    MetadataUpdated(IErc721Template::MetadataUpdated) from Nft;
    /// The state of an asset changes.
    MetadataState(IErc721Template::MetadataState) from Nft;
    /// A validator signed the document's hash. With a zero validator nobody did.
    MetadataValidated(IErc721Template::MetadataValidated) from Nft;
    /// The data NFT's token URI changes.
    TokenUriUpdate(IErc721Template::TokenURIUpdate) from Nft;
    /// A value of the key-value store changes.
    DataChanged(IErc721Template::DataChanged) from Nft;
    /// A data NFT (token 1) changes hands, or a token of an access list or of lent voting power; from zero when it is made.
    NftTransfer(IErc721Template::Transfer) from AnyNft;
    /// Somebody may transfer a data NFT.
    NftApproval(IErc721Template::Approval) from AnyNft;
    /// Somebody may transfer all of an owner's tokens of this contract.
    NftApprovalForAll(IErc721Template::ApprovalForAll) from AnyNft;
    /// A manager is added.
    AddedManager(IErc721Template::AddedManager) from Nft;
    /// A manager is removed.
    RemovedManager(IErc721Template::RemovedManager) from Nft;
    /// Somebody may make datatokens.
    AddedToCreateErc20List(IErc721Template::AddedToCreateERC20List) from Nft;
    /// Somebody may no longer make datatokens.
    RemovedFromCreateErc20List(IErc721Template::RemovedFromCreateERC20List) from Nft;
    /// Somebody may change the document.
    AddedToMetadataList(IErc721Template::AddedToMetadataList) from Nft;
    /// Somebody may no longer change the document.
    RemovedFromMetadataList(IErc721Template::RemovedFromMetadataList) from Nft;
    /// Somebody may write the key-value store.
    AddedTo725StoreList(IErc721Template::AddedTo725StoreList) from Nft;
    /// Somebody may no longer write the key-value store.
    RemovedFrom725StoreList(IErc721Template::RemovedFrom725StoreList) from Nft;
    /// All roles are taken back.
    CleanedPermissions(IErc721Template::CleanedPermissions) from NftOrDatatoken;
    /// The data NFT called another contract (ERC725X). It says so even where that call failed.
    NftExecuted(IErc721Template::Executed) from Nft;
    /// The data NFT made a contract (ERC725X).
    NftContractCreated(IErc721Template::ContractCreated) from Nft;

    /// A service is ordered. `payer` is the factory where several are ordered in one call.
    OrderStarted(IErc20Template::OrderStarted) from Datatoken;
    /// An order is renewed; the contract does not check which.
    OrderReused(IErc20Template::OrderReused) from Datatoken;
    /// Provider and consumer both signed that an order was served.
    OrderExecuted(IErc20Template::OrderExecuted) from Datatoken;
    /// The Provider's fee of an order or a renewal.
    ProviderFee(IErc20Template::ProviderFee) from Datatoken;
    /// The publishing market's fee of an order.
    PublishMarketFee(IErc20Template::PublishMarketFee) from Datatoken;
    /// The publishing market asks for another fee.
    PublishMarketFeeChanged(IErc20Template::PublishMarketFeeChanged) from Datatoken;
    /// The consuming market's fee of an order.
    ConsumeMarketFee(IErc20Template::ConsumeMarketFee) from Datatoken;
    /// A minter is added.
    AddedMinter(IErc20Template::AddedMinter) from Datatoken;
    /// A minter is removed.
    RemovedMinter(IErc20Template::RemovedMinter) from Datatoken;
    /// Left over from older templates; nothing emits it.
    MinterProposed(IErc20Template::MinterProposed) from Datatoken;
    /// Left over from older templates; nothing emits it.
    MinterApproved(IErc20Template::MinterApproved) from Datatoken;
    /// Somebody may change who is paid.
    AddedPaymentManager(IErc20Template::AddedPaymentManager) from Datatoken;
    /// Somebody may no longer change who is paid.
    RemovedPaymentManager(IErc20Template::RemovedPaymentManager) from Datatoken;
    /// Another account is paid.
    NewPaymentCollector(IErc20Template::NewPaymentCollector) from Datatoken;
    /// The datatoken has an exchange.
    NewFixedRate(IErc20Template::NewFixedRate) from Datatoken;
    /// The datatoken has a dispenser.
    NewDispenser(IErc20Template::NewDispenser) from Datatoken;
    /// Tokens change hands.
    TokenTransfer(IErc20Template::Transfer) from Token;
    /// Somebody may take tokens.
    TokenApproval(IErc20Template::Approval) from Token;

    /// An exchange is made.
    ExchangeCreated(IFixedRateExchange::ExchangeCreated) from Exchange;
    /// The price changes.
    ExchangeRateChanged(IFixedRateExchange::ExchangeRateChanged) from Exchange;
    /// The exchange mints from now on, or no longer. What is stored can differ from what the event says.
    ExchangeMintStateChanged(IFixedRateExchange::ExchangeMintStateChanged) from Exchange;
    /// The exchange sells.
    ExchangeActivated(IFixedRateExchange::ExchangeActivated) from Exchange;
    /// The exchange does not sell.
    ExchangeDeactivated(IFixedRateExchange::ExchangeDeactivated) from Exchange;
    /// Another address alone may swap; zero is everybody.
    ExchangeAllowedSwapperChanged(IFixedRateExchange::ExchangeAllowedSwapperChanged) from Exchange;
    /// Datatokens are bought or sold.
    Swapped(IFixedRateExchange::Swapped) from Exchange;
    /// The fees of a swap.
    SwapFees(IFixedRateExchange::SWAP_FEES) from Exchange;
    /// Base tokens or datatokens are paid out.
    TokenCollected(IFixedRateExchange::TokenCollected) from Exchange;
    /// The community's share is paid out.
    OceanFeeCollected(IFixedRateExchange::OceanFeeCollected) from Exchange;
    /// The publishing market's share is paid out.
    MarketFeeCollected(IFixedRateExchange::MarketFeeCollected) from Exchange;
    /// The consuming market's share of a swap.
    ExchangeConsumeMarketFee(IFixedRateExchange::ConsumeMarketFee) from Exchange;
    /// The publishing market's share changes.
    ExchangeMarketFeeChanged(IFixedRateExchange::PublishMarketFeeChanged) from Exchange;

    /// A dispenser is made. `owner` is the factory where everything was made in one call.
    DispenserCreated(IDispenser::DispenserCreated) from Dispenser;
    /// A dispenser gives.
    DispenserActivated(IDispenser::DispenserActivated) from Dispenser;
    /// A dispenser does not give.
    DispenserDeactivated(IDispenser::DispenserDeactivated) from Dispenser;
    /// Another address alone may ask; zero is everybody.
    DispenserAllowedSwapperChanged(IDispenser::DispenserAllowedSwapperChanged) from Dispenser;
    /// Datatokens are given away.
    TokensDispensed(IDispenser::TokensDispensed) from Dispenser;
    /// What a dispenser held is paid out.
    OwnerWithdrawed(IDispenser::OwnerWithdrawed) from Dispenser;

    /// A fixed-rate exchange contract is approved.
    FixedRateContractAdded(IFactoryRouter::FixedRateContractAdded) from Router;
    /// A fixed-rate exchange contract is approved no longer.
    FixedRateContractRemoved(IFactoryRouter::FixedRateContractRemoved) from Router;
    /// A dispenser contract is approved.
    DispenserContractAdded(IFactoryRouter::DispenserContractAdded) from Router;
    /// A dispenser contract is approved no longer.
    DispenserContractRemoved(IFactoryRouter::DispenserContractRemoved) from Router;
    /// The factory is set.
    FactoryContractChanged(IFactoryRouter::FactoryContractChanged) from Router;
    /// The community asks for other fees.
    OpcFeeChanged(IFactoryRouter::OPCFeeChanged) from Router;
    /// Another account gets the community's fees.
    OpcCollectorChanged(IFactoryRouter::OPCCollectorChanged) from Router;
    /// A base token gets the lower swap fee.
    TokenAdded(IFactoryRouter::TokenAdded) from Router;
    /// A base token gets the higher swap fee.
    TokenRemoved(IFactoryRouter::TokenRemoved) from Router;
    /// The router changes hands.
    RouterChanged(IFactoryRouter::RouterChanged) from Router;

    /// A liquidity pool, of which no network has any more, is made for a datatoken.
    PoolCreated(IErc20TemplatePools::NewPool) from Datatoken;
    /// A publisher's datatokens are released over time, together with a liquidity pool.
    VestingCreated(IErc20TemplatePools::VestingCreated) from Datatoken;
    /// A liquidity pool is made.
    RouterPoolCreated(IFactoryRouter::NewPool) from Router;
    /// A liquidity pool is cloned.
    BPoolCreated(IFactoryRouter::BPoolCreated) from Router;
    /// A template of liquidity pools is approved.
    PoolTemplateAdded(IFactoryRouter::PoolTemplateAdded) from Router;
    /// A template of liquidity pools is approved no longer.
    PoolTemplateRemoved(IFactoryRouter::PoolTemplateRemoved) from Router;
    /// A staking contract is approved.
    SsContractAdded(IFactoryRouter::SSContractAdded) from Router;
    /// A staking contract is approved no longer.
    SsContractRemoved(IFactoryRouter::SSContractRemoved) from Router;
    /// A publisher's datatokens are released over another time.
    VestingPeriodChanged(IFactoryRouter::VestingPeriodChanges) from Router;

    /// Somebody may read a prediction feed.
    NewSubscription(IErc20Template3::NewSubscription) from Feed;
    /// Predictions are paused or taken again.
    FeedPaused(IErc20Template3::Paused) from Feed;
    /// Somebody predicts, or changes a prediction.
    PredictionSubmitted(IErc20Template3::PredictionSubmitted) from Feed;
    /// A prediction is paid out.
    PredictionPayout(IErc20Template3::PredictionPayout) from Feed;
    /// The price of a subscription is spread over epochs.
    RevenueAdded(IErc20Template3::RevenueAdded) from Feed;
    /// The times of a feed, when it is made.
    FeedSettingChanged(IErc20Template3::SettingChanged) from Feed;
    /// An epoch is settled or cancelled.
    TruevalSubmitted(IErc20Template3::TruevalSubmitted) from Feed;

    /// Funds are put into an escrow.
    EscrowDeposit(IEscrow::Deposit) from Escrow;
    /// Funds are taken out of an escrow.
    EscrowWithdraw(IEscrow::Withdraw) from Escrow;
    /// A payer allows a payee to lock, in an escrow up to 2.8. The token is not told.
    EscrowPlainAuth(IEscrowPlain::Auth) from Escrow;
    /// A payer allows a payee to lock, in an escrow from 2.9 on.
    EscrowAuth(IEscrowTimed::Auth) from Escrow;
    /// A payee locks. `expiry` is a number of seconds.
    EscrowLock(IEscrow::Lock) from Escrow;
    /// A payee changes a lock. `newExpiry` is a number of seconds.
    EscrowReLock(IEscrowTimed::ReLock) from Escrow;
    /// A payee claims, before the fee.
    EscrowClaimed(IEscrow::Claimed) from Escrow;
    /// An expired lock goes back to the payer.
    EscrowCanceled(IEscrow::Canceled) from Escrow;
    /// Somebody else pays a part of a claim, or more than was claimed.
    EscrowSubsidized(IEscrowSubsidized::Subsidized) from Escrow;

    /// The Enterprise contracts take a token for another fee, or no longer.
    EnterpriseTokenUpdated(IEnterpriseFeeCollector::TokenUpdated) from EnterpriseFeeCollector;
    /// Another account gets the fees of the Enterprise contracts.
    EnterpriseCollectorChanged(IEnterpriseFeeCollector::CollectorChanged) from EnterpriseFeeCollector;
    /// Ether of the collector is paid out.
    EnterpriseEthWithdrawn(IEnterpriseFeeCollector::WithdrawETH) from EnterpriseFeeCollector;
    /// Tokens of the collector are paid out.
    EnterpriseTokenWithdrawn(IEnterpriseFeeCollector::WithdrawToken) from EnterpriseFeeCollector;

    /// An access list is made.
    NewAccessList(IAccessListFactory::NewAccessList) from AccessListFactory;
    /// A wallet gets a token of an access list.
    AccessListAdded(IAccessList::AddressAdded) from AccessList;
    /// A token of an access list is gone. Whose it was is in the transfer beside it.
    AccessListRemoved(IAccessList::AddressRemoved) from AccessList;
    /// The URI of an access list's token changes, also when the token is made.
    AccessListMetadataUpdate(IAccessList::MetadataUpdate) from AccessList;
    /// The URIs of some of an access list's tokens change.
    AccessListBatchMetadataUpdate(IAccessList::BatchMetadataUpdate) from AccessList;

    /// OCEAN is locked, or a lock lasts longer.
    OceanLocked(IVeOcean::Deposit) from VeOcean;
    /// Locked OCEAN is taken back.
    OceanWithdrawn(IVeOcean::Withdraw) from VeOcean;
    /// The sum of what is locked changes.
    OceanLockedSupply(IVeOcean::Supply) from VeOcean;
    /// Voting power is allocated to a data NFT.
    AllocationSet(IVeAllocate::AllocationSet) from VeAllocate;
    /// Voting power is allocated to several data NFTs.
    AllocationSetMultiple(IVeAllocate::AllocationSetMultiple) from VeAllocate;
    /// Voting power is lent.
    BoostCreated(IVeDelegation::DelegateBoost) from VeDelegation;
    /// More voting power is lent, or for longer.
    BoostExtended(IVeDelegation::ExtendBoost) from VeDelegation;
    /// Lent voting power comes back.
    BoostBurned(IVeDelegation::BurnBoost) from VeDelegation;
    /// Lent voting power goes to another receiver.
    BoostTransferred(IVeDelegation::TransferBoost) from VeDelegation;
    /// A receiver accepts a lender, or no longer.
    BoostGreyListUpdated(IVeDelegation::GreyListUpdated) from VeDelegation;
    /// Fees of weeks are claimed.
    FeesClaimed(IVeFeeDistributor::Claimed) from VeFeeDistributor;
    /// Fees are counted and spread over weeks.
    FeesCounted(IVeFeeDistributor::CheckpointToken) from VeFeeDistributor;
    /// Everybody may count fees, or the owner only.
    FeeCountAllowed(IVeFeeDistributor::ToggleAllowCheckpointToken) from VeFeeDistributor;
    /// Rewards are put aside.
    RewardsAllocated(IDfRewards::Allocated) from DfRewards;
    /// Rewards are claimed.
    RewardsClaimed(IDfRewards::Claimed) from DfRewards;
    /// Another contract may claim in the name of those who call it.
    StrategyAdded(IDfRewards::StrategyAdded) from DfRewards;
    /// A contract may no longer claim in the name of others.
    StrategyRetired(IDfRewards::StrategyRetired) from DfRewards;
}

/// Reads a log of a receipt or of a filter; none where it is not one of these events.
pub fn decode(log: &Log) -> Option<Event> {
    Event::decode(log.data())
}
