#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod client;
mod wait;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use ocean_aquarius_client::AquariusClient;

/// Status and body of the next answers to one path.
type Answers = Vec<(u16, String)>;

/// A server that answers as it is told and remembers what it was asked.
#[derive(Debug, Clone, Default)]
struct Peer {
    answers: Arc<Mutex<BTreeMap<String, Answers>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Debug, Clone)]
struct Asked {
    line: String,
    content_type: String,
    body: String,
}

impl Peer {
    /// The next answers to a path; the last one stays.
    fn answer(&self, path: &str, status: u16, body: impl Into<String>) {
        self.answers.lock().unwrap().entry(path.to_owned()).or_default().push((status, body.into()));
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    async fn start(&self) -> AquariusClient {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(handle).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        AquariusClient::builder(format!("http://{address}/")).build().unwrap()
    }
}

async fn handle(State(peer): State<Peer>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    peer.asked.lock().unwrap().push(Asked {
        line: format!("{method} {uri}"),
        content_type: content_type.unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let mut answers = peer.answers.lock().unwrap();
    let Some(queue) = answers.get_mut(uri.path()) else {
        return (StatusCode::NOT_FOUND, "no such route").into_response();
    };
    let (status, body) = if queue.len() > 1 { queue.remove(0) } else { queue[0].clone() };
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}
