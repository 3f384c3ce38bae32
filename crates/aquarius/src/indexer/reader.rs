use std::{fmt, future::Future, time::Duration};

use alloy::{
    eips::BlockNumberOrTag,
    network::TransactionResponse as _,
    providers::Provider as _,
    rpc::types::{Filter, Log},
    transports::{RpcError, TransportErrorKind},
};
use async_trait::async_trait;
use ocean_contracts_bindings::{
    Deployment, Rpc,
    abi::{IErc20, IErc20Template, IErc721Factory, IErc721Template, IFactoryRouter},
};
use ocean_primitives::{Address, B256, ChainId, U256};

use crate::{
    error::{Error, Result},
    indexer::decode,
    record::LogRecord,
};

/// How long one call to a node may take.
const DEADLINE: Duration = Duration::from_secs(15);
/// Longer names and symbols are cut: anybody can deploy a token with a name of any length.
const MAX_NAME: usize = 1024;

/// A block's place in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The number.
    pub number: u64,
    /// The hash.
    pub hash: B256,
    /// The hash of the block before.
    pub parent: B256,
    /// Unix seconds.
    pub time: i64,
}

/// What a data NFT says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NftFacts {
    /// The collection's name.
    pub name: String,
    /// The collection's symbol.
    pub symbol: String,
    /// The URI of token 1.
    pub token_uri: String,
    /// The owner of token 1.
    pub owner: Address,
}

/// What a datatoken says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The name.
    pub name: String,
    /// The symbol.
    pub symbol: String,
    /// The data NFT it belongs to.
    pub nft: Address,
}

/// Everything the indexer asks a chain for. Implementations put a deadline on every call.
#[async_trait]
pub trait ChainReader: std::fmt::Debug + Send + Sync {
    /// The newest block.
    async fn head(&self) -> Result<Header>;
    /// The block with this number, if there is one.
    async fn header(&self, number: u64) -> Result<Option<Header>>;
    /// The logs of these blocks, both included, with a topic of [`topics`](crate::topics), in chain order. The time of a log may be
    /// zero where the node does not tell it.
    async fn logs(&self, from: u64, to: u64) -> Result<Vec<LogRecord>>;
    /// The logs of exactly this block, as [`ChainReader::logs`] gives them, and never those of another block of its number:
    /// a node that does not know the block fails or gives none.
    async fn block_logs(&self, block: Header) -> Result<Vec<LogRecord>> {
        self.logs(block.number, block.number).await
    }
    /// The logs of one transaction with its block's time, if it is in a block.
    async fn transaction_logs(&self, tx: B256) -> Result<Option<Vec<LogRecord>>>;
    /// The sender of a transaction.
    async fn sender(&self, tx: B256) -> Result<Address>;
    /// What the NFT says about itself, or none if the factory did not make it.
    async fn nft(&self, address: Address) -> Result<Option<NftFacts>>;
    /// What the datatoken says about itself, or none if the factory did not make it.
    async fn token(&self, address: Address) -> Result<Option<TokenFacts>>;
    /// The symbol of any ERC-20 token; empty if it has none.
    async fn symbol(&self, token: Address) -> Result<String>;
    /// Whether the router approved this fixed-rate contract.
    async fn is_fixed_rate(&self, contract: Address) -> Result<bool>;
    /// Whether the router approved this dispenser contract.
    async fn is_dispenser(&self, contract: Address) -> Result<bool>;
    /// The factory's address: its own events need no further proof.
    fn factory(&self) -> Address;
}

/// A chain over its RPC endpoint.
#[derive(Clone)]
pub struct RpcReader {
    chain: ChainId,
    rpc: Rpc,
    deployment: Deployment,
}

impl fmt::Debug for RpcReader {
    /// Without the connection: its URL may hold an access key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcReader").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl RpcReader {
    /// Reads the chain of `deployment` over `rpc`.
    pub fn new(rpc: Rpc, deployment: Deployment) -> Self {
        Self { chain: deployment.chain_id, rpc, deployment }
    }

    async fn call<T, E: NodeError>(&self, call: &'static str, future: impl Future<Output = Result<T, E>>) -> Result<T> {
        let failed = |reason: String| Error::Rpc { chain: self.chain, call, reason };
        match tokio::time::timeout(DEADLINE, future).await {
            Err(_) => Err(failed(format!("no answer within {} s", DEADLINE.as_secs()))),
            Ok(Err(error)) => Err(failed(error.describe())),
            Ok(Ok(value)) => Ok(value),
        }
    }

    async fn block(&self, tag: BlockNumberOrTag) -> Result<Option<Header>> {
        let block = self.call("eth_getBlockByNumber", async { self.rpc.get_block_by_number(tag).await }).await?;
        Ok(block.map(|block| Header {
            number: block.header.number,
            hash: block.header.hash,
            parent: block.header.parent_hash,
            time: i64::try_from(block.header.timestamp).unwrap_or(i64::MAX),
        }))
    }

    async fn filtered(&self, filter: Filter) -> Result<Vec<LogRecord>> {
        let filter = filter.event_signature(decode::topics());
        let logs = self.call("eth_getLogs", async { self.rpc.get_logs(&filter).await }).await?;
        let mut records: Vec<_> = logs.iter().filter(|log| !log.removed).filter_map(record).collect();
        records.sort_by_key(|log| (log.block, log.log_index));
        Ok(records)
    }

    /// A text that a contract returns, or an empty one where it refuses: names are decoration.
    async fn text<E: NodeError>(
        &self,
        call: &'static str,
        future: impl Future<Output = Result<String, E>>,
    ) -> Result<String> {
        let answer = self
            .call(call, async {
                match future.await {
                    Ok(text) => Ok(text),
                    Err(error) if error.is_refusal() => Ok(String::new()),
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(answer.chars().take(MAX_NAME).collect())
    }
}

/// What is known of a failed call.
trait NodeError {
    /// Whether a contract refused, which it will do again, and not the transport.
    fn is_refusal(&self) -> bool;
    /// What may be logged and served: the node's own words, but never those of the transport, which name the URL and with it
    /// an access key.
    fn describe(&self) -> String;
}

impl NodeError for RpcError<TransportErrorKind> {
    fn is_refusal(&self) -> bool {
        self.as_error_resp()
            .is_some_and(|answer| answer.as_revert_data().is_some() || answer.message.contains("revert"))
    }

    fn describe(&self) -> String {
        match self.as_error_resp() {
            Some(answer) => answer.message.chars().take(MAX_NAME).collect(),
            None => "the node did not answer as expected".to_owned(),
        }
    }
}

impl NodeError for alloy::contract::Error {
    fn is_refusal(&self) -> bool {
        match self {
            Self::TransportError(error) => error.is_refusal(),
            Self::ZeroData(..) | Self::AbiError(_) => true,
            _ => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::TransportError(error) => error.describe(),
            Self::ZeroData(..) => "the contract returned nothing".to_owned(),
            _ => "the contract's answer cannot be read".to_owned(),
        }
    }
}

fn record(log: &Log) -> Option<LogRecord> {
    Some(LogRecord {
        address: log.address(),
        topics: log.topics().to_vec(),
        data: log.data().data.clone(),
        block: log.block_number?,
        block_hash: log.block_hash?,
        time: log.block_timestamp.and_then(|time| i64::try_from(time).ok()).unwrap_or_default(),
        tx: log.transaction_hash?,
        log_index: log.log_index?,
    })
}

#[async_trait]
impl ChainReader for RpcReader {
    async fn head(&self) -> Result<Header> {
        let head = self.block(BlockNumberOrTag::Latest).await?;
        head.ok_or(Error::Rpc { chain: self.chain, call: "eth_getBlockByNumber", reason: "no latest block".to_owned() })
    }

    async fn header(&self, number: u64) -> Result<Option<Header>> {
        self.block(BlockNumberOrTag::Number(number)).await
    }

    async fn logs(&self, from: u64, to: u64) -> Result<Vec<LogRecord>> {
        self.filtered(Filter::new().from_block(from).to_block(to)).await
    }

    async fn block_logs(&self, block: Header) -> Result<Vec<LogRecord>> {
        // By hash: the answer cannot come from a fork, or from a node behind a balancer that is not there yet.
        self.filtered(Filter::new().at_block_hash(block.hash)).await
    }

    async fn transaction_logs(&self, tx: B256) -> Result<Option<Vec<LogRecord>>> {
        let receipt =
            self.call("eth_getTransactionReceipt", async { self.rpc.get_transaction_receipt(tx).await }).await?;
        let Some(receipt) = receipt else { return Ok(None) };
        let mut logs: Vec<_> = receipt.inner.logs().iter().filter_map(record).collect();
        if let Some(number) = receipt.block_number
            && logs.iter().any(|log| log.time == 0)
        {
            let time = self.header(number).await?.map(|header| header.time).unwrap_or_default();
            logs.iter_mut().for_each(|log| log.time = time);
        }
        Ok(Some(logs))
    }

    async fn sender(&self, tx: B256) -> Result<Address> {
        let found = self.call("eth_getTransactionByHash", async { self.rpc.get_transaction_by_hash(tx).await }).await?;
        let found = found.ok_or(Error::Rpc {
            chain: self.chain,
            call: "eth_getTransactionByHash",
            reason: format!("the node does not know {tx}"),
        })?;
        Ok(found.from())
    }

    async fn nft(&self, address: Address) -> Result<Option<NftFacts>> {
        let factory = IErc721Factory::new(self.deployment.factory, &self.rpc);
        let listed = self.call("erc721List", async { factory.erc721List(address).call().await }).await?;
        if listed != address {
            return Ok(None);
        }
        let nft = IErc721Template::new(address, &self.rpc);
        let id = U256::from(1);
        Ok(Some(NftFacts {
            name: self.text("name", async { nft.name().call().await }).await?,
            symbol: self.text("symbol", async { nft.symbol().call().await }).await?,
            token_uri: self.text("tokenURI", async { nft.tokenURI(id).call().await }).await?,
            owner: self.call("ownerOf", async { nft.ownerOf(id).call().await }).await?,
        }))
    }

    async fn token(&self, address: Address) -> Result<Option<TokenFacts>> {
        let factory = IErc721Factory::new(self.deployment.factory, &self.rpc);
        if !self.call("erc20List", async { factory.erc20List(address).call().await }).await? {
            return Ok(None);
        }
        let token = IErc20Template::new(address, &self.rpc);
        Ok(Some(TokenFacts {
            name: self.text("name", async { token.name().call().await }).await?,
            symbol: self.text("symbol", async { token.symbol().call().await }).await?,
            nft: self.call("getERC721Address", async { token.getERC721Address().call().await }).await?,
        }))
    }

    async fn symbol(&self, token: Address) -> Result<String> {
        let token = IErc20::new(token, &self.rpc);
        self.text("symbol", async { token.symbol().call().await }).await
    }

    async fn is_fixed_rate(&self, contract: Address) -> Result<bool> {
        let router = IFactoryRouter::new(self.deployment.router, &self.rpc);
        self.call("isFixedRateContract", async { router.isFixedRateContract(contract).call().await }).await
    }

    async fn is_dispenser(&self, contract: Address) -> Result<bool> {
        let router = IFactoryRouter::new(self.deployment.router, &self.rpc);
        self.call("isDispenserContract", async { router.isDispenserContract(contract).call().await }).await
    }

    fn factory(&self) -> Address {
        self.deployment.factory
    }
}
