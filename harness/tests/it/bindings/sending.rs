//! How transactions are priced, signed and numbered.

use std::time::Duration;

use alloy::{
    consensus::{Transaction as _, Typed2718 as _},
    primitives::B256,
    providers::{Provider as _, ProviderBuilder},
    rpc::types::Transaction,
    signers::local::PrivateKeySigner,
};
use ocean_contracts_bindings::{
    Contracts, CreateAsset, Error, GasStrategy, Price, connect, connect_with_key, connect_with_signer, keys, sign_with,
};
use ocean_testbed::{Anvil, MNEMONIC, accounts};

use super::world::{World, account, base, whole};
use crate::support::tools;

async fn transaction(contracts: &Contracts, tx: B256) -> Transaction {
    contracts.rpc().get_transaction_by_hash(tx).await.unwrap().unwrap()
}

#[tokio::test]
async fn gas_is_priced_as_the_strategy_says() {
    let world = World::start().await;
    let (ocean, to) = (world.deployment().ocean, world.buyer_address());
    let pay = |contracts: &Contracts| {
        let contracts = contracts.clone();
        async move { contracts.transfer(ocean, to, base(1)).await }
    };
    let next_base_fee = |contracts: &Contracts| {
        let contracts = contracts.clone();
        async move {
            let block = contracts.rpc().get_block_by_number(Default::default()).await.unwrap().unwrap();
            u128::from(block.header.base_fee_per_gas.unwrap())
        }
    };
    let before = next_base_fee(&world.publisher).await;
    let sent = pay(&world.publisher).await.unwrap();
    let tx = transaction(&world.publisher, sent.tx).await;
    let after = next_base_fee(&world.publisher).await;
    assert_eq!(tx.ty(), 2);
    assert!(tx.max_priority_fee_per_gas().unwrap() >= 1);
    // Twice the base fee of the block, which at most changes by an eighth, and the tip.
    let most = tx.max_fee_per_gas() - tx.max_priority_fee_per_gas().unwrap();
    assert!(most >= before.min(after) * 7 / 4 && most <= before.max(after) * 9 / 4, "{most} of {before} and {after}");
    assert!(tx.gas_limit() >= sent.gas_used * 5 / 4, "a quarter more than the estimate");

    let capped = world.publisher.clone().with_gas(GasStrategy::default().with_max_fee(after + 1));
    let tx = transaction(&capped, pay(&capped).await.unwrap().tx).await;
    assert!(tx.max_fee_per_gas() <= after + 1 && tx.max_priority_fee_per_gas().unwrap() <= after + 1);
    let too_dear = world.publisher.clone().with_gas(GasStrategy::default().with_max_fee(1));
    let refused = pay(&too_dear).await.unwrap_err();
    assert!(matches!(refused, Error::GasPrice { limit: 1, needed } if needed > 1), "{refused}");
    assert!(refused.is_retryable(), "gas may be cheaper later");

    let legacy = world.publisher.clone().with_gas(GasStrategy::legacy());
    let tx = transaction(&legacy, pay(&legacy).await.unwrap().tx).await;
    assert_eq!(tx.ty(), 0);
    let refused = pay(&legacy.with_gas(GasStrategy::legacy().with_max_fee(1))).await.unwrap_err();
    assert!(matches!(refused, Error::GasPrice { .. }), "{refused}");
}

#[tokio::test]
async fn chains_without_a_base_fee_get_legacy_transactions() {
    let tools = tools().await;
    let anvil = Anvil::builder(&tools).hardfork("istanbul").spawn().await.unwrap();
    let rpc = connect_with_key(anvil.url(), &accounts()[0].private_key()).unwrap();
    let tx = alloy::rpc::types::TransactionRequest::default().to(accounts()[1].address).value(base(1).0);
    let pending = rpc.send_transaction(tx).await.unwrap();
    let receipt =
        ocean_contracts_bindings::wait_for_receipt(&rpc, *pending.tx_hash(), Duration::from_secs(5)).await.unwrap();
    assert_eq!(u8::from(receipt.transaction_type()), 0);
}

#[tokio::test]
async fn every_kind_of_signer_sends() {
    let world = World::start().await;
    let url = world.chain.rpc_url();
    let ocean = world.deployment().ocean;
    let pay = |rpc, from: usize| {
        let contracts = Contracts::new(rpc, world.deployment().clone()).with_sender(account(&world.chain, from));
        async move { contracts.transfer(ocean, accounts()[9].address, base(1)).await.unwrap() }
    };
    let key = keys::from_mnemonic(MNEMONIC, 1).unwrap();
    assert_eq!(key.address(), account(&world.chain, 1));
    pay(connect_with_key(url, &key).unwrap(), 1).await;

    let store = keys::to_keystore(&key, "a password").unwrap();
    let opened = keys::from_keystore(&store, "a password").unwrap();
    pay(connect_with_key(url, &opened).unwrap(), 1).await;

    // Whatever alloy can sign with, over whatever alloy can connect with.
    let signer: PrivateKeySigner = world.chain.accounts()[2].private_key_hex().parse().unwrap();
    pay(connect_with_signer(url, signer.clone()).unwrap(), 2).await;
    let given = ProviderBuilder::new().connect_http(url.parse().unwrap()).erased();
    pay(sign_with(&given, signer.clone()), 2).await;
    pay(sign_with(&connect(url).unwrap(), signer.clone()), 2).await;
    // And a provider of alloy's that numbers and signs itself.
    pay(ProviderBuilder::new().wallet(signer).connect_http(url.parse().unwrap()).erased(), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_paid_orders_by_one_signer_all_land_over_a_given_provider() {
    let world = World::start().await;
    let me = account(&world.chain, 0);
    let mut asset = CreateAsset::new("A", "A", Price::None);
    asset.publish_market_fee = Some(world.market_fee());
    let asset = world.publisher.create_asset(&asset).await.unwrap();
    let ocean = world.deployment().ocean;
    for interval in [None, Some(Duration::from_secs(1))] {
        world.publisher.mint(asset.datatoken, me, whole(50)).await.unwrap();
        world.publisher.approve_exact(ocean, asset.datatoken, base(7 * 50)).await.unwrap();
        world.chain.set_interval_mining(interval).await.unwrap();
        let signer: PrivateKeySigner = world.chain.accounts()[0].private_key_hex().parse().unwrap();
        let given = ProviderBuilder::new().connect_http(world.chain.rpc_url().parse().unwrap()).erased();
        let contracts = Contracts::new(sign_with(&given, signer), world.deployment().clone()).with_sender(me);
        let fee = world.fee(asset.datatoken, 0);
        let orders: Vec<_> = (0..50)
            .map(|_| {
                let (contracts, fee) = (contracts.clone(), fee.clone());
                tokio::spawn(async move { contracts.start_order(asset.datatoken, me, 0, &fee, None).await })
            })
            .collect();
        let mut hashes = std::collections::BTreeSet::new();
        for order in orders {
            hashes.insert(order.await.unwrap().unwrap().tx);
        }
        assert_eq!(hashes.len(), 50, "{interval:?}");
        world.chain.set_interval_mining(None).await.unwrap();
        let left = world.publisher.allowance(ocean, me, asset.datatoken).await.unwrap();
        assert_eq!(left, base(0), "each fee was paid once");
    }
}
