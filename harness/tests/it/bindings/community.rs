//! FactoryRouter and OPFCommunityFeeCollector.

use alloy::primitives::Address;
use ocean_contracts_bindings::{CommunityFees, Error, Price, Purchase, Reason};
use ocean_pricing::fixed_rate::quote_buy;
use ocean_primitives::FeeRate;

use super::world::{World, account, base, check_reason, whole};

#[tokio::test]
async fn several_datatokens_are_bought_in_one_transaction() {
    let world = World::start().await;
    let me = world.buyer_address();
    let priced = world.publish(1, world.price()).await;
    let free = world.publish(1, Price::Free { max_tokens: whole(2), max_balance: whole(2) }).await;
    let id = priced.exchange.unwrap();
    let exchange = world.buyer.exchange(id).await.unwrap();
    let fee = FeeRate::from_percent("1").unwrap();
    let quote = quote_buy(&exchange.pricing, whole(2), fee).unwrap();
    let from_exchange = |consume_market| Purchase::Exchange {
        exchange: id,
        base_token: exchange.base_token,
        max_base: quote.total,
        datatoken: priced.datatoken,
        amount: whole(2),
        consume_market,
    };
    let market = account(&world.chain, 6);
    let purchases =
        [from_exchange(Some((market, fee))), Purchase::Dispenser { datatoken: free.datatoken, amount: whole(1) }];
    check_reason(world.buyer.buy_dt_batch(&purchases).await, Reason::InsufficientAllowance);
    let router = world.deployment().router;
    world.buyer.approve_exact(exchange.base_token, router, quote.total).await.unwrap();
    world.buyer.buy_dt_batch(&purchases).await.unwrap();
    assert_eq!(world.buyer.balance_of(priced.datatoken, me).await.unwrap(), whole(2));
    assert_eq!(world.buyer.balance_of(free.datatoken, me).await.unwrap(), whole(1));
    assert_eq!(world.buyer.allowance(exchange.base_token, me, router).await.unwrap(), base(0));

    for count in [0, 51] {
        let refused = world.buyer.buy_dt_batch(&vec![purchases[1]; count]).await;
        assert!(matches!(refused, Err(Error::Range(_))), "{refused:?}");
    }
    let lost = world.buyer.buy_dt_batch(&[from_exchange(Some((Address::ZERO, fee)))]).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    let mut call = ocean_contracts_bindings::abi::IFactoryRouter::buyDTBatchCall { _operations: Vec::new() };
    call._operations = vec![Default::default(); 51];
    check_reason(world.buyer.transact(router, &call).await, Reason::TooManyOperations);
}

#[tokio::test]
async fn the_community_sets_its_fees_and_approves_tokens() {
    let world = World::start().await;
    let (owner, stranger) = (&world.publisher, &world.buyer);
    let percent = |text| FeeRate::from_percent(text).unwrap();
    let fees = owner.community_fees().await.unwrap();
    assert_eq!(fees, CommunityFees::new(percent("0.1"), percent("0.2"), percent("3"), FeeRate::ZERO));
    let other = CommunityFees::new(percent("0.3"), percent("0.4"), percent("5"), percent("1"));
    check_reason(stranger.set_community_fees(other).await, Reason::NotRouterOwner);
    let too_much = CommunityFees::new(percent("100"), percent("0.4"), percent("5"), percent("1"));
    assert!(matches!(owner.set_community_fees(too_much).await, Err(Error::Range(_))));
    owner.set_community_fees(other).await.unwrap();
    assert_eq!(owner.community_fees().await.unwrap(), other);

    let dai = world.deployment().extra_address("MockDAI").unwrap();
    assert_eq!(owner.swap_fee(dai).await.unwrap(), percent("0.4"));
    check_reason(stranger.add_approved_token(dai).await, Reason::NotRouterOwner);
    owner.add_approved_token(dai).await.unwrap().unwrap();
    assert!(owner.add_approved_token(dai).await.unwrap().is_none());
    assert_eq!(owner.swap_fee(dai).await.unwrap(), percent("0.3"));
    check_reason(stranger.remove_approved_token(dai).await, Reason::NotRouterOwner);
    owner.remove_approved_token(dai).await.unwrap().unwrap();
    assert!(owner.remove_approved_token(dai).await.unwrap().is_none());
}

#[tokio::test]
async fn the_communitys_fees_go_to_its_collector() {
    let world = World::start().await;
    let ocean = world.deployment().ocean;
    let holder = world.deployment().opf_community_fee_collector.unwrap();
    let (owner, stranger) = (&world.publisher, &world.buyer);
    owner.transfer(ocean, holder, whole(3)).await.unwrap();
    let new = account(&world.chain, 11);
    check_reason(stranger.set_community_fee_collector(new).await, Reason::NotContractOwner);
    let lost = owner.set_community_fee_collector(Address::ZERO).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    owner.set_community_fee_collector(new).await.unwrap();
    let paid = stranger.withdraw_community_fees(ocean).await.unwrap();
    assert_eq!((paid.event.to, paid.event.value), (new, whole(3).0));
    assert_eq!(owner.balance_of(ocean, new).await.unwrap(), whole(3));
}
