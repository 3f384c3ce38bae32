use std::time::Duration;

use alloy::primitives::U256;
use ocean_contracts_bindings::{
    Contracts, Error, connect,
    escrow::{Authorize, Claim, Escrow, EscrowAbi, LONGEST_LOCK},
};
use ocean_primitives::BaseUnits;

use super::{Form, OTHER, PAYEE, PAYER, RELEASES, World, recorded};
use crate::support::{check_revert, whole};

#[tokio::test]
async fn every_recorded_refusal_has_its_reason_in_every_release() {
    let recorded = recorded();
    let text = |key: &str| recorded["reverts"][key].as_str().unwrap().to_owned();
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Plain).await else { continue };
        world.prepare(10, 5, 2).await;
        let payee = &world.payee;
        let other = Escrow::at(&world.contracts(OTHER), payee.address()).await.unwrap();
        let lock = world.lock(7, whole(1), 60);
        check_revert(other.create_lock(&lock).await, recorded["noAuth"].as_str().unwrap());
        check_revert(payee.create_lock(&world.lock(7, whole(1), 3601)).await, &text("expiryTooHigh"));
        check_revert(payee.create_lock(&world.lock(7, whole(6), 60)).await, &text("tooMuch"));
        check_revert(payee.create_lock(&world.lock(7, whole(11), 60)).await, &text("funds"));
        check_revert(payee.create_lock(&world.lock(0, whole(1), 60)).await, &text("job0"));
        check_revert(payee.create_lock(&world.lock(7, whole(0), 60)).await, &text("amount0"));
        // A letter was corrected after 2.8.
        let own = if release.is_none() { text("self") } else { "Payer cannot be payee".to_owned() };
        check_revert(world.payer.create_lock(&lock).await, &own);

        payee.create_lock(&world.lock(7, whole(3), 60)).await.unwrap();
        check_revert(payee.create_lock(&world.lock(7, whole(1), 60)).await, &text("sameJob"));
        check_revert(payee.create_lock(&world.lock(8, whole(3), 60)).await, &text("cumulative"));
        payee.create_lock(&world.lock(8, whole(1), 60)).await.unwrap();
        check_revert(payee.create_lock(&world.lock(9, whole(1), 60)).await, "Exceeds maxLockCounts");

        let claim = |job: u64, amount| Claim::new(U256::from(job), world.ocean, world.account(PAYER), amount);
        check_revert(payee.claim_lock(&claim(7, whole(4))).await, &text("claimTooMuch"));
        check_revert(payee.claim_lock(&claim(99, whole(1))).await, &text("claimUnknown"));
        check_revert(other.claim_lock(&claim(7, whole(1))).await, &text("claimByOther"));
        check_revert(payee.claim_locks(&[claim(8, whole(1)), claim(99, whole(1))]).await, &text("claimUnknown"));
        // Nothing of the refused list was paid.
        assert_eq!(world.funds().await, [[whole(6), whole(4)], [whole(0), whole(0)]]);
        // Both are accepted by the contract.
        assert_eq!(
            (recorded["zeroDeposit"].as_str(), recorded["zeroClaim"].as_str()),
            (Some("accepted"), Some("accepted"))
        );
        payee.claim_lock(&claim(8, whole(0))).await.unwrap();
        world.payer.deposit(world.ocean, whole(0)).await.unwrap();

        world.payer.revoke(world.ocean, world.account(PAYEE)).await.unwrap();
        check_revert(payee.create_lock(&world.lock(9, whole(1), 60)).await, &text("expiryTooHigh"));
        payee.claim_lock(&claim(7, whole(3))).await.unwrap();
    }
}

#[tokio::test]
async fn locks_that_would_freeze_funds_are_neither_allowed_nor_made() {
    let world = World::start(None, Form::Plain).await.unwrap();
    world.prepare(10, 5, 2).await;
    #[track_caller]
    fn check<T: std::fmt::Debug>(result: Result<T, Error>, expected: u64) {
        assert!(matches!(result, Err(Error::LockFreezes { seconds, .. }) if seconds == expected), "{result:?}");
    }
    let forever = Authorize { max_lock: Duration::MAX, ..world.authorize(whole(5), 2) };
    check(world.payer.authorize(&forever).await, u64::MAX);
    check(world.payer.authorize_multiple(&[world.authorize(whole(5), 2), forever]).await, u64::MAX);
    let longest = LONGEST_LOCK.as_secs();
    check(world.payee.create_lock(&world.lock(1, whole(1), longest + 1)).await, longest + 1);
    check(world.payee.create_locks(&[world.lock(1, whole(1), 0)]).await, 0);
    // Nothing was sent.
    assert_eq!(world.chain.latest_block().await.unwrap().0, 55);
    let short = world.payee.clone().with_longest_lock(Duration::from_secs(100));
    check(short.create_lock(&world.lock(1, whole(1), 101)).await, 101);
    short.create_lock(&world.lock(1, whole(1), 100)).await.unwrap();

    // What it is about: the contract itself allows a lock that outlives everybody.
    let allowed = Authorize { max_lock: Duration::from_secs(1 << 40), ..world.authorize(whole(5), 2) };
    let patient = world.payer.clone().with_longest_lock(Duration::MAX);
    patient.authorize(&allowed).await.unwrap();
    let patient = world.payee.clone().with_longest_lock(Duration::MAX);
    patient.create_lock(&world.lock(2, whole(1), 1 << 40)).await.unwrap();
    let locks = patient.locks(world.account(PAYEE), None, None).await.unwrap();
    assert_eq!(locks[1].expiry, jiff::Timestamp::MAX);
}

#[tokio::test]
async fn methods_of_later_releases_are_refused_before_anything_is_sent() {
    let world = World::start(None, Form::Plain).await.unwrap();
    assert_eq!(world.payer.abi(), EscrowAbi::Plain);
    #[track_caller]
    fn check<T: std::fmt::Debug>(result: Result<T, Error>, expected: &str) {
        assert!(matches!(result, Err(Error::EscrowRelease { call, .. }) if call == expected), "{result:?}");
    }
    let lock = world.lock(1, whole(1), 60);
    check(world.payee.re_lock(&lock).await, "reLock");
    check(world.payee.re_locks(&[lock]).await, "reLocks");
    check(world.payer.bundle(&Default::default()).await, "bundle");
    check(world.payee.bundle_jobs(&Default::default()).await, "bundleJobs");
    let mut claim = Claim::new(U256::ONE, world.ocean, world.account(PAYER), BaseUnits::ZERO);
    claim.subsidies = vec![world.ocean];
    check(world.payee.claim_lock(&claim).await, "claimLock with subsidies");

    let reading = Contracts::new(connect(world.chain.rpc_url()).unwrap(), world.chain.deployment().clone());
    let reading = Escrow::at(&reading, world.payer.address()).await.unwrap();
    assert!(matches!(reading.deposit(world.ocean, whole(1)).await, Err(Error::NoSender)));
    assert!(matches!(reading.own_funds(world.ocean).await, Err(Error::NoSender)));
}
