use std::{cmp::Ordering, collections::BTreeMap};

use ocean_aquarius_api::ApiError;
use serde_json::{Map, Value, json};

use crate::query::{
    field::leaves,
    parse::options,
    search::Document,
    sort::{self, text_field},
    text::date,
};

/// Aggregations nested deeper than this are refused.
const MAX_DEPTH: usize = 5;
/// Elasticsearch's limit of buckets in one answer.
const MAX_BUCKETS: u64 = 65_536;

type Result<T> = std::result::Result<T, ApiError>;

/// Named aggregations that were understood completely.
pub(super) type Aggregations = BTreeMap<String, Aggregation>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Aggregation {
    Terms { field: String, size: usize, order: Vec<Order>, inner: Aggregations },
    Metric { kind: Metric, field: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    Sum,
    Average,
    Minimum,
    Maximum,
    Count,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    by: By,
    descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum By {
    Count,
    Key,
    Metric(String),
}

/// `aggs` of a body.
pub(super) fn parse(value: &Value, depth: usize) -> Result<Aggregations> {
    let malformed = || ApiError::parsing("Found [VALUE] in [aggregations], expected an object");
    if depth > MAX_DEPTH {
        return Err(ApiError::parsing("aggregations are nested too deeply"));
    }
    let map = value.as_object().ok_or_else(malformed)?;
    map.iter().map(|(name, body)| Ok((name.clone(), one(name, body, depth)?))).collect()
}

fn one(name: &str, body: &Value, depth: usize) -> Result<Aggregation> {
    let map = body.as_object().ok_or_else(|| ApiError::parsing(format!("Expected [START_OBJECT] under [{name}]")))?;
    let mut inner = Aggregations::new();
    let mut found = None;
    for (key, value) in map {
        match key.as_str() {
            "aggs" | "aggregations" => inner = parse(value, depth + 1)?,
            "meta" => {}
            kind if found.is_none() => found = Some((kind, value)),
            kind => {
                return Err(ApiError::parsing(format!("Found two aggregation type definitions in [{name}]: [{kind}]")));
            }
        }
    }
    let (kind, value) =
        found.ok_or_else(|| ApiError::parsing(format!("Missing definition for aggregation [{name}]")))?;
    let metric = match kind {
        "terms" => None,
        "sum" => Some(Metric::Sum),
        "avg" => Some(Metric::Average),
        "min" => Some(Metric::Minimum),
        "max" => Some(Metric::Maximum),
        "value_count" => Some(Metric::Count),
        _ => return Err(ApiError::parsing(format!("Unknown aggregation type [{kind}]"))),
    };
    let known: &[&str] = if metric.is_some() { &["field"] } else { &["field", "size", "order"] };
    let settings = options(kind, value, known)?;
    let field = settings.get("field").and_then(Value::as_str);
    let field = field.ok_or_else(|| {
        ApiError::parsing(format!("Required one of fields [field, script], but none were specified in [{name}]"))
    })?;
    let field = field.to_owned();
    if let Some(kind) = metric {
        if !inner.is_empty() {
            return Err(ApiError::parsing(format!("Aggregator [{name}] cannot accept sub-aggregations")));
        }
        return Ok(Aggregation::Metric { kind, field });
    }
    let size = match settings.get("size") {
        None => 10,
        Some(size) => size.as_u64().filter(|size| (1..=MAX_BUCKETS).contains(size)).ok_or_else(|| {
            ApiError::parsing(format!(
                "[size] must be greater than 0 and at most {MAX_BUCKETS}. Found [{size}] in [{name}]"
            ))
        })?,
    };
    let order = match settings.get("order") {
        None => Vec::new(),
        Some(order) => orders(order, &inner)?,
    };
    Ok(Aggregation::Terms { field, size: usize::try_from(size).unwrap_or(usize::MAX), order, inner })
}

fn orders(value: &Value, inner: &Aggregations) -> Result<Vec<Order>> {
    if let Some(items) = value.as_array() {
        let lists = items.iter().map(|item| orders(item, inner)).collect::<Result<Vec<_>>>()?;
        return Ok(lists.into_iter().flatten().collect());
    }
    let map = value.as_object().ok_or_else(|| ApiError::parsing("[order] must be an object or a list of objects"))?;
    map.iter()
        .map(|(by, direction)| {
            let by = match by.as_str() {
                "_count" => By::Count,
                "_key" | "_term" => By::Key,
                path => {
                    let name = path.strip_suffix(".value").unwrap_or(path);
                    if !matches!(inner.get(name), Some(Aggregation::Metric { .. })) {
                        return Err(ApiError::parsing(format!("Invalid aggregation order path [{path}]")));
                    }
                    By::Metric(name.to_owned())
                }
            };
            let descending = sort::descending(direction.as_str().unwrap_or_default())?;
            Ok(Order { by, descending })
        })
        .collect()
}

/// The answer over these documents.
///
/// # Errors
/// A field of the wrong kind.
pub(super) fn run(aggregations: &Aggregations, documents: &[&Document]) -> Result<Value> {
    let results = aggregations.iter().map(|(name, aggregation)| {
        let result = match aggregation {
            Aggregation::Metric { kind, field } => metric(*kind, field, documents)?,
            Aggregation::Terms { field, size, order, inner } => terms(field, *size, order, inner, documents)?,
        };
        Ok((name.clone(), result))
    });
    Ok(Value::Object(results.collect::<Result<Map<_, _>>>()?))
}

fn metric(kind: Metric, field: &str, documents: &[&Document]) -> Result<Value> {
    let mut values = Vec::new();
    for leaf in documents.iter().flat_map(|document| leaves(&document.value, field)) {
        match leaf.value {
            Value::String(_) if kind == Metric::Count && leaf.exact => values.push(0.0),
            Value::String(text) if !leaf.exact && date(text).is_some() => {
                values.extend(date(text).map(|instant| instant.as_millisecond() as f64));
            }
            Value::String(_) if leaf.exact => {
                return Err(ApiError::Search {
                    kind: "illegal_argument_exception".to_owned(),
                    reason: format!("Field [{field}] of type [keyword] is not supported for aggregation"),
                });
            }
            Value::String(_) => return Err(text_field(field)),
            Value::Bool(held) => values.push(f64::from(*held)),
            other => values.extend(other.as_f64()),
        }
    }
    let value = match kind {
        Metric::Sum => json!(values.iter().sum::<f64>()),
        Metric::Count => json!(values.len()),
        _ if values.is_empty() => Value::Null,
        Metric::Average => json!(values.iter().sum::<f64>() / values.len() as f64),
        Metric::Minimum => json!(values.iter().copied().fold(f64::INFINITY, f64::min)),
        Metric::Maximum => json!(values.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
    };
    Ok(json!({ "value": value }))
}

struct Bucket<'a> {
    key: Value,
    documents: Vec<&'a Document>,
    inner: Value,
}

fn terms(field: &str, size: usize, order: &[Order], inner: &Aggregations, documents: &[&Document]) -> Result<Value> {
    // The JSON text of a key is unique for it, and numbers and texts cannot meet.
    let mut buckets: BTreeMap<String, Bucket<'_>> = BTreeMap::new();
    for document in documents {
        for leaf in leaves(&document.value, field) {
            let key = match leaf.value {
                Value::String(text) if leaf.exact => json!(text),
                Value::String(text) => {
                    date(text).map(|at| json!(at.as_millisecond())).ok_or_else(|| text_field(field))?
                }
                other => other.clone(),
            };
            let bucket = buckets.entry(key.to_string()).or_insert_with(|| Bucket {
                key,
                documents: Vec::new(),
                inner: Value::Null,
            });
            // A document counts once, however often its arrays hold the value.
            if !bucket.documents.last().is_some_and(|last| std::ptr::eq(*last, *document)) {
                bucket.documents.push(document);
            }
        }
    }
    let mut buckets: Vec<_> = buckets.into_values().collect();
    for bucket in &mut buckets {
        bucket.inner = run(inner, &bucket.documents)?;
    }
    buckets.sort_by(|left, right| by_order(order, left, right));
    let other: usize = buckets.iter().skip(size).map(|bucket| bucket.documents.len()).sum();
    let shown = buckets.into_iter().take(size).map(|bucket| {
        let mut shown = Map::new();
        match bucket.key {
            Value::Bool(held) => {
                shown.insert("key".to_owned(), json!(u8::from(held)));
                shown.insert("key_as_string".to_owned(), json!(held.to_string()));
            }
            key => drop(shown.insert("key".to_owned(), key)),
        }
        shown.insert("doc_count".to_owned(), json!(bucket.documents.len()));
        if let Value::Object(inner) = bucket.inner {
            shown.extend(inner);
        }
        Value::Object(shown)
    });
    let shown: Vec<Value> = shown.collect();
    Ok(json!({ "doc_count_error_upper_bound": 0, "sum_other_doc_count": other, "buckets": shown }))
}

/// The orders asked for, then by count, then by key.
fn by_order(orders: &[Order], left: &Bucket<'_>, right: &Bucket<'_>) -> Ordering {
    let by_key = || sort::compare(&left.key, &right.key);
    for order in orders {
        let ascending = match &order.by {
            By::Count => left.documents.len().cmp(&right.documents.len()),
            By::Key => by_key(),
            By::Metric(name) => {
                let value = |bucket: &Bucket<'_>| {
                    bucket
                        .inner
                        .pointer(&format!("/{}/value", name.replace('~', "~0").replace('/', "~1")))
                        .and_then(Value::as_f64)
                };
                value(left).partial_cmp(&value(right)).unwrap_or(Ordering::Equal)
            }
        };
        let ordered = if order.descending { ascending.reverse() } else { ascending };
        if ordered != Ordering::Equal {
            return ordered;
        }
    }
    let by_count = if orders.is_empty() { right.documents.len().cmp(&left.documents.len()) } else { Ordering::Equal };
    by_count.then_with(by_key)
}
