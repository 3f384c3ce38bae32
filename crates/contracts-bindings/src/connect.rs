use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use alloy::{
    consensus::Transaction as _,
    eips::eip2718::Encodable2718 as _,
    network::{Ethereum, EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _, TxSigner},
    primitives::{Address, B256, Signature},
    providers::{DynProvider, PendingTransactionBuilder, Provider, RootProvider, SendableTx},
    rpc::{client::RpcClient, types::TransactionRequest},
    signers::local::PrivateKeySigner,
    transports::{
        RpcError, TransportResult,
        http::reqwest::{Client, Url, redirect},
    },
};
use ocean_crypto::PrivateKey;
use tokio::sync::{Mutex, OnceCell};

use crate::{
    error::{Error, Result},
    gas::GasStrategy,
};

/// The connection to a chain. Cheap to clone; clones share nonces and the pool of sockets.
pub type Rpc = DynProvider;

/// How long one request to a node may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the TCP and TLS handshakes may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a node on this machine is asked whether something is new.
const LOCAL_POLL: Duration = Duration::from_millis(10);
/// How often another sender of the same key may take a nonce first before a transaction is given up.
const NONCE_ATTEMPTS: usize = 8;

/// Connects for reading. Transactions work only where the node itself holds the sender's key, as a development chain does.
///
/// # Errors
/// A text that is not an `http` or `https` URL. The node is not asked anything yet.
pub fn connect(url: &str) -> Result<Rpc> {
    Ok(RootProvider::<Ethereum>::new(client(url)?).erased())
}

/// Connects for reading and for sending as `key`'s account. [`keys`](crate::keys) reads keys from mnemonics and keystore files.
///
/// Nonces are right under concurrent sends, see [`sign_with`].
///
/// # Errors
/// As [`connect`].
pub fn connect_with_key(url: &str, key: &PrivateKey) -> Result<Rpc> {
    let signer = PrivateKeySigner::from_slice(&*key.to_bytes()).map_err(|error| Error::Setup(error.to_string()))?;
    connect_with_signer(url, signer)
}

/// Connects for reading and for sending as the account of any signer that alloy knows: a hardware wallet, a key service, ….
///
/// # Errors
/// As [`connect`].
pub fn connect_with_signer<S>(url: &str, signer: S) -> Result<Rpc>
where
    S: TxSigner<Signature> + Send + Sync + 'static,
{
    Ok(sign_with(&connect(url)?, signer))
}

/// The same connection, also for sending as `signer`'s account. `rpc` may be any alloy provider, `.erased()`; what its own
/// fillers would do to a transaction is done here, and its transport is used.
///
/// Nonces are right under concurrent sends: one transaction after the other is numbered, signed and handed over, each with a
/// look at the chain's own count, so that neither a failed send, nor another process with the same key, nor a chain that was
/// set back leaves a gap. Clones share the numbering; connections that do not know of each other recover when one is faster.
pub fn sign_with<S>(rpc: &Rpc, signer: S) -> Rpc
where
    S: TxSigner<Signature> + Send + Sync + 'static,
{
    let signing = Signing {
        root: rpc.root().clone(),
        address: signer.address(),
        wallet: EthereumWallet::from(signer),
        chain_id: Arc::new(OnceCell::new()),
        last: Arc::new(Mutex::new(None)),
    };
    signing.erased()
}

fn client(url: &str) -> Result<RpcClient> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(Error::Url)?;
    let local = match url.host_str() {
        Some(host) => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        None => return Err(Error::Url),
    };
    let mut builder =
        Client::builder().timeout(REQUEST_TIMEOUT).connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none());
    if local {
        builder = builder.no_proxy();
    }
    let http = builder.build().map_err(|error| Error::Setup(error.to_string()))?;
    let client = RpcClient::new_http_with_client(http, url);
    if local {
        client.set_poll_interval(LOCAL_POLL);
    }
    Ok(client)
}

/// The last transaction that this connection handed over.
#[derive(Debug, Clone, Copy)]
struct Last {
    nonce: u64,
    hash: B256,
}

/// A provider that signs what it sends. The lock is held from the choice of a nonce until the node has the transaction.
#[derive(Clone)]
struct Signing {
    root: RootProvider,
    address: Address,
    wallet: EthereumWallet,
    chain_id: Arc<OnceCell<u64>>,
    last: Arc<Mutex<Option<Last>>>,
}

impl Signing {
    async fn sign_and_send(&self, mut tx: TransactionRequest) -> TransportResult<B256> {
        if *tx.from.get_or_insert(self.address) != self.address {
            return Err(RpcError::local_usage_str("the sender is not the account of this connection's key"));
        }
        if tx.chain_id.is_none() {
            tx.chain_id = Some(*self.chain_id.get_or_try_init(|| self.root.get_chain_id()).await?);
        }
        if tx.gas.is_none() {
            tx.gas = Some(GasStrategy::default().limit(self.root.estimate_gas(tx.clone()).await?));
        }
        if tx.gas_price.is_none() && tx.max_fee_per_gas.is_none() {
            GasStrategy::default().price(&self.root, &mut tx).await?;
        }
        if tx.nonce.is_some() {
            return self.hand_over(tx).await;
        }
        let mut last = self.last.lock().await;
        for attempt in 1.. {
            let nonce = self.next_nonce(*last).await?;
            match self.hand_over(tx.clone().with_nonce(nonce)).await {
                Ok(hash) => {
                    *last = Some(Last { nonce, hash });
                    return Ok(hash);
                }
                // Somebody else who holds this key was faster.
                Err(error) if attempt < NONCE_ATTEMPTS && is_taken(&error) => {
                    tracing::debug!(nonce, %error, "nonce is taken, asking the chain again");
                    *last = None;
                    tokio::time::sleep(Duration::from_millis(5) * attempt as u32).await;
                }
                Err(error) => {
                    *last = None;
                    return Err(error);
                }
            }
        }
        Err(RpcError::local_usage_str("no nonce was free"))
    }

    /// The chain's count of transactions, pending ones included, unless this connection is ahead of what the node tells.
    async fn next_nonce(&self, last: Option<Last>) -> TransportResult<u64> {
        let chain = self.root.get_transaction_count(self.address).pending().await?;
        match last {
            // A balanced node may lag behind. If it does not know our last transaction at all, then the chain was set back or
            // the transaction was dropped, and counting on from it would wait for ever.
            Some(last) if last.nonce >= chain && self.root.get_transaction_by_hash(last.hash).await?.is_some() => {
                Ok(last.nonce + 1)
            }
            _ => Ok(chain),
        }
    }

    async fn hand_over(&self, tx: TransactionRequest) -> TransportResult<B256> {
        let envelope = tx.build(&self.wallet).await.map_err(RpcError::local_usage)?;
        let pending = self.root.send_raw_transaction(&envelope.encoded_2718()).await?;
        remember_nonce(*pending.tx_hash(), envelope.nonce());
        Ok(*pending.tx_hash())
    }
}

/// The nonces of transactions that were sent lately, by their hashes: a node that dropped one cannot tell it any more.
static NONCES: StdMutex<BTreeMap<B256, u64>> = StdMutex::new(BTreeMap::new());
/// How many of them are kept before all are forgotten.
const MOST_NONCES: usize = 4096;

fn remember_nonce(tx: B256, nonce: u64) {
    let mut nonces = NONCES.lock().unwrap_or_else(PoisonError::into_inner);
    if nonces.len() >= MOST_NONCES {
        nonces.clear();
    }
    nonces.insert(tx, nonce);
}

/// The nonce of a transaction that this process sent lately.
pub(crate) fn nonce_of(tx: B256) -> Option<u64> {
    NONCES.lock().unwrap_or_else(PoisonError::into_inner).get(&tx).copied()
}

/// Whether a node refused a transaction because its nonce is used, by a mined or by a waiting transaction.
fn is_taken<E>(error: &RpcError<E>) -> bool {
    let Some(payload) = error.as_error_resp() else {
        return false;
    };
    let message = payload.message.to_lowercase();
    ["nonce too low", "nonce is too low", "underpriced", "already known", "already imported", "known transaction"]
        .iter()
        .any(|text| message.contains(text))
}

#[async_trait::async_trait]
impl Provider for Signing {
    fn root(&self) -> &RootProvider {
        &self.root
    }

    async fn send_transaction_internal(
        &self,
        tx: SendableTx<Ethereum>,
    ) -> TransportResult<PendingTransactionBuilder<Ethereum>> {
        match tx {
            SendableTx::Builder(tx) => {
                let hash = self.sign_and_send(tx).await?;
                Ok(PendingTransactionBuilder::new(self.root.clone(), hash))
            }
            SendableTx::Envelope(envelope) => self.root.send_raw_transaction(&envelope.encoded_2718()).await,
        }
    }
}
