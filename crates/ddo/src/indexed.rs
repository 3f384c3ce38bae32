//! What an indexer adds to a document that it serves, in both shapes that clients read.
//!
//! Aquarius puts `nft`, `event`, `datatokens`, `stats` and `purgatory` at the root; ocean-node puts all but `datatokens` into
//! `indexedMetadata`, with other names inside. ocean.py and the Python Provider read the first, ocean.js, ocean-cli and the market the second.

mod read;

use jiff::Timestamp;
use ocean_primitives::{Address, B256, ExchangeId, ServiceId};
use serde_json::{Map, Value, json};

pub use crate::indexed::read::{IndexedView, PriceView, Shape, read};
use crate::{RawDdo, serialise};

/// All that an indexer knows about an asset and its document does not say.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexedFields {
    /// The data NFT.
    pub nft: NftFields,
    /// The transaction that last wrote the document.
    pub event: EventFields,
    /// The datatokens of the services, in the services' order.
    pub datatokens: Vec<DatatokenFields>,
    /// Orders and prices of the services, in the services' order.
    pub stats: Vec<ServiceStats>,
    /// Whether the asset is flagged.
    pub purgatory: PurgatoryFields,
}

impl IndexedFields {
    /// Fields of an asset without datatokens, orders and flags.
    pub fn new(nft: NftFields, event: EventFields) -> Self {
        Self { nft, event, datatokens: Vec::new(), stats: Vec::new(), purgatory: PurgatoryFields::default() }
    }
}

/// A data NFT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NftFields {
    /// Its address.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// The asset's state as the contract holds it; see [`AssetState`](crate::AssetState).
    pub state: u8,
    /// Its token URI.
    pub token_uri: String,
    /// Who owns it.
    pub owner: Address,
    /// When it was created.
    pub created: Timestamp,
}

/// The transaction that last wrote a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFields {
    /// Its hash.
    pub tx: B256,
    /// Its block.
    pub block: u64,
    /// Its sender.
    pub from: Address,
    /// The data NFT that emitted the event.
    pub contract: Address,
    /// The block's time.
    pub datetime: Timestamp,
}

/// A datatoken and the service it pays for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatatokenFields {
    /// Its address.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// The service.
    pub service_id: ServiceId,
}

/// Orders and prices of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStats {
    /// The datatoken.
    pub datatoken: Address,
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// The service.
    pub service_id: ServiceId,
    /// How often it was ordered.
    pub orders: u64,
    /// Where it is sold, the price to show first.
    pub prices: Vec<PriceFields>,
}

/// How a datatoken is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceKind {
    /// By a fixed-rate exchange.
    FixedRate,
    /// For nothing, by a dispenser.
    Dispenser,
}

/// One place where a datatoken is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceFields {
    /// Exchange or dispenser.
    pub kind: PriceKind,
    /// The price of one datatoken in whole base tokens, as decimal text (`1.5`); `0` for a dispenser.
    pub price: String,
    /// The exchange or dispenser contract.
    pub contract: Address,
    /// The base token; for a dispenser the datatoken.
    pub token: Address,
    /// The symbol of `token`.
    pub token_symbol: Option<String>,
    /// The exchange.
    pub exchange_id: Option<ExchangeId>,
}

/// Whether an asset is on a purgatory list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PurgatoryFields {
    /// Whether it is.
    pub state: bool,
    /// Why.
    pub reason: Option<String>,
}

/// The document as an indexer serves it: its own bytes first and untouched, then both sets of indexed fields.
///
/// Fields of these names that the publisher wrote are left out, so that a document cannot state its own owner, price or state.
/// [`RawDdo::stripped`] takes the indexed fields off again.
pub fn enhance(document: &RawDdo, fields: &IndexedFields) -> String {
    document.stripped().with_members(&members(&fields.all()))
}

/// What an indexer still serves of an asset that may not be shown any more: the indexed fields without the document.
pub fn remains(fields: &IndexedFields) -> String {
    let mut all = fields.all();
    all.remove("purgatory");
    format!("{{{}}}", members(&all))
}

impl IndexedFields {
    fn all(&self) -> Map<String, Value> {
        let mut all = Map::new();
        let mut add = |name: &str, value: Value| all.insert(name.to_owned(), value);
        add("nft", self.nft.to_value(naive(self.nft.created)));
        add("event", self.event.to_value("tx", naive(self.event.datetime)));
        add("datatokens", self.datatokens.iter().map(DatatokenFields::to_value).collect());
        add("stats", self.old_stats());
        add("purgatory", self.purgatory.to_value(true));
        add(
            "indexedMetadata",
            json!({
                "nft": self.nft.to_value(zoned(self.nft.created)),
                "event": self.event.to_value("txid", zoned(self.event.datetime)),
                "stats": self.stats.iter().map(ServiceStats::to_value).collect::<Value>(),
                "purgatory": self.purgatory.to_value(false),
            }),
        );
        all
    }

    /// Aquarius has one order count, and the price of the first datatoken.
    fn old_stats(&self) -> Value {
        let orders = self.stats.iter().fold(0_u64, |sum, stats| sum.saturating_add(stats.orders));
        let price = self
            .stats
            .first()
            .and_then(|stats| stats.prices.first())
            .map_or_else(|| json!({}), PriceFields::to_old_value);
        json!({ "allocated": 0, "orders": orders, "price": price })
    }
}

impl NftFields {
    fn to_value(&self, created: String) -> Value {
        json!({
            "address": self.address.to_checksum(None),
            "name": self.name,
            "symbol": self.symbol,
            "state": self.state,
            "tokenURI": self.token_uri,
            "owner": self.owner.to_checksum(None),
            "created": created,
        })
    }
}

impl EventFields {
    fn to_value(&self, transaction: &str, datetime: String) -> Value {
        json!({
            transaction: self.tx.to_string(),
            "block": self.block,
            "from": self.from.to_checksum(None),
            "contract": self.contract.to_checksum(None),
            "datetime": datetime,
        })
    }
}

impl DatatokenFields {
    fn to_value(&self) -> Value {
        json!({
            "address": self.address.to_checksum(None),
            "name": self.name,
            "symbol": self.symbol,
            "serviceId": self.service_id.as_str(),
        })
    }
}

impl ServiceStats {
    fn to_value(&self) -> Value {
        json!({
            "datatokenAddress": self.datatoken.to_checksum(None),
            "name": self.name,
            "symbol": self.symbol,
            "serviceId": self.service_id.as_str(),
            "orders": self.orders,
            "prices": self.prices.iter().map(PriceFields::to_value).collect::<Value>(),
        })
    }
}

impl PriceFields {
    fn to_value(&self) -> Value {
        let mut value = Map::new();
        let kind = match self.kind {
            PriceKind::FixedRate => "fixedrate",
            PriceKind::Dispenser => "dispenser",
        };
        value.insert("type".to_owned(), kind.into());
        value.insert("price".to_owned(), self.price.as_str().into());
        value.insert("contract".to_owned(), self.contract.to_checksum(None).into());
        value.insert("token".to_owned(), self.token.to_checksum(None).into());
        if let Some(id) = self.exchange_id {
            value.insert("exchangeId".to_owned(), id.to_string().into());
        }
        value.into()
    }

    fn to_old_value(&self) -> Value {
        let mut value = Map::new();
        let price = serde_json::from_str::<serde_json::Number>(&self.price).map_or(Value::Null, Value::Number);
        value.insert("value".to_owned(), price);
        value.insert("tokenAddress".to_owned(), self.token.to_checksum(None).into());
        if let Some(symbol) = &self.token_symbol {
            value.insert("tokenSymbol".to_owned(), symbol.as_str().into());
        }
        value.into()
    }
}

impl PurgatoryFields {
    fn to_value(&self, with_reason: bool) -> Value {
        match &self.reason {
            Some(reason) if with_reason => json!({ "state": self.state, "reason": reason }),
            _ => json!({ "state": self.state }),
        }
    }
}

/// Aquarius: whole seconds without a zone.
fn naive(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// ocean-node: JavaScript's `toISOString`.
fn zoned(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The members of an object as JSON text without braces.
fn members(object: &Map<String, Value>) -> String {
    let text = serialise::value(&Value::Object(object.clone()));
    text.get(1..text.len() - 1).unwrap_or_default().to_owned()
}
