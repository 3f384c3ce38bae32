use std::{collections::BTreeMap, time::Duration};

use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    sol_types::{Panic, Revert, SolCall, SolError as _},
};
use ocean_contracts_bindings::{
    Contracts, CreateAsset, Price,
    abi::{IErc20, IErc20Template, IFactoryRouter},
};
use ocean_primitives::{ExchangeId, FeeRate, ONE, Rate};
use serde_json::{Value, json};

use super::case::{Case, People};
use crate::{Error, LocalChain, Result, accounts};

/// How long one request of many calls may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// How far storage is searched for what a token keeps.
const SLOTS: u64 = 256;

/// Where an exchange contract keeps its exchanges. A standard contract has its router before it; enterprise contracts keep that
/// in their code.
const STANDARD_EXCHANGES: u64 = 2;
const ENTERPRISE_EXCHANGES: u64 = 1;
/// Where the router keeps the fee of tokens that are not approved.
const ROUTER_FEE: u64 = 7;
/// Where the enterprise fee collector keeps its tokens.
const COLLECTOR_TOKENS: u64 = 2;

/// A chain with a datatoken that both exchange contracts may mint.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) mispriced: bool,
    url: String,
    http: reqwest::Client,
    pub(super) people: People,
    pub(super) publisher: Address,
    pub(super) base: Token,
    pub(super) datatoken: Token,
    pub(super) id: ExchangeId,
    pub(super) standard: Address,
    pub(super) enterprise: Address,
    pub(super) collector: Address,
    /// Contracts that hold tokens or take them, beside the exchanges.
    others: Vec<Address>,
    router: Address,
    standard_slot: U256,
    enterprise_slot: U256,
    collector_slot: U256,
}

/// An ERC-20 token and where it keeps what.
#[derive(Debug, Clone, Default)]
pub(super) struct Token {
    pub(super) address: Address,
    /// By holder.
    balances: BTreeMap<Address, U256>,
    /// What the caller allows, by spender.
    allowances: BTreeMap<Address, U256>,
    supply: U256,
}

/// Storage to write, by contract and slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Writes(BTreeMap<Address, BTreeMap<B256, B256>>);

impl Writes {
    pub(super) fn set(&mut self, contract: Address, slot: U256, value: U256) {
        self.0.entry(contract).or_default().insert(slot.into(), value.into());
    }

    /// As state overrides of a call.
    pub(super) fn overrides(&self) -> Value {
        self.0.iter().map(|(contract, slots)| (contract.to_string(), json!({ "stateDiff": slots }))).collect()
    }

    /// As requests that change the chain.
    pub(super) fn requests(&self) -> Vec<(&'static str, Value)> {
        let slots = self.0.iter().flat_map(|(contract, slots)| slots.iter().map(move |entry| (contract, entry)));
        slots.map(|(contract, (slot, value))| ("anvil_setStorageAt", json!([contract, slot, value]))).collect()
    }
}

impl Token {
    pub(super) fn balance(&self, writes: &mut Writes, holder: Address, amount: U256) {
        if let Some(slot) = self.balances.get(&holder) {
            writes.set(self.address, *slot, amount);
        }
    }

    /// Lets `spender` take everything from the caller.
    pub(super) fn allowance(&self, writes: &mut Writes, spender: Address) {
        if let Some(slot) = self.allowances.get(&spender) {
            writes.set(self.address, *slot, U256::MAX);
        }
    }

    pub(super) fn supply(&self, writes: &mut Writes, amount: U256) {
        writes.set(self.address, self.supply, amount);
    }
}

/// The slot of a mapping's entry.
pub(super) fn entry(key: B256, mapping: U256) -> U256 {
    keccak256([key.0, mapping.to_be_bytes()].concat()).into()
}

pub(super) fn call_object(from: Address, to: Address, call: &impl SolCall) -> Value {
    json!({ "from": from, "to": to, "input": Bytes::from(call.abi_encode()) })
}

impl Stage {
    pub(super) async fn set(chain: &LocalChain) -> Result<Self> {
        let setting = "setting the stage of a comparison";
        let deployment = chain.deployment();
        let missing = || Error::component(setting)("the deployment has no enterprise exchange");
        let (Some(enterprise), Some(collector), Some(base)) = (
            deployment.fixed_price_enterprise,
            deployment.enterprise_fee_collector,
            deployment.extra_address("MockUSDC"),
        ) else {
            return Err(missing());
        };
        let publisher = accounts()[0].address;
        let contracts = Contracts::new(chain.rpc().clone(), deployment.clone()).with_sender(publisher);
        let price = Price::FixedRate {
            base_token: base,
            base_decimals: 6,
            rate: Rate(ONE),
            market_fee: FeeRate::ZERO,
            market_fee_collector: Address::ZERO,
            with_mint: true,
        };
        let asset = contracts.create_asset(&CreateAsset::new("Comparison", "CMP", price)).await;
        let datatoken = asset.map_err(Error::component(setting))?.datatoken;
        let minter = IErc20Template::addMinterCall { _minter: enterprise };
        contracts.transact(datatoken, &minter).await.map_err(Error::component(setting))?;
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(DEADLINE).build();
        let id = ExchangeId::derive(base, datatoken);
        let mut stage = Self {
            mispriced: false,
            url: chain.rpc_url().to_owned(),
            http: http.map_err(Error::component("making an HTTP client"))?,
            people: People {
                caller: accounts()[2].address,
                market: accounts()[6].address,
                other: accounts()[7].address,
            },
            publisher,
            base: Token::default(),
            datatoken: Token::default(),
            id,
            standard_slot: entry(id.0, U256::from(STANDARD_EXCHANGES)),
            enterprise_slot: entry(id.0, U256::from(ENTERPRISE_EXCHANGES)),
            collector_slot: entry(base.into_word(), U256::from(COLLECTOR_TOKENS)),
            others: ["Escrow", "EnterpriseEscrow", "veOCEAN", "Dispenser"]
                .iter()
                .filter_map(|name| chain.addresses().get(*name)?.as_str()?.parse().ok())
                .collect(),
            standard: deployment.fixed_price,
            enterprise,
            collector,
            router: deployment.router,
        };
        stage.base = stage.token(base).await?;
        stage.datatoken = stage.token(datatoken).await?;
        let fee = IFactoryRouter::getOPCFeeCall { baseToken: base };
        let found = stage.search(stage.router, &fee, U256::from).await?;
        if found != ROUTER_FEE {
            return Err(Error::component(setting)(format!("the router keeps its fee at {found}")));
        }
        Ok(stage)
    }

    pub(super) fn exchange_contract(&self, case: &Case) -> Address {
        if case.enterprise { self.enterprise } else { self.standard }
    }

    /// Everything that a case says about the chain. `held` is what the caller has of the datatoken.
    pub(super) fn writes(&self, case: &Case, held: U256) -> Writes {
        let People { caller, market, .. } = self.people;
        let contract = self.exchange_contract(case);
        let mut writes = Writes::default();
        let exchange = if case.enterprise { self.enterprise_slot } else { self.standard_slot };
        let flag = |flag: bool, address: Address| U256::from(flag) | U256::from_be_bytes(address.into_word().0) << 8;
        let address = |address: Address| U256::from_be_bytes(address.into_word().0);
        let fields = [
            flag(case.active, self.publisher),
            address(self.datatoken.address),
            address(self.base.address),
            case.rate,
            U256::from(case.datatoken_decimals),
            U256::from(case.base_decimals),
            case.datatokens,
            case.base_tokens,
            case.market_fee,
            address(self.publisher),
            U256::ZERO,
            U256::ZERO,
            flag(case.mints, case.allowed_swapper(&self.people)),
        ];
        for (index, field) in fields.into_iter().enumerate() {
            writes.set(contract, exchange.wrapping_add(U256::from(index)), field);
        }
        self.fees(&mut writes, case.enterprise, [U256::from(case.allowed), case.min_fee, case.max_fee, case.ocean_fee]);
        self.base.balance(&mut writes, caller, case.money());
        self.base.balance(&mut writes, contract, case.base_tokens);
        self.base.balance(&mut writes, market, U256::ZERO);
        self.base.balance(&mut writes, self.collector, U256::ZERO);
        self.base.allowance(&mut writes, contract);
        self.datatoken.balance(&mut writes, caller, held);
        self.datatoken.balance(&mut writes, contract, case.datatokens);
        self.datatoken.allowance(&mut writes, contract);
        self.datatoken.supply(&mut writes, case.supply);
        writes
    }

    /// The community's fee on the base token: whether it is allowed, minimum, maximum and percentage. A standard contract knows
    /// only the last of them.
    pub(super) fn fees(&self, writes: &mut Writes, enterprise: bool, fields: [U256; 4]) {
        if enterprise {
            for (index, field) in fields.into_iter().enumerate() {
                writes.set(self.collector, self.collector_slot.wrapping_add(U256::from(index)), field);
            }
        } else {
            writes.set(self.router, U256::from(ROUTER_FEE), fields[3]);
        }
    }

    /// One request of many calls; the answers in the same order.
    pub(super) async fn batch(&self, requests: &[(&'static str, Value)]) -> Result<Vec<Value>> {
        let body: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(id, (method, params))| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .collect();
        let method = requests.first().map_or("", |(method, _)| *method);
        let error = |reason: String| Error::Rpc { method: method.to_owned(), url: self.url.clone(), reason };
        let response =
            self.http.post(&self.url).json(&body).send().await.map_err(|reason| error(reason.to_string()))?;
        let mut answers: Vec<Value> = response.json().await.map_err(|reason| error(reason.to_string()))?;
        answers.sort_by_key(|answer| answer["id"].as_u64());
        if answers.len() == requests.len() {
            Ok(answers)
        } else {
            Err(error(format!("{} answers to {} calls", answers.len(), requests.len())))
        }
    }

    /// As [`Self::batch`], where nothing may fail.
    pub(super) async fn results(&self, requests: &[(&'static str, Value)]) -> Result<Vec<Value>> {
        let answers = self.batch(requests).await?;
        let result = |(index, mut answer): (usize, Value)| match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(Error::Rpc {
                method: requests.get(index).map_or("", |(method, _)| *method).to_owned(),
                url: self.url.clone(),
                reason: answer["error"].to_string(),
            }),
        };
        answers.into_iter().enumerate().map(result).collect()
    }

    pub(super) async fn token(&self, address: Address) -> Result<Token> {
        let People { caller, market, other } = self.people;
        let call = IErc20::balanceOfCall { account: caller };
        let balances = self.search(address, &call, |slot| entry(caller.into_word(), U256::from(slot))).await?;
        let allowed = |spender: Address, slot| entry(spender.into_word(), entry(caller.into_word(), U256::from(slot)));
        let call = IErc20::allowanceCall { owner: caller, spender: other };
        let allowances = self.search(address, &call, |slot| allowed(other, slot)).await?;
        let people = [caller, market, other, self.standard, self.enterprise, self.collector];
        let holders = people.iter().chain(&self.others);
        Ok(Token {
            address,
            balances: holders
                .clone()
                .map(|holder| (*holder, entry(holder.into_word(), U256::from(balances))))
                .collect(),
            allowances: holders.map(|spender| (*spender, allowed(*spender, allowances))).collect(),
            supply: U256::from(self.search(address, &IErc20::totalSupplyCall {}, U256::from).await?),
        })
    }

    /// The slot whose content a call answers with.
    pub(super) async fn search(
        &self,
        contract: Address,
        call: &impl SolCall,
        place: impl Fn(u64) -> U256,
    ) -> Result<u64> {
        let magic = U256::from(0x006d_6167_6963_u64);
        let requests: Vec<_> = (0..SLOTS)
            .map(|slot| {
                let mut writes = Writes::default();
                writes.set(contract, place(slot), magic);
                let call = call_object(self.people.caller, contract, call);
                ("eth_call", json!([call, "latest", writes.overrides()]))
            })
            .collect();
        let answers = self.batch(&requests).await?;
        let magic = json!(B256::from(magic));
        let found = answers.iter().position(|answer| answer["result"] == magic);
        found.and_then(|slot| u64::try_from(slot).ok()).ok_or_else(|| {
            Error::component("setting the stage of a comparison")(format!(
                "{contract} keeps no number that it answers with"
            ))
        })
    }
}

/// The words of an answer.
pub(super) fn words<const N: usize>(data: &Bytes) -> Option<[U256; N]> {
    let (chunks, rest) = data.as_chunks::<32>();
    let words: [[u8; 32]; N] = chunks.to_vec().try_into().ok()?;
    rest.is_empty().then(|| words.map(U256::from_be_bytes))
}

/// The reason of a revert: its text, or `Panic(0x11)`.
pub(super) fn reason(data: &Bytes) -> String {
    if let Ok(revert) = Revert::abi_decode(data) {
        revert.reason
    } else if let Ok(panic) = Panic::abi_decode(data) {
        format!("Panic({:#x})", panic.code)
    } else {
        format!("{data}")
    }
}
