//! A nonce is used once: at once, in a row, in two stores on one file, and over crashes.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use ocean_primitives::{Address, Nonce, address};
use ocean_service::{NonceError, NonceStore};
use tokio::task::JoinSet;

const CONSUMER: Address = address!("A78deb2Fa79463945C247991075E2a0e98Ba7A09");

fn nonce(text: &str) -> Nonce {
    text.parse().unwrap()
}

#[track_caller]
fn assert_not_above(outcome: Result<(), NonceError>, stored: &str, given: &str) {
    match outcome {
        Err(NonceError::NotAbove { stored: is, given: was }) => {
            assert_eq!((is, was), (nonce(stored), nonce(given)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_above_is_refused_and_changes_nothing() {
    let store = NonceStore::in_memory().unwrap();
    assert_eq!(store.get(CONSUMER).await.unwrap(), None);
    store.advance(CONSUMER, &nonce("1700000000000")).await.unwrap();
    for given in ["1700000000000", "1699999999999.999", "1.7e12", "1700000000000.0", "5", "0"] {
        let outcome = store.advance(CONSUMER, &nonce(given)).await;
        assert_not_above(outcome, "1700000000000", given);
        assert_eq!(store.get(CONSUMER).await.unwrap(), Some(nonce("1700000000000")));
    }
    let error = store.advance(CONSUMER, &nonce("5")).await.unwrap_err();
    assert!(error.is_refused());
    assert_eq!(error.to_string(), "expected nonce (1700000000000) > current nonce (5)");
}

#[tokio::test]
async fn growing_nonces_of_every_scale_are_accepted() {
    let store = NonceStore::in_memory().unwrap();
    for given in ["0", "1", "1700000000.25", "1700000000.3", "1700000000000", "99999999999999999999999999999999999999"]
    {
        store.advance(CONSUMER, &nonce(given)).await.unwrap();
        assert_eq!(store.get(CONSUMER).await.unwrap(), Some(nonce(given)));
    }
    let next = store.get(CONSUMER).await.unwrap().unwrap().next();
    store.advance(CONSUMER, &next).await.unwrap();
}

#[tokio::test]
async fn addresses_do_not_share_nonces() {
    let store = NonceStore::in_memory().unwrap();
    store.advance(CONSUMER, &nonce("9")).await.unwrap();
    store.advance(Address::repeat_byte(1), &nonce("1")).await.unwrap();
    assert_eq!(store.get(Address::repeat_byte(2)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_replays_at_once_one_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let store = NonceStore::open(dir.path().join("nonces.sqlite")).unwrap();
    store.advance(CONSUMER, &nonce("1")).await.unwrap();
    let mut replays = JoinSet::new();
    for _ in 0..1_000 {
        let store = store.clone();
        replays.spawn(async move { store.advance(CONSUMER, &nonce("2")).await });
    }
    let (mut accepted, mut refused) = (0, 0);
    while let Some(outcome) = replays.join_next().await {
        match outcome.unwrap() {
            Ok(()) => accepted += 1,
            Err(error) if error.is_refused() => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((accepted, refused), (1, 999));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_accept_a_nonce_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nonces.sqlite");
    let stores = [NonceStore::open(&path).unwrap(), NonceStore::open(&path).unwrap()];
    for round in 1..=50_u64 {
        let given = Nonce::from(round);
        let (one, two) = tokio::join!(stores[0].advance(CONSUMER, &given), stores[1].advance(CONSUMER, &given));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "round {round}: {one:?} {two:?}");
        for refused in [one, two].into_iter().filter_map(Result::err) {
            assert!(refused.is_refused(), "{refused:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_addresses_at_once_are_all_stored() {
    let dir = tempfile::tempdir().unwrap();
    let store = NonceStore::open(dir.path().join("nonces.sqlite")).unwrap();
    let mut requests = JoinSet::new();
    for index in 0..4_000_u64 {
        let store = store.clone();
        let address = Address::left_padding_from(&index.to_be_bytes());
        requests.spawn(async move { store.advance(address, &Nonce::from(1)).await });
    }
    while let Some(outcome) = requests.join_next().await {
        outcome.unwrap().unwrap();
    }
    for index in [0_u64, 1_999, 3_999] {
        let address = Address::left_padding_from(&index.to_be_bytes());
        assert_eq!(store.get(address).await.unwrap(), Some(Nonce::from(1)));
    }
}

#[tokio::test]
async fn a_store_that_is_opened_again_remembers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nonces.sqlite");
    let store = NonceStore::open(&path).unwrap();
    store.advance(CONSUMER, &nonce("1700000000.25")).await.unwrap();
    drop(store);
    let store = NonceStore::open(&path).unwrap();
    assert_not_above(store.advance(CONSUMER, &nonce("1700000000.25")).await, "1700000000.25", "1700000000.25");
    store.advance(CONSUMER, &nonce("1700000000.26")).await.unwrap();
}

#[test]
fn files_that_are_not_ours_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text");
    std::fs::write(
        &text,
        "this is not a database, and it is longer than a header of SQLite would be, by far: 100 bytes",
    )
    .unwrap();
    assert!(matches!(NonceStore::open(&text), Err(NonceError::Store(_))));
    assert!(matches!(NonceStore::open(dir.path().join("no/such/directory")), Err(NonceError::Store(_))));
    let later = dir.path().join("later");
    rusqlite::Connection::open(&later).unwrap().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(NonceStore::open(&later), Err(NonceError::Layout { found: 2 })));
}

#[tokio::test]
async fn a_failed_write_accepts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nonces.sqlite");
    let store = NonceStore::open(&path).unwrap();
    store.advance(CONSUMER, &nonce("1")).await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("DROP TABLE nonces").unwrap();
    let error = store.advance(CONSUMER, &nonce("2")).await.unwrap_err();
    assert!(matches!(error, NonceError::Store(_)) && !error.is_refused(), "{error:?}");
    assert!(store.get(CONSUMER).await.is_err());
}

/// The file that the child of [`nothing_acknowledged_is_lost_when_the_process_is_killed`] works on.
const FILE: &str = "OCEAN_TEST_NONCE_FILE";

/// What the child does; by itself it accepts three nonces in a file of its own.
#[tokio::test]
async fn accepts_in_a_row() {
    let dir = tempfile::tempdir().unwrap();
    let (path, rounds) = match std::env::var_os(FILE) {
        Some(path) => (path.into(), u64::MAX),
        None => (dir.path().join("nonces.sqlite"), 3),
    };
    let store = NonceStore::open(path).unwrap();
    let mut next = store.get(CONSUMER).await.unwrap().unwrap_or_else(Nonce::zero).next();
    for _ in 0..rounds {
        store.advance(CONSUMER, &next).await.unwrap();
        println!("accepted {next}");
        next = next.next();
    }
}

/// Runs the child, kills it after `acknowledged` answers, and says which nonce it acknowledged last.
fn run_and_kill(path: &Path, acknowledged: usize) -> Nonce {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nonces::accepts_in_a_row", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut last = None;
    let mut seen = 0;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while seen < acknowledged {
        let line = lines.next().expect("the child goes on until it is killed").unwrap();
        // The test runner may have written its own words in front.
        if let Some((_, accepted)) = line.split_once("accepted ") {
            last = Some(nonce(accepted));
            seen += 1;
        }
    }
    child.kill().unwrap();
    // What it said before it died counts as well.
    for line in lines.map_while(Result::ok) {
        if let Some(Ok(accepted)) = line.split_once("accepted ").map(|(_, accepted)| accepted.parse()) {
            last = Some(accepted);
        }
    }
    child.wait().unwrap();
    last.unwrap()
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nonces.sqlite");
    let started = Instant::now();
    for round in 1..=10 {
        let last = run_and_kill(&path, 3 * round);
        let store = NonceStore::open(&path).unwrap();
        let stored = store.get(CONSUMER).await.unwrap().unwrap();
        assert!(stored >= last, "round {round}: {stored} is stored, {last} was acknowledged");
        assert!(store.advance(CONSUMER, &last).await.unwrap_err().is_refused(), "round {round}");
    }
    assert!(started.elapsed() < Duration::from_secs(60));
}
