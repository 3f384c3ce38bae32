//! A chain node of which a test says what it knows, and which counts what it is asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alloy::{
    primitives::{Address, B256, Bytes, keccak256},
    rpc::types::TransactionReceipt,
    sol_types::SolCall,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Default)]
struct Known {
    calls: BTreeMap<(Address, Bytes), Bytes>,
    receipts: BTreeMap<B256, Value>,
    asked: Vec<String>,
    down: bool,
    /// Unix seconds of the pending block.
    time: u64,
}

/// Answers `eth_call`, `eth_getTransactionReceipt` and the pending block.
pub(crate) struct FakeChain {
    pub(crate) url: String,
    known: Arc<Mutex<Known>>,
    accepting: JoinHandle<()>,
}

impl Drop for FakeChain {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl FakeChain {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let known = Arc::new(Mutex::new(Known::default()));
        let shared = known.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, known, accepting }
    }

    /// Lets the contract at `to` answer `call` with `result`.
    pub(crate) fn answers<C: SolCall>(&self, to: Address, call: &C, result: &C::Return) {
        let answer = C::abi_encode_returns(result).into();
        self.known.lock().unwrap().calls.insert((to, call.abi_encode().into()), answer);
    }

    pub(crate) fn mined(&self, receipt: &TransactionReceipt) {
        let value = serde_json::to_value(receipt).unwrap();
        self.known.lock().unwrap().receipts.insert(receipt.transaction_hash, value);
    }

    /// From now on every request is answered with an error, or no longer.
    pub(crate) fn set_down(&self, down: bool) {
        self.known.lock().unwrap().down = down;
    }

    pub(crate) fn set_time(&self, seconds: u64) {
        self.known.lock().unwrap().time = seconds;
    }

    /// The methods asked since the last call of this.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.known.lock().unwrap().asked)
    }
}

async fn serve(mut stream: TcpStream, known: Arc<Mutex<Known>>) {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 8192];
    loop {
        let body = loop {
            if let Some(body) = take_request(&mut bytes) {
                break body;
            }
            match stream.read(&mut piece).await {
                Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
                _ => return,
            }
        };
        let request: Value = serde_json::from_slice(&body).unwrap();
        let answer = respond(&mut known.lock().unwrap(), &request).to_string();
        let length = answer.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        if stream.write_all(format!("{head}{answer}").as_bytes()).await.is_err() {
            return;
        }
    }
}

fn take_request(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse::<usize>().unwrap();
    if bytes.len() < end + length {
        return None;
    }
    let rest = bytes.split_off(end + length);
    Some(std::mem::replace(bytes, rest).split_off(end))
}

fn respond(known: &mut Known, request: &Value) -> Value {
    let method = request["method"].as_str().unwrap().to_owned();
    known.asked.push(method.clone());
    let mut answer = json!({"jsonrpc": "2.0", "id": request["id"]});
    if known.down {
        answer["error"] = json!({"code": -32000, "message": "the node is on strike"});
        return answer;
    }
    answer["result"] = match method.as_str() {
        "eth_call" => {
            let call = &request["params"][0];
            let to: Address = call["to"].as_str().unwrap().parse().unwrap();
            let input: Bytes = call["input"].as_str().or(call["data"].as_str()).unwrap().parse().unwrap();
            json!(known.calls.get(&(to, input)).cloned().unwrap_or_default())
        }
        "eth_getTransactionReceipt" => {
            let tx: B256 = request["params"][0].as_str().unwrap().parse().unwrap();
            known.receipts.get(&tx).cloned().unwrap_or(Value::Null)
        }
        "eth_getBlockByNumber" => pending(known.time),
        other => panic!("{other} is not expected"),
    };
    answer
}

fn pending(time: u64) -> Value {
    let zero = B256::ZERO;
    json!({
        "number": "0x1", "hash": zero, "parentHash": zero, "nonce": "0x0000000000000000", "mixHash": zero,
        "sha3Uncles": zero, "logsBloom": format!("0x{}", "00".repeat(256)), "transactionsRoot": zero, "stateRoot": zero,
        "receiptsRoot": zero, "miner": Address::ZERO, "difficulty": "0x0", "extraData": "0x", "size": "0x0",
        "gasLimit": "0x1c9c380", "gasUsed": "0x0", "timestamp": format!("{time:#x}"), "transactions": [], "uncles": [],
        "hash_of_test": keccak256("pending"),
    })
}
