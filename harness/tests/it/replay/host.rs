//! The host of the recorded files, and an IPFS gateway.

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get},
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

/// The files' URLs are part of the recorded, encrypted documents.
const ADDRESS: &str = "127.0.0.1:8613";

/// The bytes of `mid6.bin`.
pub(super) const LONG: usize = 6 * 1024 * 1024;

/// Serves the files and returns the URL of a gateway for IPFS; both end with the test.
pub(super) async fn serve() -> String {
    let small = "hello ocean provider\n".repeat(10);
    let files = Router::new()
        .route("/small.txt", get(|range: HeaderMap| file("text/plain", small, range)))
        .route("/data.csv", get(|range: HeaderMap| file("text/csv", "a,b\n1,2\n", range)))
        .route("/mid6.bin", get(|range: HeaderMap| file("application/octet-stream", vec![b'x'; LONG], range)))
        .route("/noext", get(|range: HeaderMap| file("application/octet-stream", "no extension\n", range)))
        .route("/redirect", get(redirect))
        .route("/graphql", any(graphql))
        .route("/echo/{*path}", any(echo));
    let gateway = Router::new().route("/ipfs/{hash}", get(ipfs));
    // Another run of this test on the machine may hold the port for the seconds that it takes.
    let begun = Instant::now();
    let listener = loop {
        match TcpListener::bind(ADDRESS).await {
            Ok(listener) => break listener,
            Err(error) if begun.elapsed() > Duration::from_secs(60) => panic!("{ADDRESS}: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    tokio::spawn(async move { axum::serve(listener, files).await.unwrap() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, gateway).await.unwrap() });
    url
}

async fn file(kind: &'static str, bytes: impl Into<Bytes>, headers: HeaderMap) -> Response {
    let bytes: Bytes = bytes.into();
    let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes=")) else {
        return ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    };
    let length = bytes.len();
    let (first, last) = match range.split_once('-').unwrap() {
        ("", count) => (length - count.parse::<usize>().unwrap(), length - 1),
        (first, last) => (first.parse().unwrap(), last.parse().unwrap_or(length - 1)),
    };
    let content_range = format!("bytes {first}-{last}/{length}");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_RANGE, content_range)];
    (StatusCode::PARTIAL_CONTENT, headers, bytes.slice(first..=last)).into_response()
}

async fn redirect(Query(query): Query<Vec<(String, String)>>) -> Redirect {
    Redirect::temporary(&query.iter().find(|(name, _)| name == "to").unwrap().1)
}

async fn ipfs(axum::extract::Path(hash): axum::extract::Path<String>) -> Response {
    if hash == "QmNope" {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain")], "ipfs content").into_response()
}

async fn graphql(body: Bytes) -> Response {
    let asked = if body.is_empty() { String::new() } else { python(&serde_json::from_slice(&body).unwrap()) };
    answer(&json!({"data": {"echo": asked, "nfts": []}}))
}

/// What arrived, as the recorded host told it of what the recorded Provider sent: the names that every client fills in by itself
/// are the recorded ones, everything else is what came.
async fn echo(State(()): State<()>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await.unwrap();
    let mut headers = Map::new();
    for (name, value) in [
        ("Host", ADDRESS),
        ("User-Agent", "python-requests/2.32.4"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ] {
        headers.insert(name.to_owned(), json!(value));
    }
    for (name, value) in &parts.headers {
        let known = ["host", "user-agent", "accept-encoding", "accept", "connection", "content-length", "content-type"];
        if !known.contains(&name.as_str()) {
            let words = name.as_str().split('-').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..]));
            headers.insert(words.collect::<Vec<_>>().join("-"), json!(value.to_str().unwrap()));
        }
    }
    let mut text = String::new();
    if !body.is_empty() {
        text = python(&serde_json::from_slice(&body).unwrap());
        headers.insert("Content-Length".to_owned(), json!(text.len().to_string()));
        headers.insert("Content-Type".to_owned(), json!(parts.headers["content-type"].to_str().unwrap()));
    }
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).unwrap();
    let query: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let method = if parts.method == "HEAD" { "GET" } else { parts.method.as_str() };
    answer(&json!({"method": method, "query": query, "headers": headers, "body": text}))
}

fn answer(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], python(value)).into_response()
}

/// As Python's `json.dumps` writes it.
fn python(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", json!(name), python(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
