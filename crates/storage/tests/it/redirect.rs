//! Redirects: each hop is checked before anything is sent to it, and learns only what is its own.

use ocean_storage::{Error, InfoOptions};
use serde_json::json;

use crate::{
    guard::{LOOPBACK, target},
    server::{Server, get, local, patient, post, public, read_all, with_headers},
};

/// Redirects `/<status>/<target, percent-encoded>`; other paths are a file.
async fn redirector(address: &str) -> Server {
    Server::start_at(address, |request, mut connection| {
        Box::pin(async move {
            let decoded = percent_encoding::percent_decode_str(&request.target).decode_utf8_lossy().into_owned();
            match decoded.trim_start_matches('/').split_once('/') {
                Some((status, location)) if status.starts_with('3') => {
                    connection.answer(&format!("{status} Elsewhere"), &format!("location: {location}\r\n"), "").await;
                }
                _ => connection.answer("200 OK", "content-type: text/plain\r\n", "the file").await,
            }
        })
    })
    .await
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let target = target().await;
    let outside = redirector("127.0.0.2:0").await;
    let storage = public().permit("127.0.0.2".parse().unwrap()).build().unwrap();
    let mut refused = 0;
    for host in LOOPBACK.into_iter().chain(["169.254.169.254", "10.0.0.1", "[fd00::1]", "192.168.0.1"]) {
        let inside = format!("http://{host}:{}/", target.address.port());
        let file = get(outside.url(&format!("/302/{}", encoded(&inside))));
        let info = storage.info(&file, InfoOptions::default()).await;
        // A header cannot carry some of the spellings at all.
        let expected = |error: &Error| error.is_refused() || *error == Error::InvalidRedirect;
        assert!(!info.valid && expected(&info.error.clone().unwrap()), "{inside}: {info:?}");
        let error = storage.open(&file, None, None).await.unwrap_err();
        assert!(expected(&error), "{inside}: {error:?}");
        refused += 1;
    }
    assert_eq!(refused, LOOPBACK.len() + 4);
    assert!(outside.connections() >= refused, "the redirects were asked for");
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn redirects_to_other_schemes_or_nowhere_are_errors() {
    let server = redirector("127.0.0.1:0").await;
    for (location, expected) in [
        ("file:///etc/passwd", Error::InvalidUrl("the scheme is not http or https")),
        ("ftp://example.com/", Error::InvalidUrl("the scheme is not http or https")),
        ("http://[::1", Error::InvalidRedirect),
    ] {
        let file = get(server.url(&format!("/302/{}", encoded(location))));
        assert_eq!(local().open(&file, None, None).await.unwrap_err(), expected, "{location}");
    }
    let nowhere = Server::fixed("HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    assert_eq!(local().open(&get(nowhere.url("/")), None, None).await.unwrap_err(), Error::InvalidRedirect);
}

#[tokio::test]
async fn a_loop_ends_after_five_redirects() {
    let server =
        Server::fixed("HTTP/1.1 307 Again\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let error = local().open(&get(server.url("/")), None, None).await.unwrap_err();
    assert_eq!(error, Error::TooManyRedirects { limit: 5 });
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn five_redirects_are_followed() {
    let server = redirector("127.0.0.1:0").await;
    let mut url = server.url("/data.csv");
    for _ in 0..5 {
        url = server.url(&format!("/302/{}", encoded(&url)));
    }
    let file = patient().open(&get(url), None, None).await.unwrap();
    assert_eq!(file.file_name, "data.csv");
    assert_eq!(read_all(file).await.unwrap(), "the file");
}

#[tokio::test]
async fn another_origin_learns_no_header_of_the_publisher() {
    let other = redirector("127.0.0.1:0").await;
    let first = redirector("127.0.0.1:0").await;
    let headers = [("Authorization", "s3cret"), ("X-Api-Key", "s3cret"), ("Cookie", "s3cret"), ("Accept", "text/csv")];
    let file = with_headers(first.url(&format!("/302/{}", encoded(&other.url("/a")))), &headers);
    let opened = patient().open(&file, Some("bytes=0-3"), None).await.unwrap();
    assert_eq!(read_all(opened).await.unwrap(), "the file");
    assert_eq!(first.requests()[0].headers["x-api-key"], "s3cret");
    let sent = &other.requests()[0].headers;
    assert!(!format!("{sent:?}").contains("s3cret"), "{sent:?}");
    assert_eq!((sent["accept"].as_str(), sent["range"].as_str()), ("text/csv", "bytes=0-3"));

    // The same origin still gets them.
    let file = with_headers(first.url(&format!("/302/{}", encoded("/a"))), &headers);
    read_all(patient().open(&file, None, None).await.unwrap()).await.unwrap();
    assert_eq!(first.requests().last().unwrap().headers["x-api-key"], "s3cret");
}

#[tokio::test]
async fn a_redirected_post_keeps_or_drops_its_body_as_http_says() {
    for (status, method, body) in
        [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", r#"{"a":1}"#), (308, "POST", r#"{"a":1}"#)]
    {
        let server = redirector("127.0.0.1:0").await;
        let file = post(server.url(&format!("/{status}/{}", encoded("/next"))));
        read_all(patient().open(&file, None, Some(&json!({"a": 1}))).await.unwrap()).await.unwrap();
        let last = server.requests().pop().unwrap();
        assert_eq!((last.method.as_str(), last.body.as_str()), (method, body), "{status}");
    }
}
