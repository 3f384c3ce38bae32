//! `GET /api/aquarius/state/ddo`, `GET /api/aquarius/state/retryQueue` and `GET /api/services/indexQueue`.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use ocean_aquarius_api::{
    ApiError,
    query::{Hit, Response as Envelope},
    state::{DdoState, DdoStateQuery},
};
use ocean_primitives::{Address, B256, ChainId};
use serde_json::{Value, json};

use crate::{
    error::Result,
    indexer::batch::key,
    record::{BlockRecord, RetryRecord, StateRecord},
    routes::respond,
    state::AquariusState,
    store::Space,
};

/// The most entries of the retry queue in one answer.
const MAX_QUEUE: usize = 10_000;

pub(crate) async fn ddo(State(state): State<AquariusState>, Query(query): Query<DdoStateQuery>) -> Response {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (did, nft, tx) = (filled(&query.did), filled(&query.nft), filled(&query.tx_id));
    if did.is_none() && nft.is_none() && tx.is_none() {
        return respond::error(state.dialect, &ApiError::StateArguments);
    }
    let found = find(&state, query.chain_id.as_deref(), did.as_deref(), nft.as_deref(), tx.as_deref());
    match found {
        Ok(Some(found)) => respond::json(&found.to_json(state.dialect)),
        Ok(None) => respond::error(state.dialect, &ApiError::StateNotFound),
        Err(error) => respond::error(state.dialect, &respond::internal(&error)),
    }
}

fn find(
    state: &AquariusState,
    chain: Option<&str>,
    did: Option<&str>,
    nft: Option<&str>,
    tx: Option<&str>,
) -> Result<Option<DdoState>> {
    for id in chains(state, chain) {
        let to_state =
            |record: StateRecord| DdoState::new(id, record.did, record.nft, format!("{:#x}", record.tx), record.error);
        let fits = |record: &StateRecord| {
            did.is_none_or(|did| record.did == did)
                && nft.is_none_or(|nft| nft.parse::<Address>().is_ok_and(|nft| nft == record.nft))
                && tx.is_none_or(|tx| tx.parse::<B256>().is_ok_and(|tx| tx == record.tx))
        };
        let records: Vec<StateRecord> = match (nft, did, tx) {
            (Some(nft), _, _) => match nft.parse::<Address>() {
                Ok(nft) => state.shared.store.record(id, Space::State, &key(nft))?.into_iter().collect(),
                Err(_) => Vec::new(),
            },
            (_, Some(did), _) => state.shared.store.states_by_did(id, did)?,
            (_, _, Some(tx)) => match tx.parse::<B256>() {
                Ok(tx) => state.shared.store.states_by_tx(id, tx)?,
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        };
        if let Some(record) = records.into_iter().find(fits) {
            return Ok(Some(to_state(record)));
        }
    }
    Ok(None)
}

/// The chain of the request, or all of them.
fn chains(state: &AquariusState, wanted: Option<&str>) -> Vec<ChainId> {
    let ids = state.shared.chains.keys().copied();
    match wanted.filter(|text| !text.is_empty()) {
        None => ids.collect(),
        Some(text) => ids.filter(|id| text.parse::<ChainId>().is_ok_and(|wanted| wanted == *id)).collect(),
    }
}

pub(crate) async fn retry_queue(
    State(state): State<AquariusState>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    match hits(&state, &query) {
        Err(error) => respond::error(state.dialect, &respond::internal(&error)),
        Ok(hits) => {
            let best = (!hits.is_empty()).then_some(1.0);
            respond::json(&json!(Envelope::new(0, hits.len() as u64, best, hits, None)))
        }
    }
}

/// The entries of the retry queue that the query asks for: whole blocks first, then single events.
fn hits(state: &AquariusState, query: &BTreeMap<String, String>) -> Result<Vec<Hit>> {
    let wanted = |key: &str, test: &dyn Fn(&str) -> bool| {
        query.get(key).filter(|text| !text.is_empty()).is_none_or(|text| test(text))
    };
    let chain = query.get("chainId").map(String::as_str);
    let mut sources = Vec::new();
    // A block belongs to no NFT until its logs are known.
    if wanted("type", &|kind| kind == "block") && wanted("did", &|_| false) && wanted("nft", &|_| false) {
        for chain in chains(state, chain) {
            let blocks: Vec<(String, BlockRecord)> = state.shared.store.records(chain, Space::Block)?;
            sources.extend(blocks.into_iter().map(|(_, entry)| {
                let source = json!({
                    "type": "block",
                    "chain_id": chain,
                    "block": entry.block,
                    "number_retries": entry.attempts,
                    "next_retry": entry.next_try / 1000,
                    "create_timestamp": entry.since / 1000,
                    "error": entry.reason,
                    "data": { "block": entry.block },
                });
                (format!("{chain}-block-{}", entry.block), source)
            }));
        }
    }
    if wanted("type", &|kind| kind == "event") {
        for (chain, id, entry) in queue(state, chain)? {
            let nft = entry.log.address;
            let did = ocean_did::Did::op(nft, chain).as_str().to_owned();
            let is_wanted = wanted("did", &|text| text == did)
                && wanted("nft", &|text| text.parse::<Address>().is_ok_and(|address| address == nft));
            if !is_wanted {
                continue;
            }
            let source = json!({
                "type": "event",
                "chain_id": chain,
                "nft_address": nft.to_checksum(None),
                "did": did,
                "tx_id": entry.log.tx,
                "block": entry.log.block,
                "log_index": entry.log.log_index,
                "number_retries": entry.attempts,
                "next_retry": entry.next_try / 1000,
                "create_timestamp": entry.since / 1000,
                "error": entry.reason,
                "data": entry.log,
            });
            sources.push((id, source));
        }
    }
    let hits = sources.into_iter().take(MAX_QUEUE).map(|(id, source)| {
        let mut hit = Hit::new(id, Some(1.0), source, None);
        hit.index = "aquarius_retries".to_owned();
        hit
    });
    Ok(hits.collect())
}

pub(crate) async fn index_queue(State(state): State<AquariusState>) -> Response {
    match queue(&state, None) {
        Err(error) => respond::error(state.dialect, &respond::internal(&error)),
        Ok(entries) => {
            let queue: Vec<Value> = entries
                .into_iter()
                .take(MAX_QUEUE)
                .map(|(chain, _, entry)| json!({ "txId": entry.log.tx, "chainId": chain, "eventIndex": entry.log.log_index }))
                .collect();
            respond::json(&json!({ "queue": queue }))
        }
    }
}

fn queue(state: &AquariusState, chain: Option<&str>) -> Result<Vec<(ChainId, String, RetryRecord)>> {
    let mut entries = Vec::new();
    for chain in chains(state, chain) {
        let records: Vec<(String, RetryRecord)> = state.shared.store.records(chain, Space::Retry)?;
        entries.extend(records.into_iter().map(|(key, record)| (chain, key, record)));
    }
    Ok(entries)
}
