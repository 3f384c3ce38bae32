use std::collections::BTreeMap;

use ocean_contracts_bindings::Error;
use ocean_ddo::{Access, AccessList, Credential, Credentials};
use ocean_primitives::{Address, Dialect};

use super::AccessError;
use crate::chain::Chain;

/// The most access lists of one document that are asked: a stranger wrote it.
const MAX_LISTS: usize = 16;

/// Whether `consumer` may, with the access lists of this chain asked where they decide.
///
/// A list of another chain, one list too many, or a contract that does not answer as a list admits nobody and excludes everybody.
pub(super) async fn check(
    chain: &Chain,
    dialect: Dialect,
    credentials: &Credentials,
    consumer: Address,
) -> Result<Access, AccessError> {
    // Without the lists the answer is the strictest one: they can only turn a no into a yes.
    let strictest = credentials.check_address(consumer, dialect);
    let Some(lists) = lists_of(chain, credentials).filter(|lists| !lists.is_empty() && !strictest.is_allowed()) else {
        return Ok(strictest);
    };
    let mut members = BTreeMap::new();
    for list in lists {
        match chain.contracts().balance_of(list.address, consumer).await {
            Ok(balance) => members.insert(list, !balance.0.is_zero()),
            Err(Error::Revert { .. } | Error::Answer { .. }) => return Ok(strictest),
            Err(error) => return Err(AccessError::unavailable(chain, &error)),
        };
    }
    Ok(credentials.check(consumer, dialect, |list| members.get(list).copied().unwrap_or_default()))
}

/// The access lists that decide, each once; nothing when not all of them can be asked.
fn lists_of(chain: &Chain, credentials: &Credentials) -> Option<Vec<AccessList>> {
    let mut lists: Vec<AccessList> = credentials
        .allow
        .iter()
        .chain(&credentials.deny)
        .filter_map(|entry| match entry {
            Credential::AccessList(list) => Some(*list),
            _ => None,
        })
        .collect();
    lists.sort_unstable();
    lists.dedup();
    (lists.len() <= MAX_LISTS && lists.iter().all(|list| list.chain_id == chain.id)).then_some(lists)
}
