//! What exchanges and dispensers are told by who may, and what they do then.

use alloy::primitives::Address;
use ocean_contracts_bindings::{CreateAsset, Error, NewFixedRate, Price, Reason};
use ocean_pricing::{
    fixed_rate::{quote_buy, quote_sell},
    order::ONE_DATATOKEN,
};
use ocean_primitives::{ExchangeId, FeeRate, Rate};

use super::world::{World, account, base, check_reason, sender, whole};

const NO_FEE: FeeRate = FeeRate::ZERO;

/// A template 1 asset with a price, of which the buyer has bought `tokens`.
async fn bought(world: &World, tokens: u64) -> (Address, ExchangeId) {
    let asset = world.publish(1, world.price()).await;
    let id = asset.exchange.unwrap();
    let exchange = world.buyer.exchange(id).await.unwrap();
    let quote = quote_buy(&exchange.pricing, whole(tokens), NO_FEE).unwrap();
    world.buyer.approve_exact(exchange.base_token, exchange.contract, quote.total).await.unwrap();
    world.buyer.buy_dt(id, whole(tokens), quote.total, None).await.unwrap();
    (asset.datatoken, id)
}

#[tokio::test]
async fn datatokens_are_sold_back_for_what_is_quoted() {
    let world = World::start().await;
    let (token, id) = bought(&world, 3).await;
    let me = world.buyer_address();
    let exchange = world.buyer.exchange(id).await.unwrap();
    let fee = FeeRate::from_percent("0.5").unwrap();
    let quote = quote_sell(&exchange.pricing, whole(2), fee).unwrap();
    let theirs = world.buyer.contract_quote_sell(id, whole(2), fee).await.unwrap();
    assert_eq!(
        (theirs.total, theirs.ocean_fee, theirs.market_fee, theirs.consume_fee),
        (quote.proceeds, quote.ocean_fee, quote.market_fee, quote.consume_fee)
    );
    let market = Some((account(&world.chain, 6), fee));
    check_reason(world.buyer.sell_dt(id, whole(2), quote.proceeds, market).await, Reason::InsufficientAllowance);
    world.buyer.approve_exact(token, exchange.contract, whole(2)).await.unwrap();
    let one_more = quote.proceeds.checked_add(base(1)).unwrap();
    check_reason(world.buyer.sell_dt(id, whole(2), one_more, market).await, Reason::TooFewBaseTokens);
    let lost = world.buyer.sell_dt(id, whole(2), quote.proceeds, Some((Address::ZERO, fee))).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    let before = world.buyer.balance_of(exchange.base_token, me).await.unwrap();
    let sold = world.buyer.sell_dt(id, whole(2), quote.proceeds, market).await.unwrap();
    let after = world.buyer.balance_of(exchange.base_token, me).await.unwrap();
    assert_eq!(after.checked_sub(before).unwrap(), quote.proceeds);
    assert_eq!((sold.paid, sold.datatokens), (quote.proceeds, whole(2)));
    assert_eq!((sold.ocean_fee, sold.consume_fee), (quote.ocean_fee, quote.consume_fee));

    // Only what buyers left can be paid out.
    world.publisher.mint(token, me, whole(9)).await.unwrap();
    world.buyer.approve_exact(token, exchange.contract, whole(9)).await.unwrap();
    check_reason(world.buyer.sell_dt(id, whole(9), base(0), None).await, Reason::NotEnoughBaseTokens);
    check_reason(world.buyer.sell_dt(id, base(0), base(0), None).await, Reason::ZeroAmount);
}

#[tokio::test]
async fn swaps_are_refused_with_the_reason() {
    let world = World::start().await;
    let (_, id) = bought(&world, 1).await;
    let most = whole(100);
    let buy = |amount, market| world.buyer.buy_dt(id, amount, most, market);
    let market = |percent| Some((account(&world.chain, 6), FeeRate::from_percent(percent).unwrap()));
    check_reason(buy(base(0), None).await, Reason::ZeroAmount);
    check_reason(buy(whole(1), market("0.001")).await, Reason::ConsumeFeeTooLow);
    check_reason(buy(whole(1), market("51")).await, Reason::ConsumeFeeTooHigh);
    check_reason(buy(whole(1), None).await, Reason::InsufficientAllowance);
    let lost = buy(whole(1), Some((Address::ZERO, FeeRate::from_percent("1").unwrap()))).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    let other = ExchangeId(alloy::primitives::B256::repeat_byte(1));
    check_reason(world.buyer.buy_dt(other, whole(1), most, None).await, Reason::NoExchange);
    assert!(matches!(world.buyer.exchange(other).await, Err(Error::NoExchange(id)) if id == other));

    // One that does not mint sells what somebody put there.
    let mut asset = CreateAsset::new("A", "A", world.price());
    if let Price::FixedRate { with_mint, .. } = &mut asset.price {
        *with_mint = false;
    }
    let asset = world.publisher.create_asset(&asset).await.unwrap();
    let dry = asset.exchange.unwrap();
    let ocean = world.deployment().ocean;
    world.buyer.approve_exact(ocean, world.deployment().fixed_price, most).await.unwrap();
    check_reason(world.buyer.buy_dt(dry, whole(1), most, None).await, Reason::NoDatatokensAvailable);
}

#[tokio::test]
async fn an_exchange_is_changed_by_who_may() {
    let world = World::start().await;
    let (_, id) = bought(&world, 1).await;
    let (publisher, stranger) = (&world.publisher, &world.buyer);
    let rate = Rate::parse("7").unwrap();
    check_reason(stranger.set_rate(id, rate).await, Reason::NotExchangeOwner);
    publisher.set_rate(id, rate).await.unwrap();
    assert_eq!(publisher.exchange(id).await.unwrap().pricing.rate, rate);
    let nothing = publisher.set_rate(id, Rate::parse("0.000000001").unwrap()).await;
    assert!(matches!(nothing, Err(Error::Price(_))), "{nothing:?}");

    check_reason(stranger.set_exchange_active(id, false).await, Reason::NotExchangeOwner);
    assert!(publisher.set_exchange_active(id, true).await.unwrap().is_none());
    publisher.set_exchange_active(id, false).await.unwrap().unwrap();
    check_reason(stranger.buy_dt(id, whole(1), whole(100), None).await, Reason::NoExchange);
    publisher.set_exchange_active(id, true).await.unwrap().unwrap();

    check_reason(stranger.set_exchange_mint(id, false).await, Reason::NotExchangeOwner);
    publisher.set_exchange_mint(id, false).await.unwrap();
    assert!(!publisher.exchange(id).await.unwrap().with_mint);
    publisher.set_exchange_mint(id, true).await.unwrap();

    check_reason(stranger.set_exchange_allowed_swapper(id, Address::ZERO).await, Reason::NotExchangeOwner);
    publisher.set_exchange_allowed_swapper(id, account(&world.chain, 9)).await.unwrap();
    check_reason(stranger.buy_dt(id, whole(1), whole(100), None).await, Reason::SwapperNotAllowed);
    publisher.set_exchange_allowed_swapper(id, Address::ZERO).await.unwrap();

    let market = sender(&world.chain, 5);
    let fee = FeeRate::from_percent("3").unwrap();
    check_reason(publisher.set_exchange_market_fee(id, fee).await, Reason::NotMarketFeeCollector);
    let too_high = market.set_exchange_market_fee(id, FeeRate::from_percent("51").unwrap()).await;
    check_reason(too_high, Reason::MarketFeeTooHigh);
    let too_low = market.set_exchange_market_fee(id, FeeRate::from_percent("0.001").unwrap()).await;
    check_reason(too_low, Reason::MarketFeeTooLow);
    market.set_exchange_market_fee(id, fee).await.unwrap();
    assert_eq!(publisher.exchange(id).await.unwrap().pricing.market_fee, fee);
    let lost = market.set_exchange_market_fee_collector(id, Address::ZERO).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    let six = account(&world.chain, 6);
    check_reason(publisher.set_exchange_market_fee_collector(id, six).await, Reason::NotMarketFeeCollector);
    market.set_exchange_market_fee_collector(id, six).await.unwrap();
    assert_eq!(publisher.exchange(id).await.unwrap().market_fee_collector, six);
}

#[tokio::test]
async fn what_an_exchange_took_is_paid_to_whom_it_belongs() {
    let world = World::start().await;
    let (_, id) = bought(&world, 2).await;
    let stranger = sender(&world.chain, 3);
    let ocean = world.deployment().ocean;
    let exchange = stranger.exchange(id).await.unwrap();
    let gross = exchange.base_balance;
    assert_eq!(gross, whole(5));
    assert!(stranger.collect_base_tokens(id, gross.checked_add(base(1)).unwrap()).await.unwrap_err().is_revert());
    let publisher = account(&world.chain, 0);
    let before = stranger.balance_of(ocean, publisher).await.unwrap();
    let collected = stranger.collect_base_tokens(id, gross).await.unwrap();
    assert_eq!((collected.event.to, collected.event.amount), (publisher, gross.0));
    assert_eq!(stranger.balance_of(ocean, publisher).await.unwrap().checked_sub(before).unwrap(), gross);

    let market = account(&world.chain, 5);
    let before = stranger.balance_of(ocean, market).await.unwrap();
    let collected = stranger.collect_market_fee(id).await.unwrap();
    let after = stranger.balance_of(ocean, market).await.unwrap();
    assert_eq!(after.checked_sub(before).unwrap().0, collected.event.feeAmount);
    // 1 % of 5 OCEAN.
    assert_eq!(collected.event.feeAmount * alloy::primitives::U256::from(100), gross.0);
    let collected = stranger.collect_ocean_fee(id).await.unwrap();
    // 0.1 % of it: OCEAN is approved by the router.
    assert_eq!(collected.event.feeAmount * alloy::primitives::U256::from(1000), gross.0);
    let collector = world.deployment().opf_community_fee_collector.unwrap();
    assert_eq!(stranger.balance_of(ocean, collector).await.unwrap().0, collected.event.feeAmount);

    // Datatokens that were sold back belong to the publisher as well.
    let held = exchange.datatoken_balance;
    assert!(stranger.collect_datatokens(id, held.checked_add(base(1)).unwrap()).await.unwrap_err().is_revert());
}

#[tokio::test]
async fn datatokens_that_came_back_are_collected() {
    let world = World::start().await;
    let (token, id) = bought(&world, 2).await;
    let contract = world.deployment().fixed_price;
    world.buyer.approve_exact(token, contract, whole(1)).await.unwrap();
    world.buyer.sell_dt(id, whole(1), base(0), None).await.unwrap();
    assert_eq!(world.buyer.exchange(id).await.unwrap().datatoken_balance, whole(1));
    let collected = world.buyer.collect_datatokens(id, whole(1)).await.unwrap();
    assert_eq!((collected.event.token, collected.event.to), (token, account(&world.chain, 0)));
    assert_eq!(world.buyer.balance_of(token, account(&world.chain, 0)).await.unwrap(), whole(1));
}

#[tokio::test]
async fn a_dispenser_is_changed_by_who_may_and_says_why_it_does_not_give() {
    let world = World::start().await;
    let token = world.publish(1, Price::Free { max_tokens: whole(2), max_balance: whole(3) }).await.datatoken;
    let (publisher, stranger, me) = (&world.publisher, &world.buyer, world.buyer_address());
    check_reason(stranger.dispense(token, base(0), me).await, Reason::ZeroAmount);
    check_reason(stranger.dispense(token, whole(3), me).await, Reason::AmountTooHigh);
    // Two and two with a limit of three: it is a limit of what somebody has before.
    stranger.dispense(token, whole(2), me).await.unwrap();
    stranger.dispense(token, whole(2), me).await.unwrap();
    assert_eq!(stranger.balance_of(token, me).await.unwrap(), whole(4));
    check_reason(stranger.dispense(token, whole(1), me).await, Reason::BalanceTooHigh);

    check_reason(stranger.deactivate_dispenser(token).await, Reason::NotDispenserOwner);
    publisher.deactivate_dispenser(token).await.unwrap();
    check_reason(stranger.dispense(token, whole(1), account(&world.chain, 3)).await, Reason::DispenserNotActive);
    check_reason(stranger.activate_dispenser(token, whole(1), whole(1)).await, Reason::NotDispenserOwner);
    publisher.activate_dispenser(token, whole(5), whole(9)).await.unwrap();
    assert_eq!(stranger.dispenser(token).await.unwrap().unwrap().terms.max_tokens, whole(5));

    let only = account(&world.chain, 9);
    check_reason(stranger.set_dispenser_allowed_swapper(token, only).await, Reason::NotDispenserOwner);
    publisher.set_dispenser_allowed_swapper(token, only).await.unwrap();
    check_reason(stranger.dispense(token, whole(1), me).await, Reason::RequesterNotAllowed);

    check_reason(stranger.withdraw_from_dispenser(token).await, Reason::NotDispenserOwner);
    let dispenser = world.deployment().dispenser;
    stranger.transfer(token, dispenser, whole(1)).await.unwrap();
    let paid = publisher.withdraw_from_dispenser(token).await.unwrap();
    assert_eq!(paid.event.amount, whole(1).0);
    assert_eq!(publisher.balance_of(token, account(&world.chain, 0)).await.unwrap(), whole(1));

    // One that does not mint gives what somebody put there.
    let token = world.publish(1, Price::None).await.datatoken;
    let mut dry = ocean_contracts_bindings::NewDispenser::new(whole(1), whole(1));
    dry.with_mint = false;
    publisher.create_dispenser(token, &dry).await.unwrap();
    check_reason(stranger.dispense(token, whole(1), me).await, Reason::NotEnoughReserves);
}

#[tokio::test]
async fn tokens_of_template_2_go_through_the_datatoken_only() {
    let world = World::start().await;
    let free = Price::Free { max_tokens: whole(2), max_balance: whole(2) };
    let token = world.publish(2, free).await.datatoken;
    let me = world.buyer_address();
    check_reason(world.buyer.dispense(token, ONE_DATATOKEN, me).await, Reason::RequesterNotAllowed);
    let token = world.publish(2, Price::None).await.datatoken;
    let price = NewFixedRate::new(world.deployment().ocean, 18, Rate::parse("1").unwrap());
    let id = ExchangeId(world.publisher.create_fixed_rate(token, &price).await.unwrap().event.exchangeId);
    assert_eq!(world.buyer.exchange(id).await.unwrap().allowed_swapper, token);
}
