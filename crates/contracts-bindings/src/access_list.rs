//! Lists of wallets: who holds a token of the list is on it. Environments, nodes, documents and datatokens of template 4 ask
//! them. (`contracts: accesslists/AccessList.sol`, `accesslists/AccessListFactory.sol`)

use alloy::primitives::{Address, U256};

use crate::{
    abi::{IAccessList, IAccessListFactory},
    contracts::{Contracts, TxOutcome, find_event},
    error::{Error, Result},
};

/// A list to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAccessList {
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// Whether wallets may pass their place on. A datatoken of template 4 takes only lists where they may not.
    pub transferable: bool,
    /// Who may add and remove wallets; the sender unless set.
    pub owner: Option<Address>,
    /// Wallets that are on it from the start, each with the URI of its token.
    pub wallets: Vec<(Address, String)>,
}

impl CreateAccessList {
    /// An empty list that belongs to the sender and whose places stay with their wallets.
    pub fn new(name: impl Into<String>, symbol: impl Into<String>) -> Self {
        Self { name: name.into(), symbol: symbol.into(), transferable: false, owner: None, wallets: Vec::new() }
    }

    /// Puts a wallet on it from the start.
    #[must_use]
    pub fn with_wallet(mut self, wallet: Address, token_uri: impl Into<String>) -> Self {
        self.wallets.push((wallet, token_uri.into()));
        self
    }
}

/// The factory of access lists, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AccessLists {
    contracts: Contracts,
    factory: Address,
}

impl AccessLists {
    /// The factory at an address.
    pub fn at(contracts: &Contracts, factory: Address) -> Self {
        Self { contracts: contracts.clone(), factory }
    }

    /// The factory of the connection's deployment.
    ///
    /// # Errors
    /// The network has none.
    pub fn of_deployment(contracts: &Contracts) -> Result<Self> {
        let factory = contracts.deployment().access_list_factory;
        Ok(Self::at(contracts, factory.ok_or(Error::NotDeployed("AccessListFactory"))?))
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.factory
    }

    /// Makes a list.
    ///
    /// The contract takes wallets and URIs as two lists and makes an empty access list where their lengths differ; here they come
    /// in pairs, and every wallet is looked for in the events.
    ///
    /// # Errors
    /// The zero address among the wallets.
    pub async fn create(&self, list: &CreateAccessList) -> Result<TxOutcome<AccessList>> {
        let owner = list.owner.or(self.contracts.sender()).ok_or(Error::NoSender)?;
        let (user, uris) = list.wallets.iter().cloned().unzip();
        let call = IAccessListFactory::deployAccessListContractCall {
            name: list.name.clone(),
            symbol: list.symbol.clone(),
            transferable: list.transferable,
            owner,
            user,
            _tokenURI: uris,
        };
        let receipt = self.contracts.transact(self.factory, &call).await?;
        let made =
            find_event::<IAccessListFactory::NewAccessList>(&receipt, self.factory, |event| event.owner == owner)?;
        for (wallet, _) in &list.wallets {
            find_event::<IAccessList::AddressAdded>(&receipt, made.contractAddress, |event| event.wallet == *wallet)?;
        }
        Ok(TxOutcome::with(&receipt, AccessList::at(&self.contracts, made.contractAddress)))
    }

    /// Whether this factory made the list at an address.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_deployed(&self, list: Address) -> Result<bool> {
        self.contracts.read(self.factory, &IAccessListFactory::isDeployedCall { contractAddress: list }).await
    }

    /// Whether the places of a list stay with their wallets.
    ///
    /// # Errors
    /// This factory did not make the list.
    pub async fn is_soul_bound(&self, list: Address) -> Result<bool> {
        self.contracts.read(self.factory, &IAccessListFactory::isSoulBoundCall { contractAddress: list }).await
    }
}

/// One access list, for one sender. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AccessList {
    contracts: Contracts,
    address: Address,
}

impl AccessList {
    /// The list at an address. That a factory made it is for [`AccessLists::is_deployed`] to say.
    pub fn at(contracts: &Contracts, address: Address) -> Self {
        Self { contracts: contracts.clone(), address }
    }

    /// Where it stands.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Whether a wallet is on the list: it may hold several tokens, and is on it until the last one is gone.
    ///
    /// # Errors
    /// There is no list at that address, or the zero address is asked for.
    pub async fn contains(&self, wallet: Address) -> Result<bool> {
        let balance = self.contracts.read(self.address, &IAccessList::balanceOfCall { owner: wallet }).await?;
        Ok(!balance.is_zero())
    }

    /// The tokens that keep a wallet on the list.
    ///
    /// # Errors
    /// As [`AccessList::contains`].
    pub async fn tokens_of(&self, wallet: Address) -> Result<Vec<U256>> {
        let balance = self.contracts.read(self.address, &IAccessList::balanceOfCall { owner: wallet }).await?;
        let mut tokens = Vec::new();
        let mut index = U256::ZERO;
        while index < balance {
            let call = IAccessList::tokenOfOwnerByIndexCall { owner: wallet, index };
            tokens.push(self.contracts.read(self.address, &call).await?);
            index += U256::ONE;
        }
        Ok(tokens)
    }

    /// Who holds a token.
    ///
    /// # Errors
    /// There is no such token.
    pub async fn owner_of(&self, token: U256) -> Result<Address> {
        self.contracts.read(self.address, &IAccessList::ownerOfCall { tokenId: token }).await
    }

    /// The URI of a token.
    ///
    /// # Errors
    /// There is no such token.
    pub async fn token_uri(&self, token: U256) -> Result<String> {
        self.contracts.read(self.address, &IAccessList::tokenURICall { tokenId: token }).await
    }

    /// Who may add and remove wallets.
    ///
    /// # Errors
    /// There is no list at that address.
    pub async fn owner(&self) -> Result<Address> {
        self.contracts.read(self.address, &IAccessList::ownerCall {}).await
    }

    /// Whether wallets may pass their place on.
    ///
    /// # Errors
    /// There is no list at that address.
    pub async fn is_transferable(&self) -> Result<bool> {
        self.contracts.read(self.address, &IAccessList::transferableCall {}).await
    }

    /// Puts a wallet on the list; only its owner may. The outcome is the new token.
    ///
    /// # Errors
    /// The sender is not the owner.
    pub async fn mint(&self, wallet: Address, token_uri: &str) -> Result<TxOutcome<U256>> {
        let call = IAccessList::mintCall { user: wallet, _tokenURI: token_uri.to_owned() };
        let added = |event: &IAccessList::AddressAdded| event.wallet == wallet;
        let outcome = self.contracts.transact_for(self.address, &call, self.address, added).await?;
        Ok(outcome.map(|event| event.tokenId))
    }

    /// Puts several wallets on the list, each with the URI of its token; only its owner may. The outcome is the new tokens, in
    /// the order of the wallets.
    ///
    /// # Errors
    /// The sender is not the owner.
    pub async fn batch_mint(&self, wallets: &[(Address, String)]) -> Result<TxOutcome<Vec<U256>>> {
        let (user, uris) = wallets.iter().cloned().unzip();
        let receipt =
            self.contracts.transact(self.address, &IAccessList::batchMintCall { user, _tokenURI: uris }).await?;
        let mut tokens: Vec<U256> = Vec::new();
        for (wallet, _) in wallets {
            // A wallet may be in the list twice.
            let added = find_event::<IAccessList::AddressAdded>(&receipt, self.address, |event| {
                event.wallet == *wallet && !tokens.contains(&event.tokenId)
            })?;
            tokens.push(added.tokenId);
        }
        Ok(TxOutcome::with(&receipt, tokens))
    }

    /// Destroys a token: its wallet is off the list if it holds no other. The owner may, and the wallet itself, so that a list of
    /// those who are kept out keeps nobody out who does not want it.
    ///
    /// # Errors
    /// There is no such token, or the sender is neither.
    pub async fn burn(&self, token: U256) -> Result<TxOutcome> {
        let removed = |event: &IAccessList::AddressRemoved| event.tokenId == token;
        let call = IAccessList::burnCall { tokenId: token };
        Ok(self.contracts.transact_for(self.address, &call, self.address, removed).await?.map(drop))
    }

    /// Passes a token on, where the list allows that.
    ///
    /// # Errors
    /// The list does not allow it, or the sender may not.
    pub async fn transfer(&self, token: U256, to: Address) -> Result<TxOutcome> {
        let from = self.contracts.sender().ok_or(Error::NoSender)?;
        let call = IAccessList::transferFromCall { from, to, tokenId: token };
        let moved = |event: &IAccessList::Transfer| event.to == to && event.tokenId == token;
        Ok(self.contracts.transact_for(self.address, &call, self.address, moved).await?.map(drop))
    }

    /// Gives the list to somebody else.
    ///
    /// # Errors
    /// The sender is not the owner, or the zero address.
    pub async fn transfer_ownership(&self, owner: Address) -> Result<TxOutcome> {
        let call = IAccessList::transferOwnershipCall { newOwner: owner };
        let passed = |event: &IAccessList::OwnershipTransferred| event.newOwner == owner;
        Ok(self.contracts.transact_for(self.address, &call, self.address, passed).await?.map(drop))
    }
}
