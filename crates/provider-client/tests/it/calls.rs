//! Every call but the download.

use ocean_crypto::{PrivateKey, ProviderFee, ecies};
use ocean_did::Did;
use ocean_primitives::{Address, B256, Bytes, ChainId, Dialect, U256};
use ocean_provider_api::initialize::InitializedFee;
use ocean_provider_client::{
    DecryptQuery, DecryptSource, Error, FileInfoQuery, InitializeQuery, Initialized, ProviderClient,
};
use serde_json::json;

use crate::fake::{Fake, Step};

const CHAIN: ChainId = ChainId::DEVELOPMENT;

fn ok(body: impl Into<Vec<u8>>) -> Step {
    Step::Answer(200, &[], body.into())
}

fn refused(status: u16, body: &'static str) -> Step {
    Step::Answer(status, &[], body.into())
}

#[tokio::test]
async fn a_url_that_is_none_is_refused() {
    for url in ["", "hello", "ftp://host/", "http://", "127.0.0.1:8030"] {
        assert!(matches!(ProviderClient::builder(url).build(), Err(Error::Url(_))), "{url}");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_an_error_in_time() {
    let nobody = ProviderClient::builder("http://127.0.0.1:9/").build().unwrap();
    let error = nobody.discovery().await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    fake.then(Step::Silence).then(Step::Silence).then(Step::Silence);
    let query = FileInfoQuery::File(json!({"type": "url", "url": "http://a/b"}));
    let started = std::time::Instant::now();
    assert!(matches!(client.file_info(&query, false).await, Err(Error::Timeout { .. })));
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn an_error_text_is_never_returned_as_a_ciphertext() {
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        let fake = Fake::new(dialect);
        let client = fake.client().await;
        let key = PrivateKey::random();
        fake.then(refused(400, "{\"error\":\"Failed to encrypt.\"}\n"));
        let error = client.encrypt(&b"x"[..], CHAIN, &key).await.unwrap_err();
        assert_eq!(error.status(), Some(400));
        assert_eq!(error.peer().unwrap().message(), "Failed to encrypt.");
        for body in ["Internal Server Error", "", "0xzz", "1234", "{\"error\":\"0x12\"}"] {
            fake.then(ok(body));
            let error = client.encrypt(&b"x"[..], CHAIN, &key).await.unwrap_err();
            assert!(matches!(error, Error::Answer { what: "encrypt", .. }), "{body}: {error:?}");
        }
        fake.then(ok(vec![b'0'; 1 << 20]));
        let error = client.encrypt(&b"x"[..], CHAIN, &key).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");

        let sealed = Bytes::from(ecies::encrypt(&fake.key.public_key(), b"x"));
        fake.then(ok(sealed.to_string()));
        assert_eq!(client.encrypt(&b"x"[..], CHAIN, &key).await.unwrap(), sealed);
        let sent = fake.seen().pop().unwrap();
        assert_eq!((sent.body.as_ref(), sent.field("chainId").as_str()), (&b"x"[..], "8996"));
        assert_eq!(sent.field("consumerAddress").is_empty(), dialect == Dialect::Provider);
        assert_eq!(sent.field("signature").is_empty(), dialect == Dialect::Provider);
    }
}

fn service() -> InitializeQuery {
    let did = Did::op(Address::repeat_byte(1), CHAIN);
    InitializeQuery::new(did, "1".parse().unwrap(), Address::repeat_byte(2))
}

fn fee(key: &PrivateKey) -> String {
    let fee = ProviderFee::signed(key, Address::repeat_byte(3), U256::from(5), 0, Bytes::new());
    let answer = InitializedFee { datatoken: Address::repeat_byte(4), nonce: None, fee, compute_address: None };
    Initialized::Fee(Box::new(answer)).to_json(Dialect::Provider)
}

#[tokio::test]
async fn a_fee_that_nobody_should_pay_is_an_error() {
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    let good = fee(&fake.key);
    let tampered = good.replace("\"providerFeeAmount\":\"5\"", "\"providerFeeAmount\":\"6\"");
    assert_ne!(good, tampered);
    fake.then(ok(tampered));
    assert!(matches!(client.initialize(&service(), CHAIN).await, Err(Error::Initialize(_))));
    // Well signed, but by somebody who is not this Provider.
    fake.then(ok(fee(&PrivateKey::random())));
    let error = client.initialize(&service(), CHAIN).await.unwrap_err();
    assert!(matches!(error, Error::Answer { expected: "a fee of this provider", .. }), "{error:?}");
    fake.then(ok(good));
    let Initialized::Fee(answer) = client.initialize(&service(), CHAIN).await.unwrap() else { panic!("a fee came") };
    assert_eq!(answer.fee.provider_fee_amount, U256::from(5));
}

#[tokio::test]
async fn what_changes_nothing_is_asked_again_where_that_may_help() {
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    fake.then(refused(503, "later")).then(refused(502, "later")).then(ok(fee(&fake.key)));
    assert!(client.initialize(&service(), CHAIN).await.is_ok());
    assert_eq!(fake.seen().len(), 3);
    fake.then(refused(400, "{\"error\":\"Cannot resolve DID\"}\n"));
    assert_eq!(client.initialize(&service(), CHAIN).await.unwrap_err().status(), Some(400));
    assert_eq!(fake.seen().len(), 4);
}

fn published() -> DecryptQuery {
    DecryptQuery {
        chain: CHAIN,
        data_nft: Address::repeat_byte(1),
        source: DecryptSource::Transaction(B256::repeat_byte(2)),
    }
}

fn nonces(fake: &Fake) -> Vec<String> {
    let nonce = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap()["nonce"].clone();
    fake.seen().iter().map(|seen| nonce(&seen.body).as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_refused_nonce_is_replaced_and_the_next_ones_go_on_from_there() {
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    let key = PrivateKey::random();
    fake.then(refused(
        400,
        "{\"errors\":{\"signature\":\"Invalid signature expected nonce (1700000000000) > current nonce (11).\"}}",
    ));
    fake.then(ok("document")).then(ok("document"));
    assert_eq!(client.decrypt(&published(), &key).await.unwrap(), b"document");
    client.decrypt(&published(), &key).await.unwrap();
    assert_eq!(nonces(&fake), ["11", "1700000000001", "1700000000002"]);

    // ocean-node does not name what it has stored: it is asked.
    let fake = Fake::new(Dialect::OceanNode);
    let client = fake.client().await;
    fake.then(refused(401, "nonce: 11 is not a valid nonce")).then(ok("document"));
    let asked = tokio::spawn({
        let (client, key) = (client.clone(), key.clone());
        async move { client.decrypt(&published(), &key).await }
    });
    fake.set_nonce("10");
    assert_eq!(asked.await.unwrap().unwrap(), b"document");
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn a_signed_request_that_may_have_acted_is_not_sent_again() {
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    let key = PrivateKey::random();
    for step in [refused(503, "later"), refused(500, "broken"), Step::Silence] {
        fake.then(step);
        assert!(client.decrypt(&published(), &key).await.is_err());
    }
    assert_eq!(nonces(&fake), ["11", "12", "13"]);
    // A server that refuses every nonce does not keep the client for ever.
    for _ in 0..10 {
        fake.then(refused(401, "nonce: 1 is not a valid nonce"));
    }
    assert!(client.decrypt(&published(), &key).await.unwrap_err().is_nonce_refused());
    assert_eq!(fake.seen().len(), 7);
}

#[tokio::test]
async fn requests_of_one_address_do_not_overtake_each_other() {
    let fake = Fake::new(Dialect::Provider);
    let client = fake.client().await;
    let key = PrivateKey::random();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            fake.then(ok("document"));
            let (client, key) = (client.clone(), key.clone());
            tokio::spawn(async move { client.decrypt(&published(), &key).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let expected: Vec<_> = (11..31).map(|nonce| nonce.to_string()).collect();
    assert_eq!(nonces(&fake), expected);
}

#[tokio::test]
async fn a_document_beyond_the_limit_is_not_read() {
    let fake = Fake::new(Dialect::Provider);
    let url = fake.client().await.url().to_string();
    let client = ProviderClient::builder(url).max_document(10).build().unwrap();
    fake.then(ok(vec![b'x'; 11]));
    let error = client.decrypt(&published(), &PrivateKey::random()).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 10, .. }), "{error:?}");
}
