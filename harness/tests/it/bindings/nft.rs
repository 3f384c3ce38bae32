//! What a data NFT stores, and how it changes hands.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::SolCall as _,
};
use ocean_contracts_bindings::{
    CreateAsset, Error, NftRole, Price, Reason, SetMetadata,
    abi::{IErc20, IErc721Template, MetadataProof},
    datatoken_key,
};
use ocean_crypto::proof::sign_document_hash;

use super::world::{World, account, check_reason, sender, whole};

#[tokio::test]
async fn values_of_the_store_are_written_by_who_may_and_read_by_everybody() {
    let world = World::start().await;
    let key = B256::repeat_byte(5);
    for template in [1, 2] {
        let asset = world.publish(template, Price::None).await;
        assert_eq!(world.buyer.get_data(asset.nft, key).await.unwrap(), Bytes::new());
        let value = Bytes::from_static(b"a value longer than one word of thirty-two bytes");
        check_reason(world.buyer.set_data(asset.nft, key, value.clone()).await, Reason::NotStoreUpdater);
        let written = world.publisher.set_data(asset.nft, key, value.clone()).await.unwrap();
        assert_eq!((written.event.key, &written.event.value), (key, &value));
        assert_eq!(world.buyer.get_data(asset.nft, key).await.unwrap(), value);

        check_reason(world.buyer.set_datatoken_data(asset.datatoken, value.clone()).await, Reason::NotDeployer);
        world.publisher.set_datatoken_data(asset.datatoken, value.clone()).await.unwrap();
        assert_eq!(world.buyer.get_data(asset.nft, datatoken_key(asset.datatoken)).await.unwrap(), value);
    }
}

#[tokio::test]
async fn a_document_and_its_token_uri_are_set_together_and_with_proofs() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let validator = &world.chain.accounts()[7];
    let hash = B256::repeat_byte(9);
    let proof = |hash| {
        let signature = sign_document_hash(&validator.private_key(), hash);
        MetadataProof { validatorAddress: validator.address, v: signature.v, r: signature.r, s: signature.s }
    };
    let metadata = SetMetadata { hash, proofs: vec![proof(hash)], ..SetMetadata::default() };
    world.publisher.set_metadata_and_token_uri(asset.nft, &metadata, "data:,two").await.unwrap();
    assert_eq!(world.publisher.nft_token_uri(asset.nft).await.unwrap(), "data:,two");

    let foreign = SetMetadata { proofs: vec![proof(B256::repeat_byte(8))], ..metadata.clone() };
    check_reason(world.publisher.set_metadata(asset.nft, &foreign).await, Reason::InvalidProof);
    let many = SetMetadata { proofs: vec![proof(hash); 51], ..metadata.clone() };
    check_reason(world.publisher.set_metadata(asset.nft, &many).await, Reason::TooManyProofs);
    // Who may change the document may not change the token URI.
    world.publisher.add_nft_role(asset.nft, NftRole::MetadataUpdater, world.buyer_address()).await.unwrap();
    world.buyer.set_metadata(asset.nft, &metadata).await.unwrap();
    let refused = world.buyer.set_metadata_and_token_uri(asset.nft, &metadata, "data:,three").await;
    check_reason(refused, Reason::NotNftOwner);
    check_reason(world.buyer.set_token_uri(asset.nft, "data:,three").await, Reason::NotNftOwner);
}

#[tokio::test]
async fn a_data_nft_changes_hands_only_where_it_may() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let (me, buyer) = (account(&world.chain, 0), world.buyer_address());
    assert!(world.buyer.is_transferable(asset.nft).await.unwrap());
    check_reason(world.buyer.transfer_nft_from(asset.nft, me, buyer).await, Reason::NotOwnerNorApproved);
    check_reason(world.buyer.approve_nft(asset.nft, buyer).await, Reason::NotOwnerNorApproved);
    world.publisher.approve_nft(asset.nft, buyer).await.unwrap();
    world.buyer.transfer_nft_from(asset.nft, me, buyer).await.unwrap();
    assert_eq!(world.buyer.nft_owner(asset.nft).await.unwrap(), buyer);
    let roles = world.buyer.nft_roles(asset.nft, me).await.unwrap();
    assert!(!roles.manager && !roles.deployERC20 && !roles.updateMetadata && !roles.store);
    let roles = world.buyer.nft_roles(asset.nft, buyer).await.unwrap();
    assert!(roles.manager && roles.deployERC20 && roles.updateMetadata && roles.store);

    let mut fixed = CreateAsset::new("A", "A", Price::None);
    fixed.transferable = false;
    let fixed = world.publisher.create_asset(&fixed).await.unwrap();
    assert!(!world.buyer.is_transferable(fixed.nft).await.unwrap());
    check_reason(world.publisher.transfer_nft(fixed.nft, buyer).await, Reason::NotTransferable);
}

#[tokio::test]
async fn a_call_in_the_name_of_a_data_nft_is_not_swallowed() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let ocean = world.deployment().ocean;
    let pay = |amount| Bytes::from(IErc20::transferCall { to: account(&world.chain, 4), amount }.abi_encode());
    // The data NFT has no OCEAN. The contract would say that it was executed.
    let nothing = world.publisher.execute_call(asset.nft, ocean, U256::ZERO, pay(U256::ONE)).await;
    check_reason(nothing, Reason::InsufficientBalance);
    world.publisher.transfer(ocean, asset.nft, whole(1)).await.unwrap();
    let before = world.publisher.balance_of(ocean, account(&world.chain, 4)).await.unwrap();
    world.publisher.execute_call(asset.nft, ocean, U256::ZERO, pay(whole(1).0)).await.unwrap();
    let after = world.publisher.balance_of(ocean, account(&world.chain, 4)).await.unwrap();
    assert_eq!(after.checked_sub(before).unwrap(), whole(1));
    check_reason(world.buyer.execute_call(asset.nft, ocean, U256::ZERO, pay(U256::ZERO)).await, Reason::NotManager);
    let call =
        IErc721Template::executeCallCall { _operation: U256::ONE, _to: ocean, _value: U256::ZERO, _data: Bytes::new() };
    check_reason(world.publisher.transact(asset.nft, &call).await, Reason::WrongOperation);
}

#[tokio::test]
async fn a_method_that_nobody_carries_out_is_not_sent() {
    let world = World::start().await;
    let asset = world.publish(2, Price::None).await;
    let stranger = sender(&world.chain, 3);
    // An account, a clone of another template, and a contract that says no itself.
    let account = stranger.set_metadata_state(account(&world.chain, 4), 1).await;
    assert!(matches!(account, Err(Error::NoContract { .. })), "{account:?}");
    let files = world.publisher.set_files_object(asset.datatoken, Bytes::new()).await;
    assert!(matches!(files, Err(Error::NoMethod { address, .. }) if address == asset.datatoken), "{files:?}");
    let state = world.publisher.set_metadata_state(asset.datatoken, 1).await;
    assert!(matches!(state, Err(Error::NoMethod { .. })), "{state:?}");
    let ocean = world.publisher.set_metadata_state(world.deployment().ocean, 1).await;
    assert!(matches!(ocean, Err(Error::Revert { tx: None, .. })), "{ocean:?}");
    assert_eq!(stranger.nft_owner(asset.nft).await.unwrap(), world.chain.accounts()[0].address);
    assert_ne!(asset.nft, Address::ZERO);
}
