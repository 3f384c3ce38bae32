use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use ocean_crypto::payload;
use ocean_ddo::{DocumentHash, RawDdo};
use ocean_did::Did;
use ocean_primitives::{Address, B256, Clock};
use ocean_service::{DecryptError, DecryptRequest, Decryptor};

use crate::{
    error::{Error, Result},
    indexer::{
        batch::{Batch, Memory, key},
        decode::{self, Event, Metadata},
        pending::Pending,
        reader::ChainReader,
    },
    record::{
        AssetRecord, BlockRecord, DispenserRecord, ExchangeOwner, ExchangeRecord, HashForm, LogRecord, NftRecord,
        RetryRecord, StateRecord, TokenRecord,
    },
    store::{BlockRef, Space},
    validation::{Verdict, judge},
};

/// Documents longer than this are not indexed.
const MAX_DOCUMENT: usize = 8 * 1024 * 1024;
/// The longest time until a failed event is tried again.
pub(crate) const MAX_BACKOFF_SECONDS: i64 = 300;
/// For how long a decryptor that failed is not asked for new documents.
const DOWN_SECONDS: i64 = 10;
/// How long new blocks wait for one document to be decrypted; after that the call goes on beside them.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a look at the retry queue waits for a call that it starts.
const GLANCE: Duration = Duration::from_millis(10);
/// How many decryptors may use up the patience of one piece of the chain.
const SLOW_CALLS: u32 = 2;
/// How many contracts' origins are remembered.
const MEMORY: usize = 20_000;

/// Whose assets are indexed; empty lists allow everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowed {
    /// Senders of the publishing transaction.
    pub publishers: Vec<Address>,
    /// Validators whose proof the metadata transaction must carry.
    pub validators: Vec<Address>,
}

/// Turns logs into changes of records.
#[derive(Debug)]
pub(crate) struct Applier {
    reader: Arc<dyn ChainReader>,
    decryptor: Arc<dyn Decryptor>,
    clock: Arc<dyn Clock>,
    allowed: Allowed,
    /// Contracts that are not what they would have to be for their events to count.
    strangers: Memory<(Kind, Address), ()>,
    approved: Memory<(Kind, Address), ()>,
    symbols: Memory<Address, String>,
    senders: Memory<B256, Address>,
    /// Since when a decryptor is known not to answer.
    down: Memory<String, Timestamp>,
    pending: Pending,
    /// How long to wait for a decryptor.
    patience: Duration,
    slow_calls: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Nft,
    Token,
    FixedRate,
    Dispenser,
}

/// The reason while a decryptor is being asked.
const STILL_WAITING: &str = "the decryptor has not answered yet";

/// Why a document did not make it into the index.
enum Failure {
    /// The decryptor has not answered yet.
    Waiting,
    /// Trying again may help.
    Later(String),
    /// It will never be valid.
    Never(String),
}

impl Applier {
    pub(crate) fn new(
        reader: Arc<dyn ChainReader>,
        decryptor: Arc<dyn Decryptor>,
        clock: Arc<dyn Clock>,
        allowed: Allowed,
    ) -> Self {
        Self {
            reader,
            decryptor,
            clock,
            allowed,
            strangers: Memory::new(MEMORY),
            approved: Memory::new(MEMORY),
            symbols: Memory::new(MEMORY),
            senders: Memory::new(MEMORY),
            down: Memory::new(1000),
            pending: Pending::default(),
            patience: PATIENCE,
            slow_calls: 0,
        }
    }

    /// A new piece of the chain, or an event that somebody asked for: worth waiting for.
    pub(crate) fn wait_for_documents(&mut self) {
        self.patience = PATIENCE;
        self.slow_calls = 0;
    }

    /// The retry queue: calls are started and their answers fetched at a later look.
    pub(crate) fn do_not_wait_for_documents(&mut self) {
        self.patience = GLANCE;
        self.slow_calls = 0;
    }

    /// Whether the document of this log is being decrypted right now.
    pub(crate) fn is_waiting(&self, log: &LogRecord) -> bool {
        self.pending.is_running(&log.key())
    }

    /// How many documents are being decrypted, or are and wait to be fetched.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Forgets what contracts answered: after a re-organisation they may answer otherwise.
    pub(crate) fn forget(&mut self) {
        self.strangers.clear();
        self.approved.clear();
        self.symbols.clear();
        self.senders.clear();
        self.pending.clear();
    }

    /// Applies one log.
    ///
    /// # Errors
    /// A call to the chain failed. Failures of the document itself are recorded in the batch and are no errors.
    pub(crate) async fn apply(&mut self, batch: &mut Batch<'_>, log: &LogRecord) -> Result<()> {
        let Some(event) = decode::event(log) else { return Ok(()) };
        match event {
            Event::NftCreated { nft, name, symbol, token_uri, owner } => {
                // One that is known already was asked for when its events came before this one, which was read late.
                let is_new = batch.bytes(Space::Nft, &key(nft))?.is_none();
                if is_new && log.address == self.reader.factory() {
                    let record = NftRecord {
                        address: nft,
                        name,
                        symbol,
                        token_uri,
                        owner,
                        state: 0,
                        state_place: (0, 0),
                        created: None,
                        tokens: Vec::new(),
                    };
                    batch.put(Space::Nft, &key(nft), &record)?;
                }
            }
            Event::TokenCreated { token, nft, name, symbol } => {
                let is_new = batch.bytes(Space::Token, &key(token))?.is_none();
                if is_new && log.address == self.reader.factory() {
                    self.add_token(batch, TokenRecord::new(token, nft, name, symbol)).await?;
                }
            }
            Event::Metadata { document } => self.metadata(batch, log, document).await?,
            Event::MetadataState { state } => {
                let place = (log.block, log.log_index);
                self.change_nft(batch, log, |nft| set_state(nft, place, state)).await?;
            }
            Event::TokenUri { uri } => self.change_nft(batch, log, |nft| nft.token_uri = uri).await?,
            Event::Transfer { to } => self.transfer(batch, log, to).await?,
            Event::Order => {
                if let Some(mut token) = self.token(batch, log.address).await? {
                    token.orders = token.orders.saturating_add(1);
                    batch.put(Space::Token, &key(token.address), &token)?;
                }
            }
            Event::ExchangeCreated { id, base_token, datatoken, rate } => {
                self.exchange_created(batch, log.address, id, base_token, datatoken, rate).await?;
            }
            Event::ExchangeRate { id, rate } => {
                self.change_exchange(batch, log.address, id, |exchange| exchange.rate = rate)?;
            }
            Event::ExchangeActive { id, active } => {
                self.change_exchange(batch, log.address, id, |exchange| exchange.active = active)?;
            }
            Event::DispenserCreated { datatoken } => self.dispenser(batch, log.address, datatoken, true).await?,
            Event::DispenserActive { datatoken, active } => {
                self.dispenser(batch, log.address, datatoken, active).await?;
            }
        }
        Ok(())
    }

    /// Records that the chain's answers failed for a log: a document waits in the retry queue with a state for its asset,
    /// anything else, whose order counts, until its whole block can be read.
    pub(crate) fn postpone(&self, batch: &mut Batch<'_>, log: &LogRecord, reason: String) -> Result<()> {
        if !decode::is_metadata(log) {
            return self.retry_block(batch, BlockRef { number: log.block, hash: log.block_hash }, reason);
        }
        let before: Option<AssetRecord> = batch.get(Space::Asset, &key(log.address))?;
        let derived = Did::op(log.address, batch.chain());
        let did = before.map_or_else(|| derived.as_str().to_owned(), |before| before.did);
        self.note(batch, log, &did, Some(reason.clone()))?;
        self.retry_later(batch, log, reason)
    }

    /// Puts a log into the retry queue, or moves it to its next try.
    pub(crate) fn retry_later(&self, batch: &mut Batch<'_>, log: &LogRecord, reason: String) -> Result<()> {
        let now = self.clock.now().as_millisecond();
        let before: Option<RetryRecord> = batch.get(Space::Retry, &log.key())?;
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let record = RetryRecord {
            log: log.clone(),
            reason,
            attempts,
            next_try: next_try(now, attempts),
            since: before.map_or(now, |before| before.since),
        };
        batch.put(Space::Retry, &log.key(), &record)
    }

    /// Puts a log whose document is being decrypted into the retry queue, which fetches the answer.
    fn fetch_later(&self, batch: &mut Batch<'_>, log: &LogRecord) -> Result<()> {
        let now = self.clock.now().as_millisecond();
        let reason = STILL_WAITING.to_owned();
        let record = RetryRecord { log: log.clone(), reason, attempts: 0, next_try: now, since: now };
        batch.put(Space::Retry, &log.key(), &record)
    }

    /// Puts a block whose logs cannot be had into the retry queue, or moves it to its next try.
    pub(crate) fn retry_block(&self, batch: &mut Batch<'_>, block: BlockRef, reason: String) -> Result<()> {
        let now = self.clock.now().as_millisecond();
        let before: Option<BlockRecord> = batch.get(Space::Block, &block_key(block.number))?;
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let record = BlockRecord {
            block: block.number,
            hash: block.hash,
            reason,
            attempts,
            next_try: next_try(now, attempts),
            since: before.map_or(now, |before| before.since),
        };
        batch.put(Space::Block, &block_key(block.number), &record)
    }

    async fn metadata(&mut self, batch: &mut Batch<'_>, log: &LogRecord, document: Metadata) -> Result<()> {
        let nft_key = key(log.address);
        let Some(mut nft) = self.nft(batch, log.address).await? else {
            let did = Did::op(log.address, batch.chain());
            self.note(batch, log, did.as_str(), Some("nft not deployed by our factory".to_owned()))?;
            return batch.remove(Space::Retry, &log.key());
        };
        let before: Option<AssetRecord> = batch.get(Space::Asset, &nft_key)?;
        let place = (log.block, log.log_index);
        if before.as_ref().is_some_and(|before| (before.block, before.log_index) >= place) {
            // A retry of an event that a later one has overtaken.
            return batch.remove(Space::Retry, &log.key());
        }
        let first_look = batch.get::<RetryRecord>(Space::Retry, &log.key())?.is_none();
        if first_look {
            // The state on chain holds whatever becomes of the document.
            nft.created.get_or_insert(log.time);
            set_state(&mut nft, place, document.state);
            batch.put(Space::Nft, &nft_key, &nft)?;
        }
        let (reader, known) = (Arc::clone(&self.reader), self.senders.get(&log.tx));
        let sender = async {
            match known {
                Some(sender) => Ok(sender),
                None => reader.sender(log.tx).await,
            }
        };
        let (checked, sender) = tokio::join!(self.document(batch, log, &document, first_look), sender);
        match checked {
            Ok((raw, did, version, hash_form)) => {
                let from = sender?;
                self.senders.insert(log.tx, from);
                if before.is_none() && !self.allowed.publishers.is_empty() && !self.allowed.publishers.contains(&from) {
                    let reason = format!("publisher {from} is not allowed");
                    self.note(batch, log, did.as_str(), Some(reason))?;
                    return batch.remove(Space::Retry, &log.key());
                }
                let record = AssetRecord {
                    did: did.as_str().to_owned(),
                    chain: batch.chain(),
                    nft: log.address,
                    version,
                    tx: log.tx,
                    block: log.block,
                    log_index: log.log_index,
                    from,
                    time: log.time,
                    hash: document.hash,
                    hash_form,
                    sequence: before.map_or(log.block << 20 | (log.log_index & 0xf_ffff), |before| before.sequence),
                };
                batch.put(Space::Asset, &nft_key, &record)?;
                batch.put_bytes(Space::Document, &nft_key, Some(raw.as_bytes().to_vec()))?;
                self.note(batch, log, did.as_str(), None)
            }
            Err(failure) => {
                let did =
                    before.map_or_else(|| Did::op(log.address, batch.chain()).as_str().to_owned(), |before| before.did);
                let reason = match &failure {
                    Failure::Waiting if !first_look => return Ok(()),
                    Failure::Waiting => STILL_WAITING.to_owned(),
                    Failure::Later(reason) | Failure::Never(reason) => reason.clone(),
                };
                tracing::warn!(chain = %batch.chain(), nft = %log.address, tx = %log.tx, %reason, "document is not indexed");
                self.note(batch, log, &did, Some(reason.clone()))?;
                match failure {
                    Failure::Waiting => self.fetch_later(batch, log),
                    Failure::Later(reason) => self.retry_later(batch, log, reason),
                    // The state says why; trying again would change nothing.
                    Failure::Never(_) => batch.remove(Space::Retry, &log.key()),
                }
            }
        }
    }

    /// Decodes, checks and validates the document of an event.
    async fn document(
        &mut self,
        batch: &Batch<'_>,
        log: &LogRecord,
        document: &Metadata,
        first_look: bool,
    ) -> std::result::Result<(RawDdo, Did, String, HashForm), Failure> {
        let never = |reason: String| Failure::Never(reason);
        if !self.allowed.validators.is_empty() {
            let logs = self.reader.transaction_logs(log.tx).await.map_err(|error| Failure::Later(error.to_string()))?;
            let logs = logs.ok_or_else(|| Failure::Later("the transaction has no receipt".to_owned()))?;
            let proven = logs.iter().filter(|other| other.address == log.address).filter_map(decode::validator);
            let proven = proven
                .into_iter()
                .any(|(validator, hash)| hash == document.hash && self.allowed.validators.contains(&validator));
            if !proven {
                return Err(never("no allowed validator has validated the document".to_owned()));
            }
        }
        let flags = document.flags.ok_or_else(|| never("the flags of the event are not known".to_owned()))?;
        let bytes = if flags.is_encrypted() {
            let request = DecryptRequest {
                chain_id: batch.chain(),
                nft: log.address,
                transaction_id: log.tx,
                decryptor_url: document.decryptor_url.clone(),
                encrypted: document.data.clone(),
                flags,
                document_hash: document.hash,
            };
            self.decrypt(&request, &log.key(), first_look).await?
        } else {
            payload::decode(&document.data, flags, None, MAX_DOCUMENT).map_err(|error| never(error.to_string()))?
        };
        if bytes.len() > MAX_DOCUMENT {
            return Err(never(format!("the document is longer than {MAX_DOCUMENT} bytes")));
        }
        let raw = RawDdo::parse(bytes).map_err(|error| never(format!("the document cannot be read: {error}")))?;
        let hash_form = match raw.matches(document.hash, flags.is_encrypted()) {
            Some(DocumentHash::HexText) => HashForm::HexText,
            Some(_) => HashForm::Bytes,
            None => return Err(never("the document does not have the hash on chain".to_owned())),
        };
        let version = match judge(&raw) {
            Verdict::Valid => raw.version().map(|version| version.as_str().to_owned()).unwrap_or_default(),
            Verdict::NoVersion => return Err(never("no version provided for DDO.".to_owned())),
            Verdict::UnknownVersion(version) => return Err(never(format!("Can't find schema {version}."))),
            Verdict::Invalid(errors) => {
                return Err(never(format!("the document is invalid: {}", serde_json::json!(errors))));
            }
        };
        let value = raw.value();
        let id = value.get("id").and_then(serde_json::Value::as_str).unwrap_or_default();
        let did = Did::parse(id).map_err(|error| never(format!("the document has no usable id: {error}")))?;
        if !did.belongs_to(log.address, batch.chain()) {
            return Err(never("did is not valid for chain Id and nft address".to_owned()));
        }
        Ok((raw, did, version, hash_form))
    }

    /// Asks the decryptor. One that has just failed is not asked again for every document of a chunk: that would hold up
    /// all other assets, and the retry queue comes back to it. Nor is one waited for that does not answer at once: its call
    /// goes on, and the retry queue fetches what comes of it.
    async fn decrypt(
        &mut self,
        request: &DecryptRequest,
        log: &str,
        first_look: bool,
    ) -> std::result::Result<Vec<u8>, Failure> {
        let now = self.clock.now();
        let is_down = self.down.get(&request.decryptor_url).is_some_and(|since| {
            let seconds = now.duration_since(since).as_secs();
            (0..DOWN_SECONDS).contains(&seconds)
        });
        if first_look && is_down {
            return Err(Failure::Later("the decryptor was unavailable a moment ago".to_owned()));
        }
        let patience = if self.slow_calls < SLOW_CALLS { self.patience } else { GLANCE };
        let Some(answer) = self.pending.answer(log, &self.decryptor, request, patience).await else {
            self.slow_calls += 1;
            if first_look {
                self.down.insert(request.decryptor_url.clone(), now);
            }
            return Err(Failure::Waiting);
        };
        answer.map_err(|error| match error {
            DecryptError::Unavailable(_) => {
                self.down.insert(request.decryptor_url.clone(), now);
                Failure::Later(error.to_string())
            }
            _ => Failure::Never(error.to_string()),
        })
    }

    /// Records why the latest event of an NFT is or is not indexed, and ends its retries when it is.
    fn note(&self, batch: &mut Batch<'_>, log: &LogRecord, did: &str, error: Option<String>) -> Result<()> {
        let nft_key = key(log.address);
        let before: Option<StateRecord> = batch.get(Space::State, &nft_key)?;
        if before.is_none_or(|before| (before.block, before.log_index) <= (log.block, log.log_index)) {
            let record = StateRecord {
                did: did.to_owned(),
                nft: log.address,
                tx: log.tx,
                block: log.block,
                log_index: log.log_index,
                error: error.clone(),
            };
            batch.put(Space::State, &nft_key, &record)?;
        }
        if error.is_none() { batch.remove(Space::Retry, &log.key()) } else { Ok(()) }
    }

    async fn transfer(&mut self, batch: &mut Batch<'_>, log: &LogRecord, to: Address) -> Result<()> {
        // Every ERC-721 token of the world has this event: only NFTs that are known already count, and the factory's event
        // always comes before the first transfer.
        if let Some(mut nft) = batch.get::<NftRecord>(Space::Nft, &key(log.address))? {
            nft.owner = to;
            batch.put(Space::Nft, &key(log.address), &nft)?;
        }
        Ok(())
    }

    async fn change_nft(
        &mut self,
        batch: &mut Batch<'_>,
        log: &LogRecord,
        change: impl FnOnce(&mut NftRecord),
    ) -> Result<()> {
        if let Some(mut nft) = self.nft(batch, log.address).await? {
            change(&mut nft);
            batch.put(Space::Nft, &key(log.address), &nft)?;
        }
        Ok(())
    }

    async fn add_token(&mut self, batch: &mut Batch<'_>, token: TokenRecord) -> Result<()> {
        if let Some(mut nft) = self.nft(batch, token.nft).await?
            && !nft.tokens.contains(&token.address)
        {
            nft.tokens.push(token.address);
            batch.put(Space::Nft, &key(nft.address), &nft)?;
        }
        batch.put(Space::Token, &key(token.address), &token)
    }

    async fn exchange_created(
        &mut self,
        batch: &mut Batch<'_>,
        contract: Address,
        id: B256,
        base_token: Address,
        datatoken: Address,
        rate: ocean_primitives::U256,
    ) -> Result<()> {
        if !self.is_approved(Kind::FixedRate, contract).await? {
            return Ok(());
        }
        let Some(mut token) = self.token(batch, datatoken).await? else {
            return Ok(());
        };
        let base_symbol = match self.symbols.get(&base_token) {
            Some(symbol) => symbol,
            None => {
                let symbol = self.reader.symbol(base_token).await?;
                self.symbols.insert(base_token, symbol.clone());
                symbol
            }
        };
        token.exchanges.retain(|exchange| (exchange.contract, exchange.id) != (contract, id));
        token.exchanges.push(ExchangeRecord { contract, id, base_token, base_symbol, rate, active: true });
        batch.put(Space::Token, &key(datatoken), &token)?;
        batch.put(Space::Exchange, &exchange_key(contract, id), &ExchangeOwner { datatoken })
    }

    fn change_exchange(
        &self,
        batch: &mut Batch<'_>,
        contract: Address,
        id: B256,
        change: impl FnOnce(&mut ExchangeRecord),
    ) -> Result<()> {
        // Exchanges get in only through approved contracts, so an unknown one is a stranger's.
        let Some(owner) = batch.get::<ExchangeOwner>(Space::Exchange, &exchange_key(contract, id))? else {
            return Ok(());
        };
        let Some(mut token) = batch.get::<TokenRecord>(Space::Token, &key(owner.datatoken))? else {
            return Ok(());
        };
        if let Some(exchange) =
            token.exchanges.iter_mut().find(|exchange| (exchange.contract, exchange.id) == (contract, id))
        {
            change(exchange);
            batch.put(Space::Token, &key(owner.datatoken), &token)?;
        }
        Ok(())
    }

    async fn dispenser(
        &mut self,
        batch: &mut Batch<'_>,
        contract: Address,
        datatoken: Address,
        active: bool,
    ) -> Result<()> {
        if !self.is_approved(Kind::Dispenser, contract).await? {
            return Ok(());
        }
        let Some(mut token) = self.token(batch, datatoken).await? else {
            return Ok(());
        };
        token.dispensers.retain(|dispenser| dispenser.contract != contract);
        token.dispensers.push(DispenserRecord { contract, active });
        batch.put(Space::Token, &key(datatoken), &token)
    }

    /// The record of an NFT, proved by the factory's event or by asking the factory.
    async fn nft(&mut self, batch: &mut Batch<'_>, address: Address) -> Result<Option<NftRecord>> {
        if let Some(nft) = batch.get(Space::Nft, &key(address))? {
            return Ok(Some(nft));
        }
        if self.strangers.get(&(Kind::Nft, address)).is_some() {
            return Ok(None);
        }
        let Some(facts) = self.reader.nft(address).await? else {
            self.strangers.insert((Kind::Nft, address), ());
            return Ok(None);
        };
        let record = NftRecord {
            address,
            name: facts.name,
            symbol: facts.symbol,
            token_uri: facts.token_uri,
            owner: facts.owner,
            state: 0,
            state_place: (0, 0),
            created: None,
            tokens: Vec::new(),
        };
        batch.put(Space::Nft, &key(address), &record)?;
        Ok(Some(record))
    }

    /// The record of a datatoken, proved by the factory's event or by asking the factory.
    async fn token(&mut self, batch: &mut Batch<'_>, address: Address) -> Result<Option<TokenRecord>> {
        if let Some(token) = batch.get(Space::Token, &key(address))? {
            return Ok(Some(token));
        }
        if self.strangers.get(&(Kind::Token, address)).is_some() {
            return Ok(None);
        }
        let Some(facts) = self.reader.token(address).await? else {
            self.strangers.insert((Kind::Token, address), ());
            return Ok(None);
        };
        let record = TokenRecord::new(address, facts.nft, facts.name, facts.symbol);
        self.add_token(batch, record.clone()).await?;
        Ok(Some(record))
    }

    async fn is_approved(&mut self, kind: Kind, contract: Address) -> Result<bool> {
        let known = (kind, contract);
        if self.approved.get(&known).is_some() {
            return Ok(true);
        }
        if self.strangers.get(&known).is_some() {
            return Ok(false);
        }
        let approved = match kind {
            Kind::FixedRate => self.reader.is_fixed_rate(contract).await?,
            _ => self.reader.is_dispenser(contract).await?,
        };
        let memory = if approved { &mut self.approved } else { &mut self.strangers };
        memory.insert(known, ());
        Ok(approved)
    }
}

impl TokenRecord {
    fn new(address: Address, nft: Address, name: String, symbol: String) -> Self {
        Self { address, nft, name, symbol, orders: 0, exchanges: Vec::new(), dispensers: Vec::new() }
    }
}

/// The state of the latest event wins, whatever order events are applied in.
fn set_state(nft: &mut NftRecord, place: (u64, u64), state: u8) {
    if nft.state_place <= place {
        nft.state = state;
        nft.state_place = place;
    }
}

/// When to try again after this many tries; both in unix milliseconds.
fn next_try(now: i64, attempts: u32) -> i64 {
    let seconds = 1_i64.checked_shl(attempts.saturating_sub(1).min(30)).unwrap_or(MAX_BACKOFF_SECONDS);
    now.saturating_add(seconds.min(MAX_BACKOFF_SECONDS) * 1000)
}

/// The key of a block in the retry queue; sorts as the number does.
pub(crate) fn block_key(number: u64) -> String {
    format!("{number:020}")
}

fn exchange_key(contract: Address, id: B256) -> String {
    format!("{contract:#x}-{id:#x}")
}

/// Whether an error of the chain is worth trying the whole chunk again.
pub(crate) fn is_transient(error: &Error) -> bool {
    error.is_retryable()
}
