use alloy::{
    primitives::Address,
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent},
};

use super::{Contracts, TxOutcome, find_event};
use crate::{
    abi::{DatatokenRoles, IErc20Template, IErc721Template, NftRoles},
    error::Result,
};

/// What an account may do with a data NFT that it does not own. The owner has all of it from the start and after a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NftRole {
    /// Gives and takes the other roles, and calls other contracts in the data NFT's name. Only the owner makes managers.
    Manager,
    /// Makes datatokens and decides about them.
    DatatokenDeployer,
    /// Changes the document and the state.
    MetadataUpdater,
    /// Writes the key-value store.
    StoreUpdater,
}

impl NftRole {
    /// The number in `addMultipleUsersToRoles`.
    fn number(self) -> u8 {
        match self {
            Self::Manager => 0,
            Self::DatatokenDeployer => 1,
            Self::MetadataUpdater => 2,
            Self::StoreUpdater => 3,
        }
    }
}

/// What an account may do with a datatoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DatatokenRole {
    /// Makes datatokens out of nothing.
    Minter,
    /// Decides who is paid.
    PaymentManager,
}

impl Contracts {
    /// Gives a role on a data NFT.
    ///
    /// # Errors
    /// The sender is not a manager; for a manager: not the owner.
    pub async fn add_nft_role(&self, nft: Address, role: NftRole, user: Address) -> Result<TxOutcome> {
        use IErc721Template as T;
        match role {
            NftRole::Manager => {
                let call = T::addManagerCall { _managerAddress: user };
                self.changed(nft, &call, |event: &T::AddedManager| event.user == user).await
            }
            NftRole::DatatokenDeployer => {
                let call = T::addToCreateERC20ListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::AddedToCreateERC20List| event.user == user).await
            }
            NftRole::MetadataUpdater => {
                let call = T::addToMetadataListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::AddedToMetadataList| event.user == user).await
            }
            NftRole::StoreUpdater => {
                let call = T::addTo725StoreListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::AddedTo725StoreList| event.user == user).await
            }
        }
    }

    /// Takes a role on a data NFT away. An account may give up any role but that of a manager itself.
    ///
    /// # Errors
    /// The sender is neither a manager nor that account; for a manager: not the owner.
    pub async fn remove_nft_role(&self, nft: Address, role: NftRole, user: Address) -> Result<TxOutcome> {
        use IErc721Template as T;
        match role {
            NftRole::Manager => {
                let call = T::removeManagerCall { _managerAddress: user };
                self.changed(nft, &call, |event: &T::RemovedManager| event.user == user).await
            }
            NftRole::DatatokenDeployer => {
                let call = T::removeFromCreateERC20ListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::RemovedFromCreateERC20List| event.user == user).await
            }
            NftRole::MetadataUpdater => {
                let call = T::removeFromMetadataListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::RemovedFromMetadataList| event.user == user).await
            }
            NftRole::StoreUpdater => {
                let call = T::removeFrom725StoreListCall { _allowedAddress: user };
                self.changed(nft, &call, |event: &T::RemovedFrom725StoreList| event.user == user).await
            }
        }
    }

    /// Gives several roles in one transaction; fewer than 50.
    ///
    /// # Errors
    /// The sender is not a manager, or there are too many.
    pub async fn add_nft_roles(&self, nft: Address, roles: &[(Address, NftRole)]) -> Result<TxOutcome> {
        use IErc721Template as T;
        let call = T::addMultipleUsersToRolesCall {
            addresses: roles.iter().map(|(user, _)| *user).collect(),
            roles: roles.iter().map(|(_, role)| role.number()).collect(),
        };
        let receipt = self.transact(nft, &call).await?;
        for &(user, role) in roles {
            match role {
                NftRole::Manager => expect(&receipt, nft, |event: &T::AddedManager| event.user == user),
                NftRole::DatatokenDeployer => {
                    expect(&receipt, nft, |event: &T::AddedToCreateERC20List| event.user == user)
                }
                NftRole::MetadataUpdater => expect(&receipt, nft, |event: &T::AddedToMetadataList| event.user == user),
                NftRole::StoreUpdater => expect(&receipt, nft, |event: &T::AddedTo725StoreList| event.user == user),
            }?;
        }
        Ok(TxOutcome::of(&receipt))
    }

    /// What an account may do with a data NFT.
    ///
    /// # Errors
    /// There is no data NFT at that address.
    pub async fn nft_roles(&self, nft: Address, user: Address) -> Result<NftRoles> {
        self.read(nft, &IErc721Template::getPermissionsCall { user }).await
    }

    /// Takes every role of a data NFT back, the owner's own ones included: **the owner stays a manager only**, and can make no
    /// datatoken and change no document until they give themselves those roles again.
    ///
    /// # Errors
    /// The sender is not the owner, or the datatokens have more than one minting exchange or dispenser.
    pub async fn clean_nft_permissions(&self, nft: Address) -> Result<TxOutcome> {
        let call = IErc721Template::cleanPermissionsCall {};
        self.changed(nft, &call, |_: &IErc721Template::CleanedPermissions| true).await
    }

    /// Gives a role on a datatoken.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken, or the account has the role already.
    pub async fn add_datatoken_role(
        &self,
        datatoken: Address,
        role: DatatokenRole,
        user: Address,
    ) -> Result<TxOutcome> {
        use IErc20Template as T;
        match role {
            DatatokenRole::Minter => {
                let call = T::addMinterCall { _minter: user };
                self.changed(datatoken, &call, |event: &T::AddedMinter| event.user == user).await
            }
            DatatokenRole::PaymentManager => {
                let call = T::addPaymentManagerCall { _paymentManager: user };
                self.changed(datatoken, &call, |event: &T::AddedPaymentManager| event.user == user).await
            }
        }
    }

    /// Takes a role on a datatoken away.
    ///
    /// # Errors
    /// The sender may not decide about the datatoken.
    pub async fn remove_datatoken_role(
        &self,
        datatoken: Address,
        role: DatatokenRole,
        user: Address,
    ) -> Result<TxOutcome> {
        use IErc20Template as T;
        match role {
            DatatokenRole::Minter => {
                let call = T::removeMinterCall { _minter: user };
                self.changed(datatoken, &call, |event: &T::RemovedMinter| event.user == user).await
            }
            DatatokenRole::PaymentManager => {
                let call = T::removePaymentManagerCall { _paymentManager: user };
                self.changed(datatoken, &call, |event: &T::RemovedPaymentManager| event.user == user).await
            }
        }
    }

    /// What an account may do with a datatoken.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn datatoken_roles(&self, datatoken: Address, user: Address) -> Result<DatatokenRoles> {
        self.read(datatoken, &IErc20Template::getPermissionsCall { user }).await
    }

    /// Takes every role of a datatoken back and pays the data NFT's owner again. Its exchanges and dispensers go on minting.
    ///
    /// # Errors
    /// The sender does not own the data NFT, or there is more than one minting exchange or dispenser.
    pub async fn clean_datatoken_permissions(&self, datatoken: Address) -> Result<TxOutcome> {
        let call = IErc20Template::cleanPermissionsCall {};
        self.changed(datatoken, &call, |_: &IErc20Template::CleanedPermissions| true).await
    }

    /// Sends a call to a contract that proves its effect with an event of its own.
    async fn changed<C: SolCall, E: SolEvent>(
        &self,
        contract: Address,
        call: &C,
        condition: impl Fn(&E) -> bool,
    ) -> Result<TxOutcome> {
        Ok(self.transact_for(contract, call, contract, condition).await?.map(drop))
    }
}

fn expect<E: SolEvent>(receipt: &TransactionReceipt, emitter: Address, condition: impl Fn(&E) -> bool) -> Result<()> {
    find_event(receipt, emitter, condition).map(drop)
}
