//! Data Farming against the real contracts: weeks pass by the chain's clock.

use std::time::Duration;

use alloy::primitives::{Address, I256, U256};
use ocean_contracts_bindings::{
    Contracts, Error,
    abi::{IDfRewards, IVeOcean},
    data_farming::{CreateBoost, DataFarming},
};
use ocean_pricing::data_farming::{MAX_LOCK, WEEK, fee_share, fees_of_week, next_week, voting_power};
use ocean_primitives::{BaseUnits, ChainId};
use ocean_testbed::LocalChain;

use crate::support::{chain, check_logs, check_revert, contracts, whole};

// Who deploys and pays, two who lock, and somebody who does not.
const OWNER: usize = 0;
const ANNA: usize = 3;
const BERT: usize = 5;
const NOBODY: usize = 7;

struct World {
    chain: LocalChain,
    /// The begin of the first week after the deployment.
    start: u64,
}

impl World {
    async fn start() -> Self {
        let chain = chain().await;
        let start = next_week(chain.latest_block().await.unwrap().1).unwrap();
        // Whoever locks in the very second in which a week begins gets that week's fees, too.
        chain.set_block_timestamp(start + 1_000).await.unwrap();
        Self { chain, start }
    }

    fn farming(&self, index: usize) -> DataFarming {
        DataFarming::of_deployment(&self.contracts(index)).unwrap()
    }

    fn contracts(&self, index: usize) -> Contracts {
        contracts(&self.chain, index)
    }

    fn account(&self, index: usize) -> Address {
        self.chain.accounts()[index].address
    }

    /// The begin of the week with this number, counted from the start of the test.
    fn week(&self, number: u64) -> u64 {
        self.start + number * WEEK
    }

    async fn now(&self) -> u64 {
        self.chain.latest_block().await.unwrap().1
    }

    async fn ocean_of(&self, account: Address) -> BaseUnits {
        self.contracts(OWNER).balance_of(self.chain.deployment().ocean, account).await.unwrap()
    }
}

#[tokio::test]
async fn ocean_is_locked_allocated_and_earns_fees_and_rewards_over_three_weeks() {
    let world = World::start().await;
    let ocean = world.chain.deployment().ocean;
    let (owner, anna, bert) = (world.farming(OWNER), world.farming(ANNA), world.farming(BERT));
    let [anna_is, bert_is] = [ANNA, BERT].map(|index| world.account(index));
    assert_eq!(owner.checkpoint_fees().await.unwrap().event, BaseUnits::ZERO);

    // Anna locks 300 OCEAN until week 100, Bert 100 OCEAN until week 5; the time is rounded down to a week.
    let lock = anna.create_lock(whole(300), world.week(100) + 12_345).await.unwrap().event;
    assert_eq!((lock.amount, lock.end), (whole(300), world.week(100)));
    let locked_at = world.now().await;
    bert.create_lock(whole(100), world.week(5)).await.unwrap();
    let power = anna.voting_power(anna_is, locked_at).await.unwrap();
    assert_eq!(power, voting_power(whole(300), world.week(100), locked_at).unwrap());
    assert_eq!(anna.voting_power(world.account(NOBODY), locked_at).await.unwrap(), BaseUnits::ZERO);

    // Allocations are hundredths of a percent and are bounded by the whole.
    let nfts = [Address::repeat_byte(1), Address::repeat_byte(2), Address::repeat_byte(3)];
    let chain_id = ChainId::new(1).unwrap();
    anna.allocate(nfts[0], chain_id, 6_000).await.unwrap();
    check_revert(anna.allocate(nfts[1], chain_id, 4_001).await, "Max Allocation");
    anna.allocate_multiple(&[(nfts[0], chain_id, 1_000), (nfts[1], chain_id, 9_000)]).await.unwrap();
    assert_eq!(anna.allocation(anna_is, nfts[1], chain_id).await.unwrap(), 9_000);
    assert_eq!(anna.total_allocation(anna_is).await.unwrap(), 10_000);
    assert_eq!(anna.total_allocation(bert_is).await.unwrap(), 0);
    assert!(matches!(anna.allocate(nfts[2], chain_id, 10_001).await, Err(Error::Price(_))));
    let many = vec![(nfts[2], chain_id, 0); 151];
    check_revert(anna.allocate_multiple(&many).await, "Too Many Operations");

    // 210 OCEAN of fees come in over three weeks.
    let distributor = owner.addresses().ve_fee_distributor;
    let counted_before = owner.last_token_time().await.unwrap();
    world.contracts(OWNER).transfer(ocean, distributor, whole(210)).await.unwrap();
    world.chain.set_block_timestamp(world.week(3) + 100).await.unwrap();
    assert!(matches!(anna.claim_fees(anna_is).await, Err(Error::NothingToClaim)));
    let refused = anna.checkpoint_fees().await;
    assert!(refused.is_err_and(|error| error.is_revert()), "only the owner may");
    assert_eq!(owner.checkpoint_fees().await.unwrap().event, whole(210));
    let counted = owner.last_token_time().await.unwrap();
    owner.checkpoint_power().await.unwrap();

    // Each week's part goes by the power at its begin; nobody had power at the begin of week 0.
    let mut expected = [BaseUnits::ZERO; 2];
    for week in 1..3 {
        let fees = fees_of_week(whole(210), counted_before, counted, world.week(week)).unwrap();
        assert_eq!(owner.fees_of_week(world.week(week)).await.unwrap(), fees);
        let at = world.week(week);
        let powers = [(whole(300), world.week(100)), (whole(100), world.week(5))]
            .map(|(amount, end)| voting_power(amount, end, at).unwrap());
        let total = owner.power_of_week(at).await.unwrap();
        assert_eq!(powers[0].checked_add(powers[1]), Some(total));
        for (sum, power) in expected.iter_mut().zip(powers) {
            *sum = sum.checked_add(fee_share(fees, power, total).unwrap()).unwrap();
        }
    }
    assert!(expected.iter().all(|sum| !sum.is_zero()));
    assert_eq!(anna.claimable_fees(anna_is).await.unwrap(), expected[0]);
    let had = world.ocean_of(anna_is).await;
    let claimed = anna.claim_fees(anna_is).await.unwrap().event;
    assert_eq!((claimed.account, claimed.amount, claimed.more), (anna_is, expected[0], false));
    assert_eq!(world.ocean_of(anna_is).await.checked_sub(had), Some(expected[0]));
    assert!(matches!(anna.claim_fees(anna_is).await, Err(Error::NothingToClaim)));
    // Several at once; who has nothing to claim is passed over.
    let had = world.ocean_of(bert_is).await;
    let claimed = owner.claim_fees_of(&[anna_is, bert_is]).await.unwrap().event;
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].account, claimed[0].amount), (bert_is, expected[1]));
    assert_eq!(world.ocean_of(bert_is).await.checked_sub(had), Some(expected[1]));

    // Rewards in two tokens.
    let dai = world.chain.deployment().extra_address("MockDAI").unwrap();
    owner.allocate_rewards(ocean, &[(anna_is, whole(7)), (bert_is, whole(3))]).await.unwrap();
    owner.allocate_rewards(dai, &[(anna_is, whole(2))]).await.unwrap();
    assert_eq!(anna.claimable_rewards_in(anna_is, &[ocean, dai]).await.unwrap(), [whole(7), whole(2)]);
    let had = world.ocean_of(anna_is).await;
    assert_eq!(anna.claim_rewards(&[ocean, dai]).await.unwrap().event, [(ocean, whole(7)), (dai, whole(2))]);
    assert_eq!(world.ocean_of(anna_is).await.checked_sub(had), Some(whole(7)));
    assert!(matches!(anna.claim_rewards(&[ocean, dai]).await, Err(Error::NothingToClaim)));
    assert_eq!(anna.claim_rewards_for(bert_is, ocean).await.unwrap().event, whole(3));
    assert!(matches!(anna.claim_rewards_for(bert_is, ocean).await, Err(Error::NothingToClaim)));

    // Bert's lock ends with week 5.
    check_revert(bert.withdraw().await, "The lock didn't expire");
    world.chain.set_block_timestamp(world.week(5)).await.unwrap();
    check_revert(bert.increase_amount(whole(1)).await, "Cannot add to expired lock. Withdraw");
    assert_eq!(bert.voting_power(bert_is, world.week(5)).await.unwrap(), BaseUnits::ZERO);
    assert_eq!(bert.withdraw().await.unwrap().event, whole(100));
    assert!(matches!(bert.withdraw().await, Err(Error::NothingToClaim)));
    check_logs(&world.chain).await;
}

#[tokio::test]
async fn locks_grow_last_longer_and_are_refused_with_reasons() {
    let world = World::start().await;
    let (anna, nobody) = (world.farming(ANNA), world.farming(NOBODY));
    let anna_is = world.account(ANNA);
    for unlock in [world.week(0), world.week(1) - 1, world.now().await + MAX_LOCK + 2 * WEEK] {
        let refused = anna.create_lock(whole(1), unlock).await;
        assert!(matches!(refused, Err(Error::Price(_))), "{refused:?}");
    }
    check_revert(nobody.increase_amount(whole(1)).await, "No existing lock found");
    let none = nobody.increase_unlock_time(world.week(9)).await;
    assert!(matches!(none, Err(Error::Price(_))), "{none:?}");

    anna.create_lock(whole(5), world.week(10)).await.unwrap();
    check_revert(anna.create_lock(whole(5), world.week(11)).await, "Withdraw old tokens first");
    assert_eq!(anna.increase_amount(whole(2)).await.unwrap().event.amount, whole(7));
    let lock = anna.lock(anna_is).await.unwrap();
    assert_eq!((lock.amount, lock.end), (whole(7), world.week(10)));
    // Anybody may lock what an account has approved and not used: the contract takes it from the account. Exact approvals leave none.
    let deposit = IVeOcean::deposit_forCall { _addr: anna_is, _value: whole(1).0 };
    let foreign = world.contracts(NOBODY);
    assert!(foreign.transact(anna.addresses().ve_ocean, &deposit).await.is_err_and(|error| error.is_revert()));
    let ocean = world.chain.deployment().ocean;
    world.contracts(ANNA).approve_exact(ocean, anna.addresses().ve_ocean, whole(1)).await.unwrap();
    let had = world.ocean_of(anna_is).await;
    foreign.transact(anna.addresses().ve_ocean, &deposit).await.unwrap();
    assert_eq!(had.checked_sub(world.ocean_of(anna_is).await), Some(whole(1)));
    let shorter = anna.increase_unlock_time(world.week(11) - 1).await;
    assert!(matches!(shorter, Err(Error::Price(_))), "{shorter:?}");
    let longer = anna.increase_unlock_time(world.week(20) + 5).await.unwrap().event;
    assert_eq!((longer.amount, longer.end), (whole(8), world.week(20)));
    let at = world.now().await;
    let total = anna.total_voting_power(at).await.unwrap();
    assert_eq!(total, anna.voting_power(anna_is, at).await.unwrap());
}

#[tokio::test]
async fn voting_power_is_lent_extended_and_taken_back() {
    let world = World::start().await;
    let (anna, bert, nobody) = (world.farming(ANNA), world.farming(BERT), world.farming(NOBODY));
    let [anna_is, bert_is] = [ANNA, BERT].map(|index| world.account(index));
    let boost = CreateBoost {
        receiver: bert_is,
        share: 5_000,
        cancel_time: world.week(2),
        expire_time: world.week(10) + 77,
        id: 4,
    };
    assert!(anna.create_boost(&boost).await.is_err_and(|error| error.is_revert()), "nothing is locked");
    anna.create_lock(whole(100), world.week(50)).await.unwrap();
    let made = anna.create_boost(&boost).await.unwrap().event;
    let at = world.now().await;
    let power = voting_power(whole(100), world.week(50), at).unwrap();
    assert_eq!(made.power, BaseUnits(power.0 / U256::from(2)));
    assert_eq!(anna.boost_expiry(made.token).await.unwrap(), world.week(10));
    // Power is computed along a line, so that a few base units are lost.
    let near = |value: BaseUnits, expected: BaseUnits| value.0.abs_diff(expected.0) < U256::from(1_000_000_000_u64);
    assert!(near(bert.adjusted_power(bert_is).await.unwrap(), made.power));
    assert!(near(bert.received_power(bert_is).await.unwrap(), made.power));
    assert!(near(anna.delegated_power(anna_is).await.unwrap(), made.power));
    assert!(near(anna.adjusted_power(anna_is).await.unwrap(), BaseUnits(power.0 - made.power.0)));
    assert!(anna.create_boost(&boost).await.is_err_and(|error| error.is_revert()), "the number is used");

    let more = anna.extend_boost(made.token, 8_000, world.week(3), world.week(12)).await.unwrap().event;
    assert!(more.power > made.power);
    assert_eq!(anna.boost_expiry(made.token).await.unwrap(), world.week(12));
    check_revert(nobody.cancel_boost(made.token).await, "Not allowed!");
    assert!(anna.cancel_boost(made.token).await.is_err_and(|error| error.is_revert()), "before the cancel time");
    world.chain.set_block_timestamp(world.week(3)).await.unwrap();
    anna.cancel_boost(made.token).await.unwrap();
    assert_eq!(anna.delegated_power(anna_is).await.unwrap(), BaseUnits::ZERO);

    // A boost that nobody ends turns negative, and then everybody may end it.
    let boost = CreateBoost { id: 5, cancel_time: world.week(5), expire_time: world.week(5), ..boost };
    let made = anna.create_boost(&boost).await.unwrap().event;
    world.chain.set_block_timestamp(world.week(6)).await.unwrap();
    assert!(anna.boost_power(made.token).await.unwrap() < I256::ZERO);
    assert!(anna.create_boost(&CreateBoost { id: 6, expire_time: world.week(20), ..boost }).await.is_err());
    nobody.cancel_boost(made.token).await.unwrap();
    world.chain.advance(Duration::from_secs(1)).await.unwrap();
    anna.create_boost(&CreateBoost { id: 6, expire_time: world.week(20), ..boost }).await.unwrap();
    check_logs(&world.chain).await;
}

#[tokio::test]
async fn every_refusal_of_rewards_and_fees_has_its_reason() {
    let world = World::start().await;
    let ocean = world.chain.deployment().ocean;
    let (owner, anna) = (world.farming(OWNER), world.farming(ANNA));
    check_revert(owner.allocate_rewards(ocean, &[(Address::ZERO, whole(1))]).await, "Address invalid");
    check_revert(owner.allocate_rewards(ocean, &[(world.account(ANNA), whole(0))]).await, "Value invalid");
    let poor = world.farming(15).allocate_rewards(ocean, &[(world.account(ANNA), whole(1))]).await;
    assert!(poor.is_err_and(|error| error.is_revert()), "account 15 has no OCEAN");
    owner.allocate_rewards(ocean, &[(world.account(ANNA), whole(1))]).await.unwrap();
    // Only strategies may take rewards for somebody; the account itself is none.
    let rewards = anna.addresses().df_rewards;
    let call = IDfRewards::claimForStratCall { _to: world.account(ANNA), tokenAddress: ocean };
    check_revert(world.contracts(ANNA).transact(rewards, &call).await, "Caller must be a strategy");
    let call = IDfRewards::withdrawERCTokenCall { amount: whole(1).0, _token: ocean };
    check_revert(world.contracts(OWNER).transact(rewards, &call).await, "Cannot withdraw allocated token");
    let call = IDfRewards::addStrategyCall { _strategy: world.account(ANNA) };
    check_revert(world.contracts(ANNA).transact(rewards, &call).await, "Ownable: caller is not the owner");

    let nobody = anna.claim_fees(world.account(NOBODY)).await;
    assert!(matches!(nobody, Err(Error::NothingToClaim)), "{nobody:?}");
    let none = anna.claim_fees_of(&[world.account(ANNA)]).await.unwrap();
    assert_eq!(none.event.len(), 0);
    for accounts in [vec![Address::ZERO], vec![world.account(ANNA); 21]] {
        let refused = anna.claim_fees_of(&accounts).await;
        assert!(matches!(refused, Err(Error::Range(_))), "{refused:?}");
    }
    assert!(anna.allow_checkpoints(true).await.is_err_and(|error| error.is_revert()));
    assert!(owner.allow_checkpoints(false).await.unwrap().is_none());
    owner.allow_checkpoints(true).await.unwrap().unwrap();
    // From then on everybody may count, once a day.
    anna.checkpoint_fees().await.unwrap();
    assert!(anna.checkpoint_fees().await.is_err_and(|error| error.is_revert()));
}
