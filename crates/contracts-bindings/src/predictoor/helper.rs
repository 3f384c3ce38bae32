use std::collections::BTreeMap;

use alloy::primitives::{Address, U256};
use ocean_primitives::BaseUnits;

use super::{EpochStatus, PredictionFeed};
use crate::{
    abi::{IErc20, IErc20Template3, IPredictoorHelper},
    contracts::{Contracts, TxOutcome, find_event},
    error::{Error, Result},
};

/// What became of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrueValue {
    /// The value rose.
    Up,
    /// It did not.
    Down,
    /// The epoch does not count.
    Cancel,
}

impl TrueValue {
    /// The value and whether to cancel, as the contracts take them.
    pub(super) fn flags(self) -> (bool, bool) {
        (self == Self::Up, self == Self::Cancel)
    }
}

/// The contract that submits many true values at once, for its owner. It needs the role to make datatokens in the feeds' data NFTs.
#[derive(Debug, Clone)]
pub struct PredictoorHelper {
    contracts: Contracts,
    address: Address,
}

impl PredictoorHelper {
    /// The contract at an address.
    pub fn at(contracts: &Contracts, address: Address) -> Self {
        Self { contracts: contracts.clone(), address }
    }

    /// The contract of the connection's deployment.
    ///
    /// # Errors
    /// The network has none.
    pub fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let address = contracts.deployment().extra_address("PredictoorHelper");
        Ok(Self::at(contracts, address.ok_or(Error::NotDeployed("PredictoorHelper"))?))
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Who may use it.
    ///
    /// # Errors
    /// The node fails.
    pub async fn owner(&self) -> Result<Address> {
        self.contracts.read(self.address, &IPredictoorHelper::ownerCall {}).await
    }

    /// Buys subscriptions for the sender, several times from each feed, and approves exactly before what they cost now. Each purchase
    /// pays predictoors, but only the last one of a feed counts for the reader: its time is not added. The outcome is what was
    /// paid, in base units of `token`.
    ///
    /// # Errors
    /// [`Error::PriceAbove`] where they cost more than `max_total`; a feed takes another token.
    pub async fn consume_multiple(
        &self,
        token: Address,
        feeds: &[(Address, u64)],
        max_total: BaseUnits,
    ) -> Result<TxOutcome<BaseUnits>> {
        let user = self.contracts.sender().ok_or(Error::NoSender)?;
        let mut total = U256::ZERO;
        for (feed, times) in feeds {
            let price = PredictionFeed::at(&self.contracts, *feed).await?.price().await?.total.0;
            let price = price.checked_mul(U256::from(*times)).and_then(|price| total.checked_add(price));
            total = price.ok_or(Error::Range("the price of all subscriptions"))?;
        }
        if total > max_total.0 {
            return Err(Error::PriceAbove { price: BaseUnits(total), limit: max_total });
        }
        self.contracts.approve_exact(token, self.address, BaseUnits(total)).await?;
        let call = IPredictoorHelper::consumeMultipleCall {
            addresses: feeds.iter().map(|(feed, _)| *feed).collect(),
            times: feeds.iter().map(|(_, times)| U256::from(*times)).collect(),
            tokenAddress: token,
        };
        let receipt = self.contracts.transact(self.address, &call).await?;
        for (feed, _) in feeds.iter().filter(|(_, times)| *times > 0) {
            find_event::<IErc20Template3::NewSubscription>(&receipt, *feed, |event| event.user == user)?;
        }
        let moved = |from: Address, to: Address| {
            let transfers = receipt.logs().iter().filter(|log| log.address() == token);
            let transfers = transfers.filter_map(|log| log.log_decode::<IErc20::Transfer>().ok());
            let of_pair = transfers.filter(|log| (log.inner.from, log.inner.to) == (from, to));
            of_pair.fold(U256::ZERO, |sum, log| sum.saturating_add(log.inner.value))
        };
        let paid = moved(user, self.address).saturating_sub(moved(self.address, user));
        Ok(TxOutcome::with(&receipt, BaseUnits(paid)))
    }

    /// Submits the true values of epochs of several feeds. Values come with their epochs, so that no lists can differ in length.
    /// The outcome is where each epoch stands, in the order of the request.
    ///
    /// # Errors
    /// As [`PredictionFeed::submit_true_value`](super::PredictionFeed::submit_true_value): either all or none.
    pub async fn submit_true_values(
        &self,
        values: &[(Address, u64, TrueValue)],
    ) -> Result<TxOutcome<Vec<EpochStatus>>> {
        let mut feeds: BTreeMap<Address, Vec<(u64, TrueValue)>> = BTreeMap::new();
        for (feed, epoch, value) in values {
            feeds.entry(*feed).or_default().push((*epoch, *value));
        }
        let epochs =
            |list: &Vec<(u64, TrueValue)>| list.iter().map(|(epoch, _)| U256::from(*epoch)).collect::<Vec<_>>();
        let ups = |list: &Vec<(u64, TrueValue)>| list.iter().map(|(_, value)| value.flags().0).collect::<Vec<_>>();
        let cancels = |list: &Vec<(u64, TrueValue)>| list.iter().map(|(_, value)| value.flags().1).collect::<Vec<_>>();
        let receipt = if let Some((feed, list)) = feeds.first_key_value().filter(|_| feeds.len() == 1) {
            let call = IPredictoorHelper::submitTruevalsCall {
                contract_addr: *feed,
                epoch_starts: epochs(list),
                trueVals: ups(list),
                cancelRounds: cancels(list),
            };
            self.contracts.transact(self.address, &call).await?
        } else {
            let call = IPredictoorHelper::submitTruevalContractsCall {
                contract_addrs: feeds.keys().copied().collect(),
                epoch_starts: feeds.values().map(epochs).collect(),
                trueVals: feeds.values().map(ups).collect(),
                cancelRounds: feeds.values().map(cancels).collect(),
            };
            self.contracts.transact(self.address, &call).await?
        };
        let status = |(feed, epoch, _): &(Address, u64, TrueValue)| {
            let settled = find_event::<IErc20Template3::TruevalSubmitted>(&receipt, *feed, |event| {
                event.slot == U256::from(*epoch)
            })?;
            EpochStatus::from_number(settled.status)
        };
        let statuses = values.iter().map(status).collect::<Result<_>>()?;
        Ok(TxOutcome::with(&receipt, statuses))
    }
}
