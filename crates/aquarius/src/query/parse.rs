use ocean_aquarius_api::ApiError;
use serde_json::{Map, Value};

use crate::query::{
    eval::{double, plain, whole},
    query_string,
    text::date,
    tree::{Bool, Bounds, Minimum, Part, Pattern, Query, Wanted},
};

/// Queries nested deeper than this are refused.
const MAX_DEPTH: usize = 20;
/// More clauses than this in one list are refused, as Elasticsearch limits them.
const MAX_CLAUSES: usize = 1024;
/// More values than this in one `terms` are refused, as Elasticsearch limits them.
const MAX_TERMS: usize = 65_536;

type Result<T> = std::result::Result<T, ApiError>;

/// Reads a query clause; whatever it does not know is an error.
pub(super) fn query(value: &Value, depth: usize) -> Result<Query> {
    if depth > MAX_DEPTH {
        return Err(ApiError::parsing(format!(
            "The nested depth of the query exceeds the maximum nested depth for queries set in [{MAX_DEPTH}]"
        )));
    }
    let Value::Object(map) = value else {
        return Err(ApiError::parsing("[_na] query malformed, must start with start_object"));
    };
    let mut entries = map.iter();
    let Some((name, body)) = entries.next() else {
        return Err(ApiError::parsing("query malformed, empty clause found"));
    };
    if let Some((second, _)) = entries.next() {
        return Err(ApiError::parsing(format!(
            "[{name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME] ({second})"
        )));
    }
    match name.as_str() {
        "match_all" => {
            let body = options(name, body, &["boost"])?;
            Ok(Query::All { boost: boost(body)? })
        }
        "match_none" => options(name, body, &["boost"]).map(|_| Query::None),
        "bool" => boolean(body, depth),
        "term" => term(body),
        "terms" => terms(body),
        "match" => matching(body),
        "match_phrase" => phrase(body),
        "range" => range(body),
        "exists" => {
            let body = options(name, body, &["field", "boost"])?;
            Ok(Query::Exists { field: text(name, body, "field")?, boost: boost(body)? })
        }
        "ids" => {
            let body = options(name, body, &["values", "boost"])?;
            let values = match body.get("values") {
                Some(Value::Array(values)) => values.clone(),
                Some(Value::String(id)) => vec![Value::String(id.clone())],
                _ => return Err(ApiError::parsing("[ids] requires providing values")),
            };
            Ok(Query::Terms { field: "_id".to_owned(), values: bounded(values)?, boost: boost(body)? })
        }
        "prefix" | "wildcard" => wildcard(name, body),
        "constant_score" => {
            let body = options(name, body, &["filter", "boost"])?;
            let filter =
                body.get("filter").ok_or_else(|| ApiError::parsing("[constant_score] requires a 'filter' element"))?;
            Ok(Query::Constant { query: Box::new(query(filter, depth + 1)?), boost: boost(body)? })
        }
        "query_string" => query_string::parse(body),
        _ => Err(ApiError::parsing(format!("unknown query [{name}]"))),
    }
}

fn boolean(body: &Value, depth: usize) -> Result<Query> {
    let map = object("bool", body)?;
    let mut clauses = Bool { boost: 1.0, ..Bool::default() };
    for (name, value) in map {
        match name.as_str() {
            "must" => clauses.must = list(value, depth)?,
            "must_not" | "mustNot" => clauses.must_not = list(value, depth)?,
            "should" => clauses.should = list(value, depth)?,
            "filter" => clauses.filter = list(value, depth)?,
            "minimum_should_match" => {
                clauses.minimum = Some(Minimum::parse(value).ok_or_else(|| {
                    ApiError::parsing(format!("[bool] failed to parse field [minimum_should_match]: {value}"))
                })?);
            }
            "boost" => clauses.boost = number("bool", value)?,
            "_name" => {}
            _ => return Err(ApiError::parsing(format!("[bool] query does not support [{name}]"))),
        }
    }
    Ok(Query::Bool(Box::new(clauses)))
}

/// A clause list: one object, or an array in which null and false stand for clauses that a client left out.
fn list(value: &Value, depth: usize) -> Result<Vec<Query>> {
    match value {
        Value::Null | Value::Bool(false) => Ok(Vec::new()),
        Value::Array(items) if items.len() > MAX_CLAUSES => Err(ApiError::Search {
            kind: "too_many_clauses".to_owned(),
            reason: format!("maxClauseCount is set to {MAX_CLAUSES}"),
        }),
        Value::Array(items) => {
            let given = items.iter().filter(|item| !matches!(item, Value::Null | Value::Bool(false)));
            given.map(|item| query(item, depth + 1)).collect()
        }
        one => Ok(vec![query(one, depth + 1)?]),
    }
}

/// The single field of a field query with its body, which may be a plain value.
fn single<'a>(name: &str, body: &'a Value) -> Result<(&'a String, &'a Value)> {
    let map = object(name, body)?;
    let mut fields = map.iter();
    let first = fields.next().ok_or_else(|| ApiError::parsing(format!("[{name}] query malformed, no field found")))?;
    if let Some((second, _)) = fields.next() {
        return Err(ApiError::parsing(format!(
            "[{name}] query doesn't support multiple fields, found [{}] and [{second}]",
            first.0
        )));
    }
    Ok(first)
}

fn term(body: &Value) -> Result<Query> {
    let (field, body) = single("term", body)?;
    let (value, options_map) = match body {
        Value::Object(_) => {
            let map = options("term", body, &["value", "boost", "case_insensitive", "_name"])?;
            (map.get("value"), Some(map))
        }
        plain => (Some(plain), None),
    };
    let value = match value {
        Some(Value::Null) | None => return Err(illegal("value cannot be null")),
        Some(Value::Array(_) | Value::Object(_)) => {
            return Err(ApiError::parsing("[term] query does not support array of values"));
        }
        Some(value) => value.clone(),
    };
    let ignore_case = options_map.and_then(|map| map.get("case_insensitive")) == Some(&Value::Bool(true));
    Ok(Query::Term { field: field.clone(), value, boost: options_map.map_or(Ok(1.0), boost)?, ignore_case })
}

fn terms(body: &Value) -> Result<Query> {
    let map = object("terms", body)?;
    let mut found: Option<(&String, Vec<Value>)> = None;
    for (name, value) in map {
        match (name.as_str(), value) {
            ("boost" | "_name", _) => {}
            (_, Value::Array(values)) => {
                if let Some((first, _)) = &found {
                    return Err(ApiError::parsing(format!(
                        "[terms] query does not support multiple fields, found [{first}] and [{name}]"
                    )));
                }
                found = Some((name, values.clone()));
            }
            _ => return Err(ApiError::parsing(format!("[terms] query does not support [{name}]"))),
        }
    }
    let (field, values) = found.ok_or_else(|| {
        ApiError::parsing(
            "[terms] query requires a field name, followed by array of terms or a document lookup specification",
        )
    })?;
    if values.iter().any(Value::is_null) {
        return Err(illegal("No value specified for terms query"));
    }
    Ok(Query::Terms { field: field.clone(), values: bounded(values)?, boost: boost(map)? })
}

fn bounded(values: Vec<Value>) -> Result<Wanted> {
    if values.len() > MAX_TERMS {
        return Err(illegal(format!(
            "The number of terms [{}] used in the Terms Query request has exceeded the allowed maximum of [{MAX_TERMS}]",
            values.len()
        )));
    }
    let mut wanted = Wanted::default();
    for value in values {
        if let Some(number) = whole(&value) {
            wanted.whole.insert(number);
        } else if let Some(number) = double(&value) {
            wanted.doubles.insert(number.to_bits());
        }
        let text = plain(&value);
        wanted.dates.extend(date(&text));
        wanted.texts.insert(text);
    }
    Ok(wanted)
}

fn matching(body: &Value) -> Result<Query> {
    let (field, body) = single("match", body)?;
    let Value::Object(_) = body else {
        return Ok(Query::Match {
            field: field.clone(),
            text: scalar("match", Some(body))?,
            all: false,
            minimum: None,
            boost: 1.0,
        });
    };
    let map = options(
        "match",
        body,
        &["query", "operator", "minimum_should_match", "boost", "lenient", "_name", "zero_terms_query"],
    )?;
    if !matches!(map.get("zero_terms_query").and_then(Value::as_str), None | Some("none")) {
        return Err(ApiError::parsing("[match] unsupported zero_terms_query value"));
    }
    Ok(Query::Match {
        field: field.clone(),
        text: scalar("match", map.get("query"))?,
        all: operator("match", map.get("operator"))?,
        minimum: minimum("match", map)?,
        boost: boost(map)?,
    })
}

fn phrase(body: &Value) -> Result<Query> {
    let (field, body) = single("match_phrase", body)?;
    let Value::Object(_) = body else {
        return Ok(Query::Phrase {
            field: field.clone(),
            text: scalar("match_phrase", Some(body))?,
            slop: 0,
            boost: 1.0,
        });
    };
    let map = options("match_phrase", body, &["query", "slop", "boost", "_name"])?;
    Ok(Query::Phrase {
        field: field.clone(),
        text: scalar("match_phrase", map.get("query"))?,
        slop: slop("match_phrase", map.get("slop"))?,
        boost: boost(map)?,
    })
}

fn range(body: &Value) -> Result<Query> {
    let (field, body) = single("range", body)?;
    let map = options("range", body, &["gt", "gte", "lt", "lte", "boost", "_name"])?;
    let bound = |name: &str| match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(_) | Value::Object(_)) => {
            Err(ApiError::parsing(format!("[range] query does not support [{name}]")))
        }
        Some(value) => Ok(Some(value.clone())),
    };
    let bounds = Bounds { gt: bound("gt")?, gte: bound("gte")?, lt: bound("lt")?, lte: bound("lte")? };
    Ok(Query::Range { field: field.clone(), bounds, boost: boost(map)? })
}

fn wildcard(name: &str, body: &Value) -> Result<Query> {
    let (field, body) = single(name, body)?;
    let (pattern, ignore_case, boosted) = match body {
        Value::String(text) => (text.clone(), false, 1.0),
        _ => {
            let map = options(name, body, &["value", "wildcard", "boost", "case_insensitive", "_name"])?;
            let key = if map.contains_key("value") { "value" } else { "wildcard" };
            (text(name, map, key)?, map.get("case_insensitive") == Some(&Value::Bool(true)), boost(map)?)
        }
    };
    let mut parts: Vec<Part> =
        if name == "prefix" { pattern.chars().map(Part::Char).collect() } else { wildcard_parts(&pattern) };
    if name == "prefix" {
        parts.push(Part::Many);
    }
    Ok(Query::Wildcard { field: field.clone(), pattern: Pattern { parts, ignore_case }, boost: boosted })
}

/// `*` and `?` with `\` before a literal one.
pub(super) fn wildcard_parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Many,
            '?' => Part::One,
            '\\' => Part::Char(chars.next().unwrap_or('\\')),
            c => Part::Char(c),
        });
    }
    parts
}

pub(super) fn object<'a>(name: &str, body: &'a Value) -> Result<&'a Map<String, Value>> {
    body.as_object()
        .ok_or_else(|| ApiError::parsing(format!("[{name}] query malformed, no start_object after query name")))
}

/// An object of options in which every key must be known.
pub(super) fn options<'a>(name: &str, body: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>> {
    let map = object(name, body)?;
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(ApiError::parsing(format!("[{name}] query does not support [{key}]"))),
        None => Ok(map),
    }
}

pub(super) fn boost(map: &Map<String, Value>) -> Result<f64> {
    map.get("boost").map_or(Ok(1.0), |value| number("boost", value))
}

pub(super) fn minimum(name: &str, map: &Map<String, Value>) -> Result<Option<Minimum>> {
    match map.get("minimum_should_match") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let parsed = Minimum::parse(value);
            parsed.map(Some).ok_or_else(|| {
                ApiError::parsing(format!("[{name}] failed to parse field [minimum_should_match]: {value}"))
            })
        }
    }
}

pub(super) fn operator(name: &str, value: Option<&Value>) -> Result<bool> {
    match value.map(|value| value.as_str().unwrap_or_default().to_ascii_lowercase()).as_deref() {
        None | Some("or") => Ok(false),
        Some("and") => Ok(true),
        Some(other) => Err(illegal(format!("[{name}] operator needs to be either [OR] or [AND], but not [{other}]"))),
    }
}

pub(super) fn slop(name: &str, value: Option<&Value>) -> Result<usize> {
    let Some(value) = value else { return Ok(0) };
    let number = value.as_u64().and_then(|slop| usize::try_from(slop).ok()).filter(|slop| *slop <= 1000);
    number.ok_or_else(|| illegal(format!("[{name}] No negative or huge slop allowed: {value}")))
}

fn number(name: &str, value: &Value) -> Result<f64> {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    let number = number.filter(|number| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| illegal(format!("negative or malformed [boost] in [{name}]: {value}")))
}

fn scalar(name: &str, value: Option<&Value>) -> Result<Value> {
    match value {
        None | Some(Value::Null) => Err(illegal(format!("[{name}] requires query value"))),
        Some(Value::Array(_) | Value::Object(_)) => {
            Err(ApiError::parsing(format!("[{name}] unknown token [START_ARRAY] after [query]")))
        }
        Some(value) => Ok(value.clone()),
    }
}

fn text(name: &str, map: &Map<String, Value>, key: &str) -> Result<String> {
    let text = map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| ApiError::parsing(format!("[{name}] must be provided with a [{key}]")))
}

fn illegal(reason: impl Into<String>) -> ApiError {
    ApiError::Search { kind: "illegal_argument_exception".to_owned(), reason: reason.into() }
}
