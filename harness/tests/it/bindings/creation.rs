//! Making data NFTs, datatokens and prices.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    providers::Provider as _,
};
use ocean_contracts_bindings::{
    CreateAsset, DatatokenTemplate, Error, NewDatatoken, NewDispenser, NewFixedRate, NewNft, Price, Reason,
    SetMetadata,
    abi::{IErc721Factory, IErc721Template},
    code::Code,
};
use ocean_pricing::order::Fee;
use ocean_primitives::{BaseUnits, FeeRate, Rate};

use super::world::{World, account, base, check_reason, whole};

#[tokio::test]
async fn a_data_nft_and_datatokens_of_every_template_are_made_one_by_one() {
    let world = World::start().await;
    let (publisher, me, buyer) = (&world.publisher, account(&world.chain, 0), world.buyer_address());
    let mut nft = NewNft::new("Branin", "BRN");
    nft.token_uri = "data:,".to_owned();
    nft.datatoken_deployer = Some(buyer);
    nft.metadata_updater = Some(account(&world.chain, 3));
    let made = publisher.create_nft(&nft).await.unwrap();
    assert_eq!((made.event.admin, made.event.creator, made.event.tokenURI.as_str()), (me, me, "data:,"));
    let nft = made.event.newTokenAddress;
    assert!(publisher.is_factory_nft(nft).await.unwrap());
    assert!(publisher.nft_roles(nft, buyer).await.unwrap().deployERC20);
    assert!(publisher.nft_roles(nft, account(&world.chain, 3)).await.unwrap().updateMetadata);
    assert!(publisher.datatokens_of(nft).await.unwrap().is_empty());

    let mut tokens = Vec::new();
    let files = DatatokenTemplate::Files { files_object: Bytes::from_static(b"files"), allow: None, deny: None };
    for template in [DatatokenTemplate::Standard, DatatokenTemplate::Enterprise, files] {
        let mut datatoken = NewDatatoken::new(format!("D{}", template.index()), "DT");
        datatoken.cap = whole(1000);
        datatoken.publish_market_fee = Some(world.market_fee());
        datatoken.template = template.clone();
        // A second deployer makes them as well as the owner does.
        let made = world.buyer.create_token(nft, &datatoken).await.unwrap();
        // The factory is asked by the data NFT, not by the account.
        assert_eq!((made.event.name.as_str(), made.event.creator), (datatoken.name.as_str(), nft));
        let token = made.event.newTokenAddress;
        assert_eq!(publisher.template_id(token).await.unwrap(), template.index());
        assert_eq!(publisher.nft_of(token).await.unwrap(), nft);
        assert!(publisher.is_factory_datatoken(token).await.unwrap());
        assert!(publisher.datatoken_roles(token, buyer).await.unwrap().minter);
        assert_eq!(publisher.publish_market_fee(token).await.unwrap(), Some(world.market_fee()));
        assert_eq!(publisher.payment_collector(token).await.unwrap(), me);
        // Template 1 ignores the cap.
        let cap = if template.index() == 1 { BaseUnits(U256::MAX) } else { whole(1000) };
        assert_eq!(publisher.cap(token).await.unwrap(), cap);
        let code = publisher.code_at(token).await.unwrap();
        let name =
            ["ERC20Template", "ERC20TemplateEnterprise", "", "ERC20Template4"][usize::from(template.index()) - 1];
        assert!(matches!(code, Code::Clone { contract: Some(found), .. } if found == name), "{code:?}");
        tokens.push(token);
    }
    assert_eq!(publisher.datatokens_of(nft).await.unwrap(), tokens);
}

#[tokio::test]
async fn what_the_factory_refuses_comes_with_its_reason() {
    let world = World::start().await;
    let publisher = &world.publisher;
    let sent = || async { publisher.rpc().get_transaction_count(account(&world.chain, 0)).await.unwrap() };
    let nft = publisher.create_nft(&NewNft::new("A", "A")).await.unwrap().event.newTokenAddress;
    let before = sent().await;
    for template in [0, 2, 99] {
        let mut new = NewNft::new("A", "A");
        new.template = template;
        check_reason(publisher.create_nft(&new).await, Reason::NoTemplate);
    }
    let mut nobody = NewNft::new("A", "A");
    nobody.owner = Some(Address::ZERO);
    check_reason(publisher.create_nft(&nobody).await, Reason::ZeroOwner);

    let mut zero = NewDatatoken::new("A", "A");
    zero.cap = base(0);
    check_reason(publisher.create_token(nft, &zero).await, Reason::ZeroCap);
    check_reason(publisher.create_nft_with_datatoken(&NewNft::new("A", "A"), &zero).await, Reason::ZeroCap);
    check_reason(world.buyer.create_token(nft, &NewDatatoken::new("A", "A")).await, Reason::NotDeployer);
    let mut listed = NewDatatoken::new("A", "A");
    let stranger = Some(world.deployment().ocean);
    listed.template = DatatokenTemplate::Files { files_object: Bytes::new(), allow: stranger, deny: None };
    assert!(publisher.create_token(nft, &listed).await.unwrap_err().is_revert());

    // What the wrappers never send.
    let direct = IErc721Factory::createTokenCall {
        _templateIndex: U256::ONE,
        strings: vec!["A".to_owned(), "A".to_owned()],
        addresses: vec![Address::ZERO; 4],
        uints: vec![U256::ONE, U256::ZERO],
        bytess: Vec::new(),
    };
    check_reason(publisher.transact(world.deployment().factory, &direct).await, Reason::OnlyNft);
    let call = |index: u64, addresses| IErc721Template::createERC20Call {
        _templateIndex: U256::from(index),
        strings: direct.strings.clone(),
        addresses,
        uints: direct.uints.clone(),
        bytess: Vec::new(),
    };
    let refused = publisher.transact(nft, &call(99, vec![Address::ZERO; 4])).await;
    check_reason(refused, Reason::NoTemplate);
    let without_lists = [account(&world.chain, 0), Address::ZERO, Address::ZERO, Address::ZERO, Address::ZERO];
    let short = publisher.transact(nft, &call(1, Vec::new())).await.unwrap_err();
    assert_eq!(short.revert_reason().unwrap(), "panic 0x32: array out-of-bounds access");
    let mut four = call(4, [without_lists.as_slice(), &[Address::ZERO; 2]].concat());
    four.bytess = vec![Bytes::new()];
    check_reason(publisher.transact(nft, &four).await, Reason::NoAccessListFactory);
    assert_eq!(sent().await, before, "a refused call must cost nothing");
}

#[tokio::test]
async fn a_document_comes_with_its_data_nft() {
    let world = World::start().await;
    let metadata =
        SetMetadata { hash: B256::repeat_byte(7), data: Bytes::from_static(b"{}"), ..SetMetadata::default() };
    let made = world.publisher.create_nft_with_metadata(&NewNft::new("A", "B"), &metadata).await.unwrap();
    let stored = world.publisher.nft_metadata(made.event.newTokenAddress).await.unwrap();
    assert!(stored.has_metadata);
    // The factory gave its roles back.
    let factory = world.publisher.nft_roles(made.event.newTokenAddress, world.deployment().factory).await.unwrap();
    assert!(!factory.updateMetadata && !factory.deployERC20);
}

#[tokio::test]
async fn a_datatoken_gets_one_minting_exchange_and_one_dispenser() {
    let world = World::start().await;
    let publisher = &world.publisher;
    let deployment = world.deployment();
    let dai = deployment.extra_address("MockDAI").unwrap();
    let asset = world.publish(1, Price::None).await;
    let price = NewFixedRate::new(deployment.ocean, 18, Rate::parse("2.5").unwrap());
    let made = publisher.create_fixed_rate(asset.datatoken, &price).await.unwrap();
    assert_eq!((made.event.datatoken, made.event.baseToken), (asset.datatoken, deployment.ocean));
    let mut again = price;
    again.with_mint = false;
    check_reason(publisher.create_fixed_rate(asset.datatoken, &again).await, Reason::ExchangeExists);

    // The contracts take a second one that mints, and then refuse to let the data NFT go.
    let mut second = NewFixedRate::new(dai, 18, Rate::parse("3").unwrap());
    let refused = publisher.create_fixed_rate(asset.datatoken, &second).await;
    assert!(
        matches!(refused, Err(Error::SecondMinter { datatoken, minter })
            if datatoken == asset.datatoken && minter == deployment.fixed_price),
        "{refused:?}"
    );
    second.with_mint = false;
    let second = publisher.create_fixed_rate(asset.datatoken, &second).await.unwrap().event.exchangeId;
    let second = ocean_primitives::ExchangeId(second);
    let refused = publisher.set_exchange_mint(second, true).await;
    assert!(matches!(refused, Err(Error::SecondMinter { .. })), "{refused:?}");

    let dispenser = NewDispenser::new(whole(1), whole(1));
    publisher.create_dispenser(asset.datatoken, &dispenser).await.unwrap();
    let refused = publisher.create_dispenser(asset.datatoken, &dispenser).await;
    assert!(matches!(refused, Err(Error::SecondMinter { .. })), "{refused:?}");
    publisher.transfer_nft(asset.nft, world.buyer_address()).await.unwrap();
    assert_eq!(publisher.payment_collector(asset.datatoken).await.unwrap(), world.buyer_address());
    // The old owner is nobody now.
    check_reason(publisher.mint(asset.datatoken, account(&world.chain, 0), whole(1)).await, Reason::NotMinter);
    assert!(world.buyer.exchange(made_id(&made.event.exchangeId)).await.unwrap().with_mint);
}

fn made_id(id: &B256) -> ocean_primitives::ExchangeId {
    ocean_primitives::ExchangeId(*id)
}

#[tokio::test]
async fn prices_are_refused_where_the_contracts_refuse_them_or_somebody_would_regret_them() {
    let world = World::start().await;
    let publisher = &world.publisher;
    let ocean = world.deployment().ocean;
    let asset = world.publish(1, Price::None).await;
    let price = NewFixedRate::new(ocean, 18, Rate::parse("1").unwrap());

    let wrong = publisher.create_fixed_rate(asset.datatoken, &NewFixedRate::new(ocean, 6, price.rate)).await;
    assert!(matches!(wrong, Err(Error::Price(ocean_pricing::Error::Decimals { .. }))), "{wrong:?}");
    let mut fee = price;
    fee.market_fee = FeeRate::from_percent("1").unwrap();
    let lost = publisher.create_fixed_rate(asset.datatoken, &fee).await;
    assert!(matches!(lost, Err(Error::FeeWithoutAddress)), "{lost:?}");
    for percent in ["0.001", "51"] {
        fee.market_fee = FeeRate::from_percent(percent).unwrap();
        fee.market_fee_collector = account(&world.chain, 5);
        let refused = publisher.create_fixed_rate(asset.datatoken, &fee).await;
        assert!(matches!(refused, Err(Error::Price(_))), "{percent}: {refused:?}");
    }
    let mut elsewhere = price;
    elsewhere.contract = Some(ocean);
    let refused = publisher.create_fixed_rate(asset.datatoken, &elsewhere).await;
    assert!(matches!(refused, Err(Error::NotApproved(contract)) if contract == ocean), "{refused:?}");
    check_reason(world.buyer.create_fixed_rate(asset.datatoken, &price).await, Reason::NotDeployer);
    let dispenser = NewDispenser::new(whole(1), whole(1));
    check_reason(world.buyer.create_dispenser(asset.datatoken, &dispenser).await, Reason::NotDeployer);

    // Template 1 has no such token as a base, and an account is none.
    let mut nobody = price;
    nobody.base_token = world.buyer_address();
    let refused = publisher.create_fixed_rate(asset.datatoken, &nobody).await;
    assert!(matches!(refused, Err(Error::Answer { .. })), "{refused:?}");

    let mut asset = CreateAsset::new("A", "A", Price::None);
    asset.publish_market_fee = Some(Fee { address: Address::ZERO, token: ocean, amount: base(1) });
    assert!(matches!(publisher.create_asset(&asset).await, Err(Error::FeeWithoutAddress)));
}
