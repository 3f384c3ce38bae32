//! Data Farming: OCEAN is locked for voting power, the power is allocated to data NFTs or lent, and fees and rewards are claimed.
//! (`contracts: ve/veOCEAN.vy`, `ve/veAllocate.sol`, `ve/veDelegation.vy`, `ve/veFeeDistributor.vy`, `df/DFRewards.sol`,
//! `df/DFStrategyV1.sol`)
//!
//! Times are unix seconds, and a week is named by its first one, as in [`ocean_pricing::data_farming`].

mod allocate;
mod delegate;
mod fees;
mod lock;
mod rewards;

use alloy::primitives::Address;

pub use self::{
    delegate::{Boost, CreateBoost},
    fees::ClaimedFees,
    lock::OceanLock,
};
use crate::{
    contracts::Contracts,
    deployment::Deployment,
    error::{Error, Result},
};

/// Where the contracts of Data Farming are; of the public networks only Ethereum has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataFarmingAddresses {
    /// veOCEAN.
    pub ve_ocean: Address,
    /// veAllocate.
    pub ve_allocate: Address,
    /// veDelegation.
    pub ve_delegation: Address,
    /// veFeeDistributor.
    pub ve_fee_distributor: Address,
    /// veFeeEstimate.
    pub ve_fee_estimate: Address,
    /// DFRewards.
    pub df_rewards: Address,
    /// DFStrategyV1.
    pub df_strategy: Address,
}

impl DataFarmingAddresses {
    /// Reads them from a deployment.
    ///
    /// # Errors
    /// [`Error::NotDeployed`] with the first one that the network lacks.
    pub fn of(deployment: &Deployment) -> Result<Self> {
        let address = |key| deployment.extra_address(key).ok_or(Error::NotDeployed(key));
        Ok(Self {
            ve_ocean: address("veOCEAN")?,
            ve_allocate: address("veAllocate")?,
            ve_delegation: address("veDelegation")?,
            ve_fee_distributor: address("veFeeDistributor")?,
            ve_fee_estimate: address("veFeeEstimate")?,
            df_rewards: address("DFRewards")?,
            df_strategy: address("DFStrategyV1")?,
        })
    }
}

/// The contracts of Data Farming, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DataFarming {
    contracts: Contracts,
    addresses: DataFarmingAddresses,
}

impl DataFarming {
    /// The contracts at these addresses.
    pub fn at(contracts: &Contracts, addresses: DataFarmingAddresses) -> Self {
        Self { contracts: contracts.clone(), addresses }
    }

    /// The contracts of the connection's deployment.
    ///
    /// # Errors
    /// As [`DataFarmingAddresses::of`].
    pub fn of_deployment(contracts: &Contracts) -> Result<Self> {
        Ok(Self::at(contracts, DataFarmingAddresses::of(contracts.deployment())?))
    }

    /// Where the contracts are.
    pub fn addresses(&self) -> &DataFarmingAddresses {
        &self.addresses
    }

    fn sender(&self) -> Result<Address> {
        self.contracts.sender().ok_or(Error::NoSender)
    }

    async fn now(&self) -> Result<u64> {
        Ok(u64::try_from(self.contracts.now().await?.as_second()).unwrap_or_default())
    }
}
