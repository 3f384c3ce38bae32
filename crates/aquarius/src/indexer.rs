//! Follows chains: from logs to records, with undo.

pub(crate) mod apply;
pub(crate) mod batch;
pub(crate) mod decode;
pub(crate) mod follow;
mod pending;
pub(crate) mod reader;

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

pub use self::{
    apply::Allowed,
    decode::topics,
    reader::{ChainReader, Header, NftFacts, RpcReader, TokenFacts},
};
use crate::{
    indexer::{apply::Applier, follow::Follower},
    state::AquariusState,
};

/// How long stopping waits for the followers.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// The running followers; dropping it stops them at once, [`IndexerHandle::stop`] lets them end their transaction.
#[derive(Debug)]
pub struct IndexerHandle {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl IndexerHandle {
    /// Ends the followers and waits for them.
    pub async fn stop(mut self) {
        // The followers hold receivers as long as they run, so there is somebody to tell or nothing to do.
        let _: Result<_, _> = self.stop.send(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_DEADLINE, ended).await.is_err() {
            self.tasks.abort_all();
        }
    }
}

/// Starts a follower for each chain of the state. Call it once: a second set of followers would do the same work again.
pub fn spawn_indexer(state: &AquariusState) -> IndexerHandle {
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for chain in state.shared.chains.values() {
        let Some(triggers) = chain.take_triggers() else {
            tracing::warn!(chain = %chain.id, "the follower of this chain runs already");
            continue;
        };
        let applier = Applier::new(
            Arc::clone(&chain.reader),
            Arc::clone(&state.shared.decryptor),
            Arc::clone(&state.shared.clock),
            state.shared.allowed.clone(),
        );
        let follower = Follower::new(
            Arc::clone(&state.shared),
            chain.id,
            Arc::clone(&chain.reader),
            applier,
            chain.start_block,
            chain.poll_interval,
        );
        tasks.spawn(follower.run(triggers, stopped.clone()));
    }
    IndexerHandle { stop, tasks }
}
