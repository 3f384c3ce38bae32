//! Events that look like Ocean's and are not, states, and owners.

use alloy::{primitives::LogData, sol_types::SolEvent};
use ocean_contracts_bindings::abi::{IDispenser, IErc20Template, IErc721Factory, IErc721Template, IFixedRateExchange};
use ocean_testbed::{EventForger, ForgedFee};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_strangers_change_nothing() {
    let testbed = Testbed::builder().start().await.unwrap();
    let publisher = contracts(&testbed, PUBLISHER).await;
    let url = testbed.aquarius_url();
    let asset = create(&publisher, free()).await;
    put(&publisher, asset.nft, &document(asset.nft, asset.datatoken, "genuine")).await;
    at_head(&testbed, url).await;
    let before = everything(url).await;

    let forger = EventForger::deploy(testbed.chain()).await.unwrap();
    let sender = testbed.accounts()[5].address;
    let (nft, fake) = (asset.nft, forger.address);
    let (id, base) = (B256::repeat_byte(7), testbed.deployment().ocean);
    let text = document(fake, asset.datatoken, "forged");
    let stolen = document(nft, asset.datatoken, "stolen");
    let written = |text: &str| IErc721Template::MetadataCreated {
        createdBy: sender,
        state: 0,
        decryptorUrl: String::new(),
        flags: Bytes::from_static(&[0]),
        data: text.to_owned().into_bytes().into(),
        metaDataHash: sha256(text),
        timestamp: U256::from(1),
        blockNumber: U256::from(1),
    };
    let logs: Vec<LogData> = vec![
        written(&text).encode_log_data(),
        written(&stolen).encode_log_data(),
        IErc721Factory::NFTCreated {
            newTokenAddress: nft,
            templateAddress: fake,
            tokenName: "Forged".to_owned(),
            admin: sender,
            symbol: "F".to_owned(),
            tokenURI: String::new(),
            transferable: true,
            creator: sender,
        }
        .encode_log_data(),
        IErc721Factory::TokenCreated {
            newTokenAddress: asset.datatoken,
            templateAddress: fake,
            name: "Forged".to_owned(),
            symbol: "F".to_owned(),
            cap: U256::MAX,
            creator: fake,
        }
        .encode_log_data(),
        IErc721Template::MetadataState {
            updatedBy: sender,
            state: 3,
            timestamp: U256::from(1),
            blockNumber: U256::from(1),
        }
        .encode_log_data(),
        IErc721Template::Transfer { from: sender, to: sender, tokenId: U256::from(1) }.encode_log_data(),
        IFixedRateExchange::ExchangeCreated {
            exchangeId: id,
            baseToken: base,
            datatoken: asset.datatoken,
            exchangeOwner: sender,
            fixedRate: U256::from(1),
        }
        .encode_log_data(),
        IFixedRateExchange::ExchangeRateChanged { exchangeId: id, exchangeOwner: sender, newRate: U256::from(1) }
            .encode_log_data(),
        IDispenser::DispenserDeactivated { datatokenAddress: asset.datatoken }.encode_log_data(),
        IErc20Template::OrderReused { orderTxId: id, caller: sender, timestamp: U256::from(1), number: U256::from(1) }
            .encode_log_data(),
    ];
    for log in logs {
        let (topics, data) = (log.topics().to_vec(), log.data.clone());
        forger.log(testbed.chain(), sender, topics, data).await.unwrap();
    }
    forger.order_started(testbed.chain(), sender, BaseUnits(ONE).0, 0, ForgedFee::default()).await.unwrap();
    // A log that carries a known topic and nothing that can be read.
    for topic in ocean_aquarius::topics() {
        forger.log(testbed.chain(), sender, vec![topic], Bytes::from_static(b"\xff\xff")).await.unwrap();
    }
    at_head(&testbed, url).await;
    assert_eq!(everything(url).await, before);
    assert!(queue(url).await.is_empty());
    let state = get_json(&format!("{url}/api/aquarius/state/ddo?nft={fake}")).await;
    assert_eq!(state["error"], "nft not deployed by our factory");
    assert_eq!(state_of(url, &did(nft)).await["valid"], true, "nothing is said of the genuine asset");
    testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_and_every_owner_is_served_in_both_shapes() {
    let testbed = Testbed::builder().start().await.unwrap();
    let publisher = contracts(&testbed, PUBLISHER).await;
    let url = testbed.aquarius_url();
    let asset = create(&publisher, free()).await;
    let text = document(asset.nft, asset.datatoken, "states");
    put(&publisher, asset.nft, &text).await;
    let did = did(asset.nft);
    let metadata_url = format!("{url}/api/aquarius/assets/metadata/{did}");
    for (state, is_whole) in [(1, true), (4, true), (5, true), (2, false), (0, true), (3, false), (0, true)] {
        publisher.set_metadata_state(asset.nft, state).await.unwrap();
        at_head(&testbed, url).await;
        let served = everything(url).await.remove(did.as_str()).unwrap();
        assert_eq!(served["nft"]["state"], state);
        // Owner, name and address survive a change of state.
        assert_eq!(served["nft"]["owner"], testbed.accounts()[PUBLISHER].address.to_checksum(None), "{state}");
        assert_eq!(served["nft"]["name"], "Chain test", "{state}");
        assert_eq!(served["nft"]["address"], asset.nft.to_checksum(None), "{state}");
        assert_eq!(served.get("metadata").is_some(), is_whole, "{state}: {served}");
        let metadata = reqwest::get(&metadata_url).await.unwrap();
        assert_eq!(metadata.status(), if is_whole { 200 } else { 404 }, "{state}");
        if is_whole {
            assert_eq!(served["indexedMetadata"]["nft"]["state"], state);
            assert_eq!(client(url).ddo(&did).await.unwrap().unwrap().stripped().as_str(), text, "{state}");
        } else {
            let said: Value = metadata.json().await.unwrap();
            assert_eq!(said["error"], "Error encountered while retrieving metadata: KeyError('metadata').");
        }
    }
    let sent = publisher.transfer_nft(asset.nft, testbed.accounts()[3].address).await.unwrap();
    at_head(&testbed, url).await;
    let served = everything(url).await.remove(did.as_str()).unwrap();
    for owner in [&served["nft"]["owner"], &served["indexedMetadata"]["nft"]["owner"]] {
        assert_eq!(owner, &testbed.accounts()[3].address.to_checksum(None));
    }
    assert_ne!(served["event"]["tx"], format!("{:#x}", sent.tx), "a transfer is no metadata event");
    testbed.stop().await.unwrap();
}
