//! Downloads that break, change and lie.

use ocean_crypto::PrivateKey;
use ocean_did::Did;
use ocean_primitives::{Address, B256, ChainId, Dialect};
use ocean_provider_client::{DownloadQuery, Error};
use sha2::{Digest, Sha256};

use crate::fake::{Fake, Step};

fn data() -> Vec<u8> {
    (0..200_000_u32).flat_map(u32::to_le_bytes).collect()
}

fn sha256(data: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(data))
}

fn query() -> DownloadQuery {
    let did = Did::op(Address::repeat_byte(1), ChainId::DEVELOPMENT);
    DownloadQuery::new(did, "1".parse().unwrap(), B256::repeat_byte(7))
}

fn whole(data: &[u8]) -> Step {
    Step::Answer(200, &[("content-disposition", "attachment;filename=data.bin")], data.to_vec())
}

fn part(data: &[u8], from: usize, until: usize, size: usize) -> Step {
    let range = format!("bytes {from}-{}/{size}", size - 1);
    Step::Cut(206, vec![("content-range", range)], size - from, data[from..until].to_vec())
}

/// A folder that goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ocean-provider-client-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    #[track_caller]
    fn is_empty(&self) {
        assert_eq!(std::fs::read_dir(&self.0).unwrap().count(), 0, "something was left behind");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_stopped() {
    let (fake, folder, data) = (Fake::new(Dialect::Provider), Folder::new("resume"), data());
    let client = fake.client().await;
    let size = data.len();
    fake.then(Step::Cut(200, vec![("etag", "\"1\"".to_owned())], size, data[..300_000].to_vec()));
    fake.then(part(&data, 300_000, 500_000, size));
    fake.then(part(&data, 500_000, size, size));
    let path = folder.0.join("data.bin");
    let mut steps = Vec::new();
    let key = PrivateKey::random();
    let done =
        client.download_with_progress(&query(), &key, &path, |bytes, total| steps.push((bytes, total))).await.unwrap();
    assert_eq!((done.bytes, done.sha256, done.resumed), (size as u64, sha256(&data), 2));
    assert_eq!(std::fs::read(&path).unwrap(), data);
    assert!(steps.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(steps.last().unwrap(), &(size as u64, Some(size as u64)));
    let seen = fake.seen();
    let ranges: Vec<_> = seen.iter().map(|seen| seen.range.clone()).collect();
    assert_eq!(ranges, [None, Some("bytes=300000-".to_owned()), Some("bytes=500000-".to_owned())]);
    // Each part is a request of its own, with a nonce of its own.
    let nonces: Vec<_> = seen.iter().map(|seen| seen.field("nonce")).collect();
    assert_eq!(nonces, ["11", "12", "13"]);
}

#[tokio::test]
async fn a_server_without_ranges_starts_again() {
    let (fake, folder, data) = (Fake::new(Dialect::OceanNode), Folder::new("again"), data());
    let client = fake.client().await;
    fake.then(Step::Cut(200, Vec::new(), data.len(), data[..1_000].to_vec())).then(whole(&data));
    let path = folder.0.join("data.bin");
    let done = client.download_to_file(&query().sha256(sha256(&data)), &PrivateKey::random(), &path).await.unwrap();
    assert_eq!((done.bytes, done.file_name.as_deref()), (data.len() as u64, Some("data.bin")));
    assert_eq!(std::fs::read(&path).unwrap(), data);
}

#[tokio::test]
async fn a_file_that_changed_on_the_way_is_no_file() {
    let (fake, folder, data) = (Fake::new(Dialect::Provider), Folder::new("changed"), data());
    let client = fake.client().await;
    let path = folder.0.join("data.bin");
    fake.then(Step::Cut(200, Vec::new(), data.len(), data[..1_000].to_vec()));
    fake.then(part(&data, 1_000, 2_000, data.len() - 8));
    let error = client.download_to_file(&query(), &PrivateKey::random(), &path).await.unwrap_err();
    assert!(matches!(error, Error::Changed), "{error:?}");
    folder.is_empty();
}

#[tokio::test]
async fn another_file_than_expected_is_not_kept() {
    let (fake, folder, data) = (Fake::new(Dialect::Provider), Folder::new("hash"), data());
    let client = fake.client().await;
    fake.then(whole(&data[1..]));
    let query = query().sha256(sha256(&data));
    let error = client.download_to_file(&query, &PrivateKey::random(), folder.0.join("data.bin")).await.unwrap_err();
    assert!(matches!(error, Error::Hash { .. }), "{error:?}");
    folder.is_empty();
}

#[tokio::test]
async fn a_download_without_progress_ends() {
    let (fake, folder, data) = (Fake::new(Dialect::Provider), Folder::new("stuck"), data());
    let client = fake.client().await;
    fake.then(Step::Cut(200, Vec::new(), data.len(), data[..1_000].to_vec()));
    for _ in 0..20 {
        fake.then(part(&data, 1_000, 1_000, data.len()));
    }
    let error = client.download_to_file(&query(), &PrivateKey::random(), folder.0.join("data.bin")).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. } | Error::Length { .. }), "{error:?}");
    assert!(fake.seen().len() < 10, "{}", fake.seen().len());
    folder.is_empty();
}

#[tokio::test]
async fn a_server_that_starts_again_and_again_makes_no_progress() {
    let (fake, folder, data) = (Fake::new(Dialect::Provider), Folder::new("circle"), data());
    let client = fake.client().await;
    for round in 0..40 {
        fake.then(Step::Cut(200, Vec::new(), data.len(), data[..1_000 + round % 2 * 1_000].to_vec()));
    }
    let error = client.download_to_file(&query(), &PrivateKey::random(), folder.0.join("data.bin")).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. } | Error::Length { .. }), "{error:?}");
    assert!(fake.seen().len() < 10, "{}", fake.seen().len());
    folder.is_empty();
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_and_keeps_its_text() {
    let (fake, folder) = (Fake::new(Dialect::Provider), Folder::new("refused"));
    let client = fake.client().await;
    let text = "{\"error\":\"Provider Ganache: Asset is not consumable.\"}\n";
    fake.then(Step::Answer(400, &[], text.into()));
    let error = client.download_to_file(&query(), &PrivateKey::random(), folder.0.join("data.bin")).await.unwrap_err();
    assert_eq!(error.peer().unwrap().body, text);
    assert!(!format!("{error} {error:?}").contains("signature"), "{error:?}");
    assert_eq!(fake.seen().len(), 1);
    folder.is_empty();
}
