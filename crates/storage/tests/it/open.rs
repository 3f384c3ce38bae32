//! Reading files.

use ocean_ddo::{FileObject, HttpMethod};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::server::{Request, Server, get, patient, post, read_all, with_headers};

/// Answers with what it was asked.
async fn echo() -> Server {
    Server::start(|request, mut connection| {
        Box::pin(async move {
            let Request { method, target, headers, body } = request;
            let seen = json!({ "method": method, "target": target, "headers": headers, "body": body }).to_string();
            connection.answer("200 OK", "content-type: application/json; charset=utf-8\r\n", &seen).await;
        })
    })
    .await
}

async fn echoed(file: &FileObject, user_data: Option<&Value>) -> Value {
    let file = patient().open(file, None, user_data).await.unwrap();
    serde_json::from_str(&read_all(file).await.unwrap()).unwrap()
}

#[tokio::test]
async fn user_data_become_the_query_of_a_get() {
    let server = echo().await;
    let data = json!({"surname": "XXX", "age": 12, "on": true, "none": null, "sp ace": "ä&="});
    let seen = echoed(&get(server.url("/e.json?a=1")), Some(&data)).await;
    assert_eq!(seen["target"], "/e.json?a=1&surname=XXX&age=12&on=true&sp+ace=%C3%A4%26%3D");
    assert_eq!(seen["body"], "");
    let seen = echoed(&get(server.url("/e.json")), Some(&json!("no object"))).await;
    assert_eq!(seen["target"], "/e.json");
}

#[tokio::test]
async fn user_data_become_the_body_of_a_post() {
    let server = echo().await;
    let seen = echoed(&post(server.url("/e.json")), Some(&json!({"surname": "XXX", "age": 12}))).await;
    assert_eq!((&seen["method"], &seen["body"]), (&json!("POST"), &json!(r#"{"surname":"XXX","age":12}"#)));
    assert_eq!(seen["headers"]["content-type"], "application/json");
    let seen = echoed(&post(server.url("/e.json")), None).await;
    assert_eq!((&seen["method"], &seen["body"]), (&json!("POST"), &json!("")));
}

#[tokio::test]
async fn graphql_is_a_post_of_the_query() {
    let server = echo().await;
    let file = FileObject::Graphql {
        url: server.url("/graphql"),
        query: "query{nfts{id}}".to_owned(),
        headers: [("x-key".to_owned(), "k".to_owned())].into(),
    };
    let seen = echoed(&file, None).await;
    assert_eq!(seen["body"], r#"{"query":"query{nfts{id}}"}"#);
    assert_eq!(seen["headers"]["x-key"], "k");
    let seen = echoed(&file, Some(&json!({"first": 3}))).await;
    assert_eq!(seen["body"], r#"{"query":"query{nfts{id}}","variables":{"first":3}}"#);
}

#[tokio::test]
async fn the_headers_of_the_file_object_are_sent_except_those_of_the_connection() {
    let server = echo().await;
    let given = [
        ("X-Api", "k"),
        ("Host", "evil"),
        ("Content-Length", "7"),
        ("Transfer-Encoding", "chunked"),
        ("User-Agent", "me"),
    ];
    let seen = echoed(&with_headers(server.url("/"), &given), None).await;
    let headers = &seen["headers"];
    assert_eq!(headers["x-api"], "k");
    assert_eq!(headers["user-agent"], "me");
    assert_eq!(headers["accept-encoding"], "identity");
    assert_eq!(headers["host"], server.address.to_string());
    assert_eq!((headers.get("content-length"), headers.get("transfer-encoding")), (None, None));
}

#[tokio::test]
async fn user_and_password_of_a_url_become_a_header() {
    let server = echo().await;
    let url = server.url("/a?b=c#part").replace("http://", "http://me:p%40ss@");
    let seen = echoed(&get(url.clone()), None).await;
    // base64("me:p@ss")
    assert_eq!(seen["headers"]["authorization"], "Basic bWU6cEBzcw==");
    assert_eq!(seen["target"], "/a?b=c");
    let seen = echoed(&with_headers(url, &[("Authorization", "Bearer x")]), None).await;
    assert_eq!(seen["headers"]["authorization"], "Bearer x");
    let seen = echoed(&get(server.url("/a")), None).await;
    assert_eq!(seen["headers"].get("authorization"), None);
    assert!(seen["headers"]["user-agent"].as_str().unwrap().starts_with("ocean-storage/"));
}

#[tokio::test]
async fn a_source_that_speaks_no_tls_is_no_https_source() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    });
    assert_eq!(patient().open(&get(url), None, None).await.unwrap_err(), ocean_storage::Error::Connect);
}

/// `0123456789` with parts.
async fn digits() -> Server {
    Server::start(|request, mut connection| {
        Box::pin(async move {
            let headers = "etag: \"v1\"\r\naccept-ranges: bytes\r\ncontent-type: text/plain\r\n";
            let head = request.method == "HEAD";
            let (status, range, body) = match request.headers.get("range").map(String::as_str) {
                None => ("200 OK", String::new(), "0123456789"),
                Some("bytes=2-4") => ("206 Part", "content-range: bytes 2-4/10\r\n".to_owned(), "234"),
                Some("bytes=-3") => ("206 Part", "content-range: bytes 7-9/10\r\n".to_owned(), "789"),
                Some(_) => ("416 No", "content-range: bytes */10\r\n".to_owned(), ""),
            };
            let length = body.len();
            let body = if head { "" } else { body };
            connection
                .send(&format!(
                    "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}{range}\r\n{body}"
                ))
                .await;
        })
    })
    .await
}

#[tokio::test]
async fn parts_are_served_as_the_source_serves_them() {
    let server = digits().await;
    for (range, status, content_range, body) in [
        (None, 200, None, "0123456789"),
        (Some("bytes=2-4"), 206, Some("bytes 2-4/10"), "234"),
        (Some("bytes=-3"), 206, Some("bytes 7-9/10"), "789"),
        (Some("bytes=50-"), 416, Some("bytes */10"), ""),
    ] {
        let file = get(server.url("/digits.txt"));
        let opened = patient().open(&file, range, None).await.unwrap();
        assert_eq!(opened.status, status);
        assert_eq!(opened.content_range.as_deref(), content_range);
        assert_eq!(opened.content_length, Some(body.len() as u64));
        assert_eq!((opened.etag.as_deref(), opened.accept_ranges.as_deref()), (Some("\"v1\""), Some("bytes")));
        assert_eq!(opened.file_name, "digits.txt");
        assert_eq!(read_all(opened).await.unwrap(), body);

        let head = patient().head(&file, range, None).await.unwrap();
        assert_eq!((head.status, head.content_range.as_deref()), (status, content_range));
        assert_eq!(head.content_length, Some(body.len() as u64));
        assert_eq!(read_all(head).await.unwrap(), "");
        assert_eq!(server.requests().last().unwrap().method, "HEAD");
    }
}

#[tokio::test]
async fn the_range_of_the_file_object_wins() {
    let server = digits().await;
    let file = with_headers(server.url("/digits.txt"), &[("Range", "bytes=2-4")]);
    let opened = patient().open(&file, Some("bytes=-3"), None).await.unwrap();
    assert_eq!(read_all(opened).await.unwrap(), "234");
}

#[tokio::test]
async fn head_of_a_source_without_head_reads_nothing() {
    let server = Server::start(|request, mut connection| {
        Box::pin(async move {
            match request.method.as_str() {
                "HEAD" => connection.answer("501 Not Implemented", "", "").await,
                _ => connection.answer("200 OK", "content-type: text/csv\r\n", "a,b\n").await,
            }
        })
    })
    .await;
    let head = patient().head(&get(server.url("/data")), None, None).await.unwrap();
    assert_eq!((head.content_length, head.file_name.as_str()), (Some(4), "data.csv"));
    assert_eq!(read_all(head).await.unwrap(), "");
    // A file that is posted for is posted for, since HEAD would tell about something else.
    let posted = FileObject::Url { url: server.url("/data"), method: HttpMethod::Post, headers: Default::default() };
    patient().head(&posted, None, None).await.unwrap();
    assert_eq!(server.requests().last().unwrap().method, "POST");
}

#[tokio::test]
async fn five_megabytes_arrive_as_they_are() {
    let body: String = (0..500_000).map(|number: u32| format!("{number:09}\n")).collect();
    let sent = body.clone();
    let server = Server::start(move |_, mut connection| {
        let sent = sent.clone();
        Box::pin(async move { connection.answer("200 OK", "", &sent).await })
    })
    .await;
    let opened = patient().open(&get(server.url("/big.csv")), None, None).await.unwrap();
    assert_eq!(opened.content_length, Some(5_000_000));
    assert!(read_all(opened).await.unwrap() == body);
}
