//! Buckets of a node, the way ocean.js 8.6.2 and ocean-cli ask for them, and whom they are closed to.

use axum::{
    Router,
    body::{Body, Bytes},
};
use futures_util::stream;
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::Dialect;
use ocean_service::buckets::{BucketLimits, BucketStore};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Answer, World, get, send};

const NODE: Dialect = Dialect::OceanNode;
const BUCKETS: &str = "/api/services/persistentStorage/buckets";

struct Site {
    world: World,
    router: Router,
    folder: TempDir,
    nonce: std::cell::Cell<u32>,
}

impl Site {
    async fn new(limits: BucketLimits) -> Self {
        let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
        let store = BucketStore::open(folder.path(), limits).unwrap();
        let router = world.router_with(NODE, |parts| parts.buckets = Some(store));
        Self { world, router, folder, nonce: std::cell::Cell::new(0) }
    }

    fn owner(&self) -> &PrivateKey {
        &self.world.consumer
    }

    /// The query that proves who asks for what.
    fn signed(&self, key: &PrivateKey, command: &str) -> String {
        self.nonce.set(self.nonce.get() + 1);
        let (consumer, nonce) = (key.address().to_checksum(None), self.nonce.get().to_string());
        let text = Message::Command { consumer: &consumer, nonce: &nonce, command }.text(NODE);
        let signature = sign_message(key, NODE, &text);
        format!("consumerAddress={consumer}&nonce={nonce}&signature={signature}")
    }

    async fn create(&self, key: &PrivateKey, more: Value) -> Answer {
        let query = self.signed(key, "persistentStorageCreateBucket");
        let mut body: serde_json::Map<String, Value> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        body.extend(more.as_object().unwrap().clone());
        let json = [("content-type", "application/json")];
        send(&self.router, "POST", BUCKETS, &json, Value::Object(body).to_string()).await
    }

    async fn bucket(&self) -> String {
        let made = self.create(self.owner(), json!({"accessLists": []})).await;
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["bucketId"].as_str().unwrap().to_owned()
    }

    async fn files(&self, key: &PrivateKey, bucket: &str) -> Answer {
        let query = self.signed(key, "persistentStorageListFiles");
        get(&self.router, &format!("{BUCKETS}/{bucket}/files?{query}")).await
    }

    async fn upload(&self, key: &PrivateKey, bucket: &str, name: &str, content: impl Into<Body>) -> Answer {
        let query = self.signed(key, "persistentStorageUploadFile");
        let octets = [("content-type", "application/octet-stream")];
        send(&self.router, "POST", &format!("{BUCKETS}/{bucket}/files/{name}?{query}"), &octets, content).await
    }
}

fn small(change: impl FnOnce(&mut BucketLimits)) -> BucketLimits {
    let mut limits = BucketLimits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn whoever_has_not_signed_gets_nothing() {
    let site = Site::new(BucketLimits::default()).await;
    let bucket = site.bucket().await;
    assert_eq!(site.upload(site.owner(), &bucket, "a.txt", "mine").await.status, 200);
    let stranger = PrivateKey::random();
    let denied = "You are not allowed to access this bucket";
    site.files(&stranger, &bucket).await.refused(403, denied);
    site.upload(&stranger, &bucket, "a.txt", "not mine").await.refused(403, denied);
    for (command, method, path) in [
        ("persistentStorageListFiles", "GET", format!("{bucket}/files")),
        ("persistentStorageGetFileObject", "GET", format!("{bucket}/files/a.txt/object")),
        ("persistentStorageDeleteFile", "DELETE", format!("{bucket}/files/a.txt")),
    ] {
        let path = |query: &str| format!("{BUCKETS}/{path}?{query}");
        send(&site.router, method, &path(""), &[], "").await.refused(401, "Invalid authentication");
        // Another command's signature, and one that was used already.
        let other = site.signed(site.owner(), "download");
        send(&site.router, method, &path(&other), &[], "").await.refused(401, "mismatch");
        let by_stranger = site.signed(&stranger, command);
        send(&site.router, method, &path(&by_stranger), &[], "").await.refused(403, denied);
        send(&site.router, method, &path(&by_stranger), &[], "").await.refused(401, "is not a valid nonce");
    }
    let rename = site.signed(&stranger, "persistentStorageUpdateBucket");
    let label = json!({"label": "taken"}).to_string();
    send(&site.router, "PATCH", &format!("{BUCKETS}/{bucket}?{rename}"), &[], label).await.refused(403, denied);
    assert_eq!(site.files(site.owner(), &bucket).await.json()[0]["size"], 4, "nothing was changed");
}

#[tokio::test]
async fn names_and_forms_that_lead_elsewhere_are_refused() {
    let site = Site::new(BucketLimits::default()).await;
    let bucket = site.bucket().await;
    for name in ["..", ".", ".hidden", "%2e%2e", "..%2Fescape", "a%2Fb", "a%5Cb", "a%00b", "C%3A", &"x".repeat(300)] {
        let answer = site.upload(site.owner(), &bucket, name, "x").await;
        assert!(answer.status == 400 || answer.status == 404, "{name}: {} {}", answer.status, answer.text());
    }
    for id in ["..", "%2e%2e", "x", "00000000-0000-1000-8000-000000000000", &bucket.replace('-', "")] {
        let answer = site.files(site.owner(), id).await;
        assert!(answer.status == 400 || answer.status == 404, "{id}: {} {}", answer.status, answer.text());
    }
    site.files(site.owner(), "00000000-0000-4000-8000-000000000000").await.refused(404, "Bucket not found: ");
    for (body, text) in [
        (json!({}), "Missing one ( \"accessLists\" )"),
        (json!({"accessLists": {}}), "\"accessLists\" must be an array of objects"),
        (json!({"accessLists": ["0x12"]}), "\"accessLists\" must be an array of objects"),
        (json!({"accessLists": [{"8996": ["0x12"]}]}), "\"accessLists\" must be an array of objects"),
        (json!({"accessLists": [], "label": 5}), "\"label\" must be a string"),
        (json!({"accessLists": [], "label": "x".repeat(257)}), "\"label\" must be at most 256 characters"),
    ] {
        site.create(site.owner(), body).await.refused(400, text);
    }
    let there: Vec<_> =
        std::fs::read_dir(site.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(there.len(), 5, "a file outside its bucket: {there:?}");
    assert_eq!(std::fs::read_dir(site.folder.path().join("buckets").join(bucket)).unwrap().count(), 0);
}

#[tokio::test]
async fn files_come_and_go_as_ocean_js_asks() {
    let site = Site::new(BucketLimits::default()).await;
    let owner = site.owner().address().to_checksum(None);
    let made = site.create(site.owner(), json!({"accessLists": [], "label": " mine "})).await.json();
    assert_eq!((&made["owner"], &made["accessList"], &made["label"]), (&json!(owner), &json!([]), &json!("mine")));
    let bucket = made["bucketId"].as_str().unwrap().to_owned();

    let stored = site.upload(site.owner(), &bucket, "hello%20world.txt", "hello").await.json();
    assert_eq!((&stored["name"], &stored["size"]), (&json!("hello world.txt"), &json!(5)));
    assert_eq!(site.upload(site.owner(), &bucket, "hello%20world.txt", "hello again").await.json()["size"], 11);
    let listed = site.files(site.owner(), &bucket).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["bucketId"], bucket.as_str());
    let on_disk = site.folder.path().join("buckets").join(&bucket).join("hello world.txt");
    assert_eq!(std::fs::read(on_disk).unwrap(), b"hello again");

    let query = site.signed(site.owner(), "persistentStorageGetFileObject");
    let path = format!("{BUCKETS}/{bucket}/files/hello%20world.txt");
    let object = get(&site.router, &format!("{path}/object?{query}")).await.json();
    assert_eq!(object, json!({"type": "nodePersistentStorage", "bucketId": bucket, "fileName": "hello world.txt"}));

    let query = site.signed(site.owner(), "persistentStorageUpdateBucket");
    let renamed = send(&site.router, "PATCH", &format!("{BUCKETS}/{bucket}?{query}"), &[], r#"{"label":"new"}"#).await;
    assert_eq!(renamed.json(), json!({"bucketId": bucket, "label": "new"}));
    let query = site.signed(site.owner(), "persistentStorageGetBuckets");
    let mine = get(&site.router, &format!("{BUCKETS}?{query}&owner={owner}")).await.json();
    assert_eq!((&mine[0]["label"], &mine[0]["accessLists"]), (&json!("new"), &json!([])));
    // Somebody else sees only what is open to them.
    let query = site.signed(&PrivateKey::random(), "persistentStorageGetBuckets");
    assert_eq!(get(&site.router, &format!("{BUCKETS}?{query}&owner={owner}")).await.text(), "[]");

    let query = site.signed(site.owner(), "persistentStorageDeleteFile");
    assert_eq!(send(&site.router, "DELETE", &format!("{path}?{query}"), &[], "").await.text(), r#"{"success":true}"#);
    let query = site.signed(site.owner(), "persistentStorageDeleteFile");
    send(&site.router, "DELETE", &format!("{path}?{query}"), &[], "").await.refused(404, "File not found: ");
    assert_eq!(site.files(site.owner(), &bucket).await.text(), "[]");
}

#[tokio::test]
async fn a_token_opens_what_its_address_may_open() {
    let site = Site::new(BucketLimits::default()).await;
    let bucket = site.bucket().await;
    let token = async |key: &PrivateKey| {
        let address = key.address().to_checksum(None);
        let nonce = "900";
        let text = format!("{address}{nonce}createAuthToken");
        let body = json!({"address": address, "nonce": nonce, "signature": sign_message(key, NODE, &text)});
        let made = send(&site.router, "POST", "/api/services/auth/token", &[], body.to_string()).await;
        made.json()["token"].as_str().unwrap().to_owned()
    };
    // ocean.js writes `undefined` for what it has not.
    let owner = site.owner().address().to_checksum(None);
    let path = format!("{BUCKETS}/{bucket}/files?consumerAddress={owner}&nonce=undefined&signature=undefined");
    let mine = token(site.owner()).await;
    for _ in 0..2 {
        let answer = send(&site.router, "GET", &path, &[("authorization", &mine)], "").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "[]"));
    }
    let stranger = token(&PrivateKey::random()).await;
    for token in ["", "x", stranger.as_str()] {
        send(&site.router, "GET", &path, &[("authorization", token)], "").await.refused(400, "Parameter : \"nonce\"");
    }
}

#[tokio::test]
async fn there_is_an_end_to_everything() {
    let site = Site::new(small(|limits| {
        (limits.file, limits.buckets, limits.files, limits.bytes) = (10, 2, 2, 15);
    }))
    .await;
    let (first, second) = (site.bucket().await, site.bucket().await);
    site.create(site.owner(), json!({"accessLists": []})).await.refused(403, "The limit of buckets is reached");
    assert_eq!(site.upload(site.owner(), &first, "big", "x".repeat(11)).await.status, 413);
    assert_eq!(site.upload(site.owner(), &first, "a", "x".repeat(10)).await.status, 200);
    // Its size counts once when it is replaced.
    assert_eq!(site.upload(site.owner(), &first, "a", "x".repeat(9)).await.status, 200);
    assert_eq!(site.upload(site.owner(), &first, "b", "x").await.status, 200);
    site.upload(site.owner(), &first, "c", "x").await.refused(403, "The limit of files is reached");
    site.upload(site.owner(), &second, "c", "x".repeat(6)).await.refused(403, "The limit of bytes is reached");
    // What breaks off leaves neither the file nor its parts.
    let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))]);
    let answer = site.upload(site.owner(), &first, "b", Body::from_stream(broken)).await;
    answer.refused(400, "The request body is incomplete.");
    let sizes = site.files(site.owner(), &first).await.json();
    assert_eq!((&sizes[0]["size"], &sizes[1]["size"]), (&json!(9), &json!(1)));
    assert_eq!(std::fs::read_dir(site.folder.path().join("parts")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_node_without_storage_says_so() {
    let world = World::new().await;
    let consumer = world.consumer.address().to_checksum(None);
    let text =
        Message::Command { consumer: &consumer, nonce: "1", command: "persistentStorageCreateBucket" }.text(NODE);
    let signature = sign_message(&world.consumer, NODE, &text);
    let body = json!({"accessLists": [], "consumerAddress": consumer, "nonce": "1", "signature": signature});
    let answer = send(&world.router(NODE), "POST", BUCKETS, &[], body.to_string()).await;
    answer.refused(404, "Persistent storage is not configured or disabled");
    assert_eq!(world.stored(world.consumer.address()).await, None, "a refused request leaves the nonce alone");
}
