//! Every route of a running server: statuses, content types and texts; and every shape of query that clients send.

use reqwest::{Method, StatusCode};

use super::*;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What a request is answered with.
struct Wire {
    url: String,
    http: reqwest::Client,
}

impl Wire {
    async fn send(&self, method: Method, path: &str, body: Option<(&str, &str)>) -> (StatusCode, String, String) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        (response.status(), kind.unwrap_or_default(), response.text().await.unwrap())
    }

    /// Expects this answer; `*` at the end of the body stands for anything.
    #[track_caller]
    fn check<'a>(
        &'a self,
        call: &'a str,
        body: Option<(&'a str, &'a str)>,
        expected: (u16, &'a str, &'a str),
    ) -> impl Future<Output = ()> + 'a {
        let caller = Location::caller();
        async move {
            let (method, path) = call.split_once(' ').unwrap();
            let (status, kind, text) = self.send(method.parse().unwrap(), path, body).await;
            let fits = match expected.2.strip_suffix('*') {
                Some(start) => text.starts_with(start),
                None => text == expected.2,
            };
            assert!(
                (status.as_u16(), kind.as_str()) == (expected.0, expected.1) && fits,
                "{call} at {caller}: {status} {kind}\n{text}\ninstead of\n{}",
                expected.2
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_as_documented() {
    let testbed = Testbed::builder().start().await.unwrap();
    let publisher = contracts(&testbed, PUBLISHER).await;
    let asset = create(&publisher, free()).await;
    let name = "Br\u{e4}nin \u{1f600}";
    let text = document(asset.nft, asset.datatoken, name);
    let sent = put(&publisher, asset.nft, &text).await;
    let (url, did) = (testbed.aquarius_url().to_owned(), did(asset.nft));
    at_head(&testbed, &url).await;
    let (nft, tx, block) = (asset.nft.to_checksum(None), format!("{:#x}", sent.tx), sent.block);
    let wire = Wire { url, http: reqwest::Client::new() };
    let api = "/api/aquarius";
    let json_of = |text: &'static str| Some((JSON, text));

    // Service routes.
    let root = "{\"plugin\":\"module\",\"software\":\"Aquarius\",\"version\":\"5.1.8\"}\n";
    wire.check("GET /", None, (200, JSON, root)).await;
    wire.check("GET /health", None, (200, HTML, "Elasticsearch connected")).await;
    wire.check("GET /spec", None, (200, JSON, "{\"info\":{\"connected\":[\"Elasticsearch connected\",200],*")).await;
    wire.check("GET /nowhere", None, (404, HTML, "<!doctype html>*")).await;

    // Documents.
    let start = format!("{}*", &text[..text.len() - 1]);
    wire.check(&format!("GET {api}/assets/ddo/{did}"), None, (200, JSON, &start)).await;
    let unknown = "{\"error\":\"Asset DID did:op:00 not found in Elasticsearch.\"}\n";
    wire.check(&format!("GET {api}/assets/ddo/did:op:00"), None, (404, JSON, unknown)).await;
    let dumped = "{\"created\": \"2021-12-20T14:35:20Z\", \"updated\": \"2021-12-20T14:35:20Z\", \"type\": \"dataset\", \"name\": \"Br\\u00e4nin \\ud83d\\ude00\", \"description\": \"Branin values on a grid\", \"author\": \"oceanprotocol\", \"license\": \"MIT\", \"tags\": [\"white papers\", \"Br\\u00e4nin \\ud83d\\ude00\"]}";
    wire.check(&format!("GET {api}/assets/metadata/{did}"), None, (200, JSON, dumped)).await;
    let unknown = "{\"error\":\"Error encountered while retrieving metadata: NotFoundError(404, \\\"{'_index': 'aquarius', '_id': 'did:op:00', 'found': False}\\\").\"}\n";
    wire.check(&format!("GET {api}/assets/metadata/did:op:00"), None, (404, JSON, unknown)).await;

    // Names.
    let names = format!("POST {api}/assets/names");
    let both = format!("{{\"didList\":[\"{did}\",\"did:op:00\"]}}");
    let answer = format!("{{\"did:op:00\":\"\",\"{did}\":\"{name}\"}}\n");
    let sorted = if "did:op:00" < did.as_str() { answer } else { panic!("a DID before did:op:00") };
    wire.check(&names, Some((JSON, &both)), (200, JSON, &sorted)).await;
    let not_dict = "{\"error\":\"Invalid payload. The request could not be converted into a dict.\"}\n";
    for (body, said) in [
        ("{\"didList\":[]}", "{\"error\":\"The requested didList can not be empty.\"}\n"),
        ("{}", "{\"error\":\"`didList` is required in the request payload.\"}\n"),
        ("{\"didList\":\"x\"}", "{\"error\":\"The didList must be a list.\"}\n"),
        ("[]", not_dict),
    ] {
        wire.check(&names, json_of(body), (400, JSON, said)).await;
    }
    wire.check(&names, Some(("text/plain", "{}")), (415, HTML, "<!doctype html>*")).await;

    // Queries.
    let query = format!("POST {api}/assets/query");
    wire.check(&query, json_of("[]"), (400, JSON, not_dict)).await;
    wire.check(&query, json_of("{"), (400, HTML, "<!doctype html>*")).await;
    wire.check(&query, Some(("text/plain", "{}")), (415, HTML, "<!doctype html>*")).await;
    let unknown = "{\"error\":\"Encountered Elasticsearch Exception: Elasticsearch.search() got an unexpected keyword argument 'foo'\"}\n";
    wire.check(&query, json_of("{\"foo\":1}"), (500, JSON, unknown)).await;
    let parsing = "{\"error\":\"Encountered Elasticsearch Exception: BadRequestError(400, 'parsing_exception', 'unknown query [fuzzy]')\"}\n";
    wire.check(&query, json_of("{\"query\":{\"fuzzy\":{\"a\":\"b\"}}}"), (500, JSON, parsing)).await;
    let window = "{\"error\":\"Encountered Elasticsearch Exception: BadRequestError(400, 'search_phase_execution_exception', 'Result window is too large, from + size must be less than or equal to: [10000] but was [100*";
    wire.check(&query, json_of("{\"from\":9991,\"size\":10}"), (500, JSON, window)).await;
    wire.check(
        &query,
        json_of("{\"from\":9990,\"size\":10}"),
        (200, JSON, "{\"_shards\":{\"failed\":0,\"skipped\":0,\"successful\":1,\"total\":1},\"hits\":{\"hits\":[],*"),
    )
    .await;
    wire.check(&query, json_of("{\"query\":{\"match_all\":{}}}"), (200, JSON, "{\"_shards\":*")).await;
    let node_query = format!("POST {api}/assets/metadata/query");
    wire.check(&node_query, json_of("{\"query\":{\"match_all\":{}}}"), (200, JSON, "[[{\"@context\":*")).await;
    wire.check(&node_query, json_of("{\"query\":{\"match_all\":{}},\"index\":\"order\"}"), (200, JSON, "[]")).await;
    wire.check(&node_query, json_of("{\"from\":1001,\"size\":10}"), (500, JSON, window)).await;

    // Validation, told apart by the content type.
    let validate = format!("POST {api}/assets/ddo/validate");
    let octets = "application/octet-stream";
    let form = "{\"error\":\"Invalid request content type: should be application/octet-stream\"}\n";
    wire.check(&validate, Some(("text/plain", &text)), (400, JSON, form)).await;
    wire.check(&validate, Some((octets, "{")), (400, JSON, not_dict)).await;
    wire.check(&validate, Some((octets, "{}")), (400, JSON, "[{\"message\":\"no version provided for DDO.\"}]\n"))
        .await;
    let schema = "{\"error\":\"Encountered error when validating asset: Can't find schema 9.9.9.\"}\n";
    wire.check(&validate, Some((octets, "{\"version\":\"9.9.9\"}")), (500, JSON, schema)).await;
    wire.check(&validate, Some((octets, "{\"version\":\"4.5.0\"}")), (400, JSON, "{\"errors\":{\"*")).await;
    let hash = format!("{{\"hash\":\"{:#x}\",\"publicKey\":\"0x*", sha256(&text));
    wire.check(&validate, Some((octets, &text)), (200, JSON, &hash)).await;
    wire.check(&validate, json_of("{\"ddo\":{}}"), (400, TEXT, "Missing DDO version")).await;
    let wrapped = format!("{{\"ddo\":{text}}}");
    wire.check(&validate, Some((JSON, &wrapped)), (200, JSON, &hash)).await;

    // Triggers.
    let trigger = format!("POST {api}/assets/triggerCaching");
    let invalid = "{\"error\":\"Invalid transactionId or chain_id\"}\n";
    for body in ["{}", "{\"transactionId\":\"0x00\",\"chain_id\":8996}"] {
        wire.check(&trigger, json_of(body), (400, JSON, invalid)).await;
    }
    for chain in ["chain_id", "chainId"] {
        let body = format!("{{\"transactionId\":\"{tx}\",\"{chain}\":8996}}");
        wire.check(&trigger, Some((JSON, &body)), (200, JSON, "Queued")).await;
    }

    // Chains, states, queues, schemas.
    wire.check(&format!("GET {api}/chains/list"), None, (200, JSON, "{\"8996\":true}\n")).await;
    let status = format!("{{\"last_block\":{block},\"version\":\"5.1.8\"}}\n");
    wire.check(&format!("GET {api}/chains/status/8996"), None, (200, JSON, &status)).await;
    let unknown = "{\"error\":\"Chain 1 is not indexed.\"}\n";
    wire.check(&format!("GET {api}/chains/status/1"), None, (404, JSON, unknown)).await;
    let state = format!(
        "{{\"chain_id\":8996,\"did\":\"{did}\",\"error\":null,\"nft\":\"{nft}\",\"tx_id\":\"{tx}\",\"valid\":true}}\n"
    );
    for asked in [format!("did={did}"), format!("nft={}", nft.to_lowercase()), format!("txId={tx}&chainId=8996")] {
        wire.check(&format!("GET {api}/state/ddo?{asked}"), None, (200, JSON, &state)).await;
    }
    for asked in [format!("did={did}&chainId=1"), format!("did={did}&txId=0x{}", "00".repeat(32)), "nft=x".to_owned()] {
        wire.check(&format!("GET {api}/state/ddo?{asked}"), None, (404, TEXT, "Not found")).await;
    }
    let none = "{\"error\":\"You need to specify one of: nft, txId, did\"}\n";
    wire.check(&format!("GET {api}/state/ddo"), None, (400, JSON, none)).await;
    wire.check(&format!("GET {api}/state/retryQueue"), None, (200, JSON, "{\"_shards\":*")).await;
    wire.check("GET /api/services/indexQueue", None, (200, JSON, "{\"queue\":[]}\n")).await;
    wire.check(&format!("GET {api}/validation/schema"), None, (200, JSON, "{\"@context\":*")).await;
    let unknown = "{\"erorr\":\"Schema version not found.\"}\n";
    wire.check(&format!("GET {api}/validation/schema?version=9"), None, (404, JSON, unknown)).await;

    // Any origin may ask, also before a request that is not simple.
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api/aquarius/assets/ddo/x"),
        (Method::OPTIONS, "/api/aquarius/assets/query"),
    ] {
        let request =
            wire.http.request(method, format!("{}{path}", wire.url)).header("origin", "https://market.example");
        let response = request.header("access-control-request-method", "POST").send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "https://market.example", "{path}");
        let vary: Vec<_> =
            response.headers().get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase()).collect();
        assert!(vary.join(",").contains("origin"), "{path}: {vary:?}");
    }
    testbed.stop().await.unwrap();
}

/// One document, by name, of those that a query finds.
async fn found(url: &str, body: &Value) -> Vec<String> {
    let answer = client(url).query(body).await.unwrap_or_else(|error| panic!("{body}: {error}"));
    answer.hits.hits.iter().map(|hit| hit.source["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_in_the_words_of_the_clients() {
    let testbed = Testbed::builder().start().await.unwrap();
    let publisher = contracts(&testbed, PUBLISHER).await;
    let other = contracts(&testbed, 3).await;
    let url = testbed.aquarius_url();
    let (apple, banana, cherry) =
        (create(&publisher, free()).await, create(&other, free()).await, create(&publisher, free()).await);
    put(&publisher, apple.nft, &document(apple.nft, apple.datatoken, "apple tree")).await;
    put(&other, banana.nft, &document(banana.nft, banana.datatoken, "banana")).await;
    let trusting = document(cherry.nft, cherry.datatoken, "cherry").replace(
        "\"type\":\"access\"",
        &format!("\"type\":\"compute\",\"compute\":{{\"allowRawAlgorithm\":false,\"allowNetworkAccess\":true,\"publisherTrustedAlgorithmPublishers\":[],\"publisherTrustedAlgorithms\":[{{\"did\":\"{}\",\"filesChecksum\":\"f\",\"containerSectionChecksum\":\"c\"}}]}}", did(banana.nft)),
    );
    put(&publisher, cherry.nft, &trusting).await;
    forks::order(&testbed, &contracts(&testbed, BUYER).await, banana.datatoken).await;
    publisher.set_metadata_state(cherry.nft, 5).await.unwrap();
    at_head(&testbed, url).await;

    let owner = testbed.accounts()[PUBLISHER].address.to_checksum(None);
    let (apple_did, banana_did) = (did(apple.nft).to_string(), did(banana.nft).to_string());
    let (apple_nft, banana_token) = (apple.nft.to_checksum(None), banana.datatoken.to_checksum(None));
    let old_base = |more: Value| {
        json!({ "from": 0, "size": 21, "query": { "bool": { "filter": [
            { "terms": { "chainId": [8996, 1] } }, { "term": { "_index": "aquarius" } },
            { "term": { "purgatory.state": false } },
            { "bool": { "must_not": [{ "term": { "nft.state": 5 } }, false, null] } }, false, null, more,
        ] } }, "sort": { "nft.created": "asc" } })
    };
    let by = |query: Value| json!({ "query": query, "sort": { "indexedMetadata.event.block": "asc" } });
    let all: &[&str] = &["apple tree", "banana", "cherry"];
    let everything_text = |text: &str| {
        let fields = json!([
            "id",
            "nft.owner",
            "datatokens.address",
            "datatokens.name",
            "metadata.name^10",
            "metadata.author",
            "metadata.description",
            "metadata.tags"
        ]);
        by(json!({ "bool": { "must": [{ "bool": { "should": [
            { "query_string": { "query": text, "fields": fields, "minimum_should_match": "2<75%", "phrase_slop": 2, "boost": 5 } },
            { "query_string": { "query": format!("{text}*"), "fields": fields, "boost": 5, "lenient": true } },
            { "match_phrase": { "content": { "query": text, "boost": 10 } } },
            { "query_string": { "query": format!("*{text}*"), "fields": fields, "default_operator": "AND" } },
        ] } }] } }))
    };
    let cases: Vec<(&str, Value, &[&str])> = vec![
        (
            "1 escaped",
            by(json!({ "query_string": { "query": banana_did.replace(':', "\\:") } })),
            &["banana", "cherry"],
        ),
        ("2 fields", by(json!({ "query_string": { "query": "apple", "fields": ["metadata.name"] } })), &["apple tree"]),
        (
            "3 default field",
            by(json!({ "query_string": { "query": "banana", "default_field": "metadata.name" } })),
            &["banana"],
        ),
        ("4 everything", by(json!({ "match_all": {} })), all),
        ("5 market until 2023", old_base(Value::Null), &["apple tree", "banana"]),
        (
            "5 market",
            by(
                json!({ "bool": { "filter": [{ "terms": { "chainId": [8996] } }, { "term": { "indexedMetadata.purgatory.state": false } }, null] } }),
            ),
            all,
        ),
        ("6 a word", everything_text("banana"), &["banana"]),
        ("6 two words", everything_text("apple OR tree"), &["apple tree"]),
        ("6 the start of a word", everything_text("cher"), &["cherry"]),
        ("6 nothing", everything_text(""), all),
        ("7 tag", by(json!({ "term": { "metadata.tags.keyword": "white papers" } })), all),
        ("7 tags", by(json!({ "terms": { "metadata.tags.keyword": ["banana", "cherry"] } })), &["banana", "cherry"]),
        ("7 owner", by(json!({ "term": { "nft.owner": owner.to_lowercase() } })), &["apple tree", "cherry"]),
        ("7 exact owner", by(json!({ "term": { "nft.owner.keyword": owner } })), &["apple tree", "cherry"]),
        ("7 type", by(json!({ "term": { "services.type": "compute" } })), &["cherry"]),
        ("7 types", by(json!({ "terms": { "metadata.type": ["dataset", "algorithm"] } })), all),
        ("7 datatoken", by(json!({ "term": { "services.datatokenAddress.keyword": banana_token } })), &["banana"]),
        (
            "7 datatokens",
            by(json!({ "terms": { "services.datatokenAddress": [banana_token.to_lowercase()] } })),
            &["banana"],
        ),
        ("7 states", by(json!({ "terms": { "nft.state": [0, 4, 5] } })), all),
        ("8 ids", by(json!({ "terms": { "_id": [apple_did, banana_did] } })), &["apple tree", "banana"]),
        (
            "9 objects for lists",
            by(
                json!({ "bool": { "must_not": { "term": { "nftAddress.keyword": apple_nft } }, "filter": [null, { "term": { "chainId": 8996 } }] } }),
            ),
            &["banana", "cherry"],
        ),
        (
            "10 trusting",
            by(
                json!({ "bool": { "must": { "match": { "services.compute.publisherTrustedAlgorithms.did": { "query": banana_did } } } } }),
            ),
            &["cherry"],
        ),
        ("11 block", by(json!({ "range": { "indexedMetadata.event.block": { "gte": 0 } } })), all),
        ("11 orders", by(json!({ "range": { "indexedMetadata.stats.orders": { "gt": 0 } } })), &["banana"]),
        ("12 exists", by(json!({ "exists": { "field": "metadata.tags" } })), all),
        (
            "12 whitelist",
            by(
                json!({ "bool": { "should": [{ "match": { "nftAddress": apple_nft } }, { "match": { "metadata.name": "cherry" } }], "minimum_should_match": 1 } }),
            ),
            &["apple tree", "cherry"],
        ),
        (
            "14 orders first",
            json!({ "query": { "match_all": {} }, "sort": { "indexedMetadata.stats.orders": "desc" }, "size": 1 }),
            &["banana"],
        ),
        (
            "14 price",
            json!({ "query": { "term": { "metadata.name": "banana" } }, "sort": { "indexedMetadata.stats.prices.price.keyword": "asc" } }),
            &["banana"],
        ),
        (
            "14 no such field",
            json!({ "query": { "ids": { "values": [apple_did] } }, "sort": { "undefined": "asc" } }),
            &["apple tree"],
        ),
        (
            "14 score",
            json!({ "query": { "match": { "metadata.name": "apple" } }, "sort": { "_score": "desc" } }),
            &["apple tree"],
        ),
    ];
    for (case, body, expected) in &cases {
        assert_eq!(&found(url, body).await, expected, "{case}: {body}");
        // The newer route takes the same query, by page.
        let mut paged = body.clone();
        paged["from"] = json!(1);
        let groups = client(url).metadata_query(&paged).await.unwrap();
        let names: Vec<_> = groups.iter().map(|document| document["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(&names, expected, "{case} by page");
    }
    // Pages of the newer route begin at 1, and 0 is the first one, too.
    for (page, expected) in [(0, "apple tree"), (1, "apple tree"), (2, "banana"), (3, "cherry")] {
        let mut body = by(json!({ "match_all": {} }));
        (body["from"], body["size"]) = (json!(page), json!(1));
        let documents = client(url).metadata_query(&body).await.unwrap();
        assert_eq!(documents[0]["metadata"]["name"], expected, "page {page}");
    }
    let body = json!({ "size": 0, "query": { "match_all": {} }, "aggs": {
        "totalOrders": { "sum": { "field": "stats.orders" } },
        "topPublishers": { "terms": { "field": "nft.owner.keyword", "order": { "totalSales": "desc" } }, "aggs": { "totalSales": { "sum": { "field": "stats.orders" } } } },
        "topTags": { "terms": { "field": "metadata.tags.keyword", "size": 20 } },
    } });
    let answer = client(url).query(&body).await.unwrap();
    assert_eq!((answer.hits.total.value, answer.hits.hits.len()), (3, 0));
    let sums = answer.aggregations.unwrap();
    assert_eq!(sums["totalOrders"]["value"], 2.0);
    assert_eq!(sums["topPublishers"]["buckets"][0]["key"], testbed.accounts()[3].address.to_checksum(None));
    assert_eq!(sums["topPublishers"]["buckets"][0]["totalSales"]["value"], 2.0);
    assert_eq!(sums["topTags"]["buckets"][0], json!({ "key": "white papers", "doc_count": 3 }));
    testbed.stop().await.unwrap();
}
