//! The HTTP client for files: one guarded connector, and buffers of a size that many downloads at once can have.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, Uri, body::Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client as Pool,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioTimer},
};
use percent_encoding::percent_decode_str;
use reqwest::{
    Method,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT},
};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tower_service::Service;
use url::Url;

use crate::{
    error::{Error, Phase, Result},
    guard::{Guard, MAX_HEADERS},
    timeouts::Timeouts,
};

/// What a connection reads at once, and the most that the head of an answer may take. Each download holds a few of these.
const BUFFER: usize = 128 * 1024;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects only to what the guard permits, follows no redirect, and uses no proxy.
#[derive(Debug, Clone)]
pub(crate) struct Client(Pool<Connector, Full<Bytes>>);

impl Client {
    pub(crate) fn new(guard: Guard, timeouts: &Timeouts) -> Result<Self> {
        let failed = |error: rustls::Error| Error::Client(error.to_string());
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_platform_verifier())
            .map_err(failed)?
            .with_no_client_auth();
        let mut tcp = HttpConnector::new_with_resolver(Resolver(guard));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(8)
            .http1_max_headers(MAX_HEADERS)
            .http1_max_buf_size(BUFFER)
            .build(Connector { https, deadline: timeouts.connect });
        Ok(Self(pool))
    }

    /// Sends a request. The guard has seen the URL: a connector does not resolve numbers.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Response<Incoming>> {
        let malformed = || Error::InvalidUrl("malformed");
        let mut bare = url.clone();
        let login = login(url);
        // They are no part of a request's target.
        bare.set_fragment(None);
        bare.set_username("").and_then(|()| bare.set_password(None)).map_err(|()| malformed())?;
        let uri: Uri = bare.as_str().parse().map_err(|_| malformed())?;
        let mut request = Request::new(Full::new(body.unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers.clone();
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        if let Some(login) = login {
            headers.entry(AUTHORIZATION).or_insert(login);
        }
        self.0.request(request).await.map_err(|error| classify(&error))
    }
}

const AGENT: &str = concat!("ocean-storage/", env!("CARGO_PKG_VERSION"));

/// User and password of the URL as a header.
fn login(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decoded(url.username());
    pair.push(b':');
    pair.extend(decoded(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// TCP, and TLS where the URL says so, within one deadline.
#[derive(Debug, Clone)]
struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    deadline: Duration,
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector<Resolver>> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.deadline, self.https.call(uri));
        Box::pin(async move { connecting.await.map_err(|_| Error::Deadline(Phase::Connect))? })
    }
}

/// The guard in the place where names are resolved.
#[derive(Debug, Clone)]
struct Resolver(Guard);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = guard.resolve(name.as_str()).await?;
            Ok(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect::<Vec<_>>().into_iter())
        })
    }
}

/// What went wrong, without the URL and without what the source has sent.
fn classify(error: &hyper_util::client::legacy::Error) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = cause {
        // The guard answers from inside the connector.
        if let Some(own) = inner.downcast_ref::<Error>() {
            return own.clone();
        }
        cause = inner.source();
    }
    if error.is_connect() { Error::Connect } else { NOT_HTTP }
}

const NOT_HTTP: Error = Error::InvalidResponse("not HTTP, or its headers exceed the bounds");
