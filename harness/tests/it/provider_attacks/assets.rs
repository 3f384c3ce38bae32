//! Who may use an asset: its lists, its state, its owner; and documents that name what is not theirs.

use ocean_crypto::ecies;
use ocean_ddo::{FileObject, FilesObject};
use ocean_did::Did;
use ocean_primitives::{Address, ServiceId};
use ocean_protocol::{AssetState, DocumentForm, Error, Ocean, Pricing, PublishAsset};
use serde_json::{Value, json};

use super::world::{BUYER, Download, PUBLISHER, STRANGER, World};

/// Nobody's asset until it is given to this account.
const NEW_OWNER: usize = 4;

async fn set_services(owner: &Ocean, did: &Did, edit: impl FnOnce(&mut Vec<Value>)) -> Result<(), Error> {
    let edited = owner.edit_metadata(did, |document| {
        let mut services = document.value()["services"].as_array().unwrap().clone();
        edit(&mut services);
        document.set("/services", &json!(services))
    });
    edited.await.map(drop)
}

fn addresses(addresses: &[Address]) -> Value {
    // Written as a publisher may write them.
    let values: Vec<_> = addresses.iter().map(|address| format!("{address:#x}")).collect();
    json!([{"type": "address", "values": values}])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_wins_at_the_asset_and_at_the_service() {
    let world = World::start().await;
    let (order, denied) = (world.order(BUYER, "first").await, world.address(STRANGER));
    let friends = world.order(STRANGER, "first").await;
    let did = world.did();
    let network = |code: &str| {
        format!(
            "Provider Ganache: Error: Access to asset {did} was denied with code: ConsumableCodes.CREDENTIAL_{code}."
        )
    };
    let initialize = |service: &str, account: usize| world.initialize(service, &world.address(account).to_string(), "");

    // The service that denies: its own order does not help, and the others are open.
    let text = network("IN_DENY_LIST");
    world.get(&initialize("denies", STRANGER)).await.refused_exactly("service", 400, &text);
    let mut download = world.download(STRANGER, friends);
    download.service = "denies".to_owned();
    world.get(&download.path()).await.refused_exactly("service", 400, &text);
    assert_eq!(world.get(&initialize("denies", BUYER)).await.status, 200);
    world.served("another service", &world.download(STRANGER, friends)).await;
    let facade = world.client(STRANGER).await;
    let refused = facade.quote(did, Some(&ServiceId::new("denies").unwrap())).await;
    assert!(matches!(refused, Err(Error::AccessDenied { .. })), "{refused:?}");

    // The whole asset: denied, not allowed, both; in both dialects and for orders that exist.
    let lists = [
        (json!({"deny": addresses(&[denied])}), Some("IN_DENY_LIST"), None),
        (
            json!({"allow": addresses(&[denied]), "deny": addresses(&[denied])}),
            Some("IN_DENY_LIST"),
            Some("NOT_IN_ALLOW_LIST"),
        ),
        (json!({"allow": addresses(&[world.address(BUYER)])}), Some("NOT_IN_ALLOW_LIST"), None),
        (json!({"allow": [], "deny": []}), None, None),
    ];
    for (credentials, stranger, buyer) in lists {
        world.publisher.edit_metadata(did, |document| document.set("/credentials", &credentials)).await.unwrap();
        for (account, tx, code) in [(STRANGER, friends, stranger), (BUYER, order, buyer)] {
            let case = format!("{credentials} for {account}");
            let node = Download { dialect: ocean_primitives::Dialect::OceanNode, ..world.download(account, tx) };
            match code {
                Some(code) => {
                    world.get(&initialize("first", account)).await.refused_exactly(&case, 400, &network(code));
                    world.get(&world.download(account, tx).path()).await.refused_exactly(&case, 400, &network(code));
                }
                None => {
                    assert_eq!(world.get(&initialize("first", account)).await.status, 200, "{case}");
                    world.served(&case, &world.download(account, tx)).await;
                }
            }
            wait_for_node(&world, &credentials).await;
            let answer = world.node_get(&node.path()).await;
            match code {
                Some(_) => answer.refused(&case, 403, "Error: Access to asset did:op:"),
                None => assert_eq!(answer.text(), world.content, "{case}"),
            }
        }
    }
    world.testbed.stop().await.unwrap();
}

/// Until the node's own index has the credentials.
async fn wait_for_node(world: &World, credentials: &Value) {
    for _ in 0..500 {
        let document = world.node_get(&format!("/api/aquarius/assets/ddo/{}", world.did())).await;
        if document.json()["credentials"] == *credentials {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the node did not index {credentials}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_and_owners_decide_from_the_chain() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    let (did, consumer) = (world.did().clone(), world.address(BUYER).to_string());
    let text = "Provider Ganache: Asset is not consumable.";
    for state in [
        AssetState::EndOfLife,
        AssetState::Deprecated,
        AssetState::Revoked,
        AssetState::OrderingDisabled,
        AssetState::Unlisted,
        AssetState::Active,
    ] {
        world.publisher.contracts().set_metadata_state(world.asset.nft, state as u8).await.unwrap();
        if state.decryptable() {
            wait_for_state(&world, state as u64).await;
        }
        let (asked, download) =
            (world.get(&world.initialize("first", &consumer, "")).await, world.download(BUYER, order));
        if state.orderable() {
            assert_eq!(asked.status, 200, "{state:?}: {}", asked.text());
            world.served("orderable", &download).await;
        } else if state.decryptable() {
            asked.refused_exactly("state", 400, text);
            world.get(&download.path()).await.refused_exactly("state", 400, text);
        } else {
            // An index may have dropped the document already; nobody gets anything either way.
            let answers = [asked, world.get(&download.path()).await];
            for answer in answers {
                answer.refused(&format!("{state:?}"), 400, "");
                assert!(
                    [text, "Cannot resolve DID"].iter().any(|text| answer.text().contains(text)),
                    "{}",
                    answer.text()
                );
            }
        }
    }

    // Somebody else's asset now: the new owner edits it and opens it, the old one does not, and orders stay what they are.
    world.publisher.contracts().transfer_nft(world.asset.nft, world.address(NEW_OWNER)).await.unwrap();
    assert_eq!(world.publisher.contracts().nft_owner(world.asset.nft).await.unwrap(), world.address(NEW_OWNER));
    world.served("an order from before", &world.download(BUYER, order)).await;
    let refused =
        set_services(&world.publisher, &did, |services| services[0]["name"] = json!("by the old owner")).await;
    assert!(refused.is_err_and(|error| error.is_revert()), "the old owner edits");
    let owner = world.client(NEW_OWNER).await;
    set_services(&owner, &did, |services| services[0]["name"] = json!("by the new owner")).await.unwrap();
    let served = owner.asset(&did).await.unwrap().value();
    assert_eq!(served["services"][0]["name"], "by the new owner");
    assert_eq!(served["nft"]["owner"], world.address(NEW_OWNER).to_checksum(None));
    world.served("an order from before the edit", &world.download(BUYER, order)).await;
    let fresh = world.order(STRANGER, "first").await;
    world.served("a new order", &world.download(STRANGER, fresh)).await;
    world.testbed.stop().await.unwrap();
}

/// Until Aquarius serves the document with this state.
async fn wait_for_state(world: &World, state: u64) {
    for _ in 0..500 {
        if let Ok(document) = world.publisher.asset(world.did()).await
            && document.value()["nft"]["state"] == state
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("Aquarius does not show state {state}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_opens_only_files_and_datatokens_of_its_own() {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    let thief = world.client(STRANGER).await;
    let bait = PublishAsset::new("Bait", vec![FileObject::url("http://127.0.0.1:1/bait")], Pricing::free());
    let bait = thief.publish(bait.form(DocumentForm::Plain)).await.unwrap();
    let victim = world.asset.document.value()["services"][0].clone();
    let key = world.testbed.provider_key().public_key();
    let seal =
        |object: FilesObject| json!(ocean_primitives::Bytes::from(ecies::encrypt(&key, object.to_json().as_bytes())));
    let file = || vec![FileObject::url("http://127.0.0.1:1/x")];
    let nowhere = "Provider Ganache: Unable to get dataset files";
    let stranger = world.address(STRANGER).to_string();

    // The victim's ciphertext under one's own free datatoken; files of another NFT or datatoken; nothing that decrypts.
    let free = thief.buy(&bait.did, None).await.unwrap().tx;
    let foreign = ecies::encrypt(&world.key(PUBLISHER).public_key(), b"[]");
    for (case, files) in [
        ("the victim's files", victim["files"].clone()),
        ("files of another NFT", seal(FilesObject::new(world.asset.nft, bait.datatoken, file()))),
        ("files of another datatoken", seal(FilesObject::new(bait.nft, world.asset.datatoken, file()))),
        ("another Provider's", json!(ocean_primitives::Bytes::from(foreign))),
        (
            "a list",
            json!(ocean_primitives::Bytes::from(ecies::encrypt(&key, b"[{\"type\":\"url\",\"url\":\"http://x\"}]"))),
        ),
        ("nothing", json!("0x00")),
    ] {
        set_services(&thief, &bait.did, |services| services[0]["files"] = files).await.unwrap();
        let stolen = Download { did: bait.did.to_string(), service: "0".to_owned(), ..world.download(STRANGER, free) };
        world.get(&stolen.path()).await.refused_exactly(case, 400, nowhere);
        let path = format!(
            "/api/services/initialize?documentId={}&serviceId=0&consumerAddress={stranger}&fileIndex=0",
            bait.did
        );
        world.get(&path).await.refused_exactly(case, 400, nowhere);
        let info = json!({"did": bait.did, "serviceId": "0"});
        world.post("/api/services/fileinfo", &info).await.refused_exactly(case, 400, nowhere);
        assert_eq!(world.stored(&stranger).await, "1", "{case}: the nonce of a refused download");
    }

    // The victim's datatoken in one's own document, which opens nothing, whoever holds an order of it.
    set_services(&thief, &bait.did, |services| services[0]["datatokenAddress"] = victim["datatokenAddress"].clone())
        .await
        .unwrap();
    for (account, tx) in [(BUYER, order), (STRANGER, free)] {
        let crossed = Download { did: bait.did.to_string(), service: "0".to_owned(), ..world.download(account, tx) };
        let text = format!(
            "Provider Ganache: Order with tx_id {tx} could not be validated due to error: Provider Ganache: The datatoken is not deployed by the data NFT of the asset."
        );
        world.get(&crossed.path()).await.refused_exactly("a foreign datatoken", 400, &text);
    }
    // And the other way round: one's own datatoken is not the victim's.
    let with_free = world.download(STRANGER, free);
    let no_fee = format!("Cannot find the event for the provider fee in tx id {free}.");
    world.order_refused("a free order of another asset", &with_free, &no_fee).await;
    world.testbed.stop().await.unwrap();
}
