use alloy::primitives::{Address, U256};
use ocean_pricing::data_farming::total_allocation;
use ocean_primitives::ChainId;

use super::DataFarming;
use crate::{abi::IVeAllocate, contracts::TxOutcome, error::Result};

impl DataFarming {
    /// Allocates a part of the sender's voting power to a data NFT of any chain, in hundredths of a percent of the whole, in place of
    /// what was allocated to it before.
    ///
    /// # Errors
    /// All allocations of the sender together would be more than everything.
    pub async fn allocate(&self, nft: Address, chain: ChainId, share: u64) -> Result<TxOutcome> {
        total_allocation([share])?;
        let (sender, contract) = (self.sender()?, self.addresses.ve_allocate);
        let (amount, chain) = (U256::from(share), U256::from(chain.get()));
        let call = IVeAllocate::setAllocationCall { amount, nft, chainId: chain };
        let set = |event: &IVeAllocate::AllocationSet| {
            (event.sender, event.nft, event.chainId, event.amount) == (sender, nft, chain, amount)
        };
        Ok(self.contracts.transact_for(contract, &call, contract, set).await?.map(drop))
    }

    /// Allocates to several data NFTs in one transaction; parts are set in this order.
    ///
    /// # Errors
    /// As [`DataFarming::allocate`], and where there are more than the contract takes at once (150).
    pub async fn allocate_multiple(&self, allocations: &[(Address, ChainId, u64)]) -> Result<TxOutcome> {
        let (sender, contract) = (self.sender()?, self.addresses.ve_allocate);
        let call = IVeAllocate::setBatchAllocationCall {
            amount: allocations.iter().map(|(_, _, share)| U256::from(*share)).collect(),
            nft: allocations.iter().map(|(nft, _, _)| *nft).collect(),
            chainId: allocations.iter().map(|(_, chain, _)| U256::from(chain.get())).collect(),
        };
        let set = |event: &IVeAllocate::AllocationSetMultiple| {
            event.sender == sender
                && (&event.nft, &event.chainId, &event.amount) == (&call.nft, &call.chainId, &call.amount)
        };
        Ok(self.contracts.transact_for(contract, &call, contract, set).await?.map(drop))
    }

    /// What an account allocates to a data NFT, in hundredths of a percent.
    ///
    /// # Errors
    /// The node fails.
    pub async fn allocation(&self, account: Address, nft: Address, chain: ChainId) -> Result<u64> {
        let call = IVeAllocate::getveAllocationCall { user: account, nft, chainid: U256::from(chain.get()) };
        Ok(self.contracts.read(self.addresses.ve_allocate, &call).await?.saturating_to())
    }

    /// What an account allocates altogether, in hundredths of a percent.
    ///
    /// # Errors
    /// The node fails.
    pub async fn total_allocation(&self, account: Address) -> Result<u64> {
        let call = IVeAllocate::getTotalAllocationCall { user: account };
        Ok(self.contracts.read(self.addresses.ve_allocate, &call).await?.saturating_to())
    }
}
