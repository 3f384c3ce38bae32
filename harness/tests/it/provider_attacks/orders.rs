//! Transactions that look like an order of the service (R2, R13), and orders in unusual transactions that are one.

use std::time::Duration;

use alloy::{
    primitives::{Bytes, TxKind, keccak256},
    providers::Provider as _,
    rpc::types::TransactionRequest,
    sol_types::SolCall as _,
};
use ocean_contracts_bindings::{
    abi::{IErc20Template, IErc721Factory, TokenOrder},
    wait_for_receipt,
};
use ocean_crypto::ProviderFee;
use ocean_primitives::{Address, B256, BaseUnits, Dialect, ONE, U256};
use ocean_protocol::{FileObject, Ocean, Pricing, PublishAsset};
use ocean_provider_api::initialize::provider_data;
use ocean_testbed::EventForger;

use super::world::{BUYER, PUBLISHER, STRANGER, TIMEOUT, World, forged};

/// Holds no datatoken; not even the publisher, to whom they are paid.
const PENNILESS: usize = 5;

/// An order for [`IErc721Factory::startMultipleTokenOrderCall`].
fn token_order(datatoken: Address, consumer: Address, index: u64, fee: &ProviderFee) -> TokenOrder {
    TokenOrder {
        tokenAddress: datatoken,
        consumer,
        serviceIndex: U256::from(index),
        providerFee: fee.into(),
        consumeMarketFee: None.into(),
    }
}

/// Several orders in one transaction, through the factory.
async fn order_together(client: &Ocean, orders: Vec<TokenOrder>) -> B256 {
    let contracts = client.contracts();
    for token in orders.iter().map(|order| order.tokenAddress).collect::<std::collections::BTreeSet<_>>() {
        let count = orders.iter().filter(|order| order.tokenAddress == token).count();
        let amount = BaseUnits(ONE * U256::from(count));
        contracts.approve_exact(token, contracts.deployment().factory, amount).await.unwrap();
    }
    let call = IErc721Factory::startMultipleTokenOrderCall { orders };
    contracts.transact(contracts.deployment().factory, &call).await.unwrap().transaction_hash
}

/// Makes these calls one after the other in one transaction, from an address of its own: the code of a contract that calls
/// while it is created.
async fn bundle(client: &Ocean, calls: &[(Address, Vec<u8>)]) -> B256 {
    // Per call: PUSH4 length, PUSH4 offset, a zero, CODECOPY; then CALL and POP. 50 bytes each, and a STOP.
    const STEP: usize = 50;
    let mut offset = calls.len() * STEP + 1;
    let (mut code, mut data) = (Vec::new(), Vec::new());
    for (to, input) in calls {
        let length = u32::try_from(input.len()).unwrap().to_be_bytes();
        let from = u32::try_from(offset).unwrap().to_be_bytes();
        let start = code.len();
        code.extend([0x63].iter().chain(&length).chain(&[0x63]).chain(&from).chain(&[0x60, 0, 0x39]));
        code.extend(
            [0x60, 0, 0x60, 0, 0x63].iter().chain(&length).chain(&[0x60, 0, 0x60, 0, 0x73]).chain(to.as_slice()),
        );
        code.extend([0x5a, 0xf1, 0x50]);
        assert_eq!(code.len() - start, STEP);
        data.extend_from_slice(input);
        offset += input.len();
    }
    code.push(0);
    code.extend(data);
    let rpc = client.contracts().rpc();
    let mut request = TransactionRequest::default().from(client.account()).gas_limit(3_000_000);
    request.to = Some(TxKind::Create);
    let sent = rpc.send_transaction(request.input(Bytes::from(code).into())).await.unwrap();
    let receipt = wait_for_receipt(rpc, *sent.tx_hash(), Duration::from_secs(10)).await.unwrap();
    assert!(receipt.status());
    receipt.transaction_hash
}

/// A fee of the Provider's own key, which its endpoints would not sign.
fn fee_until(world: &World, service: &str, valid_until: u64) -> ProviderFee {
    let data = provider_data(Dialect::Provider, world.asset.datatoken, service, world.testbed.clock().now());
    ProviderFee::signed(&world.testbed.provider_key(), world.testbed.deployment().ocean, U256::ZERO, valid_until, data)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_count_only_from_the_datatoken_of_the_service() {
    let world = World::start().await;
    let (buyer, stranger) = (world.client(BUYER).await, world.client(STRANGER).await);
    let datatoken = world.asset.datatoken;
    let own_order = world.order(BUYER, "first").await;
    world.served("the genuine order", &world.download(BUYER, own_order)).await;

    // (a) a foreign contract.
    let forger = EventForger::deploy(world.testbed.chain()).await.unwrap();
    let fee = world.fee("first", STRANGER).await;
    let (chain, consumer) = (world.testbed.chain(), world.address(STRANGER));
    let foreign = forger.order_started(chain, consumer, ONE, 0, forged(&fee)).await.unwrap();
    let no_fee = |tx: B256| format!("Cannot find the event for the provider fee in tx id {tx}.");
    world.order_refused("foreign contract", &world.download(STRANGER, foreign), &no_fee(foreign)).await;

    // (b) another datatoken, one's own, on which anything can be ordered with a fee that was signed for the victim's.
    let bait =
        PublishAsset::new("Bait", vec![FileObject::url("http://127.0.0.1:1/bait")], Pricing::free()).without_waiting();
    let bait = stranger.publish(bait).await.unwrap();
    stranger.contracts().dispense(bait.datatoken, BaseUnits(ONE), consumer).await.unwrap();
    let other = stranger.contracts().start_order(bait.datatoken, consumer, 0, &fee, None).await.unwrap().tx;
    world.order_refused("another datatoken", &world.download(STRANGER, other), &no_fee(other)).await;

    // (c) a genuine fee event in one transaction with a foreign order: from a contract, and from another datatoken.
    let nobodys = keccak256("no such transaction");
    let reuse =
        |order: B256| IErc20Template::reuseOrderCall { orderTxId: order, _providerFee: (&fee).into() }.abi_encode();
    let forge = {
        let sent = chain.rpc().get_transaction_by_hash(foreign).await.unwrap().unwrap();
        alloy::consensus::Transaction::input(sent.inner.inner()).to_vec()
    };
    let mixed = bundle(&stranger, &[(datatoken, reuse(nobodys)), (forger.address, forge.clone())]).await;
    let reason = format!("Cannot find the order {nobodys} that tx id {mixed} uses again.");
    world.order_refused("genuine fee, forged order", &world.download(STRANGER, mixed), &reason).await;
    world.dispense(stranger.contracts(), STRANGER).await;
    stranger.contracts().dispense(bait.datatoken, BaseUnits(ONE), consumer).await.unwrap();
    let orders = vec![token_order(datatoken, consumer, 7, &fee), token_order(bait.datatoken, consumer, 0, &fee)];
    let mixed = order_together(&stranger, orders).await;
    let reason = format!("The order in tx id {mixed} is not for the service with index 0.");
    world.order_refused("genuine fee, order of another datatoken", &world.download(STRANGER, mixed), &reason).await;

    // (d) a genuine reuse of what is no order of this datatoken, or not the caller's, or no order but a reuse.
    for (case, named) in [
        ("a forged order", foreign),
        ("an order of another datatoken", other),
        ("its publication", world.asset.metadata_tx),
    ] {
        let tx = stranger.contracts().reuse_order(datatoken, named, &fee).await.unwrap().tx;
        let reason = format!("Cannot find the event for the order in tx id {named}.");
        world.order_refused(&format!("reuse of {case}"), &world.download(STRANGER, tx), &reason).await;
    }
    let sender = "sender of order transaction is not the consumer/payer.";
    let stolen = stranger.contracts().reuse_order(datatoken, own_order, &fee).await.unwrap().tx;
    world.order_refused("reuse of somebody else's order", &world.download(STRANGER, stolen), sender).await;
    world.order_refused("somebody else's order", &world.download(STRANGER, own_order), sender).await;
    let bundled = bundle(&stranger, &[(datatoken, reuse(own_order)), (forger.address, forge)]).await;
    world
        .order_refused("reuse of somebody else's order with a forged one", &world.download(STRANGER, bundled), sender)
        .await;
    let again = buyer.contracts().reuse_order(datatoken, own_order, &fee).await.unwrap().tx;
    world.served("a reuse", &world.download(BUYER, again)).await;
    let twice = buyer.contracts().reuse_order(datatoken, again, &fee).await.unwrap().tx;
    let reason = format!("Cannot find the event for the order in tx id {again}.");
    world.order_refused("reuse of a reuse", &world.download(BUYER, twice), &reason).await;
    let nothing = buyer.contracts().reuse_order(datatoken, B256::ZERO, &fee).await.unwrap().tx;
    let reason = format!("Cannot find the order {} that tx id {nothing} uses again.", B256::ZERO);
    world.order_refused("reuse of nothing", &world.download(BUYER, nothing), &reason).await;

    // What never happened, and what failed.
    let reason = format!("Cannot find the transaction with tx id {nobodys}.");
    world.order_refused("no transaction", &world.download(BUYER, nobodys), &reason).await;
    let call = IErc20Template::startOrderCall {
        consumer: world.address(PENNILESS),
        serviceIndex: U256::ZERO,
        _providerFee: (&fee).into(),
        _consumeMarketFee: None.into(),
    };
    let request = TransactionRequest::default().to(datatoken).from(world.address(PENNILESS)).gas_limit(1_000_000);
    let penniless = world.client(PENNILESS).await;
    let rpc = penniless.contracts().rpc();
    let sent = rpc.send_transaction(request.input(Bytes::from(call.abi_encode()).into())).await.unwrap();
    let failed = *sent.tx_hash();
    let receipt = wait_for_receipt(rpc, failed, Duration::from_secs(10)).await.unwrap();
    assert!(!receipt.status(), "an order without a datatoken");
    world
        .order_refused(
            "a failed transaction",
            &world.download(PUBLISHER, failed),
            &format!("Transaction {failed} failed."),
        )
        .await;
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_for_one_service_with_a_fee_that_holds() {
    let world = World::start().await;
    let buyer = world.client(BUYER).await;
    let (consumer, datatoken) = (world.address(BUYER), world.asset.datatoken);
    let order = world.order(BUYER, "first").await;
    let mut download = world.download(BUYER, order);
    download.service = "second".to_owned();
    let no_fee = |tx: B256| format!("Cannot find the event for the provider fee in tx id {tx}.");
    world.order_refused("an order of the first service", &download, &no_fee(order)).await;
    // The index that the order names and the service that the fee names must both be right.
    world.dispense(buyer.contracts(), BUYER).await;
    let second_fee = world.fee("second", BUYER).await;
    let crossed = world.order_with(&buyer, BUYER, 0, &second_fee).await;
    world.order_refused("the fee of another service", &world.download(BUYER, crossed), &no_fee(crossed)).await;
    let mut download = world.download(BUYER, crossed);
    download.service = "second".to_owned();
    let reason = format!("The order in tx id {crossed} is not for the service with index 1.");
    world.order_refused("the index of another service", &download, &reason).await;
    // A reuse with the fee of another service, of an order of this one and the other way round.
    let crossed = buyer.contracts().reuse_order(datatoken, order, &second_fee).await.unwrap().tx;
    world.order_refused("reuse with another fee", &world.download(BUYER, crossed), &no_fee(crossed)).await;
    let mut download = world.download(BUYER, crossed);
    download.service = "second".to_owned();
    let reason = format!("The order in tx id {order} is not for the service with index 1.");
    world.order_refused("reuse for another service", &download, &reason).await;

    // An access order whose fee was over before it was paid.
    let now = world.testbed.clock().now().as_second() as u64;
    let past = fee_until(&world, "first", now - 1_000);
    world.dispense(buyer.contracts(), BUYER).await;
    let late = world.order_with(&buyer, BUYER, 0, &past).await;
    let text = format!("Provider Ganache: The provider fee in tx id {late} has expired. valid until=");
    world.get(&world.download(BUYER, late).path()).await.refused("expired fee", 400, &text);

    // Two orders in one transaction, one of them with an expired fee: the same answer whichever comes first.
    let good = world.fee("first", BUYER).await;
    let mut answers = Vec::new();
    for fees in [[&good, &past], [&past, &good]] {
        for _ in fees {
            world.dispense(buyer.contracts(), BUYER).await;
        }
        let tx = order_together(&buyer, fees.map(|fee| token_order(datatoken, consumer, 0, fee)).to_vec()).await;
        let answer = world.get(&world.download(BUYER, tx).path()).await;
        answer.refused("two fees", 400, "has expired");
        answers.push(answer.text().replace(&tx.to_string(), "TX"));
    }
    let cut = |text: &String| text.split("valid until=").next().unwrap().to_owned();
    assert_eq!(cut(&answers[0]), cut(&answers[1]));
    // The same with one whose signature is not the Provider's.
    let foreign = ProviderFee::signed(
        &world.key(STRANGER),
        world.testbed.deployment().ocean,
        U256::ZERO,
        0,
        good.provider_data.clone(),
    );
    let mut answers = Vec::new();
    for fees in [[&good, &foreign], [&foreign, &good]] {
        for _ in fees {
            world.dispense(buyer.contracts(), BUYER).await;
        }
        let tx = order_together(&buyer, fees.map(|fee| token_order(datatoken, consumer, 0, fee)).to_vec()).await;
        let answer = world.get(&world.download(BUYER, tx).path()).await;
        answers.push((answer.status, answer.text().replace(&tx.to_string(), "TX")));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 400, "one fee must not stand for two orders: {}", answers[0].1);

    // Several good orders in one transaction, of two assets and for two people.
    let other = PublishAsset::new("Second", vec![FileObject::url("http://127.0.0.1:1/second")], Pricing::free())
        .without_waiting();
    let other = world.publisher.publish(other).await.unwrap();
    world.publisher.wait_for(&other.did, other.metadata_tx).await.unwrap();
    let other_fee = world.fee_of(&other.did, "0", BUYER).await;
    world.dispense(buyer.contracts(), BUYER).await;
    world.dispense(buyer.contracts(), BUYER).await;
    buyer.contracts().dispense(other.datatoken, BaseUnits(ONE), consumer).await.unwrap();
    let friend = world.address(STRANGER);
    let orders = vec![
        token_order(other.datatoken, consumer, 0, &other_fee),
        token_order(datatoken, consumer, 0, &good),
        token_order(datatoken, friend, 0, &good),
    ];
    let tx = order_together(&buyer, orders).await;
    world.served("one of several orders", &world.download(BUYER, tx)).await;
    world.served("the order for a friend", &world.download(STRANGER, tx)).await;
    let sender = "sender of order transaction is not the consumer/payer.";
    world.order_refused("nobody's order", &world.download(PUBLISHER, tx), sender).await;
    let valid = world.get(&world.initialize("first", &consumer.to_checksum(None), &tx.to_string())).await;
    assert_eq!(valid.text(), format!("{{\"validOrder\":\"{tx}\"}}\n"));
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_ends_orders_and_fees() {
    let world = World::start().await;
    let buyer = world.client(BUYER).await;
    let order = world.order(BUYER, "first").await;
    let now = world.testbed.clock().now().as_second() as u64;
    let short = fee_until(&world, "first", now + 600);
    let short = buyer.contracts().reuse_order(world.asset.datatoken, order, &short).await.unwrap().tx;
    world.served("an order", &world.download(BUYER, order)).await;
    world.served("a reuse with a fee that ends", &world.download(BUYER, short)).await;

    // Beyond the fee and its margin, within the order's time.
    world.testbed.advance(Duration::from_secs(600 + 90 + 30)).await.unwrap();
    let text = format!("Provider Ganache: The provider fee in tx id {short} has expired. valid until=");
    world.get(&world.download(BUYER, short).path()).await.refused("expired fee", 400, &text);
    let consumer = world.address(BUYER).to_checksum(None);
    let valid = world.get(&world.initialize("first", &consumer, &short.to_string())).await;
    assert_eq!(
        valid.json()["validOrder"],
        order.to_string(),
        "initialize does not look at the fee's end: {}",
        valid.text()
    );
    world.served("the order itself", &world.download(BUYER, order)).await;

    world.testbed.advance(Duration::from_secs(TIMEOUT)).await.unwrap();
    let answer = world.get(&world.download(BUYER, order).path()).await;
    let start = format!(
        "Provider Ganache: Order with tx_id {order} could not be validated due to error: Provider Ganache: The order has expired. current timestamp="
    );
    answer.refused("expired order", 400, &start);
    let text = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(text.ends_with(&format!("service timeout={TIMEOUT}")), "{text}");
    let over = world.get(&world.initialize("first", &consumer, &order.to_string())).await;
    assert!(over.json().get("providerFee").is_some(), "a new fee: {}", over.text());

    // As with the peer, a reuse counts from its own time, and it ends too.
    let fee = world.fee("first", BUYER).await;
    let again = buyer.contracts().reuse_order(world.asset.datatoken, order, &fee).await.unwrap().tx;
    world.served("a reuse of an expired order", &world.download(BUYER, again)).await;
    world.get(&world.download(BUYER, order).path()).await.refused("the expired order", 400, "The order has expired.");
    world.testbed.advance(Duration::from_secs(TIMEOUT + 60)).await.unwrap();
    world.get(&world.download(BUYER, again).path()).await.refused("the expired reuse", 400, "The order has expired.");
    world.testbed.stop().await.unwrap();
}
