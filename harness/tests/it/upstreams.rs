//! Sources of files as they really are: an S3 store, an FTP server, contracts on a chain.

mod contracts;
mod template_four;

use std::process::Command;

use ocean_ddo::{FileObject, S3Access};
use ocean_storage::{AddressPolicy, Error, InfoOptions, Storage};
use ocean_testbed::{FileServer, StorageServers};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The servers, or nothing where they are not installed: a skip that `cargo xtask test` counts, and a failure in CI.
fn servers() -> Option<StorageServers> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    let found = StorageServers::find().unwrap();
    if found.is_none() {
        assert!(!in_ci, "moto and pyftpdlib are not installed: `cargo xtask setup --all` does it");
        eprintln!("skipped: moto and pyftpdlib are not installed; `cargo xtask setup --all` does it");
    }
    found
}

fn storage() -> Storage {
    Storage::builder().policy(AddressPolicy { allow_private: true }).build().unwrap()
}

/// A file too large for one piece of anything.
fn content() -> Vec<u8> {
    (0..300_000_u32).flat_map(|number| format!("{number:09}\n").into_bytes()).collect()
}

/// The file is what it is, whole and in parts, and its hash is right.
async fn check(file: &FileObject, content: &[u8], name: &str) {
    let storage = storage();
    let size = content.len() as u64;
    for (range, status, expected) in [
        (None, 200, content),
        (Some("bytes=1000000-1999999".to_owned()), 206, &content[1_000_000..2_000_000]),
        (Some(format!("bytes={}-", size - 7)), 206, &content[content.len() - 7..]),
    ] {
        let opened = storage.open(file, range.as_deref(), None).await.unwrap();
        assert_eq!((opened.status, opened.content_length), (status, Some(expected.len() as u64)), "{range:?}");
        assert!(opened.etag.is_some());
        if range.is_none() {
            assert_eq!(opened.file_name, name);
        }
        assert!(read(opened).await.unwrap() == expected, "{range:?}");
    }
    let outside = storage.open(file, Some(&format!("bytes={size}-")), None).await.unwrap();
    assert_eq!(outside.status, 416);
    // Stores refuse without saying how large the object is.
    assert!(outside.content_range.is_none_or(|range| range == format!("bytes */{size}")));
    let head = storage.head(file, None, None).await.unwrap();
    assert_eq!((head.status, head.content_length), (200, Some(size)));
    let info = storage.info(file, InfoOptions { checksum: true, max_checksum: u64::MAX }).await;
    assert_eq!(
        (info.valid, info.content_length, info.file_name.as_deref()),
        (true, Some(size), Some(name)),
        "{info:?}"
    );
    assert_eq!(info.checksum, Some(hex::encode(Sha256::digest(content))));
}

async fn read(file: ocean_storage::OpenFile) -> ocean_storage::Result<Vec<u8>> {
    use futures_util::TryStreamExt as _;
    file.body
        .try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await
}

fn s3(endpoint: &str, key: &str) -> FileObject {
    let access = json!({
        "endpoint": endpoint, "region": "eu-central-1", "bucket": "my-bucket", "objectKey": key,
        "accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "wJalrXUtnFEMI/K7MDENG", "forcePathStyle": true,
    });
    let s3_access: S3Access = serde_json::from_value(access).unwrap();
    FileObject::S3 { s3_access }
}

/// Runs a script, with what it needs in a JSON text as its argument, and returns what it prints.
fn python(servers: &StorageServers, script: &str, argument: &Value) -> String {
    let mut command: Command = servers.python();
    let output = command.args(["-c", script]).arg(argument.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Names that stores allow and URLs do not.
const KEYS: [&str; 4] = ["data.csv", "a folder/data set.csv", "50%+&=#?.csv", "ünïcode/é.csv"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_an_s3_store() {
    let Some(servers) = servers() else { return };
    let (_moto, url) = servers.s3().await.unwrap();
    let content = content();
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), &content).unwrap();
    const FILL: &str = "
import boto3, json, sys
a = json.loads(sys.argv[1])
s3 = boto3.client('s3', endpoint_url=a['url'], region_name='eu-central-1', aws_access_key_id='x', aws_secret_access_key='x')
s3.create_bucket(Bucket='my-bucket', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
for key in a['keys']:
    s3.upload_file(a['path'], 'my-bucket', key, ExtraArgs={'ContentType': 'text/csv'})
";
    python(&servers, FILL, &json!({"url": url, "keys": KEYS, "path": path.path()}));
    for key in KEYS {
        let name = key.rsplit('/').next().unwrap().replace('?', "");
        check(&s3(&url, key), &content, &name).await;
    }
    let missing = storage().open(&s3(&url, "missing"), None, None).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_signed_as_amazons_own_client_signs_them() {
    let Some(servers) = servers() else { return };
    // Signs the same request at the same second.
    const SIGN: &str = "
import datetime, json, sys
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from urllib.parse import urlsplit, parse_qs
a = json.loads(sys.argv[1])
parts = urlsplit(a['url'])
query = parse_qs(parts.query)
at = datetime.datetime.strptime(query['X-Amz-Date'][0], '%Y%m%dT%H%M%SZ').replace(tzinfo=datetime.timezone.utc)
assert hasattr(botocore.auth, 'get_current_datetime')
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: at.replace(tzinfo=None) if remove_tzinfo else at
request = AWSRequest(a['method'], parts._replace(query='').geturl())
botocore.auth.S3SigV4QueryAuth(Credentials('AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG'), 's3', 'eu-central-1', expires=900).add_auth(request)
print(parse_qs(urlsplit(request.url).query)['X-Amz-Signature'][0])
";
    let files = FileServer::start().await.unwrap();
    for key in KEYS {
        let _ = storage().head(&s3(&files.url(), key), None, None).await;
    }
    let log = files.log();
    assert!(log.len() >= KEYS.len());
    for request in log {
        let url = format!("{}{}", files.url(), request.path);
        let signature = python(&servers, SIGN, &json!({"url": url, "method": request.method}));
        assert!(request.path.contains(&format!("X-Amz-Signature={signature}")), "{} {}", request.method, request.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_an_ftp_server() {
    let Some(servers) = servers() else { return };
    let folder = tempfile::tempdir().unwrap();
    let content = content();
    std::fs::create_dir(folder.path().join("a folder")).unwrap();
    for name in ["data.csv", "a folder/data set.csv"] {
        std::fs::write(folder.path().join(name), &content).unwrap();
    }
    let (_server, port) = servers.ftp(folder.path(), "me", "s3cret word").await.unwrap();
    let file = |login: &str, path: &str| FileObject::Ftp { url: format!("ftp://{login}127.0.0.1:{port}/{path}") };
    check(&file("me:s3cret%20word@", "data.csv"), &content, "data.csv").await;
    check(&file("me:s3cret%20word@", "a%20folder/data%20set.csv"), &content, "data set.csv").await;
    let open = async |file: FileObject| storage().open(&file, None, None).await.map(drop);
    assert_eq!(open(file("me:wrong@", "data.csv")).await, Err(Error::Ftp(530)));
    assert_eq!(open(file("", "data.csv")).await, Err(Error::Ftp(530)));
    assert_eq!(open(file("me:s3cret%20word@", "missing.csv")).await, Err(Error::Ftp(550)));
    assert!(open(file("me:s3cret%20word@", "a%20folder")).await.is_err(), "a folder is no file");
}
