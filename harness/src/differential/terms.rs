//! Locks and claims of an escrow, dispensers, locks of veOCEAN, epochs of a feed: each case is one simulated block.

use alloy::primitives::{Address, Bytes, U256};
use ocean_contracts_bindings::{
    Contracts, CreateAsset, Price,
    abi::{IDispenser, IErc20Template3, IEscrow, IEscrowClaims, IVeOcean},
};
use ocean_pricing::{
    Error as PriceError,
    data_farming::{MAX_LOCK, WEEK, extended_end, lock_end, voting_power},
    dispenser::{self, Dispenser},
    escrow::{Authorization, ClaimFee, Lock, check_lock, split_claim},
    fixed_rate::Kind,
    predictoor::Feed,
};
use ocean_primitives::{BaseUnits, FeeRate, ONE};
use rand::{Rng as _, rngs::StdRng};
use serde_json::{Value, json};

use super::{
    Comparison, Outcome,
    case::{bits, fee, near},
    prices::{Block, Simulated, refusal},
    stage::{Stage, Token, Writes, call_object, entry, words},
};
use crate::{Error, LocalChain, Result};

/// Where the dispenser keeps its datatokens.
const DISPENSER_DATATOKENS: u64 = 2;
/// Time enough for a lock to end and begin again.
const WEEKS: u64 = 230;

/// A simulated block, what it should come to, and in words.
struct Trial {
    request: Value,
    /// Which call, its place in the block, and what it should come to.
    expected: Vec<(&'static str, usize, Outcome)>,
    line: String,
}

/// The contracts beside the exchanges.
pub(super) struct Terms<'a> {
    stage: &'a Stage,
    escrow: Address,
    enterprise_escrow: Address,
    dispenser: Address,
    /// A datatoken that the dispenser mints; the stage's own it may not.
    free: Token,
    ocean: Token,
    ve_ocean: Address,
    feed: Address,
    /// Where a feed keeps the length of its epochs.
    epoch_slot: U256,
    now: u64,
}

fn outcome<T>(result: Result<T, PriceError>, numbers: impl Fn(T) -> [U256; 4]) -> Outcome {
    match result {
        Ok(value) => Outcome::Numbers(numbers(value)),
        Err(error) => Outcome::Refused(error.revert_reason().map_or_else(|| error.to_string(), str::to_owned)),
    }
}

fn nothing<T>(_: T) -> [U256; 4] {
    [U256::ZERO; 4]
}

fn one(number: U256) -> [U256; 4] {
    [number, U256::ZERO, U256::ZERO, U256::ZERO]
}

fn block(writes: &Writes, time: Option<u64>, calls: &[Value]) -> Value {
    let mut block = json!({ "stateOverrides": writes.overrides(), "calls": calls });
    if let Some(time) = time {
        block["blockOverrides"] = json!({ "time": format!("{time:#x}") });
    }
    json!([{ "blockStateCalls": [block] }, "latest"])
}

/// Small numbers meet each other's limits; large ones are what people have.
fn amount(random: &mut StdRng) -> U256 {
    if random.gen_bool(0.5) { U256::from(random.gen_range(0..12_u64)) } else { bits(random, 0..=100) }
}

impl<'a> Terms<'a> {
    pub(super) async fn of(chain: &LocalChain, stage: &'a Stage) -> Result<Self> {
        let setting = "setting the stage of a comparison";
        let address = |name: &str| {
            let address = chain.addresses().get(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
            address.ok_or_else(|| Error::component(setting)(format!("the deployment has no {name}")))
        };
        let contracts = Contracts::new(chain.rpc().clone(), chain.deployment().clone()).with_sender(stage.publisher);
        let price = Price::Free { max_tokens: BaseUnits(ONE), max_balance: BaseUnits(ONE) };
        let free = contracts.create_asset(&CreateAsset::new("Free", "FREE", price)).await;
        let free = stage.token(free.map_err(Error::component(setting))?.datatoken).await?;
        let ocean = stage.token(address("Ocean")?).await?;
        let feed = chain.deployment().erc20_templates.get(&3).copied();
        let feed = feed.ok_or_else(|| Error::component(setting)("the deployment has no template 3".to_owned()))?;
        let slot = stage.search(feed, &IErc20Template3::secondsPerEpochCall {}, U256::from).await?;
        Ok(Self {
            stage,
            escrow: address("Escrow")?,
            enterprise_escrow: address("EnterpriseEscrow")?,
            dispenser: address("Dispenser")?,
            free,
            ocean,
            ve_ocean: address("veOCEAN")?,
            feed,
            epoch_slot: U256::from(slot),
            now: chain.latest_block().await?.1,
        })
    }

    /// So many cases of each kind.
    pub(super) async fn compare(&self, cases: usize, random: &mut StdRng, comparison: &mut Comparison) -> Result<()> {
        let mut trials = Vec::new();
        for _ in 0..cases {
            trials.extend([
                self.lock_and_claim(random),
                self.dispense(random),
                self.ve_lock(random),
                self.epochs(random),
            ]);
        }
        let requests: Vec<_> = trials.iter().map(|trial| ("eth_simulateV1", trial.request.clone())).collect();
        for (trial, answer) in trials.iter().zip(self.stage.results(&requests).await?) {
            let blocks: Vec<Block> =
                serde_json::from_value(answer).map_err(Error::component("reading a simulated block"))?;
            let calls: Vec<_> = blocks.iter().flat_map(|block| &block.calls).collect();
            comparison.cases += 1;
            for (call, place, ours) in &trial.expected {
                let theirs =
                    calls.get(*place).map_or_else(|| Outcome::Refused("no answer".to_owned()), |call| told(call));
                comparison.agree(call, || trial.line.clone(), ours, &theirs);
            }
        }
        Ok(())
    }

    /// A payer deposits and authorises, a payee locks once or twice and claims.
    fn lock_and_claim(&self, random: &mut StdRng) -> Trial {
        let (payer, payee) = (self.stage.people.caller, self.stage.people.market);
        let base = &self.stage.base;
        let enterprise = random.gen_bool(0.5);
        let escrow = if enterprise { self.enterprise_escrow } else { self.escrow };
        let (rate, allowed) = (fee(random), random.gen_bool(0.9));
        let (min, max) = (amount(random), amount(random));
        let kind = if enterprise {
            Kind::Enterprise { min_fee: BaseUnits(min), max_fee: BaseUnits(max) }
        } else {
            Kind::Standard
        };
        let terms = ClaimFee { rate: FeeRate(rate), kind, token_allowed: allowed };
        let deposit = amount(random);
        let wanted = if random.gen_bool(0.7) { near(random, deposit) } else { amount(random) };
        let earlier = random.gen_bool(0.3).then(|| Lock { amount: amount(random).into(), seconds: 1 });
        let lock = Lock { amount: BaseUnits(wanted), seconds: random.gen_range(0..4) };
        let mut authorization = random.gen_bool(0.9).then(|| Authorization {
            max_locked_amount: BaseUnits(if random.gen_bool(0.7) { near(random, wanted) } else { amount(random) }),
            max_lock_seconds: random.gen_range(1..5),
            max_lock_counts: random.gen_range(0..3),
            ..Authorization::default()
        });
        let claimed = if random.gen_bool(0.5) { near(random, wanted) } else { amount(random) };
        let line =
            format!("{terms:?} deposit {deposit} {authorization:?} earlier {earlier:?} {lock:?} claim {claimed}");

        let mut writes = Writes::default();
        base.balance(&mut writes, payer, U256::MAX >> 1);
        base.balance(&mut writes, escrow, U256::ZERO);
        base.allowance(&mut writes, escrow);
        self.stage.fees(&mut writes, enterprise, [U256::from(allowed), min, max, rate]);
        let mut calls =
            vec![call_object(payer, escrow, &IEscrow::depositCall { token: base.address, amount: deposit })];
        if let Some(limits) = &authorization {
            let call = IEscrow::authorizeCall {
                token: base.address,
                payee,
                maxLockedAmount: limits.max_locked_amount.0,
                maxLockSeconds: U256::from(limits.max_lock_seconds),
                maxLockCounts: U256::from(limits.max_lock_counts),
            };
            calls.push(call_object(payer, escrow, &call));
        }
        let mut expected = Vec::new();
        let mut available = BaseUnits(deposit);
        let mut held = Vec::new();
        for (job, lock) in [(1_u64, earlier), (2, Some(lock))] {
            let Some(lock) = lock else { continue };
            let made = check_lock(&terms, available, authorization.as_ref(), &lock);
            if let (Ok(()), Some(present)) = (&made, &mut authorization) {
                available = available.checked_sub(lock.amount).unwrap_or_default();
                present.current_locked_amount = BaseUnits(present.current_locked_amount.0 + lock.amount.0);
                present.current_locks += 1;
                held.push(job);
            }
            let call = IEscrow::createLockCall {
                jobId: U256::from(job),
                token: base.address,
                payer,
                amount: lock.amount.0,
                expiry: U256::from(lock.seconds),
            };
            expected.push(("createLock", calls.len(), outcome(made, nothing)));
            calls.push(call_object(payee, escrow, &call));
        }
        let split = if held.contains(&2) {
            let split = split_claim(&terms, lock.amount, BaseUnits(claimed));
            if let Ok(split) = &split {
                available = BaseUnits(available.0 + split.returned.0);
            }
            outcome(split, |split| one(split.payee.0))
        } else {
            Outcome::Refused("Lock not found".to_owned())
        };
        // Claiming returns nothing; what it did is in the accounts.
        let (claim, got) = match split {
            Outcome::Numbers([payee, ..]) => (Outcome::Numbers([U256::ZERO; 4]), payee),
            refused @ Outcome::Refused(_) => (refused, U256::ZERO),
        };
        let call = IEscrowClaims::claimLockCall {
            jobId: U256::from(2),
            token: base.address,
            payer,
            amount: claimed,
            proof: Bytes::new(),
        };
        expected.push(("claimLock", calls.len(), claim));
        calls.push(call_object(payee, escrow, &call));
        let locked = authorization.map(|present| present.current_locked_amount.0).unwrap_or_default();
        let locked =
            if matches!(expected.last(), Some((_, _, Outcome::Numbers(_)))) { locked - wanted } else { locked };
        for (account, funds) in [(payer, [available.0, locked]), (payee, [got, U256::ZERO])] {
            let call = IEscrow::getUserFundsCall { payer: account, token: base.address };
            let [available, locked] = funds;
            expected.push(("getUserFunds", calls.len(), Outcome::Numbers([available, locked, U256::ZERO, U256::ZERO])));
            calls.push(call_object(payer, escrow, &call));
        }
        Trial { request: block(&writes, None, &calls), expected, line }
    }

    fn dispense(&self, random: &mut StdRng) -> Trial {
        let people = &self.stage.people;
        let minter = random.gen_bool(0.5);
        let token = if minter { &self.free } else { &self.stage.datatoken };
        let wanted = amount(random);
        let around = |random: &mut StdRng| if random.gen_bool(0.6) { near(random, wanted) } else { amount(random) };
        let (max_tokens, balance, held) = (around(random), around(random), amount(random));
        let max_balance = if random.gen_bool(0.5) { near(random, held) } else { amount(random) };
        let mut terms = Dispenser::new(BaseUnits(max_tokens), BaseUnits(max_balance));
        terms.active = random.gen_bool(0.95);
        terms.balance = BaseUnits(balance);
        terms.is_minter = minter;
        terms.allowed_swapper = match random.gen_range(0..10) {
            0 => people.other,
            1 => people.caller,
            _ => Address::ZERO,
        };
        let checked = dispenser::check(&terms, BaseUnits(wanted), BaseUnits(held), people.caller);
        let mut writes = Writes::default();
        let slot = entry(token.address.into_word(), U256::from(DISPENSER_DATATOKENS));
        let word = |address: Address| U256::from_be_bytes(address.into_word().0);
        let owner = U256::from(terms.active) | word(self.stage.publisher) << 8;
        for (index, field) in [owner, max_tokens, max_balance, word(terms.allowed_swapper)].into_iter().enumerate() {
            writes.set(self.dispenser, slot.wrapping_add(U256::from(index)), field);
        }
        token.balance(&mut writes, self.dispenser, balance);
        token.balance(&mut writes, people.market, held);
        token.supply(&mut writes, balance + held);
        let call = IDispenser::dispenseCall { datatoken: token.address, amount: wanted, destination: people.market };
        let calls = [call_object(people.caller, self.dispenser, &call)];
        Trial {
            request: block(&writes, None, &calls),
            expected: vec![("dispense", 0, outcome(checked, nothing))],
            line: format!("{terms:?} amount {wanted} held {held}"),
        }
    }

    /// A lock, its power at some time, and an extension.
    fn ve_lock(&self, random: &mut StdRng) -> Trial {
        let holder = self.stage.people.caller;
        let now = self.now + 1 + random.gen_range(0..5 * WEEK);
        let time = |random: &mut StdRng| match random.gen_range(0..6) {
            0 => now - random.gen_range(0..WEEK),
            1 => now + MAX_LOCK + random.gen_range(0..2 * WEEK),
            2 => (now / WEEK + random.gen_range(0..WEEKS)) * WEEK,
            _ => now + random.gen_range(0..WEEKS * WEEK),
        };
        let (unlock, longer, later) = (time(random), time(random), now + random.gen_range(0..WEEKS * WEEK));
        let value = bits(random, 1..=90);
        let end = lock_end(unlock, now);
        let power = match &end {
            Ok(end) => outcome(voting_power(BaseUnits(value), *end, later), |power| one(power.0)),
            Err(_) => Outcome::Numbers([U256::ZERO; 4]),
        };
        let extended = match &end {
            Ok(end) => outcome(extended_end(longer, *end, now), nothing),
            // Without a lock it ended in 1970.
            Err(_) => outcome(extended_end(longer, 0, now), nothing),
        };
        let last = match (&end, &extended) {
            (Ok(_), Outcome::Numbers(_)) => longer / WEEK * WEEK,
            (Ok(end), Outcome::Refused(_)) => *end,
            (Err(_), _) => 0,
        };
        let mut writes = Writes::default();
        self.ocean.balance(&mut writes, holder, U256::MAX >> 1);
        self.ocean.allowance(&mut writes, self.ve_ocean);
        let calls = [
            call_object(
                holder,
                self.ve_ocean,
                &IVeOcean::create_lockCall { _value: value, _unlock_time: U256::from(unlock) },
            ),
            call_object(holder, self.ve_ocean, &IVeOcean::balanceOf_1Call { addr: holder, _t: U256::from(later) }),
            call_object(
                holder,
                self.ve_ocean,
                &IVeOcean::increase_unlock_timeCall { _unlock_time: U256::from(longer) },
            ),
            call_object(holder, self.ve_ocean, &IVeOcean::locked__endCall { _addr: holder }),
        ];
        Trial {
            request: block(&writes, Some(now), &calls),
            expected: vec![
                ("create_lock", 0, outcome(end, nothing)),
                ("balanceOf", 1, power),
                ("increase_unlock_time", 2, extended),
                ("locked__end", 3, Outcome::Numbers(one(U256::from(last)))),
            ],
            line: format!("now {now} lock {value} until {unlock}, then until {longer}; power at {later}"),
        }
    }

    fn epochs(&self, random: &mut StdRng) -> Trial {
        let length = bits(random, 1..=24).to::<u64>();
        let time = bits(random, 0..=40).to::<u64>();
        let feed = Feed::new(length, length * 3, 1);
        let mut writes = Writes::default();
        writes.set(self.feed, self.epoch_slot, U256::from(length));
        let (from, time_word) = (self.stage.people.caller, U256::from(time));
        let calls = [
            call_object(from, self.feed, &IErc20Template3::toEpochStartCall { _timestamp: time_word }),
            call_object(from, self.feed, &IErc20Template3::soonestEpochToPredictCall { prediction_ts: time_word }),
        ];
        let epoch = feed.clone().map(|feed| feed.epoch(time));
        let soonest = feed.and_then(|feed| feed.soonest_to_predict(time));
        let word = |time: u64| one(U256::from(time));
        Trial {
            request: block(&writes, None, &calls),
            expected: vec![
                ("toEpochStart", 0, outcome(epoch, word)),
                ("soonestEpochToPredict", 1, outcome(soonest, word)),
            ],
            line: format!("epochs of {length} s at {time}"),
        }
    }
}

/// What a call came to: its first two words, none where it returns nothing.
fn told(call: &Simulated) -> Outcome {
    if let Some(refused) = refusal(call) {
        return refused;
    }
    let data = &call.return_data;
    match (words::<0>(data), words::<1>(data), words::<2>(data)) {
        (Some(_), ..) => Outcome::Numbers([U256::ZERO; 4]),
        (_, Some([word]), _) => Outcome::Numbers(one(word)),
        (.., Some([first, second])) => Outcome::Numbers([first, second, U256::ZERO, U256::ZERO]),
        _ => Outcome::Refused(format!("an answer of {data}")),
    }
}
