use alloy::primitives::{Bytes, U256};
use ocean_contracts_bindings::{
    Error,
    abi::IEscrowClaims,
    enterprise::{EnterpriseFeeCollector, TokenFee},
    escrow::{Claim, EscrowAbi},
};
use ocean_primitives::{BaseUnits, FeeRate, ONE};
use serde_json::Value;

use super::{Form, PAYEE, PAYER, RELEASES, World};
use crate::support::{check_revert, whole};

fn number(value: &Value) -> BaseUnits {
    BaseUnits(value.as_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn claims_cost_what_was_recorded_and_small_ones_do_not_freeze_the_lock_unseen() {
    let recorded: Value = serde_json::from_str(include_str!("../../fixtures/enterprise_escrow.json")).unwrap();
    for release in RELEASES {
        let Some(world) = World::start(release, Form::Enterprise).await else { continue };
        let payer = world.account(PAYER);
        let collector = EnterpriseFeeCollector::of_deployment(&world.contracts(0)).unwrap();
        world.prepare(10, 10, 9).await;
        let lock = world.lock(1, whole(2), 1000);
        check_revert(world.payee.create_lock(&lock).await, recorded["notAllowed"].as_str().unwrap());
        let tenth = BaseUnits(ONE / U256::from(10));
        let fee = TokenFee { allowed: true, min: tenth, max: whole(1), rate: FeeRate::from_percent("5").unwrap() };
        collector.update_token(world.ocean, &fee).await.unwrap();
        let terms = world.payee.claim_terms(world.ocean).await.unwrap();
        check_revert(
            world.payee.create_lock(&world.lock(1, tenth, 1000)).await,
            recorded["tooSmall"].as_str().unwrap(),
        );

        let mut job = 0;
        for case in recorded["claims"].as_array().unwrap() {
            job += 1;
            let (lock, amount) = (number(&case["lock"]), number(&case["claim"]));
            world.payee.create_lock(&world.lock(job, lock, 1000)).await.unwrap();
            let claim = Claim::new(U256::from(job), world.ocean, payer, amount);
            let before = world.funds().await;
            let result = world.payee.claim_lock(&claim).await;
            let Some(fee) = case.get("fee") else {
                // Less than the least fee: from 3.0 on the fee is no more than the claim, before that the claim panics.
                if world.payee.abi() == EscrowAbi::Subsidized {
                    result.unwrap();
                    assert_eq!(world.funds().await[1], before[1]);
                    continue;
                }
                assert!(matches!(result, Err(Error::ClaimBelowFee { fee, .. }) if fee == tenth), "{result:?}");
                assert_eq!(world.payee.smallest_claim(world.ocean).await.unwrap(), tenth);
                let call = IEscrowClaims::claimLockCall {
                    jobId: U256::from(job),
                    token: world.ocean,
                    payer,
                    amount: amount.0,
                    proof: Bytes::new(),
                };
                let refused = world.contracts(PAYEE).transact(world.payee.address(), &call).await.unwrap_err();
                assert!(refused.revert_reason().unwrap().starts_with("panic 0x11"), "{refused}");
                continue;
            };
            result.unwrap();
            let after = world.funds().await;
            let got = after[1][0].checked_sub(before[1][0]).unwrap();
            assert_eq!(got, number(&case["payeeGot"]), "{case}");
            assert_eq!(amount.checked_sub(got), Some(number(fee)), "{case}");
            assert_eq!(world.payee.claim_fee(world.ocean, amount).await.unwrap(), number(fee));
            let split = ocean_pricing::escrow::split_claim(&terms, lock, amount).unwrap();
            assert_eq!((split.fee, split.payee), (number(fee), got));
            assert_eq!(after[0][0].checked_sub(before[0][0]), Some(split.returned));
        }
        let collected = world.contracts(0).balance_of(world.ocean, collector.address()).await.unwrap();
        assert!(collected >= BaseUnits(tenth.0 * U256::from(2)));
        let owner = world.account(0);
        let before = world.contracts(0).balance_of(world.ocean, owner).await.unwrap();
        assert_eq!(collector.withdraw_token(world.ocean).await.unwrap().event, collected);
        let after = world.contracts(0).balance_of(world.ocean, owner).await.unwrap();
        assert_eq!(after.checked_sub(before), Some(collected));
    }
}
