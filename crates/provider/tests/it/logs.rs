//! With every log level on, no log line tells a secret.

use std::{
    io,
    sync::{Arc, Mutex},
};

use ocean_crypto::{Message, ecies, sign_message};
use ocean_primitives::Dialect;
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::world::{World, get, send};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_tells_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole test binary: what other tests log at the same time is searched as well.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    let octets = [("content-type", "application/octet-stream")];
    let sealed = send(&router, "POST", "/api/services/encrypt?chainId=8996", &octets, "MARK-CLEAR").await;
    assert_eq!(sealed.status, 201);

    let url = format!("{}/small.txt?key=MARK-URL", world.files_url);
    let info = json!({"type": "url", "url": url, "headers": {"X-Key": "MARK-HEADER"}, "checksum": true}).to_string();
    assert_eq!(send(&router, "POST", "/api/services/fileinfo", &[], info).await.status, 200);

    let files = json!({
        "nftAddress": world.nft, "datatokenAddress": world.datatoken,
        "files": [{"type": "url", "url": url, "headers": {"X-Key": "MARK-HEADER"}},
            {"type": "url", "url": format!("{}/missing?key=MARK-URL", world.files_url)}],
    });
    let files = ecies::encrypt(&world.key.public_key(), files.to_string().as_bytes());
    let files = format!("0x{}", alloy::primitives::hex::encode(files));
    world.publish(|document| document["services"][0]["files"] = json!(files));
    let path = world.download(Dialect::Provider, "1");
    assert_eq!(get(&router, &path).await.status, 200);
    let (_, signature) = path.split_once("&signature=0x").unwrap();
    let (did, order) = (world.did.to_string(), world.order.to_string());
    let missing = world.download_by(&world.consumer, Dialect::Provider, "2", &did, "first", &order, "1");
    assert_eq!(get(&router, &missing).await.status, 400);

    let nft = world.nft.to_checksum(None);
    let decrypter = world.consumer.address().to_checksum(None);
    let (transaction_id, chain_id) = (None, Some("8996"));
    let message = Message::Decrypt { transaction_id, data_nft: &nft, decrypter: &decrypter, chain_id, nonce: "3" };
    let decrypt = json!({
        "decrypterAddress": decrypter, "chainId": 8996, "dataNftAddress": nft, "nonce": "3", "flags": 2,
        "encryptedDocument": sealed.text(), "documentHash": format!("0x{}", "11".repeat(32)),
        "signature": sign_message(&world.consumer, Dialect::Provider, &message.text(Dialect::Provider)),
    });
    send(&router, "POST", "/api/services/decrypt", &[], decrypt.to_string()).await.refused(400, "Checksum");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("endpoint=Download"), "nothing was logged: {log}");
    let ciphertext = &sealed.text()[200..];
    let secrets = ["MARK-CLEAR", "MARK-URL", "MARK-HEADER", signature, ciphertext, &files[200..260], "small.txt?"];
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
