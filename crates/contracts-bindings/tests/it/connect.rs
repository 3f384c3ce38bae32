use std::error::Error as _;

use ocean_contracts_bindings::{Contracts, Deployment, Error, connect, connect_with_key};
use ocean_primitives::{Address, ChainId};

fn contracts(url: &str) -> Contracts {
    let deployment = Deployment::new(
        ChainId::DEVELOPMENT,
        Address::repeat_byte(1),
        Address::repeat_byte(2),
        Address::repeat_byte(3),
        Address::repeat_byte(4),
        Address::repeat_byte(5),
    );
    Contracts::new(connect(url).unwrap(), deployment)
}

#[test]
fn only_http_addresses_are_taken() {
    let key = ocean_crypto::PrivateKey::random();
    for url in ["", "127.0.0.1:8545", "ftp://127.0.0.1", "http://", "ws://127.0.0.1:8545"] {
        assert!(matches!(connect(url), Err(Error::Url)), "{url}");
        assert!(matches!(connect_with_key(url, &key), Err(Error::Url)), "{url}");
    }
    assert!(connect("http://127.0.0.1:8545").is_ok() && connect("https://node.example/key").is_ok());
}

#[tokio::test]
async fn an_access_key_in_the_address_stays_out_of_errors() {
    // Nothing listens on port 1.
    let error =
        contracts("http://user:secret@127.0.0.1:1/secret?key=secret").nft_state(Address::ZERO).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_revert() && error.revert_reason().is_none());
    let mut texts = vec![error.to_string(), format!("{error:?}")];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    assert!(texts.len() > 2);
    for text in texts {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn without_a_sender_nothing_is_sent() {
    let error = contracts("http://127.0.0.1:1").set_metadata_state(Address::ZERO, 0).await.unwrap_err();
    assert!(matches!(error, Error::NoSender), "{error}");
}
