//! What is visible is on disk, and a restart continues where the last commit ended.

use std::sync::Arc;

use serde_json::json;

use crate::support::{Asset, Chain, Scripted, Server, get, open};

#[tokio::test]
async fn a_copy_of_the_files_at_any_moment_is_a_whole_index() {
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    let mut published: Vec<Asset> = Vec::new();
    for number in 1..=12 {
        let asset = Asset::new(number);
        chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("some name")), asset.order()]]);
        published.push(asset);
        if number % 3 == 0 {
            server.caught_up().await;
            // What a process sees that comes up after the power went at this moment.
            let copy = tempfile::tempdir().unwrap();
            for file in std::fs::read_dir(server.dir.path()).unwrap() {
                let file = file.unwrap();
                if !file.file_name().to_string_lossy().ends_with("-shm") {
                    std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
                }
            }
            let revived = open(&chain, copy.path(), Arc::new(Scripted::default()), |_| {});
            for asset in &published {
                let path = format!("/api/aquarius/assets/ddo/{}", asset.did());
                let answer = get(ocean_aquarius::router(revived.clone()), &path).await;
                assert_eq!(answer.status, 200, "asset {} of {number}", asset.nft);
            }
        }
    }
}

#[tokio::test]
async fn a_restart_neither_forgets_nor_counts_again() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("some name")), asset.order()]]);
    server.caught_up().await;
    let before = server.ddo(&asset).await;
    let dir = server.stop().await;
    // While nobody looks, the chain goes on.
    chain.mine(vec![vec![asset.order()]]);
    let server = Server::start_with(Arc::clone(&chain), dir, |_| {});
    assert_eq!(server.ddo(&asset).await["event"], before["event"], "served before the follower has done anything");
    server.caught_up().await;
    assert_eq!(server.ddo(&asset).await["stats"]["orders"], 2);
}

#[tokio::test]
async fn a_restart_on_a_re_organised_chain_goes_back() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create()]);
    chain.mine(vec![vec![asset.publish(&asset.document("gone"))]]);
    server.caught_up().await;
    let dir = server.stop().await;
    chain.fork(2);
    chain.mine(vec![vec![asset.publish(&asset.document("instead"))]]);
    chain.mine(vec![]);
    let server = Server::start_with(Arc::clone(&chain), dir, |_| {});
    server.caught_up().await;
    assert_eq!(server.ddo(&asset).await["metadata"]["name"], "instead");
}

#[tokio::test]
async fn a_database_of_a_later_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(dir.path().join("aquarius.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let nonces = ocean_service::NonceStore::in_memory().unwrap();
    let parts = ocean_aquarius::AquariusParts::new(dir.path(), vec![], Arc::new(Scripted::default()), nonces);
    let error = ocean_aquarius::AquariusState::open(parts).unwrap_err();
    assert!(error.to_string().contains("layout 99"), "{error}");
}

#[tokio::test]
async fn the_retry_queue_survives_a_restart() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish_as(b"sealed", 2, crate::support::sha256(b"x"), 0)]]);
    server.caught_up().await;
    let dir = server.stop().await;
    let state = open(&chain, dir.path(), Arc::new(Scripted::default()), |_| {});
    let queue = get(ocean_aquarius::router(state), "/api/aquarius/state/retryQueue").await.json();
    assert_eq!(queue["hits"]["hits"][0]["_source"]["nft_address"], json!(asset.nft.to_checksum(None)));
}
