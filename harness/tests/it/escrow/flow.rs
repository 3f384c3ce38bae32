use std::time::Duration;

use alloy::primitives::{U256, address};
use ocean_contracts_bindings::{
    CreateAsset, Error, Price,
    escrow::{Claim, Escrow},
};
use ocean_crypto::contract::Permit;
use ocean_primitives::BaseUnits;
use serde_json::Value;

use super::{Form, OTHER, PAYEE, PAYER, RELEASES, World, recorded};
use crate::support::{check_logs_of, whole};

fn number(value: &Value) -> BaseUnits {
    BaseUnits(value.as_str().unwrap().parse().unwrap())
}

/// Compares what is in the escrow with what was recorded after this step.
async fn check_funds(world: &World, step: usize) {
    let recorded = recorded();
    let step = &recorded["steps"][step];
    let of = |key: &str| [number(&step[key]["available"]), number(&step[key]["locked"])];
    assert_eq!(world.funds().await, [of("payerFunds"), of("payeeFunds")], "{}", step["label"]);
}

#[tokio::test]
async fn the_recorded_flow_gives_the_recorded_funds_in_every_release() {
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Plain).await else { continue };
        let (payer, payee) = (world.account(PAYER), world.account(PAYEE));
        let own = world.payer.own_funds(world.ocean).await.unwrap();
        assert_eq!((own.available, own.locked), (whole(0), whole(0)));

        world.payer.deposit(world.ocean, whole(10)).await.unwrap();
        check_funds(&world, 0).await;
        assert_eq!(world.payer.own_funds(world.ocean).await.unwrap().available, whole(10));
        assert_eq!(world.payer.tokens_of(payer).await.unwrap(), [world.ocean]);

        world.payer.authorize(&world.authorize(whole(5), 2)).await.unwrap();
        check_funds(&world, 1).await;

        let job = Escrow::job_id("job-1");
        let lock = super::LockRequest { job_id: job, ..world.lock(1, whole(3), 1000) };
        let locked = world.payee.create_lock(&lock).await.unwrap();
        assert_eq!((locked.event.job_id, locked.event.amount), (job, whole(3)));
        check_funds(&world, 2).await;
        let [auth] = world.payer.authorizations(world.ocean, payer, Some(payee)).await.unwrap()[..] else { panic!() };
        let recorded = recorded();
        let auth_then = &recorded["auth"];
        assert_eq!(auth.max_locked_amount, number(&auth_then["maxLockedAmount"]));
        assert_eq!(auth.locked_amount, number(&auth_then["currentLockedAmount"]));
        assert_eq!(auth.max_lock.as_secs().to_string(), auth_then["maxLockSeconds"].as_str().unwrap());
        assert_eq!((auth.max_locks, auth.locks), (U256::from(2), U256::ONE));
        assert_eq!(auth.free_amount(), whole(2));
        let [lock_now] = world.payer.locks(payee, None, None).await.unwrap()[..] else { panic!() };
        let made = world.chain.latest_block().await.unwrap().1;
        assert_eq!(lock_now.expiry.as_second(), i64::try_from(made + 1000).unwrap());
        assert_eq!(lock_now.start.map(|start| start.as_second()), release.map(|_| i64::try_from(made).unwrap()));

        let amount = BaseUnits(U256::from(2_000_000_000_000_000_999_u64));
        let mut claim = Claim::new(job, world.ocean, payer, amount);
        claim.proof = b"proof".as_slice().into();
        let fee = world.payee.claim_fee(world.ocean, amount).await.unwrap();
        assert_eq!(fee, BaseUnits(U256::from(2_000_000_000_000_000_u64)));
        let claimed = world.payee.claim_lock(&claim).await.unwrap().event;
        assert_eq!(claimed.claimed[0].proof.as_ref(), b"proof");
        assert_eq!((claimed.claimed[0].amount, claimed.canceled.len(), claimed.withdrawn.len()), (amount, 0, 0));
        check_funds(&world, 3).await;

        // A claimed job may have another lock; this one ends before it is claimed.
        let lock = super::LockRequest { amount: whole(1), duration: Duration::from_secs(10), ..lock };
        world.payee.create_lock(&lock).await.unwrap();
        check_funds(&world, 4).await;
        assert!(matches!(world.payer.cancel_expired_locks(payee, None).await, Err(Error::NothingExpired)));
        world.chain.advance(Duration::from_secs(60)).await.unwrap();
        let late = world.payee.claim_lock(&Claim::new(job, world.ocean, payer, whole(1))).await;
        assert!(matches!(late, Err(Error::LockExpired { job_id, .. }) if job_id == job), "{late:?}");
        check_funds(&world, 5).await;
        assert!(matches!(world.payer.cancel_expired_locks(payee, None).await, Err(Error::NothingExpired)));
        check_funds(&world, 6).await;
        let available = world.payer.funds(payer, world.ocean).await.unwrap().available;
        let more = available.checked_add(BaseUnits(U256::ONE)).unwrap();
        let refused = world.payer.withdraw(&[(world.ocean, more)]).await;
        assert!(matches!(refused, Err(Error::EscrowFunds { wanted, .. }) if wanted == more), "{refused:?}");
        check_funds(&world, 7).await;

        let job = U256::from_str_radix(recorded["steps"][8]["logs"][1]["args"]["jobId"].as_str().unwrap(), 10).unwrap();
        let lock = super::LockRequest { job_id: job, ..world.lock(1, whole(1), 100) };
        world.payee.create_lock(&lock).await.unwrap();
        let before = world.contracts(PAYEE).balance_of(world.ocean, payee).await.unwrap();
        let claim = Claim::new(job, world.ocean, payer, whole(1));
        let claimed = world.payee.claim_lock_and_withdraw(&claim).await.unwrap().event;
        check_funds(&world, 8).await;
        let after = world.contracts(PAYEE).balance_of(world.ocean, payee).await.unwrap();
        let withdrawn = number(&recorded["steps"][8]["logs"][2]["args"]["amount"]);
        assert_eq!(claimed.withdrawn, [(world.ocean, withdrawn)]);
        assert_eq!(after.checked_sub(before), Some(withdrawn));
        let rest = world.funds().await[0][0];
        world.payer.withdraw(&[(world.ocean, rest)]).await.unwrap();
        assert_eq!(world.funds().await, [[BaseUnits::ZERO; 2]; 2]);
        check_logs_of(&world.chain, &world.addresses).await;
    }
}

#[tokio::test]
async fn several_locks_are_made_claimed_and_cancelled_at_once() {
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Plain).await else { continue };
        let (payer, payee) = (world.account(PAYER), world.account(PAYEE));
        world.prepare(10, 10, 10).await;
        let locks: Vec<_> = (1..=4).map(|job| world.lock(job, whole(1), 1000)).collect();
        assert_eq!(world.payee.create_locks(&locks).await.unwrap().event.len(), 4);
        world.payee.create_lock(&world.lock(5, whole(1), 10)).await.unwrap();
        world.payee.create_lock(&world.lock(6, whole(1), 10)).await.unwrap();
        world.chain.advance(Duration::from_secs(60)).await.unwrap();

        let claim = |job: u64| Claim::new(U256::from(job), world.ocean, payer, whole(1));
        let claimed = world.payee.claim_locks(&[claim(1), claim(5)]).await.unwrap().event;
        assert_eq!(claimed.claimed.iter().map(|claim| claim.job_id).collect::<Vec<_>>(), [U256::from(1)]);
        assert_eq!(claimed.canceled.iter().map(|claim| claim.job_id).collect::<Vec<_>>(), [U256::from(5)]);
        let claimed = world.payee.claim_locks_and_withdraw(&[claim(2), claim(3)]).await.unwrap().event;
        assert_eq!((claimed.claimed.len(), claimed.canceled.len()), (2, 0));
        // 0.1 % of each of three.
        assert_eq!(claimed.withdrawn, [(world.ocean, BaseUnits(whole(3).0 - whole(3).0 / U256::from(1000)))]);

        // Anybody may give an expired lock back, and only that one goes.
        let other = Escrow::at(&world.contracts(OTHER), world.payer.address()).await.unwrap();
        let unknown = other.cancel_expired_lock(payee, payer, U256::from(4)).await;
        assert!(matches!(unknown, Err(Error::NothingExpired)), "{unknown:?}");
        let canceled = other.cancel_expired_lock(payee, payer, U256::from(6)).await.unwrap().event;
        assert_eq!((canceled.amount, canceled.payer, canceled.payee), (whole(1), payer, payee));
        let left = other.locks(payee, None, None).await.unwrap();
        assert_eq!(left.iter().map(|lock| lock.job_id).collect::<Vec<_>>(), [U256::from(4)]);
        world.chain.advance(Duration::from_secs(2000)).await.unwrap();
        let canceled = other.cancel_expired_locks(payee, Some(payer)).await.unwrap().event;
        assert_eq!(canceled.iter().map(|lock| lock.job_id).collect::<Vec<_>>(), [U256::from(4)]);
        assert_eq!(world.funds().await, [[whole(7), whole(0)], [whole(0), whole(0)]]);
    }
}

#[tokio::test]
async fn locks_are_filtered_although_the_contract_does_not() {
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Plain).await else { continue };
        let usdc = world.chain.deployment().extra_address("MockUSDC").unwrap();
        let (payer, other, payee) = (world.account(PAYER), world.account(OTHER), world.account(PAYEE));
        world.contracts(0).transfer(usdc, payer, whole(1)).await.unwrap();
        let other_escrow = Escrow::at(&world.contracts(OTHER), world.payer.address()).await.unwrap();
        let mut in_usdc = world.authorize(whole(5), 5);
        in_usdc.token = usdc;
        world.payer.deposit_multiple(&[(world.ocean, whole(1)), (usdc, whole(1))]).await.unwrap();
        world.payer.authorize_multiple(&[world.authorize(whole(5), 5), in_usdc]).await.unwrap();
        other_escrow.deposit(world.ocean, whole(1)).await.unwrap();
        other_escrow.authorize(&world.authorize(whole(5), 5)).await.unwrap();
        let lock = world.lock(101, BaseUnits(U256::from(1000)), 1000);
        let locks = [
            lock,
            super::LockRequest { job_id: U256::from(102), token: usdc, ..lock },
            super::LockRequest { job_id: U256::from(103), payer: other, ..lock },
        ];
        world.payee.create_locks(&locks).await.unwrap();

        let ids = async |token, payer| -> Vec<u64> {
            let locks = world.payer.locks(payee, token, payer).await.unwrap();
            assert!(locks.iter().all(|lock| lock.payee == payee));
            locks.iter().map(|lock| lock.job_id.to()).collect()
        };
        assert_eq!(ids(None, None).await, [101, 102, 103]);
        // The contract answers with 101, 102 and 103, as recorded.
        assert_eq!(ids(Some(world.ocean), Some(payer)).await, [101]);
        assert_eq!(ids(Some(usdc), Some(other)).await, [0_u64; 0]);
        assert_eq!(ids(Some(world.ocean), None).await, [101, 103]);
        assert_eq!(ids(None, Some(payer)).await, [101, 102]);
        let of_nobody = world.payer.locks(address!("0x00000000000000000000000000000000000000aa"), None, None).await;
        assert_eq!(of_nobody.unwrap(), []);
    }
}

#[tokio::test]
async fn a_permit_takes_the_place_of_an_approval() {
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Plain).await else { continue };
        let (publisher, payer) = (world.contracts(0), world.account(PAYER));
        let token = publisher.create_asset(&CreateAsset::new("Token", "TOK", Price::None)).await.unwrap().datatoken;
        publisher.mint(token, payer, whole(5)).await.unwrap();
        // Datatokens compare the deadline with the number of the block.
        let deadline = U256::from(world.chain.latest_block().await.unwrap().0 + 100);
        let permit = Permit {
            name: "Token".to_owned(),
            chain_id: world.chain.chain_id(),
            datatoken: token,
            owner: payer,
            spender: world.payer.address(),
            value: whole(2).0,
            nonce: U256::ZERO,
            deadline_block: deadline,
        };
        let key = world.chain.accounts()[PAYER].private_key();
        let signature = key.sign_digest(permit.digest());
        let more = world.payer.deposit_with_permit(token, whole(3), deadline, &signature).await;
        assert!(more.is_err_and(|error| error.is_revert()));
        world.payer.deposit_with_permit(token, whole(2), deadline, &signature).await.unwrap();
        assert_eq!(world.payer.funds(payer, token).await.unwrap().available, whole(2));
        let again = world.payer.deposit_with_permit(token, whole(2), deadline, &signature).await;
        assert!(again.is_err_and(|error| error.is_revert()));
    }
}
