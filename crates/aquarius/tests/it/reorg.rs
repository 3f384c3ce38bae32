//! After a re-organisation the index equals one that never saw the abandoned blocks.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Asset, Chain, DISPENSER, FIXED_RATE, Server};

/// Everything that is served, in one value.
async fn everything(server: &Server) -> Value {
    let found = server.post("/api/aquarius/assets/query", &json!({ "size": 1000, "sort": ["_id"] })).await.json();
    let queue = server.get("/api/aquarius/state/retryQueue").await.json();
    json!([found["hits"]["hits"], queue["hits"]["total"]])
}

async fn same_as_from_scratch(server: &Server) {
    server.caught_up().await;
    let fresh = Server::start(Arc::clone(&server.chain));
    fresh.caught_up().await;
    assert_eq!(everything(server).await, everything(&fresh).await);
}

#[tokio::test]
async fn an_abandoned_publication_disappears() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![]);
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("gone"))]]);
    server.caught_up().await;
    server.ddo(&asset).await;

    chain.fork(2);
    for _ in 0..3 {
        chain.mine(vec![]);
    }
    server.caught_up().await;
    let answer = server.get(&format!("/api/aquarius/assets/ddo/{}", asset.did())).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    let state = server.get(&format!("/api/aquarius/state/ddo?did={}", asset.did())).await;
    assert_eq!(state.status, 404, "{}", state.body);
}

#[tokio::test]
async fn a_fork_of_the_same_height_is_noticed() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("number one"))]]);
    server.caught_up().await;
    chain.fork(1);
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("number two"))]]);
    server.caught_up().await;
    assert_eq!(server.ddo(&asset).await["metadata"]["name"], "number two");
}

#[tokio::test]
async fn edits_orders_owners_prices_and_states_are_undone() {
    let (asset, other) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("kept")), asset.exchange(FIXED_RATE, 5)]]);
    chain.mine(vec![vec![asset.order()]]);
    server.caught_up().await;
    let before = everything(&server).await;
    let fork_at = chain.head_number() + 1;

    chain.mine(vec![vec![asset.update(&asset.document("edited")), asset.order(), asset.rate(FIXED_RATE, 9)]]);
    server.caught_up().await;
    chain.mine(vec![vec![asset.state(3), asset.transfer(other.nft), asset.dispenser(DISPENSER)]]);
    chain.mine(vec![other.create(), vec![other.publish(&other.document("other"))]]);
    server.caught_up().await;
    assert_ne!(everything(&server).await, before);

    chain.fork(fork_at);
    chain.mine(vec![]);
    server.caught_up().await;
    assert_eq!(everything(&server).await, before);
    chain.mine(vec![other.create(), vec![asset.order()]]);
    chain.mine(vec![vec![other.publish(&other.document("again"))]]);
    same_as_from_scratch(&server).await;
}

#[tokio::test]
async fn a_fork_before_the_first_remembered_block_indexes_again() {
    let asset = Asset::new(1);
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("older"))]]);
    server.caught_up().await;
    // Not even the first block is the same: the development chain was started anew.
    chain.fork(0);
    chain.mine(vec![]);
    chain.mine(vec![asset.create(), vec![asset.publish(&asset.document("newer"))]]);
    same_as_from_scratch(&server).await;
    assert_eq!(server.ddo(&asset).await["metadata"]["name"], "newer");
}

#[tokio::test]
async fn many_forks_end_like_a_fresh_index() {
    let chain = Chain::new();
    let server = Server::start(Arc::clone(&chain));
    // A fixed sequence of pseudo-random steps, so that a failure can be repeated.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for step in 0..120_u64 {
        let asset = Asset::new(1 + next(6) as u8);
        match next(9) {
            0 | 1 => {
                drop(chain.mine(vec![asset.create(), vec![asset.publish(&asset.document(&format!("step {step}")))]]))
            }
            2 => drop(chain.mine(vec![vec![asset.update(&asset.document(&format!("edit {step}")))]])),
            3 => drop(chain.mine(vec![vec![asset.order(), asset.order()]])),
            4 => drop(chain.mine(vec![vec![asset.exchange(FIXED_RATE, step + 1)]])),
            5 => drop(chain.mine(vec![vec![asset.rate(FIXED_RATE, step + 1), asset.state(next(6) as u8)]])),
            6 => {
                drop(chain.mine(vec![
                    vec![asset.transfer(Asset::new(next(200) as u8).nft)],
                    vec![asset.dispenser(DISPENSER)],
                ]))
            }
            7 => server.caught_up().await,
            _ => {
                let head = chain.head_number();
                chain.fork(head.saturating_sub(next(6)).max(1));
                chain.mine(vec![]);
            }
        }
    }
    same_as_from_scratch(&server).await;
}

#[tokio::test]
async fn a_deep_fork_right_after_catching_up_keeps_what_is_older() {
    let (old, recent) = (Asset::new(1), Asset::new(2));
    let chain = Chain::new();
    chain.mine(vec![old.create(), vec![old.publish(&old.document("older")), old.order()]]);
    for _ in 0..2000 {
        chain.mine(vec![]);
    }
    chain.mine(vec![recent.create(), vec![recent.publish(&recent.document("recent")), old.order()]]);
    for _ in 0..60 {
        chain.mine(vec![]);
    }
    let server = Server::start(Arc::clone(&chain));
    server.caught_up().await;
    assert_eq!(server.ddo(&old).await["stats"]["orders"], 2);
    let asked = chain.asked("logs");

    chain.fork(chain.head_number() - 100);
    for _ in 0..101 {
        chain.mine(vec![]);
    }
    same_as_from_scratch(&server).await;
    assert_eq!(server.ddo(&old).await["stats"]["orders"], 1);
    // Both servers together asked for the end only, and not for the two thousand blocks again by the first.
    assert!(chain.asked("logs") < 3 * asked, "{} calls after {asked}", chain.asked("logs"));
}
