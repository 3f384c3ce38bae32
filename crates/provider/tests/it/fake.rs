//! The neighbours: a chain that answers from a table, and a file server that counts.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use alloy::{
    primitives::{Address, B256, Bytes, LogData, U256, hex},
    sol_types::{SolCall, SolValue},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ocean_contracts_bindings::abi::{IErc721Factory, IErc721Template};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the chain knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    nfts: BTreeMap<Address, u8>,
    datatokens: BTreeMap<Address, Address>,
    receipts: BTreeMap<B256, Value>,
    /// Contract accounts, each with the digests and signatures it accepts (ERC-1271).
    accounts: BTreeMap<Address, Vec<(B256, Vec<u8>)>>,
    block: u64,
}

impl Chain {
    pub(crate) fn set_nft(&self, nft: Address, state: u8) {
        self.0.lock().unwrap().nfts.insert(nft, state);
    }

    pub(crate) fn set_datatoken(&self, datatoken: Address, nft: Address) {
        self.0.lock().unwrap().datatokens.insert(datatoken, nft);
    }

    /// A contract account that has signed a digest its own way.
    pub(crate) fn set_account(&self, account: Address, digest: B256, signature: &[u8]) {
        let mut known = self.0.lock().unwrap();
        known.accounts.entry(account).or_default().push((digest, signature.to_vec()));
    }

    /// The number of the latest block; transactions are in block 1.
    pub(crate) fn set_block(&self, block: u64) {
        self.0.lock().unwrap().block = block;
    }

    /// A successful transaction with these logs.
    pub(crate) fn set_receipt(&self, tx: B256, from: Address, logs: &[(Address, LogData)]) {
        let block = B256::repeat_byte(0xbb);
        let logs = logs.iter().enumerate().map(|(index, (emitter, data))| {
            json!({
                "address": emitter, "topics": data.topics(), "data": data.data, "removed": false,
                "blockNumber": "0x1", "blockHash": block, "transactionHash": tx,
                "transactionIndex": "0x0", "logIndex": format!("{index:#x}"),
            })
        });
        let receipt = json!({
            "transactionHash": tx, "transactionIndex": "0x0", "blockHash": block, "blockNumber": "0x1", "from": from,
            "to": from, "cumulativeGasUsed": "0x1", "gasUsed": "0x1", "contractAddress": null, "status": "0x1",
            "effectiveGasPrice": "0x1", "type": "0x2", "logsBloom": format!("0x{}", "00".repeat(256)),
            "logs": logs.collect::<Vec<_>>(),
        });
        self.0.lock().unwrap().receipts.insert(tx, receipt);
    }

    fn answer(&self, method: &str, params: &Value) -> Value {
        let known = self.0.lock().unwrap();
        match method {
            "eth_chainId" => json!("0x2324"),
            "eth_getTransactionReceipt" => {
                let tx: B256 = params[0].as_str().unwrap().parse().unwrap();
                known.receipts.get(&tx).cloned().unwrap_or_default()
            }
            "eth_blockNumber" => json!(format!("{:#x}", known.block)),
            "eth_getCode" => {
                let account: Address = params[0].as_str().unwrap().parse().unwrap();
                json!(if known.accounts.contains_key(&account) { "0xfe" } else { "0x" })
            }
            "eth_call" => {
                let call = &params[0];
                let to: Address = call["to"].as_str().unwrap().parse().unwrap();
                let input = call["input"].as_str().or(call["data"].as_str()).unwrap();
                let input = hex::decode(input).unwrap();
                let argument = input.get(16..36).map(Address::from_slice).unwrap_or_default();
                let selector: [u8; 4] = input[..4].try_into().unwrap();
                let output: Vec<u8> = match selector {
                    IErc721Factory::erc721ListCall::SELECTOR => {
                        let made = known.nfts.contains_key(&argument);
                        if made { argument } else { Address::ZERO }.abi_encode()
                    }
                    IErc721Factory::erc20ListCall::SELECTOR => known.datatokens.contains_key(&argument).abi_encode(),
                    IErc721Template::isDeployedCall::SELECTOR => {
                        (known.datatokens.get(&argument) == Some(&to)).abi_encode()
                    }
                    IErc721Template::metaDataStateCall::SELECTOR => {
                        known.nfts.get(&to).map(|state| U256::from(*state).abi_encode()).unwrap_or_default()
                    }
                    // isValidSignature(bytes32,bytes)
                    [0x16, 0x26, 0xba, 0x7e] => {
                        let (digest, signature) = <(B256, Bytes)>::abi_decode_params(&input[4..]).unwrap();
                        let known = known.accounts.get(&to).into_iter().flatten();
                        let accepts = known.clone().any(|(d, s)| (*d, s.as_slice()) == (digest, signature.as_ref()));
                        let mut word = [0; 32];
                        word[..4].copy_from_slice(if accepts { &input[..4] } else { &[0xff; 4] });
                        word.to_vec()
                    }
                    other => panic!("nobody expected the call {}", hex::encode(other)),
                };
                json!(Bytes::from(output))
            }
            other => panic!("nobody expected {other}"),
        }
    }

    /// Its JSON-RPC on a loopback port.
    pub(crate) async fn serve(&self) -> String {
        async fn rpc(State(chain): State<Chain>, Json(request): Json<Value>) -> Json<Value> {
            let one = |request: &Value| {
                let result = chain.answer(request["method"].as_str().unwrap(), &request["params"]);
                json!({"jsonrpc": "2.0", "id": request["id"], "result": result})
            };
            Json(match &request {
                Value::Array(batch) => batch.iter().map(one).collect(),
                single => one(single),
            })
        }
        listen(Router::new().route("/", post(rpc)).with_state(self.clone())).await
    }
}

/// A file server that counts what reaches it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(Arc<AtomicUsize>);

/// The bytes of `small.txt`.
pub(crate) const SMALL: &str = "hello ocean provider\n";

impl Files {
    pub(crate) fn requests(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) async fn serve(&self) -> String {
        async fn small(State(files): State<Files>, headers: HeaderMap) -> Response {
            files.0.fetch_add(1, Ordering::SeqCst);
            let kind = [(header::CONTENT_TYPE, "text/plain"), (header::ETAG, "\"v1\"")];
            let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else {
                return (kind, [(header::ACCEPT_RANGES, "bytes")], SMALL).into_response();
            };
            let size = SMALL.len();
            let first: usize = range.trim_start_matches("bytes=").split('-').next().unwrap().parse().unwrap_or(0);
            if first >= size {
                let content_range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
                return (StatusCode::RANGE_NOT_SATISFIABLE, content_range, "").into_response();
            }
            let content_range = [(header::CONTENT_RANGE, format!("bytes {first}-{}/{size}", size - 1))];
            (StatusCode::PARTIAL_CONTENT, kind, content_range, &SMALL[first..]).into_response()
        }
        async fn missing(State(files): State<Files>) -> StatusCode {
            files.0.fetch_add(1, Ordering::SeqCst);
            StatusCode::NOT_FOUND
        }
        listen(Router::new().route("/small.txt", get(small)).route("/missing", get(missing)).with_state(self.clone()))
            .await
    }
}

async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}
