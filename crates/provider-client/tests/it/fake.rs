//! A Provider that plays a script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Response, StatusCode},
};
use futures_util::stream;
use ocean_crypto::PrivateKey;
use ocean_primitives::{ChainId, Dialect};
use ocean_provider_api::{Root, discovery_entries};
use ocean_provider_client::ProviderClient;
use tokio::net::TcpListener;

/// What it answers to the next request of an endpoint.
pub(crate) enum Step {
    /// A body at once.
    Answer(u16, &'static [(&'static str, &'static str)], Vec<u8>),
    /// That many bytes are announced, these come, then the connection breaks.
    Cut(u16, Vec<(&'static str, String)>, usize, Vec<u8>),
    /// Nothing, for a long time.
    Silence,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) range: Option<String>,
    pub(crate) body: Bytes,
}

impl Seen {
    /// A field of the query.
    pub(crate) fn field(&self, name: &str) -> String {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next().unwrap_or_default()
    }
}

#[derive(Clone)]
pub(crate) struct Fake {
    root: String,
    nonce: Arc<Mutex<String>>,
    script: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    pub(crate) key: PrivateKey,
}

impl Fake {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let key = PrivateKey::random();
        let root = Root {
            chains: vec![(ChainId::DEVELOPMENT, key.address())],
            public_key: key.public_key().to_compressed(),
            endpoints: discovery_entries(dialect),
        };
        Self {
            root: root.to_json(dialect),
            nonce: Arc::new(Mutex::new("10".to_owned())),
            script: Arc::default(),
            seen: Arc::default(),
            key,
        }
    }

    pub(crate) fn set_nonce(&self, nonce: &str) {
        *self.nonce.lock().unwrap() = nonce.to_owned();
    }

    pub(crate) fn then(&self, step: Step) -> &Self {
        self.script.lock().unwrap().push_back(step);
        self
    }

    /// The requests beside discovery and nonce.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let asks = |seen: &&Seen| seen.path != "/" && !seen.path.ends_with("/nonce");
        self.seen.lock().unwrap().iter().filter(asks).cloned().collect()
    }

    pub(crate) async fn client(&self) -> ProviderClient {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let short = Duration::from_millis(500);
        ProviderClient::builder(url).timeout(short).stall_timeout(short).build().unwrap()
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    fake.seen.lock().unwrap().push(Seen {
        path: path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        range: parts.headers.get("range").map(|range| range.to_str().unwrap().to_owned()),
        body,
    });
    if path == "/" {
        return Response::new(fake.root.clone().into());
    }
    if path.ends_with("/nonce") {
        return Response::new(format!("{{\"nonce\":\"{}\"}}", fake.nonce.lock().unwrap()).into());
    }
    let step = fake.script.lock().unwrap().pop_front();
    match step {
        Some(Step::Answer(status, headers, body)) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response.body(body.into()).unwrap()
        }
        Some(Step::Cut(status, headers, announced, body)) => {
            let mut response = Response::builder().status(status).header("content-length", announced);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            let pieces = [Ok(Bytes::from(body)), Err(std::io::Error::other("cut"))];
            // The pause lets the first piece leave before the connection breaks.
            let pieces = stream::unfold(pieces.into_iter(), |mut pieces| async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                pieces.next().map(|piece| (piece, pieces))
            });
            response.body(Body::from_stream(pieces)).unwrap()
        }
        Some(Step::Silence) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Response::new(Body::empty())
        }
        None => {
            let mut response = Response::new(Body::from("the script has ended"));
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
            response
        }
    }
}
