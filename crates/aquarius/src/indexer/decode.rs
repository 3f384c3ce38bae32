use alloy::{primitives::LogData, sol_types::SolEvent};
use ocean_contracts_bindings::abi::{IDispenser, IErc20Template, IErc721Factory, IErc721Template, IFixedRateExchange};
use ocean_crypto::Flags;
use ocean_primitives::{Address, B256, Bytes, U256};

use crate::record::LogRecord;

/// A metadata event's document as it is on chain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) state: u8,
    pub(crate) decryptor_url: String,
    /// None where the flags are not a number anybody uses.
    pub(crate) flags: Option<Flags>,
    pub(crate) data: Bytes,
    pub(crate) hash: B256,
}

/// What a log says. Who emitted it is checked by whoever applies it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    NftCreated { nft: Address, name: String, symbol: String, token_uri: String, owner: Address },
    TokenCreated { token: Address, nft: Address, name: String, symbol: String },
    Metadata { document: Metadata },
    MetadataState { state: u8 },
    TokenUri { uri: String },
    Transfer { to: Address },
    Order,
    ExchangeCreated { id: B256, base_token: Address, datatoken: Address, rate: U256 },
    ExchangeRate { id: B256, rate: U256 },
    ExchangeActive { id: B256, active: bool },
    DispenserCreated { datatoken: Address },
    DispenserActive { datatoken: Address, active: bool },
}

/// The first topics of all events that the indexer reads.
pub fn topics() -> Vec<B256> {
    vec![
        IErc721Factory::NFTCreated::SIGNATURE_HASH,
        IErc721Factory::TokenCreated::SIGNATURE_HASH,
        IErc721Template::MetadataCreated::SIGNATURE_HASH,
        IErc721Template::MetadataUpdated::SIGNATURE_HASH,
        IErc721Template::MetadataState::SIGNATURE_HASH,
        IErc721Template::TokenURIUpdate::SIGNATURE_HASH,
        IErc721Template::Transfer::SIGNATURE_HASH,
        IErc20Template::OrderStarted::SIGNATURE_HASH,
        IErc20Template::OrderReused::SIGNATURE_HASH,
        IFixedRateExchange::ExchangeCreated::SIGNATURE_HASH,
        IFixedRateExchange::ExchangeRateChanged::SIGNATURE_HASH,
        IFixedRateExchange::ExchangeActivated::SIGNATURE_HASH,
        IFixedRateExchange::ExchangeDeactivated::SIGNATURE_HASH,
        IDispenser::DispenserCreated::SIGNATURE_HASH,
        IDispenser::DispenserActivated::SIGNATURE_HASH,
        IDispenser::DispenserDeactivated::SIGNATURE_HASH,
    ]
}

/// Whether the log can be a metadata validation; such logs are read from the transaction of a metadata event only.
pub(crate) fn validator(log: &LogRecord) -> Option<(Address, B256)> {
    let event = read::<IErc721Template::MetadataValidated>(log)?;
    Some((event.validator, event.metaDataHash))
}

/// Whether the log is the event of a document.
pub(crate) fn is_metadata(log: &LogRecord) -> bool {
    matches!(event(log), Some(Event::Metadata { .. }))
}

/// Reads a log; none for every log that is not exactly one of the events.
pub(crate) fn event(log: &LogRecord) -> Option<Event> {
    let topic = *log.topics.first()?;
    let is = |hash: B256| topic == hash;
    if is(IErc721Factory::NFTCreated::SIGNATURE_HASH) {
        let event = read::<IErc721Factory::NFTCreated>(log)?;
        return Some(Event::NftCreated {
            nft: event.newTokenAddress,
            name: event.tokenName,
            symbol: event.symbol,
            token_uri: event.tokenURI,
            owner: event.admin,
        });
    }
    if is(IErc721Factory::TokenCreated::SIGNATURE_HASH) {
        let event = read::<IErc721Factory::TokenCreated>(log)?;
        // The factory lets only data NFTs create tokens: the creator is the NFT.
        return Some(Event::TokenCreated {
            token: event.newTokenAddress,
            nft: event.creator,
            name: event.name,
            symbol: event.symbol,
        });
    }
    if is(IErc721Template::MetadataCreated::SIGNATURE_HASH) {
        let event = read::<IErc721Template::MetadataCreated>(log)?;
        return Some(metadata(event.state, event.decryptorUrl, &event.flags, event.data, event.metaDataHash));
    }
    if is(IErc721Template::MetadataUpdated::SIGNATURE_HASH) {
        let event = read::<IErc721Template::MetadataUpdated>(log)?;
        return Some(metadata(event.state, event.decryptorUrl, &event.flags, event.data, event.metaDataHash));
    }
    if is(IErc721Template::MetadataState::SIGNATURE_HASH) {
        return Some(Event::MetadataState { state: read::<IErc721Template::MetadataState>(log)?.state });
    }
    if is(IErc721Template::TokenURIUpdate::SIGNATURE_HASH) {
        let event = read::<IErc721Template::TokenURIUpdate>(log)?;
        return Some(Event::TokenUri { uri: event.tokenURI });
    }
    if is(IErc721Template::Transfer::SIGNATURE_HASH) {
        // ERC-20 transfers share the topic and have one topic less.
        let event = read::<IErc721Template::Transfer>(log)?;
        return (event.tokenId == U256::from(1)).then_some(Event::Transfer { to: event.to });
    }
    if is(IErc20Template::OrderStarted::SIGNATURE_HASH) {
        return read::<IErc20Template::OrderStarted>(log).map(|_| Event::Order);
    }
    if is(IErc20Template::OrderReused::SIGNATURE_HASH) {
        return read::<IErc20Template::OrderReused>(log).map(|_| Event::Order);
    }
    exchange(log, topic)
}

fn exchange(log: &LogRecord, topic: B256) -> Option<Event> {
    let is = |hash: B256| topic == hash;
    if is(IFixedRateExchange::ExchangeCreated::SIGNATURE_HASH) {
        let event = read::<IFixedRateExchange::ExchangeCreated>(log)?;
        return Some(Event::ExchangeCreated {
            id: event.exchangeId,
            base_token: event.baseToken,
            datatoken: event.datatoken,
            rate: event.fixedRate,
        });
    }
    if is(IFixedRateExchange::ExchangeRateChanged::SIGNATURE_HASH) {
        let event = read::<IFixedRateExchange::ExchangeRateChanged>(log)?;
        return Some(Event::ExchangeRate { id: event.exchangeId, rate: event.newRate });
    }
    if is(IFixedRateExchange::ExchangeActivated::SIGNATURE_HASH) {
        let event = read::<IFixedRateExchange::ExchangeActivated>(log)?;
        return Some(Event::ExchangeActive { id: event.exchangeId, active: true });
    }
    if is(IFixedRateExchange::ExchangeDeactivated::SIGNATURE_HASH) {
        let event = read::<IFixedRateExchange::ExchangeDeactivated>(log)?;
        return Some(Event::ExchangeActive { id: event.exchangeId, active: false });
    }
    if is(IDispenser::DispenserCreated::SIGNATURE_HASH) {
        let event = read::<IDispenser::DispenserCreated>(log)?;
        return Some(Event::DispenserCreated { datatoken: event.datatokenAddress });
    }
    if is(IDispenser::DispenserActivated::SIGNATURE_HASH) {
        let event = read::<IDispenser::DispenserActivated>(log)?;
        return Some(Event::DispenserActive { datatoken: event.datatokenAddress, active: true });
    }
    if is(IDispenser::DispenserDeactivated::SIGNATURE_HASH) {
        let event = read::<IDispenser::DispenserDeactivated>(log)?;
        return Some(Event::DispenserActive { datatoken: event.datatokenAddress, active: false });
    }
    None
}

fn metadata(state: u8, decryptor_url: String, flags: &Bytes, data: Bytes, hash: B256) -> Event {
    Event::Metadata { document: Metadata { state, decryptor_url, flags: Flags::from_bytes(flags).ok(), data, hash } }
}

/// Decodes only what has exactly the topics of the event: a log with another number of topics is another event.
fn read<E: SolEvent>(log: &LogRecord) -> Option<E> {
    let data = LogData::new(log.topics.clone(), log.data.clone())?;
    E::decode_log_data(&data).ok()
}
