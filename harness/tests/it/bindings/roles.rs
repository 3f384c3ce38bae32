//! Who may do what with a data NFT and a datatoken.

use alloy::primitives::{B256, Bytes};
use ocean_contracts_bindings::{
    DatatokenRole, Error, NewDatatoken, NftRole, Price, Reason, SetMetadata,
    abi::{DatatokenRoles, IErc721Template, NftRoles},
};

use super::world::{World, account, check_reason, whole};

const NFT_ROLES: [NftRole; 4] =
    [NftRole::Manager, NftRole::DatatokenDeployer, NftRole::MetadataUpdater, NftRole::StoreUpdater];

fn has(roles: &NftRoles, role: NftRole) -> bool {
    match role {
        NftRole::Manager => roles.manager,
        NftRole::DatatokenDeployer => roles.deployERC20,
        NftRole::MetadataUpdater => roles.updateMetadata,
        NftRole::StoreUpdater => roles.store,
    }
}

#[tokio::test]
async fn every_role_of_a_data_nft_is_given_and_taken_by_who_may() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let (publisher, user) = (&world.publisher, account(&world.chain, 3));
    for role in NFT_ROLES {
        let refusal = if role == NftRole::Manager { Reason::NotNftOwner } else { Reason::NotManager };
        check_reason(world.buyer.add_nft_role(asset.nft, role, user).await, refusal);
        publisher.add_nft_role(asset.nft, role, user).await.unwrap();
        let roles = publisher.nft_roles(asset.nft, user).await.unwrap();
        assert!(NFT_ROLES.iter().all(|other| has(&roles, *other) == (*other == role)), "{role:?}: {roles:?}");
        let refusal = if role == NftRole::Manager { Reason::NotNftOwner } else { Reason::NotRemovable };
        check_reason(world.buyer.remove_nft_role(asset.nft, role, user).await, refusal);
        publisher.remove_nft_role(asset.nft, role, user).await.unwrap();
        let roles = publisher.nft_roles(asset.nft, user).await.unwrap();
        assert!(!has(&roles, role), "{role:?}");
    }

    let several: Vec<_> = NFT_ROLES.iter().map(|role| (user, *role)).collect();
    publisher.add_nft_roles(asset.nft, &several).await.unwrap();
    let roles = publisher.nft_roles(asset.nft, user).await.unwrap();
    assert!(NFT_ROLES.iter().all(|role| has(&roles, *role)), "{roles:?}");
    check_reason(world.buyer.add_nft_roles(asset.nft, &several[1..]).await, Reason::NotManager);
    let many = vec![(user, NftRole::StoreUpdater); 50];
    check_reason(publisher.add_nft_roles(asset.nft, &many).await, Reason::InvalidArraySize);
    let unequal = IErc721Template::addMultipleUsersToRolesCall { addresses: vec![user; 2], roles: vec![1] };
    check_reason(publisher.transact(asset.nft, &unequal).await, Reason::InvalidArraySize);
}

#[tokio::test]
async fn who_cleans_permissions_keeps_one_role_only() {
    let world = World::start().await;
    let asset = world.publish(1, Price::None).await;
    let (publisher, me) = (&world.publisher, account(&world.chain, 0));
    check_reason(world.buyer.clean_nft_permissions(asset.nft).await, Reason::NotNftOwner);
    publisher.clean_nft_permissions(asset.nft).await.unwrap();
    let roles = publisher.nft_roles(asset.nft, me).await.unwrap();
    assert_eq!(roles, NftRoles { manager: true, deployERC20: false, updateMetadata: false, store: false });
    let metadata = SetMetadata { hash: B256::repeat_byte(1), ..SetMetadata::default() };
    check_reason(publisher.set_metadata(asset.nft, &metadata).await, Reason::NotMetadataUpdater);
    check_reason(publisher.create_token(asset.nft, &NewDatatoken::new("A", "A")).await, Reason::NotDeployer);
    check_reason(publisher.set_data(asset.nft, B256::ZERO, Bytes::new()).await, Reason::NotStoreUpdater);
    publisher.add_nft_role(asset.nft, NftRole::MetadataUpdater, me).await.unwrap();
    publisher.set_metadata(asset.nft, &metadata).await.unwrap();
}

#[tokio::test]
async fn every_role_of_a_datatoken_is_given_and_taken_by_who_may() {
    let world = World::start().await;
    for template in [1, 2] {
        let token = world.publish(template, Price::None).await.datatoken;
        let (publisher, user) = (&world.publisher, account(&world.chain, 3));
        check_reason(world.buyer.mint(token, user, whole(1)).await, Reason::NotMinter);
        check_reason(world.buyer.set_payment_collector(token, user).await, Reason::NotPaymentManager);
        for role in [DatatokenRole::Minter, DatatokenRole::PaymentManager] {
            check_reason(world.buyer.add_datatoken_role(token, role, user).await, Reason::NotDeployer);
            publisher.add_datatoken_role(token, role, user).await.unwrap();
            let twice = match role {
                DatatokenRole::Minter => Reason::AlreadyMinter,
                DatatokenRole::PaymentManager => Reason::AlreadyPaymentManager,
            };
            check_reason(publisher.add_datatoken_role(token, role, user).await, twice);
            check_reason(world.buyer.remove_datatoken_role(token, role, user).await, Reason::NotDeployer);
        }
        let both = DatatokenRoles { minter: true, paymentManager: true };
        assert_eq!(publisher.datatoken_roles(token, user).await.unwrap(), both);
        publisher.remove_datatoken_role(token, DatatokenRole::Minter, user).await.unwrap();
        publisher.remove_datatoken_role(token, DatatokenRole::PaymentManager, user).await.unwrap();
        let neither = DatatokenRoles { minter: false, paymentManager: false };
        assert_eq!(publisher.datatoken_roles(token, user).await.unwrap(), neither);

        let changed = publisher.set_payment_collector(token, user).await.unwrap();
        assert_eq!(changed.event._newPaymentCollector, user);
        assert_eq!(publisher.payment_collector(token).await.unwrap(), user);
        check_reason(world.buyer.clean_datatoken_permissions(token).await, Reason::NotNftOwner);
        publisher.clean_datatoken_permissions(token).await.unwrap();
        assert_eq!(publisher.payment_collector(token).await.unwrap(), account(&world.chain, 0));
        assert!(!publisher.datatoken_roles(token, account(&world.chain, 0)).await.unwrap().minter);
    }
}

#[tokio::test]
async fn the_publishing_market_alone_changes_its_fee() {
    let world = World::start().await;
    let token = world.publish(1, Price::None).await.datatoken;
    let market = super::world::sender(&world.chain, 5);
    let mut fee = world.market_fee();
    fee.amount = super::world::base(8);
    check_reason(world.publisher.set_publish_market_fee(token, fee).await, Reason::NotPublishMarket);
    let changed = market.set_publish_market_fee(token, fee).await.unwrap();
    assert_eq!(changed.event.PublishMarketFeeAmount, fee.amount.0);
    assert_eq!(market.publish_market_fee(token).await.unwrap(), Some(fee));
    for broken in [
        ocean_pricing::order::Fee { address: Default::default(), ..fee },
        ocean_pricing::order::Fee { token: Default::default(), ..fee },
    ] {
        let refused = market.set_publish_market_fee(token, broken).await;
        assert!(matches!(refused, Err(Error::FeeWithoutAddress)), "{refused:?}");
    }
}
