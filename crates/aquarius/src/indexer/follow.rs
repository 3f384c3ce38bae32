use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use crate::{
    error::{Error, Result},
    indexer::{
        apply::{Applier, MAX_BACKOFF_SECONDS, block_key, is_transient},
        batch::Batch,
        decode,
        reader::{ChainReader, Header},
    },
    record::{BlockRecord, LogRecord},
    state::{Shared, Trigger},
    store::{BlockRef, Commit, Space},
};
use ocean_primitives::{Address, ChainId};

/// How many blocks back a re-organisation is undone from the journal; a deeper one indexes the chain again.
const DEPTH: u64 = 256;
/// How many blocks back the journal is kept for a block that waits to be read.
const MAX_DEPTH: u64 = 100_000;
/// Within this distance of the head, block hashes are remembered more closely.
const NEAR: u64 = 128;
/// The most blocks in one request for logs.
const MAX_CHUNK: u64 = 4096;
/// A log that the chain's answers keep failing for goes into the retry queue after this many tries of its chunk, and so does
/// a block whose logs cannot be had.
const TRIES: u32 = 3;
/// How many entries of the retry queue are tried in one go.
const RETRIES: usize = 8;
/// The longest pause after errors.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Follows one chain.
pub(crate) struct Follower {
    shared: Arc<Shared>,
    chain: ChainId,
    reader: Arc<dyn ChainReader>,
    applier: Applier,
    start_block: u64,
    poll: Duration,
    chunk: u64,
    failures: u32,
    /// How often the logs of the next block could not be had.
    missing: u32,
    /// The database has moved on and the index in memory could not follow.
    stale: bool,
    /// The database went back to read a block in its place; what is served goes on until the follower is at the head again.
    rewound: bool,
}

impl Follower {
    pub(crate) fn new(
        shared: Arc<Shared>,
        chain: ChainId,
        reader: Arc<dyn ChainReader>,
        applier: Applier,
        start_block: u64,
        poll: Duration,
    ) -> Self {
        Self {
            shared,
            chain,
            reader,
            applier,
            start_block,
            poll,
            chunk: 1024,
            failures: 0,
            missing: 0,
            stale: false,
            rewound: false,
        }
    }

    /// Runs until `stop` says so. Nothing is lost by stopping at any moment: what is not committed is read again.
    pub(crate) async fn run(mut self, mut triggers: mpsc::Receiver<Trigger>, mut stop: watch::Receiver<bool>) {
        let mut next_retry = Instant::now();
        loop {
            let outcome = tokio::select! {
                () = stopped(&mut stop) => return,
                outcome = self.step() => outcome,
            };
            let pause = match outcome {
                Ok(true) => Duration::ZERO,
                Ok(false) => self.poll,
                Err(error) => {
                    self.failures = self.failures.saturating_add(1);
                    self.chunk = (self.chunk / 2).max(1);
                    tracing::warn!(chain = %self.chain, failures = self.failures, %error, "indexing is delayed");
                    let factor = 1 << self.failures.min(6);
                    self.poll.saturating_mul(factor).min(MAX_PAUSE)
                }
            };
            if next_retry <= Instant::now() {
                next_retry = Instant::now() + self.poll.max(Duration::from_millis(200));
                if let Err(error) = self.retry_due().await {
                    tracing::warn!(chain = %self.chain, %error, "retrying failed");
                }
            }
            tokio::select! {
                () = stopped(&mut stop) => return,
                Some(trigger) = triggers.recv() => self.triggered(trigger).await,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks for new blocks once. True when there may be more at once.
    pub(crate) async fn step(&mut self) -> Result<bool> {
        self.catch_up()?;
        let head = self.reader.head().await?;
        self.shared.set_head(self.chain, head.number);
        let Some(cursor) = self.shared.store.cursor(self.chain)? else {
            return self.begin(head).await;
        };
        if head.number <= cursor.number {
            if head.number == cursor.number && head.hash == cursor.hash {
                self.failures = 0;
                self.stale |= std::mem::take(&mut self.rewound);
                self.catch_up()?;
                return Ok(false);
            }
            return self.go_back().await;
        }
        let first =
            if head.number == cursor.number + 1 { Some(head) } else { self.reader.header(cursor.number + 1).await? };
        if first.is_none_or(|first| first.parent != cursor.hash) {
            return self.go_back().await;
        }
        self.index(cursor, head).await
    }

    /// The first step on a chain: the cursor stands before the first block of the deployment.
    async fn begin(&mut self, head: Header) -> Result<bool> {
        let before = self.start_block.saturating_sub(1);
        if head.number < before {
            return Ok(false);
        }
        let Some(header) = self.reader.header(before).await? else {
            return Ok(false);
        };
        let cursor = BlockRef { number: header.number, hash: header.hash };
        let commit = Commit { cursor: Some(cursor), ring: vec![cursor], ..Commit::default() };
        self.commit(commit).await?;
        self.shared.set_served(self.chain, Some(cursor.number));
        Ok(true)
    }

    /// Indexes the next blocks after `cursor`.
    async fn index(&mut self, cursor: BlockRef, head: Header) -> Result<bool> {
        let from = cursor.number + 1;
        let mut to = head.number.min(cursor.number.saturating_add(self.chunk));
        let near = head.number.saturating_sub(NEAR);
        if from <= near && to > near {
            to = near;
        }
        let known = if to == head.number { Some(head) } else { self.reader.header(to).await? };
        let last = known.ok_or(Error::Reorganised { chain: self.chain, block: to })?;
        let reference = BlockRef { number: last.number, hash: last.hash };
        let found = if from == to { self.reader.block_logs(last).await } else { self.reader.logs(from, to).await };
        let (mut logs, missing) = match found {
            Ok(logs) => (logs, None),
            Err(error) if !is_transient(&error) => return Err(error),
            Err(error) if from < to => {
                // Too many logs for one answer, or one block that cannot be read: smaller pieces tell.
                self.chunk = ((to - from) / 2).max(1);
                tracing::debug!(chain = %self.chain, from, to, %error, "asking for fewer blocks");
                return Ok(true);
            }
            Err(error) if self.missing + 1 < TRIES => {
                self.missing += 1;
                return Err(error);
            }
            Err(error) => {
                // The node answers, but not for this block. The cursor may pass it because that is recorded.
                tracing::warn!(chain = %self.chain, block = to, %error, "the logs of a block are missing, asking again later");
                (Vec::new(), Some(error.to_string()))
            }
        };
        // A chain that changed between the two questions shows it here: the hash of a block fixes all blocks before it.
        let is_same = from == to || self.reader.header(to).await? == Some(last);
        if !is_same || logs.iter().any(|log| log.block == to && log.block_hash != last.hash) {
            return Err(Error::Reorganised { chain: self.chain, block: to });
        }
        self.fill_times(&mut logs, last).await?;

        let shared = Arc::clone(&self.shared);
        self.applier.wait_for_documents();
        let mut batch = Batch::new(&shared.store, self.chain, from);
        let mut ring = Vec::new();
        if let Some(reason) = missing {
            batch.at(to);
            self.applier.retry_block(&mut batch, reference, reason)?;
        }
        for log in &logs {
            batch.at(log.block);
            let seen = BlockRef { number: log.block, hash: log.block_hash };
            if ring.last() != Some(&seen) {
                ring.push(seen);
            }
            match self.applier.apply(&mut batch, log).await {
                Ok(()) => {}
                Err(error) if is_transient(&error) && self.failures >= TRIES => {
                    // The cursor may pass only what is recorded.
                    self.applier.postpone(&mut batch, log, error.to_string())?;
                }
                Err(error) => return Err(error),
            }
        }
        if ring.last() != Some(&reference) {
            ring.push(reference);
        }
        let touched = batch.touched()?;
        let commit = batch.finish(Some(reference), ring, self.keep_from(last.number)?);
        self.commit(commit).await?;
        self.show(&touched)?;
        self.shared.set_served(self.chain, Some(last.number));
        self.failures = 0;
        self.missing = 0;
        self.chunk = (self.chunk * 2).min(MAX_CHUNK);
        Ok(to < head.number)
    }

    /// The first block whose journal is still needed: as far back as forks go, or as blocks wait to be read in their place.
    fn keep_from(&self, last: u64) -> Result<u64> {
        let depth = last.saturating_sub(DEPTH);
        let waiting = self.shared.store.first_waiting_block(self.chain)?;
        Ok(waiting.map_or(depth, |block| depth.min(block.saturating_sub(1)).max(last.saturating_sub(MAX_DEPTH))))
    }

    async fn fill_times(&self, logs: &mut [LogRecord], last: Header) -> Result<()> {
        let mut known: Option<(u64, i64)> = Some((last.number, last.time));
        for log in logs.iter_mut().filter(|log| log.time == 0) {
            let time = match known {
                Some((number, time)) if number == log.block => time,
                _ => {
                    let header = self.reader.header(log.block).await?;
                    let header = header.filter(|header| header.hash == log.block_hash);
                    header.ok_or(Error::Reorganised { chain: self.chain, block: log.block })?.time
                }
            };
            known = Some((log.block, time));
            log.time = time;
        }
        Ok(())
    }

    /// The chain is not the one that was indexed: undoes blocks until both agree.
    async fn go_back(&mut self) -> Result<bool> {
        let ring = self.shared.store.ring(self.chain)?;
        let mut ancestor = None;
        for block in ring {
            let header = self.reader.header(block.number).await?;
            if header.is_some_and(|header| header.hash == block.hash) {
                ancestor = Some(block);
                break;
            }
        }
        match ancestor {
            Some(block) => {
                tracing::info!(chain = %self.chain, block = block.number, "the chain was re-organised, going back");
                self.roll_back(block).await?;
            }
            None => {
                tracing::warn!(chain = %self.chain, "no remembered block is on the chain any more, indexing it again");
                let (shared, chain) = (Arc::clone(&self.shared), self.chain);
                self.applier.forget();
                blocking(move || shared.store.forget(chain)).await?;
            }
        }
        self.stale = true;
        self.catch_up()?;
        Ok(true)
    }

    /// Undoes everything after `block` in the database.
    async fn roll_back(&mut self, block: BlockRef) -> Result<()> {
        let (shared, chain) = (Arc::clone(&self.shared), self.chain);
        self.applier.forget();
        blocking(move || shared.store.roll_back(chain, block)).await
    }

    /// Goes back to before `block`, so that what could not be read there is read in its place: events count in the order of
    /// the chain. False when the journal does not reach back so far.
    async fn rewind(&mut self, block: u64) -> Result<bool> {
        let ring = self.shared.store.ring(self.chain)?;
        let Some(before) = ring.into_iter().find(|known| known.number < block) else { return Ok(false) };
        tracing::info!(chain = %self.chain, block, "reading again from a block that can be read now");
        self.roll_back(before).await?;
        self.shared.set_served(self.chain, Some(before.number));
        self.rewound = true;
        Ok(true)
    }

    /// Tries the events again whose time has come.
    pub(crate) async fn retry_due(&mut self) -> Result<()> {
        let now = self.shared.clock.now().as_millisecond();
        self.applier.do_not_wait_for_documents();
        let blocks: Vec<(String, BlockRecord)> = self.shared.store.records(self.chain, Space::Block)?;
        let due_block = blocks.into_iter().map(|(_, entry)| entry).find(|entry| is_due(entry.next_try, now));
        if let Some(entry) = due_block
            && self.block_again(&entry).await?
        {
            // The index went back: what was due is not any more, or will be again.
            return Ok(());
        }
        let limit = RETRIES + self.applier.waiting();
        let mut due = self.shared.store.due(self.chain, (i64::MIN, now), limit)?;
        if due.len() < limit {
            let turned_back = now.saturating_add(MAX_BACKOFF_SECONDS * 1000 + 1);
            due.extend(self.shared.store.due(self.chain, (turned_back, i64::MAX), limit - due.len())?);
        }
        due.retain(|entry| !self.applier.is_waiting(&entry.log));
        // One at a time, each in its own transaction: one that fails holds back nothing but the rest of the queue.
        for entry in due.iter().take(RETRIES) {
            if self.again(&entry.log).await? {
                break;
            }
        }
        Ok(())
    }

    /// Asks for the logs of a block again. True when the index went back for them.
    async fn block_again(&mut self, entry: &BlockRecord) -> Result<bool> {
        let Some(cursor) = self.shared.store.cursor(self.chain)? else {
            return Ok(false);
        };
        let found = match self.reader.header(entry.block).await {
            Ok(Some(header)) if header.hash == entry.hash => {
                self.reader.block_logs(header).await.map(|logs| (header, logs))
            }
            Ok(_) => Err(Error::Reorganised { chain: self.chain, block: entry.block }),
            Err(error) => Err(error),
        };
        let shared = Arc::clone(&self.shared);
        let mut batch = Batch::new(&shared.store, self.chain, cursor.number);
        let readable = match found {
            Ok((header, mut logs)) => match self.try_out(&batch, &mut logs, header).await {
                Ok(()) => Ok(logs),
                Err(error) if is_transient(&error) => Err(error),
                Err(error) => return Err(error),
            },
            Err(error) => Err(error),
        };
        match readable {
            Err(error) => {
                let block = BlockRef { number: entry.block, hash: entry.hash };
                self.applier.retry_block(&mut batch, block, error.to_string())?;
            }
            Ok(logs) if !logs.is_empty() && self.rewind(entry.block).await? => return Ok(true),
            Ok(logs) => {
                // Too long ago to be undone: what is newer stays as it is, and the rest is better late than never.
                for log in &logs {
                    self.applier.apply(&mut batch, log).await?;
                }
                batch.remove(Space::Block, &block_key(entry.block))?;
            }
        }
        self.finish_retry(batch).await?;
        Ok(false)
    }

    /// Whether everything in a block can be processed now. Documents have a queue of their own and may still fail.
    async fn try_out(&mut self, batch: &Batch<'_>, logs: &mut [LogRecord], header: Header) -> Result<()> {
        self.fill_times(logs, header).await?;
        let shared = Arc::clone(&self.shared);
        let mut scratch = Batch::new(&shared.store, batch.chain(), header.number);
        for log in logs.iter().filter(|log| !decode::is_metadata(log)) {
            self.applier.apply(&mut scratch, log).await?;
        }
        Ok(())
    }

    /// Applies a log again. True when the index went back for it.
    async fn again(&mut self, log: &LogRecord) -> Result<bool> {
        let Some(cursor) = self.shared.store.cursor(self.chain)? else {
            return Ok(false);
        };
        let shared = Arc::clone(&self.shared);
        // What a retry changes belongs to the newest block: undoing that block brings the retry back.
        let mut batch = Batch::new(&shared.store, self.chain, cursor.number);
        // A metadata event knows whether a later one has overtaken it; for everything else the order counts.
        let is_metadata = decode::is_metadata(log);
        match self.applier.apply(&mut batch, log).await {
            Ok(()) if !is_metadata => {
                if self.rewind(log.block).await? {
                    return Ok(true);
                }
                batch.remove(Space::Retry, &log.key())?;
            }
            Ok(()) => {}
            Err(error) if is_transient(&error) => self.applier.retry_later(&mut batch, log, error.to_string())?,
            Err(error) => return Err(error),
        }
        self.finish_retry(batch).await?;
        Ok(false)
    }

    async fn finish_retry(&mut self, batch: Batch<'_>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let touched = batch.touched()?;
        self.commit(batch.finish(None, Vec::new(), 0)).await?;
        self.show(&touched)
    }

    async fn triggered(&mut self, trigger: Trigger) {
        let outcome = self.trigger(&trigger).await;
        // Whoever asked may have gone away.
        let _: Result<_, _> = trigger.done.send(outcome);
    }

    /// Indexes the metadata events of one transaction now, if its block has been passed already.
    async fn trigger(&mut self, trigger: &Trigger) -> Result<()> {
        let Some(logs) = self.reader.transaction_logs(trigger.tx).await? else {
            return Ok(());
        };
        let cursor = self.shared.store.cursor(self.chain)?.map_or(0, |cursor| cursor.number);
        self.applier.wait_for_documents();
        for log in logs {
            let wanted = trigger.log_index.is_none_or(|index| index == log.log_index);
            // Everything else counts once, and was counted when its block was read.
            let is_metadata = decode::is_metadata(&log);
            if wanted && is_metadata && log.block <= cursor {
                self.again(&log).await?;
            }
        }
        Ok(())
    }

    /// Loads everything again if what is in memory is older than the database.
    fn catch_up(&mut self) -> Result<()> {
        if self.stale {
            self.shared.index.reload(&self.shared.store, self.chain)?;
            self.shared.set_served(self.chain, self.shared.store.cursor(self.chain)?.map(|cursor| cursor.number));
            self.stale = false;
            self.shared.changed();
        }
        Ok(())
    }

    /// Makes committed changes visible.
    fn show(&mut self, touched: &[Address]) -> Result<()> {
        self.stale = true;
        self.shared.index.refresh(&self.shared.store, self.chain, touched)?;
        self.stale = false;
        self.shared.changed();
        Ok(())
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        let (shared, chain) = (Arc::clone(&self.shared), self.chain);
        blocking(move || shared.store.commit(chain, &commit)).await
    }
}

/// Whether the time has come. One further ahead than any pause was set by a clock that has since gone back, as that of a
/// development chain may.
fn is_due(next_try: i64, now: i64) -> bool {
    next_try <= now || next_try.saturating_sub(now) > MAX_BACKOFF_SECONDS * 1000
}

/// Completes when somebody asked to stop, or nobody is left who could.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The guard of the value must not live on: it is not `Send`.
    let _: bool = stop.wait_for(|stop| *stop).await.is_ok();
}

/// Runs something that waits for the disk off the async threads.
async fn blocking(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Task)?
}

/// Waits for the answer of a follower.
pub(crate) async fn answer(receiver: oneshot::Receiver<Result<()>>, deadline: Duration) -> Option<Result<()>> {
    tokio::time::timeout(deadline, receiver).await.ok()?.ok()
}
