use alloy::primitives::{Address, U256};
use ocean_pricing::{fixed_rate::Exchange, predictoor::Feed};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::PredictionFeed;
use crate::{
    abi::{ErcCreateData, FixedData, IErc20, IErc20Template3, IErc721Factory, IFixedRateExchange, NftCreateData},
    contracts::{Contracts, TxOutcome, find_event},
    error::{Error, Result},
};

/// The decimals of every datatoken.
const DATATOKEN_DECIMALS: u8 = 18;

/// A feed to make, with its data NFT and the exchange that sells its subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateFeed {
    /// Name of the data NFT and of the datatoken.
    pub name: String,
    /// Symbol of the data NFT and of the datatoken.
    pub symbol: String,
    /// Token URI of the data NFT.
    pub token_uri: String,
    /// The owner of the data NFT; the sender unless set.
    pub owner: Option<Address>,
    /// What is staked, and what subscriptions are paid in.
    pub stake_token: Address,
    /// Seconds of an epoch.
    pub seconds_per_epoch: u64,
    /// Seconds of a subscription; whole epochs.
    pub seconds_per_subscription: u64,
    /// Seconds after the begin of an epoch in which its true value may be submitted.
    pub true_value_timeout: u64,
    /// What a subscription costs.
    pub rate: Rate,
    /// The publishing market's share of it.
    pub market_fee: FeeRate,
    /// Who gets that share, and the stakes of an epoch in which everybody was wrong; the owner unless set.
    pub fee_collector: Option<Address>,
    /// The most subscriptions that there may ever be at once as datatokens, in base units.
    pub cap: BaseUnits,
}

impl CreateFeed {
    /// A feed without a market's fee.
    pub fn new(
        name: impl Into<String>,
        symbol: impl Into<String>,
        stake_token: Address,
        times: [u64; 3],
        rate: Rate,
    ) -> Self {
        let [seconds_per_epoch, seconds_per_subscription, true_value_timeout] = times;
        Self {
            name: name.into(),
            symbol: symbol.into(),
            token_uri: String::new(),
            owner: None,
            stake_token,
            seconds_per_epoch,
            seconds_per_subscription,
            true_value_timeout,
            rate,
            market_fee: FeeRate::ZERO,
            fee_collector: None,
            cap: BaseUnits(U256::MAX),
        }
    }
}

/// What [`PredictionFeed::create`] made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreatedFeed {
    /// The data NFT's contract.
    pub nft: Address,
    /// The feed, which is a datatoken.
    pub feed: PredictionFeed,
    /// The exchange that sells subscriptions, in the deployment's fixed-rate contract.
    pub exchange: ExchangeId,
}

impl PredictionFeed {
    /// Makes a data NFT, a feed and the exchange that sells its subscriptions, in one transaction.
    ///
    /// # Errors
    /// Epochs of no length, subscriptions that are not whole epochs, a price that rounds to nothing; then whatever the factory
    /// refuses.
    pub async fn create(contracts: &Contracts, feed: &CreateFeed) -> Result<TxOutcome<CreatedFeed>> {
        Feed::new(feed.seconds_per_epoch, feed.seconds_per_subscription, feed.true_value_timeout)?;
        let owner = feed.owner.or(contracts.sender()).ok_or(Error::NoSender)?;
        let decimals = contracts.read(feed.stake_token, &IErc20::decimalsCall {}).await?;
        let fee = contracts.swap_fee(feed.stake_token).await?;
        Exchange::new(feed.rate, decimals, feed.market_fee, fee).check(decimals, DATATOKEN_DECIMALS)?;
        let deployment = contracts.deployment();
        let (factory, fixed_price) = (deployment.factory, deployment.fixed_price);
        let call = IErc721Factory::createNftWithErc20WithFixedRateCall {
            _NftCreateData: NftCreateData {
                name: feed.name.clone(),
                symbol: feed.symbol.clone(),
                templateIndex: U256::ONE,
                tokenURI: feed.token_uri.clone(),
                transferable: true,
                owner,
            },
            _ErcCreateData: ErcCreateData {
                templateIndex: U256::from(super::TEMPLATE),
                strings: vec![feed.name.clone(), feed.symbol.clone()],
                addresses: vec![owner, Address::ZERO, Address::ZERO, Address::ZERO, feed.stake_token],
                uints: vec![
                    feed.cap.0,
                    U256::ZERO,
                    U256::from(feed.seconds_per_epoch),
                    U256::from(feed.seconds_per_subscription),
                    U256::from(feed.true_value_timeout),
                ],
                bytess: Vec::new(),
            },
            _FixedData: FixedData {
                fixedPriceAddress: fixed_price,
                addresses: vec![feed.stake_token, owner, feed.fee_collector.unwrap_or(owner), Address::ZERO],
                uints: vec![
                    U256::from(decimals),
                    U256::from(DATATOKEN_DECIMALS),
                    feed.rate.0,
                    feed.market_fee.0,
                    U256::ONE,
                ],
            },
        };
        let receipt = contracts.transact(factory, &call).await?;
        let nft = find_event::<IErc721Factory::NFTCreated>(&receipt, factory, |_| true)?.newTokenAddress;
        let datatoken = find_event::<IErc721Factory::TokenCreated>(&receipt, factory, |_| true)?.newTokenAddress;
        find_event::<IErc20Template3::SettingChanged>(&receipt, datatoken, |event| {
            event.stakeToken == feed.stake_token && event.secondsPerEpoch == U256::from(feed.seconds_per_epoch)
        })?;
        let exchange = find_event::<IFixedRateExchange::ExchangeCreated>(&receipt, fixed_price, |event| {
            event.datatoken == datatoken && event.baseToken == feed.stake_token
        })?;
        let feed = PredictionFeed::at(contracts, datatoken).await?;
        Ok(TxOutcome::with(&receipt, CreatedFeed { nft, feed, exchange: ExchangeId(exchange.exchangeId) }))
    }
}
