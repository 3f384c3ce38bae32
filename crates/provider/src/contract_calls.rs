use std::time::Duration;

use alloy::{providers::Provider as _, rpc::types::TransactionRequest};
use async_trait::async_trait;
use futures_util::TryFutureExt as _;
use ocean_primitives::{Address, Bytes, ChainId};
use ocean_service::Chains;
use ocean_storage::{ContractReader, Error, Result};

/// How long a node may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Calls the contracts that `smartcontract` files name, on the chains of this server.
#[derive(Debug, Clone)]
pub struct ChainContracts {
    chains: Chains,
}

impl ChainContracts {
    /// Calls go to the nodes of these chains.
    pub fn new(chains: Chains) -> Self {
        Self { chains }
    }
}

#[async_trait]
impl ContractReader for ChainContracts {
    async fn call(&self, chain: ChainId, contract: Address, input: Bytes) -> Result<Bytes> {
        let chain = self.chains.get(chain).ok_or(Error::Contract("the chain is not served here"))?;
        let request = TransactionRequest::default().to(contract).input(input.into());
        let called = chain.rpc.call(request).into_future();
        let answered = tokio::time::timeout(DEADLINE, called.map_err(|_| Error::Contract("the node refuses it"))).await;
        answered.map_err(|_| Error::Contract("the node does not answer"))?
    }
}
