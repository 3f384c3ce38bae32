//! What each endpoint takes and answers.

use ocean_primitives::Dialect;
use serde_json::{Value, json};

use super::answers::Shape;
use crate::routes::Endpoint;

/// What an endpoint takes and answers.
pub(super) struct Operation {
    pub(super) summary: &'static str,
    pub(super) query: &'static [Field],
    pub(super) body: Body,
    pub(super) answers: &'static [(u16, Shape)],
    pub(super) refusals: &'static [u16],
}

/// A field of a query or of a JSON body.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) kind: Kind,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Body {
    None,
    Json(&'static [Field]),
    Bytes,
}

/// The form of a field.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Address,
    Chain,
    Hash,
    Did,
    Nonce,
    Hex,
    Number,
    Flag,
    Lists,
    Object,
    Any,
}

impl Kind {
    pub(super) fn schema(self) -> Value {
        let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Address => pattern("^0x[0-9a-fA-F]{40}$"),
            // Written as a number or as its digits.
            Self::Chain => {
                json!({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[1-9][0-9]{0,15}$"}]})
            }
            Self::Hash => pattern("^0x[0-9a-fA-F]{64}$"),
            Self::Did => pattern("^did:ope?:[0-9a-f]{64}$"),
            Self::Nonce => pattern("^[0-9]{1,20}$"),
            Self::Hex => pattern("^0x([0-9a-fA-F]{2})*$"),
            Self::Number => json!({"type": "integer", "minimum": 0}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Lists => json!({
                "type": "array",
                "items": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            }),
            Self::Object => json!({"type": "object"}),
            Self::Any => json!({}),
        }
    }
}

const fn needs(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, kind }
}

const fn takes(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, kind }
}

/// Who asks, in ocean-node's signed commands; a token in the header `Authorization` stands for all three.
const SIGNED: &[Field] =
    &[takes("consumerAddress", Kind::Address), takes("nonce", Kind::Nonce), takes("signature", Kind::Hex)];

const INITIALIZE: &[Field] = &[
    needs("documentId", Kind::Did),
    needs("serviceId", Kind::Text),
    needs("consumerAddress", Kind::Address),
    takes("fileIndex", Kind::Number),
    takes("transferTxId", Kind::Text),
    takes("validUntil", Kind::Number),
    takes("userdata", Kind::Text),
];

const DOWNLOAD: &[Field] = &[
    needs("documentId", Kind::Did),
    needs("serviceId", Kind::Text),
    needs("transferTxId", Kind::Hash),
    needs("fileIndex", Kind::Number),
    needs("consumerAddress", Kind::Address),
    needs("nonce", Kind::Nonce),
    takes("signature", Kind::Hex),
    takes("userdata", Kind::Text),
];

const DECRYPT: &[Field] = &[
    needs("decrypterAddress", Kind::Address),
    needs("chainId", Kind::Chain),
    needs("dataNftAddress", Kind::Address),
    needs("nonce", Kind::Nonce),
    takes("signature", Kind::Hex),
    takes("transactionId", Kind::Hash),
    takes("encryptedDocument", Kind::Hex),
    takes("flags", Kind::Number),
    takes("documentHash", Kind::Hash),
];

const FILE: &[Field] = &[
    takes("type", Kind::Text),
    takes("did", Kind::Did),
    takes("serviceId", Kind::Text),
    takes("url", Kind::Text),
    takes("hash", Kind::Text),
    takes("transactionId", Kind::Text),
    takes("address", Kind::Address),
    takes("query", Kind::Text),
    takes("method", Kind::Text),
    takes("headers", Kind::Object),
    takes("checksum", Kind::Flag),
];

const POLICY: &[Field] = &[
    needs("documentId", Kind::Did),
    needs("serviceId", Kind::Text),
    needs("consumerAddress", Kind::Address),
    needs("policyServer", Kind::Any),
];

const VOID_TOKEN: &[Field] = &[
    needs("address", Kind::Address),
    needs("nonce", Kind::Nonce),
    needs("signature", Kind::Hex),
    needs("token", Kind::Text),
];

const LOGS: &[Field] = &[takes("address", Kind::Address), takes("nonce", Kind::Nonce), takes("signature", Kind::Hex)];

const ESCROW: &[Field] = &[
    takes("chainId", Kind::Chain),
    takes("eventType", Kind::Text),
    takes("payer", Kind::Address),
    takes("payee", Kind::Address),
    takes("token", Kind::Address),
    takes("jobId", Kind::Text),
    takes("txId", Kind::Hash),
    takes("offset", Kind::Number),
    takes("size", Kind::Number),
];

/// What any endpoint may answer.
const ALWAYS: &[u16] = &[400, 405, 413, 429, 503];
/// The same for endpoints that check who asks or what may be had.
const GUARDED: &[u16] = &[400, 401, 403, 404, 405, 413, 429, 503];

/// The description of an endpoint.
pub(super) fn operation(dialect: Dialect, endpoint: Endpoint) -> Operation {
    let node = dialect == Dialect::OceanNode;
    let get = |summary, query, answers, refusals| Operation { summary, query, body: Body::None, answers, refusals };
    let post = |summary, fields, answers, refusals| Operation {
        summary,
        query: &[],
        body: Body::Json(fields),
        answers,
        refusals,
    };
    match endpoint {
        Endpoint::Root => get("What this server is, and where its endpoints are.", &[], &[(200, Shape::Root)], ALWAYS),
        Endpoint::Health => get("Whether the server runs.", &[], &[(200, Shape::Object)], ALWAYS),
        Endpoint::Ready => get(
            "Whether the server has what it needs: its stores and its chains.",
            &[],
            &[(200, Shape::Object), (503, Shape::Object)],
            ALWAYS,
        ),
        Endpoint::Metrics => get("Counters for Prometheus.", &[], &[(200, Shape::Text)], ALWAYS),
        Endpoint::Spec => get("This document.", &[], &[(200, Shape::Object)], ALWAYS),
        Endpoint::Docs => get("This document for people.", &[], &[(200, Shape::Html)], ALWAYS),
        Endpoint::Nonce if node => get(
            "The stored nonce of an address.",
            const { &[takes("userAddress", Kind::Address)] },
            &[(200, Shape::Nonce)],
            ALWAYS,
        ),
        Endpoint::Nonce => get(
            "The stored nonce of an address.",
            const { &[needs("userAddress", Kind::Address)] },
            &[(200, Shape::Nonce)],
            ALWAYS,
        ),
        Endpoint::Encrypt if node => Operation {
            query: const {
                &[
                    takes("chainId", Kind::Chain),
                    takes("consumerAddress", Kind::Address),
                    takes("nonce", Kind::Nonce),
                    takes("signature", Kind::Hex),
                ]
            },
            body: Body::Bytes,
            ..get("Encrypts the body for this node.", &[], &[(200, Shape::Bytes)], GUARDED)
        },
        Endpoint::Encrypt => Operation {
            query: const { &[needs("chainId", Kind::Chain)] },
            body: Body::Bytes,
            ..get("Encrypts the body for this Provider.", &[], &[(201, Shape::Text)], GUARDED)
        },
        Endpoint::EncryptFile => Operation {
            query: const {
                &[
                    takes("encryptMethod", Kind::Text),
                    takes("consumerAddress", Kind::Address),
                    takes("nonce", Kind::Nonce),
                    takes("signature", Kind::Hex),
                ]
            },
            body: Body::Bytes,
            ..get("Encrypts a file for this node, as bytes.", &[], &[(200, Shape::Bytes)], GUARDED)
        },
        Endpoint::Decrypt if node => post("Decrypts a published document.", DECRYPT, &[(200, Shape::Text)], GUARDED),
        Endpoint::Decrypt => post("Decrypts a published document.", DECRYPT, &[(201, Shape::Text)], GUARDED),
        Endpoint::FileInfo => post("Describes files.", FILE, &[(200, Shape::Files)], GUARDED),
        Endpoint::Initialize => get("What an order costs here.", INITIALIZE, &[(200, Shape::Initialized)], GUARDED),
        Endpoint::Download => get(
            "Streams a file that was paid for.",
            DOWNLOAD,
            &[(200, Shape::Any), (206, Shape::Any), (416, Shape::Any)],
            GUARDED,
        ),
        Endpoint::CreateAuthToken if node => post(
            "Issues an auth token.",
            const {
                &[
                    needs("address", Kind::Address),
                    needs("nonce", Kind::Nonce),
                    needs("signature", Kind::Hex),
                    takes("validUntil", Kind::Number),
                    takes("chainId", Kind::Chain),
                ]
            },
            &[(200, Shape::Token)],
            GUARDED,
        ),
        Endpoint::CreateAuthToken => get(
            "Issues an auth token.",
            const {
                &[
                    needs("address", Kind::Address),
                    needs("expiration", Kind::Number),
                    needs("nonce", Kind::Nonce),
                    needs("signature", Kind::Hex),
                ]
            },
            &[(200, Shape::Token)],
            GUARDED,
        ),
        Endpoint::DeleteAuthToken if node => {
            post("Makes an auth token void.", VOID_TOKEN, &[(200, Shape::Success)], GUARDED)
        }
        Endpoint::DeleteAuthToken => get("Makes an auth token void.", VOID_TOKEN, &[(200, Shape::Success)], GUARDED),
        Endpoint::ValidateContainer => post(
            "Checks a container description.",
            const { &[needs("entrypoint", Kind::Text), needs("image", Kind::Text), needs("checksum", Kind::Text)] },
            &[(200, Shape::Object)],
            ALWAYS,
        ),
        Endpoint::DirectCommand => post(
            "Any command by its name, with the fields that its own endpoint takes.",
            const { &[needs("command", Kind::Text)] },
            &[(200, Shape::Any), (206, Shape::Any), (416, Shape::Any)],
            GUARDED,
        ),
        Endpoint::Jobs => get("The node's compute jobs.", &[], &[(200, Shape::List)], ALWAYS),
        Endpoint::Peers => get("The node's peers.", &[], &[(200, Shape::List)], ALWAYS),
        Endpoint::Peer => get("One peer.", const { &[needs("peerId", Kind::Text)] }, &[(200, Shape::Object)], GUARDED),
        Endpoint::FindPeer => {
            get("Searches a peer.", const { &[needs("peerId", Kind::Text)] }, &[(200, Shape::Object)], GUARDED)
        }
        Endpoint::NetworkStats => get("Figures of the peer-to-peer network.", &[], &[(200, Shape::Object)], ALWAYS),
        Endpoint::ProvidersForString => {
            get("Peers that provide something.", const { &[takes("input", Kind::Text)] }, &[(200, Shape::List)], ALWAYS)
        }
        Endpoint::ProvidersForStrings => post("Peers that provide some things.", &[], &[(200, Shape::List)], ALWAYS),
        Endpoint::Logs => post("The node's log, for its administrators.", LOGS, &[(200, Shape::List)], GUARDED),
        Endpoint::Log => post("An entry of the log, for administrators.", LOGS, &[(200, Shape::Object)], GUARDED),
        Endpoint::PolicyPassthrough => post(
            "Asks the policy server.",
            const { &[needs("policyServerPassthrough", Kind::Object)] },
            &[(200, Shape::Any)],
            GUARDED,
        ),
        Endpoint::PolicyInitialize => {
            post("Begins a verification at the policy server.", POLICY, &[(200, Shape::Any)], GUARDED)
        }
        Endpoint::CreateBucket => post(
            "Makes a bucket.",
            const {
                &[
                    takes("consumerAddress", Kind::Address),
                    takes("nonce", Kind::Nonce),
                    takes("signature", Kind::Hex),
                    needs("accessLists", Kind::Lists),
                    takes("label", Kind::Text),
                ]
            },
            &[(200, Shape::Object)],
            GUARDED,
        ),
        Endpoint::ListBuckets => get(
            "The buckets of an owner that the caller may use.",
            const {
                &[
                    needs("owner", Kind::Address),
                    takes("consumerAddress", Kind::Address),
                    takes("nonce", Kind::Nonce),
                    takes("signature", Kind::Hex),
                ]
            },
            &[(200, Shape::List)],
            GUARDED,
        ),
        Endpoint::UpdateBucket => Operation {
            query: SIGNED,
            ..post("Renames a bucket.", const { &[takes("label", Kind::Text)] }, &[(200, Shape::Object)], GUARDED)
        },
        Endpoint::ListFiles => get("The files of a bucket.", SIGNED, &[(200, Shape::List)], GUARDED),
        Endpoint::UploadFile => Operation {
            query: SIGNED,
            body: Body::Bytes,
            ..get("Stores a file in a bucket.", &[], &[(200, Shape::Object)], GUARDED)
        },
        Endpoint::DeleteFile => get("Removes a file from a bucket.", SIGNED, &[(200, Shape::Success)], GUARDED),
        Endpoint::FileObject => {
            get("The file object that names a file of a bucket.", SIGNED, &[(200, Shape::Object)], GUARDED)
        }
        Endpoint::AccessLists => get(
            "The access lists that an address is on.",
            const { &[needs("wallet", Kind::Address), takes("chainId", Kind::Chain)] },
            &[(200, Shape::List)],
            GUARDED,
        ),
        Endpoint::AccessList => get("One access list.", &[], &[(200, Shape::Object)], GUARDED),
        Endpoint::EscrowEvents => get("What happened in the escrow contract.", ESCROW, &[(200, Shape::List)], GUARDED),
    }
}
