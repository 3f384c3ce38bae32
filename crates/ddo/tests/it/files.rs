use std::collections::BTreeMap;

use ocean_ddo::{Error, FileObject, FilesObject, HttpMethod, Version};
use ocean_primitives::{Address, address};
use serde_json::{Value, json};

const NFT: Address = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
const DATATOKEN: Address = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");

fn bound(files: Value) -> String {
    json!({ "datatokenAddress": DATATOKEN, "nftAddress": NFT, "files": files }).to_string()
}

#[track_caller]
fn refused(text: &str, version: Option<Version>) {
    let error = FilesObject::parse(text.as_bytes(), version.as_ref()).unwrap_err();
    assert!(error.to_string().starts_with("malformed file object"), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[track_caller]
fn read(file: Value, expected: &FileObject) {
    let object = FilesObject::parse(bound(json!([file])).as_bytes(), Some(&Version::V4_5_0)).unwrap();
    assert_eq!(object.files, std::slice::from_ref(expected));
    assert_eq!(FilesObject::parse(object.to_json().as_bytes(), Some(&Version::V4_5_0)).unwrap(), object);
}

#[test]
fn malformed_files_are_refused_without_being_shown() {
    let v = Some(Version::V4_1_0);
    refused("", v.clone());
    refused("secret", v.clone());
    refused("[]", v.clone());
    refused(&bound(json!(null)), v.clone());
    refused(&bound(json!(["https://secret"])), v.clone());
    refused(&bound(json!([{"url": "https://secret"}])), v.clone());
    refused(&bound(json!([{"type": "gopher", "url": "secret"}])), v.clone());
    refused(&bound(json!([{"type": "url"}])), v.clone());
    refused(&bound(json!([{"type": "url", "url": "https://secret", "method": "put"}])), v.clone());
    refused(&bound(json!([{"type": "url", "url": "https://secret", "headers": [{"a": "secret"}]}])), v.clone());
    refused(&bound(json!([{"type": "url", "url": "https://secret", "headers": {"a": 1}}])), v.clone());
    refused(&bound(json!([{"type": "smartcontract", "address": "secret", "chainId": 1, "abi": {}}])), v.clone());
    refused(&json!({"nftAddress": NFT, "files": []}).to_string(), v.clone());
    refused(&bound(json!(vec![json!({"type": "ipfs", "hash": "secret"}); 1025])), v);
    refused(&bound(json!([])), None);
    refused(&bound(json!([])), Some(Version::V4_0_0));
    let large = format!("[\"{}\"]", "x".repeat(1 << 20));
    assert!(FilesObject::parse(large.as_bytes(), None).unwrap_err().is_limit());
    let deep = "[".repeat(100_000);
    assert!(FilesObject::parse(deep.as_bytes(), None).unwrap_err().is_limit());
    assert!(FilesObject::parse(b"[\"\xff\"]", None).is_err());
}

#[test]
fn every_type_is_read_and_written() {
    let headers = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    read(json!({"type": "url", "url": "https://x"}), &FileObject::url("https://x"));
    read(json!({"type": "url", "url": "https://x", "method": null, "headers": null}), &FileObject::url("https://x"));
    read(
        json!({"type": "url", "url": "https://x", "method": "pOst", "headers": {"a": "b"}, "index": 0}),
        &FileObject::Url { url: "https://x".into(), method: HttpMethod::Post, headers: headers.clone() },
    );
    read(json!({"type": "ipfs", "hash": "Qm"}), &FileObject::Ipfs { hash: "Qm".into() });
    read(json!({"type": "arweave", "transactionId": "t"}), &FileObject::Arweave { transaction_id: "t".into() });
    read(
        json!({"type": "graphql", "url": "https://x", "query": "{a}", "headers": {"a": "b"}}),
        &FileObject::Graphql { url: "https://x".into(), query: "{a}".into(), headers },
    );
    read(
        json!({"type": "smartcontract", "address": NFT, "chainId": 8996, "abi": {"name": "f"}}),
        &FileObject::SmartContract { address: NFT, chain_id: "8996".parse().unwrap(), abi: json!({"name": "f"}) },
    );
    read(json!({"type": "ftp", "url": "ftp://u:p@x/f"}), &FileObject::Ftp { url: "ftp://u:p@x/f".into() });
    let s3 = json!({"endpoint": "e", "bucket": "b", "objectKey": "k", "accessKeyId": "i", "secretAccessKey": "s"});
    let access = serde_json::from_value(s3.clone()).unwrap();
    read(json!({"type": "s3", "s3Access": s3}), &FileObject::S3 { s3_access: access });
}

#[test]
fn the_text_to_encrypt_is_what_peers_write() {
    let object = FilesObject::new(NFT, DATATOKEN, vec![FileObject::url("https://x/y")]);
    let text = format!(
        r#"{{"datatokenAddress":"{DATATOKEN}","nftAddress":"{NFT}","files":[{{"type":"url","url":"https://x/y","method":"GET"}}]}}"#
    );
    assert_eq!(object.to_json(), text);
}

#[test]
fn files_of_another_asset_are_told() {
    let object = FilesObject::parse(bound(json!([])).as_bytes(), Some(&Version::V4_7_0)).unwrap();
    assert!(matches!(object.belongs_to(DATATOKEN, NFT), Err(Error::ForeignFiles)));
    assert!(matches!(object.belongs_to(NFT, NFT), Err(Error::ForeignFiles)));
    assert!(object.belongs_to(NFT, DATATOKEN).is_ok());
    let zero = json!({"datatokenAddress": Address::ZERO, "nftAddress": Address::ZERO, "files": []}).to_string();
    let zero = FilesObject::parse(zero.as_bytes(), Some(&Version::V4_5_0)).unwrap();
    assert!(zero.belongs_to(NFT, DATATOKEN).is_err(), "an object that names no asset is not the bare list");
    let bare = FilesObject::parse(b"[{\"type\":\"ipfs\",\"hash\":\"Qm\"}]", Some(&Version::V4_0_0)).unwrap();
    assert!(bare.belongs_to(NFT, DATATOKEN).is_ok());
    assert_eq!(bare.to_json(), r#"[{"type":"ipfs","hash":"Qm"}]"#);
}

#[test]
fn debug_shows_no_secret() {
    let s3 = json!({"endpoint": "secret", "bucket": "secret", "objectKey": "secret", "accessKeyId": "secret", "secretAccessKey": "secret"});
    let files =
        vec![FileObject::url("https://secret"), FileObject::S3 { s3_access: serde_json::from_value(s3).unwrap() }];
    let shown = format!("{:?}", FilesObject::new(NFT, DATATOKEN, files));
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("url") && shown.contains("s3"), "{shown}");
}
