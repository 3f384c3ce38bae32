use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use url::Url;

use ocean_provider_api::PeerError;

use crate::error::{Error, Result};

/// The largest error body and JSON answer that is read.
pub(crate) const SMALL: u64 = 1024 * 1024;

/// One target with its deadlines.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) client: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) timeout: Duration,
    pub(crate) stall: Duration,
}

impl Http {
    /// Host and port, for messages.
    pub(crate) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// A request to `path` below the base URL.
    pub(crate) fn request(&self, method: &str, path: &str, query: &[(&'static str, String)]) -> Result<RequestBuilder> {
        let method: Method = method.parse().map_err(|_| Error::Answer { what: "discovery", expected: "a method" })?;
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/')));
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.client.request(method, url))
    }

    /// The answer's head within the deadline; a refusal is an error with its body.
    pub(crate) async fn send(&self, what: &'static str, request: RequestBuilder) -> Result<Response> {
        let response = self.within(what, self.timeout, request.send()).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        Err(self.refusal(what, status, response).await)
    }

    pub(crate) async fn refusal(&self, what: &'static str, status: StatusCode, response: Response) -> Error {
        let body = self.body(what, response, SMALL).await.unwrap_or_default();
        Error::Refused { what, error: PeerError::new(status.as_u16(), &body) }
    }

    /// The whole body, at most `limit` bytes of it.
    pub(crate) async fn body(&self, what: &'static str, mut response: Response, limit: u64) -> Result<Bytes> {
        let too_large = || Error::TooLarge { what, limit };
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = self.within(what, self.stall, response.chunk()).await? {
            if body.len() as u64 + chunk.len() as u64 > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    pub(crate) async fn within<T>(
        &self,
        what: &'static str,
        limit: Duration,
        answer: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T> {
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(value)) => Ok(value),
            // The URL may hold a signature.
            Ok(Err(error)) => Err(Error::Transport { what, host: self.host(), source: error.without_url() }),
            Err(_) => Err(Error::Timeout { what, host: self.host(), limit }),
        }
    }

    /// Sends a request that changes nothing up to three times.
    pub(crate) async fn retried<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut pause = Duration::from_millis(100);
        for _ in 0..2 {
            match attempt().await {
                Err(error) if error.is_retryable() => {
                    tracing::debug!(%error, "retrying");
                    tokio::time::sleep(pause).await;
                    pause *= 4;
                }
                other => return other,
            }
        }
        attempt().await
    }
}
