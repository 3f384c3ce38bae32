use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ocean_contracts_bindings::{Contracts, Deployment, Error, Rpc};
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, ChainId};

/// How many proven contracts a chain remembers; one entry is 40 bytes.
const MAX_PROVEN: usize = 65_536;

/// How long one question to the chain may take.
const READ_DEADLINE: Duration = Duration::from_secs(10);

/// How long the receipt of an order is waited for: a client may ask as soon as its own node knows the transaction.
const RECEIPT_WAIT: Duration = Duration::from_secs(5);

/// The same on a development chain, where there is one node and a transaction is mined at once.
const DEVELOPMENT_RECEIPT_WAIT: Duration = Duration::from_millis(500);

/// One chain that a server works on.
#[non_exhaustive]
pub struct Chain {
    /// Its id.
    pub id: ChainId,
    /// Its name in error texts: `Ganache` for the development chain, else the key in the address file, else `Unknown`.
    pub name: String,
    /// The connection.
    pub rpc: Rpc,
    /// Where the contracts are.
    pub deployment: Deployment,
    /// The server's key on this chain: it signs fees, and documents are encrypted to it.
    pub key: PrivateKey,
    /// How long the receipt of an order is waited for, where the chain does not have it yet.
    pub receipt_wait: Duration,
    /// How many blocks must stand on the one that holds an order; 0 serves as soon as it is in a block.
    pub confirmations: u64,
    contracts: Contracts,
    proven: Mutex<BTreeSet<(Address, Option<Address>)>>,
}

impl Chain {
    /// A chain of which the deployment says the name.
    pub fn new(id: ChainId, rpc: Rpc, deployment: Deployment, key: PrivateKey) -> Self {
        let name = match deployment.network.as_str() {
            _ if id == ChainId::DEVELOPMENT => "Ganache",
            "" => "Unknown",
            network => network,
        };
        Self {
            id,
            name: name.to_owned(),
            contracts: Contracts::new(rpc.clone(), deployment.clone()).with_deadline(READ_DEADLINE),
            rpc,
            deployment,
            key,
            receipt_wait: if id == ChainId::DEVELOPMENT { DEVELOPMENT_RECEIPT_WAIT } else { RECEIPT_WAIT },
            confirmations: 0,
            proven: Mutex::default(),
        }
    }

    /// Typed reads over the connection, each within 10 s.
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Whether the factory made this data NFT. A yes cannot change and is remembered.
    ///
    /// # Errors
    /// The chain does not answer.
    pub async fn is_factory_nft(&self, nft: Address) -> Result<bool, Error> {
        self.remembered((nft, None), self.contracts.is_factory_nft(nft)).await
    }

    /// Whether the factory made this data NFT and this datatoken, and the datatoken is one of the NFT's. A yes cannot change and is remembered.
    ///
    /// # Errors
    /// The chain does not answer.
    pub async fn is_factory_pair(&self, nft: Address, datatoken: Address) -> Result<bool, Error> {
        let contracts = &self.contracts;
        let all = async {
            let (nft_made, datatoken_made) =
                tokio::try_join!(contracts.is_factory_nft(nft), contracts.is_factory_datatoken(datatoken))?;
            // Only a contract of the factory's is asked about others: a stranger's would say what it likes.
            Ok(nft_made && datatoken_made && contracts.is_deployed(nft, datatoken).await?)
        };
        self.remembered((nft, Some(datatoken)), Box::pin(all)).await
    }

    async fn remembered(
        &self,
        key: (Address, Option<Address>),
        ask: impl Future<Output = Result<bool, Error>>,
    ) -> Result<bool, Error> {
        if self.proven.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
            return Ok(true);
        }
        let proven = ask.await?;
        if proven {
            let mut known = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
            // Everything in it can be asked again, so starting over is simpler than choosing what to forget.
            if known.len() >= MAX_PROVEN {
                known.clear();
            }
            known.insert(key);
        }
        Ok(proven)
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The chains that a server works on.
#[derive(Debug, Clone, Default)]
pub struct Chains(pub BTreeMap<ChainId, Arc<Chain>>);

impl Chains {
    /// The chain with this id.
    pub fn get(&self, id: ChainId) -> Option<&Arc<Chain>> {
        self.0.get(&id)
    }

    /// Every chain, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Chain>> {
        self.0.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Chain> for Chains {
    fn from_iter<I: IntoIterator<Item = Chain>>(chains: I) -> Self {
        Self(chains.into_iter().map(|chain| (chain.id, Arc::new(chain))).collect())
    }
}
