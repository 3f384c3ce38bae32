use ocean_primitives::Dialect;
use ocean_provider_api::{ApiError, AssetFault, FileFault, PeerError, TokenFault, UnknownRequest, strip_urls};
use serde_json::Value;

#[track_caller]
fn check(error: ApiError, status: u16, text: &str, node_status: u16) {
    let answer = error.response(Dialect::Provider);
    assert_eq!((answer.status, answer.content_type), (status, "application/json"));
    assert!(answer.body.ends_with("}\n"), "{}", answer.body);
    let value: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(value["error"], text);
    assert_eq!(error.status(Dialect::OceanNode), node_status, "{text}");
}

#[test]
fn refusals_have_the_recorded_texts() {
    let on = |fault: AssetFault| fault.on("Ganache");
    check(ApiError::ContentType, 400, "Invalid request content type: should be application/octet-stream", 400);
    check(ApiError::MissingChainId, 400, "Missing chainId query parameter.", 400);
    check(ApiError::EncryptUnknownChain, 400, "Failed to encrypt.", 400);
    check(ApiError::CannotResolveDid, 400, "Cannot resolve DID", 404);
    check(ApiError::UnknownChain, 400, "Unconfigured chain_id", 400);
    check(ApiError::DecrypterNotAuthorized, 403, "Decrypter not authorized", 403);
    check(ApiError::NotFromFactory, 400, "Asset not deployed by the data NFT factory.", 400);
    check(ApiError::MetadataState(1), 403, "Asset end of life", 403);
    check(ApiError::MetadataState(2), 403, "Asset deprecated", 403);
    check(ApiError::MetadataState(3), 403, "Asset revoked", 403);
    check(ApiError::MetadataState(9), 400, "Invalid MetadataState", 400);
    check(ApiError::Decrypt, 400, "Failed to decrypt.", 400);
    check(ApiError::Decompress, 400, "Failed to decompress", 400);
    check(ApiError::Checksum, 400, "Checksum doesn't match.", 400);
    check(ApiError::File(FileFault::UnsafeMethod("put".to_owned())), 400, "Unsafe method put.", 400);
    check(ApiError::Token(TokenFault::Expired), 400, "Token is expired.", 401);
    check(ApiError::Token(TokenFault::Deleted), 400, "Token is deleted.", 401);
    check(on(AssetFault::InvalidServiceId), 400, "Provider Ganache: Invalid serviceId.", 400);
    check(on(AssetFault::NotConsumable), 400, "Provider Ganache: Asset is not consumable.", 400);
    check(on(AssetFault::NoSuchFileIndex(14)), 400, "Provider Ganache: No such fileIndex 14", 400);
    check(on(AssetFault::FilesObject), 400, "Provider Ganache: Unable to get dataset files", 400);
    check(
        on(AssetFault::Denied { did: "did:op:1".to_owned(), in_deny_list: true }),
        400,
        "Provider Ganache: Error: Access to asset did:op:1 was denied with code: ConsumableCodes.CREDENTIAL_IN_DENY_LIST.",
        403,
    );
    check(
        on(AssetFault::Order {
            tx: "0x1".to_owned(),
            reason: "sender of order transaction is not the consumer/payer.".to_owned(),
        }),
        400,
        "Provider Ganache: Order with tx_id 0x1 could not be validated due to error: Provider Ganache: sender of order transaction is not the consumer/payer.",
        400,
    );
    check(
        on(AssetFault::FileUnavailable { payload: vec![("serviceId".to_owned(), "1".to_owned())] }),
        400,
        "Provider Ganache: Asset URL not found, not available or invalid. Payload was: ImmutableMultiDict([('serviceId', '1')])",
        400,
    );
}

#[test]
fn urls_never_leave_in_an_error() {
    let text = "could  not\nread https://user:secret@host/path?key=1 today";
    assert_eq!(strip_urls(text), "could not read <URL stripped for security reasons> today");
    let payload = vec![("userdata".to_owned(), "a http://host/x b".to_owned())];
    let body = AssetFault::FileUnavailable { payload }.on("Ganache").response(Dialect::Provider).body;
    assert!(!body.contains("http://host"), "{body}");
}

#[test]
fn an_unknown_path_is_answered_as_the_peers_do() {
    let error = ApiError::NotFound(Box::new(UnknownRequest {
        method: "POST".to_owned(),
        path: "/a<b>".to_owned(),
        context: Value::Null,
    }));
    assert_eq!(
        error.response(Dialect::Provider).body,
        "{\"context\":null,\"error\":\"404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.\"}\n"
    );
    let node = error.response(Dialect::OceanNode);
    assert_eq!(node.status, 404);
    assert!(node.body.contains("<pre>Cannot POST /a&lt;b&gt;</pre>"), "{}", node.body);
}

#[track_caller]
fn message(body: &str, expected: &str) {
    assert_eq!(PeerError::new(400, body.as_bytes()).message(), expected, "{body}");
}

#[test]
fn a_client_keeps_whatever_a_peer_says() {
    message("", "");
    message("<html>", "<html>");
    message("\"text\"", "text");
    message(r#"{"other":1}"#, r#"{"other":1}"#);
    message(r#"{"error":"x"}"#, "x");
    message(r#"{"error":{"dataset":"not_trusted_algo"}}"#, r#"{"dataset":"not_trusted_algo"}"#);
    message(r#"{"errors":{"a":["x","y"],"signature":"z"}}"#, "x y z");
    assert_eq!(PeerError::new(500, &vec![b'x'; 1 << 20]).body.len(), 64 * 1024);
}

#[test]
fn a_client_learns_the_stored_nonce() {
    let refused = |body: &str| PeerError::new(400, body.as_bytes());
    let provider =
        refused(r#"{"errors":{"signature":"Invalid signature expected nonce (1795218964082) > current nonce (17)."}}"#);
    assert!(provider.is_nonce_refused());
    assert_eq!(provider.stored_nonce().unwrap().to_string(), "1795218964082");
    let ours = refused("nonce: 1 is not a valid nonce, the stored nonce is 5.5");
    assert_eq!(ours.stored_nonce().unwrap().to_string(), "5.5");
    let node = refused("nonce: 1 is not a valid nonce");
    assert!(node.is_nonce_refused());
    assert_eq!(node.stored_nonce(), None);
    assert!(!refused("consumer address and nonce signature mismatch").is_nonce_refused());
}
