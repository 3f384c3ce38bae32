//! Prediction feeds against the real contract: epochs pass by the chain's clock.

use alloy::primitives::{Address, U256};
use ocean_contracts_bindings::{
    Contracts, Error, NftRole,
    abi::{IErc20Template3, UserAuth},
    predictoor::{
        CreateFeed, CreatedFeed, EpochStatus, PredictionFeed, PredictoorHelper, ReadAuthorization, TrueValue,
    },
};
use ocean_crypto::contract::user_authorisation;
use ocean_pricing::predictoor::{Outcome, payout};
use ocean_primitives::{BaseUnits, ONE, Rate};
use ocean_testbed::LocalChain;

use crate::support::{chain, check_logs, check_revert, contracts, whole};

const EPOCH: u64 = 300;
const SUBSCRIPTION: u64 = 2 * EPOCH;
const TIMEOUT: u64 = 4 * EPOCH;
// The publisher, two predictoors, a reader, and somebody without any right.
const OWNER: usize = 0;
const ANNA: usize = 3;
const BERT: usize = 5;
const READER: usize = 6;
const NOBODY: usize = 7;

struct World {
    chain: LocalChain,
    made: CreatedFeed,
    /// The first epoch of the test.
    start: u64,
}

impl World {
    /// A feed, at the begin of an epoch.
    async fn start() -> Self {
        let chain = chain().await;
        let owner = contracts(&chain, OWNER);
        let stake_token = chain.deployment().ocean;
        let times = [EPOCH, SUBSCRIPTION, TIMEOUT];
        let feed = CreateFeed::new("ETH/USDT", "ETH", stake_token, times, Rate::parse("2").unwrap());
        let feed = CreateFeed { fee_collector: Some(chain.accounts()[9].address), ..feed };
        let made = PredictionFeed::create(&owner, &feed).await.unwrap().event;
        let now = chain.latest_block().await.unwrap().1;
        let start = (now / EPOCH + 2) * EPOCH;
        chain.set_block_timestamp(start).await.unwrap();
        Self { chain, made, start }
    }

    /// The feed for the account with this index.
    async fn feed(&self, index: usize) -> PredictionFeed {
        PredictionFeed::at(&self.contracts(index), self.made.feed.address()).await.unwrap()
    }

    fn contracts(&self, index: usize) -> Contracts {
        contracts(&self.chain, index)
    }

    fn account(&self, index: usize) -> Address {
        self.chain.accounts()[index].address
    }

    /// The epoch with this number, counted from the start of the test.
    fn epoch(&self, number: u64) -> u64 {
        self.start + number * EPOCH
    }

    /// Goes to the begin of an epoch.
    async fn go_to(&self, number: u64) {
        self.chain.set_block_timestamp(self.epoch(number)).await.unwrap();
    }

    async fn ocean_of(&self, index: usize) -> BaseUnits {
        let ocean = self.chain.deployment().ocean;
        self.contracts(OWNER).balance_of(ocean, self.account(index)).await.unwrap()
    }

    fn reader(&self, index: usize) -> ReadAuthorization {
        ReadAuthorization::sign(&self.chain.accounts()[index].private_key(), self.epoch(100))
    }
}

#[tokio::test]
async fn two_predictoors_through_a_full_epoch_are_paid_as_computed_by_hand() {
    let world = World::start().await;
    let (owner, anna, bert, reader) =
        (world.feed(OWNER).await, world.feed(ANNA).await, world.feed(BERT).await, world.feed(READER).await);
    let as_reader = world.reader(READER);
    assert_eq!(anna.stake_token(), world.chain.deployment().ocean);
    assert_eq!(anna.current_epoch().await.unwrap(), world.epoch(0));
    assert_eq!(anna.soonest_epoch_to_predict(world.epoch(0)).await.unwrap(), world.epoch(2));
    assert_eq!(anna.times().soonest_to_predict(world.epoch(0)).unwrap(), world.epoch(2));
    let target = world.epoch(2);
    let [anna_had, bert_had] = [world.ocean_of(ANNA).await, world.ocean_of(BERT).await];

    // Epoch 0: Anna stakes 3 OCEAN on a rise, Bert 1 OCEAN on none.
    anna.submit_prediction(target, true, whole(3)).await.unwrap();
    bert.submit_prediction(target, false, whole(1)).await.unwrap();
    let price = reader.price().await.unwrap();
    // 2 OCEAN and the community's 0.1 %.
    assert_eq!(price.total, BaseUnits(whole(2).0 + whole(2).0 / U256::from(1000)));
    let bought = reader.subscribe(world.account(READER), price.total).await.unwrap().event;
    assert_eq!((bought.epoch, bought.expires, bought.paid), (world.epoch(0), world.epoch(2), price.total));
    assert!(reader.is_subscribed(world.account(READER)).await.unwrap());
    assert!(!reader.is_subscribed(world.account(NOBODY)).await.unwrap());
    check_revert(reader.aggregate(target, &as_reader).await, "predictions not closed");
    assert_eq!(reader.total_stake(target).await.unwrap(), whole(4), "the sum is no secret");
    // Only predictoors themselves see what they said.
    let own = anna.prediction(target, world.account(ANNA), &world.reader(ANNA)).await.unwrap().unwrap();
    assert_eq!((own.up, own.stake, own.paid), (true, whole(3), false));
    check_revert(bert.prediction(target, world.account(ANNA), &world.reader(BERT)).await, "Not auth");
    let none = world.feed(NOBODY).await.prediction(target, world.account(NOBODY), &world.reader(NOBODY)).await;
    assert_eq!(none.unwrap(), None);

    // Epoch 1: predictions are closed, readers see what was staked. A second subscription begins anew.
    world.go_to(1).await;
    let seen = reader.aggregate(target, &as_reader).await.unwrap();
    assert_eq!((seen.up, seen.total), (whole(3), whole(4)));
    assert_eq!(reader.total_stake(target).await.unwrap(), whole(4));
    check_revert(reader.aggregate(target, &world.reader(NOBODY)).await, "No subscription");
    let bought = reader.subscribe(world.account(READER), price.total).await.unwrap().event;
    assert_eq!((bought.epoch, bought.expires), (world.epoch(1), world.epoch(3)));
    // 2 OCEAN over two epochs each: the first over 0 and 1, the second over 1 and 2.
    let revenue: Vec<_> =
        [reader.revenue(world.epoch(0)).await, reader.revenue(world.epoch(1)).await].map(Result::unwrap).into();
    assert_eq!(revenue, [whole(1), whole(2)]);
    assert_eq!(reader.revenue(target).await.unwrap(), whole(1));
    check_revert(owner.submit_true_value(target, TrueValue::Up).await, "too early to submit");
    let pending = anna.payout(target, world.account(ANNA)).await;
    assert!(matches!(pending, Err(Error::NothingToPay { epoch, .. }) if epoch == target), "{pending:?}");

    // Epoch 2: the value rose. All stakes and the epoch's revenue, 4 + 1 OCEAN, go to the 3 OCEAN that were right.
    world.go_to(2).await;
    let stakes = reader.stakes(target, &as_reader).await.unwrap();
    assert_eq!(owner.status(target).await.unwrap(), EpochStatus::Pending);
    let settled = owner.submit_true_value(target, TrueValue::Up).await.unwrap();
    assert_eq!((settled.event, owner.status(target).await.unwrap()), (EpochStatus::Paying, EpochStatus::Paying));
    check_revert(owner.submit_true_value(target, TrueValue::Down).await, "already settled");
    let paid = bert.payout(target, world.account(ANNA)).await.unwrap().event;
    assert_eq!((paid.predictoor, paid.stake, paid.payout), (world.account(ANNA), whole(3), whole(5)));
    assert_eq!((paid.predicted, paid.true_value, paid.status), (true, true, EpochStatus::Paying));
    assert_eq!(paid.aggregate, ONE * U256::from(3) / U256::from(4));
    let lost = bert.payout(target, world.account(BERT)).await.unwrap().event;
    assert_eq!((lost.stake, lost.payout), (whole(1), BaseUnits::ZERO));
    for (paid, up) in [(paid, true), (lost, false)] {
        assert_eq!(payout(&stakes, paid.stake, up, Outcome::Settled(true)).unwrap(), paid.payout);
    }
    let again = anna.payout(target, world.account(ANNA)).await;
    assert!(matches!(again, Err(Error::NothingToPay { .. })), "{again:?}");
    assert_eq!(world.ocean_of(ANNA).await.checked_sub(anna_had), Some(whole(2)));
    assert_eq!(bert_had.checked_sub(world.ocean_of(BERT).await), Some(whole(1)));
    check_revert(anna.payout(target, world.account(NOBODY)).await, "not submitted");

    // From epoch 3 on the subscription is over.
    world.go_to(3).await;
    assert!(!reader.is_subscribed(world.account(READER)).await.unwrap());
    check_revert(reader.aggregate(world.epoch(4), &as_reader).await, "No subscription");
    // What is over is open to everybody.
    assert_eq!(reader.aggregate(target, &world.reader(NOBODY)).await.unwrap(), seen);
    let open = reader.prediction(target, world.account(ANNA), &as_reader).await.unwrap().unwrap();
    assert!(open.paid, "after its epoch everybody may see a prediction");
    check_logs(&world.chain).await;
}

#[tokio::test]
async fn stakes_come_back_when_an_epoch_does_not_count_and_are_lost_when_all_are_wrong() {
    let world = World::start().await;
    let (owner, anna, bert) = (world.feed(OWNER).await, world.feed(ANNA).await, world.feed(BERT).await);
    for number in 2..=4 {
        anna.submit_prediction(world.epoch(number), true, whole(2)).await.unwrap();
    }
    bert.submit_prediction(world.epoch(2), false, whole(1)).await.unwrap();
    let had = [world.ocean_of(ANNA).await, world.ocean_of(BERT).await, world.ocean_of(9).await];
    world.go_to(4).await;

    let canceled = owner.submit_true_value(world.epoch(2), TrueValue::Cancel).await.unwrap();
    assert_eq!(canceled.event, EpochStatus::Canceled);
    // Everybody in epoch 3 was wrong: the fee collector gets what was staked.
    assert_eq!(owner.submit_true_value(world.epoch(3), TrueValue::Down).await.unwrap().event, EpochStatus::Paying);
    assert_eq!(world.ocean_of(9).await.checked_sub(had[2]), Some(whole(2)));
    // Epoch 4 gets no true value in time; the payout cancels it.
    let pending = anna.payout_multiple(&[world.epoch(4)], world.account(ANNA)).await.unwrap();
    assert_eq!(pending.event.len(), 0);
    world.go_to(4 + TIMEOUT / EPOCH + 1).await;
    let epochs = [world.epoch(2), world.epoch(3), world.epoch(4)];
    let paid = anna.payout_multiple(&epochs, world.account(ANNA)).await.unwrap().event;
    assert_eq!(paid.iter().map(|paid| paid.payout).collect::<Vec<_>>(), [whole(2), whole(0), whole(2)]);
    let statuses: Vec<_> = paid.iter().map(|paid| paid.status).collect();
    assert_eq!(statuses, [EpochStatus::Canceled, EpochStatus::Paying, EpochStatus::Canceled]);
    assert_eq!(bert.payout(world.epoch(2), world.account(BERT)).await.unwrap().event.payout, whole(1));
    assert_eq!(world.ocean_of(ANNA).await.checked_sub(had[0]), Some(whole(4)));
    assert_eq!(world.ocean_of(BERT).await.checked_sub(had[1]), Some(whole(1)));
    // Too late, an epoch is cancelled whatever is said.
    bert.submit_prediction(world.epoch(11), true, whole(1)).await.unwrap();
    world.go_to(11 + TIMEOUT / EPOCH + 1).await;
    let late = owner.submit_true_value(world.epoch(11), TrueValue::Up).await.unwrap();
    assert_eq!(late.event, EpochStatus::Canceled);
}

#[tokio::test]
async fn every_refusal_of_a_feed_has_its_reason() {
    let world = World::start().await;
    let (owner, anna, nobody) = (world.feed(OWNER).await, world.feed(ANNA).await, world.feed(NOBODY).await);
    let target = world.epoch(2);
    check_revert(anna.submit_prediction(target + 1, true, whole(1)).await, "invalid epoch");
    check_revert(anna.submit_prediction(world.epoch(1), true, whole(1)).await, "too late to submit");
    check_revert(anna.payout(target + 1, world.account(ANNA)).await, "invalid epoch");
    check_revert(anna.payout_multiple(&[target], world.account(ANNA)).await, "not submitted");
    check_revert(nobody.submit_true_value(target, TrueValue::Up).await, "ERC20Template: NOT DEPLOYER ROLE");
    check_revert(nobody.set_paused(true).await, "ERC20Template: NOT DEPLOYER ROLE");
    check_revert(nobody.set_fee_collector(world.account(NOBODY)).await, "ERC20Template: NOT DEPLOYER ROLE");
    owner.set_fee_collector(world.account(NOBODY)).await.unwrap();

    assert!(owner.set_paused(true).await.unwrap().is_some());
    assert!(owner.set_paused(true).await.unwrap().is_none());
    assert!(anna.is_paused().await.unwrap());
    check_revert(anna.submit_prediction(target, true, whole(1)).await, "paused");
    owner.set_paused(false).await.unwrap().unwrap();

    // A prediction is changed with the difference of the stakes only.
    let own = world.reader(ANNA);
    let had = world.ocean_of(ANNA).await;
    let unsaid = anna.change_prediction(target, true, whole(2), &own).await;
    assert!(matches!(unsaid, Err(Error::NotPredicted { epoch }) if epoch == target), "{unsaid:?}");
    anna.submit_prediction(target, true, whole(1)).await.unwrap();
    let again = anna.submit_prediction(target, false, whole(2)).await;
    assert!(matches!(again, Err(Error::Predicted { epoch }) if epoch == target), "{again:?}");
    for (up, stake) in [(true, 3), (false, 2), (true, 1)] {
        anna.change_prediction(target, up, whole(stake), &own).await.unwrap();
        let prediction = anna.prediction(target, world.account(ANNA), &own).await.unwrap().unwrap();
        assert_eq!((prediction.up, prediction.stake), (up, whole(stake)));
        assert_eq!(anna.total_stake(target).await.unwrap(), whole(stake));
        assert_eq!(had.checked_sub(world.ocean_of(ANNA).await), Some(whole(stake)));
        let left = world.contracts(ANNA).allowance(anna.stake_token(), world.account(ANNA), anna.address()).await;
        assert_eq!(left.unwrap(), BaseUnits::ZERO);
    }
    let foreign = anna.change_prediction(target, true, whole(2), &world.reader(BERT)).await;
    assert!(matches!(foreign, Err(Error::NotPredicted { .. })), "{foreign:?}");
    world.go_to(1).await;

    let reader = world.feed(READER).await;
    let price = reader.price().await.unwrap().total;
    let too_little = reader.subscribe(world.account(READER), price.checked_sub(BaseUnits(U256::ONE)).unwrap()).await;
    check_revert(too_little, "FixedRateExchange: Too many base tokens");
    reader.subscribe(world.account(READER), price).await.unwrap();
    let key = world.chain.accounts()[READER].private_key();
    let expired = ReadAuthorization::sign(&key, world.epoch(1));
    assert_eq!(expired.user(), world.account(READER));
    check_revert(reader.aggregate(target, &expired).await, "Expired");
    check_revert(reader.aggregate(target + 1, &world.reader(READER)).await, "invalid epoch");
    let (valid_until, stranger) = (U256::from(world.epoch(100)), world.chain.accounts()[NOBODY].private_key());
    let signature = stranger.sign_digest(user_authorisation(world.account(READER), valid_until));
    let forged = IErc20Template3::getAggPredvalCall {
        epoch_start: U256::from(target),
        _userAuth: UserAuth {
            userAddress: world.account(READER),
            v: signature.v,
            r: signature.r,
            s: signature.s,
            validUntil: valid_until,
        },
    };
    check_revert(world.contracts(NOBODY).read(reader.address(), &forged).await, "Invalid auth");
    assert_eq!(reader.aggregate(target, &world.reader(READER)).await.unwrap().total, whole(1));

    let uneven = CreateFeed::new("E", "E", anna.stake_token(), [EPOCH, EPOCH + 1, 0], Rate::parse("2").unwrap());
    let uneven = PredictionFeed::create(&world.contracts(OWNER), &uneven).await;
    assert!(matches!(uneven, Err(Error::Price(_))), "{uneven:?}");
    let other = PredictionFeed::at(&world.contracts(OWNER), world.chain.deployment().erc20_templates[&1]).await;
    assert!(matches!(other, Err(Error::Template(1))), "{other:?}");
}

#[tokio::test]
async fn the_helper_submits_the_true_values_of_several_feeds() {
    let world = World::start().await;
    let owner = world.contracts(OWNER);
    let ocean = world.chain.deployment().ocean;
    let feed = CreateFeed::new("BTC/USDT", "BTC", ocean, [EPOCH, SUBSCRIPTION, TIMEOUT], Rate::parse("2").unwrap());
    let second = PredictionFeed::create(&owner, &feed).await.unwrap().event;
    let helper = PredictoorHelper::of_deployment(&owner).unwrap();
    assert_eq!(helper.owner().await.unwrap(), world.account(OWNER));
    let [one, two] = [world.made.feed.address(), second.feed.address()];
    world.go_to(3).await;
    let values = [
        (one, world.epoch(1), TrueValue::Up),
        (two, world.epoch(1), TrueValue::Down),
        (one, world.epoch(2), TrueValue::Cancel),
    ];
    check_revert(helper.submit_true_values(&values).await, "ERC20Template: NOT DEPLOYER ROLE");
    for nft in [world.made.nft, second.nft] {
        owner.add_nft_role(nft, NftRole::DatatokenDeployer, helper.address()).await.unwrap();
    }
    let statuses = helper.submit_true_values(&values).await.unwrap().event;
    assert_eq!(statuses, [EpochStatus::Paying, EpochStatus::Paying, EpochStatus::Canceled]);
    let single = helper.submit_true_values(&[(one, world.epoch(3), TrueValue::Up)]).await.unwrap().event;
    assert_eq!(single, [EpochStatus::Paying]);
    check_revert(helper.submit_true_values(&values).await, "already settled");
    let foreign = PredictoorHelper::at(&world.contracts(NOBODY), helper.address());

    // Everybody may buy with it: here twice from one feed and once from the other.
    let price = second.feed.price().await.unwrap().total;
    let three = BaseUnits(price.0 * U256::from(3));
    let feeds = [(one, 2), (two, 1)];
    let refused = foreign.consume_multiple(ocean, &feeds, price).await;
    assert!(matches!(refused, Err(Error::PriceAbove { price, limit: _ }) if price == three), "{refused:?}");
    let had = world.ocean_of(NOBODY).await;
    assert_eq!(foreign.consume_multiple(ocean, &feeds, three).await.unwrap().event, three);
    assert_eq!(had.checked_sub(world.ocean_of(NOBODY).await), Some(three));
    let now = world.made.feed.current_epoch().await.unwrap();
    assert_eq!(world.made.feed.revenue(now).await.unwrap(), whole(2));
    assert_eq!(second.feed.revenue(now).await.unwrap(), whole(1));
    assert!(world.feed(NOBODY).await.is_subscribed(world.account(NOBODY)).await.unwrap());
    let foreign = foreign.submit_true_values(&[(one, world.epoch(0), TrueValue::Up)]).await;
    check_revert(foreign, "Ownable: caller is not the owner");
}
