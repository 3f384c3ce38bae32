use ocean_aquarius_api::{
    ApiError,
    query::{ARGUMENTS, DEFAULT_SIZE, Hit, INDEX, MAX_WINDOW, Response},
};
use serde_json::{Map, Value};

use crate::query::{
    aggregation::{self, Aggregations},
    eval, parse,
    sort::{self, Sort},
    tree::Query,
};

/// One document as the search sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The DID, which is `_id`.
    pub id: String,
    /// The order in which documents came into the index; ties keep it.
    pub sequence: u64,
    /// The document with the indexer's fields.
    pub value: Value,
}

/// A search request that was understood completely.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    query: Query,
    sort: Vec<Sort>,
    page: Page,
    source: bool,
    index: Option<Vec<String>>,
    aggregations: Option<Aggregations>,
}

/// Which part of the sorted hits is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many hits to skip.
    pub from: u64,
    /// How many hits to return.
    pub size: u64,
}

/// Keys that change nothing about what is found, and are taken without effect.
const WITHOUT_EFFECT: &[&str] = &[
    "allow_no_indices",
    "allow_partial_search_results",
    "batched_reduce_size",
    "ccs_minimize_roundtrips",
    "error_trace",
    "expand_wildcards",
    "human",
    "ignore_throttled",
    "ignore_unavailable",
    "max_concurrent_shard_requests",
    "pre_filter_shard_size",
    "preference",
    "pretty",
    "request_cache",
    "routing",
    "search_type",
    "stats",
    "timeout",
    "track_total_hits",
    "track_scores",
    "version",
    "seq_no_primary_term",
    "lenient",
];

impl Search {
    /// Reads the body of a search.
    ///
    /// # Errors
    /// Every key, query type and option that is not supported is refused, never ignored.
    pub fn parse(body: &Value) -> Result<Self, ApiError> {
        Self::parse_with(body, |body| {
            let from = whole(body, "from")?.or(whole(body, "from_")?).unwrap_or(0);
            let size = whole(body, "size")?.unwrap_or(DEFAULT_SIZE);
            Ok(Page { from, size })
        })
    }

    /// Reads the body of ocean-node's search, where `from` is a page number that starts at 1 and `size` 0 means 100.
    ///
    /// # Errors
    /// As [`Search::parse`].
    pub fn parse_paged(body: &Value) -> Result<Self, ApiError> {
        Self::parse_with(body, |body| {
            let page = whole(body, "from")?.unwrap_or(1).max(1);
            let size = whole(body, "size")?.filter(|size| *size > 0).unwrap_or(100);
            Ok(Page { from: (page - 1).saturating_mul(size), size })
        })
    }

    fn parse_with(
        body: &Value,
        page: impl Fn(&Map<String, Value>) -> Result<Page, ApiError>,
    ) -> Result<Self, ApiError> {
        let body = body.as_object().ok_or(ApiError::InvalidPayload)?;
        let mut search = Self {
            query: Query::All { boost: 1.0 },
            sort: Vec::new(),
            page: page(body)?,
            source: true,
            index: None,
            aggregations: None,
        };
        for (key, value) in body {
            match key.as_str() {
                "query" if value.is_null() => {}
                "query" => search.query = parse::query(value, 0)?,
                "sort" => search.sort = sort::parse(value)?,
                "from" | "from_" | "size" => {}
                "aggs" | "aggregations" => search.aggregations = Some(aggregation::parse(value, 0)?),
                "index" => search.index = index(value)?,
                "_source" | "source" => match value {
                    Value::Bool(wanted) => search.source = *wanted,
                    _ => {
                        return Err(ApiError::parsing(
                            "source filtering is not supported, [_source] takes true or false",
                        ));
                    }
                },
                known if WITHOUT_EFFECT.contains(&known) => {}
                known if ARGUMENTS.contains(&known) => {
                    return Err(ApiError::parsing(format!("[{known}] is not supported by this search engine")));
                }
                _ => return Err(ApiError::SearchArgument { key: key.clone() }),
            }
        }
        if search.page.from.saturating_add(search.page.size) > MAX_WINDOW {
            return Err(ApiError::Search {
                kind: "search_phase_execution_exception".to_owned(),
                reason: format!(
                    "Result window is too large, from + size must be less than or equal to: [{MAX_WINDOW}] but was [{}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.",
                    search.page.from.saturating_add(search.page.size)
                ),
            });
        }
        Ok(search)
    }

    /// The index names of the body, when it names any.
    pub fn index(&self) -> Option<&[String]> {
        self.index.as_deref()
    }

    /// Whether the body leaves the index open or names ours.
    pub fn covers(&self, name: &str) -> bool {
        let Some(patterns) = &self.index else { return true };
        patterns.iter().any(|pattern| {
            pattern == "_all"
                || match pattern.split_once('*') {
                    Some((start, end)) => name.starts_with(start) && name.ends_with(end),
                    None => pattern == name,
                }
        })
    }

    /// Evaluates the query.
    ///
    /// # Errors
    /// Sorting by an analysed text, and an index that does not exist.
    pub fn run<'a>(&self, documents: impl IntoIterator<Item = &'a Document>) -> Result<Response, ApiError> {
        if let (false, Some(names)) = (self.covers(INDEX), &self.index) {
            return Err(ApiError::Search {
                kind: "index_not_found_exception".to_owned(),
                reason: format!("no such index [{}]", names.join(",")),
            });
        }
        let all = self.matching(documents)?;
        let aggregations = match &self.aggregations {
            Some(aggregations) => {
                let documents: Vec<_> = all.iter().map(|found| found.document).collect();
                Some(aggregation::run(aggregations, &documents)?)
            }
            None => None,
        };
        let total = all.len() as u64;
        let max_score = all.iter().map(|found| found.score).max_by(f64::total_cmp);
        let page = self.paged(all);
        let sorted = !self.sort.is_empty();
        let scored = !sorted || self.sort.iter().any(|key| key.field == "_score");
        let hits = page.into_iter().map(|found| {
            let source = if self.source { found.document.value.clone() } else { Value::Object(Map::new()) };
            Hit::new(&found.document.id, scored.then_some(found.score), source, sorted.then_some(found.keys))
        });
        let hits = hits.collect();
        Ok(Response::new(0, total, max_score.filter(|_| scored), hits, aggregations))
    }

    /// The documents of the page, best first, for callers with an envelope of their own.
    ///
    /// # Errors
    /// As [`Search::run`].
    pub fn documents<'a>(
        &self,
        documents: impl IntoIterator<Item = &'a Document>,
    ) -> Result<Vec<&'a Document>, ApiError> {
        Ok(self.paged(self.matching(documents)?).into_iter().map(|found| found.document).collect())
    }

    /// Everything that matches, best first.
    fn matching<'a>(&self, documents: impl IntoIterator<Item = &'a Document>) -> Result<Vec<Found<'a>>, ApiError> {
        let mut found = Vec::new();
        for document in documents {
            let Some(score) = eval::score(&self.query, document) else { continue };
            let keys = self.sort.iter().map(|key| sort::value(key, document, score)).collect::<Result<Vec<_>, _>>()?;
            found.push(Found { document, score, keys });
        }
        found.sort_by(|left, right| {
            let order = if self.sort.is_empty() {
                right.score.total_cmp(&left.score)
            } else {
                sort::by_values(&self.sort, &left.keys, &right.keys)
            };
            order.then(left.document.sequence.cmp(&right.document.sequence))
        });
        Ok(found)
    }

    fn paged<'a>(&self, found: Vec<Found<'a>>) -> Vec<Found<'a>> {
        let skip = usize::try_from(self.page.from).unwrap_or(usize::MAX);
        let take = usize::try_from(self.page.size).unwrap_or(usize::MAX);
        found.into_iter().skip(skip).take(take).collect()
    }
}

struct Found<'a> {
    document: &'a Document,
    score: f64,
    keys: Vec<Value>,
}

fn whole(body: &Map<String, Value>, key: &str) -> Result<Option<u64>, ApiError> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
            number.map(Some).ok_or_else(|| ApiError::Search {
                kind: "illegal_argument_exception".to_owned(),
                reason: format!("[{key}] parameter cannot be negative, found [{value}]"),
            })
        }
    }
}

fn index(value: &Value) -> Result<Option<Vec<String>>, ApiError> {
    let names = match value {
        Value::Null => return Ok(None),
        Value::String(names) => names.split(',').map(|name| name.trim().to_owned()).collect(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return Err(ApiError::parsing("[index] must be a name or a list of names")),
    };
    Ok(Some(names))
}
