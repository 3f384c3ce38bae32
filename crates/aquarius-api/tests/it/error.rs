//! From a meaning to status and body, in both dialects.

use ocean_aquarius_api::{ApiError, HTML, JSON, TEXT};
use ocean_primitives::Dialect::{self, OceanNode, Provider};

#[track_caller]
fn check(error: ApiError, dialect: Dialect, status: u16, content_type: &str, body: &str) {
    let wire = error.response(dialect);
    assert_eq!((wire.status, wire.content_type, wire.body.trim_end()), (status, content_type, body));
}

fn did() -> String {
    "did:op:1".to_owned()
}

#[test]
fn texts_that_clients_look_for() {
    for dialect in [Provider, OceanNode] {
        check(
            ApiError::DidNotFound { did: did() },
            dialect,
            404,
            JSON,
            "{\"error\":\"Asset DID did:op:1 not found in Elasticsearch.\"}",
        );
        check(ApiError::StateNotFound, dialect, 404, TEXT, "Not found");
    }
    check(
        ApiError::Lookup { did: did(), reason: "gone".to_owned() },
        Provider,
        404,
        JSON,
        "{\"error\":\"Error encountered while searching the asset DID did:op:1: gone.\"}",
    );
    check(
        ApiError::MetadataNotFound { did: did() },
        Provider,
        404,
        JSON,
        "{\"error\":\"Error encountered while retrieving metadata: NotFoundError(404, \\\"{'_index': 'aquarius', '_id': 'did:op:1', 'found': False}\\\").\"}",
    );
    check(ApiError::InvalidDid, OceanNode, 400, TEXT, "Missing or invalid required parameter: \"did\"");
    check(ApiError::NoVersion, OceanNode, 400, TEXT, "Missing DDO version");
    check(ApiError::NoVersion, Provider, 400, JSON, "[{\"message\":\"no version provided for DDO.\"}]");
    check(ApiError::SchemaVersion, Provider, 404, JSON, "{\"erorr\":\"Schema version not found.\"}");
    check(ApiError::NoChains, Provider, 404, JSON, "{\"error\":\"No chains found.\"}");
    assert_eq!(ApiError::UnsupportedMediaType.response(Provider).content_type, HTML);
    assert_eq!(ApiError::UnsupportedMediaType.response(Provider).status, 415);
    assert_eq!(ApiError::TooLarge.response(Provider).status, 413);
}

#[test]
fn search_errors_look_like_python() {
    let prefix = "{\"error\":\"Encountered Elasticsearch Exception: ";
    for (reason, shown) in [
        ("unknown query [x]", "'unknown query [x]'"),
        ("it's", "\\\"it's\\\""),
        ("both ' and \"", "'both \\\\' and \\\"'"),
    ] {
        let body = format!("{prefix}BadRequestError(400, 'parsing_exception', {shown})\"}}");
        check(ApiError::parsing(reason), Provider, 500, JSON, &body);
    }
}

#[test]
fn nothing_internal_is_told() {
    assert_eq!(ApiError::Internal.response(Provider).body, "{\"error\":\"Internal error.\"}\n");
}
