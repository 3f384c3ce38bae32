use ocean_pricing::{
    Error,
    predictoor::{Feed, Outcome, Stakes, payout},
};
use ocean_primitives::{BaseUnits, U256};
use proptest::prelude::*;

/// Five-minute epochs, subscriptions of a day, three days for the true value.
fn feed() -> Feed {
    Feed::new(300, 86_400, 259_200).unwrap()
}

fn units(number: u64) -> BaseUnits {
    BaseUnits(U256::from(number))
}

#[test]
fn refuses_epochs_that_make_no_subscription() {
    for (epoch, subscription) in [(0, 0), (0, 300), (300, 299), (300, 301)] {
        assert_eq!(Feed::new(epoch, subscription, 1), Err(Error::Epochs { epoch, subscription }));
    }
}

#[test]
fn times_at_the_end_of_all_time_do_not_panic() {
    let feed = feed();
    assert_eq!(feed.soonest_to_predict(u64::MAX), Err(Error::Overflow));
    assert_eq!(feed.subscription_ends(u64::MAX), Err(Error::Overflow));
    assert_eq!(feed.after(1, u64::MAX), Err(Error::Overflow));
    assert!(!feed.is_timed_out(u64::MAX, u64::MAX));
    assert_eq!(feed.closes(0), 0);
}

#[test]
fn epochs_begin_on_multiples_of_their_length() {
    let feed = feed();
    for (time, epoch) in [(0, 0), (299, 0), (300, 300), (1_700_000_123, 1_700_000_100)] {
        assert_eq!(feed.epoch(time), epoch);
        assert_eq!(feed.is_epoch(time), time == epoch);
    }
    assert_eq!(feed.after(600, 3), Ok(1_500));
}

#[test]
fn a_prediction_is_taken_two_epochs_ahead() {
    let feed = feed();
    assert_eq!(feed.soonest_to_predict(600), Ok(1_200));
    assert_eq!(feed.soonest_to_predict(899), Ok(1_200));
    assert_eq!(feed.soonest_to_predict(900), Ok(1_500));
    assert_eq!(feed.closes(1_200), 900);
}

#[test]
fn the_true_value_comes_with_the_epoch_and_before_its_timeout() {
    let feed = feed();
    assert!(!feed.may_submit_true_value(1_200, 1_199));
    assert!(feed.may_submit_true_value(1_200, 1_200));
    assert!(!feed.is_timed_out(1_200, 1_200 + 259_200));
    assert!(!feed.is_timed_out(1_200, 1_200 + 259_200 + 299));
    assert!(feed.is_timed_out(1_200, 1_200 + 259_200 + 300));
}

#[test]
fn a_subscription_counts_from_the_epoch_of_its_purchase() {
    let feed = feed();
    assert_eq!(feed.subscription_ends(899), Ok(600 + 86_400));
    assert!(feed.is_subscribed(87_000, 86_999));
    assert!(!feed.is_subscribed(87_000, 87_000));
    assert_eq!(feed.revenue_per_epoch(units(1_000)), units(3), "288 epochs");
    assert_eq!(Feed::new(300, 0, 1).unwrap().revenue_per_epoch(units(7)), units(7));
}

#[test]
fn payouts_by_hand() {
    let stakes = Stakes { total: units(100), up: units(40), revenue: units(10) };
    // 30 of the 40 that were right share 110.
    assert_eq!(payout(&stakes, units(30), true, Outcome::Settled(true)), Ok(units(82)));
    assert_eq!(payout(&stakes, units(10), true, Outcome::Settled(true)), Ok(units(27)));
    assert_eq!(payout(&stakes, units(60), false, Outcome::Settled(false)), Ok(units(110)));
    assert_eq!(payout(&stakes, units(60), false, Outcome::Settled(true)), Ok(units(0)));
    assert_eq!(payout(&stakes, units(60), false, Outcome::Canceled), Ok(units(60)));
    assert_eq!(payout(&Stakes::default(), units(0), true, Outcome::Settled(true)), Ok(units(0)));
    let odd = Stakes { total: units(1), up: units(2), revenue: units(0) };
    assert_eq!(payout(&odd, units(1), true, Outcome::Settled(true)), Err(Error::Overflow));
    let huge = Stakes { total: BaseUnits(U256::MAX), up: units(2), revenue: units(1) };
    assert_eq!(payout(&huge, units(1), true, Outcome::Settled(true)), Err(Error::Overflow));
}

proptest! {
    #[test]
    fn no_more_is_paid_out_than_came_in(
        up in prop::collection::vec(0_u32.., 1..8), down in prop::collection::vec(0_u32.., 0..8), revenue in 0_u32.., value: bool,
    ) {
        let sum = |list: &[u32]| list.iter().map(|stake| u64::from(*stake)).sum::<u64>();
        let stakes = Stakes { total: units(sum(&up) + sum(&down)), up: units(sum(&up)), revenue: units(u64::from(revenue)) };
        let all = up.iter().map(|stake| (*stake, true)).chain(down.iter().map(|stake| (*stake, false)));
        let paid = all.fold(U256::ZERO, |paid, (stake, predicted)| {
            paid + payout(&stakes, units(u64::from(stake)), predicted, Outcome::Settled(value)).unwrap().0
        });
        prop_assert!(paid <= stakes.total.0 + stakes.revenue.0);
    }
}
