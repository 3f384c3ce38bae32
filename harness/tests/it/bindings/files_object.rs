//! Template 4: the files object on chain, and who may read it.

use alloy::primitives::{Address, Bytes, U256};
use ocean_contracts_bindings::{
    Contracts, DatatokenTemplate, Error, FilesRequest, NewDatatoken, NewNft, Reason,
    access_list::{AccessLists, CreateAccessList},
};
use ocean_crypto::{PrivateKey, contract};

use super::world::{World, account, check_reason, whole};

/// The list of one wallet, made by the publisher.
async fn list(contracts: &Contracts, wallet: Address, transferable: bool) -> Address {
    let mut new = CreateAccessList::new("L", "L").with_wallet(wallet, "data:,");
    new.transferable = transferable;
    AccessLists::of_deployment(contracts).unwrap().create(&new).await.unwrap().event.address()
}

struct Reader<'a> {
    provider: &'a PrivateKey,
    consumer: &'a PrivateKey,
}

impl Reader<'_> {
    fn request(&self, service: u64) -> FilesRequest {
        let data = Bytes::from_static(b"1690000000");
        let consumer = self.consumer.sign_digest(contract::consumer_data(&data));
        let digest = contract::files_object_provider(U256::from(service), &consumer.to_bytes());
        let provider = (self.provider.address(), self.provider.sign_digest(digest));
        FilesRequest::new(service, provider, self.consumer.address(), data, consumer)
    }
}

#[tokio::test]
async fn a_files_object_is_read_with_both_signatures_and_an_order() {
    let world = World::start().await;
    let publisher = &world.publisher;
    let mut datatoken = NewDatatoken::new("D4", "D4");
    datatoken.template =
        DatatokenTemplate::Files { files_object: Bytes::from_static(b"first"), allow: None, deny: None };
    let asset = publisher.create_nft_with_datatoken(&NewNft::new("A", "A"), &datatoken).await.unwrap();
    let token = asset.datatoken;
    let (consumer, provider) = (world.chain.accounts()[2].private_key(), world.provider.clone());
    let reader = Reader { provider: &provider, consumer: &consumer };
    let stranger = super::world::sender(&world.chain, 7);
    check_reason(stranger.files_object(token, &reader.request(0)).await, Reason::NoConsumerOrder);

    publisher.mint(token, world.buyer_address(), whole(1)).await.unwrap();
    let fee = world.fee(token, 0);
    world.buyer.start_order(token, world.buyer_address(), 0, &fee, None).await.unwrap();
    // Whoever calls: the signatures open it.
    assert_eq!(stranger.files_object(token, &reader.request(0)).await.unwrap().as_ref(), b"first");
    check_reason(stranger.files_object(token, &reader.request(1)).await, Reason::NoConsumerOrder);
    let mut forged = reader.request(0);
    forged.provider = account(&world.chain, 7);
    check_reason(stranger.files_object(token, &forged).await, Reason::ProviderSignature);
    let mut forged = reader.request(0);
    forged.consumer = account(&world.chain, 7);
    check_reason(stranger.files_object(token, &forged).await, Reason::ConsumerSignature);
    assert!(!format!("{forged:?}").contains("signature:"), "signatures stay out of logs");

    check_reason(stranger.set_files_object(token, Bytes::new()).await, Reason::NotDeployer);
    publisher.set_files_object(token, Bytes::from_static(b"second")).await.unwrap();
    assert_eq!(stranger.files_object(token, &reader.request(0)).await.unwrap().as_ref(), b"second");
}

#[tokio::test]
async fn lists_say_which_provider_reads() {
    let world = World::start().await;
    let publisher = &world.publisher;
    let (consumer, provider) = (world.chain.accounts()[2].private_key(), world.provider.clone());
    let other = world.chain.accounts()[7].private_key();
    let allow = list(publisher, provider.address(), false).await;
    let mut datatoken = NewDatatoken::new("D4", "D4");
    datatoken.template =
        DatatokenTemplate::Files { files_object: Bytes::from_static(b"f"), allow: Some(allow), deny: None };
    let asset = publisher.create_nft_with_datatoken(&NewNft::new("A", "A"), &datatoken).await.unwrap();
    let token = asset.datatoken;
    assert_eq!(publisher.allow_list(token).await.unwrap(), Some(allow));
    assert_eq!(publisher.deny_list(token).await.unwrap(), None);
    publisher.mint(token, world.buyer_address(), whole(1)).await.unwrap();
    world.buyer.start_order(token, world.buyer_address(), 0, &world.fee(token, 0), None).await.unwrap();
    let request = |key| Reader { provider: key, consumer: &consumer }.request(0);
    publisher.files_object(token, &request(&provider)).await.unwrap();
    check_reason(publisher.files_object(token, &request(&other)).await, Reason::ProviderNotAllowed);

    let deny = list(publisher, provider.address(), false).await;
    check_reason(world.buyer.set_deny_list(token, Some(deny)).await, Reason::NotDeployer);
    publisher.set_deny_list(token, Some(deny)).await.unwrap();
    check_reason(publisher.files_object(token, &request(&provider)).await, Reason::ProviderDenied);
    publisher.set_deny_list(token, None).await.unwrap();
    publisher.set_allow_list(token, None).await.unwrap();
    publisher.files_object(token, &request(&other)).await.unwrap();

    // Lists of strangers, and lists whose places can be passed on.
    check_reason(publisher.set_allow_list(token, Some(world.deployment().ocean)).await, Reason::InvalidAccessList);
    let passed_on = list(publisher, provider.address(), true).await;
    check_reason(publisher.set_allow_list(token, Some(passed_on)).await, Reason::InvalidAccessList);
    let none = publisher.allow_list(world.publish(2, world.price()).await.datatoken).await;
    assert!(matches!(none, Err(Error::Answer { .. })), "{none:?}");
}
