//! What two parties sign and a third sends: permits and served orders.

use alloy::primitives::{B256, Bytes, U256};
use ocean_contracts_bindings::{Error, Price, Reason};
use ocean_crypto::contract;

use super::world::{World, account, base, check_reason, sender, whole};

#[tokio::test]
async fn a_permit_holds_for_blocks_and_for_its_owner() {
    let world = World::start().await;
    let buyer_key = world.chain.accounts()[2].private_key();
    for template in [1, 2] {
        let token = world.publish(template, Price::None).await.datatoken;
        let (owner, spender) = (world.buyer_address(), account(&world.chain, 9));
        let permit = world.publisher.new_permit(token, owner, spender, base(5), 20).await.unwrap();
        let signature = buyer_key.sign_digest(permit.digest());
        let foreign = world.provider.sign_digest(permit.digest());
        check_reason(world.publisher.permit(&permit, &foreign).await, Reason::PermitSignature);
        let sent = world.publisher.permit(&permit, &signature).await.unwrap();
        assert_eq!((sent.event.owner, sent.event.value), (owner, U256::from(5)));
        assert_eq!(world.publisher.allowance(token, owner, spender).await.unwrap(), base(5));
        // Once.
        check_reason(world.publisher.permit(&permit, &signature).await, Reason::PermitSignature);

        let permit = world.publisher.new_permit(token, owner, spender, base(6), 2).await.unwrap();
        let signature = buyer_key.sign_digest(permit.digest());
        world.chain.mine(5).await.unwrap();
        check_reason(world.publisher.permit(&permit, &signature).await, Reason::PermitExpired);
    }
}

#[tokio::test]
async fn a_served_order_is_put_on_chain_by_its_provider() {
    let world = World::start().await;
    let provider = sender(&world.chain, 8);
    let buyer_key = world.chain.accounts()[2].private_key();
    for template in [1, 2] {
        let token = world.publish(template, Price::None).await.datatoken;
        let order_tx = B256::repeat_byte(0xcd);
        let (ours, theirs) = (Bytes::from_static(b"{}"), Bytes::from_static(b"1690000000"));
        let signed = world.provider.sign_digest(contract::order_executed_provider(order_tx, &ours));
        let consumer = buyer_key.sign_digest(contract::consumer_data(&theirs));
        let me = world.buyer_address();
        let sent =
            provider.order_executed(token, order_tx, (ours.clone(), &signed), (theirs.clone(), &consumer, me)).await;
        let event = sent.unwrap().event;
        assert_eq!((event.orderTxId, event.consumerAddress), (order_tx, me));
        assert_eq!(event.providerAddress, world.provider.address());
        let itself =
            world.buyer.order_executed(token, order_tx, (ours.clone(), &signed), (theirs.clone(), &consumer, me));
        check_reason(itself.await, Reason::ProviderIsConsumer);
        let foreign =
            provider.order_executed(token, B256::ZERO, (ours.clone(), &signed), (theirs.clone(), &consumer, me));
        check_reason(foreign.await, Reason::ProviderSignature);
        let foreign = provider.order_executed(token, order_tx, (ours.clone(), &signed), (ours.clone(), &consumer, me));
        check_reason(foreign.await, Reason::ConsumerSignature);
    }
}

#[tokio::test]
async fn datatokens_are_burned_by_their_holder() {
    let world = World::start().await;
    let token = world.publish(1, Price::None).await.datatoken;
    check_reason(world.buyer.burn(token, whole(1)).await, Reason::InsufficientBalance);
    world.publisher.mint(token, world.buyer_address(), whole(2)).await.unwrap();
    world.buyer.burn(token, whole(1)).await.unwrap();
    assert_eq!(world.buyer.total_supply(token).await.unwrap(), whole(1));
    let nobody = world.publisher.mint(token, Default::default(), whole(1)).await;
    check_reason(nobody, Reason::ZeroReceiver);
    let capped = world.publish(2, Price::None).await;
    let mut small = ocean_contracts_bindings::NewDatatoken::new("S", "S");
    small.template = ocean_contracts_bindings::DatatokenTemplate::Enterprise;
    small.cap = whole(1);
    let token = world.publisher.create_token(capped.nft, &small).await.unwrap().event.newTokenAddress;
    check_reason(world.publisher.mint(token, world.buyer_address(), whole(2)).await, Reason::CapExceeded);
    let error =
        world.publisher.new_permit(world.deployment().ocean, world.buyer_address(), Default::default(), base(1), 1);
    assert!(matches!(error.await, Err(Error::Revert { .. })));
}
