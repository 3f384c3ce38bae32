//! The contract bindings against the real contracts.

mod admin;
mod community;
mod creation;
mod files_object;
mod genuine;
mod nft;
mod orders;
mod reasons;
mod roles;
mod sending;
mod signed;
mod world;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    providers::Provider as _,
};
use ocean_contracts_bindings::{
    Contracts, CreateAsset, Error, FreBuy, Price, Revert, SetMetadata,
    abi::{ConsumeMarketFeeData, IErc20TemplateEnterprise, IErc721Factory, TokenOrder},
    connect,
    events::{Event, decode},
    order::OrderError,
};
use ocean_pricing::{
    fixed_rate::quote_buy,
    order::{Fee, ONE_DATATOKEN},
};
use ocean_primitives::{FeeRate, ONE, Rate};

use self::world::{World, account, base, check_revert, sender, whole};

#[tokio::test]
async fn template_1_is_published_bought_and_ordered_at_the_quoted_price() {
    let world = World::start().await;
    let asset = world.publish(1, world.price()).await;
    assert!(world.publisher.is_factory_nft(asset.nft).await.unwrap());
    assert!(world.publisher.is_factory_datatoken(asset.datatoken).await.unwrap());
    assert!(world.publisher.is_deployed(asset.nft, asset.datatoken).await.unwrap());
    assert_eq!(world.publisher.nft_of(asset.datatoken).await.unwrap(), asset.nft);
    assert_eq!(world.publisher.template_id(asset.datatoken).await.unwrap(), 1);
    assert_eq!(world.publisher.nft_owner(asset.nft).await.unwrap(), account(&world.chain, 0));
    assert_eq!(world.publisher.publish_market_fee(asset.datatoken).await.unwrap(), Some(world.market_fee()));
    let id = asset.exchange.unwrap();
    let deployment = world.deployment();
    assert_eq!(world.publisher.fixed_rates_of(asset.datatoken).await.unwrap(), [(deployment.fixed_price, id)]);

    let exchange = world.buyer.exchange(id).await.unwrap();
    assert!(exchange.active && exchange.with_mint);
    assert_eq!((exchange.datatoken, exchange.base_token), (asset.datatoken, deployment.ocean));
    let consume_fee = FeeRate::from_percent("0.5").unwrap();
    let quote = quote_buy(&exchange.pricing, ONE_DATATOKEN, consume_fee).unwrap();
    let theirs = world.buyer.contract_quote_buy(id, ONE_DATATOKEN, consume_fee).await.unwrap();
    assert!(theirs == quote, "{theirs:?} {quote:?}");

    let market = Some((account(&world.chain, 6), consume_fee));
    let too_little = world.buyer.buy_dt(id, ONE_DATATOKEN, quote.total.checked_sub(base(1)).unwrap(), market).await;
    check_revert(too_little, "FixedRateExchange: Too many base tokens");
    let spender = deployment.fixed_price;
    world.buyer.approve_exact(deployment.ocean, spender, quote.total).await.unwrap().unwrap();
    assert_eq!(world.buyer.approve_exact(deployment.ocean, spender, quote.total).await.unwrap(), None);
    let before = world.buyer.balance_of(deployment.ocean, world.buyer_address()).await.unwrap();
    let swap = world.buyer.buy_dt(id, ONE_DATATOKEN, quote.total, market).await.unwrap();
    let after = world.buyer.balance_of(deployment.ocean, world.buyer_address()).await.unwrap();
    assert_eq!(before.checked_sub(after).unwrap(), quote.total);
    assert_eq!((swap.paid, swap.datatokens), (quote.total, ONE_DATATOKEN));
    assert_eq!(
        (swap.ocean_fee, swap.market_fee, swap.consume_fee),
        (quote.ocean_fee, quote.market_fee, quote.consume_fee)
    );
    assert_eq!(world.buyer.allowance(deployment.ocean, world.buyer_address(), spender).await.unwrap(), base(0));

    let fee = world.fee(asset.datatoken, 5);
    let consume_market_fee = Fee { address: account(&world.chain, 6), token: deployment.ocean, amount: base(11) };
    let order = || world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &fee, Some(consume_market_fee));
    check_revert(order().await, "ERC20: insufficient allowance");
    world.buyer.approve_exact(deployment.ocean, asset.datatoken, base(7 + 5 + 11)).await.unwrap();
    let ordered = order().await.unwrap();
    let verified = world.verify(ordered.tx, asset.datatoken, world.buyer_address()).await.unwrap();
    assert_eq!((verified.order_tx, verified.reused_by), (ordered.tx, None));
    assert_eq!(verified.started_at.as_second(), i64::try_from(ordered.timestamp).unwrap());
    let stranger = world.verify(ordered.tx, asset.datatoken, account(&world.chain, 7)).await;
    assert_eq!(stranger, Err(OrderError::Sender));

    world.buyer.approve_exact(deployment.ocean, asset.datatoken, base(5)).await.unwrap();
    let again = world.buyer.reuse_order(asset.datatoken, ordered.tx, &fee).await.unwrap();
    let verified = world.verify(again.tx, asset.datatoken, world.buyer_address()).await.unwrap();
    assert_eq!((verified.order_tx, verified.reused_by), (ordered.tx, Some(again.tx)));
    check_revert(order().await, "Not enough datatokens to start Order");
}

#[tokio::test]
async fn template_2_is_bought_and_ordered_in_one_transaction() {
    let world = World::start().await;
    let asset = world.publish(2, world.price()).await;
    assert_eq!(world.publisher.template_id(asset.datatoken).await.unwrap(), 2);
    let id = asset.exchange.unwrap();
    let exchange = world.buyer.exchange(id).await.unwrap();
    assert_eq!(exchange.allowed_swapper, asset.datatoken);
    let quote = quote_buy(&exchange.pricing, ONE_DATATOKEN, FeeRate::ZERO).unwrap();
    let deployment = world.deployment();
    let spending = quote.total.checked_add(base(7 + 5)).unwrap();
    world.buyer.approve_exact(deployment.ocean, asset.datatoken, spending).await.unwrap();

    let buy = FreBuy {
        exchange: id,
        max_base: quote.total,
        swap_market_fee: FeeRate::ZERO,
        market_fee_address: Address::ZERO,
    };
    let fee = world.fee(asset.datatoken, 5);
    let lost = FreBuy { swap_market_fee: FeeRate::from_percent("10").unwrap(), ..buy };
    let lost = world.buyer.buy_from_fre_and_order(asset.datatoken, world.buyer_address(), 0, &fee, None, lost).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    let order =
        world.buyer.buy_from_fre_and_order(asset.datatoken, world.buyer_address(), 0, &fee, None, buy).await.unwrap();
    assert_eq!(order.paid, Some(quote.total));
    assert_eq!(world.buyer.allowance(deployment.ocean, world.buyer_address(), asset.datatoken).await.unwrap(), base(0));
    world.verify(order.tx, asset.datatoken, world.buyer_address()).await.unwrap();

    world.buyer.approve_exact(deployment.ocean, deployment.fixed_price, quote.total).await.unwrap();
    let direct = world.buyer.buy_dt(id, ONE_DATATOKEN, quote.total, None).await;
    check_revert(direct, "FixedRateExchange: This address is not allowed to swap");
}

#[tokio::test]
async fn free_assets_come_from_the_dispenser() {
    let world = World::start().await;
    let deployment = world.deployment();
    let free = Price::Free { max_tokens: whole(2), max_balance: whole(2) };
    let asset = world.publish(1, free.clone()).await;
    assert_eq!(asset.exchange, None);
    let state = world.buyer.dispenser(asset.datatoken).await.unwrap().unwrap();
    assert!(state.terms.active && state.terms.is_minter);
    assert_eq!((state.owner, state.terms.max_tokens), (deployment.factory, whole(2)));
    let priced = world.publish(1, world.price()).await;
    assert_eq!(world.buyer.dispenser(priced.datatoken).await.unwrap(), None);
    assert_eq!(world.buyer.dispensers_of(asset.datatoken).await.unwrap(), [deployment.dispenser]);

    let me = world.buyer_address();
    check_revert(world.buyer.dispense(asset.datatoken, whole(3), me).await, "Amount too high");
    world.buyer.dispense(asset.datatoken, whole(2), me).await.unwrap();
    check_revert(world.buyer.dispense(asset.datatoken, whole(1), me).await, "Caller balance too high");
    world.buyer.approve_exact(deployment.ocean, asset.datatoken, base(7)).await.unwrap();
    let order = world.buyer.start_order(asset.datatoken, me, 0, &world.fee(asset.datatoken, 0), None).await.unwrap();
    world.verify(order.tx, asset.datatoken, me).await.unwrap();

    let asset = world.publish(2, free).await;
    world.buyer.approve_exact(deployment.ocean, asset.datatoken, base(7)).await.unwrap();
    let fee = world.fee(asset.datatoken, 0);
    let order = world.buyer.buy_from_dispenser_and_order(asset.datatoken, me, 0, &fee, None).await.unwrap();
    world.verify(order.tx, asset.datatoken, me).await.unwrap();
}

#[tokio::test]
async fn documents_and_states_are_set_by_who_may() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    assert!(!world.publisher.nft_metadata(asset.nft).await.unwrap().has_metadata);
    let metadata = SetMetadata {
        state: 0,
        decryptor_url: "http://127.0.0.1:8030".to_owned(),
        decryptor_address: "0x0".to_owned(),
        flags: Bytes::from_static(&[2]),
        data: Bytes::from_static(b"document"),
        hash: B256::repeat_byte(3),
        proofs: Vec::new(),
    };
    for expected in ["MetadataCreated", "MetadataUpdated"] {
        let outcome = world.publisher.set_metadata(asset.nft, &metadata).await.unwrap();
        let receipt = world.publisher.rpc().get_transaction_receipt(outcome.tx).await.unwrap().unwrap();
        let events: Vec<_> = receipt.logs().iter().filter_map(decode).map(|event| event.signature()).collect();
        assert!(events.iter().any(|event| event.starts_with(expected)), "{events:?}");
    }
    let stored = world.publisher.nft_metadata(asset.nft).await.unwrap();
    assert!(stored.has_metadata);
    assert_eq!(stored.decryptor_url, metadata.decryptor_url);
    world.publisher.set_metadata_state(asset.nft, 4).await.unwrap();
    assert_eq!(world.publisher.nft_state(asset.nft).await.unwrap(), 4);
    check_revert(world.buyer.set_metadata(asset.nft, &metadata).await, "ERC721Template: NOT METADATA_ROLE");
    check_revert(world.buyer.set_metadata_state(asset.nft, 0).await, "ERC721Template: NOT METADATA_ROLE");
    world.publisher.transfer_nft(asset.nft, world.buyer_address()).await.unwrap();
    assert_eq!(world.buyer.nft_owner(asset.nft).await.unwrap(), world.buyer_address());
    world.buyer.set_metadata_state(asset.nft, 0).await.unwrap();
    world.buyer.set_token_uri(asset.nft, "data:,").await.unwrap();
    assert_eq!(world.buyer.nft_token_uri(asset.nft).await.unwrap(), "data:,");
}

#[tokio::test]
async fn prices_that_would_harm_the_publisher_are_not_published() {
    let world = World::start().await;
    let usdc = world.deployment().extra_address("MockUSDC").unwrap();
    let collector = account(&world.chain, 5);
    let publish = |base_decimals, rate: &str, market_fee, market_fee_collector| {
        let price = Price::FixedRate {
            base_token: usdc,
            base_decimals,
            rate: Rate::parse(rate).unwrap(),
            market_fee,
            market_fee_collector,
            with_mint: true,
        };
        let publisher = world.publisher.clone();
        async move { publisher.create_asset(&CreateAsset::new("A", "A", price)).await }
    };
    let one_percent = FeeRate::from_percent("1").unwrap();
    let sent = || async { world.publisher.rpc().get_transaction_count(account(&world.chain, 0)).await.unwrap() };
    let before = sent().await;
    assert!(matches!(publish(18, "1", FeeRate::ZERO, collector).await, Err(Error::Price(_))));
    assert!(matches!(publish(6, "0.0000005", FeeRate::ZERO, collector).await, Err(Error::Price(_))));
    assert!(matches!(publish(6, "1", one_percent, Address::ZERO).await, Err(Error::FeeWithoutAddress)));
    let mut asset = CreateAsset::new("A", "A", Price::None);
    asset.template = 3;
    assert!(matches!(world.publisher.create_asset(&asset).await, Err(Error::Template(3))));
    asset.template = 1;
    asset.cap = base(0);
    check_revert(world.publisher.create_asset(&asset).await, "ERC20Factory: zero cap is not allowed");
    assert_eq!(sent().await, before, "a refused call must cost nothing");
    publish(6, "1", one_percent, collector).await.unwrap();
}

#[tokio::test]
async fn a_call_that_a_clone_does_not_know_is_no_success() {
    let world = World::start().await;
    let asset = world.publish(1, world.price()).await;
    let fee = world.fee(asset.datatoken, 0);
    let call = FreBuy {
        exchange: asset.exchange.unwrap(),
        max_base: whole(3),
        swap_market_fee: FeeRate::ZERO,
        market_fee_address: Address::ZERO,
    };
    // Template 1 has no such method: a transaction would succeed and do nothing.
    let nothing = world.buyer.buy_from_fre_and_order(asset.datatoken, world.buyer_address(), 0, &fee, None, call).await;
    assert!(matches!(nothing, Err(Error::NoMethod { .. })), "{nothing:?}");
    let read = world.buyer.read(asset.nft, &IErc20TemplateEnterprise::getPublishingMarketFeeCall {}).await;
    assert!(matches!(read, Err(Error::Answer { .. })), "{read:?}");
    let no_contract = world.buyer.template_id(world.buyer_address()).await;
    assert!(matches!(no_contract, Err(Error::Answer { .. })), "{no_contract:?}");
}

#[tokio::test]
async fn orders_of_several_services_are_paid_by_the_factory() {
    let world = World::start().await;
    let me = world.buyer_address();
    let deployment = world.deployment();
    let free = Price::Free { max_tokens: whole(5), max_balance: whole(5) };
    let [one, two] = [world.publish(1, free.clone()).await, world.publish(1, free).await];
    let mut orders = Vec::new();
    for asset in [one, two] {
        world.buyer.dispense(asset.datatoken, whole(1), me).await.unwrap();
        world.buyer.approve_exact(asset.datatoken, deployment.factory, whole(1)).await.unwrap();
        orders.push(TokenOrder {
            tokenAddress: asset.datatoken,
            consumer: me,
            serviceIndex: U256::ZERO,
            providerFee: (&world.fee(asset.datatoken, 0)).into(),
            consumeMarketFee: ConsumeMarketFeeData::default(),
        });
    }
    world.buyer.approve_exact(deployment.ocean, deployment.factory, base(14)).await.unwrap();
    let call = IErc721Factory::startMultipleTokenOrderCall { orders };
    let receipt = world.buyer.transact(deployment.factory, &call).await.unwrap();
    let payers: BTreeSet<_> = receipt
        .logs()
        .iter()
        .filter_map(decode)
        .filter_map(|event| match event {
            Event::OrderStarted(order) => Some(order.payer),
            _ => None,
        })
        .collect();
    assert_eq!(payers, BTreeSet::from([deployment.factory]));
    for asset in [one, two] {
        world.verify(receipt.transaction_hash, asset.datatoken, me).await.unwrap();
    }
}

async fn fifty_orders(world: &World) -> Duration {
    let me = account(&world.chain, 0);
    let mut asset = CreateAsset::new("A", "A", Price::None);
    asset.publish_market_fee = None;
    let asset = world.publisher.create_asset(&asset).await.unwrap();
    world.publisher.mint(asset.datatoken, me, whole(50)).await.unwrap();
    let fee = world.fee(asset.datatoken, 0);
    // The same key over two connections: neither knows of the other.
    let other = sender(&world.chain, 0);
    let begun = Instant::now();
    let orders = (0..50).map(|index| {
        let contracts = if index % 2 == 0 { world.publisher.clone() } else { other.clone() };
        let fee = fee.clone();
        tokio::spawn(async move { contracts.start_order(asset.datatoken, me, index % 5, &fee, None).await })
    });
    let mut hashes = BTreeSet::new();
    for order in orders.collect::<Vec<_>>() {
        hashes.insert(order.await.unwrap().unwrap().tx);
    }
    assert_eq!(hashes.len(), 50);
    assert_eq!(world.publisher.balance_of(asset.datatoken, me).await.unwrap().0 / ONE, U256::from(48));
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_orders_at_once_by_one_key_all_land() {
    let world = World::start().await;
    fifty_orders(&world).await;
    world.chain.set_interval_mining(Some(Duration::from_secs(1))).await.unwrap();
    fifty_orders(&world).await;
}

#[tokio::test]
async fn a_chain_that_was_set_back_leaves_no_gap() {
    let world = World::start().await;
    let ocean = world.deployment().ocean;
    let snapshot = world.chain.snapshot().await.unwrap();
    for _ in 0..3 {
        world.publisher.transfer(ocean, world.buyer_address(), base(1)).await.unwrap();
    }
    world.chain.revert(snapshot).await.unwrap();
    let publisher = world.publisher.clone().with_deadline(Duration::from_secs(10));
    publisher.transfer(ocean, world.buyer_address(), base(1)).await.unwrap();
    // A transaction that the node refuses leaves none either.
    let poor = sender(&world.chain, 2);
    check_revert(
        poor.transfer(ocean, account(&world.chain, 0), whole(100_000_000)).await,
        "ERC20: transfer amount exceeds balance",
    );
    poor.transfer(ocean, account(&world.chain, 0), base(1)).await.unwrap();
}

#[tokio::test]
async fn a_transaction_on_an_instant_chain_takes_no_poll_interval() {
    let world = World::start().await;
    let ocean = world.deployment().ocean;
    let begun = Instant::now();
    for _ in 0..10 {
        world.publisher.transfer(ocean, world.buyer_address(), base(1)).await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    let world = World::start().await;
    let ocean = world.deployment().ocean;
    let rpc = connect(world.chain.rpc_url()).unwrap();
    let reader = Contracts::new(rpc, world.deployment().clone());
    assert!(reader.balance_of(ocean, world.buyer_address()).await.unwrap() >= whole(1000));
    let error = reader.transfer(ocean, world.buyer_address(), base(1)).await.unwrap_err();
    assert!(matches!(error, Error::NoSender), "{error}");
    // The node holds the development keys itself.
    let unlocked = reader.with_sender(account(&world.chain, 0));
    unlocked.transfer(ocean, world.buyer_address(), base(1)).await.unwrap();
    // The key of this connection is another.
    let wrong = world.buyer.clone().with_sender(account(&world.chain, 0));
    assert!(wrong.transfer(ocean, world.buyer_address(), base(1)).await.is_err());

    let nowhere = Contracts::new(connect("http://127.0.0.1:1").unwrap(), world.deployment().clone());
    let error = nowhere.nft_state(ocean).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_revert(), "{error}");
    for url in ["", "127.0.0.1:8545", "ftp://127.0.0.1", "http://"] {
        assert!(matches!(connect(url), Err(Error::Url)), "{url}");
    }

    world.chain.set_interval_mining(Some(Duration::from_secs(60))).await.unwrap();
    let hasty = world.publisher.clone().with_deadline(Duration::from_millis(300));
    let error = hasty.transfer(ocean, world.buyer_address(), base(1)).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
}

#[tokio::test]
async fn a_provider_fee_that_nobody_signed_is_not_paid() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let mut fee = world.fee(asset.datatoken, 5);
    fee.provider_fee_amount = U256::from(6);
    let error = world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &fee, None).await.unwrap_err();
    assert!(matches!(error, Error::ProviderFee(_)), "{error}");
    let error = world.buyer.reuse_order(asset.datatoken, B256::ZERO, &fee).await.unwrap_err();
    assert!(matches!(error, Error::ProviderFee(_)), "{error}");
    let fee = world.fee(asset.datatoken, 0);
    let order = world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &fee, None).await.unwrap_err();
    assert!(matches!(&order, Error::Revert { revert: Revert::Message(_), tx: None, .. }), "{order}");
}
