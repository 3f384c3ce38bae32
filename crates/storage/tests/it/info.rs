//! Probes.

use ocean_ddo::FileObject;
use ocean_storage::{FileInfo, InfoOptions, Storage};

use crate::server::{Server, get, patient, post};

const HELLO: &str = "hello ocean provider\n";
const HELLO_SHA256: &str = "35c4c7f5d52ca91cc4c846e03d8a73bdf8d14f9e9678edcbc501df983c59140d";

fn expected(valid: bool) -> FileInfo {
    let mut info = FileInfo::default();
    info.valid = valid;
    info
}

/// A file server that does not know HEAD unless told so.
async fn files(head: bool) -> Server {
    Server::start(move |request, mut connection| {
        Box::pin(async move {
            let headers = "content-type: text/plain; charset=utf-8\r\n";
            match (request.method.as_str(), request.target.as_str()) {
                ("HEAD", _) if !head => connection.answer("405 Not Allowed", "", "").await,
                ("HEAD", "/small.txt") => {
                    let length = HELLO.len();
                    connection.send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n")).await;
                }
                (_, "/small.txt") => connection.answer("200 OK", headers, HELLO).await,
                _ => connection.answer("404 Not Found", "", "").await,
            }
        })
    })
    .await
}

#[tokio::test]
async fn a_probe_reads_the_headers_only() {
    let server = files(true).await;
    let info = patient().info(&get(server.url("/small.txt")), InfoOptions::default()).await;
    let mut wanted = expected(true);
    wanted.content_length = Some(21);
    wanted.content_type = Some("text/plain".to_owned());
    wanted.file_name = Some("small.txt".to_owned());
    assert_eq!(info, wanted);
    let methods: Vec<_> = server.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["HEAD"]);
}

#[tokio::test]
async fn a_source_without_head_is_asked_with_the_method_of_the_file() {
    for (file, method) in [(get as fn(String) -> FileObject, "GET"), (post as fn(String) -> FileObject, "POST")] {
        let server = files(false).await;
        let info = patient().info(&file(server.url("/small.txt")), InfoOptions::default()).await;
        assert_eq!((info.valid, info.content_length), (true, Some(21)));
        let methods: Vec<_> = server.requests().into_iter().map(|request| request.method).collect();
        assert_eq!(methods, ["HEAD", method]);
    }
}

#[tokio::test]
async fn a_missing_file_is_not_valid() {
    let server = files(true).await;
    let info = patient().info(&get(server.url("/missing")), InfoOptions::default()).await;
    let mut wanted = expected(false);
    wanted.error = Some(ocean_storage::Error::Status(404));
    assert_eq!(info, wanted);
}

#[tokio::test]
async fn checksums_are_made_up_to_the_limit() {
    let server = files(true).await;
    let file = get(server.url("/small.txt"));
    let sum = async |limit| {
        let info = patient().info(&file, InfoOptions { checksum: true, max_checksum: limit }).await;
        assert!(info.valid);
        info.checksum
    };
    assert_eq!(sum(21).await.as_deref(), Some(HELLO_SHA256));
    assert_eq!(sum(20).await, None);
    assert_eq!(sum(0).await, None);
}

#[tokio::test]
async fn content_addressed_files_come_through_the_gateway_without_their_address_as_a_name() {
    let server = Server::start(|request, mut connection| {
        Box::pin(async move {
            match request.target.as_str() {
                "/gate/ipfs/QmHash" | "/gate/tx_id-1" => {
                    connection.answer("200 OK", "content-type: text/plain\r\n", "ipfs content").await;
                }
                _ => connection.answer("404 Not Found", "", "").await,
            }
        })
    })
    .await;
    // The gateway is the operator's and may be local, although strangers' files may not.
    let gateway: url::Url = server.url("/gate/").parse().unwrap();
    let storage = Storage::builder().ipfs_gateway(gateway.clone()).arweave_gateway(gateway).build().unwrap();
    let ipfs = |hash: &str| FileObject::Ipfs { hash: hash.to_owned() };
    let arweave = FileObject::Arweave { transaction_id: "tx_id-1".to_owned() };
    for file in [ipfs("QmHash"), arweave] {
        let info = storage.info(&file, InfoOptions { checksum: true, max_checksum: 100 }).await;
        assert!(info.valid, "{info:?}");
        assert_eq!((info.content_length, info.file_name.as_deref()), (Some(12), Some("")));
        assert!(info.checksum.is_some());
        let opened = storage.open(&file, None, None).await.unwrap();
        assert_eq!(opened.file_name.len(), 36);
        assert!(opened.file_name.ends_with(".txt") && !opened.file_name.contains("QmHash"));
    }
    for hash in ["QmNope", "../QmHash", "QmHash?x", "QmHash/../..", "", "a%2fb"] {
        assert!(!storage.info(&ipfs(hash), InfoOptions::default()).await.valid, "{hash}");
    }
    let outside = get(server.url("/gate/ipfs/QmHash"));
    assert!(storage.open(&outside, None, None).await.unwrap_err().is_refused(), "only the gateway's own files pass");
}
