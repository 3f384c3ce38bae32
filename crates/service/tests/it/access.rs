//! Who may have what, with the texts that clients know.

use alloy::{
    consensus::{Eip658Value, Receipt, ReceiptEnvelope, ReceiptWithBloom},
    primitives::{B256, Bloom, Bytes, LogData, U256},
    rpc::types::{Log, TransactionReceipt},
    sol_types::SolEvent as _,
};
use jiff::Timestamp;
use ocean_contracts_bindings::abi::{
    IErc20,
    IErc20Template::{OrderReused, OrderStarted, ProviderFee},
    IErc721Factory, IErc721Template,
};
use ocean_crypto::PrivateKey;
use ocean_ddo::{Ddo, RawDdo};
use ocean_primitives::{Address, Dialect, FixedClock, ONE};
use ocean_service::{
    AccessError, Chain,
    access::{Refusal, authorize_order, check_asset, find_valid_order},
};
use serde_json::{Value, json};

use crate::{
    chain::{FACTORY, chain, key},
    fake_chain::FakeChain,
};

const NFT: Address = Address::repeat_byte(0x11);
const DATATOKEN: Address = Address::repeat_byte(0x22);
const OTHER_DATATOKEN: Address = Address::repeat_byte(0x33);
const CONSUMER: Address = Address::repeat_byte(0x44);
const STRANGER: Address = Address::repeat_byte(0x55);
const TX: B256 = B256::repeat_byte(0xaa);
const ORIGINAL: B256 = B256::repeat_byte(0xbb);
const NOW: i64 = 1_700_000_100;
const PLACED: u64 = 1_700_000_000;
const DID: &str = "did:op:6d2e144043b43a20aec4250b116ed5f0c668c83acb56e0c05e062c38cd440e31";

fn document(credentials: &Value, service_credentials: &Value) -> Ddo {
    let document = json!({
        "@context": ["https://w3id.org/did/v1"], "id": DID, "version": "4.1.0", "chainId": 8996, "nftAddress": NFT,
        "metadata": {
            "created": "2023-01-01T00:00:00Z", "updated": "2023-01-01T00:00:00Z", "type": "dataset", "name": "n",
            "description": "d", "author": "a", "license": "l",
        },
        "services": [{
            "id": "zero", "type": "access", "files": "0x00", "datatokenAddress": DATATOKEN,
            "serviceEndpoint": "http://127.0.0.1", "timeout": 3600, "credentials": service_credentials,
        }, {
            "id": "one", "type": "access", "files": "0x00", "datatokenAddress": OTHER_DATATOKEN,
            "serviceEndpoint": "http://127.0.0.1", "timeout": 0,
        }],
        "credentials": credentials,
    });
    RawDdo::parse(document.to_string()).unwrap().ddo().unwrap()
}

fn plain() -> Ddo {
    document(&json!({"allow": [], "deny": []}), &Value::Null)
}

fn chain_of(node: &FakeChain) -> Chain {
    chain(8996, "development", &node.url)
}

/// A node that knows the asset, in state 0.
async fn network() -> (FakeChain, Chain) {
    let node = FakeChain::start().await;
    let chain = chain_of(&node);
    node.answers(FACTORY, &IErc721Factory::erc721ListCall { nft: NFT }, &NFT);
    for datatoken in [DATATOKEN, OTHER_DATATOKEN] {
        node.answers(FACTORY, &IErc721Factory::erc20ListCall { datatoken }, &true);
        node.answers(NFT, &IErc721Template::isDeployedCall { datatoken }, &true);
    }
    node.answers(NFT, &IErc721Template::metaDataStateCall {}, &0);
    (node, chain)
}

fn log(address: Address, data: LogData) -> Log {
    Log { inner: alloy::primitives::Log { address, data }, ..Log::default() }
}

fn order(emitter: Address, consumer: Address) -> Log {
    let event = OrderStarted {
        consumer,
        payer: consumer,
        amount: ONE,
        serviceIndex: U256::ZERO,
        timestamp: U256::from(PLACED),
        publishMarketAddress: Address::ZERO,
        blockNumber: U256::from(1),
    };
    log(emitter, event.encode_log_data())
}

fn fee(emitter: Address, signer: &PrivateKey, valid_until: u64) -> Log {
    let data = json!({"environment": null, "timestamp": PLACED, "dt": DATATOKEN, "id": "zero"}).to_string();
    let fee = ocean_crypto::ProviderFee::signed(
        signer,
        Address::ZERO,
        U256::ZERO,
        valid_until,
        Bytes::from(data.into_bytes()),
    );
    let event = ProviderFee {
        providerFeeAddress: fee.provider_fee_address,
        providerFeeToken: fee.provider_fee_token,
        providerFeeAmount: fee.provider_fee_amount,
        providerData: fee.provider_data,
        v: fee.v,
        r: fee.r,
        s: fee.s,
        validUntil: U256::from(fee.valid_until),
    };
    log(emitter, event.encode_log_data())
}

fn reuse(emitter: Address, order: B256) -> Log {
    let timestamp = U256::from(PLACED + 50);
    let event = OrderReused { orderTxId: order, caller: CONSUMER, timestamp, number: U256::from(2) };
    log(emitter, event.encode_log_data())
}

fn receipt(tx: B256, logs: Vec<Log>) -> TransactionReceipt {
    let receipt = Receipt { status: Eip658Value::Eip658(true), cumulative_gas_used: 21_000, logs };
    TransactionReceipt {
        inner: ReceiptEnvelope::Eip1559(ReceiptWithBloom { receipt, logs_bloom: Bloom::ZERO }),
        transaction_hash: tx,
        transaction_index: Some(0),
        block_hash: Some(B256::ZERO),
        block_number: Some(1),
        gas_used: 21_000,
        effective_gas_price: 1,
        blob_gas_used: None,
        blob_gas_price: None,
        from: CONSUMER,
        to: Some(DATATOKEN),
        contract_address: None,
    }
}

fn now() -> FixedClock {
    FixedClock(Timestamp::from_second(NOW).unwrap())
}

async fn authorize(chain: &Chain, ddo: &Ddo, consumer: Address) -> Result<B256, AccessError> {
    let order = authorize_order(chain, &now(), ddo, &ddo.services[0], 0, TX, consumer).await;
    order.map(|order| order.order_tx)
}

/// An order with these logs is refused, with this cause in the Provider's words.
async fn check_refused(logs: Vec<Log>, consumer: Address, cause: &str) {
    let (node, chain) = network().await;
    node.mined(&receipt(TX, logs));
    let error = authorize(&chain, &plain(), consumer).await.unwrap_err();
    assert!(error.is_order() && !error.is_unavailable());
    let expected = format!(
        "Provider Ganache: Order with tx_id {TX} could not be validated due to error: Provider Ganache: {cause}"
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn what_does_not_pay_is_refused_with_the_texts_of_the_peer() {
    let missing_fee = format!("Cannot find the event for the provider fee in tx id {TX}.");
    let (ours, zero) = (key(), 0);
    check_refused(vec![], CONSUMER, &missing_fee).await;
    check_refused(vec![order(DATATOKEN, CONSUMER)], CONSUMER, &missing_fee).await;
    let sender = "sender of order transaction is not the consumer/payer.";
    check_refused(vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &ours, zero)], STRANGER, sender).await;
    // Well-formed events of another contract and of another datatoken of the same asset.
    for emitter in [STRANGER, OTHER_DATATOKEN] {
        check_refused(vec![order(emitter, CONSUMER), fee(emitter, &ours, zero)], CONSUMER, &missing_fee).await;
        let logs = vec![order(emitter, CONSUMER), fee(DATATOKEN, &ours, zero)];
        let missing_order = format!("Cannot find the event for the order in tx id {TX}.");
        check_refused(logs, CONSUMER, &missing_order).await;
    }
    let other: PrivateKey = "0x5d75837394b078ce97bc289fa8d75e21000573520bfa7784a9d28ccaae602bf8".parse().unwrap();
    let not_ours = format!("The provider fee in tx id {TX} is not for this provider.");
    check_refused(vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &other, zero)], CONSUMER, &not_ours).await;
}

#[tokio::test]
async fn a_genuine_order_is_accepted_without_asking_the_factory_twice() {
    let (node, chain) = network().await;
    node.mined(&receipt(TX, vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &key(), 0)]));
    assert_eq!(authorize(&chain, &plain(), CONSUMER).await.unwrap(), TX);
    node.asked();
    assert_eq!(authorize(&chain, &plain(), CONSUMER).await.unwrap(), TX);
    assert_eq!(node.asked(), ["eth_getTransactionReceipt"]);
}

#[tokio::test]
async fn an_order_is_good_for_its_own_service_only() {
    let (node, chain) = network().await;
    node.mined(&receipt(TX, vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &key(), 0)]));
    let ddo = plain();
    let error = authorize_order(&chain, &now(), &ddo, &ddo.services[1], 1, TX, CONSUMER).await.unwrap_err();
    assert!(error.is_order(), "{error}");
}

#[tokio::test]
async fn an_order_expires_and_a_renewal_makes_it_last() {
    let (node, chain) = network().await;
    let fee = || fee(DATATOKEN, &key(), 0);
    node.mined(&receipt(TX, vec![order(DATATOKEN, CONSUMER), fee()]));
    let ddo = plain();
    let late = FixedClock(Timestamp::from_second(NOW + 3_520).unwrap());
    let error = authorize_order(&chain, &late, &ddo, &ddo.services[0], 0, TX, CONSUMER).await.unwrap_err();
    assert!(
        error.to_string().contains("The order has expired. current timestamp=1700003620.0 order timestamp=1700000000 ")
    );

    node.mined(&receipt(ORIGINAL, vec![order(DATATOKEN, CONSUMER), fee()]));
    node.mined(&receipt(TX, vec![reuse(DATATOKEN, ORIGINAL), fee()]));
    let renewed = authorize_order(&chain, &late, &ddo, &ddo.services[0], 0, TX, CONSUMER).await.unwrap();
    assert_eq!((renewed.order_tx, renewed.reused_by), (ORIGINAL, Some(TX)));
}

#[tokio::test]
async fn a_renewal_proves_nothing_by_itself() {
    let fee = || fee(DATATOKEN, &key(), 0);
    for original in [None, Some(vec![order(OTHER_DATATOKEN, CONSUMER)]), Some(vec![order(DATATOKEN, STRANGER)])] {
        let (node, chain) = network().await;
        node.mined(&receipt(TX, vec![reuse(DATATOKEN, ORIGINAL), fee()]));
        if let Some(logs) = &original {
            node.mined(&receipt(ORIGINAL, [logs.clone(), vec![fee()]].concat()));
        }
        let error = authorize(&chain, &plain(), CONSUMER).await.unwrap_err();
        assert!(error.is_order(), "{original:?}: {error}");
    }
}

#[tokio::test]
async fn an_expired_fee_refuses_a_download_and_not_the_question_for_a_valid_order() {
    let (node, chain) = network().await;
    node.mined(&receipt(TX, vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &key(), PLACED + 1)]));
    let (ddo, late) = (plain(), FixedClock(Timestamp::from_second(NOW + 1_000).unwrap()));
    let service = &ddo.services[0];
    let error = authorize_order(&chain, &late, &ddo, service, 0, TX, CONSUMER).await.unwrap_err();
    assert!(error.to_string().contains("has expired"), "{error}");
    assert_eq!(find_valid_order(&chain, &late, &ddo, service, 0, TX, CONSUMER).await.unwrap().order_tx, TX);
}

#[tokio::test]
async fn contracts_that_the_factory_does_not_know_are_refused() {
    let genuine = || vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &key(), 0)];
    let cases: [fn(&FakeChain); 3] = [
        |node| node.answers(FACTORY, &IErc721Factory::erc721ListCall { nft: NFT }, &Address::ZERO),
        |node| node.answers(FACTORY, &IErc721Factory::erc20ListCall { datatoken: DATATOKEN }, &false),
        |node| node.answers(NFT, &IErc721Template::isDeployedCall { datatoken: DATATOKEN }, &false),
    ];
    for change in cases {
        let (node, chain) = network().await;
        node.mined(&receipt(TX, genuine()));
        change(&node);
        let error = authorize(&chain, &plain(), CONSUMER).await.unwrap_err();
        assert!(error.to_string().ends_with("The datatoken is not deployed by the data NFT of the asset."), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_transaction_and_a_silent_chain_are_told_apart() {
    let (node, chain) = network().await;
    let error = authorize(&chain, &plain(), CONSUMER).await.unwrap_err();
    assert!(error.is_order() && error.to_string().ends_with(&format!("Cannot find the transaction with tx id {TX}.")));

    let (down, chain) = network().await;
    down.set_down(true);
    let error = authorize(&chain, &plain(), CONSUMER).await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_order(), "{error}");
    let error = check_asset(&chain, Dialect::Provider, &plain(), None, CONSUMER).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");

    // Also where the factory need not be asked any more.
    node.mined(&receipt(TX, vec![order(DATATOKEN, CONSUMER), fee(DATATOKEN, &key(), 0)]));
    let chain = chain_of(&node);
    authorize(&chain, &plain(), CONSUMER).await.unwrap();
    node.set_down(true);
    let error = authorize(&chain, &plain(), CONSUMER).await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_order(), "{error}");
    assert_eq!(error.to_string(), "Provider Ganache: The chain does not answer.");
}

#[tokio::test]
async fn a_document_of_another_chain_is_refused() {
    let (node, _) = network().await;
    let other = chain(137, "polygon", &node.url);
    let error = check_asset(&other, Dialect::Provider, &plain(), None, CONSUMER).await.unwrap_err();
    assert_eq!(error.to_string(), "Provider polygon: Asset malformed or disabled.");
    assert_eq!(authorize(&other, &plain(), CONSUMER).await.unwrap_err().reason, Refusal::Malformed);
}

#[tokio::test]
async fn only_some_states_can_be_consumed() {
    for (state, consumable) in [(0, true), (1, false), (2, false), (3, false), (4, false), (5, true), (6, false)] {
        let (node, chain) = network().await;
        node.answers(NFT, &IErc721Template::metaDataStateCall {}, &state);
        let outcome = check_asset(&chain, Dialect::Provider, &plain(), None, CONSUMER).await;
        assert_eq!(outcome.is_ok(), consumable, "state {state}");
        if let Err(error) = outcome {
            assert_eq!(error.to_string(), "Provider Ganache: Asset is not consumable.");
        }
    }
}

#[tokio::test]
async fn a_forged_data_nft_is_refused() {
    let (node, chain) = network().await;
    node.answers(FACTORY, &IErc721Factory::erc721ListCall { nft: NFT }, &Address::ZERO);
    let error = check_asset(&chain, Dialect::Provider, &plain(), None, CONSUMER).await.unwrap_err();
    assert_eq!(error.to_string(), "Provider Ganache: Asset malformed or disabled.");
}

#[tokio::test]
async fn credentials_of_the_asset_and_of_the_service_both_have_to_allow() {
    let entry = |address: Address| json!([{"type": "address", "values": [address]}]);
    let lists = |allow: Value, deny: Value| json!({"allow": allow, "deny": deny});
    let none = || json!([]);
    let denied = "CREDENTIAL_IN_DENY_LIST";
    let not_allowed = "CREDENTIAL_NOT_IN_ALLOW_LIST";
    let cases = [
        (lists(none(), none()), None),
        (lists(none(), entry(CONSUMER)), Some(denied)),
        (lists(none(), entry(STRANGER)), None),
        (lists(entry(CONSUMER), none()), None),
        (lists(entry(STRANGER), none()), Some(not_allowed)),
        // Deny wins, where the peer lets the allow list win.
        (lists(entry(CONSUMER), entry(CONSUMER)), Some(denied)),
    ];
    let (_node, chain) = network().await;
    for (credentials, expected) in cases {
        for ddo in [document(&credentials, &Value::Null), document(&Value::Null, &credentials)] {
            let outcome = check_asset(&chain, Dialect::Provider, &ddo, Some(&ddo.services[0]), CONSUMER).await;
            let text = outcome.err().map(|error| error.to_string());
            let expected = expected.map(|code| {
                format!("Provider Ganache: Error: Access to asset {DID} was denied with code: ConsumableCodes.{code}.")
            });
            assert_eq!(text, expected, "{credentials}");
        }
    }
}

#[tokio::test]
async fn access_lists_of_the_chain_are_asked_and_others_let_nobody_in() {
    let (node, chain) = network().await;
    let (member, stranger, broken) =
        (Address::repeat_byte(0x66), Address::repeat_byte(0x77), Address::repeat_byte(0x88));
    let balance = |account: Address| IErc20::balanceOfCall { account };
    node.answers(member, &balance(CONSUMER), &U256::from(1));
    node.answers(stranger, &balance(CONSUMER), &U256::ZERO);
    let entry = |list: Address, chain: u64| json!([{"type": "accessList", "chainId": chain, "accessList": list}]);
    let none = || json!([]);
    for (allow, deny, allowed) in [
        (entry(member, 8996), none(), true),
        (entry(stranger, 8996), none(), false),
        (entry(broken, 8996), none(), false),
        (entry(member, 1), none(), false),
        (none(), entry(member, 8996), false),
        (none(), entry(stranger, 8996), true),
        (none(), entry(broken, 8996), false),
        (none(), entry(stranger, 1), false),
        (entry(member, 8996), entry(member, 8996), false),
        (json!(vec![entry(member, 8996)[0].clone(); 100]), none(), true),
    ] {
        let credentials = json!({"allow": allow, "deny": deny});
        let ddo = document(&credentials, &Value::Null);
        let outcome = check_asset(&chain, Dialect::Provider, &ddo, None, CONSUMER).await;
        assert_eq!(outcome.is_ok(), allowed, "{credentials}");
    }
    // A publisher cannot make this server ask for ever.
    let many: Vec<Value> =
        (0..200).map(|index| entry(Address::left_padding_from(&[index, 1]), 8996)[0].clone()).collect();
    let ddo = document(&json!({"allow": many, "deny": []}), &Value::Null);
    node.asked();
    assert!(check_asset(&chain, Dialect::Provider, &ddo, None, CONSUMER).await.is_err());
    assert!(node.asked().len() < 50);

    node.set_down(true);
    let ddo = document(&json!({"allow": entry(member, 8996), "deny": []}), &Value::Null);
    assert!(check_asset(&chain, Dialect::Provider, &ddo, None, CONSUMER).await.unwrap_err().is_unavailable());
}
