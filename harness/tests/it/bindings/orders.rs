//! Several orders at once, and orders that are not sent.

use std::{sync::Arc, time::Duration};

use alloy::primitives::{Address, B256, U256};
use jiff::Timestamp;
use ocean_contracts_bindings::{
    Error, FreBuy, MultipleOrder, MultipleReuse, Price, Reason,
    abi::{ConsumeMarketFeeData, IErc721Factory, TokenOrder},
};
use ocean_crypto::ProviderFee;
use ocean_pricing::order::{Fee, OrderFees, start_multiple_orders, start_order};
use ocean_primitives::{BaseUnits, FeeRate, FixedClock};

use super::world::{World, base, check_reason, whole};

fn order(world: &World, datatoken: Address, index: u64, fee: u64) -> MultipleOrder {
    MultipleOrder {
        datatoken,
        consumer: world.buyer_address(),
        service_index: index,
        provider_fee: world.fee(datatoken, fee),
        consume_market_fee: None,
    }
}

#[tokio::test]
async fn many_services_are_ordered_and_renewed_in_one_transaction() {
    let world = World::start().await;
    let (me, factory) = (world.buyer_address(), world.deployment().factory);
    let mut orders = Vec::new();
    for template in [1, 2, 1] {
        let asset = world.publish(template, Price::None).await;
        world.publisher.mint(asset.datatoken, me, whole(1)).await.unwrap();
        orders.push(order(&world, asset.datatoken, 0, 5));
    }
    // The same service once more.
    world.publisher.mint(orders[0].datatoken, me, whole(1)).await.unwrap();
    orders.push(orders[0].clone());
    check_reason(world.buyer.start_multiple_token_order(&orders).await, Reason::InsufficientAllowance);

    let provider = |order: &MultipleOrder| Fee {
        address: order.provider_fee.provider_fee_address,
        token: order.provider_fee.provider_fee_token,
        amount: BaseUnits(order.provider_fee.provider_fee_amount),
    };
    let fees: Vec<_> = orders
        .iter()
        .map(|order| OrderFees {
            publish_market: Some(world.market_fee()),
            consume_market: None,
            provider: Some(provider(order)),
        })
        .collect();
    let spending = start_multiple_orders(factory, orders.iter().map(|order| order.datatoken).zip(&fees)).unwrap();
    let approved = world.buyer.approve_quoted(&spending).await.unwrap();
    assert_eq!(approved.len(), spending.len());
    let ordered = world.buyer.start_multiple_token_order(&orders).await.unwrap();
    assert_eq!(ordered.event.len(), 4);
    assert!(ordered.event.iter().all(|event| event.payer == factory && event.consumer == me));
    for &(token, spender) in spending.keys() {
        assert_eq!(world.buyer.allowance(token, me, spender).await.unwrap(), base(0), "nothing is left");
    }
    for order in &orders[1..3] {
        world.verify(ordered.tx, order.datatoken, me).await.unwrap();
    }

    let renewals: Vec<_> = orders[1..3]
        .iter()
        .map(|order| MultipleReuse {
            datatoken: order.datatoken,
            order_tx: ordered.tx,
            provider_fee: order.provider_fee.clone(),
        })
        .collect();
    world.buyer.approve_exact(world.deployment().ocean, factory, base(10)).await.unwrap();
    let renewed = world.buyer.reuse_multiple_token_order(&renewals).await.unwrap();
    assert_eq!(renewed.event.len(), 2);
    for order in &orders[1..3] {
        assert_eq!(world.verify(renewed.tx, order.datatoken, me).await.unwrap().order_tx, ordered.tx);
    }
}

#[tokio::test]
async fn orders_that_somebody_would_regret_are_not_sent() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let one = order(&world, asset.datatoken, 0, 0);
    for count in [0, 51] {
        let refused = world.buyer.start_multiple_token_order(&vec![one.clone(); count]).await;
        assert!(matches!(refused, Err(Error::Range(_))), "{refused:?}");
    }
    let data = TokenOrder {
        tokenAddress: asset.datatoken,
        consumer: world.buyer_address(),
        serviceIndex: U256::ZERO,
        providerFee: (&one.provider_fee).into(),
        consumeMarketFee: ConsumeMarketFeeData::default(),
    };
    let many = IErc721Factory::startMultipleTokenOrderCall { orders: vec![data; 51] };
    check_reason(world.buyer.transact(world.deployment().factory, &many).await, Reason::TooManyOrders);

    // A contract of a stranger would get what is approved for the others.
    let foreign = order(&world, world.deployment().ocean, 0, 0);
    let refused = world.buyer.start_multiple_token_order(&[one.clone(), foreign]).await;
    assert!(matches!(refused, Err(Error::NotFactory(token)) if token == world.deployment().ocean), "{refused:?}");

    check_reason(
        world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &one.provider_fee, None).await,
        Reason::NoDatatoken,
    );
    let lost = Some(Fee { address: Address::ZERO, token: world.deployment().ocean, amount: base(1) });
    let lost = world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &one.provider_fee, lost).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    // A fee that names nobody.
    let mut nobody = one.provider_fee.clone();
    nobody.provider_fee_address = Address::ZERO;
    let refused = world.buyer.start_order(asset.datatoken, world.buyer_address(), 0, &nobody, None).await;
    assert!(matches!(refused, Err(Error::ProviderFee(_))), "{refused:?}");
}

#[tokio::test]
async fn a_fee_that_is_no_longer_valid_is_not_paid() {
    let world = World::start().await;
    let asset = world.publish(2, world.price()).await;
    let me = world.buyer_address();
    world.publisher.mint(asset.datatoken, me, whole(2)).await.unwrap();
    world.buyer.approve_exact(world.deployment().ocean, asset.datatoken, whole(100)).await.unwrap();
    let (_, now) = world.chain.latest_block().await.unwrap();
    let until = |valid_until| {
        let fee = world.fee(asset.datatoken, 0);
        ProviderFee::signed(&world.provider, fee.provider_fee_token, U256::ZERO, valid_until, fee.provider_data)
    };
    let buy = FreBuy {
        exchange: asset.exchange.unwrap(),
        max_base: whole(3),
        swap_market_fee: FeeRate::ZERO,
        market_fee_address: Address::ZERO,
    };
    let over = until(now - 10);
    let mut refused = vec![
        world.buyer.start_order(asset.datatoken, me, 0, &over, None).await,
        world.buyer.reuse_order(asset.datatoken, B256::ZERO, &over).await,
        world.buyer.buy_from_fre_and_order(asset.datatoken, me, 0, &over, None, buy).await,
        world.buyer.buy_from_dispenser_and_order(asset.datatoken, me, 0, &over, None).await,
    ];
    // The clock that is given counts, not the chain's.
    let later = Timestamp::from_second(i64::try_from(now + 7200).unwrap()).unwrap();
    let ahead = world.buyer.clone().with_clock(Arc::new(FixedClock(later)));
    let hour = until(now + 3600);
    refused.push(ahead.start_order(asset.datatoken, me, 0, &hour, None).await);
    for refused in refused {
        assert!(matches!(refused, Err(Error::ProviderFeeExpired { .. })), "{refused:?}");
    }
    world.buyer.start_order(asset.datatoken, me, 0, &hour, None).await.unwrap();
    world.chain.advance(Duration::from_secs(3700)).await.unwrap();
    let refused = world.buyer.start_order(asset.datatoken, me, 0, &hour, None).await;
    assert!(matches!(refused, Err(Error::ProviderFeeExpired { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_fee_above_the_quoted_one_is_seen_and_capped() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let me = world.buyer_address();
    world.publisher.mint(asset.datatoken, me, whole(1)).await.unwrap();
    let quoted = OrderFees { publish_market: Some(world.market_fee()), ..OrderFees::default() };
    world.buyer.require_quoted_fee(asset.datatoken, &quoted).await.unwrap();
    world.buyer.approve_quoted(&start_order(asset.datatoken, &quoted).unwrap()).await.unwrap();

    let market = super::world::sender(&world.chain, 5);
    let dearer = Fee { amount: base(8), ..world.market_fee() };
    market.set_publish_market_fee(asset.datatoken, dearer).await.unwrap();
    let refused = world.buyer.require_quoted_fee(asset.datatoken, &quoted).await;
    assert!(
        matches!(&refused, Err(Error::FeeAboveQuote { quoted, actual })
            if quoted.amount == base(7) && actual.amount == base(8)),
        "{refused:?}"
    );
    // Whoever does not look is protected by the approval.
    let fee = world.fee(asset.datatoken, 0);
    check_reason(world.buyer.start_order(asset.datatoken, me, 0, &fee, None).await, Reason::InsufficientAllowance);
    let other = Fee { token: world.deployment().extra_address("MockDAI").unwrap(), amount: base(1), ..dearer };
    market.set_publish_market_fee(asset.datatoken, other).await.unwrap();
    assert!(world.buyer.require_quoted_fee(asset.datatoken, &quoted).await.is_err(), "another token");
    let cheaper = Fee { amount: base(6), ..world.market_fee() };
    market.set_publish_market_fee(asset.datatoken, cheaper).await.unwrap();
    world.buyer.require_quoted_fee(asset.datatoken, &quoted).await.unwrap();
    world.buyer.start_order(asset.datatoken, me, 0, &fee, None).await.unwrap();
}
