//! Events count only where their emitter may say so.

use alloy::{
    primitives::{Address, B256},
    providers::Provider as _,
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use ocean_contracts_bindings::{
    Price,
    abi::{IDispenser, IErc20Template, IErc721Factory, IErc721Template, IFactoryRouter, IFixedRateExchange},
    code::{Code, pinned},
    events::{Event, Origins, Source, decode},
};
use ocean_testbed::{EventForger, ForgedFee};

use super::world::{World, account, whole};

/// Every log of the chain.
async fn logs(world: &World) -> Vec<Log> {
    world.publisher.rpc().get_logs(&Filter::new().from_block(0)).await.unwrap()
}

#[tokio::test]
async fn every_log_of_the_contracts_counts() {
    let world = World::start().await;
    let asset = world.publish(1, world.price()).await;
    let free = world.publish(2, Price::Free { max_tokens: whole(2), max_balance: whole(2) }).await;
    world.publisher.transfer_nft(free.nft, world.buyer_address()).await.unwrap();
    world.publisher.mint(asset.datatoken, world.buyer_address(), whole(1)).await.unwrap();
    let mut origins = Origins::new(world.deployment());
    let logs = logs(&world).await;
    let known = origins.accept_all(&logs);
    let mut checked = 0;
    for (index, log) in logs.iter().enumerate() {
        // The contracts that never were published, and older owners' contracts, say nothing here.
        let accepted = known.iter().find(|(at, _)| *at == index);
        let Some(event) = decode(log) else { continue };
        assert!(accepted.is_some(), "{event:?} of {}", log.address());
        assert_eq!(world.publisher.genuine_event(log).await.unwrap(), Some(event));
        checked += 1;
    }
    assert!(checked > 60, "{checked}");
    assert!(origins.counts(Source::Nft, asset.nft) && origins.counts(Source::Datatoken, free.datatoken));
    assert!(!origins.counts(Source::Nft, asset.datatoken) && !origins.counts(Source::Datatoken, asset.nft));
}

fn forged<E: SolEvent>(event: &E) -> (Vec<B256>, alloy::primitives::Bytes) {
    let data = event.encode_log_data();
    (data.topics().to_vec(), data.data.clone())
}

#[tokio::test]
async fn look_alikes_of_a_foreign_contract_are_refused() {
    let world = World::start().await;
    let asset = world.publish(1, world.price()).await;
    let forger = EventForger::deploy(&world.chain).await.unwrap();
    let me = world.buyer_address();
    let mut txs = vec![
        forger.order_started(&world.chain, me, whole(1).0, 0, ForgedFee::default()).await.unwrap(),
        forger.order_reused(&world.chain, me, B256::ZERO, ForgedFee::default()).await.unwrap(),
    ];
    // Among them are those from which other origins would be learned: a forger must not make itself known.
    let look_alikes = [
        forged(&IErc721Factory::NFTCreated {
            newTokenAddress: forger.address,
            templateAddress: Default::default(),
            tokenName: Default::default(),
            admin: me,
            symbol: Default::default(),
            tokenURI: Default::default(),
            transferable: true,
            creator: me,
        }),
        forged(&IErc721Factory::TokenCreated {
            newTokenAddress: forger.address,
            templateAddress: Default::default(),
            name: Default::default(),
            symbol: Default::default(),
            cap: Default::default(),
            creator: me,
        }),
        forged(&IFactoryRouter::FixedRateContractAdded { caller: me, contractAddress: forger.address }),
        forged(&IFactoryRouter::DispenserContractAdded { caller: me, contractAddress: forger.address }),
        forged(&IErc721Template::MetadataCreated {
            createdBy: me,
            state: 0,
            decryptorUrl: Default::default(),
            flags: Default::default(),
            data: Default::default(),
            metaDataHash: Default::default(),
            timestamp: Default::default(),
            blockNumber: Default::default(),
        }),
        forged(&IErc721Template::Transfer { from: me, to: forger.address, tokenId: Default::default() }),
        forged(&IFixedRateExchange::ExchangeRateChanged {
            exchangeId: Default::default(),
            exchangeOwner: me,
            newRate: Default::default(),
        }),
        forged(&IDispenser::TokensDispensed {
            datatokenAddress: asset.datatoken,
            userAddress: me,
            amount: Default::default(),
        }),
        forged(&IErc20Template::AddedMinter {
            user: me,
            signer: me,
            timestamp: Default::default(),
            blockNumber: Default::default(),
        }),
    ];
    for (topics, data) in look_alikes {
        txs.push(forger.log(&world.chain, me, topics, data).await.unwrap());
    }

    let mut origins = Origins::new(world.deployment());
    origins.accept_all(&logs(&world).await);
    let mut one_by_one = Origins::new(world.deployment());
    let mut seen = 0;
    for tx in txs {
        let receipt = world.buyer.rpc().get_transaction_receipt(tx).await.unwrap().unwrap();
        assert_eq!(origins.accept_all(receipt.logs()), []);
        for log in receipt.logs() {
            let event = decode(log).expect("it looks like one");
            assert_eq!(origins.accept(log), None, "{event:?}");
            assert_eq!(one_by_one.accept(log), None, "{event:?}");
            assert_eq!(world.buyer.genuine_event(log).await.unwrap(), None, "{event:?}");
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen}");
    assert!(origins.known().all(|(_, address)| address != forger.address));
}

#[tokio::test]
async fn a_contract_that_the_router_approves_counts_until_it_does_not() {
    let world = World::start().await;
    let stranger = account(&world.chain, 15);
    let router = world.deployment().router;
    let mut origins = Origins::new(world.deployment());
    assert!(!origins.counts(Source::Exchange, stranger));
    let add = IFactoryRouter::addFixedRateContractCall { _fixedRate: stranger };
    let added = world.publisher.transact(router, &add).await.unwrap();
    assert_eq!(origins.accept_all(added.logs()).len(), 1);
    assert!(origins.counts(Source::Exchange, stranger));
    assert!(world.publisher.is_genuine(Source::Exchange, stranger).await.unwrap());
    let remove = IFactoryRouter::removeFixedRateContractCall { _fixedRate: stranger };
    let removed = world.publisher.transact(router, &remove).await.unwrap();
    assert!(matches!(origins.accept(&removed.logs()[0]), Some(Event::FixedRateContractRemoved(_))));
    assert!(!origins.counts(Source::Exchange, stranger));
    assert!(!world.publisher.is_genuine(Source::Exchange, stranger).await.unwrap());
}

#[tokio::test]
async fn the_code_of_the_deployment_is_the_pinned_releases() {
    let world = World::start().await;
    let publisher = &world.publisher;
    assert_eq!(publisher.check_code().await.unwrap(), []);
    let mut looked_at = 0;
    for (key, known) in &pinned().contracts {
        let Some(address) = world.deployment().address_of(key) else {
            assert_eq!(key, "AccessList", "it is not published");
            continue;
        };
        // Two keys of one code would be told apart by neither.
        assert_eq!(publisher.code_at(address).await.unwrap(), Code::Known(known.contract.as_str()), "{key}");
        looked_at += 1;
    }
    assert!(looked_at >= 29, "{looked_at}");
    let asset = world.publish(2, Price::None).await;
    let nft = publisher.code_at(asset.nft).await.unwrap();
    let template = world.deployment().erc721_templates[&1];
    assert_eq!(nft, Code::Clone { template, contract: Some("ERC721Template") });
    assert_eq!(publisher.code_at(asset.datatoken).await.unwrap().contract(), Some("ERC20TemplateEnterprise"));
    assert_eq!(publisher.code_at(world.buyer_address()).await.unwrap(), Code::None);
    let dai = world.deployment().extra_address("MockDAI").unwrap();
    assert!(matches!(publisher.code_at(dai).await.unwrap(), Code::Unknown { .. }));

    // Addresses that were mixed up are found, and so is one where nothing stands.
    let mut wrong = world.deployment().clone();
    std::mem::swap(&mut wrong.router, &mut wrong.factory);
    wrong.dispenser = Address::repeat_byte(7);
    let rpc = publisher.rpc().clone();
    let found = ocean_contracts_bindings::Contracts::new(rpc, wrong).check_code().await.unwrap();
    let keys: Vec<_> = found.iter().map(|mismatch| mismatch.key.as_str()).collect();
    assert_eq!(keys, ["Dispenser", "ERC721Factory", "Router"]);
    assert_eq!(found[0].found, Code::None);
    assert_eq!((found[1].expected, found[1].found.contract()), ("ERC721Factory", Some("FactoryRouter")));
}
