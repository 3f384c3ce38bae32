//! Since when each block can be there, so that what happens after it is timed from the block and not from a receipt.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alloy::providers::Provider as _;

use super::report::{Doing as _, Result, StepError};

/// How often the chain is asked. What follows a block looks slower by at most this and one answer of the chain.
const POLL: Duration = Duration::from_millis(4);

/// Looks at the chain until it is dropped, on a thread of its own: whatever keeps the caller busy must not delay it.
#[derive(Debug)]
pub(super) struct BlockWatch {
    seen: Arc<Mutex<BTreeMap<u64, Instant>>>,
    stop: Arc<AtomicBool>,
}

impl BlockWatch {
    pub(super) fn start(rpc_url: &str) -> Result<Self> {
        let watch = Self { seen: Arc::default(), stop: Arc::default() };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .doing("starting the watch over blocks")?;
        let (url, seen, stop) = (rpc_url.to_owned(), Arc::clone(&watch.seen), Arc::clone(&watch.stop));
        let look = async move {
            let Ok(rpc) = ocean_contracts_bindings::connect(&url) else {
                return;
            };
            let mut next = None;
            // A block was not there yet when the chain was asked the last time without showing it: that is the earliest moment
            // it can have been made, and no delay of this watch makes an indexer look faster than it is.
            let mut before = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                if let Ok(number) = rpc.get_block_number().await {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    for block in next.unwrap_or(number)..=number {
                        seen.insert(block, before);
                    }
                    next = Some(number + 1);
                    before = asked;
                }
                tokio::time::sleep(POLL).await;
            }
        };
        thread::Builder::new()
            .name("block watch".to_owned())
            .spawn(move || runtime.block_on(look))
            .doing("starting the watch over blocks")?;
        Ok(watch)
    }

    /// The earliest moment at which this block can have been made. It is in the chain already, so the watch sees it at once if it has not yet.
    pub(super) async fn made(&self, block: u64) -> Result<Instant> {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let last = {
                let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(at) = seen.get(&block) {
                    return Ok(*at);
                }
                seen.last_key_value().map(|(number, _)| *number)
            };
            if Instant::now() > deadline {
                return Err(StepError::Unexpected {
                    expected: format!("the watch over blocks to see block {block}"),
                    seen: format!("{last:?} as its last block"),
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for BlockWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
