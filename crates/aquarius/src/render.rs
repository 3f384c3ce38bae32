//! From records to the document as it is served.

use jiff::Timestamp;
use ocean_ddo::{
    AssetState, RawDdo,
    indexed::{
        DatatokenFields, EventFields, IndexedFields, NftFields, PriceFields, PriceKind, ServiceStats, enhance, remains,
    },
};
use ocean_primitives::{Address, ExchangeId, ServiceId, TokenAmount};
use serde_json::Value;

use crate::{
    index::Entry,
    query::Document,
    record::{AssetRecord, NftRecord, TokenRecord},
};

/// The asset as it is served: the document with both shapes of the indexer's fields, or what remains of a deprecated or
/// revoked one.
pub(crate) fn entry(raw: RawDdo, asset: &AssetRecord, nft: &NftRecord, tokens: &[TokenRecord]) -> Entry {
    let fields = fields(&raw, asset, nft, tokens);
    // An unknown state cannot be set on chain; if one is, nothing is known against showing the asset.
    let removed = matches!(AssetState::try_from(nft.state), Ok(AssetState::Deprecated | AssetState::Revoked));
    let text = if removed { remains(&fields) } else { enhance(&raw, &fields) };
    let parsed = serde_json::from_str::<Value>(&text);
    let plain = parsed.is_ok();
    // Half a surrogate pair and a number beyond a float are JSON that Python writes, and that serde_json refuses.
    let parsed = parsed.or_else(|_| RawDdo::parse(text.as_bytes()).map(|document| document.value()));
    let value = parsed.unwrap_or_else(|error| {
        tracing::error!(did = asset.did, %error, "a served document is not JSON");
        Value::Null
    });
    let document = Document { id: asset.did.clone(), sequence: asset.sequence, value };
    Entry { document, text, plain, raw, removed }
}

/// The name of the asset; empty for one without.
pub(crate) fn name(entry: &Entry) -> String {
    let value = &entry.document.value;
    let name = value.pointer("/metadata/name").or_else(|| value.pointer("/credentialSubject/metadata/name"));
    name.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn fields(raw: &RawDdo, asset: &AssetRecord, nft: &NftRecord, tokens: &[TokenRecord]) -> IndexedFields {
    let nft_fields = NftFields {
        address: nft.address,
        name: nft.name.clone(),
        symbol: nft.symbol.clone(),
        state: nft.state,
        token_uri: nft.token_uri.clone(),
        owner: nft.owner,
        created: instant(nft.created.unwrap_or(asset.time)),
    };
    let event = EventFields {
        tx: asset.tx,
        block: asset.block,
        from: asset.from,
        contract: asset.nft,
        datetime: instant(asset.time),
    };
    let mut fields = IndexedFields::new(nft_fields, event);
    let mut counted: Vec<Address> = Vec::new();
    for (service_id, address) in services(raw) {
        // A document may name any token; only those of its own NFT have anything to do with it.
        let Some(token) = tokens.iter().find(|token| token.address == address) else {
            continue;
        };
        fields.datatokens.push(DatatokenFields {
            address,
            name: token.name.clone(),
            symbol: token.symbol.clone(),
            service_id: service_id.clone(),
        });
        if !counted.contains(&address) {
            counted.push(address);
            fields.stats.push(ServiceStats {
                datatoken: address,
                name: token.name.clone(),
                symbol: token.symbol.clone(),
                service_id,
                orders: token.orders,
                prices: prices(token),
            });
        }
    }
    fields
}

fn prices(token: &TokenRecord) -> Vec<PriceFields> {
    let exchanges = token.exchanges.iter().filter(|exchange| exchange.active).map(|exchange| PriceFields {
        kind: PriceKind::FixedRate,
        price: TokenAmount::new(exchange.rate, 18).to_string(),
        contract: exchange.contract,
        token: exchange.base_token,
        token_symbol: Some(exchange.base_symbol.clone()),
        exchange_id: Some(ExchangeId(exchange.id)),
    });
    let dispensers = token.dispensers.iter().filter(|dispenser| dispenser.active).map(|dispenser| PriceFields {
        kind: PriceKind::Dispenser,
        price: "0".to_owned(),
        contract: dispenser.contract,
        token: token.address,
        token_symbol: Some(token.symbol.clone()),
        exchange_id: None,
    });
    exchanges.chain(dispensers).collect()
}

/// Id and datatoken of every service, read leniently: a document that was indexed may still have odd services.
fn services(raw: &RawDdo) -> Vec<(ServiceId, Address)> {
    let value = raw.value();
    let services = value.get("services").or_else(|| value.pointer("/credentialSubject/services"));
    let services = services.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let known = services.iter().filter_map(|service| {
        let id = ServiceId::new(service.get("id")?.as_str()?).ok()?;
        let token = service.get("datatokenAddress")?.as_str()?.parse().ok()?;
        Some((id, token))
    });
    known.collect()
}

/// Times beyond the calendar do not occur on a chain.
fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
