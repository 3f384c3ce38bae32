//! `smartcontract` files: what the Python Provider made of them was recorded (`fileinfo.json` and `download.json` of its exchanges),
//! and the functions are those of the same contracts.

use ocean_contracts_bindings::{Contracts, connect};
use ocean_primitives::{BaseUnits, ChainId, ONE, U256};
use ocean_protocol::{FileObject, Pricing, PublishAsset};
use ocean_provider_client::{DownloadQuery, ProviderClient};
use ocean_testbed::Testbed;
use serde_json::{Value, json};

/// `FactoryRouter.swapOceanFee()`, as the recorded exchange has it.
fn swap_ocean_fee() -> Value {
    json!({"inputs": [], "name": "swapOceanFee", "outputs": [{"internalType": "uint256", "name": "", "type": "uint256"}],
        "stateMutability": "view", "type": "function"})
}

fn balance_of() -> Value {
    json!({"inputs": [{"internalType": "address", "name": "account", "type": "address"}], "name": "balanceOf",
        "outputs": [{"internalType": "uint256", "name": "", "type": "uint256"}], "stateMutability": "view", "type": "function"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_of_calls_are_asked_about_and_downloaded_as_from_the_python_provider() {
    let testbed = Testbed::builder().start().await.unwrap();
    let (router, ocean_token) = (testbed.deployment().router, testbed.deployment().ocean);
    let object =
        |address, abi: Value| json!({"type": "smartcontract", "address": address, "abi": abi, "chainId": 8996});
    let http = reqwest::Client::new();
    let url = format!("{}/api/services/fileinfo", testbed.provider_url());
    let ask = async |mut body: Value, more: Value| {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let response = http.post(&url).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, text) = ask(object(router, swap_ocean_fee()), json!({"checksum": true})).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(
        text,
        "[{\"checksum\":\"6a4ef24cb01aa0e97da4186c067128b828532db703db8872fa736a0cc0b363b1\",\"checksumType\":\"sha256\",\"contentLength\":16,\"contentType\":\"application/json\",\"index\":0,\"type\":\"smartcontract\",\"valid\":true}]\n"
    );
    for more in [json!({}), json!({"userdata": {"x": 1}})] {
        let (status, text) = ask(object(ocean_token, balance_of()), more).await;
        assert_eq!((status, text.as_str()), (400, "{\"error\":\"Missing parameters\"}\n"));
    }
    let writes = json!({"inputs": [], "name": "f", "outputs": [], "stateMutability": "nonpayable", "type": "function"});
    let (status, text) = ask(object(router, writes), json!({})).await;
    assert_eq!((status, text.contains("only view or pure functions are allowed")), (400, true), "{text}");
    for abi in [json!({}), json!(null), json!({"type": "function", "stateMutability": "view"})] {
        let (status, text) = ask(object(router, abi.clone()), json!({})).await;
        assert_eq!(status, 400, "{abi}: {text}");
    }
    // Another chain, and an address where nothing answers.
    let mut elsewhere = object(router, swap_ocean_fee());
    elsewhere["chainId"] = json!(1);
    for body in [elsewhere, object(testbed.accounts()[5].address, swap_ocean_fee())] {
        let (status, text) = ask(body, json!({})).await;
        assert_eq!((status, text.as_str()), (200, "[{\"index\":0,\"type\":\"smartcontract\",\"valid\":false}]\n"));
    }

    let files = [(router, swap_ocean_fee()), (ocean_token, balance_of())]
        .map(|(address, abi)| FileObject::SmartContract { address, chain_id: ChainId::DEVELOPMENT, abi });
    let ten = || BaseUnits(ONE * U256::from(10));
    let pricing = Pricing::Free { max_tokens: ten(), max_balance: ten() };
    let ocean = testbed.ocean(1).build().await.unwrap();
    let asset = ocean.publish(PublishAsset::new("Calls", files.to_vec(), pricing)).await.unwrap();
    let order = ocean.buy(&asset.did, None).await.unwrap();
    let provider = ProviderClient::builder(testbed.provider_url()).build().unwrap();
    let query = DownloadQuery::new(order.did.clone(), order.service_id.clone(), order.tx);
    let folder = tempfile::tempdir().unwrap();
    let read = async |query: &DownloadQuery| {
        let path = folder.path().join("result");
        provider.download_to_file(query, &testbed.key(1), &path).await.map(|_| std::fs::read_to_string(&path).unwrap())
    };
    assert_eq!(read(&query).await.unwrap(), "1000000000000000");
    // Account 0 deployed the contracts and keeps what it has not given away.
    let account = testbed.accounts()[0].address;
    let rpc = connect(testbed.rpc_url()).unwrap();
    let contracts = Contracts::new(rpc, testbed.deployment().clone());
    let balance = contracts.balance_of(ocean_token, account).await.unwrap();
    let query = query.clone().file_index(1);
    assert_eq!(read(&query.clone().user_data(json!({"account": account}))).await.unwrap(), balance.0.to_string());
    let error = read(&query).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.to_string().contains("Missing parameters"), "{error}");

    let running = provider.download(&query.file_index(0), 0, &testbed.key(1)).await.unwrap();
    assert_eq!((running.file_name, running.content_length), (None, Some(16)));
    assert_eq!(running.content_type.as_deref(), Some("text/html; charset=utf-8"));
    testbed.stop().await.unwrap();
}
