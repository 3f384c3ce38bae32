//! Access lists and the escrow contract's events, read from the chain's own logs: nothing of them is kept here.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, U256},
    providers::Provider as _,
    rpc::types::{BlockNumberOrTag, Filter, Log},
    sol_types::SolEvent,
};
use ocean_contracts_bindings::{
    Error,
    abi::{IAccessList, IAccessListFactory, IEscrow, IEscrowPlain, IEscrowTimed},
};
use ocean_provider_api::{
    ApiError,
    chain_records::{AccessListRecord, AccessListUser, EscrowEventsRequest, EscrowRecord},
};
use ocean_service::Chain;

/// The most access lists of one address, and the most blocks whose time is asked for one list.
const MOST: usize = 100;

/// One access list that the chain's factory has made; nothing where it made none at that address.
pub(crate) async fn access_list(chain: &Chain, contract: Address) -> Result<Option<AccessListRecord>, ApiError> {
    let Some(factory) = chain.deployment.access_list_factory else { return Ok(None) };
    let contracts = chain.contracts();
    let made = IAccessListFactory::isDeployedCall { contractAddress: contract };
    match contracts.read(factory, &made).await {
        Ok(true) => {}
        Ok(false) | Err(Error::Revert { .. } | Error::Answer { .. }) => return Ok(None),
        Err(error) => return Err(unavailable(chain, &error)),
    }
    let (name, symbol, transferable) = tokio::try_join!(
        contracts.read(contract, &IAccessList::nameCall {}),
        contracts.read(contract, &IAccessList::symbolCall {}),
        contracts.read(contract, &IAccessList::transferableCall {}),
    )
    .map_err(|error| unavailable(chain, &error))?;
    let created = Filter::new()
        .address(factory)
        .event_signature(IAccessListFactory::NewAccessList::SIGNATURE_HASH)
        .topic1(contract.into_word());
    let created = logs(chain, created).await?;
    let (block, tx) = created.first().map(place).unwrap_or_default();
    Ok(Some(AccessListRecord {
        chain: chain.id,
        contract,
        name,
        symbol,
        transferable,
        block,
        tx,
        users: users(chain, contract).await?,
    }))
}

/// Every access list that `wallet` is on, each once.
pub(crate) async fn access_lists(chain: &Chain, wallet: Address) -> Result<Vec<AccessListRecord>, ApiError> {
    if chain.deployment.access_list_factory.is_none() {
        return Ok(Vec::new());
    }
    let added = Filter::new().event_signature(IAccessList::AddressAdded::SIGNATURE_HASH).topic1(wallet.into_word());
    // Anybody can emit an event that looks the same: the factory is asked about each contract.
    let mut contracts: Vec<Address> = logs(chain, added).await?.iter().map(Log::address).collect();
    contracts.sort_unstable();
    contracts.dedup();
    let mut records = Vec::new();
    for contract in contracts.into_iter().take(MOST) {
        let record = access_list(chain, contract).await?;
        records.extend(record.filter(|record| record.users.iter().any(|user| user.wallet == wallet)));
    }
    Ok(records)
}

/// Who is on a list now, in the order in which they came.
async fn users(chain: &Chain, contract: Address) -> Result<Vec<AccessListUser>, ApiError> {
    let changes = Filter::new()
        .address(contract)
        .event_signature(vec![IAccessList::AddressAdded::SIGNATURE_HASH, IAccessList::AddressRemoved::SIGNATURE_HASH]);
    let mut members: BTreeMap<U256, AccessListUser> = BTreeMap::new();
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    for log in logs(chain, changes).await? {
        if let Ok(added) = IAccessList::AddressAdded::decode_log(&log.inner) {
            let (block, tx) = place(&log);
            let timestamp = match (log.block_timestamp, times.get(&block)) {
                (Some(time), _) => time,
                (None, Some(time)) => *time,
                (None, None) if times.len() < MOST => *times.entry(block).or_insert(time(chain, block).await?),
                (None, None) => 0,
            };
            let token = added.data.tokenId;
            members.insert(token, AccessListUser { wallet: added.data.wallet, token, block, tx, timestamp });
        } else if let Ok(removed) = IAccessList::AddressRemoved::decode_log(&log.inner) {
            members.remove(&removed.data.tokenId);
        }
    }
    Ok(members.into_values().collect())
}

async fn time(chain: &Chain, block: u64) -> Result<u64, ApiError> {
    let found = chain.rpc.get_block_by_number(BlockNumberOrTag::Number(block)).await;
    Ok(found.map_err(|_| unavailable(chain, &"eth_getBlockByNumber"))?.map_or(0, |block| block.header.timestamp))
}

/// The escrow contract's events that were asked for, oldest first.
pub(crate) async fn escrow_events(chain: &Chain, asked: &EscrowEventsRequest) -> Result<Vec<EscrowRecord>, ApiError> {
    let Some(escrow) = chain.deployment.escrow else { return Ok(Vec::new()) };
    let known = vec![
        IEscrowPlain::Auth::SIGNATURE_HASH,
        IEscrowTimed::Auth::SIGNATURE_HASH,
        IEscrow::Lock::SIGNATURE_HASH,
        IEscrow::Claimed::SIGNATURE_HASH,
        IEscrow::Canceled::SIGNATURE_HASH,
        IEscrow::Deposit::SIGNATURE_HASH,
        IEscrow::Withdraw::SIGNATURE_HASH,
    ];
    let found = logs(chain, Filter::new().address(escrow).event_signature(known)).await?;
    let records = found.iter().filter_map(|log| record(chain, log));
    Ok(records.filter(|record| record.is_wanted(asked)).collect())
}

fn record(chain: &Chain, log: &Log) -> Option<EscrowRecord> {
    let address = |name, address: Address| (name, format!("{address:#x}"));
    let number = |name, number: U256| (name, number.to_string());
    let auth = |payer, payee, amount, seconds, counts| {
        vec![
            address("payer", payer),
            address("payee", payee),
            number("maxLockedAmount", amount),
            number("maxLockSeconds", seconds),
            number("maxLockCounts", counts),
        ]
    };
    let (kind, values) = if let Ok(event) = IEscrowPlain::Auth::decode_log(&log.inner) {
        let event = event.data;
        let values = auth(event.payer, event.payee, event.maxLockedAmount, event.maxLockSeconds, event.maxLockCounts);
        ("Auth", values)
    } else if let Ok(event) = IEscrowTimed::Auth::decode_log(&log.inner) {
        let event = event.data;
        let mut values =
            auth(event.payer, event.payee, event.maxLockedAmount, event.maxLockSeconds, event.maxLockCounts);
        values.push(address("token", event.token));
        ("Auth", values)
    } else if let Ok(event) = IEscrow::Lock::decode_log(&log.inner) {
        let event = event.data;
        let values = vec![
            address("payer", event.payer),
            address("payee", event.payee),
            number("jobId", event.jobId),
            number("amount", event.amount),
            number("expiry", event.expiry),
            address("token", event.token),
        ];
        ("Lock", values)
    } else if let Ok(event) = IEscrow::Claimed::decode_log(&log.inner) {
        let event = event.data;
        let values = vec![
            address("payee", event.payee),
            number("jobId", event.jobId),
            address("token", event.token),
            address("payer", event.payer),
            number("amount", event.amount),
            ("proof", event.proof.to_string()),
        ];
        ("Claimed", values)
    } else if let Ok(event) = IEscrow::Canceled::decode_log(&log.inner) {
        let event = event.data;
        let values = vec![
            address("payee", event.payee),
            number("jobId", event.jobId),
            address("token", event.token),
            address("payer", event.payer),
            number("amount", event.amount),
        ];
        ("Canceled", values)
    } else if let Ok(event) = IEscrow::Deposit::decode_log(&log.inner) {
        let event = event.data;
        let values = vec![address("payer", event.payer), address("token", event.token), number("amount", event.amount)];
        ("Deposit", values)
    } else {
        let event = IEscrow::Withdraw::decode_log(&log.inner).ok()?.data;
        let values = vec![address("payer", event.payer), address("token", event.token), number("amount", event.amount)];
        ("Withdraw", values)
    };
    let (block, tx) = place(log);
    let index = log.log_index.unwrap_or_default();
    Some(EscrowRecord { kind, chain: chain.id, contract: log.address(), block, tx, index, values })
}

/// Block and transaction of a log.
fn place(log: &Log) -> (u64, alloy::primitives::B256) {
    (log.block_number.unwrap_or_default(), log.transaction_hash.unwrap_or_default())
}

async fn logs(chain: &Chain, filter: Filter) -> Result<Vec<Log>, ApiError> {
    let filter = filter.from_block(BlockNumberOrTag::Earliest).to_block(BlockNumberOrTag::Latest);
    chain.rpc.get_logs(&filter).await.map_err(|_| unavailable(chain, &"eth_getLogs"))
}

/// Without the transport's own words: they repeat the node's URL, which may hold an access key.
fn unavailable(chain: &Chain, failed: &impl std::fmt::Display) -> ApiError {
    tracing::warn!(chain = %chain.id, %failed, "the chain does not answer");
    ApiError::Unavailable("the chain")
}
