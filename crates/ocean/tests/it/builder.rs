use ocean_protocol::{Address, ChainId, Deployment, Ocean, OceanBuilder, PrivateKey};
use tokio::net::TcpListener;

fn key() -> PrivateKey {
    "0x1f990f8b013fc5c7955e0f8746f11ded231721b9cf3f99ff06cdc03492b28090".parse().unwrap()
}

fn deployment() -> Deployment {
    let address = Address::repeat_byte;
    Deployment::new(ChainId::DEVELOPMENT, address(1), address(2), address(3), address(4), address(5))
}

#[track_caller]
fn check(outcome: Result<Ocean, ocean_protocol::Error>, part: &str) {
    let text = outcome.map(|ocean| format!("{ocean:?}")).unwrap_err().to_string();
    assert!(text.contains(part), "expected `{part}` in `{text}`");
}

fn complete(rpc: &str) -> OceanBuilder {
    Ocean::builder().rpc(rpc).key(key()).deployment(deployment()).provider("http://127.0.0.1:1")
}

/// A chain that answers every request with this chain id.
async fn chain(id: u64) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let body = format!(r#"{{"jsonrpc":"2.0","id":0,"result":"0x{id:x}"}}"#);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = socket.write_all((head + &body).as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn what_is_missing_is_named() {
    check(Ocean::builder().build().await, ".rpc(..)");
    check(Ocean::builder().rpc("http://127.0.0.1:1").build().await, ".key(..)");
    check(Ocean::builder().rpc("http://127.0.0.1:1").key(key()).build().await, ".deployment(..)");
    let without_provider = Ocean::builder().rpc("http://127.0.0.1:1").key(key()).deployment(deployment());
    check(without_provider.build().await, ".provider(..)");
}

#[tokio::test]
async fn a_chain_that_does_not_answer_is_named() {
    check(complete("ftp://example.com").build().await, "not an http or https url");
    check(
        complete("http://127.0.0.1:1/secret").build().await,
        "the chain at 127.0.0.1:1 does not tell its id: no answer",
    );
}

#[tokio::test]
async fn addresses_of_another_chain_are_refused() {
    check(complete(&chain(1).await).build().await, "on chain 1, the contract addresses are for chain 8996");
}

#[tokio::test]
async fn a_key_never_shows() {
    let ocean = complete(&chain(8996).await).build().await.unwrap();
    let shown = format!("{ocean:?} {:?}", complete("http://user:secret@127.0.0.1:1/secret"));
    assert!(!shown.contains("1f990f8b") && !shown.contains("secret"), "{shown}");
    assert!(shown.contains(&format!("{:?}", key().address())), "{shown}");
}
