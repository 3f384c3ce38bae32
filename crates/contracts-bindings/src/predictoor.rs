//! Prediction feeds: datatokens of template 3, on whose epochs predictoors stake and to whose aggregates readers subscribe.
//! (`contracts: templates/ERC20Template3.sol`, `utils/PredictoorHelper.sol`)
//!
//! Times are unix seconds, and an epoch is named by its first one, as in [`ocean_pricing::predictoor`]. Whoever may make datatokens
//! in the feed's data NFT has power over the stakes: they say what the true value was, and they choose who gets the stakes of an
//! epoch in which everybody was wrong.

mod create;
mod helper;

use alloy::primitives::{Address, U256};
use ocean_crypto::{PrivateKey, contract::user_authorisation};
use ocean_pricing::predictoor::{Feed, Stakes};
use ocean_primitives::{BaseUnits, ExchangeId};

pub use self::{
    create::{CreateFeed, CreatedFeed},
    helper::{PredictoorHelper, TrueValue},
};
use crate::{
    abi::{
        ConsumeMarketFeeData, FreParams, IErc20Template3, IFixedRateExchange, IOrderable, OrderParams, ProviderFeeData,
        UserAuth,
    },
    contracts::{ContractQuote, Contracts, TxOutcome, find_event},
    error::{Error, Result},
};

/// What `getId` of a feed answers.
const TEMPLATE: u8 = 3;

/// Where an epoch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EpochStatus {
    /// There is no true value yet.
    Pending,
    /// There is, and those who were right are paid.
    Paying,
    /// There will be none: stakes go back.
    Canceled,
}

impl EpochStatus {
    fn from_number(status: u8) -> Result<Self> {
        match status {
            0 => Ok(Self::Pending),
            1 => Ok(Self::Paying),
            2 => Ok(Self::Canceled),
            _ => Err(Error::Range("the status of an epoch")),
        }
    }
}

/// A reader's signed word that it is they who read. It holds for every feed and every chain until its time, and whoever has it can
/// read in its signer's name.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadAuthorization(UserAuth);

impl std::fmt::Debug for ReadAuthorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let UserAuth { userAddress, validUntil, .. } = &self.0;
        write!(f, "ReadAuthorization({userAddress}, until {validUntil})")
    }
}

impl ReadAuthorization {
    /// Signs for the key's own account, until this unix second; from then on the contract refuses it.
    pub fn sign(key: &PrivateKey, valid_until: u64) -> Self {
        let (user, valid_until) = (key.address(), U256::from(valid_until));
        let signature = key.sign_digest(user_authorisation(user, valid_until));
        let (v, r, s) = (signature.v, signature.r, signature.s);
        Self(UserAuth { userAddress: user, v, r, s, validUntil: valid_until })
    }

    /// Who reads.
    pub fn user(&self) -> Address {
        self.0.userAddress
    }
}

/// What one predictoor said about one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prediction {
    /// Whether the value rises.
    pub up: bool,
    /// What was staked on it, in base units of the stake token.
    pub stake: BaseUnits,
    /// Whether it was paid out.
    pub paid: bool,
}

/// What was staked on an epoch, in base units of the stake token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aggregate {
    /// On a rise.
    pub up: BaseUnits,
    /// Altogether.
    pub total: BaseUnits,
}

/// A payout, read from the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payout {
    /// Who predicted.
    pub predictoor: Address,
    /// The epoch.
    pub epoch: u64,
    /// What was staked, in base units of the stake token.
    pub stake: BaseUnits,
    /// What was paid out, in base units; nothing for a wrong prediction.
    pub payout: BaseUnits,
    /// What was predicted.
    pub predicted: bool,
    /// What was true.
    pub true_value: bool,
    /// The share of the stakes on a rise, times 1e18.
    pub aggregate: U256,
    /// How the epoch ended.
    pub status: EpochStatus,
}

/// A subscription that was bought, read from the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// Who may read.
    pub user: Address,
    /// Until when, exclusive.
    pub expires: u64,
    /// The epoch in which it was bought.
    pub epoch: u64,
    /// What it cost, in base units of the stake token.
    pub paid: BaseUnits,
}

/// A prediction feed, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PredictionFeed {
    contracts: Contracts,
    address: Address,
    times: Feed,
    stake_token: Address,
}

impl PredictionFeed {
    /// The feed at an address. Its times are read once, since they never change.
    ///
    /// # Errors
    /// [`Error::Template`] where a datatoken of another template stands there.
    pub async fn at(contracts: &Contracts, address: Address) -> Result<Self> {
        let id = contracts.read(address, &IErc20Template3::getIdCall {}).await?;
        if id != TEMPLATE {
            return Err(Error::Template(id.into()));
        }
        let (epoch, subscription, timeout, stake_token) = tokio::try_join!(
            contracts.read(address, &IErc20Template3::secondsPerEpochCall {}),
            contracts.read(address, &IErc20Template3::secondsPerSubscriptionCall {}),
            contracts.read(address, &IErc20Template3::trueValSubmitTimeoutCall {}),
            contracts.read(address, &IErc20Template3::stakeTokenCall {}),
        )?;
        let times = Feed::new(epoch.saturating_to(), subscription.saturating_to(), timeout.saturating_to())?;
        Ok(Self { contracts: contracts.clone(), address, times, stake_token })
    }

    /// The datatoken.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Its clock.
    pub fn times(&self) -> &Feed {
        &self.times
    }

    /// What is staked, and what subscriptions are paid in.
    pub fn stake_token(&self) -> Address {
        self.stake_token
    }

    /// The epoch of the latest block.
    ///
    /// # Errors
    /// The node fails.
    pub async fn current_epoch(&self) -> Result<u64> {
        Ok(self.contracts.read(self.address, &IErc20Template3::curEpochCall {}).await?.saturating_to())
    }

    /// The first epoch for which the contract takes a prediction at this time.
    ///
    /// # Errors
    /// The node fails.
    pub async fn soonest_epoch_to_predict(&self, time: u64) -> Result<u64> {
        let call = IErc20Template3::soonestEpochToPredictCall { prediction_ts: U256::from(time) };
        Ok(self.contracts.read(self.address, &call).await?.saturating_to())
    }

    /// Whether predictions are paused.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_paused(&self) -> Result<bool> {
        self.contracts.read(self.address, &IErc20Template3::pausedCall {}).await
    }

    /// Whether an account may read now.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_subscribed(&self, user: Address) -> Result<bool> {
        self.contracts.read(self.address, &IErc20Template3::isValidSubscriptionCall { user }).await
    }

    /// Where an epoch stands.
    ///
    /// # Errors
    /// The node fails.
    pub async fn status(&self, epoch: u64) -> Result<EpochStatus> {
        let call = IErc20Template3::epochStatusCall(U256::from(epoch));
        EpochStatus::from_number(self.contracts.read(self.address, &call).await?)
    }

    /// What subscribers have paid for an epoch, in base units.
    ///
    /// # Errors
    /// The node fails.
    pub async fn revenue(&self, epoch: u64) -> Result<BaseUnits> {
        let call = IErc20Template3::getsubscriptionRevenueAtEpochCall { epoch_start: U256::from(epoch) };
        self.contracts.read(self.address, &call).await.map(BaseUnits)
    }

    /// What was staked on an epoch altogether. Everybody may ask at any time; only what was staked on which side is kept back.
    ///
    /// # Errors
    /// The time names no epoch.
    pub async fn total_stake(&self, epoch: u64) -> Result<BaseUnits> {
        let call = IErc20Template3::getTotalStakeCall { epoch_start: U256::from(epoch) };
        self.contracts.read(self.address, &call).await.map(BaseUnits)
    }

    /// What was staked on an epoch, once no more predictions are taken: for subscribers, and for everybody when the epoch is over.
    ///
    /// # Errors
    /// The authorization is not its user's or has expired, the user has no subscription, predictions are still taken.
    pub async fn aggregate(&self, epoch: u64, reader: &ReadAuthorization) -> Result<Aggregate> {
        let call = IErc20Template3::getAggPredvalCall { epoch_start: U256::from(epoch), _userAuth: reader.0.clone() };
        let sums = self.contracts.read(self.address, &call).await?;
        Ok(Aggregate { up: BaseUnits(sums._0), total: BaseUnits(sums._1) })
    }

    /// What is needed to know the payouts of an epoch beforehand, with [`ocean_pricing::predictoor::payout`].
    ///
    /// # Errors
    /// As [`PredictionFeed::aggregate`].
    pub async fn stakes(&self, epoch: u64, reader: &ReadAuthorization) -> Result<Stakes> {
        let (sums, revenue) = tokio::try_join!(self.aggregate(epoch, reader), self.revenue(epoch))?;
        Ok(Stakes { total: sums.total, up: sums.up, revenue })
    }

    /// What a predictoor said about an epoch; none where nothing was said. Until the epoch begins only they may ask.
    ///
    /// # Errors
    /// The epoch has not begun and the authorization is not the predictoor's.
    pub async fn prediction(
        &self,
        epoch: u64,
        predictoor: Address,
        reader: &ReadAuthorization,
    ) -> Result<Option<Prediction>> {
        let call = IErc20Template3::getPredictionCall {
            epoch_start: U256::from(epoch),
            predictoor,
            _userAuth: reader.0.clone(),
        };
        let prediction = self.contracts.read(self.address, &call).await?;
        Ok((!prediction.predictoor.is_zero()).then_some(Prediction {
            up: prediction.predictedValue,
            stake: BaseUnits(prediction.stake),
            paid: prediction.paid,
        }))
    }

    /// The exchange that sells subscriptions: its contract and its id.
    ///
    /// # Errors
    /// The feed sells none.
    pub async fn exchange(&self) -> Result<(Address, ExchangeId)> {
        let rates = self.contracts.read(self.address, &IOrderable::getFixedRatesCall {}).await?;
        let rate = rates.first().ok_or(Error::NoExchange(ExchangeId::derive(self.stake_token, self.address)))?;
        Ok((rate.contractAddress, ExchangeId(rate.id)))
    }

    /// What a subscription costs now.
    ///
    /// # Errors
    /// The feed sells none.
    pub async fn price(&self) -> Result<ContractQuote> {
        let (contract, id) = self.exchange().await?;
        let call = IFixedRateExchange::calcBaseInGivenOutDTCall {
            exchangeId: id.0,
            datatokenAmount: ocean_primitives::ONE,
            consumeMarketSwapFeeAmount: U256::ZERO,
        };
        let quote = self.contracts.read(contract, &call).await?;
        Ok(ContractQuote {
            total: BaseUnits(quote.baseTokenAmount),
            ocean_fee: BaseUnits(quote.oceanFeeAmount),
            market_fee: BaseUnits(quote.publishMarketFeeAmount),
            consume_fee: BaseUnits(quote.consumeMarketFeeAmount),
        })
    }

    /// Buys a subscription for `user` at no more than `max_price` base units, and approves exactly that before.
    /// A new one takes the place of the old one; its time is not added.
    ///
    /// # Errors
    /// The price is higher, or the exchange is not one that the router knows.
    pub async fn subscribe(&self, user: Address, max_price: BaseUnits) -> Result<TxOutcome<Subscription>> {
        let (contract, id) = self.exchange().await?;
        if !self.contracts.is_approved_exchange(contract).await? {
            return Err(Error::NotApproved(contract));
        }
        self.contracts.approve_exact(self.stake_token, self.address, max_price).await?;
        let call = IOrderable::buyFromFreAndOrderCall {
            _orderParams: OrderParams {
                consumer: user,
                serviceIndex: U256::ZERO,
                // The template does not look at it.
                providerFee: ProviderFeeData {
                    providerFeeAddress: Address::ZERO,
                    providerFeeToken: Address::ZERO,
                    providerFeeAmount: U256::ZERO,
                    v: 0,
                    r: Default::default(),
                    s: Default::default(),
                    validUntil: U256::ZERO,
                    providerData: Default::default(),
                },
                consumeMarketFee: ConsumeMarketFeeData::default(),
            },
            _freParams: FreParams {
                exchangeContract: contract,
                exchangeId: id.0,
                maxBaseTokenAmount: max_price.0,
                swapMarketFee: U256::ZERO,
                marketFeeAddress: Address::ZERO,
            },
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let bought =
            find_event::<IErc20Template3::NewSubscription>(&receipt, self.address, |event| event.user == user)?;
        let swapped = find_event::<IFixedRateExchange::Swapped>(&receipt, contract, |event| event.exchangeId == id.0)?;
        Ok(TxOutcome::with(
            &receipt,
            Subscription {
                user,
                expires: bought.expires.saturating_to(),
                epoch: bought.epoch.saturating_to(),
                paid: BaseUnits(swapped.baseTokenSwappedAmount),
            },
        ))
    }

    /// Predicts for an epoch, with a stake in base units that is approved exactly before.
    ///
    /// # Errors
    /// [`Error::Predicted`] where the sender has predicted for this epoch, see [`PredictionFeed::change_prediction`]; it is too
    /// late, the feed is paused, the time names no epoch.
    pub async fn submit_prediction(&self, epoch: u64, up: bool, stake: BaseUnits) -> Result<TxOutcome> {
        let predictoor = self.contracts.sender().ok_or(Error::NoSender)?;
        let said = IErc20Template3::submittedPredvalCall { epoch_start: U256::from(epoch), predictoor };
        if self.contracts.read(self.address, &said).await? {
            return Err(Error::Predicted { epoch });
        }
        self.contracts.approve_exact(self.stake_token, self.address, stake).await?;
        self.predict(epoch, up, stake).await
    }

    /// Changes what the sender has predicted for an epoch, as long as predictions are taken. A larger stake costs the difference,
    /// which is approved exactly before; of a smaller one the difference comes back.
    ///
    /// # Errors
    /// [`Error::NotPredicted`] where `own`, which is the sender's own authorization, has predicted nothing; then as
    /// [`PredictionFeed::submit_prediction`].
    pub async fn change_prediction(
        &self,
        epoch: u64,
        up: bool,
        stake: BaseUnits,
        own: &ReadAuthorization,
    ) -> Result<TxOutcome> {
        let predictoor = self.contracts.sender().ok_or(Error::NoSender)?;
        let before = match own.user() == predictoor {
            true => self.prediction(epoch, predictoor, own).await?,
            false => None,
        };
        let before = before.ok_or(Error::NotPredicted { epoch })?;
        if let Some(more) = stake.checked_sub(before.stake) {
            self.contracts.approve_exact(self.stake_token, self.address, more).await?;
        }
        self.predict(epoch, up, stake).await
    }

    async fn predict(&self, epoch: u64, up: bool, stake: BaseUnits) -> Result<TxOutcome> {
        let predictoor = self.contracts.sender().ok_or(Error::NoSender)?;
        let epoch_start = U256::from(epoch);
        let call = IErc20Template3::submitPredvalCall { predictedValue: up, stake: stake.0, epoch_start };
        let taken = |event: &IErc20Template3::PredictionSubmitted| {
            (event.predictoor, event.slot, event.stake) == (predictoor, epoch_start, stake.0)
        };
        Ok(self.contracts.transact_for(self.address, &call, self.address, taken).await?.map(drop))
    }

    /// Pays a predictoor's stake and share of an epoch out. Anybody may.
    ///
    /// # Errors
    /// [`Error::NothingToPay`] where the epoch is pending and not timed out, or was paid out before, on which the contract succeeds
    /// and does nothing; nothing was predicted, the time names no epoch.
    pub async fn payout(&self, epoch: u64, predictoor: Address) -> Result<TxOutcome<Payout>> {
        let epoch_start = U256::from(epoch);
        let call = IErc20Template3::payoutCall { epoch_start, predictoor_addr: predictoor };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let paid = find_event::<IErc20Template3::PredictionPayout>(&receipt, self.address, |event| {
            (event.predictoor, event.slot) == (predictoor, epoch_start)
        });
        match paid {
            Ok(event) => Ok(TxOutcome::with(&receipt, payout(&event)?)),
            Err(_) => Err(Error::NothingToPay { epoch, tx: receipt.transaction_hash }),
        }
    }

    /// Pays several epochs of one predictoor out. Those that are pending or were paid before are passed over.
    ///
    /// # Errors
    /// Nothing was predicted for one of them, or a time names no epoch: then nothing is paid.
    pub async fn payout_multiple(&self, epochs: &[u64], predictoor: Address) -> Result<TxOutcome<Vec<Payout>>> {
        let call = IErc20Template3::payoutMultipleCall {
            blocknums: epochs.iter().copied().map(U256::from).collect(),
            predictoor_addr: predictoor,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let own = receipt.logs().iter().filter(|log| log.address() == self.address);
        let events = own.filter_map(|log| log.log_decode::<IErc20Template3::PredictionPayout>().ok());
        let paid = events.map(|log| payout(&log.inner.data)).collect::<Result<Vec<_>>>()?;
        Ok(TxOutcome::with(&receipt, paid))
    }

    /// Says whether the value rose from one epoch to the next, or that the epoch does not count. Only who may make datatokens in the
    /// data NFT. Too late, the epoch is cancelled whatever is said. Where every stake was wrong, all of them go to the fee collector.
    ///
    /// # Errors
    /// It is too early, the epoch is settled, the sender may not, the time names no epoch.
    pub async fn submit_true_value(&self, epoch: u64, value: TrueValue) -> Result<TxOutcome<EpochStatus>> {
        let epoch_start = U256::from(epoch);
        let (up, cancel) = value.flags();
        let call = IErc20Template3::submitTrueValCall { epoch_start, trueValue: up, cancelRound: cancel };
        let settled = |event: &IErc20Template3::TruevalSubmitted| event.slot == epoch_start && event.trueValue == up;
        let outcome = self.contracts.transact_for(self.address, &call, self.address, settled).await?;
        let status = EpochStatus::from_number(outcome.event.status)?;
        Ok(outcome.map(|_| status))
    }

    /// Pauses or resumes predictions. Nothing is sent where it is so already. Only who may make datatokens in the data NFT.
    ///
    /// # Errors
    /// The sender may not.
    pub async fn set_paused(&self, paused: bool) -> Result<Option<TxOutcome>> {
        if self.is_paused().await? == paused {
            return Ok(None);
        }
        let switched = |event: &IErc20Template3::Paused| event.paused == paused;
        let call = IErc20Template3::pausePredictionsCall {};
        let outcome = self.contracts.transact_for(self.address, &call, self.address, switched).await?;
        Ok(Some(outcome.map(drop)))
    }

    /// Names the account that gets the stakes of an epoch in which everybody was wrong. The contract emits nothing; it is asked
    /// afterwards.
    ///
    /// # Errors
    /// The zero address, or the sender may not.
    pub async fn set_fee_collector(&self, collector: Address) -> Result<TxOutcome> {
        let call = IErc20Template3::setFeeCollectorCall { _newFeeCollector: collector };
        let receipt = self.contracts.transact(self.address, &call).await?;
        let now = self.contracts.read(self.address, &IErc20Template3::feeCollectorCall {}).await?;
        if now != collector {
            return Err(Error::Answer { call: "setFeeCollector(address)", address: self.address });
        }
        Ok(TxOutcome::of(&receipt))
    }
}

fn payout(event: &IErc20Template3::PredictionPayout) -> Result<Payout> {
    Ok(Payout {
        predictoor: event.predictoor,
        epoch: event.slot.saturating_to(),
        stake: BaseUnits(event.stake),
        payout: BaseUnits(event.payout),
        predicted: event.predictedValue,
        true_value: event.trueValue,
        aggregate: event.aggregatedPredictedValue,
        status: EpochStatus::from_number(event.status)?,
    })
}
