//! What every place must do, negative cases first.

use std::time::Duration;

use ocean_primitives::{Address, Nonce, address};
use ocean_service::{NonceError, StorePlace, Stores};
use tokio::task::JoinSet;

const CONSUMER: Address = address!("A78deb2Fa79463945C247991075E2a0e98Ba7A09");

fn nonce(text: &str) -> Nonce {
    text.parse().unwrap()
}

fn numbered(index: u64) -> Address {
    Address::left_padding_from(&index.to_be_bytes())
}

/// Runs every check on an empty place.
pub(super) async fn run(place: &StorePlace) {
    // Several at once make the tables, as replicas that start together do.
    let (one, two, three) = tokio::join!(Stores::at(place), Stores::at(place), Stores::at(place));
    let (one, two) = (one.unwrap(), two.unwrap());
    drop(three.unwrap());
    refuses_what_is_not_above(&one).await;
    accepts_what_grows(&one).await;
    keeps_addresses_apart(&one).await;
    of_a_thousand_at_once_one_is_accepted(&one, &two).await;
    two_that_race_have_one_winner(&one, &two).await;
    many_addresses_are_all_stored(&one).await;
    tokens_are_revoked_everywhere(&one, &two).await;
    drop((one, two));
    remembers(&Stores::at(place).await.unwrap()).await;
}

async fn refuses_what_is_not_above(stores: &Stores) {
    let nonces = &stores.nonces;
    assert_eq!(nonces.get(CONSUMER).await.unwrap(), None);
    nonces.advance(CONSUMER, &nonce("1700000000000")).await.unwrap();
    for given in ["1700000000000", "1699999999999.999", "1.7e12", "1700000000000.0", "5", "0"] {
        match nonces.advance(CONSUMER, &nonce(given)).await {
            Err(error @ NonceError::NotAbove { .. }) => {
                let said = format!("expected nonce (1700000000000) > current nonce ({})", nonce(given));
                assert_eq!(error.to_string(), said);
            }
            other => panic!("{given}: {other:?}"),
        }
        assert_eq!(nonces.get(CONSUMER).await.unwrap(), Some(nonce("1700000000000")), "{given}");
    }
    // The next whole number always passes.
    nonces.advance(CONSUMER, &nonce("1700000000000").next()).await.unwrap();
}

async fn accepts_what_grows(stores: &Stores) {
    let huge = "9".repeat(100);
    let tiny = format!("0.{}1", "0".repeat(100));
    let growing = ["0", &tiny, "1", "1700000000.25", "1700000000.3", "1700000000000", &huge];
    for given in growing {
        stores.nonces.advance(numbered(1), &nonce(given)).await.unwrap();
        assert_eq!(stores.nonces.get(numbered(1)).await.unwrap(), Some(nonce(given)));
    }
    let next = nonce(&huge).next();
    stores.nonces.advance(numbered(1), &next).await.unwrap();
    assert_eq!(stores.nonces.get(numbered(1)).await.unwrap(), Some(next));
}

async fn keeps_addresses_apart(stores: &Stores) {
    stores.nonces.advance(numbered(2), &nonce("9")).await.unwrap();
    stores.nonces.advance(numbered(3), &nonce("1")).await.unwrap();
    assert_eq!(stores.nonces.get(numbered(4)).await.unwrap(), None);
}

async fn of_a_thousand_at_once_one_is_accepted(one: &Stores, two: &Stores) {
    let mut replays = JoinSet::new();
    for index in 0..1_000 {
        let nonces = if index % 2 == 0 { &one.nonces } else { &two.nonces }.clone();
        replays.spawn(async move { nonces.advance(numbered(5), &nonce("2")).await });
    }
    let mut accepted = 0;
    while let Some(outcome) = replays.join_next().await {
        match outcome.unwrap() {
            Ok(()) => accepted += 1,
            Err(error) => assert!(error.is_refused(), "{error:?}"),
        }
    }
    assert_eq!(accepted, 1);
}

async fn two_that_race_have_one_winner(one: &Stores, two: &Stores) {
    for round in 1..=50_u64 {
        let given = Nonce::from(round);
        let (first, second) =
            tokio::join!(one.nonces.advance(numbered(6), &given), two.nonces.advance(numbered(6), &given));
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{round}: {first:?} {second:?}");
        for refused in [first, second].into_iter().filter_map(Result::err) {
            assert!(refused.is_refused(), "{refused:?}");
        }
    }
}

async fn many_addresses_are_all_stored(stores: &Stores) {
    let mut requests = JoinSet::new();
    for index in 1_000..3_000 {
        let nonces = stores.nonces.clone();
        requests.spawn(async move { nonces.advance(numbered(index), &Nonce::from(index)).await });
    }
    while let Some(outcome) = requests.join_next().await {
        outcome.unwrap().unwrap();
    }
    for index in [1_000, 1_999, 2_999] {
        assert_eq!(stores.nonces.get(numbered(index)).await.unwrap(), Some(Nonce::from(index)));
    }
}

async fn tokens_are_revoked_everywhere(one: &Stores, two: &Stores) {
    let [token, old, other] = [[1; 32], [2; 32], [3; 32]];
    assert!(!one.tokens.is_revoked(token).await.unwrap());
    // To restore what was not revoked is no error.
    one.tokens.restore(token).await.unwrap();
    one.tokens.revoke(old, 1_000, 500).await.unwrap();
    assert!(two.tokens.is_revoked(old).await.unwrap());
    one.tokens.revoke(token, 2_000, 1_001).await.unwrap();
    one.tokens.revoke(token, 2_000, 1_001).await.unwrap();
    for stores in [one, two] {
        assert!(stores.tokens.is_revoked(token).await.unwrap());
        assert!(!stores.tokens.is_revoked(other).await.unwrap());
        assert!(!stores.tokens.is_revoked(old).await.unwrap(), "what has expired by itself is forgotten");
    }
    two.tokens.restore(token).await.unwrap();
    assert!(!one.tokens.is_revoked(token).await.unwrap());
    two.tokens.revoke(other, 2_000, 1_001).await.unwrap();
}

/// After everybody has let go.
async fn remembers(stores: &Stores) {
    let last = nonce("1700000000001");
    assert_eq!(stores.nonces.get(CONSUMER).await.unwrap(), Some(last.clone()));
    assert!(stores.nonces.advance(CONSUMER, &last).await.unwrap_err().is_refused());
    assert_eq!(stores.nonces.get(numbered(2_500)).await.unwrap(), Some(Nonce::from(2_500)));
    assert!(stores.tokens.is_revoked([3; 32]).await.unwrap());
}

/// Accepts one nonce after the other until the store fails, and tells the last that was acknowledged.
pub(super) async fn count_up(stores: Stores, from: u64) -> (u64, NonceError) {
    let mut last = from;
    loop {
        match stores.nonces.advance(numbered(7), &Nonce::from(last + 1)).await {
            Ok(()) => last += 1,
            Err(error) => return (last, error),
        }
    }
}

/// What is stored after a crash: what was acknowledged, or one more, and none of it is accepted again.
pub(super) async fn recovered(stores: &Stores, acknowledged: u64) -> u64 {
    let mut failures = 0;
    let stored = loop {
        match stores.nonces.get(numbered(7)).await {
            Ok(stored) => break stored.unwrap(),
            // A connection that the store does not know to be broken yet.
            Err(error) if failures < 20 => {
                assert!(!error.is_refused(), "{error:?}");
                failures += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    };
    let sent = Nonce::from(acknowledged + 1);
    assert!(
        stored == Nonce::from(acknowledged) || stored == sent,
        "{acknowledged} was acknowledged, {stored} is stored"
    );
    let again = stores.nonces.advance(numbered(7), &Nonce::from(acknowledged)).await.unwrap_err();
    assert!(again.is_refused(), "{again:?}");
    if stored == sent { acknowledged + 1 } else { acknowledged }
}
