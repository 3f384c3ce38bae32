use ocean_crypto::{Message, command};
use ocean_primitives::Dialect::{self, OceanNode, Provider};
use serde_json::Value;

use crate::{json, text};

#[track_caller]
fn check(dialect: Dialect, message: Message<'_>, expected: &str) {
    assert_eq!(message.text(dialect), expected);
}

fn decrypt(transaction_id: Option<&'static str>) -> Message<'static> {
    Message::Decrypt { transaction_id, data_nft: "<nft>", decrypter: "<me>", chain_id: Some("8996"), nonce: "7" }
}

#[test]
fn texts_for_a_provider() {
    check(Provider, Message::Download { consumer: "<me>", document_id: "<did>", nonce: "7" }, "<did>7");
    check(Provider, decrypt(None), "<nft><me>89967");
    check(Provider, decrypt(Some("")), "<nft><me>89967");
    check(Provider, decrypt(Some("<tx>")), "<tx><me>89967");
    check(Provider, Message::CreateAuthToken { address: "<me>", nonce: "7" }, "<me>7");
    check(Provider, Message::InvalidateAuthToken { address: "<me>", nonce: "7" }, "<me>7");
    let start = Message::ComputeStart { consumer: "<me>", job_id: "", document_id: "<did>", nonce: "7" };
    check(Provider, start, "<me><did>7");
    let stop = Message::ComputeStop { consumer: "<me>", job_id: "<job>", document_id: "<did>", nonce: "7" };
    check(Provider, stop, "<me><job><did>7");
    let result = Message::ComputeResult { consumer: "<me>", job_id: "<job>", index: "0", nonce: "7" };
    check(Provider, result, "<me><job>07");
    check(Provider, Message::Operator { owner: "<me>", job_id: None, nonce: "7" }, "<me>7");
    check(Provider, Message::Operator { owner: "<me>", job_id: Some("<job>"), nonce: "7" }, "<me><job>7");
}

#[test]
fn texts_for_ocean_node() {
    check(OceanNode, Message::Download { consumer: "<me>", document_id: "<did>", nonce: "7" }, "<me>7download");
    check(OceanNode, decrypt(None), "<me>7decryptDDO");
    check(OceanNode, decrypt(Some("<tx>")), "<me>7decryptDDO");
    check(OceanNode, Message::CreateAuthToken { address: "<me>", nonce: "7" }, "<me>7createAuthToken");
    check(OceanNode, Message::InvalidateAuthToken { address: "<me>", nonce: "7" }, "<me>7");
    let start = Message::ComputeStart { consumer: "<me>", job_id: "", document_id: "<did>", nonce: "7" };
    check(OceanNode, start, "<me>7startCompute");
    let stop = Message::ComputeStop { consumer: "<me>", job_id: "<job>", document_id: "<did>", nonce: "7" };
    check(OceanNode, stop, "<me>7stopCompute");
    let result = Message::ComputeResult { consumer: "<me>", job_id: "<job>", index: "0", nonce: "7" };
    check(OceanNode, result, "<me>7getComputeResult");
    let encrypt = Message::Command { consumer: "<me>", nonce: "7", command: command::ENCRYPT };
    check(OceanNode, encrypt, "<me>7encrypt");
}

/// The message of a recorded request, from the fields as they were sent.
pub(crate) fn recorded(case: &Value) -> String {
    let fields = &case["fields"];
    let field = |name: &str| fields[name].as_str();
    let required = |name: &str| field(name).unwrap_or_default();
    let chain = match &fields["chainId"] {
        Value::Null => None,
        chain => Some(chain.to_string().trim_matches('"').to_owned()),
    };
    let (consumer, document_id, nonce) = (required("consumerAddress"), required("documentId"), required("nonce"));
    let message = match text(case, "endpoint") {
        "GET download" => Message::Download { consumer, document_id, nonce },
        "POST decrypt" => Message::Decrypt {
            transaction_id: field("transactionId"),
            data_nft: required("dataNftAddress"),
            decrypter: required("decrypterAddress"),
            chain_id: chain.as_deref(),
            nonce,
        },
        "GET createAuthToken" => Message::CreateAuthToken { address: required("address"), nonce },
        "DELETE deleteAuthToken" => Message::InvalidateAuthToken { address: required("address"), nonce },
        "POST compute" => Message::ComputeStart { consumer, job_id: "", document_id, nonce },
        "PUT compute" => Message::ComputeStop { consumer, job_id: required("jobId"), document_id, nonce },
        other => panic!("unknown endpoint {other}"),
    };
    message.text(Provider)
}

#[test]
fn equals_every_text_that_a_python_provider_accepted() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/requests.json"));
    let cases = fixture["accepted"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        assert_eq!(recorded(case), text(case, "message"), "{}", case["name"]);
    }
}
