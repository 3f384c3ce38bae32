use std::{collections::BTreeMap, sync::Arc};

use ocean_primitives::{Address, Nonce};
use tokio::sync::Mutex;

/// How many addresses are remembered before those not in use are forgotten.
const MANY: usize = 1024;

/// The last nonce used at this target, per address.
///
/// The lock of an address is held from choosing a nonce until the answer's head is there: two requests of one address
/// can then not overtake each other, and the higher nonce never arrives first.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    last: Mutex<BTreeMap<Address, Arc<Mutex<Option<Nonce>>>>>,
}

impl Nonces {
    pub(crate) async fn of(&self, address: Address) -> Arc<Mutex<Option<Nonce>>> {
        let mut last = self.last.lock().await;
        if last.len() > MANY {
            last.retain(|_, nonce| Arc::strong_count(nonce) > 1);
        }
        Arc::clone(last.entry(address).or_default())
    }
}
