//! The Enterprise fee collector and exchange, and batch payments, against the real contracts.

use alloy::{
    primitives::{Address, U256},
    providers::Provider as _,
};
use ocean_contracts_bindings::{
    CreateAsset, Error, Price,
    abi::IFixedRateExchange,
    batch_payments::BatchPayments,
    enterprise::{CreateExchange, EnterpriseExchange, EnterpriseFeeCollector, TokenFee},
};
use ocean_pricing::{fixed_rate::quote_buy, order::ONE_DATATOKEN};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, ONE, Rate};
use ocean_testbed::LocalChain;

use crate::support::{chain, check_logs, check_revert, contracts, whole};

const OWNER: usize = 0;
const BUYER: usize = 2;
const MARKET: usize = 5;

fn tenths(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number) * ONE / U256::from(10))
}

/// 5 %, between 0.1 and 1 token.
fn five_percent() -> TokenFee {
    TokenFee { allowed: true, min: tenths(1), max: whole(1), rate: FeeRate::from_percent("5").unwrap() }
}

fn account(chain: &LocalChain, index: usize) -> Address {
    chain.accounts()[index].address
}

#[tokio::test]
async fn the_collector_takes_what_its_owner_says() {
    let chain = chain().await;
    let ocean = chain.deployment().ocean;
    let collector = EnterpriseFeeCollector::of_deployment(&contracts(&chain, OWNER)).unwrap();
    assert_eq!(collector.owner().await.unwrap(), account(&chain, OWNER));
    assert_eq!(collector.token_fee(ocean).await.unwrap(), TokenFee::default());
    assert!(!collector.is_token_allowed(ocean).await.unwrap());
    collector.update_token(ocean, &five_percent()).await.unwrap();
    assert_eq!(collector.token_fee(ocean).await.unwrap(), five_percent());
    // Below the least fee, the share, above the highest one.
    for (amount, fee) in [(whole(0), tenths(1)), (whole(1), tenths(1)), (whole(10), tenths(5)), (whole(100), whole(1))]
    {
        assert_eq!(collector.calculate_fee(ocean, amount).await.unwrap(), fee);
    }

    let limits = TokenFee { min: whole(1), ..five_percent() };
    let text = "OPFCommunityFeeCollector: minFee should be less than maxFee";
    check_revert(collector.update_token(ocean, &limits).await, text);
    let text = "OPFCommunityFeeCollector: feePercentage should be greater than 0 and less than or equal to 1e18";
    for rate in [FeeRate::ZERO, FeeRate(ONE + U256::ONE)] {
        check_revert(collector.update_token(ocean, &TokenFee { rate, ..five_percent() }).await, text);
    }
    let text = "OPFCommunityFeeCollector: invalid token contract address";
    check_revert(collector.update_token(Address::ZERO, &five_percent()).await, text);
    check_revert(collector.withdraw_token(Address::ZERO).await, text);
    let text = "OPFCommunityFeeCollector: invalid collector address";
    check_revert(collector.change_collector(Address::ZERO).await, text);
    let foreign = EnterpriseFeeCollector::at(&contracts(&chain, BUYER), collector.address());
    check_revert(foreign.update_token(ocean, &five_percent()).await, "Ownable: caller is not the owner");
    check_revert(foreign.change_collector(account(&chain, BUYER)).await, "Ownable: caller is not the owner");

    // Anybody may send it on to whom it belongs.
    collector.change_collector(account(&chain, 7)).await.unwrap();
    contracts(&chain, OWNER).transfer(ocean, collector.address(), whole(3)).await.unwrap();
    let had = contracts(&chain, BUYER).balance_of(ocean, account(&chain, 7)).await.unwrap();
    assert_eq!(foreign.withdraw_token(ocean).await.unwrap().event, whole(3));
    let has = contracts(&chain, BUYER).balance_of(ocean, account(&chain, 7)).await.unwrap();
    assert_eq!(has.checked_sub(had), Some(whole(3)));
    assert_eq!(foreign.withdraw_eth().await.unwrap().event, BaseUnits::ZERO);
    check_logs(&chain).await;
}

#[tokio::test]
async fn the_exchange_sells_at_the_quoted_price_and_pays_its_fee_at_once() {
    let chain = chain().await;
    let ocean = chain.deployment().ocean;
    let [owner, buyer] = [OWNER, BUYER].map(|index| contracts(&chain, index));
    let datatoken = owner.create_asset(&CreateAsset::new("Asset", "AST", Price::None)).await.unwrap().datatoken;
    let exchange = EnterpriseExchange::of_deployment(&owner).await.unwrap();
    let wrong = EnterpriseExchange::at(&owner, chain.deployment().fixed_price).await;
    assert!(matches!(wrong, Err(Error::NotApproved(_))), "{wrong:?}");
    let create = CreateExchange {
        datatoken,
        base_token: ocean,
        base_decimals: 18,
        rate: Rate::parse("3").unwrap(),
        owner: account(&chain, OWNER),
        market_fee: FeeRate::from_percent("1").unwrap(),
        market_fee_collector: account(&chain, MARKET),
        with_mint: true,
    };
    let refused = exchange.create(&create).await;
    assert!(matches!(refused, Err(Error::TokenNotAllowed(token)) if token == ocean), "{refused:?}");
    let collector = exchange.collector().await.unwrap();
    assert_eq!(Some(collector.address()), chain.deployment().enterprise_fee_collector);
    collector.update_token(ocean, &five_percent()).await.unwrap();
    let refused = exchange.create(&CreateExchange { base_decimals: 6, ..create }).await;
    assert!(matches!(refused, Err(Error::Price(_))), "{refused:?}");
    let refused = exchange.create(&CreateExchange { market_fee_collector: Address::ZERO, ..create }).await;
    assert!(matches!(refused, Err(Error::FeeWithoutAddress)), "{refused:?}");
    let id = exchange.create(&create).await.unwrap().event;
    assert_eq!(id, ExchangeId::derive(ocean, datatoken));
    assert_eq!(exchange.count().await.unwrap(), 1);
    assert_eq!(exchange.exchanges_in_range(0, 1).await.unwrap(), [id]);

    let state = exchange.exchange(id).await.unwrap();
    assert!(state.active && state.with_mint);
    let consume_fee = FeeRate::from_percent("0.5").unwrap();
    for datatokens in [ONE_DATATOKEN, whole(4), whole(100), tenths(1)] {
        let ours = quote_buy(&state.pricing, datatokens, consume_fee).unwrap();
        let theirs = exchange.quote_buy(id, datatokens, consume_fee).await.unwrap();
        assert!(theirs == ours, "{theirs:?} {ours:?}");
    }
    // 3 tokens, 5 % for the collector, 1 % and 0.5 % for the markets.
    let quote = quote_buy(&state.pricing, ONE_DATATOKEN, consume_fee).unwrap();
    assert_eq!(quote.total, BaseUnits(ONE * U256::from(3_195) / U256::from(1000)));
    // What the contract itself reports as the community's share is the router's, which it does not take.
    let reported = IFixedRateExchange::getFeesInfoCall { exchangeId: id.0 };
    let reported = owner.read(exchange.address(), &reported).await.unwrap().opcFee;
    assert_ne!(reported, state.pricing.ocean_fee.0);

    let buying = EnterpriseExchange::of_deployment(&buyer).await.unwrap();
    let market = Some((account(&chain, MARKET), consume_fee));
    let less = quote.total.checked_sub(BaseUnits(U256::ONE)).unwrap();
    let refused = buying.buy_dt(id, ONE_DATATOKEN, less, market).await;
    check_revert(refused, "FixedRateExchange: Too many base tokens");
    let refused = buying.buy_dt(id, ONE_DATATOKEN, quote.total, Some((Address::ZERO, consume_fee))).await;
    assert!(matches!(refused, Err(Error::FeeWithoutAddress)), "{refused:?}");
    let had = owner.balance_of(ocean, collector.address()).await.unwrap();
    let swapped = buying.buy_dt(id, ONE_DATATOKEN, quote.total, market).await.unwrap().event;
    assert_eq!((swapped.baseTokenSwappedAmount, swapped.oceanFeeAmount), (quote.total.0, quote.ocean_fee.0));
    assert_eq!(buyer.balance_of(datatoken, account(&chain, BUYER)).await.unwrap(), ONE_DATATOKEN);
    assert_eq!(buyer.allowance(ocean, account(&chain, BUYER), exchange.address()).await.unwrap(), BaseUnits::ZERO);
    let has = owner.balance_of(ocean, collector.address()).await.unwrap();
    assert_eq!(has.checked_sub(had), Some(quote.ocean_fee));

    assert_eq!(exchange.collect_bt(id, whole(3)).await.unwrap().event.amount, whole(3).0);
    assert_eq!(exchange.collect_market_fee(id).await.unwrap().event.feeAmount, quote.market_fee.0);
    buyer.approve_exact(datatoken, exchange.address(), ONE_DATATOKEN).await.unwrap();
    let sell = IFixedRateExchange::sellDTCall {
        exchangeId: id.0,
        datatokenAmount: ONE_DATATOKEN.0,
        minBaseTokenAmount: U256::ZERO,
        consumeMarketAddress: Address::ZERO,
        consumeMarketSwapFeeAmount: U256::ZERO,
    };
    check_revert(buyer.transact(exchange.address(), &sell).await, "sellDT is not allowed for enterprise");

    // A token that is allowed no longer is not sold for, either.
    collector.update_token(ocean, &TokenFee { allowed: false, ..five_percent() }).await.unwrap();
    let text = "This baseToken is not allowed by enterprise fee collector";
    check_revert(exchange.quote_buy(id, ONE_DATATOKEN, consume_fee).await, text);
    check_revert(buying.buy_dt(id, ONE_DATATOKEN, quote.total, market).await, text);
    let unknown = exchange.exchange(ExchangeId(alloy::primitives::B256::repeat_byte(7))).await;
    assert!(matches!(unknown, Err(Error::NoExchange(_))), "{unknown:?}");
    check_logs(&chain).await;
}

#[tokio::test]
async fn many_are_paid_in_one_transaction() {
    let chain = chain().await;
    let ocean = chain.deployment().ocean;
    let payer = contracts(&chain, BUYER);
    let batch = BatchPayments::of_deployment(&payer).unwrap();
    let payments = [(account(&chain, 15), whole(1)), (account(&chain, 16), whole(2)), (account(&chain, 15), whole(3))];
    batch.send_token(ocean, &payments).await.unwrap();
    for (index, amount) in [(15, whole(4)), (16, whole(2))] {
        assert_eq!(payer.balance_of(ocean, account(&chain, index)).await.unwrap(), amount);
    }
    let too_much = batch.send_token(ocean, &[(account(&chain, 15), whole(1_000_000))]).await;
    assert!(too_much.is_err_and(|error| error.is_revert()));
    let overflow = batch.send_token(ocean, &[payments[0], (account(&chain, 15), BaseUnits(U256::MAX))]).await;
    assert!(matches!(overflow, Err(Error::Range(_))), "{overflow:?}");

    let receivers = [Address::repeat_byte(0xa1), Address::repeat_byte(0xa2)];
    batch.send_ether(&[(receivers[0], whole(1)), (receivers[1], whole(2))]).await.unwrap();
    for (receiver, amount) in receivers.iter().zip([whole(1), whole(2)]) {
        assert_eq!(chain.rpc().get_balance(*receiver).await.unwrap(), amount.0);
    }
    // The exchange takes no ether.
    let refused = batch.send_ether(&[(chain.deployment().fixed_price, whole(1))]).await;
    assert!(refused.is_err_and(|error| error.is_revert()));
    let nowhere = BatchPayments::at(&payer, Address::repeat_byte(0xee));
    let nowhere = nowhere.send_ether(&[(receivers[0], whole(1))]).await;
    assert!(matches!(nowhere, Err(Error::NoContract { .. })), "{nowhere:?}");
}
