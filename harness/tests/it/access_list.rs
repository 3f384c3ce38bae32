//! Access lists against the real contracts.

use alloy::primitives::{Address, U256};
use ocean_contracts_bindings::{
    Error,
    abi::IAccessListFactory,
    access_list::{AccessList, AccessLists, CreateAccessList},
};
use ocean_testbed::LocalChain;

use crate::support::{chain, check_logs, check_revert, contracts};

fn account(chain: &LocalChain, index: usize) -> Address {
    chain.accounts()[index].address
}

#[tokio::test]
async fn wallets_are_on_a_list_as_long_as_they_hold_a_token() {
    let chain = chain().await;
    let lists = AccessLists::of_deployment(&contracts(&chain, 0)).unwrap();
    let [anna, bert, carl] = [3, 5, 6].map(|index| account(&chain, index));
    let create = CreateAccessList::new("Allowed", "ALW").with_wallet(anna, "a").with_wallet(bert, "b");
    let list = lists.create(&create).await.unwrap().event;
    assert!(lists.is_deployed(list.address()).await.unwrap());
    assert!(lists.is_soul_bound(list.address()).await.unwrap());
    assert!(!list.is_transferable().await.unwrap());
    assert_eq!(list.owner().await.unwrap(), account(&chain, 0));
    assert!(list.contains(anna).await.unwrap() && list.contains(bert).await.unwrap());
    assert!(!list.contains(carl).await.unwrap());

    let [first] = list.tokens_of(anna).await.unwrap()[..] else { panic!() };
    assert_eq!((list.owner_of(first).await.unwrap(), list.token_uri(first).await.unwrap()), (anna, "a".to_owned()));
    // A second token: the wallet stays on the list until both are gone.
    let second = list.mint(anna, "again").await.unwrap().event;
    assert_eq!(list.tokens_of(anna).await.unwrap(), [first, second]);
    list.burn(first).await.unwrap();
    assert!(list.contains(anna).await.unwrap());
    // Holders may leave by themselves.
    let as_anna = AccessList::at(&contracts(&chain, 3), list.address());
    as_anna.burn(second).await.unwrap();
    assert!(!list.contains(anna).await.unwrap());

    let both = [(carl, "c".to_owned()), (carl, "d".to_owned()), (anna, "e".to_owned())];
    let tokens = list.batch_mint(&both).await.unwrap().event;
    assert_eq!(list.tokens_of(carl).await.unwrap(), tokens[..2]);
    assert_eq!(list.owner_of(tokens[2]).await.unwrap(), anna);

    check_revert(as_anna.mint(anna, "x").await, "Ownable: caller is not the owner");
    check_revert(as_anna.batch_mint(&both).await, "Ownable: caller is not the owner");
    check_revert(as_anna.transfer_ownership(anna).await, "Ownable: caller is not the owner");
    check_revert(as_anna.transfer(tokens[2], bert).await, "Token not transferable");
    assert!(as_anna.burn(tokens[0]).await.is_err_and(|error| error.is_revert()), "it is somebody else's");
    list.transfer_ownership(anna).await.unwrap();
    as_anna.mint(bert, "x").await.unwrap();
    check_logs(&chain).await;
}

#[tokio::test]
async fn places_change_hands_where_the_list_allows_it() {
    let chain = chain().await;
    let lists = AccessLists::of_deployment(&contracts(&chain, 0)).unwrap();
    let [anna, bert] = [3, 5].map(|index| account(&chain, index));
    let create = CreateAccessList { transferable: true, owner: Some(bert), ..CreateAccessList::new("List", "LST") };
    let list = lists.create(&create.with_wallet(anna, "a")).await.unwrap().event;
    assert!(!lists.is_soul_bound(list.address()).await.unwrap());
    assert_eq!(list.owner().await.unwrap(), bert);
    let token = list.tokens_of(anna).await.unwrap()[0];
    AccessList::at(&contracts(&chain, 3), list.address()).transfer(token, bert).await.unwrap();
    assert!(list.contains(bert).await.unwrap() && !list.contains(anna).await.unwrap());
}

#[tokio::test]
async fn lists_of_unequal_length_that_the_contract_ignores_cannot_be_written() {
    let chain = chain().await;
    let owner = contracts(&chain, 0);
    let lists = AccessLists::of_deployment(&owner).unwrap();
    // The contract makes an empty list of them; here wallets and URIs come in pairs.
    let unequal = IAccessListFactory::deployAccessListContractCall {
        name: "List".to_owned(),
        symbol: "LST".to_owned(),
        transferable: false,
        owner: account(&chain, 0),
        user: vec![account(&chain, 3)],
        _tokenURI: Vec::new(),
    };
    let made = owner
        .transact_for(lists.address(), &unequal, lists.address(), |_: &IAccessListFactory::NewAccessList| true)
        .await
        .unwrap();
    let list = AccessList::at(&owner, made.event.contractAddress);
    assert!(!list.contains(account(&chain, 3)).await.unwrap());

    check_revert(lists.is_soul_bound(chain.deployment().ocean).await, "Not deployed by factory");
    assert!(!lists.is_deployed(chain.deployment().ocean).await.unwrap());
    let zero = CreateAccessList::new("List", "LST").with_wallet(Address::ZERO, "");
    assert!(lists.create(&zero).await.is_err_and(|error| error.is_revert()));
    let none = list.owner_of(U256::from(99)).await;
    assert!(none.is_err_and(|error| error.is_revert()));
    let nothing = AccessList::at(&owner, Address::repeat_byte(0xee)).mint(account(&chain, 3), "").await;
    assert!(matches!(nothing, Err(Error::NoContract { .. })), "{nothing:?}");
}
