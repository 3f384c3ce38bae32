use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use ocean_primitives::{Address, B256, ExchangeId, ServiceId};
use serde_json::Value;

use crate::{
    Error, RawDdo, Result,
    indexed::{DatatokenFields, EventFields, NftFields, PriceFields, PriceKind, PurgatoryFields, ServiceStats},
};

/// Whose shape is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `nft`, `event`, `datatokens`, `stats` and `purgatory` at the root.
    Aquarius,
    /// `indexedMetadata`, and `datatokens` at the root. In version 5 both may stand in `credentialSubject`.
    OceanNode,
}

/// What a document says that an indexer added. Peers leave out what they do not know.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct IndexedView {
    /// The data NFT.
    pub nft: Option<NftFields>,
    /// The transaction that last wrote the document.
    pub event: Option<EventFields>,
    /// The datatokens.
    pub datatokens: Vec<DatatokenFields>,
    /// Orders of the whole asset: Aquarius' count, or the sum over the services.
    pub orders: Option<u64>,
    /// The price to show: Aquarius' only one, or the first of the first service.
    pub price: Option<PriceView>,
    /// Orders and prices of each service; ocean-node only.
    pub stats: Vec<ServiceStats>,
    /// Whether the asset is flagged.
    pub purgatory: PurgatoryFields,
}

/// A price as a document shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceView {
    /// The price of one datatoken in whole base tokens, as the text of the number.
    pub value: String,
    /// The base token.
    pub token: Option<Address>,
    /// Its symbol.
    pub token_symbol: Option<String>,
}

/// Reads what an indexer added, in one of the two shapes; nothing when the document has none of it.
///
/// # Errors
/// [`Error::Indexed`] when a member is there in another form.
pub fn read(document: &RawDdo, shape: Shape) -> Result<Option<IndexedView>> {
    let value = document.value();
    let (place, prefix, root) = match shape {
        Shape::Aquarius => (&value, "", &value),
        Shape::OceanNode => {
            let subject = value.get("credentialSubject");
            match (value.get("indexedMetadata"), subject.and_then(|subject| subject.get("indexedMetadata"))) {
                (Some(added), _) => (added, "/indexedMetadata", &value),
                (None, Some(added)) => (added, "/credentialSubject/indexedMetadata", subject.unwrap_or(&value)),
                (None, None) => return Ok(None),
            }
        }
    };
    let reader = |name: &str| Reader { value: place.get(name), pointer: format!("{prefix}/{name}") };
    let (nft, event, stats, purgatory) = (reader("nft"), reader("event"), reader("stats"), reader("purgatory"));
    let datatokens = Reader { value: root.get("datatokens"), pointer: "/datatokens".to_owned() };
    if [&nft, &event, &stats, &purgatory].iter().all(|reader| reader.value.is_none()) {
        return Ok(None);
    }
    let mut view = IndexedView {
        nft: nft.optional(nft_fields)?,
        event: event.optional(|event| event_fields(event, shape))?,
        datatokens: datatokens.items(datatoken_fields)?,
        ..IndexedView::default()
    };
    if purgatory.present() {
        view.purgatory.state = purgatory.get("state").value.and_then(Value::as_bool).unwrap_or_default();
        view.purgatory.reason = purgatory.get("reason").text().ok();
    }
    match stats.value {
        Some(Value::Object(_)) => {
            view.orders = stats.get("orders").value.and_then(Value::as_u64);
            let price = stats.get("price");
            if price.get("value").present() {
                view.price = Some(PriceView {
                    value: price.get("value").number()?,
                    token: price.get("tokenAddress").optional(Reader::address)?,
                    token_symbol: price.get("tokenSymbol").text().ok(),
                });
            }
        }
        Some(Value::Array(_)) => {
            view.stats = stats.items(service_stats)?;
            view.orders = Some(view.stats.iter().fold(0, |sum, stats| sum.saturating_add(stats.orders)));
            view.price = view.stats.first().and_then(|stats| stats.prices.first()).map(|price| PriceView {
                value: price.price.clone(),
                token: Some(price.token),
                token_symbol: price.token_symbol.clone(),
            });
        }
        _ => {}
    }
    Ok(Some(view))
}

fn nft_fields(nft: &Reader<'_>) -> Result<NftFields> {
    Ok(NftFields {
        address: nft.get("address").address()?,
        name: nft.get("name").text()?,
        symbol: nft.get("symbol").text()?,
        state: nft.get("state").integer()?.try_into().map_err(|_| nft.get("state").fail("a state"))?,
        token_uri: nft.get("tokenURI").text().unwrap_or_default(),
        owner: nft.get("owner").address()?,
        created: nft.get("created").time()?,
    })
}

fn event_fields(event: &Reader<'_>, shape: Shape) -> Result<EventFields> {
    let (name, other) = match shape {
        Shape::Aquarius => ("tx", "txid"),
        Shape::OceanNode => ("txid", "tx"),
    };
    let tx = Some(event.get(name)).filter(Reader::present).unwrap_or_else(|| event.get(other));
    Ok(EventFields {
        tx: tx.text()?.parse().map_err(|_| tx.fail("a transaction hash"))?,
        block: event.get("block").integer()?,
        from: event.get("from").address()?,
        contract: event.get("contract").address()?,
        datetime: event.get("datetime").time()?,
    })
}

fn datatoken_fields(datatoken: &Reader<'_>) -> Result<DatatokenFields> {
    Ok(DatatokenFields {
        address: datatoken.get("address").address()?,
        name: datatoken.get("name").text()?,
        symbol: datatoken.get("symbol").text()?,
        service_id: datatoken.get("serviceId").service_id()?,
    })
}

fn service_stats(stats: &Reader<'_>) -> Result<ServiceStats> {
    Ok(ServiceStats {
        datatoken: stats.get("datatokenAddress").address()?,
        name: stats.get("name").text()?,
        symbol: stats.get("symbol").text()?,
        service_id: stats.get("serviceId").service_id()?,
        orders: stats.get("orders").integer()?,
        prices: stats.get("prices").items(price_fields)?,
    })
}

fn price_fields(price: &Reader<'_>) -> Result<PriceFields> {
    let kind = price.get("type");
    Ok(PriceFields {
        kind: match kind.text()?.as_str() {
            "fixedrate" => PriceKind::FixedRate,
            "dispenser" => PriceKind::Dispenser,
            _ => return Err(kind.fail("fixedrate or dispenser")),
        },
        price: price.get("price").number()?,
        contract: price.get("contract").address()?,
        token: price.get("token").address()?,
        token_symbol: None,
        exchange_id: price
            .get("exchangeId")
            .optional(|id| id.text()?.parse::<B256>().map(ExchangeId).map_err(|_| id.fail("an exchange id")))?,
    })
}

/// A value and where it stands.
struct Reader<'v> {
    value: Option<&'v Value>,
    pointer: String,
}

impl<'v> Reader<'v> {
    fn get(&self, name: &str) -> Reader<'v> {
        Reader { value: self.value.and_then(|value| value.get(name)), pointer: format!("{}/{name}", self.pointer) }
    }

    fn present(&self) -> bool {
        self.value.is_some_and(|value| !value.is_null())
    }

    /// An empty object counts as nothing, as both peers write what they do not know.
    fn optional<T>(&self, read: impl Fn(&Self) -> Result<T>) -> Result<Option<T>> {
        let nothing = !self.present() || self.value.and_then(Value::as_object).is_some_and(serde_json::Map::is_empty);
        if nothing { Ok(None) } else { read(self).map(Some) }
    }

    fn items<T>(&self, read: impl Fn(&Reader<'v>) -> Result<T>) -> Result<Vec<T>> {
        match self.value {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| read(&Reader { value: Some(item), pointer: format!("{}/{index}", self.pointer) }))
                .collect(),
            Some(_) => Err(self.fail("a list")),
        }
    }

    fn text(&self) -> Result<String> {
        self.value.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| self.fail("a text"))
    }

    fn integer(&self) -> Result<u64> {
        self.value.and_then(Value::as_u64).ok_or_else(|| self.fail("a whole number"))
    }

    fn number(&self) -> Result<String> {
        match self.value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(self.fail("a number")),
        }
    }

    fn address(&self) -> Result<Address> {
        self.text()?.parse().map_err(|_| self.fail("an address"))
    }

    fn service_id(&self) -> Result<ServiceId> {
        ServiceId::new(self.text()?).map_err(|_| self.fail("a service id"))
    }

    /// With a zone, or without one, which is UTC.
    fn time(&self) -> Result<Timestamp> {
        let text = self.text()?;
        let naive = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        text.parse().ok().or_else(naive).ok_or_else(|| self.fail("a date and time"))
    }

    fn fail(&self, expected: &'static str) -> Error {
        Error::Indexed { pointer: self.pointer.clone(), expected }
    }
}
