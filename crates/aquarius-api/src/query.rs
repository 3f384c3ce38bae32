//! `POST /api/aquarius/assets/query` and `POST /api/aquarius/assets/metadata/query`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The path of Aquarius' search.
pub const PATH: &str = "/api/aquarius/assets/query";
/// The path of ocean-node's search.
pub const METADATA_PATH: &str = "/api/aquarius/assets/metadata/query";
/// The name of the one index there is.
pub const INDEX: &str = "aquarius";
/// Elasticsearch's result window: `from + size` may not be larger.
pub const MAX_WINDOW: u64 = 10_000;
/// The number of hits when the request gives no `size`.
pub const DEFAULT_SIZE: u64 = 10;

/// The keys that Elasticsearch's `search()` takes in client 8.10. Any other key of the body is refused by name.
pub const ARGUMENTS: &[&str] = &[
    "aggregations",
    "aggs",
    "allow_no_indices",
    "allow_partial_search_results",
    "analyze_wildcard",
    "analyzer",
    "batched_reduce_size",
    "ccs_minimize_roundtrips",
    "collapse",
    "default_operator",
    "df",
    "docvalue_fields",
    "error_trace",
    "expand_wildcards",
    "explain",
    "ext",
    "fields",
    "filter_path",
    "from",
    "from_",
    "highlight",
    "human",
    "ignore_throttled",
    "ignore_unavailable",
    "index",
    "indices_boost",
    "knn",
    "lenient",
    "max_concurrent_shard_requests",
    "min_compatible_shard_node",
    "min_score",
    "pit",
    "post_filter",
    "pre_filter_shard_size",
    "preference",
    "pretty",
    "profile",
    "q",
    "query",
    "rank",
    "request_cache",
    "rescore",
    "rest_total_hits_as_int",
    "routing",
    "runtime_mappings",
    "script_fields",
    "scroll",
    "search_after",
    "search_type",
    "seq_no_primary_term",
    "size",
    "slice",
    "sort",
    "source",
    "source_excludes",
    "source_includes",
    "stats",
    "stored_fields",
    "suggest",
    "suggest_field",
    "suggest_mode",
    "suggest_size",
    "suggest_text",
    "terminate_after",
    "timeout",
    "track_scores",
    "track_total_hits",
    "typed_keys",
    "version",
];

/// The envelope of a search answer, as Elasticsearch sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// Milliseconds spent.
    #[serde(default)]
    pub took: u64,
    /// Always false from our server.
    #[serde(default)]
    pub timed_out: bool,
    /// One shard, always successful, from our server.
    #[serde(rename = "_shards", default)]
    pub shards: Value,
    /// The hits of this page.
    pub hits: Hits,
    /// Present when the request asked for aggregations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregations: Option<Value>,
}

/// `hits` of the envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hits {
    /// How many documents match in all.
    pub total: Total,
    /// The best score; none when sorting by a field or without hits.
    pub max_score: Option<f64>,
    /// The documents of this page.
    pub hits: Vec<Hit>,
}

/// `hits.total` of the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Total {
    /// The count.
    pub value: u64,
    /// `eq` for an exact count, `gte` for a lower bound.
    pub relation: String,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hit {
    /// Always [`INDEX`] from our server.
    #[serde(rename = "_index")]
    pub index: String,
    /// The DID.
    #[serde(rename = "_id")]
    pub id: String,
    /// The score; none when sorting by a field.
    #[serde(rename = "_score")]
    pub score: Option<f64>,
    /// The document with the indexer's fields.
    #[serde(rename = "_source")]
    pub source: Value,
    /// The sort values, when the request sorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Vec<Value>>,
}

impl Response {
    /// An envelope around one page of hits.
    pub fn new(took: u64, total: u64, max_score: Option<f64>, hits: Vec<Hit>, aggregations: Option<Value>) -> Self {
        Self {
            took,
            timed_out: false,
            shards: serde_json::json!({ "total": 1, "successful": 1, "skipped": 0, "failed": 0 }),
            hits: Hits { total: Total { value: total, relation: "eq".to_owned() }, max_score, hits },
            aggregations,
        }
    }
}

impl Hit {
    /// One hit of our index.
    pub fn new(id: impl Into<String>, score: Option<f64>, source: Value, sort: Option<Vec<Value>>) -> Self {
        Self { index: INDEX.to_owned(), id: id.into(), score, source, sort }
    }
}
