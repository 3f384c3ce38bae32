//! Chains and clocks.

use std::time::Duration;

use jiff::Timestamp;
use ocean_contracts_bindings::{Deployment, abi::IErc721Factory, abi::IErc721Template, connect};
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, ChainId, Clock as _};
use ocean_service::{Chain, ChainClock, Chains, SystemClock};

use crate::fake_chain::FakeChain;

pub(crate) const FACTORY: Address = Address::repeat_byte(0xfa);

pub(crate) fn key() -> PrivateKey {
    "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215".parse().unwrap()
}

pub(crate) fn chain(id: u64, network: &str, url: &str) -> Chain {
    let id = ChainId::new(id).unwrap();
    let zero = Address::ZERO;
    let mut deployment = Deployment::new(id, zero, zero, FACTORY, zero, zero);
    deployment.network = network.to_owned();
    Chain::new(id, connect(url).unwrap(), deployment, key())
}

#[tokio::test]
async fn chains_are_named_as_peers_name_them() {
    #[track_caller]
    fn check(id: u64, network: &str, expected: &str) {
        assert_eq!(chain(id, network, "http://127.0.0.1:1").name, expected);
    }
    check(8996, "development", "Ganache");
    check(8996, "", "Ganache");
    check(137, "polygon", "polygon");
    check(5, "", "Unknown");
}

#[tokio::test]
async fn a_chain_shows_no_key() {
    let chains: Chains =
        [chain(137, "polygon", "http://user:s3cret@127.0.0.1:1"), chain(1, "mainnet", "http://[::1]:1")]
            .into_iter()
            .collect();
    let shown = format!("{chains:?}");
    assert!(shown.contains("polygon") && !shown.contains("s3cret") && !shown.contains("fd5c1cce"), "{shown}");
    let ids: Vec<u64> = chains.iter().map(|chain| chain.id.get()).collect();
    assert_eq!(ids, [1, 137]);
    assert!(chains.get(ChainId::DEVELOPMENT).is_none() && !chains.is_empty());
}

#[tokio::test]
async fn a_yes_of_the_factory_is_remembered_and_a_no_is_not() {
    let node = FakeChain::start().await;
    let chain = chain(8996, "development", &node.url);
    let (nft, datatoken) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let listed = IErc721Factory::erc721ListCall { nft };
    node.answers(FACTORY, &listed, &Address::ZERO);
    node.answers(FACTORY, &IErc721Factory::erc20ListCall { datatoken }, &true);
    for _ in 0..2 {
        assert!(!chain.is_factory_nft(nft).await.unwrap());
        assert!(!chain.is_factory_pair(nft, datatoken).await.unwrap());
        assert!(!node.asked().is_empty(), "a no may turn into a yes");
    }
    node.answers(FACTORY, &listed, &nft);
    node.answers(nft, &IErc721Template::isDeployedCall { datatoken }, &true);
    assert!(chain.is_factory_nft(nft).await.unwrap());
    assert!(chain.is_factory_pair(nft, datatoken).await.unwrap());
    assert!(!node.asked().is_empty());
    node.set_down(true);
    assert!(chain.is_factory_nft(nft).await.unwrap());
    assert!(chain.is_factory_pair(nft, datatoken).await.unwrap());
    assert_eq!(node.asked(), Vec::<String>::new());
    assert!(chain.is_factory_pair(nft, nft).await.is_err(), "other pairs are still asked about");
}

#[tokio::test]
async fn a_clock_follows_the_chain_and_survives_its_failure() {
    let node = FakeChain::start().await;
    let rpc = connect(&node.url).unwrap();
    let clock = ChainClock::new();
    let machine = || SystemClock.now().as_second();
    node.set_time(u64::try_from(machine()).unwrap() + 86_400);
    clock.refresh(&rpc).await.unwrap();
    let ahead = |clock: &ChainClock| clock.now().as_second() - machine();
    assert!((86_395..=86_405).contains(&ahead(&clock)), "{}", ahead(&clock));

    node.set_down(true);
    let error = clock.refresh(&rpc).await.unwrap_err();
    assert!(error.to_string().contains("does not tell its time"), "{error}");
    assert!((86_395..=86_405).contains(&ahead(&clock)));

    let nobody = connect("http://127.0.0.1:1/s3cret").unwrap();
    let error = clock.refresh(&nobody).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");

    node.set_down(false);
    node.set_time(u64::try_from(machine()).unwrap());
    let follower = clock.follow(rpc, Duration::from_millis(5));
    let started = Timestamp::now();
    while ahead(&clock) > 1 {
        assert!(Timestamp::now().duration_since(started).as_secs() < 10, "the clock does not follow");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(follower);
    tokio::time::sleep(Duration::from_millis(50)).await;
    node.asked();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(node.asked(), Vec::<String>::new(), "a dropped follower asks no more");
}
