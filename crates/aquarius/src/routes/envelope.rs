//! Search answers with the documents as they are served: a parsed document has lost the digits that no float holds, and a client
//! that edits a hit would write that loss to the chain.

use std::sync::Arc;

use ocean_aquarius_api::{
    jsonify,
    query::{Hit, Response, Total},
};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::index::Entry;

/// The fields in the order in which Flask sorts them.
#[derive(Serialize)]
struct Envelope<'a> {
    _shards: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregations: Option<Box<RawValue>>,
    hits: Hits<'a>,
    timed_out: bool,
    took: u64,
}

#[derive(Serialize)]
struct Hits<'a> {
    hits: Vec<RawHit<'a>>,
    max_score: Option<f64>,
    total: RawTotal<'a>,
}

#[derive(Serialize)]
struct RawTotal<'a> {
    relation: &'a str,
    value: u64,
}

#[derive(Serialize)]
struct RawHit<'a> {
    _id: &'a str,
    _index: &'a str,
    _score: Option<f64>,
    _source: Source<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort: Option<&'a [Value]>,
}

/// A document in an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Source<'a> {
    /// As it is served.
    Text(&'a RawValue),
    /// Parsed: what a strict parser of the answer would stumble over is gone.
    Value(&'a Value),
}

impl<'a> Source<'a> {
    /// The document with this id among the entries, which stand in the order of their DIDs.
    pub(crate) fn of(id: &str, parsed: &'a Value, entries: &'a [Arc<Entry>]) -> Self {
        let text = entries
            .binary_search_by(|entry| entry.document.id.as_str().cmp(id))
            .ok()
            .map(|index| &entries[index])
            .filter(|entry| entry.plain)
            .and_then(|entry| serde_json::from_str(&entry.text).ok());
        text.map_or(Self::Value(parsed), Self::Text)
    }
}

/// The answer of `assets/query` from the entries that were searched.
pub(crate) fn text(found: &Response, entries: &[Arc<Entry>]) -> serde_json::Result<String> {
    let Total { value, relation, .. } = &found.hits.total;
    let envelope = Envelope {
        _shards: flask(&found.shards)?,
        aggregations: found.aggregations.as_ref().map(flask).transpose()?,
        hits: Hits {
            hits: found.hits.hits.iter().map(|hit| raw(hit, entries)).collect(),
            max_score: found.hits.max_score,
            total: RawTotal { relation, value: *value },
        },
        timed_out: found.timed_out,
        took: found.took,
    };
    Ok(serde_json::to_string(&envelope)? + "\n")
}

fn raw<'a>(hit: &'a Hit, entries: &'a [Arc<Entry>]) -> RawHit<'a> {
    // Whoever wants no source gets an empty object.
    let wanted = hit.source.as_object().is_some_and(|source| !source.is_empty());
    let source = if wanted { Source::of(&hit.id, &hit.source, entries) } else { Source::Value(&hit.source) };
    RawHit { _id: &hit.id, _index: &hit.index, _score: hit.score, _source: source, sort: hit.sort.as_deref() }
}

fn flask(value: &Value) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(jsonify(value).trim_end().to_owned())
}
