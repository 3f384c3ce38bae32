//! Object stores: what is signed, what is sent, and what never is.

use ocean_ddo::{AzureAccess, FileObject, GcsAccess, S3Access};
use ocean_storage::{Error, InfoOptions};
use serde_json::{Value, json};

use crate::server::{Request, Server, patient, public, read_all};

const SECRET: &str = "wJalrXUtnFEMI-SECRET";

pub(crate) fn s3(endpoint: &str, more: Value) -> FileObject {
    let mut access = json!({
        "endpoint": endpoint, "bucket": "my-bucket", "objectKey": "folder/a b+c%.csv",
        "accessKeyId": "AKIDEXAMPLE", "secretAccessKey": SECRET,
    });
    for (name, value) in more.as_object().unwrap() {
        access[name] = value.clone();
    }
    let s3_access: S3Access = serde_json::from_value(access).unwrap();
    FileObject::S3 { s3_access }
}

pub(crate) fn azure(endpoint: &str, more: Value) -> FileObject {
    let mut access =
        json!({"account": "myaccount", "container": "box", "blob": "folder/a b.csv", "endpoint": endpoint});
    for (name, value) in more.as_object().unwrap() {
        access[name] = value.clone();
    }
    let azure_access: AzureAccess = serde_json::from_value(access).unwrap();
    FileObject::Azure { azure_access }
}

pub(crate) fn gcs(endpoint: &str, more: Value) -> FileObject {
    let mut access = json!({"bucket": "my-bucket", "objectKey": "folder/a b?.csv", "endpoint": endpoint});
    for (name, value) in more.as_object().unwrap() {
        access[name] = value.clone();
    }
    let gcs_access: GcsAccess = serde_json::from_value(access).unwrap();
    FileObject::Gcs { gcs_access }
}

/// Digits for whoever asks.
async fn store() -> Server {
    Server::start(|request, mut connection| {
        Box::pin(async move {
            let part = request.headers.get("range").map(String::as_str) == Some("bytes=2-4");
            let (status, more, body) = match part {
                true => ("206 Part", "content-range: bytes 2-4/10\r\n", "234"),
                false => ("200 OK", "", "0123456789"),
            };
            let headers = format!("{more}etag: \"v1\"\r\ncontent-type: text/csv\r\n");
            if request.method == "HEAD" {
                connection
                    .send(&format!(
                        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
                        body.len()
                    ))
                    .await;
            } else {
                connection.answer(status, &headers, body).await;
            }
        })
    })
    .await
}

fn query(request: &Request) -> Vec<(String, String)> {
    let url = url::Url::parse(&format!("http://host{}", request.target)).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap()
}

/// The file is read whole, in part, and asked about; `path` is what the store sees.
async fn check(server: &Server, file: FileObject, path: &str, name: &str) -> Vec<Request> {
    let opened = patient().open(&file, None, None).await.unwrap();
    assert_eq!((opened.content_length, opened.etag.as_deref()), (Some(10), Some("\"v1\"")));
    assert_eq!(opened.file_name, name);
    assert_eq!(read_all(opened).await.unwrap(), "0123456789");
    let part = patient().open(&file, Some("bytes=2-4"), None).await.unwrap();
    assert_eq!((part.status, part.content_range.as_deref()), (206, Some("bytes 2-4/10")));
    assert_eq!(read_all(part).await.unwrap(), "234");
    assert_eq!(patient().head(&file, None, None).await.unwrap().content_length, Some(10));
    let info = patient().info(&file, InfoOptions::default()).await;
    assert!(info.valid, "{info:?}");
    assert_eq!(
        (info.content_length, info.content_type.as_deref(), info.file_name.as_deref()),
        (Some(10), Some("text/csv"), Some(name))
    );
    let requests = server.requests();
    assert_eq!(
        requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(),
        ["GET", "GET", "HEAD", "HEAD"]
    );
    for request in &requests {
        assert_eq!(request.target.split('?').next(), Some(path));
        assert!(!format!("{request:?}").contains(SECRET), "{request:?}");
    }
    requests
}

#[tokio::test]
async fn an_object_of_an_s3_store() {
    let server = store().await;
    let file = s3(&server.url(""), json!({"region": "eu-central-1"}));
    // An address has no sub-domains: the bucket stays in the path.
    let requests = check(&server, file, "/my-bucket/folder/a%20b%2Bc%25.csv", "a b+c%.csv").await;
    let signatures: Vec<_> =
        requests.iter().map(|request| value(&query(request), "X-Amz-Signature").to_owned()).collect();
    assert_ne!(signatures[0], signatures[2], "a signature is for one method");
    let query = query(&requests[0]);
    assert_eq!(value(&query, "X-Amz-Algorithm"), "AWS4-HMAC-SHA256");
    let credential: Vec<_> = value(&query, "X-Amz-Credential").split('/').collect();
    assert_eq!((credential[0], &credential[2..]), ("AKIDEXAMPLE", &["eu-central-1", "s3", "aws4_request"][..]));
    assert_eq!(value(&query, "X-Amz-Expires"), "900");
}

#[tokio::test]
async fn a_bucket_becomes_part_of_the_host_where_that_is_possible() {
    // Nothing resolves, and the name that did not resolve is the evidence.
    for (more, host) in [
        (json!({}), "my-bucket.store.invalid"),
        (json!({"forcePathStyle": false}), "my-bucket.store.invalid"),
        (json!({"forcePathStyle": true}), "store.invalid"),
        (json!({"bucket": "my.bucket"}), "store.invalid"),
        (json!({"bucket": "MyBucket"}), "store.invalid"),
    ] {
        let names = std::sync::Arc::new(Names::default());
        let storage = public().resolver(names.clone()).build().unwrap();
        let error = storage.open(&s3("store.invalid", more), None, None).await.unwrap_err();
        assert_eq!(error, Error::Unresolved);
        assert_eq!(*names.0.lock().unwrap(), [host]);
    }
}

/// Resolves nothing and remembers what it was asked.
#[derive(Debug, Default)]
struct Names(std::sync::Mutex<Vec<String>>);

#[async_trait::async_trait]
impl ocean_storage::HostResolver for Names {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        self.0.lock().unwrap().push(host.to_owned());
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_blob_of_azure() {
    let server = store().await;
    // The key is any 32 bytes in Base64.
    let key = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=";
    let file = azure(&server.url(""), json!({"accountKey": key}));
    let requests = check(&server, file, "/box/folder/a%20b.csv", "a b.csv").await;
    let query = query(&requests[0]);
    assert_eq!((value(&query, "sp"), value(&query, "sr")), ("r", "b"));
    assert!(!value(&query, "sig").is_empty());

    let server = store().await;
    let file = azure(&server.url(""), json!({"sasToken": "?sv=2022&sig=abc%3D"}));
    let requests = check(&server, file, "/box/folder/a%20b.csv", "a b.csv").await;
    assert!(requests[0].target.ends_with("?sv=2022&sig=abc%3D"), "{}", requests[0].target);

    let server = store().await;
    check(&server, azure(&server.url("/base/"), json!({})), "/base/box/folder/a%20b.csv", "a b.csv").await;
}

#[tokio::test]
async fn an_object_of_google() {
    let server = store().await;
    check(&server, gcs(&server.url(""), json!({})), "/my-bucket/folder/a%20b%3F.csv", "a b.csv").await;

    let server = store().await;
    let account = json!({
        "type": "service_account", "client_email": "reader@project.iam.gserviceaccount.com", "private_key_id": "1",
        "private_key": include_str!("../fixtures/service-account-key.pem"),
    });
    let file = gcs(&server.url(""), json!({"serviceAccount": account}));
    let requests = check(&server, file, "/my-bucket/folder/a%20b%3F.csv", "a b.csv").await;
    let query = query(&requests[0]);
    assert_eq!(value(&query, "X-Goog-Algorithm"), "GOOG4-RSA-SHA256");
    assert!(value(&query, "X-Goog-Credential").starts_with("reader@project.iam.gserviceaccount.com/"));
    assert_eq!(value(&query, "X-Goog-Signature").len(), 512, "2048 bits");
    // An account without a key would have to ask Google to sign: nothing is sent, and nothing is waited for.
    let begun = std::time::Instant::now();
    for account in
        [json!({}), json!("text"), json!({"type": "service_account", "client_email": "x", "private_key": "no key"})]
    {
        let error =
            patient().open(&gcs(&server.url(""), json!({"serviceAccount": account})), None, None).await.unwrap_err();
        assert_eq!(error, Error::InvalidFile("the keys do not sign a request"), "{account}");
    }
    assert!(begun.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn objects_that_cannot_be_are_refused_before_anything_is_sent() {
    let server = store().await;
    let endpoint = server.url("");
    for (more, expected) in [
        (json!({"bucket": " "}), Error::MissingField("the bucket")),
        (json!({"objectKey": ""}), Error::MissingField("the object's name")),
        (json!({"accessKeyId": ""}), Error::MissingField("the access key's id")),
        (json!({"secretAccessKey": ""}), Error::MissingField("the access key")),
        (json!({"endpoint": ""}), Error::MissingField("the endpoint")),
        (json!({"bucket": "a/../b"}), Error::InvalidFile("malformed bucket")),
        (json!({"bucket": "a@b"}), Error::InvalidFile("malformed bucket")),
        (json!({"objectKey": "/a"}), Error::InvalidFile("malformed object name")),
        (json!({"objectKey": "a//b"}), Error::InvalidFile("malformed object name")),
        (json!({"objectKey": "a/../b"}), Error::InvalidFile("malformed object name")),
        (json!({"objectKey": "a\r\nb"}), Error::InvalidFile("malformed object name")),
        (json!({"endpoint": "ftp://host"}), Error::InvalidUrl("the scheme is not http or https")),
        (json!({"endpoint": "http://user:pass@host"}), Error::InvalidUrl("the endpoint is more than a place")),
        (json!({"endpoint": "http://host/?x=y"}), Error::InvalidUrl("the endpoint is more than a place")),
    ] {
        let error = patient().open(&s3(&endpoint, more.clone()), None, None).await.unwrap_err();
        assert_eq!(error, expected, "{more}");
        assert!(!error.to_string().contains(SECRET));
    }
    assert!(patient().open(&azure(&endpoint, json!({"accountKey": "no base64"})), None, None).await.is_err());
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_store_that_refuses_is_told_from_one_that_is_not_there() {
    let server = Server::start(|request, mut connection| {
        Box::pin(async move {
            let status = if request.target.contains("gone") { "404 Not Found" } else { "403 Forbidden" };
            connection.answer(status, "", "<Error><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId></Error>").await;
        })
    })
    .await;
    let open = async |key: &str| {
        patient().open(&s3(&server.url(""), json!({"objectKey": key})), None, None).await.unwrap_err()
    };
    assert_eq!(open("a").await, Error::Status(403));
    assert!(open("gone").await.is_not_found());
}
