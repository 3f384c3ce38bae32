//! The query language. Each table names the page of the Elasticsearch 8.10 reference that its expectations come from.

use ocean_aquarius::query::{Document, Search};
use serde_json::{Value, json};

fn documents() -> Vec<Document> {
    let values = [
        json!({
            "_id": "a",
            "chainId": 8996,
            "metadata": { "name": "Branin Hoo data", "type": "dataset", "tags": ["white-papers", "Grid Data"], "created": "2021-12-20T14:35:20Z", "author": "Ocean Protocol" },
            "nft": { "owner": "0xe2DD09d719Da89e5a3D0F2549c7E24566e947260", "state": 0, "created": "2022-01-01T00:00:00" },
            "services": [{ "type": "access", "datatokenAddress": "0xAAA1" }, { "type": "compute", "compute": { "publisherTrustedAlgorithms": [{ "did": "did:op:12ab" }] } }],
            "stats": { "orders": 3, "price": { "value": 1.5 } },
            "purgatory": { "state": false },
            "indexedMetadata": { "event": { "block": 10 }, "stats": [{ "orders": 3, "prices": [{ "price": "1.5" }] }] },
        }),
        json!({
            "_id": "b",
            "chainId": 1,
            "metadata": { "name": "Weather of Berlin", "type": "dataset", "tags": ["weather"], "created": "2022-06-01T00:00:00Z", "author": "someone" },
            "nft": { "owner": "0x0000000000000000000000000000000000000002", "state": 5, "created": "2022-06-01T00:00:00" },
            "services": [{ "type": "access" }],
            "stats": { "orders": 20, "price": {} },
            "purgatory": { "state": true },
            "indexedMetadata": { "event": { "block": 20 }, "stats": [{ "orders": 20, "prices": [] }] },
        }),
        json!({
            "_id": "c",
            "chainId": 8996,
            "metadata": { "name": "an algorithm for grid data", "type": "algorithm", "tags": [], "author": null },
            "nft": { "owner": "0x0000000000000000000000000000000000000003", "state": 4, "created": "2020-01-01T00:00:00" },
            "services": [{ "type": "access" }],
            "stats": { "orders": 0, "price": { "value": 10 } },
            "purgatory": { "state": false },
            "indexedMetadata": { "event": { "block": 100 }, "stats": [{ "orders": 0, "prices": [{ "price": "10" }] }] },
        }),
    ];
    let documents = values.into_iter().enumerate().map(|(sequence, mut value)| {
        let id = value.as_object_mut().unwrap().remove("_id").unwrap();
        Document { id: id.as_str().unwrap().to_owned(), sequence: sequence as u64, value }
    });
    documents.collect()
}

/// Runs a query and compares the ids in index order.
#[track_caller]
fn check(query: Value, expected: &str) {
    let body = json!({ "query": query, "sort": ["_doc"] });
    check_body(&body, expected);
}

/// Runs a whole body and compares the ids in the order of the hits.
#[track_caller]
fn check_body(body: &Value, expected: &str) {
    let search = Search::parse(body).unwrap_or_else(|error| panic!("{error} in {body}"));
    let documents = documents();
    let found = search.run(&documents).unwrap_or_else(|error| panic!("{error} in {body}"));
    let ids: String = found.hits.hits.iter().map(|hit| hit.id.as_str()).collect();
    assert_eq!(ids, expected, "{body}");
}

/// The query is refused and the reason contains this text.
#[track_caller]
fn refuse(body: Value, reason: &str) {
    let documents = documents();
    let outcome = Search::parse(&body).and_then(|search| search.run(&documents));
    match outcome {
        Ok(found) => panic!("{body} found {} documents", found.hits.total.value),
        Err(error) => assert!(error.to_string().contains(reason), "`{error}` does not contain `{reason}`"),
    }
}

#[test]
fn what_is_not_supported_is_refused_and_never_ignored() {
    for (query, reason) in [
        (json!({}), "empty clause"),
        (json!([]), "must start with start_object"),
        (json!({ "fuzzy": { "a": "b" } }), "unknown query [fuzzy]"),
        (json!({ "term": { "a": "b" }, "match_all": {} }), "malformed query"),
        (json!({ "term": { "a": "b", "c": "d" } }), "doesn't support multiple fields"),
        (json!({ "term": { "a": ["b"] } }), "array"),
        (json!({ "term": { "a": null } }), "null"),
        (json!({ "term": { "a": { "value": 1, "fuzz": 2 } } }), "does not support [fuzz]"),
        (json!({ "terms": { "a": "b" } }), "[terms] query does not support [a]"),
        (json!({ "terms": { "a": [1], "b": [2] } }), "multiple fields"),
        (json!({ "match": { "a": { "query": "x", "fuzziness": "AUTO" } } }), "does not support [fuzziness]"),
        (json!({ "match": { "a": { "query": "x", "operator": "xor" } } }), "[OR] or [AND]"),
        (json!({ "range": { "a": { "from": 1 } } }), "does not support [from]"),
        (json!({ "bool": { "must": [{ "nope": {} }] } }), "unknown query [nope]"),
        (json!({ "bool": { "musst": [] } }), "does not support [musst]"),
        (json!({ "bool": { "should": [], "minimum_should_match": "many" } }), "minimum_should_match"),
        (json!({ "exists": {} }), "[field]"),
        (json!({ "query_string": { "fields": ["a"] } }), "must be provided with a [query]"),
        (json!({ "query_string": { "query": "a~2" } }), "fuzzy"),
        (json!({ "query_string": { "query": "/a.*/" } }), "regular expressions"),
        (json!({ "query_string": { "query": "(a" } }), "Failed to parse query"),
        (json!({ "query_string": { "query": "a)" } }), "Failed to parse query"),
        (json!({ "query_string": { "query": "\"a" } }), "Failed to parse query"),
        (json!({ "query_string": { "query": "AND a" } }), "Failed to parse query"),
        (json!({ "query_string": { "query": "a:" } }), "Failed to parse query"),
    ] {
        refuse(json!({ "query": query }), reason);
    }
    for (body, reason) in [
        (json!({ "aggs": [] }), "[aggregations]"),
        (json!({ "aggs": { "a": {} } }), "Missing definition for aggregation [a]"),
        (json!({ "aggs": { "a": { "cardinality": { "field": "x" } } } }), "Unknown aggregation type [cardinality]"),
        (json!({ "aggs": { "a": { "terms": {} } } }), "Required one of fields"),
        (json!({ "aggs": { "a": { "terms": { "field": "x", "size": 0 } } } }), "greater than 0"),
        (json!({ "aggs": { "a": { "terms": { "field": "x", "missing": 1 } } } }), "does not support [missing]"),
        (
            json!({ "aggs": { "a": { "terms": { "field": "x", "order": { "b": "asc" } } } } }),
            "Invalid aggregation order path [b]",
        ),
        (
            json!({ "aggs": { "a": { "sum": { "field": "x" }, "terms": { "field": "x" } } } }),
            "two aggregation type definitions",
        ),
        (
            json!({ "aggs": { "a": { "sum": { "field": "x" }, "aggs": { "b": { "sum": { "field": "x" } } } } } }),
            "cannot accept sub-aggregations",
        ),
        (json!({ "aggs": { "a": { "terms": { "field": "metadata.tags" } } } }), "Text fields are not optimised"),
        (json!({ "aggs": { "a": { "sum": { "field": "metadata.name.keyword" } } } }), "[keyword] is not supported"),
        (json!({ "highlight": {} }), "[highlight] is not supported"),
        (json!({ "_source": ["id"] }), "source filtering"),
        (json!({ "from": -1 }), "cannot be negative"),
        (json!({ "size": "x" }), "cannot be negative"),
        (
            json!({ "from": 9990, "size": 11 }),
            "Result window is too large, from + size must be less than or equal to: [10000] but was [10001]",
        ),
        (json!({ "sort": [{ "a": { "script": 1 } }] }), "[script]"),
        (json!({ "sort": { "a": "up" } }), "Illegal sort order"),
        (json!({ "sort": "metadata.name" }), "Text fields are not optimised"),
        (json!({ "index": "nope" }), "no such index [nope]"),
        (json!({ "whatever": 1 }), "unknown search argument whatever"),
    ] {
        refuse(body, reason);
    }
    let mut deep = json!({ "match_all": {} });
    for _ in 0..40 {
        deep = json!({ "bool": { "must": [deep] } });
    }
    refuse(json!({ "query": deep }), "nested depth");
}

/// query-dsl-term-query, query-dsl-terms-query, dynamic-field-mapping, analysis-standard-analyzer.
#[test]
fn terms_match_tokens_and_keywords_match_whole_texts() {
    check(json!({ "term": { "nft.owner": "0xe2dd09d719da89e5a3d0f2549c7e24566e947260" } }), "a");
    check(json!({ "term": { "nft.owner": "0xe2DD09d719Da89e5a3D0F2549c7E24566e947260" } }), "");
    check(json!({ "term": { "nft.owner.keyword": "0xe2DD09d719Da89e5a3D0F2549c7E24566e947260" } }), "a");
    check(
        json!({ "term": { "nft.owner": { "value": "0xE2DD09D719DA89E5A3D0F2549C7E24566E947260", "case_insensitive": true } } }),
        "a",
    );
    check(json!({ "term": { "metadata.tags": "grid" } }), "a");
    check(json!({ "term": { "metadata.tags": "white-papers" } }), "");
    check(json!({ "term": { "metadata.tags.keyword": "white-papers" } }), "a");
    check(json!({ "term": { "metadata.tags.keyword": "Grid Data" } }), "a");
    check(json!({ "term": { "metadata.tags.keyword": "grid" } }), "");
    check(json!({ "terms": { "metadata.tags.keyword": ["weather", "Grid Data"] } }), "ab");
    check(json!({ "term": { "services.type": "compute" } }), "a");
    check(json!({ "terms": { "services.type": ["access"] } }), "abc");
    check(json!({ "term": { "services.compute.publisherTrustedAlgorithms.did.keyword": "did:op:12ab" } }), "a");
    check(json!({ "terms": { "nft.state": [0, 4] } }), "ac");
    check(json!({ "term": { "nft.state": "5" } }), "b");
    check(json!({ "term": { "chainId": { "value": 8996.0 } } }), "ac");
    check(json!({ "term": { "purgatory.state": false } }), "ac");
    check(json!({ "term": { "purgatory.state": "true" } }), "b");
    check(json!({ "term": { "nope": 1 } }), "");
    check(json!({ "terms": { "nope": [] } }), "");
    check(json!({ "terms": { "nft.state": ["0", 4.0] } }), "ac");
    check(json!({ "terms": { "stats.price.value": [1.5] } }), "a");
    check(json!({ "terms": { "purgatory.state": [true] } }), "b");
    check(json!({ "terms": { "nft.created": ["2022-06-01"] } }), "b");
    let many: Vec<String> = (0..60_000).map(|number| format!("did:op:{number:064x}")).chain(["b".to_owned()]).collect();
    check(json!({ "terms": { "_id": many } }), "b");
    refuse(json!({ "query": { "terms": { "_id": vec![1; 70_000] } } }), "has exceeded the allowed maximum of [65536]");
}

/// query-dsl-ids-query, mapping-id-field, mapping-index-field.
#[test]
fn ids_and_the_index_are_fields() {
    check(json!({ "ids": { "values": ["a", "c", "x"] } }), "ac");
    check(json!({ "terms": { "_id": ["b"] } }), "b");
    check(json!({ "term": { "_id": "B" } }), "");
    check(json!({ "term": { "_index": "aquarius" } }), "abc");
    check(json!({ "term": { "_index": "aquarius_retries" } }), "");
}

/// query-dsl-match-query, query-dsl-match-query-phrase.
#[test]
fn matches_analyse_their_text() {
    check(json!({ "match": { "metadata.name": "BRANIN berlin" } }), "ab");
    check(json!({ "match": { "metadata.name": { "query": "grid data", "operator": "and" } } }), "c");
    check(json!({ "match": { "metadata.name": { "query": "grid data hoo", "minimum_should_match": 2 } } }), "ac");
    check(json!({ "match": { "metadata.tags": { "query": "papers white", "operator": "and" } } }), "a");
    check(json!({ "match": { "metadata.tags.keyword": "weather" } }), "b");
    check(json!({ "match": { "nft.state": "4" } }), "c");
    check(json!({ "match": { "metadata.name": "..." } }), "");
    check(json!({ "match_phrase": { "metadata.name": "branin hoo" } }), "a");
    check(json!({ "match_phrase": { "metadata.name": "hoo branin" } }), "");
    check(json!({ "match_phrase": { "metadata.name": "branin data" } }), "");
    check(json!({ "match_phrase": { "metadata.name": { "query": "branin data", "slop": 1 } } }), "a");
    check(json!({ "match_phrase": { "content": { "query": "x", "boost": 4 } } }), "");
    check(
        json!({ "match": { "services.compute.publisherTrustedAlgorithms.did": { "query": "did:op:12ab", "operator": "and" } } }),
        "a",
    );
}

/// query-dsl-range-query, query-dsl-exists-query, date_detection of dynamic-field-mapping.
#[test]
fn ranges_and_existence() {
    check(json!({ "range": { "stats.orders": { "gt": 0 } } }), "ab");
    check(json!({ "range": { "stats.orders": { "gte": 3, "lt": 20 } } }), "a");
    check(json!({ "range": { "stats.orders": { "gte": "3" } } }), "ab");
    check(json!({ "range": { "indexedMetadata.event.block": { "gte": 0, "lte": 20 } } }), "ab");
    check(json!({ "range": { "indexedMetadata.stats.orders": { "gt": 0 } } }), "ab");
    check(json!({ "range": { "nft.created": { "gte": "2022-01-01" } } }), "ab");
    check(json!({ "range": { "nft.created": { "lt": "2022-01-01T00:00:00Z" } } }), "c");
    check(json!({ "range": { "stats.price.value": { "lt": 2 } } }), "a");
    check(json!({ "exists": { "field": "stats.price.value" } }), "ac");
    check(json!({ "exists": { "field": "metadata.author" } }), "ab");
    check(json!({ "exists": { "field": "metadata.tags" } }), "ab");
    check(json!({ "exists": { "field": "services.compute" } }), "a");
    check(json!({ "exists": { "field": "nope" } }), "");
}

/// query-dsl-bool-query, query-dsl-minimum-should-match, query-dsl-match-all-query.
#[test]
fn bool_combines() {
    let (data, free) = (json!({ "term": { "metadata.type": "dataset" } }), json!({ "term": { "chainId": 8996 } }));
    check(json!({ "match_all": {} }), "abc");
    check(json!({ "match_none": {} }), "");
    check(json!({ "bool": {} }), "abc");
    check(json!({ "bool": { "must": [data, free] } }), "a");
    check(json!({ "bool": { "must": data } }), "ab");
    check(json!({ "bool": { "filter": [data], "must_not": free } }), "b");
    check(json!({ "bool": { "must_not": [data] } }), "c");
    check(json!({ "bool": { "should": [data, free] } }), "abc");
    check(json!({ "bool": { "should": [data, free], "minimum_should_match": 2 } }), "a");
    check(json!({ "bool": { "should": [data, free], "minimum_should_match": "100%" } }), "a");
    check(json!({ "bool": { "should": [data, free], "minimum_should_match": -1 } }), "abc");
    check(json!({ "bool": { "should": [data], "filter": [free] } }), "ac");
    check(json!({ "bool": { "should": [data], "filter": [free], "minimum_should_match": 1 } }), "a");
    check(
        json!({ "bool": { "filter": [null, false, data], "must_not": [null, { "term": { "nft.state": 5 } }] } }),
        "a",
    );
    check(json!({ "bool": { "must": null, "filter": false } }), "abc");
    check(json!({ "constant_score": { "filter": data } }), "ab");
}

/// query-dsl-query-string-query.
#[test]
fn query_strings() {
    let fields = json!(["metadata.name^10", "metadata.author", "metadata.tags"]);
    let text = |query: &str| json!({ "query_string": { "query": query, "fields": fields } });
    check(text("branin"), "a");
    check(text("branin OR berlin"), "ab");
    check(text("branin berlin"), "ab");
    check(text("grid AND algorithm"), "c");
    check(text("grid NOT algorithm"), "a");
    check(text("grid -algorithm"), "a");
    check(text("+grid +hoo"), "a");
    check(text("(branin OR berlin) AND weather"), "b");
    check(text("\"grid data\""), "ac");
    check(text("\"data grid\""), "");
    check(text("\"branin data\"~1"), "a");
    check(text("bran*"), "a");
    check(text("b?rlin"), "b");
    check(text("*lgor*"), "c");
    check(text("ocean^5 weather"), "ab");
    check(text("metadata.type:algorithm"), "c");
    check(text("metadata.type:(algorithm OR dataset) AND grid"), "ac");
    check(json!({ "query_string": { "query": "**" } }), "abc");
    check(json!({ "query_string": { "query": "*" } }), "abc");
    check(json!({ "query_string": { "query": "did\\:op\\:12ab" } }), "a");
    check(json!({ "query_string": { "query": "weather", "default_field": "metadata.tags" } }), "b");
    check(json!({ "query_string": { "query": "branin hoo", "default_operator": "AND", "fields": fields } }), "a");
    check(json!({ "query_string": { "query": "branin berlin", "default_operator": "AND", "fields": fields } }), "");
    check(
        json!({ "query_string": { "query": "grid data hoo", "minimum_should_match": "2<75%", "fields": fields } }),
        "ac",
    );
    check(json!({ "query_string": { "query": "stats.orders:[3 TO 20}" } }), "a");
    for (query, expected) in [
        ("stats.orders:>3", "b"),
        ("stats.orders:>=3", "ab"),
        ("stats.orders:<3", "c"),
        ("stats.orders:<=3", "ac"),
        ("stats.orders:(>=3 AND <20)", "a"),
        ("-stats.orders:>3", "ac"),
        ("stats.orders:>", ""),
        // Without a field it is text.
        (">7", ""),
    ] {
        check(json!({ "query_string": { "query": query } }), expected);
    }
    check(json!({ "query_string": { "query": "_exists_:stats.price.value" } }), "ac");
    check(json!({ "query_string": { "query": "8996" } }), "ac");
    check(json!({ "prefix": { "metadata.name": "alg" } }), "c");
    check(json!({ "wildcard": { "metadata.tags.keyword": "Grid*" } }), "a");
}

/// sort-search-results, paginate-search-results.
#[test]
fn sorting_and_paging() {
    check_body(&json!({ "sort": { "stats.orders": "desc" } }), "bac");
    check_body(&json!({ "sort": [{ "stats.orders": { "order": "asc" } }] }), "cab");
    check_body(&json!({ "sort": { "nft.created": "desc" } }), "bac");
    check_body(&json!({ "sort": { "stats.price.value": "asc" } }), "acb");
    check_body(&json!({ "sort": { "stats.price.value": "desc" } }), "cab");
    check_body(&json!({ "sort": { "stats.price.value": { "order": "asc", "missing": "_first" } } }), "bac");
    check_body(&json!({ "sort": { "indexedMetadata.stats.prices.price.keyword": "asc" } }), "acb");
    check_body(&json!({ "sort": { "metadata.name.keyword": "asc" } }), "abc");
    check_body(&json!({ "sort": { "chainId": "asc", "stats.orders": "asc" } }), "bca");
    check_body(&json!({ "sort": { "undefined": "asc" } }), "abc");
    check_body(&json!({ "sort": { "stats.orders": "desc" }, "from": 1, "size": 1 }), "a");
    check_body(&json!({ "size": 0 }), "");
    check_body(&json!({ "from": "2", "size": "5", "sort": ["_doc"] }), "c");
    check_body(&json!({ "query": { "match": { "metadata.name": "grid hoo data" } }, "sort": "_score" }), "ac");
}

/// search-search: the envelope.
#[test]
fn the_envelope_counts_and_scores() {
    let documents = documents();
    let found = Search::parse(&json!({ "query": { "term": { "chainId": 8996 } }, "size": 1 }))
        .unwrap()
        .run(&documents)
        .unwrap();
    assert_eq!((found.hits.total.value, found.hits.hits.len()), (2, 1));
    assert_eq!(found.hits.max_score, Some(1.0));
    let sorted = Search::parse(&json!({ "sort": { "stats.orders": "asc" } })).unwrap().run(&documents).unwrap();
    assert_eq!((sorted.hits.max_score, sorted.hits.hits[0].score), (None, None));
    assert_eq!(sorted.hits.hits[0].sort, Some(vec![json!(0)]));
    let bare = Search::parse(&json!({ "_source": false })).unwrap().run(&documents).unwrap();
    assert_eq!(bare.hits.hits[0].source, json!({}));
    let filtered = Search::parse(&json!({ "query": { "bool": { "filter": { "match_all": {} } } } }))
        .unwrap()
        .run(&documents)
        .unwrap();
    assert_eq!(filtered.hits.max_score, Some(0.0));
}

/// search-aggregations-bucket-terms-aggregation, search-aggregations-metrics-sum-aggregation.
#[test]
fn aggregations_count_and_sum() {
    let documents = documents();
    let run = |body: Value| {
        let found = Search::parse(&body).unwrap_or_else(|error| panic!("{error}")).run(&documents).unwrap();
        found.aggregations.unwrap()
    };
    let total = run(json!({ "size": 0, "aggs": { "total": { "sum": { "field": "stats.orders" } } } }));
    assert_eq!(total, json!({ "total": { "value": 23.0 } }));
    let nothing =
        run(json!({ "query": { "match_none": {} }, "aggs": { "total": { "sum": { "field": "stats.orders" } } } }));
    assert_eq!(nothing["total"]["value"], 0.0);

    let tags = run(json!({ "aggs": { "tags": { "terms": { "field": "metadata.tags.keyword", "size": 2 } } } }));
    let buckets = json!([{ "key": "Grid Data", "doc_count": 1 }, { "key": "weather", "doc_count": 1 }]);
    assert_eq!(tags["tags"], json!({ "doc_count_error_upper_bound": 0, "sum_other_doc_count": 1, "buckets": buckets }));

    let by_type = run(json!({ "aggs": { "types": { "terms": { "field": "services.type.keyword" } } } }));
    let buckets = json!([{ "key": "access", "doc_count": 3 }, { "key": "compute", "doc_count": 1 }]);
    assert_eq!(by_type["types"]["buckets"], buckets);

    let owners = run(json!({ "aggs": { "owners": {
        "terms": { "field": "nft.owner.keyword", "order": { "sales": "desc" } },
        "aggs": { "sales": { "sum": { "field": "stats.orders" } } },
    } } }));
    let sales: Vec<_> =
        owners["owners"]["buckets"].as_array().unwrap().iter().map(|bucket| bucket["sales"]["value"].clone()).collect();
    assert_eq!(sales, [json!(20.0), json!(3.0), json!(0.0)]);

    let flags =
        run(json!({ "aggs": { "flags": { "terms": { "field": "purgatory.state", "order": { "_key": "desc" } } } } }));
    let first = json!({ "key": 1, "key_as_string": "true", "doc_count": 1 });
    assert_eq!(flags["flags"]["buckets"][0], first);
    let chains = run(
        json!({ "aggs": { "chains": { "terms": { "field": "chainId", "order": [{ "_count": "asc" }, { "_key": "asc" }] } } } }),
    );
    assert_eq!(chains["chains"]["buckets"][0], json!({ "key": 1, "doc_count": 1 }));
}
