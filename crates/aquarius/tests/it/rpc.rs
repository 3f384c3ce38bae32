//! Reading a chain over JSON-RPC.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::post};
use ocean_aquarius::{ChainReader as _, RpcReader};
use ocean_contracts_bindings::{Deployment, connect};
use ocean_primitives::{Address, B256};
use serde_json::{Value, json};

use crate::support::{CHAIN, DISPENSER, FACTORY, FIXED_RATE, OCEAN};

fn reader(url: &str) -> RpcReader {
    let deployment = Deployment::new(CHAIN, OCEAN, Address::repeat_byte(0x77), FACTORY, FIXED_RATE, DISPENSER);
    RpcReader::new(connect(url).unwrap(), deployment)
}

type Script = Arc<Mutex<Box<dyn FnMut(&str, &Value) -> Value + Send>>>;

/// A node whose answers are `result` or `error` objects made by this function.
async fn node(script: impl FnMut(&str, &Value) -> Value + Send + 'static) -> String {
    async fn handle(State(script): State<Script>, Json(call): Json<Value>) -> Json<Value> {
        let mut answer = (script.lock().unwrap())(call["method"].as_str().unwrap(), &call["params"]);
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = call["id"].clone();
        Json(answer)
    }
    let script: Script = Arc::new(Mutex::new(Box::new(script)));
    let router = Router::new().fallback_service(post(handle).with_state(script));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-key", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn access_keys_are_in_no_error() {
    let closed = reader("http://127.0.0.1:1/secret-key");
    let nonsense = reader(&node(|_, _| json!({ "result": "nonsense" })).await);
    for reader in [closed, nonsense] {
        let error = reader.head().await.unwrap_err();
        assert!(error.is_retryable());
        for text in [error.to_string(), format!("{error:?}"), format!("{reader:?}")] {
            assert!(!text.contains("secret-key"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_nodes_own_words_are_kept() {
    let url =
        node(|_, _| json!({ "error": { "code": -32005, "message": "query returned more than 10000 results" } })).await;
    let error = reader(&url).logs(1, 2).await.unwrap_err();
    assert!(error.to_string().contains("more than 10000 results"), "{error}");
}

#[tokio::test]
async fn logs_are_in_chain_order_and_only_complete_ones() {
    let log = |block: u64, index: u64| {
        json!({
            "address": FACTORY, "topics": [ocean_aquarius::topics()[0]], "data": "0x", "blockNumber": format!("{block:#x}"),
            "blockHash": B256::repeat_byte(1), "transactionHash": B256::repeat_byte(2), "transactionIndex": "0x0",
            "logIndex": format!("{index:#x}"), "removed": false,
        })
    };
    let mut pending = log(9, 0);
    pending["blockNumber"] = Value::Null;
    let mut removed = log(3, 0);
    removed["removed"] = json!(true);
    let answer = json!([log(2, 7), log(2, 1), pending, removed, log(1, 3)]);
    let asked = Arc::new(Mutex::new(Value::Null));
    let seen = Arc::clone(&asked);
    let url = node(move |method, params| {
        assert_eq!(method, "eth_getLogs");
        *seen.lock().unwrap() = params[0].clone();
        json!({ "result": answer })
    })
    .await;
    let logs = reader(&url).logs(1, 2).await.unwrap();
    let places: Vec<_> = logs.iter().map(|log| (log.block, log.log_index)).collect();
    assert_eq!(places, [(1, 3), (2, 1), (2, 7)]);
    let filter = asked.lock().unwrap();
    assert_eq!((&filter["fromBlock"], &filter["toBlock"]), (&json!("0x1"), &json!("0x2")));
    assert_eq!(filter["topics"][0].as_array().unwrap().len(), ocean_aquarius::topics().len());
}

#[tokio::test]
async fn a_contract_that_refuses_its_name_is_not_a_broken_node() {
    let url = node(|_, _| json!({ "error": { "code": 3, "message": "execution reverted", "data": "0x" } })).await;
    assert_eq!(reader(&url).symbol(OCEAN).await.unwrap(), "");
    // For anything that decides, a refusal is no answer.
    assert!(reader(&url).is_fixed_rate(OCEAN).await.is_err());
    // Without code at the address the answer is empty.
    let url = node(|_, _| json!({ "result": "0x" })).await;
    assert_eq!(reader(&url).symbol(OCEAN).await.unwrap(), "");
}
