//! Orders that count and orders that do not, on receipts made by hand.

use alloy::{
    consensus::{Eip658Value, Receipt, ReceiptEnvelope, ReceiptWithBloom},
    primitives::{Address, B256, Bloom, Bytes, LogData, U256, address},
    rpc::types::{Log, TransactionReceipt},
    sol_types::SolEvent as _,
};
use jiff::Timestamp;
use ocean_contracts_bindings::{
    abi::IErc20Template::{OrderReused, OrderStarted, ProviderFee},
    order::{OrderCheck, OrderError, VerifiedOrder, reused_order_tx, reused_order_txs, verify_order},
};
use ocean_crypto::PrivateKey;
use ocean_primitives::{ONE, ServiceId};
use proptest::prelude::*;

const DATATOKEN: Address = address!("c401b8da52b7C49DE8Efe13a14E758675DE41d1F");
const OTHER_DATATOKEN: Address = address!("8Ca81a057af6F623c843EfAC8Ded9577F73F5126");
const FACTORY: Address = address!("645439117eB378a6d35148452E287a038666Ed67");
const TOKEN: Address = address!("2473f4F7bf40ed9310838edFCA6262C17A59DF64");
const CONSUMER: Address = address!("A78deb2Fa79463945C247991075E2a0e98Ba7A09");
const STRANGER: Address = address!("02354A1F160A3fd7ac8b02ee91F04104440B28E7");
const TX: B256 = B256::repeat_byte(0xaa);
const ORIGINAL: B256 = B256::repeat_byte(0xbb);
/// When the orders of these tests are made.
const PLACED: u64 = 1_700_000_000;

fn key() -> PrivateKey {
    "0xfd5c1ccea015b6d663618850824154a3b3fb2882c46cefb05b9a93fea8c3d215".parse().unwrap()
}

fn other_key() -> PrivateKey {
    "0x5d75837394b078ce97bc289fa8d75e21000573520bfa7784a9d28ccaae602bf8".parse().unwrap()
}

fn order_check() -> OrderCheck {
    OrderCheck {
        datatoken: DATATOKEN,
        service_index: 1,
        service_id: ServiceId::new("service-1").unwrap(),
        consumer: CONSUMER,
        provider: key().address(),
        timeout: 3600,
        now: at(PLACED + 60),
        fee_expiry: true,
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_second(seconds.try_into().unwrap()).unwrap()
}

/// An order as one of our own clients makes it, for changing.
#[derive(Clone)]
struct Order {
    emitter: Address,
    consumer: Address,
    payer: Address,
    amount: U256,
    service_index: u64,
}

impl Default for Order {
    fn default() -> Self {
        Self { emitter: DATATOKEN, consumer: CONSUMER, payer: CONSUMER, amount: ONE, service_index: 1 }
    }
}

impl Order {
    fn log(self) -> Log {
        let event = OrderStarted {
            consumer: self.consumer,
            payer: self.payer,
            amount: self.amount,
            serviceIndex: U256::from(self.service_index),
            timestamp: U256::from(PLACED),
            publishMarketAddress: Address::ZERO,
            blockNumber: U256::from(7),
        };
        log(self.emitter, event.encode_log_data())
    }
}

#[derive(Clone)]
struct Fee {
    emitter: Address,
    signer: PrivateKey,
    data: String,
    amount: u64,
    valid_until: u64,
}

impl Default for Fee {
    fn default() -> Self {
        Self { emitter: DATATOKEN, signer: key(), data: data("service-1", Some(PLACED)), amount: 5, valid_until: 0 }
    }
}

impl Fee {
    fn event(&self) -> ProviderFee {
        let data = Bytes::from(self.data.clone().into_bytes());
        let amount = U256::from(self.amount);
        let fee = ocean_crypto::ProviderFee::signed(&self.signer, TOKEN, amount, self.valid_until, data);
        ProviderFee {
            providerFeeAddress: fee.provider_fee_address,
            providerFeeToken: fee.provider_fee_token,
            providerFeeAmount: fee.provider_fee_amount,
            providerData: fee.provider_data,
            v: fee.v,
            r: fee.r,
            s: fee.s,
            validUntil: U256::from(fee.valid_until),
        }
    }

    fn log(self) -> Log {
        log(self.emitter, self.event().encode_log_data())
    }

    fn until(valid_until: u64) -> Self {
        Self { valid_until, ..Self::default() }
    }

    fn of_service(id: &str) -> Self {
        Self { data: data(id, Some(PLACED)), ..Self::default() }
    }
}

/// What the Provider writes into its fee; ocean-node leaves the timestamp out.
fn data(service: &str, timestamp: Option<u64>) -> String {
    let dt = DATATOKEN.to_string().to_lowercase();
    match timestamp {
        Some(time) => {
            format!(r#"{{"environment":null,"timestamp":{time}.25,"dt":"{dt}","id":"{service}"}}"#)
        }
        None => format!(r#"{{"dt":"{dt}","id":"{service}"}}"#),
    }
}

fn reuse(emitter: Address, order_tx: B256, time: u64) -> Log {
    let event =
        OrderReused { orderTxId: order_tx, caller: CONSUMER, timestamp: U256::from(time), number: U256::from(9) };
    log(emitter, event.encode_log_data())
}

fn log(emitter: Address, data: LogData) -> Log {
    Log { inner: alloy::primitives::Log { address: emitter, data }, ..Log::default() }
}

fn receipt_of(tx: B256, status: bool, logs: Vec<Log>) -> TransactionReceipt {
    let receipt = Receipt { status: Eip658Value::Eip658(status), cumulative_gas_used: 1, logs };
    TransactionReceipt {
        inner: ReceiptEnvelope::Eip1559(ReceiptWithBloom { receipt, logs_bloom: Bloom::ZERO }),
        transaction_hash: tx,
        transaction_index: Some(0),
        block_hash: Some(B256::repeat_byte(1)),
        block_number: Some(7),
        gas_used: 1,
        effective_gas_price: 1,
        blob_gas_used: None,
        blob_gas_price: None,
        from: CONSUMER,
        to: Some(DATATOKEN),
        contract_address: None,
    }
}

fn receipt(logs: impl IntoIterator<Item = Log>) -> TransactionReceipt {
    receipt_of(TX, true, logs.into_iter().collect())
}

fn original(logs: impl IntoIterator<Item = Log>) -> TransactionReceipt {
    receipt_of(ORIGINAL, true, logs.into_iter().collect())
}

#[track_caller]
fn refused(
    receipt: &TransactionReceipt,
    original: Option<&TransactionReceipt>,
    change: impl Fn(&mut OrderCheck),
    expected: OrderError,
) {
    let mut check = order_check();
    change(&mut check);
    assert_eq!(verify_order(receipt, original, &check), Err(expected));
}

#[track_caller]
fn accepted(
    receipt: &TransactionReceipt,
    original: Option<&TransactionReceipt>,
    change: impl Fn(&mut OrderCheck),
) -> VerifiedOrder {
    let mut check = order_check();
    change(&mut check);
    verify_order(receipt, original, &check).unwrap()
}

fn same(_: &mut OrderCheck) {}

#[test]
fn a_genuine_order_counts() {
    let order = accepted(&receipt([Order::default().log(), Fee::default().log()]), None, same);
    assert_eq!(order.order_tx, TX);
    assert_eq!(order.reused_by, None);
    assert_eq!(order.started_at, at(PLACED));
    assert_eq!(order.fee_valid_until, None);
}

#[test]
fn a_failed_transaction_does_not_count() {
    let failed = receipt_of(TX, false, vec![Order::default().log(), Fee::default().log()]);
    refused(&failed, None, same, OrderError::Failed { tx: TX });
}

#[test]
fn events_of_another_contract_do_not_count() {
    let foreign_order = Order { emitter: OTHER_DATATOKEN, ..Order::default() }.log();
    let foreign_fee = Fee { emitter: OTHER_DATATOKEN, ..Fee::default() }.log();
    refused(&receipt([foreign_order.clone(), foreign_fee.clone()]), None, same, OrderError::FeeMissing { tx: TX });
    refused(&receipt([Order::default().log(), foreign_fee]), None, same, OrderError::FeeMissing { tx: TX });
    refused(&receipt([foreign_order, Fee::default().log()]), None, same, OrderError::OrderMissing { tx: TX });
    // A log that a reorganisation took back.
    let removed = Log { removed: true, ..Order::default().log() };
    refused(&receipt([removed, Fee::default().log()]), None, same, OrderError::OrderMissing { tx: TX });
    refused(&receipt([]), None, same, OrderError::FeeMissing { tx: TX });
}

#[test]
fn a_fee_by_somebody_else_does_not_count() {
    let foreign = Fee { signer: other_key(), ..Fee::default() };
    refused(&receipt([Order::default().log(), foreign.log()]), None, same, OrderError::FeeOfOtherProvider { tx: TX });
    // Nobody signs for the zero address, which the contract accepts without a signature.
    let nobody = ProviderFee { providerFeeAddress: Address::ZERO, ..Fee::default().event() };
    let receipt = receipt([Order::default().log(), log(DATATOKEN, nobody.encode_log_data())]);
    refused(&receipt, None, same, OrderError::FeeOfOtherProvider { tx: TX });
    refused(&receipt, None, |check| check.provider = Address::ZERO, OrderError::FeeSignature { tx: TX });
}

#[test]
fn a_fee_with_a_changed_field_does_not_count() {
    type Change = fn(&mut ProviderFee);
    let changes: [(&str, Change); 9] = [
        ("amount", |fee| fee.providerFeeAmount = U256::ZERO),
        ("token", |fee| fee.providerFeeToken = DATATOKEN),
        ("valid until", |fee| fee.validUntil = U256::from(PLACED + 1_000_000)),
        ("a valid until that no Provider signs", |fee| fee.validUntil = U256::MAX),
        ("data", |fee| fee.providerData = data("service-1", Some(PLACED + 1)).into_bytes().into()),
        ("v", |fee| fee.v = 55 - fee.v),
        ("v of a peer's signature", |fee| fee.v -= 27),
        ("r", |fee| fee.r = B256::repeat_byte(1)),
        ("s", |fee| fee.s = B256::ZERO),
    ];
    for (name, change) in changes {
        let mut fee = Fee::default().event();
        change(&mut fee);
        let receipt = receipt([Order::default().log(), log(DATATOKEN, fee.encode_log_data())]);
        let result = verify_order(&receipt, None, &order_check());
        assert_eq!(result, Err(OrderError::FeeSignature { tx: TX }), "{name}");
    }
}

#[test]
fn a_fee_for_another_service_or_datatoken_does_not_count() {
    for text in [
        data("service-0", Some(PLACED)),
        data("", Some(PLACED)),
        data("service-1", None).replace("c401", "c402"),
        "{}".to_owned(),
        String::new(),
        "not json".to_owned(),
        "[".repeat(100_000),
        r#"{"dt":1,"id":"service-1"}"#.to_owned(),
    ] {
        let fee = Fee { data: text.clone(), ..Fee::default() };
        let receipt = receipt([Order::default().log(), fee.log()]);
        let result = verify_order(&receipt, None, &order_check());
        assert_eq!(result, Err(OrderError::FeeMissing { tx: TX }), "{text:.40}");
    }
}

#[test]
fn the_address_in_the_fee_may_be_written_in_any_case() {
    for text in [
        data("service-1", None),
        data("service-1", None).replace(&DATATOKEN.to_string().to_lowercase(), &DATATOKEN.to_checksum(None)),
    ] {
        let fee = Fee { data: text, ..Fee::default() };
        accepted(&receipt([Order::default().log(), fee.log()]), None, same);
    }
}

#[test]
fn an_order_of_another_service_does_not_count() {
    let order = Order { service_index: 0, ..Order::default() };
    let other = OrderError::OtherService { tx: TX, service_index: 1 };
    refused(&receipt([order.clone().log(), Fee::default().log()]), None, same, other);
    // The order of service 0 with its own fee, used for service 1.
    let receipt = receipt([order.log(), Fee::of_service("service-0").log()]);
    refused(&receipt, None, same, OrderError::FeeMissing { tx: TX });
}

#[test]
fn less_than_one_datatoken_does_not_count() {
    for amount in [U256::ZERO, ONE - U256::ONE] {
        let order = Order { amount, ..Order::default() };
        refused(&receipt([order.log(), Fee::default().log()]), None, same, OrderError::Amount { tx: TX });
    }
}

#[test]
fn an_order_belongs_to_its_consumer_and_to_its_payer() {
    let fee = Fee::default().log();
    let gift = Order { payer: STRANGER, ..Order::default() }.log();
    accepted(&receipt([gift.clone(), fee.clone()]), None, same);
    accepted(&receipt([gift, fee.clone()]), None, |check| check.consumer = STRANGER);
    let foreign = Order { consumer: STRANGER, payer: STRANGER, ..Order::default() }.log();
    refused(&receipt([foreign.clone(), fee.clone()]), None, same, OrderError::Sender);
    // A foreign order of the same service beside the own one, each with a fee.
    accepted(&receipt([foreign, fee.clone(), Order::default().log(), fee]), None, same);
}

#[test]
fn the_factory_pays_when_several_services_are_ordered_in_one_call() {
    let paid_by_factory = |service_index| Order { payer: FACTORY, service_index, ..Order::default() }.log();
    let fees = [Fee::of_service("service-0").log(), Fee::default().log()];
    let both = receipt([paid_by_factory(0), fees[0].clone(), paid_by_factory(1), fees[1].clone()]);
    accepted(&both, None, same);
    accepted(&both, None, |check| {
        check.service_index = 0;
        check.service_id = ServiceId::new("service-0").unwrap();
    });
    refused(&both, None, |check| check.consumer = STRANGER, OrderError::Sender);
}

#[test]
fn one_fee_does_not_pay_for_two_orders() {
    let mine = Order::default().log();
    let friend = Order { consumer: STRANGER, ..Order::default() }.log();
    let foreign = Fee { signer: other_key(), amount: 0, ..Fee::default() }.log();
    let shared = OrderError::FeeShared { tx: TX, orders: 2, fees: 1 };
    let logs = [mine, Fee::default().log(), friend, foreign];
    refused(&receipt(logs.clone()), None, same, shared.clone());
    refused(&receipt(logs), None, |check| check.consumer = STRANGER, shared);
}

#[test]
fn two_fees_of_which_one_is_bad_give_one_answer_in_both_orders() {
    let good = Fee::default().log();
    let bad: [Log; 4] = [
        Fee { signer: other_key(), ..Fee::default() }.log(),
        Fee::until(PLACED - 5000).log(),
        Fee::of_service("service-0").log(),
        log(DATATOKEN, ProviderFee { s: B256::repeat_byte(3), ..Fee::default().event() }.encode_log_data()),
    ];
    for bad in bad {
        let one = verify_order(&receipt([Order::default().log(), good.clone(), bad.clone()]), None, &order_check());
        let two = verify_order(&receipt([bad, good.clone(), Order::default().log()]), None, &order_check());
        assert!(one.is_ok());
        assert_eq!(one, two);
    }
}

#[test]
fn an_expired_fee_refuses_the_order() {
    let expired = |valid_until| OrderError::FeeExpired { tx: TX, valid_until: at(valid_until) };
    let receipt_until = |valid_until| receipt([Order::default().log(), Fee::until(valid_until).log()]);
    let good = receipt_until(PLACED + 100);
    // The margin is 90 s, and what is paid for runs from the order on.
    let order = accepted(&good, None, |check| check.now = at(PLACED + 189));
    assert_eq!(order.fee_valid_until, Some(at(PLACED + 100)));
    refused(&good, None, |check| check.now = at(PLACED + 190), expired(PLACED + 100));
    // Whether the order can be used again is another question.
    accepted(&good, None, |check| {
        check.now = at(PLACED + 190);
        check.fee_expiry = false;
    });
    // Zero is for ever.
    accepted(&receipt_until(0), None, |check| {
        check.now = at(PLACED + 1_000_000);
        check.timeout = 0;
    });
    // What no calendar holds is for ever too.
    accepted(&receipt_until(u64::MAX), None, same);
}

#[test]
fn what_a_fee_pays_for_runs_from_the_order_on() {
    // Signed 60 s before the order, for 100 s.
    let fee = Fee { data: data("service-1", Some(PLACED - 60)), ..Fee::until(PLACED + 40) };
    let receipt = receipt([Order::default().log(), fee.log()]);
    let order = accepted(&receipt, None, |check| check.now = at(PLACED + 189));
    assert_eq!(order.fee_valid_until, Some(at(PLACED + 100)));
    let expired = OrderError::FeeExpired { tx: TX, valid_until: at(PLACED + 100) };
    refused(&receipt, None, |check| check.now = at(PLACED + 190), expired);
}

#[test]
fn a_fee_that_was_expired_when_the_order_was_made_refuses_it() {
    // Signed a day before for a minute: counted from the order on it would still be good.
    let fee = Fee { data: data("service-1", Some(PLACED - 86_400)), ..Fee::until(PLACED - 86_340) };
    let receipt = receipt([Order::default().log(), fee.log()]);
    let expired = OrderError::FeeExpired { tx: TX, valid_until: at(PLACED + 60) };
    refused(&receipt, None, |check| check.now = at(PLACED + 1), expired);
}

#[test]
fn a_clock_in_the_fee_that_makes_no_sense_gives_nothing() {
    for time in ["1e300", "-1e300", "99999999999999999999", "null"] {
        let text = data("service-1", Some(PLACED)).replace(&format!("{PLACED}.25"), time);
        let fee = Fee { data: text, ..Fee::until(PLACED + 100) };
        let receipt = receipt([Order::default().log(), fee.log()]);
        let expired = OrderError::FeeExpired { tx: TX, valid_until: at(PLACED + 100) };
        refused(&receipt, None, |check| check.now = at(PLACED + 190), expired);
    }
}

#[test]
fn an_order_lasts_as_long_as_the_service_says() {
    let receipt = receipt([Order::default().log(), Fee::default().log()]);
    accepted(&receipt, None, |check| check.now = at(PLACED + 3600));
    let expired = OrderError::Expired { now: at(PLACED + 3601), started_at: at(PLACED), timeout: 3600 };
    refused(&receipt, None, |check| check.now = at(PLACED + 3601), expired);
    accepted(&receipt, None, |check| {
        check.timeout = 0;
        check.now = at(PLACED + 1_000_000_000);
    });
    accepted(&receipt, None, |check| check.timeout = u64::MAX);
    // A block can be a little ahead of our clock.
    accepted(&receipt, None, |check| check.now = at(PLACED - 5));
}

#[test]
fn a_renewed_order_counts_from_its_renewal() {
    let later = PLACED + 10_000;
    let first = original([Order::default().log(), Fee { signer: other_key(), ..Fee::default() }.log()]);
    let renewal = receipt([reuse(DATATOKEN, ORIGINAL, later), Fee::default().log()]);
    let order = accepted(&renewal, Some(&first), |check| check.now = at(later + 3600));
    assert_eq!((order.order_tx, order.reused_by, order.started_at), (ORIGINAL, Some(TX), at(later)));
    let expired = OrderError::Expired { now: at(later + 3601), started_at: at(later), timeout: 3600 };
    refused(&renewal, Some(&first), |check| check.now = at(later + 3601), expired);
    assert_eq!(reused_order_tx(&renewal, DATATOKEN), Some(ORIGINAL));
    assert_eq!(reused_order_tx(&renewal, OTHER_DATATOKEN), None);
    assert_eq!(reused_order_tx(&first, DATATOKEN), None);
}

#[test]
fn a_renewal_proves_nothing_by_itself() {
    let renewal = receipt([reuse(DATATOKEN, ORIGINAL, PLACED), Fee::default().log()]);
    let missing = OrderError::OriginalMissing { tx: TX, order_tx: ORIGINAL };
    refused(&renewal, None, same, missing.clone());
    // The receipt of another transaction than the one that is renewed.
    let unrelated = receipt_of(B256::repeat_byte(0xcc), true, vec![Order::default().log(), Fee::default().log()]);
    refused(&renewal, Some(&unrelated), same, missing.clone());
    // A renewal of a renewal.
    let chained = original([reuse(DATATOKEN, B256::repeat_byte(0xdd), PLACED), Fee::default().log()]);
    refused(&renewal, Some(&chained), same, OrderError::OrderMissing { tx: ORIGINAL });

    let failed = receipt_of(ORIGINAL, false, vec![Order::default().log()]);
    refused(&renewal, Some(&failed), same, OrderError::Failed { tx: ORIGINAL });
    let others: [(Order, OrderError); 4] = [
        (Order { emitter: OTHER_DATATOKEN, ..Order::default() }, OrderError::OrderMissing { tx: ORIGINAL }),
        (Order { service_index: 0, ..Order::default() }, OrderError::OtherService { tx: ORIGINAL, service_index: 1 }),
        (Order { amount: U256::ONE, ..Order::default() }, OrderError::Amount { tx: ORIGINAL }),
        (Order { consumer: STRANGER, payer: STRANGER, ..Order::default() }, OrderError::Sender),
    ];
    for (order, expected) in others {
        refused(&renewal, Some(&original([order.log()])), same, expected);
    }
}

#[test]
fn a_renewal_of_another_contract_does_not_count() {
    let first = original([Order::default().log()]);
    let foreign = receipt([reuse(OTHER_DATATOKEN, ORIGINAL, PLACED), Fee::default().log()]);
    refused(&foreign, Some(&first), same, OrderError::OrderMissing { tx: TX });
    let without_fee = receipt([reuse(DATATOKEN, ORIGINAL, PLACED)]);
    refused(&without_fee, Some(&first), same, OrderError::FeeMissing { tx: TX });
}

#[test]
fn one_fee_does_not_pay_for_two_renewals() {
    let first = original([Order::default().log()]);
    let another = B256::repeat_byte(0xcc);
    let foreign = Fee { signer: other_key(), ..Fee::default() }.log();
    let logs = [reuse(DATATOKEN, ORIGINAL, PLACED), Fee::default().log(), reuse(DATATOKEN, another, PLACED), foreign];
    refused(&receipt(logs.clone()), Some(&first), same, OrderError::FeeShared { tx: TX, orders: 2, fees: 1 });
    assert_eq!(reused_order_txs(&receipt(logs), DATATOKEN), [ORIGINAL, another]);
    // Renewals of two services, each with the fee of its own.
    let logs = [
        reuse(DATATOKEN, another, PLACED),
        Fee::of_service("service-0").log(),
        reuse(DATATOKEN, ORIGINAL, PLACED),
        Fee::default().log(),
    ];
    accepted(&receipt(logs), Some(&first), same);
}

#[test]
fn the_texts_are_those_that_clients_know() {
    let hash = format!("0x{}", "aa".repeat(32));
    assert_eq!(
        OrderError::FeeMissing { tx: TX }.to_string(),
        format!("Cannot find the event for the provider fee in tx id {hash}.")
    );
    assert_eq!(OrderError::Sender.to_string(), "sender of order transaction is not the consumer/payer.");
    let now = Timestamp::from_microsecond(1_700_000_100_250_000).unwrap();
    assert_eq!(
        OrderError::Expired { now, started_at: at(PLACED), timeout: 60 }.to_string(),
        "The order has expired. current timestamp=1700000100.25 order timestamp=1700000000 \
         timestamp delta=100.25 service timeout=60"
    );
    let whole = OrderError::Expired { now: at(PLACED), started_at: at(PLACED + 2), timeout: 60 }.to_string();
    assert!(whole.contains("current timestamp=1700000000.0 ") && whole.contains("timestamp delta=-2.0 "), "{whole}");
}

/// Any log that could be in a receipt about this datatoken.
fn any_log() -> impl Strategy<Value = Log> {
    let emitter = prop_oneof![4 => Just(DATATOKEN), 1 => Just(OTHER_DATATOKEN)];
    let person = prop_oneof![Just(CONSUMER), Just(STRANGER), Just(FACTORY)];
    prop_oneof![
        (emitter.clone(), person.clone(), person, 0_u64..3, prop::bool::ANY).prop_map(
            |(emitter, consumer, payer, service_index, whole)| {
                let amount = if whole { ONE } else { ONE - U256::ONE };
                Order { emitter, consumer, payer, amount, service_index }.log()
            }
        ),
        (emitter.clone(), 0_usize..3, prop::bool::weighted(0.8), 0_u64..4).prop_map(|(emitter, id, own, until)| {
            let signer = if own { key() } else { other_key() };
            let valid_until = [0, PLACED - 1000, PLACED + 10, PLACED + 1000][usize::try_from(until).unwrap()];
            let data = data(&format!("service-{id}"), Some(PLACED));
            Fee { emitter, signer, data, amount: 1, valid_until }.log()
        }),
        (emitter, 0_u8..3).prop_map(|(emitter, order)| reuse(emitter, B256::repeat_byte(0xba + order), PLACED)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_answer_does_not_depend_on_the_order_of_the_logs(
        (logs, shuffled) in prop::collection::vec(any_log(), 0..8)
            .prop_flat_map(|logs| (Just(logs.clone()), Just(logs).prop_shuffle()))
    ) {
        let first = original([Order::default().log()]);
        for original in [None, Some(&first)] {
            prop_assert_eq!(
                verify_order(&receipt(logs.clone()), original, &order_check()),
                verify_order(&receipt(shuffled.clone()), original, &order_check())
            );
        }
    }

    #[test]
    fn an_accepted_order_has_an_own_fee_and_an_order_of_the_datatoken(logs in prop::collection::vec(any_log(), 0..8)) {
        let genuine = |log: &&Log| log.address() == DATATOKEN;
        let fees = logs.iter().filter(genuine).filter(|log| {
            ProviderFee::decode_log_data(log.data()).is_ok_and(|fee| {
                fee.providerFeeAddress == key().address() && fee.providerData.ends_with(b"\"service-1\"}")
            })
        });
        let orders = logs.iter().filter(genuine).filter(|log| {
            OrderStarted::decode_log_data(log.data()).is_ok_and(|order| order.serviceIndex == U256::ONE)
        });
        let (fees, orders) = (fees.count(), orders.count());
        if verify_order(&receipt(logs), None, &order_check()).is_ok() {
            prop_assert!(orders >= 1 && fees >= orders, "{} orders with {} fees", orders, fees);
        }
    }
}
