//! What servers remember of requests: one suite for SQLite and for PostgreSQL, and servers that share a place.

mod servers;
mod suite;

use ocean_service::{NonceError, StorePlace, Stores};
use ocean_testbed::LocalPostgres;

/// PostgreSQL, or nothing where it is not installed: a skip that `cargo xtask test` counts, and a failure in CI.
pub(crate) async fn postgres() -> Option<LocalPostgres> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    if let Err(error) = LocalPostgres::find() {
        assert!(!in_ci, "{error}");
        eprintln!("skipped: {error}");
        return None;
    }
    Some(LocalPostgres::start().await.expect("PostgreSQL"))
}

fn place(text: &str) -> StorePlace {
    let Ok(place) = text.parse();
    place
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path().join("new").to_str().unwrap());
    suite::run(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_passes_the_suite() {
    let Some(mut postgres) = postgres().await else { return };
    let place = place(&postgres.url());
    suite::run(&place).await;

    // A server that crashes in the middle loses nothing that it has acknowledged, and a store finds its way back by itself.
    let stores = Stores::at(&place).await.unwrap();
    let mut accepted = 0_u64;
    for _ in 0..3 {
        let load = tokio::spawn(suite::count_up(stores.clone(), accepted));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        postgres.kill();
        let (reached, error) = load.await.unwrap();
        assert!(!error.is_refused() && matches!(error, NonceError::Postgres(_)), "{error:?}");
        assert!(reached > accepted, "nothing was accepted before the crash");
        postgres.restart().await.unwrap();
        accepted = suite::recovered(&stores, reached).await;
    }
    drop(stores);

    // Neither a password nor a host is told when the place cannot be used.
    for url in
        ["postgres://u:open-sesame@127.0.0.1:1/nowhere", "postgres://u:open-sesame@%", "postgres://u:open-sesame@h?x"]
    {
        let place = self::place(url);
        let error = Stores::at(&place).await.unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        for text in [format!("{error} {error:?} {cause:?}"), format!("{place:?}")] {
            assert!(!text.contains("open-sesame"), "{text}");
        }
    }
    // What cannot be encrypted is not connected, where encryption is demanded.
    let refused = Stores::in_postgres(&format!("{}?sslmode=require", postgres.url())).await;
    assert!(refused.is_err());
}
