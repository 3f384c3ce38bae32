use std::time::Duration;

use alloy::{
    dyn_abi::JsonAbiExt as _,
    json_abi::JsonAbi,
    primitives::{Address, Bytes, TxKind, U256},
    providers::Provider as _,
    rpc::types::TransactionRequest,
};
use ocean_contracts_bindings::{
    Error, Revert,
    abi::{EscrowCancel, IEscrowClaims},
    escrow::{Bundle, Claim, Jobs},
};
use ocean_primitives::BaseUnits;
use ocean_testbed::{LaterRelease, Plan};
use serde_json::{Map, Value};

use super::{Form, LockRequest, PAYEE, PAYER, World};
use crate::support::{check_logs_of, check_revert, later_contracts, whole};

const LATER: [LaterRelease; 2] = [LaterRelease::V2_10, LaterRelease::V3_1];

#[tokio::test]
async fn locks_change_within_what_the_payer_allows() {
    for release in LATER {
        let Some(world) = World::start(Some(release), Form::Plain).await else { continue };
        world.prepare(10, 5, 2).await;
        world.payee.create_lock(&world.lock(1, whole(2), 1000)).await.unwrap();
        let changed = world.payee.re_lock(&world.lock(1, whole(4), 2000)).await.unwrap().event;
        assert_eq!((changed.old_amount, changed.amount, changed.duration.as_secs()), (whole(2), whole(4), 2000));
        assert_eq!(world.funds().await[0], [whole(6), whole(4)]);
        world.payee.create_lock(&world.lock(2, whole(1), 1000)).await.unwrap();
        let both = [world.lock(1, whole(1), 500), world.lock(2, whole(2), 500)];
        let changed = world.payee.re_locks(&both).await.unwrap().event;
        assert_eq!(changed.iter().map(|lock| lock.old_amount).collect::<Vec<_>>(), [whole(4), whole(1)]);

        check_revert(world.payee.re_lock(&world.lock(1, whole(4), 500)).await, "Exceeds maxLockedAmount");
        check_revert(world.payee.re_lock(&world.lock(3, whole(1), 500)).await, "Lock not found");
        check_revert(world.payee.re_lock(&world.lock(1, whole(0), 500)).await, "Invalid amount");
        check_revert(world.payee.re_lock(&world.lock(1, whole(100), 500)).await, "Payer does not have enough funds");
        // The time runs from the lock's start on.
        world.chain.advance(Duration::from_secs(400)).await.unwrap();
        check_revert(world.payee.re_lock(&world.lock(1, whole(1), 3500)).await, "Expiry too high");
        world.chain.advance(Duration::from_secs(400)).await.unwrap();
        check_revert(world.payee.re_lock(&world.lock(1, whole(1), 500)).await, "Lock expired");
    }
}

#[tokio::test]
async fn a_payer_and_a_payee_do_everything_in_one_transaction() {
    for release in LATER {
        let Some(world) = World::start(Some(release), Form::Plain).await else { continue };
        let payer = world.account(PAYER);
        let bundle = Bundle {
            deposits: vec![(world.ocean, whole(4)), (world.ocean, whole(6))],
            permits: Vec::new(),
            authorizations: vec![world.authorize(whole(10), 9)],
        };
        world.payer.bundle(&bundle).await.unwrap();
        assert_eq!(world.funds().await[0], [whole(10), whole(0)]);
        let endless = ocean_contracts_bindings::escrow::Authorize {
            max_lock: Duration::from_secs(1 << 40),
            ..world.authorize(whole(10), 9)
        };
        let frozen = world.payer.bundle(&Bundle { authorizations: vec![endless], ..Bundle::default() }).await;
        assert!(matches!(frozen, Err(Error::LockFreezes { .. })), "{frozen:?}");

        world.payee.create_lock(&world.lock(1, whole(1), 10)).await.unwrap();
        world.chain.advance(Duration::from_secs(60)).await.unwrap();
        world.payee.create_lock(&world.lock(2, whole(2), 1000)).await.unwrap();
        world.payee.create_lock(&world.lock(3, whole(1), 1000)).await.unwrap();
        let jobs = Jobs {
            claims: vec![Claim::new(U256::from(2), world.ocean, payer, whole(1))],
            cancels: vec![EscrowCancel { jobId: U256::ONE, token: world.ocean, payer, payee: world.account(PAYEE) }],
            locks: vec![world.lock(4, whole(1), 1000)],
            relocks: vec![world.lock(3, whole(2), 1000)],
        };
        let done = world.payee.bundle_jobs(&jobs).await.unwrap().event;
        assert_eq!(done.claims.claimed.len(), 1);
        assert_eq!(done.claims.canceled.iter().map(|lock| lock.job_id).collect::<Vec<_>>(), [U256::ONE]);
        assert_eq!(done.locked.iter().map(|lock| lock.job_id).collect::<Vec<_>>(), [U256::from(4)]);
        assert_eq!(done.relocked[0].old_amount, whole(1));
        let fee = U256::from(1_000_000_000_000_000_u64);
        assert_eq!(world.funds().await, [[whole(6), whole(3)], [BaseUnits(whole(1).0 - fee), whole(0)]]);
        let impossible = Jobs { locks: vec![world.lock(4, whole(1), 1000)], ..Jobs::default() };
        check_revert(world.payee.bundle_jobs(&impossible).await, "JobId already exists");
        check_logs_of(&world.chain, &world.addresses).await;
    }
}

#[tokio::test]
async fn the_claims_of_older_releases_are_gone_from_3_0_on() {
    let Some(world) = World::start(Some(LaterRelease::V3_1), Form::Plain).await else { return };
    world.prepare(10, 5, 2).await;
    world.payee.create_lock(&world.lock(1, whole(1), 1000)).await.unwrap();
    let call = IEscrowClaims::claimLockCall {
        jobId: U256::ONE,
        token: world.ocean,
        payer: world.account(PAYER),
        amount: whole(1).0,
        proof: Bytes::new(),
    };
    let refused = world.contracts(PAYEE).transact(world.payee.address(), &call).await;
    assert!(matches!(refused, Err(Error::Revert { revert: Revert::Empty, .. })), "{refused:?}");
}

#[tokio::test]
async fn somebody_else_pays_a_part_and_more() {
    let Some(world) = World::start(Some(LaterRelease::V3_1), Form::Plain).await else { return };
    let folder = later_contracts(LaterRelease::V3_1).await.unwrap();
    let addresses = world.chain.deploy(Plan::subsidy(), &folder, &escrow_of(&world)).await.unwrap();
    let sponsor: Address = addresses["MockSubsidyProvider"].as_str().unwrap().parse().unwrap();
    world.contracts(0).transfer(world.ocean, sponsor, whole(10)).await.unwrap();
    let artifact = std::fs::read(folder.join("artifacts/MockSubsidyProvider.json")).unwrap();
    let artifact: Value = serde_json::from_slice(&artifact).unwrap();
    let abi: JsonAbi = serde_json::from_value(artifact["abi"].clone()).unwrap();
    // 0.4 for the payer and 0.2 for the payee per claim.
    let (part, bonus) = (U256::from(4) * whole(1).0 / U256::from(10), U256::from(2) * whole(1).0 / U256::from(10));
    configure(&world, sponsor, &abi, &[part, bonus, whole(10).0]).await;

    world.prepare(10, 5, 5).await;
    world.payee.create_lock(&world.lock(1, whole(2), 1000)).await.unwrap();
    let mut claim = Claim::new(U256::ONE, world.ocean, world.account(PAYER), whole(1));
    claim.subsidies = vec![sponsor, world.account(0)];
    claim.job_type = U256::from(3);
    let outcome = world.payee.claim_lock(&claim).await.unwrap().event;
    assert_eq!(outcome.subsidies.len(), 1, "an account without code pays nothing");
    let subsidy = outcome.subsidies[0];
    assert_eq!((subsidy.provider, subsidy.subsidy.0, subsidy.bonus.0), (sponsor, part, bonus));
    // The payee's fee is 0.1 % of claim and bonus.
    let payee = whole(1).0 + bonus;
    let payee = payee - payee / U256::from(1000);
    assert_eq!(world.funds().await, [[BaseUnits(whole(9).0 + part), whole(0)], [BaseUnits(payee), whole(0)]]);

    // The same in a list, and in a bundle.
    let locks = [world.lock(2, whole(1), 1000), world.lock(3, whole(1), 1000)];
    world.payee.create_locks(&locks).await.unwrap();
    let claims = [2, 3].map(|job: u64| Claim { job_id: U256::from(job), ..claim.clone() });
    assert_eq!(world.payee.claim_locks(&claims[..1]).await.unwrap().event.subsidies.len(), 1);
    let jobs = Jobs { claims: claims[1..].to_vec(), ..Jobs::default() };
    assert_eq!(world.payee.bundle_jobs(&jobs).await.unwrap().event.claims.subsidies.len(), 1);
    let lock = LockRequest { job_id: U256::from(4), ..locks[0] };
    world.payee.create_lock(&lock).await.unwrap();
    let claim = Claim { job_id: U256::from(4), ..claim };
    let outcome = world.payee.claim_locks_and_withdraw(&[claim]).await.unwrap().event;
    assert_eq!((outcome.subsidies.len(), outcome.withdrawn.len()), (1, 1));
    check_logs_of(&world.chain, &world.addresses).await;
}

fn escrow_of(world: &World) -> Map<String, Value> {
    let escrow = world.addresses["Escrow"].clone();
    Map::from_iter([("Escrow".to_owned(), escrow)])
}

/// Tells the sponsor what to pay: its interface is not one of ours, since only tests have it.
async fn configure(world: &World, sponsor: Address, abi: &JsonAbi, values: &[U256]) {
    let function = &abi.function("configure").unwrap()[0];
    let values: Vec<_> = values.iter().map(|value| alloy::dyn_abi::DynSolValue::Uint(*value, 256)).collect();
    assert_eq!(function.inputs.len(), values.len());
    let data = function.abi_encode_input(&values).unwrap();
    let tx = TransactionRequest {
        from: Some(world.account(0)),
        to: Some(TxKind::Call(sponsor)),
        input: alloy::rpc::types::TransactionInput::new(data.into()),
        ..TransactionRequest::default()
    };
    let sent = world.chain.rpc().send_transaction(tx).await.unwrap();
    assert!(sent.get_receipt().await.unwrap().status());
}
