//! What holds for every endpoint: sizes, methods, origins.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use ocean_primitives::Dialect;
use ocean_provider::Limits;

use crate::world::{World, get, send};

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let mut limits = Limits::default();
    (limits.body, limits.encrypt_body, limits.decrypt_body) = (1_000, 2_000, 3_000);
    let world = World::with_limits(limits).await;
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        let router = world.router(dialect);
        let octets = [("content-type", "application/octet-stream")];
        let json = [("content-type", "application/json")];
        let info = if dialect == Dialect::Provider { "/api/services/fileinfo" } else { "/api/services/fileInfo" };
        for (path, headers, limit) in [
            ("/api/services/encrypt?chainId=8996", &octets, 2_000),
            ("/api/services/decrypt", &json, 3_000),
            (info, &json, 1_000),
        ] {
            let answer = send(&router, "POST", path, headers, vec![b' '; limit + 1]).await;
            assert_eq!(answer.status, 413, "{path}: {}", answer.text());
            let announced = [headers[0], ("content-length", "99999999999")];
            assert_eq!(send(&router, "POST", path, &announced, "").await.status, 413, "{path}");
            assert_ne!(send(&router, "POST", path, headers, vec![b' '; limit]).await.status, 413, "{path}");
        }
    }
}

#[tokio::test]
async fn any_page_may_call() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    let asked = [("origin", "https://market.example"), ("access-control-request-headers", "AuthToken")];
    let preflight = send(&router, "OPTIONS", "/api/services/download", &asked, "").await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://market.example"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("AuthToken"));
    for path in ["/", "/nope", "/api/services/nonce"] {
        assert_eq!(get(&router, path).await.header("access-control-allow-origin"), Some("*"), "{path}");
    }
}

#[tokio::test]
async fn health_needs_nothing() {
    let world = World::new().await;
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        assert_eq!(get(&world.router(dialect), "/health").await.status, 200);
    }
}

#[tokio::test]
async fn a_private_address_is_not_reached_unless_allowed() {
    let world = World::new().await;
    let router = world.guarded_router(Dialect::Provider);
    let port = world.files_url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let body = serde_json::json!({"type": "url", "url": format!("http://{host}:{port}/small.txt")}).to_string();
        let answer =
            send(&router, "POST", "/api/services/fileinfo", &[("content-type", "application/json")], body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, "[{\"index\":0,\"type\":\"url\",\"valid\":false}]\n"),
            "{host}"
        );
    }
    assert_eq!(world.files.requests(), 0);
}

#[tokio::test]
async fn a_container_description_is_checked() {
    let world = World::new().await;
    let router = world.router(Dialect::Provider);
    let json = [("content-type", "application/json")];
    for body in [
        "",
        "{}",
        "null",
        r#"{"image":"a","checksum":"sha256:1"}"#,
        r#"{"image":"","checksum":"sha256:1","entrypoint":"x"}"#,
    ] {
        let answer = send(&router, "POST", "/api/services/validateContainer", &json, body).await;
        assert_eq!(answer.text(), "{\"error\":\"missing_entrypoint_image_checksum\"}\n", "{body}");
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let mut limits = Limits::default();
    limits.upload = Duration::from_millis(50);
    let world = World::with_limits(limits).await;
    let router = world.router(Dialect::Provider);
    for path in ["/api/services/encrypt?chainId=8996", "/api/services/fileinfo"] {
        let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let answer = send(&router, "POST", path, &[("content-type", "application/octet-stream")], endless).await;
        answer.refused(400, "The request body is incomplete.");
    }
}
