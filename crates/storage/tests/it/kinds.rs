//! Files that are not one HTTP request: IPFS through a node's API, and results of contract calls.

use std::sync::Arc;

use async_trait::async_trait;
use ocean_ddo::FileObject;
use ocean_primitives::{Address, Bytes, ChainId};
use ocean_storage::{AddressPolicy, ContractReader, Error, InfoOptions, Result, Storage};
use serde_json::json;

use crate::server::{Server, patient, read_all};

/// As Kubo answers: `files/stat` with a size, `cat` with an offset and a length.
async fn node() -> Server {
    Server::start(|request, mut connection| {
        Box::pin(async move {
            let url = url::Url::parse(&format!("http://host{}", request.target)).unwrap();
            let find = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
            let arg = find("arg").unwrap();
            let number = |name: &str| find(name).map(|value| value.parse::<usize>().unwrap());
            match (request.method.as_str(), url.path(), arg.trim_start_matches("/ipfs/")) {
                ("POST", "/gate/api/v0/files/stat", "QmDigits") => {
                    connection.answer("200 OK", "", r#"{"Hash":"QmDigits","Size":10,"Type":"file"}"#).await;
                }
                ("POST", "/gate/api/v0/files/stat", "QmLiar") => {
                    connection.answer("200 OK", "", r#"{"Hash":"QmLiar","Size":100,"Type":"file"}"#).await;
                }
                ("POST", "/gate/api/v0/files/stat", "QmFolder") => {
                    connection.answer("200 OK", "", r#"{"Hash":"QmFolder","Size":0,"Type":"directory"}"#).await;
                }
                ("POST", "/gate/api/v0/files/stat", "QmLong") => {
                    connection.answer("200 OK", "", &"x".repeat(100_000)).await;
                }
                ("POST", "/gate/api/v0/cat", "QmDigits" | "QmLiar") => {
                    let text = &"0123456789"[number("offset").unwrap_or(0)..];
                    connection
                        .answer("200 OK", "", &text[..number("length").unwrap_or(text.len()).min(text.len())])
                        .await;
                }
                _ => connection.answer("500 Internal Server Error", "", r#"{"Message":"no such key"}"#).await,
            }
        })
    })
    .await
}

#[tokio::test]
async fn a_file_comes_through_the_api_of_an_ipfs_node() {
    let server = node().await;
    // The node is the operator's and may be local, although strangers' files may not.
    let storage = Storage::builder().ipfs_api(server.url("/gate/").parse().unwrap()).build().unwrap();
    let file = |hash: &str| FileObject::Ipfs { hash: hash.to_owned() };
    for (range, status, content_range, body) in [
        (None, 200, None, "0123456789"),
        (Some("bytes=2-4"), 206, Some("bytes 2-4/10"), "234"),
        (Some("bytes=-3"), 206, Some("bytes 7-9/10"), "789"),
        (Some("bytes=10-"), 416, Some("bytes */10"), ""),
    ] {
        let opened = storage.open(&file("QmDigits"), range, None).await.unwrap();
        assert_eq!((opened.status, opened.content_range.as_deref()), (status, content_range));
        assert_eq!(opened.content_length, Some(body.len() as u64));
        assert!(!opened.file_name.contains("Qm") && opened.file_name.len() == 36, "{}", opened.file_name);
        assert_eq!(read_all(opened).await.unwrap(), body);
    }
    let before = server.connections();
    assert_eq!(storage.head(&file("QmDigits"), None, None).await.unwrap().content_length, Some(10));
    assert_eq!(server.connections() - before, 1, "only the size is asked for");
    let info = storage.info(&file("QmDigits"), InfoOptions { checksum: true, max_checksum: 100 }).await;
    assert_eq!((info.valid, info.content_length, info.file_name.as_deref()), (true, Some(10), Some("")));
    assert_eq!(info.checksum.as_deref(), Some("84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"));

    let open = async |hash: &str| match storage.open(&file(hash), None, None).await {
        Ok(opened) => read_all(opened).await.map(drop),
        Err(error) => Err(error),
    };
    assert_eq!(open("QmLiar").await, Err(Error::Truncated));
    assert_eq!(open("QmFolder").await, Err(Error::InvalidFile("a directory")));
    assert_eq!(open("QmLong").await, Err(Error::InvalidResponse("a long answer")));
    assert_eq!(open("QmNope").await, Err(Error::Status(500)));
    assert_eq!(open("Qm&arg=x").await, Err(Error::InvalidFile("malformed content address")));
}

#[tokio::test]
async fn a_gateway_does_not_tell_the_address_of_a_file_as_its_version() {
    let server = Server::start(|_, mut connection| {
        Box::pin(async move { connection.answer("200 OK", "etag: \"QmSecret\"\r\n", "x").await })
    })
    .await;
    let storage = Storage::builder().ipfs_gateway(server.url("").parse().unwrap()).build().unwrap();
    let opened = storage.open(&FileObject::Ipfs { hash: "QmSecret".to_owned() }, None, None).await.unwrap();
    let again = storage.open(&FileObject::Ipfs { hash: "QmSecret".to_owned() }, None, None).await.unwrap();
    assert_eq!(opened.etag, again.etag);
    let etag = opened.etag.unwrap();
    assert!(etag.len() == 34 && !etag.contains("Qm"), "{etag}");
}

/// One chain, one contract, which returns what it was called with.
#[derive(Debug)]
struct Echo;

#[async_trait]
impl ContractReader for Echo {
    async fn call(&self, chain: ChainId, contract: Address, input: Bytes) -> Result<Bytes> {
        if (chain, contract) != (ChainId::DEVELOPMENT, Address::repeat_byte(1)) {
            return Err(Error::Contract("the call reverts"));
        }
        Ok(input.slice(4..))
    }
}

fn call(contract: Address, kind: &str) -> FileObject {
    let inputs = json!([{"name": "value", "type": kind}]);
    let abi =
        json!({"type": "function", "name": "same", "stateMutability": "view", "inputs": inputs, "outputs": inputs});
    FileObject::SmartContract { address: contract, chain_id: ChainId::DEVELOPMENT, abi }
}

#[tokio::test]
async fn the_result_of_a_call_is_a_file_without_a_name() {
    let storage = Storage::builder().policy(AddressPolicy::default()).contracts(Arc::new(Echo)).build().unwrap();
    let (file, data) = (call(Address::repeat_byte(1), "uint256"), json!({"value": 2000}));
    let opened = storage.open(&file, Some("bytes=0-1"), Some(&data)).await.unwrap();
    assert_eq!((opened.status, opened.content_length, opened.file_name.as_str()), (200, Some(4), ""));
    assert_eq!(opened.content_type.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(read_all(opened).await.unwrap(), "2000");
    let info = storage.info_for(&file, InfoOptions { checksum: true, max_checksum: 100 }, Some(&data)).await;
    assert_eq!((info.valid, info.content_length, info.file_name), (true, Some(4), None));
    assert_eq!(info.content_type.as_deref(), Some("application/json"));
    assert_eq!(info.checksum.as_deref(), Some("81a83544cf93c245178cbc1620030f1123f435af867c79d87135983c52ab39d9"));

    let open = async |file: FileObject, data| storage.open(&file, None, data).await.map(drop);
    assert_eq!(open(file.clone(), None).await, Err(Error::MissingParameter));
    let elsewhere = call(Address::repeat_byte(2), "uint256");
    assert_eq!(open(elsewhere, Some(&data)).await, Err(Error::Contract("the call reverts")));
    assert_eq!(patient().open(&file, None, Some(&data)).await.unwrap_err(), Error::Unsupported("smartcontract"));
}
